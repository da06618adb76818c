"""Skeleton templates: drawn in the form builder, checked with their place, kept once labels have their vertices."""

import copy

import pytest
from playwright.sync_api import expect

from ontologies.checking import BadStructure, read_structure
from ontologies.evolution import keep_used
from ontologies.models import OntologyVersion
from ontologies.operations import freeze_version
from tests.factories import OntologyVersionFactory

FLY = {
    "objects": [
        {"name": "Fly", "shape": "skeleton", "featureNodeHash": "fly00000", "skeletonTemplate": "templ000"}
    ],
    "classifications": [],
    "skeleton_templates": [
        {
            "name": "fly",
            "featureNodeHash": "templ000",
            "skeleton": {
                "0": {"name": "head", "x": 0.5, "y": 0.1},
                "1": {"name": "tail", "x": 0.5, "y": 0.9},
            },
            "skeletonEdges": {"0": {"1": {"color": "#0072B2"}}},
        }
    ],
}


def fly(**vertices):
    structure = copy.deepcopy(FLY)
    for key, changes in vertices.items():
        structure["skeleton_templates"][0]["skeleton"].setdefault(key.removeprefix("v"), {}).update(changes)
    return structure


def paths(structure):
    with pytest.raises(BadStructure) as bad:
        read_structure(structure)
    return [problem.path for problem in bad.value.problems]


def test_a_structure_with_a_skeleton_comes_back_as_it_was_read():
    clean = read_structure(FLY)
    assert read_structure(clean) == clean
    assert clean["objects"][0]["skeletonTemplate"] == "templ000"


@pytest.mark.parametrize(
    ("structure", "path"),
    [
        (fly(v1={"name": "head"}), "skeleton_templates[0].skeleton.1.name"),
        (fly(v1={"name": " "}), "skeleton_templates[0].skeleton.1.name"),
        (fly(v1={"x": "left"}), "skeleton_templates[0].skeleton.1.x"),
        ({**FLY, "skeleton_templates": []}, "objects[0].shape"),
        ({**FLY, "skeleton_templates": FLY["skeleton_templates"] * 2}, "skeleton_templates[1]"),
        (
            {**FLY, "skeleton_templates": [{**FLY["skeleton_templates"][0], "skeleton": {}}]},
            "skeleton_templates[0].skeleton",
        ),
        (
            {
                **FLY,
                "skeleton_templates": [{**FLY["skeleton_templates"][0], "skeletonEdges": {"0": {"7": {}}}}],
            },
            "skeleton_templates[0].skeletonEdges",
        ),
    ],
)
def test_a_bad_template_is_refused_at_its_place(structure, path):
    assert path in paths(structure)


def test_vertices_in_use_may_move_and_nothing_else():
    used = read_structure(FLY)
    moved = read_structure(fly(v1={"x": 0.7}))
    assert keep_used(used, moved)["skeleton_templates"][0]["skeleton"]["1"]["x"] == 0.7
    for changed in (fly(v1={"name": "abdomen"}), fly(v2={"name": "wing", "x": 0, "y": 0})):
        with pytest.raises(BadStructure, match="vertices of its skeleton cannot change"):
            keep_used(used, read_structure(changed))


@pytest.fixture
def page(page_as, people):
    return page_as(people.creator)


@pytest.mark.django_db(transaction=True)
def test_a_skeleton_is_drawn_on_the_board(page, organisation, axe):
    page.goto(f"/o/{organisation.slug}/ontologies/new/")
    page.get_by_label("Title").fill("Flies")
    page.get_by_role("button", name="Add class", exact=True).click()
    page.get_by_label("Name of the class").fill("Fly")
    page.get_by_label("Shape").select_option("skeleton")
    expect(page.get_by_label("Name of the skeleton")).to_have_value("Fly")
    board = page.get_by_role("application")
    board.click(position={"x": 160, "y": 60})
    board.click(position={"x": 160, "y": 160})
    board.click(position={"x": 60, "y": 260})
    for number, name in enumerate(("head", "thorax", "wing"), start=1):
        page.get_by_label(f"Name of point {number}").fill(name)
        page.keyboard.press("Tab")
    page.get_by_label("Connect or separate wing").select_option(label="head")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Flies")).to_be_visible()
    expect(page.get_by_role("region", name="Skeletons")).to_contain_text("head, thorax, wing")
    structure = OntologyVersion.objects.get().structure
    (template,) = structure["skeleton_templates"]
    assert structure["objects"][0]["skeletonTemplate"] == template["featureNodeHash"]
    assert [vertex["name"] for vertex in template["skeleton"].values()] == ["head", "thorax", "wing"]
    edges = {(start, end) for start, ends in template["skeletonEdges"].items() for end in ends}
    assert edges == {("0", "1"), ("1", "2"), ("2", "0")}
    assert template["skeleton"]["0"]["y"] < template["skeleton"]["1"]["y"] < template["skeleton"]["2"]["y"]


@pytest.mark.django_db(transaction=True)
def test_a_skeleton_is_made_by_keyboard_and_problems_stand_at_their_vertex(page, organisation):
    page.problems.expect("422")
    page.goto(f"/o/{organisation.slug}/ontologies/new/")
    page.get_by_label("Title").fill("Flies")
    page.get_by_role("button", name="Add skeleton").press("Enter")
    page.keyboard.type("fly")
    page.get_by_role("button", name="Add point").press("Enter")
    page.keyboard.type("head")
    page.keyboard.press("Enter")  # behind the last one: the next vertex
    page.keyboard.type("head")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Another vertex is called “head”, too.")).to_be_visible()
    second = page.locator("[data-vertices] tr").nth(1).locator('[data-field="name"]')
    expect(second).to_be_focused()
    second.fill("thorax")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", name="Flies")).to_be_visible()
    (template,) = OntologyVersion.objects.get().structure["skeleton_templates"]
    assert [vertex["name"] for vertex in template["skeleton"].values()] == ["head", "thorax"]
    assert template["skeletonEdges"] == {"0": {"1": {"color": "#000000"}}}


@pytest.mark.django_db(transaction=True)
def test_vertices_in_use_are_locked_in_the_form(page, organisation):
    version = OntologyVersionFactory(organisation=organisation, structure=read_structure(FLY))
    freeze_version(version=version)
    page.goto(f"/o/{organisation.slug}/ontologies/{version.ontology.uuid}/edit/")
    expect(page.get_by_label("Name of head")).to_be_disabled()
    expect(page.get_by_role("button", name="Add point")).to_be_disabled()
    page.get_by_label("X of head").fill("20")
    page.get_by_role("button", name="Save as v2").click()
    expect(page.get_by_role("heading", name=version.ontology.title)).to_be_visible()
    saved = OntologyVersion.objects.get(number=2).structure
    assert saved["skeleton_templates"][0]["skeleton"]["0"]["x"] == 0.2
