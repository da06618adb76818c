"""The label editor in Chromium against the real server: what is drawn is what is stored."""

import json
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from labels.documents import document_of_task
from labels.models import Submission
from labels.operations import save_labels
from projects.models import Role, Task, TaskState
from tests.browser_fixtures import session_cookie
from tests.editor_page import HEIGHT, WIDTH, Editor, in_pixels, only_geometry, stored
from tests.factories import (
    BLURRED,
    CELL,
    CELL_TYPE,
    LOBES,
    NEUTROPHIL,
    PASSWORD,
    PLATELET,
    QUALITY,
    QUALITY_ROOT,
    FileFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    box,
    simple_structure,
)

SQUARE = [(100, 100), (200, 100), (200, 200), (100, 200)]


@pytest.fixture
def annotator(transactional_db):
    return UserFactory(name="Amara Okafor")


@pytest.fixture
def task(annotator):
    organisation = OrganisationFactory()
    version = OntologyVersionFactory(
        organisation=organisation, structure=structure_with_required_lobes(), frozen=True
    )
    project = ProjectFactory(organisation=organisation, ontology_version=version)
    ProjectRoleFactory(project=project, user=annotator, role=Role.ANNOTATOR)
    file = FileFactory(organisation=organisation, width=WIDTH, height=HEIGHT)
    return TaskFactory(project=project, file=file, held_by=annotator)


@pytest.fixture
def editor(page_as, annotator, task) -> Editor:
    return Editor(page_as(annotator), task).open()


def structure_with_required_lobes() -> dict[str, Any]:
    structure = simple_structure()
    neutrophil = structure["objects"][0]["attributes"][0]["options"][0]
    neutrophil["options"][0]["required"] = True
    return structure


def put_on_server(task: Task, *corners: float, identifier: str = "elsewhere") -> None:
    """What another tab or person saves in the meantime."""
    instance = {"id": identifier, "kind": "object", "node": CELL, "answers": {}}
    label = {"instance": identifier, "frame": 0, "geometry": box(*corners), "keyframe": True}
    upserts = {"instances": [instance], "labels": [label]}
    save_labels(
        task=task, actor=task.assignee, revision=document_of_task(task)[1], upserts=upserts, deletes={}
    )


def test_a_drawn_box_is_stored_where_it_was_drawn(editor, task):
    editor.press("b")
    editor.drag((100, 120), (260, 300))
    editor.expect_saved()
    assert stored(task)["objects"][0]["node"] == CELL
    assert in_pixels(only_geometry(task)) == pytest.approx((100, 120, 160, 180), abs=1)


def test_a_polygon_is_drawn_point_by_point_and_its_vertices_are_edited(editor, task):
    editor.press("2")
    for corner in SQUARE:
        editor.click(corner)
    editor.press("Enter", "v")
    editor.drag((200, 200), (240, 230))
    editor.drag((150, 100), (150, 60))
    editor.save()
    (ring,) = only_geometry(task)["parts"][0]
    pixels = [(round(x * WIDTH), round(y * HEIGHT)) for x, y in ring]
    for found, expected in zip(
        pixels, [(100, 100), (150, 60), (200, 100), (240, 230), (100, 200)], strict=True
    ):
        assert found == pytest.approx(expected, abs=1)
    editor.press("Delete")
    editor.save()
    assert len(only_geometry(task)["parts"][0][0]) == 4


def test_an_outline_that_crosses_itself_is_refused_and_nothing_is_stored(editor, task):
    editor.press("2")
    for corner in (SQUARE[0], SQUARE[1], SQUARE[2], (150, 50)):
        editor.click(corner)
    expect(editor.page.locator("#editor-live")).to_have_text("The outline would cross itself")
    editor.press("Escape")
    expect(editor.instances.get_by_role("option")).to_have_count(0)
    assert stored(task)["objects"] == []


def test_undo_and_redo_reach_the_server_too(editor, task):
    editor.press("b")
    editor.drag((100, 100), (200, 200))
    editor.press("v")
    editor.drag((150, 150), (250, 150))
    editor.save()
    assert in_pixels(only_geometry(task))[0] == pytest.approx(200, abs=1)
    editor.press("Control+z")
    editor.save()
    assert in_pixels(only_geometry(task))[0] == pytest.approx(100, abs=1)
    editor.press("Control+z")
    editor.save()
    assert stored(task)["objects"] == []
    editor.press("Control+Shift+Z", "Control+Shift+Z")
    editor.save()
    assert in_pixels(only_geometry(task))[0] == pytest.approx(200, abs=1)


