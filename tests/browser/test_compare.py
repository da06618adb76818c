"""View in Chromium: gold and submission side by side, linked, stepped through by keys."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from benchmarks.models import TaskCopy
from tests.benchmarks.scenarios import Training, make_training
from tests.factories import box_document

pytestmark = pytest.mark.django_db(transaction=True)

LEFT, RIGHT = (0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4)


@pytest.fixture
def training(transactional_db) -> Training:
    """Two gold pictures of two boxes; Mei missed one box on the first and drew the other a little off."""
    made = make_training(box_document(LEFT, RIGHT), box_document(LEFT, RIGHT))
    mei = made.trainee(name="Mei Tanaka")
    made.submit(mei, made.items[0], box_document((0.12, 0.1, 0.3, 0.4)))
    made.submit(mei, made.items[1], box_document(LEFT, RIGHT))
    return made


def open_view(page: Page, training: Training) -> str:
    project = training.row.project
    task = TaskCopy.objects.get(item=training.items[0]).task
    address = reverse("benchmarks:compare", args=[project.organisation.slug, project.uuid, task.uuid])
    page.goto(address)
    page.locator("#editor[data-ready]").wait_for()
    return address


def viewports(page: Page) -> list[dict[str, float]]:
    return page.evaluate("annotrainEditor.view.panes().map((pane) => ({ ...pane.viewport }))")


def test_keys_step_through_the_differences_worst_first_with_their_sum(page_as, training):
    page = page_as(training.admin)
    open_view(page, training)
    rows = page.get_by_role("listbox", name="Differences").get_by_role("option")
    expect(rows.first).to_contain_text("−200")
    expect(rows.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    card = page.get_by_role("region", name="Score card")
    # 0.28 of 0.32 wide: IoU 0.875, so 87.5 of 100 points for the outline and 100 for the class.
    expect(card).to_contain_text("IoU")
    expect(card).to_contain_text("/ 200")
    page.keyboard.press("k")
    expect(rows.first).to_have_attribute("aria-selected", "true")


def test_both_views_move_together_until_they_are_unlinked(page_as, training):
    page = page_as(training.admin)
    open_view(page, training)
    pane = page.locator(".ed-pane").first.bounding_box()
    assert pane is not None
    middle = (pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2)

    def drag() -> None:
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 60, middle[1] + 30, steps=4)
        page.mouse.up()

    before = viewports(page)[0]
    drag()
    page.get_by_role("button", name="Views linked").click()
    left, right = viewports(page)  # unlinked, the page names both
    assert left["x"] == pytest.approx(before["x"] + 60)
    assert right == pytest.approx(left)
    drag()
    left_after, right_after = viewports(page)
    assert left_after["x"] == pytest.approx(left["x"] + 60)
    assert right_after == pytest.approx(right)


def test_n_goes_to_the_next_submission(page_as, training):
    page = page_as(training.admin)
    first = open_view(page, training)
    page.keyboard.press("n")
    page.wait_for_url(lambda url: "/compare/" in url and not url.endswith(first))
    page.locator("#editor[data-ready]").wait_for()
    expect(page.get_by_text("100.0")).to_be_visible()


def test_the_page_is_accessible(page_as, training, axe):
    page = page_as(training.admin)
    open_view(page, training)
    axe(page)


def test_gold_lies_over_the_submission_on_demand(page_as, training, axe):
    page = page_as(training.admin)
    open_view(page, training)
    expect(page.locator(".ed-pane")).to_have_count(2)
    page.keyboard.press("o")
    expect(page.locator(".ed-pane").first).to_be_hidden()
    expect(page.get_by_role("button", name="Overlay")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Views linked")).to_be_hidden()
    axe(page)
    page.keyboard.press("j")
    expect(page.get_by_role("listbox", name="Differences").get_by_role("option").nth(1)).to_have_attribute(
        "aria-selected", "true"
    )
    page.get_by_role("button", name="Overlay").click()
    expect(page.locator(".ed-pane").first).to_be_visible()
    expect(page.get_by_role("button", name="Views linked")).to_be_visible()
