"""The label editor over several frames in Chromium against the real server: what is drawn is what is stored."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from datasets.models import FileKind, FileState
from labels.documents import document_of_task
from labels.models import Submission
from labels.operations import save_labels
from projects.models import Role, Task
from tests.factories import (
    BLURRED,
    CELL,
    CELL_TYPE,
    LYMPHOCYTE,
    NEUTROPHIL,
    QUALITY,
    QUALITY_ROOT,
    SHARP,
    FramesFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    box,
    simple_structure,
)

WIDTH, HEIGHT = 640, 480
FRAMES = 40
LAST = FRAMES - 1


class VideoEditor:
    """The page as a person uses it; points are pixels of the picture."""

    def __init__(self, page: Page, task: Task) -> None:
        self.page = page
        self.url = reverse("labels:annotate", args=[task.project.organisation.slug, task.uuid])
        self.canvas = page.locator(".ed-pane")
        self.field = page.get_by_label("Frame number")
        self.selected = page.get_by_label("Selected label")
        self.rows = page.get_by_role("listbox", name="Rows of the timeline")

    def open(self) -> "VideoEditor":
        self.page.goto(self.url)
        self.page.locator("#editor[data-ready]").wait_for()
        return self

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture lies on the page."""
        view = self.page.evaluate("annotrainEditor.view.panes()[0].viewport")
        pane = self.canvas.bounding_box()
        assert pane is not None
        return pane["x"] + view["x"] + x * view["scale"], pane["y"] + view["y"] + y * view["scale"]

    def drag(self, start: tuple[float, float], end: tuple[float, float], **options: Any) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down(**options)
        self.page.mouse.move(*self.at(*end), steps=4)
        self.page.mouse.up(**options)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def go(self, frame: int) -> None:
        """Type a frame number; the picture of the frame is there afterwards."""
        self.field.fill(str(frame))
        self.press("Enter")
        self.expect_frame(frame)

    def expect_frame(self, frame: int) -> None:
        expect(self.field).to_have_value(str(frame))
        expect(self.page.locator(".ed-frame-note")).to_be_hidden()
        self.page.wait_for_timeout(50)

    def save(self) -> None:
        """Send now what autosave would send in two seconds."""
        self.press("Control+s")
        expect(self.page.locator(".ed-save")).to_contain_text("Saved ")

    def draw_track(self, start: int, end: int) -> None:
        """A cell on two frames, 100 pixels apart; interpolated between them."""
        self.go(start)
        self.press("b")
        self.drag((100, 100), (200, 200))
        self.go(end)
        self.press("b")
        self.drag((200, 100), (300, 200))
        self.press("v")


@pytest.fixture
def annotator(transactional_db):
    return UserFactory(name="Amara Okafor")


def make_task(annotator, structure: dict[str, Any], **media: Any) -> Task:
    organisation = OrganisationFactory()
    version = OntologyVersionFactory(organisation=organisation, structure=structure, frozen=True)
    project = ProjectFactory(organisation=organisation, ontology_version=version)
    ProjectRoleFactory(project=project, user=annotator, role=Role.ANNOTATOR)
    options = {"width": WIDTH, "height": HEIGHT, "frame_count": FRAMES} | media
    file = FramesFactory(organisation=organisation, **options)
    return TaskFactory(project=project, file=file, held_by=annotator)


def dynamic_structure(*, required: bool = False) -> dict[str, Any]:
    structure = simple_structure()
    structure["objects"][0]["attributes"][0]["dynamic"] = True
    structure["classifications"][0]["attributes"][0]["required"] = required
    return structure


@pytest.fixture
def task(annotator):
    return make_task(annotator, dynamic_structure())


@pytest.fixture
def editor(page_as, annotator, task) -> VideoEditor:
    return VideoEditor(page_as(annotator), task).open()


def stored(task: Task) -> dict[str, Any]:
    return document_of_task(task)[0]


def lefts(labels: list[dict[str, Any]]) -> list[int]:
    return [round(label["geometry"]["x"] * WIDTH) for label in labels]


def keys(labels: list[dict[str, Any]]) -> list[int]:
    return [label["frame"] for label in labels if label["keyframe"]]


def put_track(task: Task, frames: int, *, revision: int | None = None, identifier: str = "track") -> None:
    """A cell that somebody stored on frames 0 to `frames` - 1, a key frame each."""
    labels = [
        {"instance": identifier, "frame": frame, "geometry": box(0.1, 0.1, 0.2, 0.2), "keyframe": True}
        for frame in range(frames)
    ]
    instance = {"id": identifier, "kind": "object", "node": CELL, "answers": {}}
    save_labels(
        task=task,
        actor=task.assignee,
        revision=document_of_task(task)[1] if revision is None else revision,
        upserts={"instances": [instance], "labels": labels},
        deletes={},
    )


