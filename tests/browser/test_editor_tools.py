"""Every tool of the label editor in Chromium: draw, edit, undo, reload, and what the server stored."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect
from pycocotools import mask as coco

from projects.models import Role
from tests.editor_page import HEIGHT, WIDTH, Editor, in_pixels, only_geometry, stored
from tests.factories import (
    FileFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
)

VERTICES = ("head", "thorax", "tail")
TEMPLATE = {
    "name": "fly",
    "featureNodeHash": "templ000",
    "skeleton": {
        str(index): {"name": name, "x": 0.5, "y": index / 2, "color": "#000000"}
        for index, name in enumerate(VERTICES)
    },
    "skeletonEdges": {"1": {"0": {"color": "#000000"}, "2": {"color": "#000000"}}},
}


def structure(*shapes: str) -> dict[str, Any]:
    """One class of each shape, named like it."""
    objects = [
        {
            "id": str(number),
            "name": shape.replace("_", " ").capitalize(),
            "color": "#0072B2",
            "shape": shape,
            "featureNodeHash": f"shape{number:03d}",
            "required": False,
            "archived": False,
            "attributes": [],
        }
        | ({"skeletonTemplate": "fly"} if shape == "skeleton" else {})
        for number, shape in enumerate(shapes, start=1)
    ]
    return {"objects": objects, "classifications": [], "skeleton_templates": [TEMPLATE]}


@pytest.fixture
def annotator(transactional_db):
    return UserFactory(name="Amara Okafor")


@pytest.fixture
def task_of(annotator) -> Callable[..., Any]:
    """A function from the shapes of an ontology to a task of the annotator."""

    def make(*shapes: str) -> Any:
        organisation = OrganisationFactory()
        version = OntologyVersionFactory(organisation=organisation, structure=structure(*shapes), frozen=True)
        project = ProjectFactory(organisation=organisation, ontology_version=version)
        ProjectRoleFactory(project=project, user=annotator, role=Role.ANNOTATOR)
        file = FileFactory(organisation=organisation, width=WIDTH, height=HEIGHT)
        return TaskFactory(project=project, file=file, held_by=annotator)

    return make


@pytest.fixture
def opened(page_as, annotator, task_of) -> Callable[..., tuple[Editor, Any]]:
    """A function from shapes to the editor on a task with them, and the task."""

    def open_task(*shapes: str, **options: Any) -> tuple[Editor, Any]:
        task = task_of(*shapes)
        return Editor(page_as(annotator, **options), task).open(), task

    return open_task


def pixels_of(pairs: Any) -> list[tuple[int, int]]:
    return [(round(x * WIDTH), round(y * HEIGHT)) for x, y in pairs]


def near(found: list[tuple[int, int]], expected: list[tuple[int, int]]) -> bool:
    return len(found) == len(expected) and all(
        abs(a - c) <= 1 and abs(b - d) <= 1 for (a, b), (c, d) in zip(found, expected, strict=True)
    )


def area_of(geometry: dict[str, Any]) -> int:
    """Pixels of a stored mask, counted by the COCO reference implementation."""
    return int(coco.area({"size": geometry["size"], "counts": geometry["counts"].encode()}))


def test_a_skeleton_is_placed_vertex_by_vertex_and_its_visibility_changed_in_the_list(opened):
    editor, task = opened("skeleton")
    editor.press("s")
    editor.click((200, 100))
    editor.press("q")  # the next one is hidden
    editor.click((220, 200))
    editor.press("x")  # the last one is not there
    editor.save()
    points = only_geometry(task)["points"]
    assert {name: point["v"] for name, point in points.items()} == {"head": 2, "thorax": 1, "tail": 0}
    assert near(pixels_of([(points["thorax"]["x"], points["thorax"]["y"])]), [(220, 200)])
    listed = editor.page.get_by_role("listbox", name="Vertices of the skeleton")
    expect(listed.get_by_role("option")).to_have_text(["headvisible", "thoraxhidden", "tailnot there"])
    listed.focus()
    editor.press("Home", "Space")
    expect(listed.get_by_role("option").first).to_have_text("headhidden")
    editor.press("End", "Space")  # never placed: the next click places it
    editor.press("v")
    editor.click((240, 300))
    editor.save()
    points = only_geometry(task)["points"]
    assert {name: point["v"] for name, point in points.items()} == {"head": 1, "thorax": 1, "tail": 2}
    editor.press("Control+z", "Control+z")
    editor.save()
    assert {name: p["v"] for name, p in only_geometry(task)["points"].items()} == {
        "head": 2,
        "thorax": 1,
        "tail": 0,
    }


def test_a_whole_skeleton_is_dropped_and_a_vertex_of_it_dragged(opened):
    editor, task = opened("skeleton")
    editor.press("s")
    editor.drag((100, 100), (300, 300))
    editor.press("v")
    editor.drag((200, 200), (260, 220))
    editor.save()
    editor.open()
    points = only_geometry(task)["points"]
    places = pixels_of([(points[name]["x"], points[name]["y"]) for name in VERTICES])
    assert near(places, [(200, 100), (260, 220), (200, 300)])
    expect(editor.instances.get_by_role("option")).to_have_count(1)


def draw_ring(editor: Editor, *corners: tuple[float, float]) -> None:
    for corner in corners:
        editor.click(corner)
    editor.press("Enter")


SQUARE = ((100, 100), (300, 100), (300, 300), (100, 300))
INNER = ((150, 150), (200, 150), (200, 200))


def test_a_hole_is_cut_into_a_polygon_reshaped_and_taken_away(opened):
    editor, task = opened("polygon")
    editor.press("p")
    draw_ring(editor, *SQUARE)
    editor.press("Shift+P")
    draw_ring(editor, *INNER)
    editor.press("v")
    editor.drag(INNER[2], (220, 220))
    editor.save()
    outline, hole = only_geometry(task)["parts"][0]
    assert near(pixels_of(outline), list(SQUARE))
    assert near(pixels_of(hole), [*INNER[:2], (220, 220)])
    editor.press("Shift+Backspace")
    editor.save()
    assert len(only_geometry(task)["parts"][0]) == 1
    editor.press("Control+z")
    editor.save()
    assert len(only_geometry(task)["parts"][0]) == 2


def test_a_polygon_is_cut_in_two_and_the_pieces_are_joined_again(opened):
    editor, task = opened("polygon")
    editor.press("p")
    draw_ring(editor, *SQUARE)
    editor.press("Shift+X")
    draw_ring(editor, (50, 180), (350, 180))
    editor.save()
    assert len(stored(task)["objects"]) == 2
    editor.press("v", "Control+a")
    editor.click((150, 140))
    editor.press("ArrowUp", "Shift+ArrowUp", "Control+a", "Control+j")
    editor.save()
    (label,) = stored(task)["objects"]
    assert len(label["labels"][0]["geometry"]["parts"]) == 2


def test_masks_are_painted_filled_erased_and_moved(opened):
    editor, task = opened("bitmask")
    editor.press("c")
    draw_ring(editor, *SQUARE)
    editor.save()
    assert area_of(only_geometry(task)) == pytest.approx(200 * 200, rel=0.02)
    editor.press("x")
    editor.drag((200, 200), (220, 200))
    editor.save()
    with_hole = area_of(only_geometry(task))
    assert with_hole < 200 * 200 - 400
    editor.press("Shift+G")
    editor.save()
    whole = area_of(only_geometry(task))
    assert whole == pytest.approx(200 * 200, rel=0.02)
    editor.press("v")
    editor.drag((200, 200), (240, 210))
    editor.save()
    geometry = only_geometry(task)
    assert area_of(geometry) == whole
    pixels = coco.decode({"size": geometry["size"], "counts": geometry["counts"].encode()})
    rows, columns = np.nonzero(pixels)
    assert (columns.min(), rows.min()) == pytest.approx((140, 110), abs=2)


def test_a_box_is_turned_by_its_handle_and_by_keys(opened):
    editor, task = opened("rotatable_bounding_box")
    editor.press("r")
    editor.drag((200, 200), (300, 240))
    editor.press("v", "]", "]")
    editor.save()
    assert only_geometry(task)["theta"] == 10
    editor.press("Control+z")  # a key that is pressed again at once is one step
    scale = editor.page.evaluate("annotrainEditor.view.panes()[0].viewport.scale")
    editor.drag((250, 200 - 28 / scale), (350, 220))  # to the right of the centre: a quarter turn
    editor.save()
    assert only_geometry(task)["theta"] == pytest.approx(90, abs=2)


def test_several_labels_are_chosen_moved_copied_ordered_and_locked(opened):
    editor, task = opened("bounding_box")
    editor.press("b")
    editor.drag((50, 50), (100, 100))
    editor.drag((150, 50), (200, 100))
    editor.press("v")
    editor.drag((20, 20), (400, 200))  # a box around both
    editor.press("ArrowRight", "Shift+ArrowDown")
    editor.save()
    boxes = [in_pixels(one["labels"][0]["geometry"]) for one in stored(task)["objects"]]
    assert [box[:2] for box in boxes] == [(51, 60), (151, 60)]
    editor.press("Control+c", "Control+v")
    expect(editor.instances.get_by_role("option")).to_have_count(4)
    editor.press("Escape")
    editor.click((53, 90))
    editor.press("Control+]", "o", "Delete")
    expect(editor.page.locator("#editor-live")).to_have_text("Locked labels cannot be deleted")
    editor.save()
    assert [one.get("z", 0) for one in stored(task)["objects"]] == [1, 0, 0, 0]
    editor.click((53, 90), button="right")
    editor.page.get_by_role("menuitem", name="Hide the others").click()
    expect(editor.page.locator(".ed-row.is-hidden")).to_have_count(3)


def test_points_snap_to_what_is_there(opened):
    editor, task = opened("polygon")
    editor.press("p")
    draw_ring(editor, *SQUARE)
    editor.press("Escape", "t")
    draw_ring(editor, (303, 102), (298, 297), (400, 200))
    editor.save()
    first, second = [one["labels"][0]["geometry"]["parts"][0][0] for one in stored(task)["objects"]]
    assert second[0] == first[1]
    assert second[1] == first[2]


def test_ones_own_keys_are_stored_and_hold_in_another_browser(page_as, annotator, opened):
    editor, task = opened("bounding_box", "polygon")
    page = editor.page
    editor.press("?")
    page.get_by_role("button", name="Change keys").click()
    page.get_by_role("button", name="Bounding box: B. Change").click()
    editor.press("p")
    expect(page.get_by_text("P already means: Polygon.")).to_be_visible()
    with page.expect_response("**/editor-settings/"):
        page.get_by_role("button", name="Take it from there").click()
    expect(page.get_by_role("button", name="Polygon: no key. Change")).to_be_visible()
    elsewhere = Editor(page_as(annotator), task).open()
    elsewhere.press("p")
    elsewhere.drag((50, 50), (100, 100))
    elsewhere.save()
    assert only_geometry(task)["type"] == "bounding_box"


def test_the_next_task_begins_with_the_tool_class_and_layout_of_the_last(page_as, annotator, opened):
    editor, task = opened("bounding_box", "polygon")
    editor.press("2")
    handle = editor.page.get_by_role("separator", name="Width of the labels panel")
    handle.focus()
    with editor.page.expect_response("**/editor-settings/"):
        editor.press("ArrowLeft", "ArrowLeft")
    elsewhere = Editor(page_as(annotator), task).open()
    expect(elsewhere.page.get_by_role("button", name="Polygon", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    width = elsewhere.page.locator(".ed-right").evaluate("panel => panel.offsetWidth")
    assert width == 296 + 2 * 16


def test_work_of_a_tab_that_was_closed_offline_is_found_by_the_next_one(opened):
    editor, task = opened("bounding_box")
    context = editor.page.context
    editor.page.problems.expect("Failed to load resource")
    context.route("**/save/", lambda route: route.abort())
    editor.press("b")
    editor.drag((100, 100), (200, 200))
    expect(editor.page.get_by_role("status").filter(has_text="No connection")).to_be_visible()
    editor.page.close(run_before_unload=False)
    assert stored(task)["objects"] == []
    again = Editor(context.new_page(), task).open()
    expect(again.instances.get_by_role("option")).to_have_count(1)
    context.unroute("**/save/")
    again.press("Control+s")
    again.expect_saved()
    assert in_pixels(only_geometry(task)) == pytest.approx((100, 100, 100, 100), abs=1)


def test_a_finger_draws_and_two_fingers_look(opened):
    editor, task = opened("bounding_box", has_touch=True)
    touch = editor.page.context.new_cdp_session(editor.page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    editor.press("b")
    a, b = editor.at(100, 100), editor.at(200, 200)
    fingers("touchStart", a)
    fingers("touchMove", b)
    fingers("touchEnd")
    editor.save()
    assert in_pixels(only_geometry(task)) == pytest.approx((100, 100, 100, 100), abs=1)
    before = editor.page.evaluate("annotrainEditor.view.panes()[0].viewport.scale")
    fingers("touchStart", a)
    fingers("touchStart", a, b)
    fingers("touchMove", a, (2 * b[0] - a[0], 2 * b[1] - a[1]))
    fingers("touchEnd")
    after = editor.page.evaluate("annotrainEditor.view.panes()[0].viewport.scale")
    assert after == pytest.approx(2 * before, rel=0.02)
    editor.save()
    assert len(stored(task)["objects"]) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tools_menus_and_dialogs_are_accessible_at_1024_pixels(opened, axe, theme):
    editor, _ = opened(
        "skeleton", "polygon", "bitmask", color_scheme=theme, viewport={"width": 1024, "height": 768}
    )
    page = editor.page
    editor.press("s", "Enter")
    page.get_by_role("listbox", name="Vertices of the skeleton").focus()
    editor.press("Home")
    axe(page)
    editor.press("d")
    axe(page)
    editor.press("v", "Control+a", "Shift+F10")
    editor.canvas.focus()
    editor.press("Shift+F10")
    expect(page.get_by_role("menu")).to_be_visible()
    axe(page)
    editor.press("Escape", "?")
    page.get_by_role("button", name="Change keys").click()
    expect(page.get_by_role("dialog", name="Your keys")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
