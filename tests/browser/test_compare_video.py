"""View of a video in Chromium: both sides on the same frame, the differences by frame."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from benchmarks.models import TaskCopy
from tests.benchmarks.scenarios import Training, make_training
from tests.factories import CELL, FramesFactory, box

pytestmark = pytest.mark.django_db(transaction=True)

FRAMES = 12


def track(frames: range, *, x: float = 0.2) -> dict[str, Any]:
    """A cell that stands still on these frames."""
    labels = [
        {"frame": frame, "geometry": box(x, 0.2, 0.3, 0.4), "keyframe": frame == frames[0], "answers": {}}
        for frame in frames
    ]
    cell = {"id": "cell", "node": CELL, "answers": {}, "labels": labels}
    return {"objects": [cell], "classifications": []}


@pytest.fixture
def training(transactional_db) -> Training:
    """Gold on frames 0 to 9; Mei drew it off on frames 2 to 6 and nowhere else."""
    made = make_training(track(range(10)))
    (item,) = made.items
    item.file = FramesFactory(
        organisation=made.row.project.organisation, width=320, height=240, frame_count=FRAMES
    )
    item.save()
    mei = made.trainee(name="Mei Tanaka")
    made.submit(mei, item, track(range(2, 7), x=0.24))
    return made


@pytest.fixture
def page(page_as, training) -> Page:
    page = page_as(training.admin)
    project = training.row.project
    task = TaskCopy.objects.get(item=training.items[0]).task
    page.goto(reverse("benchmarks:compare", args=[project.organisation.slug, project.uuid, task.uuid]))
    page.locator("#editor[data-ready]").wait_for()
    return page


def test_differences_stand_by_frame_and_take_both_views_to_it(page):
    differences = page.get_by_role("listbox", name="Differences")
    expect(differences.get_by_role("option")).to_have_count(10)
    expect(differences.get_by_role("group", name="Frame 0")).to_contain_text("Missing")
    frame = page.get_by_label("Frame number")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(frame).to_have_value("2")
    expect(differences.get_by_role("group", name="Frame 2").get_by_role("option")).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("End")
    expect(frame).to_have_value(str(FRAMES - 1))
    page.keyboard.press("k")
    expect(frame).to_have_value("9")
    page.keyboard.press("PageUp")
    expect(frame).to_have_value("8")


def test_the_timeline_shows_both_sides(page):
    rows = page.get_by_role("listbox", name="Rows of the timeline").get_by_role("option")
    expect(rows.nth(0)).to_have_accessible_name("gold: White blood cell (0), frames 0–9, 1 key frame")
    expect(rows.nth(1)).to_have_accessible_name("submission: White blood cell (0), frames 2–6, 1 key frame")
    expect(page.get_by_role("button", name="Add key frame")).to_have_count(0)


def test_the_page_is_accessible(page, axe):
    axe(page)
