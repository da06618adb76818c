"""Training pages in Chromium: the wizard, the function editor, and that everybody can use the pages."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from benchmarks.models import BenchmarkFunction, TrainingProject, WizardDraft
from projects.models import Role
from tests.benchmarks.worlds import make_world
from tests.factories import (
    CELL,
    GroupFactory,
    InstanceFactory,
    LabelFactory,
    LabelRowFactory,
    MembershipFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TagFactory,
    TaskFactory,
    UserFactory,
    box,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def admin(organisation):
    return MembershipFactory(
        organisation=organisation, may_create=True, user=UserFactory(name="Ines Calder")
    ).user


@pytest.fixture
def source(organisation, admin):
    """Three usable gold tasks of four."""
    project = ProjectFactory(
        organisation=organisation,
        ontology_version=OntologyVersionFactory(organisation=organisation),
        title="Blood smears, gold",
    )
    ProjectRoleFactory(project=project, user=admin, role=Role.ADMIN)
    for _ in range(3):
        row = LabelRowFactory(task=TaskFactory(project=project, state="completed"))
        LabelFactory(
            instance=InstanceFactory(row=row, review_status="approved"), geometry=box(0.3, 0.3, 0.3, 0.3)
        )
    TaskFactory(project=project)
    return project


@pytest.fixture
def group(organisation):
    """A cohort of two."""
    found = GroupFactory(organisation=organisation, name="Cohort 8 people")
    found.members.set([MembershipFactory(organisation=organisation).user for _ in range(2)])
    return found


def show(page, theme):
    page.evaluate("theme => document.dispatchEvent(new CustomEvent('settheme', {detail: theme}))", theme)


def test_a_training_project_is_made_in_four_steps_and_a_reload_loses_nothing(
    page_as, admin, organisation, source, group
):
    page = page_as(admin)
    page.goto(reverse("benchmarks:projects", args=[organisation.slug]))
    page.get_by_role("link", name="New training project").first.click()
    page.get_by_label("Title").fill("Blood smear boxes, cohort 8")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Blood smear boxes, cohort 8")

    page.get_by_role("button", name="Next: ontology").click()
    page.get_by_role("button", name="Next: training data").click()
    weight = page.get_by_label("IoU points of White blood cell")
    weight.fill("many")
    expect(page.get_by_text("Enter a number.")).to_be_visible()
    weight.fill("300")
    expect(page.get_by_text("Enter a number.")).to_have_count(0)
    expect(page.locator("#total-iou")).to_have_text("900")
    expect(page.locator("#wizard-data-summary")).to_have_text("1 source · 3 gold tasks · 3 labels")

    page.get_by_role("button", name="Next: trainees").click()
    page.get_by_role("button", name="Add Cohort 8 people").click()
    expect(page.get_by_text("3 gold tasks × 2 annotators = 6 tasks")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(weight).to_have_value("300")
    page.get_by_role("button", name="Next: trainees").click()
    page.get_by_role("button", name="Create training program").click()
    page.get_by_role("dialog").get_by_role("button", name="Create training program").click()

    expect(page.get_by_role("heading", name="Blood smear boxes, cohort 8")).to_be_visible()
    training = TrainingProject.objects.get()
    assert training.copies.count() == 6
    assert training.publication.function.settings["weights"][f"iou:{CELL}"] == 300


def test_searching_for_trainees_keeps_the_focus(page_as, admin, organisation, source, group):
    draft = WizardDraft.objects.create(
        organisation=organisation,
        user=admin,
        answers={
            "details": {"title": "Cohort 8"},
            "ontology": source.ontology_version.canonical_digest,
            "data": {
                source.ontology_version.canonical_digest: {"sources": [str(source.uuid)], "function": {}}
            },
        },
    )
    page = page_as(admin)
    page.goto(reverse("benchmarks:wizard_step", args=[organisation.slug, draft.uuid, "trainees"]))

    page.get_by_label("Search people and groups").press_sequentially("cohort 8", delay=60)

    expect(page.get_by_role("button", name="Add Cohort 8 people")).to_be_visible()
    expect(page.get_by_role("button", name="Add Person")).to_have_count(0)
    expect(page.get_by_label("Search people and groups")).to_be_focused()


def test_the_function_editor_strikes_old_values_through_and_asks_before_leaving(page_as):
    world = make_world(items=2)
    page = page_as(world.admin)
    page.goto(reverse("benchmarks:function", args=[world.project.organisation.slug, world.project.uuid]))
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("IoU points of White blood cell").fill("300")
    expect(page.locator("del").first).to_have_text("100")

    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Discard").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]

    page.get_by_label("Reason for the change").fill("White cells decide")
    page.get_by_role("button", name="Save as v2").click()
    expect(page.get_by_text("Version 2 is saved, scores still use version 1")).to_be_visible()
    assert BenchmarkFunction.objects.get(number=2).reason == "White cells decide"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible_and_never_wider_than_the_screen(
    page_as, admin, organisation, source, group, axe, theme, width
):
    TagFactory(organisation=organisation)
    world = make_world(items=2, organisation=organisation)
    world.join(Role.ADMIN, user=admin)
    world.join()
    place = [organisation.slug, world.project.uuid]
    draft = WizardDraft.objects.create(
        organisation=organisation,
        user=admin,
        answers={
            "details": {"title": "Cohort 8"},
            "ontology": source.ontology_version.canonical_digest,
            "data": {
                source.ontology_version.canonical_digest: {
                    "sources": [str(source.uuid)],
                    "function": {},
                }
            },
            "trainees": {"people": {}, "groups": {str(group.uuid): "annotator"}},
        },
    )
    page = page_as(admin, viewport={"width": width, "height": 900})
    steps = ("details", "ontology", "data", "trainees")
    for address in (
        reverse("benchmarks:projects", args=[organisation.slug]),
        *(reverse("benchmarks:wizard_step", args=[organisation.slug, draft.uuid, step]) for step in steps),
        *(
            reverse(f"benchmarks:{name}", args=place)
            for name in ("settings", "gold", "function", "function_edit", "danger")
        ),
        reverse("projects:team", args=place),
    ):
        page.goto(address)
        show(page, theme)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
