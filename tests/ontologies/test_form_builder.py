"""The form builder in a real browser: building, problems beside their rows, two tabs, used nodes."""

import pytest
from playwright.sync_api import Page, expect

from ontologies.models import OntologyVersion
from ontologies.operations import freeze_version, save_ontology, stamp_of
from tests.factories import CELL, simple_structure

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(page_as, people) -> Page:
    return page_as(people.creator)


def open_form(page: Page, organisation, ontology=None) -> None:
    place = f"{ontology.uuid}/edit" if ontology else "new"
    page.goto(f"/o/{organisation.slug}/ontologies/{place}/")


def test_an_ontology_is_built_and_saved(page, organisation, axe):
    open_form(page, organisation)
    page.get_by_label("Title").fill("Blood cells")
    page.get_by_role("button", name="Add class", exact=True).click()
    page.keyboard.type("White blood cell")  # the new row has the focus
    page.get_by_role("button", name="Attributes 0").click()
    page.get_by_role("button", name="Add attribute").click()
    page.keyboard.type("Cell type")
    options = page.get_by_label("Option", exact=True)
    options.first.fill("Neutrophil")
    options.first.press("Enter")
    page.keyboard.type("Lymphocyte")
    page.keyboard.press("Enter")  # behind the last one: a third option
    page.keyboard.type("Monocyte")
    page.get_by_role("button", name="Add an attribute below").first.click()
    page.keyboard.type("Lobes")
    page.get_by_label("Type of answer").nth(1).select_option("numeric")
    page.get_by_role("button", name="Add classification").click()
    page.keyboard.type("Image quality")
    page.get_by_label("Type of answer").last.select_option("text")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Blood cells")).to_be_visible()
    (cell,) = (structure := OntologyVersion.objects.get().structure)["objects"]
    attribute = cell["attributes"][0]
    assert (cell["name"], cell["hotKey"], attribute["type"]) == ("White blood cell", "1", "radio")
    assert [option["label"] for option in attribute["options"]] == ["Neutrophil", "Lymphocyte", "Monocyte"]
    assert attribute["options"][0]["options"][0] | {"featureNodeHash": ""} == {
        "id": "1.1.1.1",
        "name": "Lobes",
        "type": "numeric",
        "featureNodeHash": "",
        "required": False,
        "archived": False,
        "dynamic": False,
    }
    assert structure["classifications"][0]["attributes"][0]["type"] == "text"


def test_problems_stand_beside_their_rows_and_nothing_typed_is_lost(page, organisation):
    page.problems.expect("422")
    open_form(page, organisation)
    page.get_by_role("button", name="Add class", exact=True).click()
    page.get_by_label("Name of the class").fill("Cell")
    page.get_by_role("button", name="Attributes 0").click()
    page.get_by_role("button", name="Add attribute").click()
    page.keyboard.type("Kind")
    page.get_by_label("Option", exact=True).first.fill("Round")
    page.get_by_role("button", name="Attributes 1").click()  # folded away: the problem unfolds it
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A label is missing.")).to_be_visible()
    expect(page.get_by_label("Option", exact=True).nth(1)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Option", exact=True).first).to_have_value("Round")
    expect(page.get_by_label("Name of the class")).to_have_value("Cell")
    page.get_by_label("Option", exact=True).nth(1).fill("Flat")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The ontology needs a title.")).to_be_visible()
    expect(page.get_by_text("A label is missing.")).to_have_count(0)
    assert not OntologyVersion.objects.exists()


def test_the_second_tab_keeps_its_edit_and_is_shown_the_way(page, organisation, people, blood):
    page.problems.expect("409")
    open_form(page, organisation, blood.ontology)
    save_ontology(
        ontology=blood.ontology,
        actor=people.creator,
        title="Saved elsewhere",
        description="",
        structure=simple_structure(),
        stamp=stamp_of(blood),
    )
    page.get_by_label("Title").fill("My own title")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else saved this ontology")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("My own title")
    expect(page.get_by_role("link", name="Open what was saved")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="download your edit").click()
    assert download.value.suggested_filename == "my-ontology-edit.json"
    blood.ontology.refresh_from_db()
    assert blood.ontology.title == "Saved elsewhere"


def test_what_is_in_use_can_be_archived_and_not_deleted_or_retyped(page, organisation, blood):
    freeze_version(version=blood)
    open_form(page, organisation, blood.ontology)
    expect(page.get_by_label("Shape").first).to_be_disabled()
    expect(page.get_by_role("button", name="Delete White blood cell")).to_be_hidden()
    page.get_by_role("button", name="Archive White blood cell").click()
    expect(page.get_by_role("button", name="Restore White blood cell")).to_be_focused()
    page.get_by_role("button", name="Move down White blood cell").click()
    page.get_by_role("button", name="Save as v2").click()
    expect(page.get_by_text("Archived White blood cell")).to_be_visible()
    saved = OntologyVersion.objects.get(number=2).structure
    assert [node["name"] for node in saved["objects"]] == ["Platelet", "White blood cell"]
    assert saved["objects"][1]["featureNodeHash"] == CELL
    assert saved["objects"][1]["archived"] is True


def test_the_eighth_level_cannot_be_reached(page, organisation):
    open_form(page, organisation)
    page.get_by_role("button", name="Add class", exact=True).click()
    page.get_by_role("button", name="Attributes 0").click()
    page.get_by_role("button", name="Add attribute").click()
    below = page.get_by_role("button", name="Add an attribute below")
    for _ in range(
        6
    ):  # each new attribute brings two options; the deepest first one is the next to go on from
        deepest = page.locator('li:has(> div [data-field="label"]):not(:has(li [data-field="label"]))').first
        deepest.get_by_role("button", name="Add an attribute below").click()
    disabled = [button for button in below.all() if button.is_disabled()]
    assert len(disabled) == 2
    assert "7 levels" in (disabled[0].get_attribute("title") or "")