def test_a_shape_drawn_on_two_frames_is_one_instance_on_all_frames_between(editor, task):
    editor.draw_track(0, 10)
    editor.save()
    (cell,) = stored(task)["objects"]
    assert [label["frame"] for label in cell["labels"]] == list(range(11))
    assert lefts(cell["labels"]) == pytest.approx([100 + 10 * frame for frame in range(11)], abs=1)
    assert keys(cell["labels"]) == [0, 10]


def test_picking_the_class_first_draws_a_new_instance(editor, task):
    editor.draw_track(0, 2)
    editor.go(10)
    editor.press("1")
    editor.drag((300, 300), (400, 400))
    editor.save()
    assert [len(cell["labels"]) for cell in stored(task)["objects"]] == [3, 1]


def test_moving_an_interpolated_label_makes_a_key_frame_and_undo_goes_back_to_its_frame(editor, task):
    editor.draw_track(0, 10)
    editor.go(5)
    expect(editor.selected.get_by_role("button", name="interpolated")).to_be_visible()
    editor.drag((200, 150), (200, 250))
    expect(editor.selected.get_by_role("button", name="key frame")).to_be_visible()
    editor.save()
    (cell,) = stored(task)["objects"]
    assert keys(cell["labels"]) == [0, 5, 10]
    tops = [round(label["geometry"]["y"] * HEIGHT) for label in cell["labels"]]
    assert tops == pytest.approx([100, 120, 140, 160, 180, 200, 180, 160, 140, 120, 100], abs=1)
    editor.go(30)
    editor.press("Control+z")
    editor.expect_frame(5)
    editor.save()
    assert keys(stored(task)["objects"][0]["labels"]) == [0, 10]


def test_without_interpolation_only_the_frames_that_were_drawn_have_labels(editor, task):
    editor.page.get_by_label("Interpolate between key frames").uncheck()
    editor.draw_track(0, 10)
    editor.save()
    assert [label["frame"] for label in stored(task)["objects"][0]["labels"]] == [0, 10]


def test_key_frames_gaps_splits_and_merges_by_keyboard(editor, task):
    editor.draw_track(0, 10)
    editor.canvas.focus()
    editor.go(20)
    expect(editor.selected).to_contain_text("Not on this frame; seen on 0–10.")
    editor.press("ArrowRight")
    editor.expect_frame(21)
    editor.press("ArrowLeft")
    editor.expect_frame(20)
    editor.press("Shift+F")
    editor.go(15)
    editor.press("f", "u")
    editor.save()
    (cell,) = stored(task)["objects"]
    assert [label["frame"] for label in cell["labels"]] == list(range(15))
    editor.press("PageUp")
    editor.expect_frame(14)
    editor.press("PageUp")
    editor.expect_frame(10)
    editor.press("Shift+S")
    editor.save()
    first, second = stored(task)["objects"]
    assert [first["labels"][-1]["frame"], second["labels"][0]["frame"]] == [9, 10]
    editor.press("Control+a")
    editor.go(9)
    editor.rows.get_by_role("option").first.click()
    editor.rows.get_by_role("option").nth(2).click(modifiers=["Control"])
    editor.press("Shift+M")
    editor.save()
    (merged,) = stored(task)["objects"]
    assert [label["frame"] for label in merged["labels"]] == list(range(15))


def test_a_label_is_deleted_on_this_frame_over_a_range_and_everywhere(editor, task):
    editor.draw_track(0, 10)
    editor.go(3)
    editor.press("Delete")
    editor.press("Control+Delete")
    dialog = editor.page.get_by_role("dialog", name=re.compile("Delete White blood cell"))
    dialog.get_by_label("First frame").fill("6")
    dialog.get_by_label("Last frame").fill("8")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    editor.save()
    (cell,) = stored(task)["objects"]
    assert [label["frame"] for label in cell["labels"]] == [0, 1, 2, 4, 5, 9, 10]
    assert keys(cell["labels"]) == [0, 2, 4, 5, 9, 10]
    editor.press("Shift+Delete")
    editor.save()
    assert stored(task)["objects"] == []


def test_copying_to_the_next_frame_goes_there(editor, task):
    editor.press("b")
    editor.drag((100, 100), (200, 200))
    editor.press("n", "n")
    editor.expect_frame(2)
    editor.save()
    assert keys(stored(task)["objects"][0]["labels"]) == [0, 1, 2]