def test_nested_answers_are_stored_and_go_with_their_option(editor, task):
    editor.press("b", "Enter")
    panel = editor.page.get_by_label("Selected label")
    panel.get_by_text("Neutrophil").click()
    panel.get_by_label("Lobes").fill("3")
    editor.save()
    assert stored(task)["objects"][0]["answers"] == {CELL_TYPE: NEUTROPHIL, LOBES: 3}
    panel.get_by_text("Lymphocyte").click()
    editor.save()
    assert set(stored(task)["objects"][0]["answers"]) == {CELL_TYPE}


def test_a_frame_label_is_stored_and_taken_back_by_a_second_press(editor, task):
    choice = editor.page.get_by_label("Classes and frame labels").get_by_role("radio", name="Blurred")
    choice.click()
    editor.save()
    (entry,) = stored(task)["classifications"]
    assert (entry["node"], entry["frames"], entry["answers"]) == (QUALITY, [0], {QUALITY_ROOT: BLURRED})
    choice.click()
    editor.save()
    assert stored(task)["classifications"] == []


def test_work_that_the_server_never_got_is_there_after_a_reload(editor, task):
    page = editor.page
    page.problems.expect("Failed to load resource")
    page.route("**/save/", lambda route: route.abort())
    editor.press("b")
    editor.drag((100, 100), (200, 200))
    expect(page.get_by_role("status").filter(has_text="No connection")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute("**/save/")
    editor.wait()
    expect(page.get_by_text("was restored")).to_be_visible()
    editor.expect_saved()
    assert in_pixels(only_geometry(task)) == pytest.approx((100, 100, 100, 100), abs=1)


def test_a_change_is_sent_while_the_page_is_left(editor, task):
    editor.press("b")
    editor.drag((100, 100), (200, 200))
    editor.page.goto("/account/")
    editor.open()
    expect(editor.instances.get_by_role("option")).to_have_count(1)
    editor.expect_saved() if editor.page.get_by_text("was restored").is_visible() else None
    assert len(stored(task)["objects"]) == 1


@pytest.mark.parametrize(("button", "expected"), [("Keep my version", 1), ("Take the other version", 1)])
def test_a_stale_tab_shows_both_versions_and_overwrites_nothing_by_itself(editor, task, button, expected):
    editor.page.problems.expect("409")
    put_on_server(task, 0.5, 0.5, 0.2, 0.2)
    editor.press("b")
    editor.drag((10, 10), (60, 60))
    dialog = editor.page.get_by_role("dialog", name="This task was changed somewhere else")
    expect(dialog).to_contain_text("saved by Amara Okafor")
    assert [instance["id"] for instance in stored(task)["objects"]] == ["elsewhere"]
    dialog.get_by_role("button", name=button).click()
    editor.expect_saved()
    kept = [instance["id"] for instance in stored(task)["objects"]]
    assert len(kept) == expected
    assert ("elsewhere" in kept) == (button == "Take the other version")


def draw_after_the_session_expired(editor):
    editor.page.problems.expect("4[0-9][0-9]")
    Session.objects.all().delete()
    editor.press("b")
    editor.drag((100, 100), (200, 200))
    return editor.page.get_by_role("dialog", name="You have been logged out")


def test_after_the_session_expired_one_logs_in_in_place_and_goes_on(editor, task, annotator):
    dialog = draw_after_the_session_expired(editor)
    assert stored(task)["objects"] == []
    dialog.get_by_label("E-mail address").fill(annotator.email)
    dialog.get_by_label("Password").fill("not my password")
    dialog.get_by_role("button", name="Log in and go on").click()
    expect(dialog.get_by_role("alert")).to_have_text("E-mail address and password do not match.")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_label("Password").press("Enter")
    editor.expect_saved()
    expect(dialog).to_be_hidden()
    assert len(stored(task)["objects"]) == 1
    editor.drag((300, 100), (400, 200))
    editor.save()
    assert len(stored(task)["objects"]) == 2


def test_somebody_else_who_logs_in_there_does_not_go_on_with_the_task(editor, task):
    other = UserFactory()
    dialog = draw_after_the_session_expired(editor)
    dialog.get_by_label("E-mail address").fill(other.email)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in and go on").click()
    expect(dialog.get_by_role("alert")).to_contain_text("logged in as somebody else")
    assert stored(task)["objects"] == []


def test_after_the_session_expired_one_can_log_in_in_another_tab(editor, task, annotator, live_server):
    dialog = draw_after_the_session_expired(editor)
    expect(dialog.get_by_role("link", name="Log in in a new tab")).to_have_attribute(
        "href", re.compile("login")
    )
    editor.page.context.add_cookies([session_cookie(annotator, live_server.url)])
    dialog.get_by_role("button", name="I have logged in, go on").click()
    editor.expect_saved()
    assert len(stored(task)["objects"]) == 1


def test_submit_waits_for_required_answers_and_then_hands_in_everything(editor, task):
    page = editor.page
    editor.press("b", "Enter")
    page.get_by_label("Selected label").get_by_text("Neutrophil").click()
    page.get_by_role("button", name="Submit").click()
    dialog = page.get_by_role("dialog", name="One required answer is missing")
    expect(dialog).to_contain_text("White blood cell (0)")
    expect(dialog).to_contain_text("Lobes")
    assert not Submission.objects.exists()
    dialog.get_by_role("button", name="Go to the first").click()
    field = page.get_by_label("Selected label").get_by_label("Lobes")
    expect(field).to_be_focused()
    field.fill("4")
    editor.press("Control+Enter")
    page.wait_for_url(lambda url: "annotate" not in url)
    submission = Submission.objects.get(task=task)
    assert submission.document["objects"][0]["answers"] == {CELL_TYPE: NEUTROPHIL, LOBES: 4}
    task.refresh_from_db()
    assert task.state != TaskState.ASSIGNED


def test_a_task_submitted_in_another_tab_keeps_the_draft_for_copying(editor, task):
    page = editor.page
    page.problems.expect("409")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    other = Editor(page.context.new_page(), task).open()
    other.press("Control+Enter")
    other.page.wait_for_url(lambda url: "annotate" not in url)
    editor.press("b")
    editor.drag((100, 100), (200, 200))
    dialog = page.get_by_role("dialog", name="This task is already submitted")
    expect(dialog).to_contain_text("Submitted ")
    dialog.get_by_role("button", name="Copy my labels").click()
    expect(page.locator("#editor-live")).to_have_text("Labels copied")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert len(copied["objects"]) == 1
    assert Submission.objects.get(task=task).document["objects"] == []
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()


def test_a_whole_task_by_keyboard_alone(editor, task):
    page = editor.page
    page.keyboard.press("b")
    editor.press("Enter")
    for _ in range(3):
        editor.press("ArrowRight")
    editor.press("Control+ArrowDown", "a")
    expect(page.get_by_label("Selected label").get_by_role("radio").first).to_be_focused()
    editor.press("Space", "Tab")
    page.keyboard.type("2")
    editor.press("Escape", "2", "Enter", ".", "ArrowLeft")
    editor.press("Control+Enter")
    page.wait_for_url(lambda url: "annotate" not in url)
    cell, platelet = Submission.objects.get(task=task).document["objects"]
    assert cell["answers"] == {CELL_TYPE: NEUTROPHIL, LOBES: 2}
    # A fifth of the view at its middle (128 x 96 at 256, 192), three pixels right, one pixel taller.
    assert in_pixels(cell["labels"][0]["geometry"]) == (259, 192, 128, 97)
    assert platelet["node"] == PLATELET
    first = platelet["labels"][0]["geometry"]["parts"][0][0][0]
    assert (round(first[0] * WIDTH), round(first[1] * HEIGHT)) == (255, 192)


def test_names_and_answers_of_others_are_never_markup(page_as, annotator, task):
    hostile = '<img src=x onerror="document.title=1">'
    structure = simple_structure()
    structure["objects"][0]["name"] = hostile
    structure["classifications"][0]["attributes"][0]["options"][0]["label"] = hostile
    version = task.project.ontology_version
    type(version).objects.filter(pk=version.pk).update(structure=structure)
    editor = Editor(page_as(annotator), task).open()
    editor.press("b", "Enter")
    expect(editor.page.get_by_text(hostile).first).to_be_visible()
    assert editor.page.locator("#editor img").count() == 0
    assert "1" not in editor.page.title()[:1]


def test_settings_follow_the_person_to_another_browser(page_as, editor, annotator, task):
    editor.page.get_by_role("button", name="View settings").click()
    with editor.page.expect_response(re.compile("editor-settings")):
        editor.page.get_by_label("Names on all labels").check()
    elsewhere = Editor(page_as(annotator), task).open()
    elsewhere.page.get_by_role("button", name="View settings").click()
    expect(elsewhere.page.get_by_label("Names on all labels")).to_be_checked()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_editor_is_accessible(page_as, annotator, task, axe, theme):
    editor = Editor(page_as(annotator, color_scheme=theme), task).open()
    axe(editor.page)
    editor.press("b", "Enter")
    editor.page.get_by_label("Selected label").get_by_text("Neutrophil").click()
    axe(editor.page)
    editor.page.keyboard.press("Escape")
    editor.press("?")
    expect(editor.page.get_by_role("dialog", name="Keys")).to_be_visible()
    axe(editor.page)


@pytest.mark.parametrize(
    ("shape", "key"),
    [("rotatable_bounding_box", "r"), ("polyline", "l"), ("point", "k"), ("bitmask", "d")],
)
def test_the_server_takes_every_shape_that_can_be_drawn(page_as, annotator, task, shape, key):
    version = task.project.ontology_version
    structure = simple_structure()
    structure["objects"] = [structure["objects"][1] | {"shape": shape}]
    type(version).objects.filter(pk=version.pk).update(structure=structure)
    editor = Editor(page_as(annotator), task).open()
    editor.press(key)
    editor.drag((100, 100), (200, 160))
    editor.press("Enter")
    editor.save()
    geometries = [instance["labels"][0]["geometry"] for instance in stored(task)["objects"]]
    assert {geometry["type"] for geometry in geometries} == {shape}
    before = len(geometries)
    editor.press("Control+a", "Delete")
    editor.save()
    assert before > 0
    assert stored(task)["objects"] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_banners_and_menus_are_accessible(page_as, annotator, task, axe, theme):
    editor = Editor(page_as(annotator, color_scheme=theme), task).open()
    page = editor.page
    page.problems.expect("4[0-9][0-9]|Failed to load resource")
    editor.press("b", "Enter")
    page.get_by_label("Selected label").get_by_text("Neutrophil").click()
    page.get_by_role("button", name="Find an instance").click()
    page.get_by_label("Show", exact=True).select_option("missing")
    axe(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("dialog", name="One required answer is missing")).to_be_visible()
    axe(page)
    editor.press("Escape")
    page.get_by_role("button", name="View settings").click()
    axe(page)
    editor.press("Escape")
    editor.save()
    put_on_server(task, 0.5, 0.5, 0.2, 0.2)
    editor.drag((10, 10), (60, 60))
    dialog = page.get_by_role("dialog", name="This task was changed somewhere else")
    expect(dialog).to_be_visible()
    axe(page)
    editor.press("Escape")
    axe(page)  # the banner that keeps the choice open
    page.get_by_role("button", name="Choose a version").click()
    dialog.get_by_role("button", name="Take the other version").click()
    editor.expect_saved()
    login = draw_after_the_session_expired(editor)
    expect(login).to_be_visible()
    axe(page)


def seven_levels() -> dict[str, Any]:
    """A class whose attribute asks another question below each first option, seven levels deep."""

    def attribute(level: int) -> dict[str, Any]:
        options = [
            {"id": "", "label": f"{name} {level}", "value": name, "featureNodeHash": f"{name}{level:05d}"}
            for name in ("yes", "no")
        ]
        if level < 7:
            options[0]["options"] = [attribute(level + 1)]
        common = {"id": "", "featureNodeHash": f"level{level:03d}", "required": True, "archived": False}
        return common | {"name": f"Level {level}", "type": "radio", "dynamic": False, "options": options}

    structure = simple_structure()
    structure["objects"][0]["attributes"] = [attribute(1)]
    structure["classifications"] = []
    return structure


def test_questions_seven_levels_deep_are_answered_by_digits_and_asked_for_on_submit(page_as, annotator, task):
    version = task.project.ontology_version
    type(version).objects.filter(pk=version.pk).update(structure=seven_levels())
    editor = Editor(page_as(annotator), task).open()
    editor.press("b", "Enter", "a")
    for level in range(1, 7):
        editor.press("1")
        question = editor.page.get_by_role("radiogroup", name=f"Level {level + 1}")
        expect(question).to_be_visible()
        question.get_by_role("radio").first.focus()
    editor.press("Control+Enter")
    dialog = editor.page.get_by_role("dialog", name="One required answer is missing")
    expect(dialog).to_contain_text("Level 7")
    dialog.get_by_role("button", name="Go to the first").click()
    editor.press("2", "Control+Enter")
    editor.page.wait_for_url(lambda url: "annotate" not in url)
    (cell,) = Submission.objects.get(task=task).document["objects"]
    yes = {f"level{level:03d}": f"yes{level:05d}" for level in range(1, 7)}
    assert cell["answers"] == yes | {"level007": "no00007"}
