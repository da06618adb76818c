"""Reviewing and seeing to issues in the editor, in Chromium against the real server."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from labels.models import Label, ReviewStatus
from labels.operations import approve_task
from projects.models import TaskState
from reviews.models import Issue
from reviews.operations import judge, next_review
from reviews.quality import set_reasons
from tests.projects.world import make_world
from tests.reviews.test_rounds import statuses, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db):
    return make_world()


class Reviewing:
    """The editor in review mode, as the reviewer uses it."""

    def __init__(self, page, world) -> None:
        self.page, self.world = page, world
        self.list = page.get_by_role("listbox", name="Labels to review")

    def open(self) -> "Reviewing":
        review = next_review(self.world.project, self.world.people["reviewer"])
        self.page.goto(reverse("reviews:review", args=[self.world.organisation.slug, review.task.uuid]))
        self.page.locator("#editor[data-ready]").wait_for()
        return self

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def expect_counts(self, pending: int, completed: int) -> None:
        expect(self.page.get_by_role("tab", name=f"Pending {pending}")).to_be_visible()
        expect(self.page.get_by_role("tab", name=f"Completed {completed}")).to_be_visible()


@pytest.fixture
def reviewing(page_as, world) -> Reviewing:
    return Reviewing(page_as(world.people["reviewer"]), world)


def test_labels_are_judged_by_keyboard_and_the_next_review_opens(reviewing, world):
    set_reasons(project=world.project, actor=world.people["admin"], reasons=["Too loose", "Not a cell"])
    task, other = submitted(world, "a", "b"), submitted(world, "c")
    reviewing.open()
    reviewing.expect_counts(2, 0)
    reviewing.press("n")
    reviewing.expect_counts(1, 1)
    reviewing.press("b", "2")
    expect(reviewing.page.get_by_role("button", name="Not a cell")).to_have_attribute("aria-pressed", "true")
    following = reverse("reviews:review", args=[world.organisation.slug, other.reviews.get().task.uuid])
    with reviewing.page.expect_navigation(url=f"**{following}"):
        reviewing.press("Enter")
    assert statuses(task) == {"a": ReviewStatus.APPROVED, "b": ReviewStatus.RETURNED}
    assert Issue.objects.get().reason == "Not a cell"


def test_a_rejection_needs_words_and_typed_ones_are_kept(reviewing, world):
    task = submitted(world, "a", "b")
    reviewing.open().press("b")
    dialog = reviewing.page.get_by_role("dialog", name="Reject White blood cell (0)")
    expect(dialog.get_by_role("button", name="Reject")).to_be_disabled()
    reviewing.page.keyboard.type("the nucleus is cut off")
    reviewing.press("Enter")
    reviewing.expect_counts(1, 1)
    reviewing.page.get_by_role("tab", name="Completed 1").click()
    expect(reviewing.list).to_contain_text("the nucleus is cut off")
    expect(reviewing.list.get_by_role("option")).to_have_count(1)
    reviewing.page.wait_for_load_state("networkidle")
    assert statuses(task)["a"] == ReviewStatus.RETURNED


def test_all_in_frame_and_missing_labels_return_the_task(reviewing, world):
    task = submitted(world, "a", "b")
    reviewing.open().press("r")
    reviewing.page.keyboard.type("two cells at the lower edge")
    reviewing.press("Enter")
    expect(reviewing.page.locator(".ed-reports")).to_contain_text("two cells at the lower edge")
    with reviewing.page.expect_navigation():
        reviewing.press("Shift+N")
    task.refresh_from_db()
    assert task.state == TaskState.RETURNED
    assert set(statuses(task).values()) == {ReviewStatus.APPROVED}


def test_single_label_hides_the_others_and_up_and_down_walk(reviewing, world):
    submitted(world, "a", "b", "c")
    reviewing.open().press("s")
    state = "annotrainEditor.session.state"
    assert reviewing.page.evaluate(f"[...{state}.hidden]") == ["b", "c"]
    reviewing.press("ArrowDown")
    assert reviewing.page.evaluate(f"[[...{state}.hidden], {state}.selection]") == [["a", "c"], ["b"]]
    reviewing.press("ArrowUp", "ArrowUp")
    assert reviewing.page.evaluate(f"{state}.selection") == ["c"]
    reviewing.press("s")
    assert reviewing.page.evaluate(f"[...{state}.hidden]") == []


def test_a_reviewer_moves_a_label_and_neither_draws_nor_deletes(reviewing, world):
    submitted(world, "a", "b")
    reviewing.open()
    before = Label.objects.get(instance__identifier="a").geometry["x"]
    expect(reviewing.page.locator("[data-tool]")).to_have_count(2)
    reviewing.press("Delete", "Control+d", "ArrowRight", "Control+s")
    expect(reviewing.page.locator(".ed-save")).to_contain_text("Saved ")
    assert Label.objects.count() == 2
    assert Label.objects.get(instance__identifier="a").geometry["x"] > before


def test_a_review_that_was_taken_away_is_told(reviewing, world):
    task = submitted(world, "a", "b")
    reviewing.open()
    approve_task(task=task, actor=world.people["manager"])
    reviewing.page.problems.expect("404|409")
    reviewing.press("n")
    expect(reviewing.page.locator(".ed")).to_contain_text("This review is not yours any more")
    expect(reviewing.page.locator("[data-review=approve]")).to_be_disabled()
    reviewing.expect_counts(2, 0)


def test_the_sheet_names_the_keys_of_reviewing(reviewing, world, axe):
    submitted(world, "a")
    reviewing.open().press("?")
    sheet = reviewing.page.get_by_role("dialog", name="Keys")
    for words in ("Approve", "Reject with a reason", "Report missing labels on this frame"):
        expect(sheet.get_by_text(words, exact=True)).to_be_visible()
    expect(sheet.get_by_text("Duplicate")).to_have_count(0)
    reviewing.press("Escape")
    axe(reviewing.page)


def test_issues_block_submitting_until_all_are_resolved(page_as, world, axe):
    annotator = world.people["annotator"]
    task = submitted(world, "a", "b")
    review = next_review(world.project, world.people["reviewer"])
    for name in ("a", "b"):
        judge(
            review=review,
            actor=world.people["reviewer"],
            identifiers=[name],
            verdict="rejected",
            reason=f"{name} is too loose",
        )
    page = page_as(annotator)
    page.goto(reverse("labels:annotate", args=[world.organisation.slug, task.uuid]))
    page.locator("#editor[data-ready]").wait_for()
    issues, submit = page.get_by_role("region", name="Issues"), page.locator("[data-action=submit]")
    expect(issues).to_contain_text("2 open")
    expect(submit).to_be_disabled()
    axe(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".ed")).to_contain_text("2 issues have to be resolved first")
    issues.get_by_text("b is too loose").click()
    assert page.evaluate("annotrainEditor.session.state.selection") == ["b"]
    for resolved in (1, 2):
        issues.get_by_role("button", name="Mark as resolved").first.click()
        expect(issues.get_by_role("button", name="Take back")).to_have_count(resolved)
    issues.get_by_role("button", name="Take back").first.click()
    expect(issues).to_contain_text("1 open")
    issues.get_by_role("button", name="Mark as resolved").click()
    expect(submit).to_be_enabled()
    with page.expect_navigation():
        submit.click()
    task.refresh_from_db()
    assert task.state == TaskState.IN_REVIEW


def test_a_manager_corrects_labels_without_touching_their_status(page_as, world):
    task = submitted(world, "a")
    before = Label.objects.get().geometry["x"]
    page = page_as(world.people["manager"])
    page.goto(reverse("labels:view", args=[world.organisation.slug, task.uuid]))
    page.locator("#editor[data-ready]").wait_for()
    page.get_by_role("link", name="Edit").click()
    page.locator("#editor[data-ready]").wait_for()
    expect(page.locator(".ed")).to_contain_text("reopen the task instead")
    expect(page.locator("[data-action=submit]")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+s")
    expect(page.locator(".ed-save")).to_contain_text("Saved ")
    assert Label.objects.get().geometry["x"] > before
    task.refresh_from_db()
    assert (task.state, statuses(task)) == (TaskState.IN_REVIEW, {"a": ReviewStatus.IN_REVIEW})