def test_a_frame_label_holds_until_the_next_change(editor, task):
    editor.go(5)
    editor.page.get_by_role("radio", name="Sharp").check()
    editor.canvas.focus()
    editor.go(20)
    editor.page.get_by_role("radio", name="Blurred").check()
    editor.save()
    entries = {entry["answers"][QUALITY_ROOT]: entry["frames"] for entry in stored(task)["classifications"]}
    assert entries == {SHARP: list(range(5, 20)), BLURRED: list(range(20, FRAMES))}
    row = editor.rows.get_by_role("option", name="Image quality: Sharp on 5–19, Blurred on 20–39")
    expect(row).to_be_visible()


def test_a_dynamic_answer_holds_from_its_frame_on_and_on_frames_marked_on_the_timeline(editor, task):
    editor.draw_track(0, 10)
    editor.go(4)
    editor.selected.get_by_text("Neutrophil").click()
    editor.page.get_by_role("slider", name="Frame").focus()
    editor.press("ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    editor.expect_frame(8)
    editor.selected.get_by_text("Lymphocyte").click()
    editor.save()
    labels = stored(task)["objects"][0]["labels"]
    answers = [label["answers"].get(CELL_TYPE) for label in labels]
    assert answers == [None] * 4 + [NEUTROPHIL] * 2 + [LYMPHOCYTE] * 3 + [NEUTROPHIL] * 2


def test_the_timeline_scrubs_selects_and_opens_the_menu(editor):
    editor.draw_track(0, 10)
    slider = editor.page.get_by_role("slider", name="Frame")
    area = slider.bounding_box()
    assert area is not None
    editor.page.mouse.move(area["x"] + 20, area["y"] + 10)
    editor.page.mouse.down()
    editor.page.mouse.move(area["x"] + area["width"] - 3, area["y"] + 10, steps=5)
    editor.page.mouse.up()
    editor.expect_frame(LAST)
    assert slider.get_attribute("aria-valuetext") == f"Frame {LAST} of {LAST}, 00:01.56"
    editor.rows.get_by_role("option").first.click(button="right")
    expect(editor.page.get_by_role("menuitem", name="Split here in two")).to_be_visible()
    editor.press("Escape")
    editor.page.get_by_role("button", name="Timeline as a list").click()
    editor.page.get_by_role("button", name=re.compile("first frame of White blood cell")).click()
    editor.expect_frame(0)


def on_timeline(editor: VideoEditor, row: int, frame: float) -> tuple[float, float]:
    """Where a frame lies on a row of the timeline, on the page, when all frames are in sight."""
    area = editor.page.get_by_role("slider", name="Frame").bounding_box()
    assert area is not None
    return area["x"] + 22 + frame * (area["width"] - 44) / LAST, area["y"] + 28 + row * 34 + 16


def pull(editor: VideoEditor, start: int, end: int, *, drops: bool = True) -> None:
    mouse = editor.page.mouse
    mouse.move(*on_timeline(editor, 0, start))
    mouse.down()
    mouse.move(*on_timeline(editor, 0, end), steps=5)
    editor.expect_frame(end)
    if drops:
        mouse.up()


def test_the_ends_of_a_selected_track_are_pulled_on_the_timeline(editor, task):
    editor.draw_track(5, 15)
    pull(editor, 15, 10)
    pull(editor, 5, 2)
    editor.save()
    labels = stored(task)["objects"][0]["labels"]
    assert [label["frame"] for label in labels] == list(range(2, 11))
    assert lefts(labels) == [100, 100, 100, 100, 110, 120, 130, 140, 150]
    assert keys(labels) == [5, 10]
    editor.press("Control+z", "Control+z")
    editor.save()
    assert [label["frame"] for label in stored(task)["objects"][0]["labels"]] == list(range(5, 16))


def test_an_end_that_is_let_go_by_escape_or_only_clicked_stays(editor, task):
    editor.draw_track(5, 15)
    pull(editor, 15, 30, drops=False)
    expect(editor.page.locator(".ed-timeline-stage.is-end")).to_be_visible()
    editor.press("Escape")
    editor.page.mouse.up()
    editor.page.mouse.click(*on_timeline(editor, 0, 5))
    editor.expect_frame(5)
    editor.save()
    assert [label["frame"] for label in stored(task)["objects"][0]["labels"]] == list(range(5, 16))


def test_a_frame_label_is_changed_and_cleared_from_its_menu_on_the_timeline(editor, task):
    editor.go(5)
    editor.page.get_by_role("radio", name="Sharp").check()
    menu = editor.page.get_by_role("menu", name="Image quality")
    editor.page.mouse.click(*on_timeline(editor, 0, 20), button="right")
    expect(menu).to_contain_text(f"Sharp, frames 5–{LAST}")
    menu.get_by_role("menuitem", name="Clear from here on").click()
    editor.page.mouse.click(*on_timeline(editor, 0, 10), button="right")
    menu.get_by_role("menuitem", name="Blurred").click()
    editor.page.mouse.click(*on_timeline(editor, 0, 2), button="right")
    expect(menu).to_contain_text("Not answered, frames 0–4")
    menu.get_by_role("menuitem", name="Sharp").click()
    editor.save()
    given = {entry["answers"][QUALITY_ROOT]: entry["frames"] for entry in stored(task)["classifications"]}
    assert given == {SHARP: list(range(5)), BLURRED: list(range(5, 20))}


def test_the_timelines_height_is_remembered_and_its_zoom_keeps_the_frame(editor):
    panel = editor.page.get_by_role("region", name="Timeline")
    before = panel.bounding_box()
    editor.page.get_by_role("separator", name="Height of the timeline").focus()
    with editor.page.expect_response(re.compile("editor-settings")):
        editor.press("ArrowUp", "ArrowUp")
    higher = panel.bounding_box()
    assert before is not None
    assert higher is not None
    assert higher["height"] == before["height"] + 2 * 34
    editor.go(20)
    head = editor.page.locator(".ed-playhead-frame")
    at = head.bounding_box()
    editor.page.get_by_role("button", name="Show fewer frames").click()
    editor.page.wait_for_timeout(100)
    zoomed = head.bounding_box()
    assert at is not None
    assert zoomed is not None
    assert zoomed["x"] == pytest.approx(at["x"], abs=1)
    editor.page.reload()
    editor.page.locator("#editor[data-ready]").wait_for()
    again = panel.bounding_box()
    assert again is not None
    assert again["height"] == higher["height"]


def test_playing_moves_on_and_a_step_ends_it(editor):
    editor.canvas.focus()
    editor.press("Space")
    expect(editor.page.get_by_role("button", name="Pause")).to_be_visible()
    expect(editor.field).not_to_have_value(re.compile("^[0-4]$"))
    editor.press(",")
    expect(editor.page.get_by_role("button", name="Play")).to_be_visible()


def test_required_frame_labels_are_listed_with_their_frames(page_as, annotator):
    task = make_task(annotator, dynamic_structure(required=True))
    editor = VideoEditor(page_as(annotator), task).open()
    editor.go(10)
    editor.page.get_by_role("radio", name="Sharp").check()
    editor.press("Control+Enter")
    entry = editor.page.get_by_role("button", name="Image quality Image quality, frames 0–9")
    entry.click()
    editor.expect_frame(0)
    editor.press("Space")
    editor.press("Control+Enter")
    expect(editor.page).not_to_have_url(re.compile("annotate"))
    (submission,) = Submission.objects.filter(task=task)
    (entry,) = submission.document["classifications"]
    assert entry["node"] == QUALITY
    assert entry["frames"] == list(range(FRAMES))


def test_work_on_several_frames_survives_a_lost_connection_and_a_reload(editor, task):
    editor.page.problems.expect("ERR_FAILED|Failed to load")
    editor.page.route("**/save/", lambda route: route.abort())
    editor.draw_track(0, 10)
    editor.press("Control+s")
    expect(editor.page.locator(".ed-save")).to_contain_text("Offline")
    editor.page.on("dialog", lambda dialog: dialog.accept())
    editor.page.reload()
    editor.page.locator("#editor[data-ready]").wait_for()
    expect(editor.page.get_by_text("Work that had not been saved was restored")).to_be_visible()
    editor.page.unroute("**/save/")
    editor.canvas.focus()
    editor.save()
    assert len(stored(task)["objects"][0]["labels"]) == 11


def test_a_track_changed_elsewhere_is_a_choice(editor, task):
    put_track(task, 5, revision=document_of_task(task)[1])
    editor.page.problems.expect("409")
    editor.draw_track(0, 10)
    editor.press("Control+s")
    dialog = editor.page.get_by_role("dialog", name="This task was changed somewhere else")
    dialog.get_by_role("button", name="Keep my version").click()
    expect(editor.page.locator(".ed-save")).to_contain_text("Saved ")
    (cell,) = stored(task)["objects"]
    assert len(cell["labels"]) == 11


def test_a_long_track_is_saved_in_parts(page_as, annotator):
    still_made = {"ready_frames": 3, "state": FileState.PROCESSING, "width": 64, "height": 48}
    task = make_task(annotator, simple_structure(), frame_count=3100, **still_made)
    editor = VideoEditor(page_as(annotator), task).open()
    editor.press("b", "Enter", "v", "Shift+N")
    dialog = editor.page.get_by_role("dialog", name=re.compile("Copy White blood cell"))
    dialog.get_by_label("First frame").fill("0")
    dialog.get_by_label("Last frame").fill("3099")
    sent: list[int] = []
    editor.page.on(
        "request",
        lambda request: (
            sent.append(len(request.post_data_json["upserts"]["labels"]))
            if request.url.endswith("/save/")
            else None
        ),
    )
    dialog.get_by_role("button", name="Copy", exact=True).click()
    editor.save()
    assert sent[-3:] == [1500, 1500, 100]
    assert len(stored(task)["objects"][0]["labels"]) == 3100


def test_frames_that_ingest_has_not_made_yet_are_waited_for(page_as, annotator):
    task = make_task(annotator, simple_structure(), frame_count=3, ready_frames=3)
    file = task.file
    type(file).objects.filter(pk=file.pk).update(state=FileState.PROCESSING, ready_frames=2)
    editor = VideoEditor(page_as(annotator), task).open()
    editor.press("End")
    expect(editor.page.get_by_text("Frame 2 is still being made: 2 of 3 are ready.")).to_be_visible()
    type(file).objects.filter(pk=file.pk).update(state=FileState.READY, ready_frames=3)
    editor.expect_frame(2)


def test_a_frame_that_fails_can_be_asked_for_again(page_as, annotator, task):
    page = page_as(annotator)
    page.problems.expect("500")
    page.route("**/frames/30/**", lambda route: route.fulfill(status=500))
    editor = VideoEditor(page, task).open()
    editor.field.fill("30")
    editor.press("Enter")
    expect(page.get_by_text("Frame 30: The picture could not be loaded.")).to_be_visible()
    page.unroute("**/frames/30/**")
    page.get_by_role("button", name="Try again").click()
    editor.expect_frame(30)


def test_measured_values_are_read_and_their_window_is_dragged(page_as, annotator):
    task = make_task(annotator, simple_structure(), kind=FileKind.DICOM, title="CT", frame_count=4)
    editor = VideoEditor(page_as(annotator), task).open()
    editor.press("End")
    editor.page.mouse.move(*editor.at(100, 50))
    expect(editor.page.locator(".ed-readout")).to_have_text("100, 50 · 3 · L 4 W 9")
    editor.drag((100, 100), (500, 100), button="right")
    level = editor.page.get_by_role("spinbutton", name="Window width")
    expect(level).not_to_have_value("9")
    expect(editor.page.get_by_role("menu")).to_have_count(0)
    editor.page.get_by_label("Window preset").select_option("As given")
    expect(level).to_have_value("9")
    editor.press("Escape")
    editor.canvas.focus()
    editor.press("y")
    editor.drag((100, 100), (300, 300))
    expect(level).not_to_have_value("9")


def test_pictures_of_a_group_are_labelled_one_by_one(page_as, annotator):
    task = make_task(annotator, dynamic_structure(), kind=FileKind.IMAGE_GROUP, title="Visit", frame_count=3)
    editor = VideoEditor(page_as(annotator), task).open()
    editor.page.get_by_role("radio", name="Sharp").check()
    editor.canvas.focus()
    editor.draw_track(0, 2)
    editor.save()
    document = stored(task)
    assert [label["frame"] for label in document["objects"][0]["labels"]] == [0, 2]
    assert document["classifications"][0]["frames"] == [0]
    expect(editor.page.get_by_label("Interpolate between key frames")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_editor_of_a_video_is_accessible(page_as, annotator, task, axe, theme):
    editor = VideoEditor(page_as(annotator, color_scheme=theme), task).open()
    editor.draw_track(0, 10)
    editor.page.get_by_role("radio", name="Sharp").check()
    axe(editor.page)
    editor.canvas.focus()
    editor.go(30)
    axe(editor.page)
    editor.page.get_by_role("button", name="Timeline as a list").click()
    expect(editor.page.get_by_role("dialog", name="Timeline")).to_be_visible()
    axe(editor.page)


def test_the_editor_of_a_series_is_accessible(page_as, annotator, axe):
    task = make_task(annotator, simple_structure(), kind=FileKind.DICOM, title="CT", frame_count=2)
    editor = VideoEditor(page_as(annotator), task).open()
    axe(editor.page)
