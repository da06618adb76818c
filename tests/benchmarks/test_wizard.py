"""New training project: four steps that lose nothing."""

import io
import re
from uuid import uuid4

import pytest
from django.urls import reverse

from benchmarks.models import TaskCopy, TrainingProject, WizardDraft
from projects.models import Role
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
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def admin(organisation, client):
    person = MembershipFactory(organisation=organisation, may_create=True).user
    client.force_login(person)
    return person


@pytest.fixture
def source(organisation, admin):
    project = ProjectFactory(
        organisation=organisation,
        ontology_version=OntologyVersionFactory(organisation=organisation),
        title="Blood smears, gold",
    )
    ProjectRoleFactory(project=project, user=admin, role=Role.ADMIN)
    for _ in range(3):
        row = LabelRowFactory(task=TaskFactory(project=project, state="completed"))
        LabelFactory(instance=InstanceFactory(row=row, review_status="approved"))
    TaskFactory(project=project, state="queued")
    return project


@pytest.fixture
def draft(organisation, admin, source):
    return WizardDraft.objects.create(
        organisation=organisation,
        user=admin,
        answers={"details": {"title": "Cohort 8"}, "ontology": source.ontology_version.canonical_digest},
    )


def url(draft, step, name="wizard_step"):
    return reverse(f"benchmarks:{name}", args=[draft.organisation.slug, draft.uuid, step])


def data_of(draft, source, **typed):
    """Step 3 as a browser sends it, read from the page."""
    return {"sources": [str(source.uuid)], **typed}


def fields_on(client, draft):
    """Name -> value of every number field and switch of step 3, as the page shows them."""
    page = client.get(url(draft, "data")).content.decode()
    numbers = re.findall(r'inputmode="decimal" name="([^"]+)" value="([^"]*)"', page)
    switches = re.findall(r'class="switch" type="checkbox" name="([^"]+)"[^>]*checked', page)
    return dict(numbers) | dict.fromkeys(switches, "on") | {"type": "dynamic"}


def test_the_first_save_makes_the_draft_and_names_its_address(client, admin, organisation):
    page = client.get(reverse("benchmarks:wizard", args=[organisation.slug]))
    assert page.status_code == 200
    assert not WizardDraft.objects.exists()
    autosave = re.search(r'hx-post="([^"]+/details/draft/)"', page.content.decode()).group(1)

    answer = client.post(autosave, {"title": "Cohort 8", "description": ""}, headers={"HX-Request": "true"})

    draft = WizardDraft.objects.get()
    assert draft.answers["details"]["title"] == "Cohort 8"
    assert answer.headers["HX-Replace-Url"] == url(draft, "details")
    assert "Draft saved" in answer.content.decode()
    assert "Cohort 8" in client.get(url(draft, "details")).content.decode()


def test_a_title_is_needed_and_what_was_typed_stays(client, admin, organisation, source):
    draft = WizardDraft(uuid=uuid4(), organisation=organisation)
    tag = TagFactory(organisation=organisation)

    page = client.post(
        url(draft, "details"), {"title": "", "description": "All about it", "tags": [tag.uuid]}
    )

    assert page.status_code == 422
    assert "This field is required." in page.content.decode()
    assert "All about it" in page.content.decode()
    assert WizardDraft.objects.get().answers["details"]["tags"] == [str(tag.uuid)]


def test_a_title_that_is_too_long_is_refused(client, draft):
    page = client.post(url(draft, "details"), {"title": "x" * 121})

    assert page.status_code == 422
    assert "x" * 121 in page.content.decode()


def test_steps_follow_one_another(client, draft, source):
    assert client.post(url(draft, "details"), {"title": "Cohort 8"}).url == url(draft, "ontology")
    digest = source.ontology_version.canonical_digest
    assert client.post(url(draft, "ontology"), {"ontology": digest}).url == url(draft, "data")
    posted = data_of(draft, source, **fields_on(client, draft))
    assert client.post(url(draft, "data"), posted).url == url(draft, "trainees")


def test_a_step_cannot_be_opened_before_the_earlier_ones_are_finished(client, draft):
    draft.answers = {}
    draft.save()

    assert client.get(url(draft, "trainees")).url == url(draft, "details")


def test_back_keeps_what_was_typed_even_when_it_is_wrong(client, draft, source):
    posted = data_of(draft, source, **(fields_on(client, draft) | {f"weight:iou:{CELL}": "abc"}))

    assert client.post(url(draft, "data"), posted | {"back": "1"}).url == url(draft, "ontology")
    assert 'value="abc"' in client.get(url(draft, "data")).content.decode()


@pytest.mark.parametrize("typed", ["abc", "-5", "NaN", "1e999", "99999999999"])
def test_a_weight_that_is_none_is_refused_beside_its_field(client, draft, source, typed):
    posted = data_of(draft, source, **(fields_on(client, draft) | {f"weight:iou:{CELL}": typed}))

    page = client.post(url(draft, "data"), posted)

    assert page.status_code == 422
    content = page.content.decode()
    assert f'value="{typed}"' in content
    assert re.search(rf'id="error-weight:iou:{CELL}">[A-Z]', content)


def test_a_source_is_needed(client, draft, source):
    page = client.post(url(draft, "data"), fields_on(client, draft))

    assert page.status_code == 422
    assert "Choose at least one source" in page.content.decode()


def test_a_source_without_usable_task_is_an_error_and_cannot_be_ticked(
    client, draft, source, admin, organisation
):
    empty = ProjectFactory(
        organisation=organisation, ontology_version=source.ontology_version, title="Night shift"
    )
    ProjectRoleFactory(project=empty, user=admin, role=Role.ADMIN)
    TaskFactory(project=empty)

    content = client.get(url(draft, "data")).content.decode()

    assert "No task In review or Completed" in content
    assert re.search(rf'value="{empty.uuid}"[^>]*disabled', content)
    page = client.post(url(draft, "data"), fields_on(client, draft) | {"sources": [str(empty.uuid)]})
    assert page.status_code == 422


def test_below_100_percent_a_recommendation_is_shown(client, draft):
    assert "Better wait for 100 %: 1 left" in client.get(url(draft, "data")).content.decode()


def test_typing_a_weight_answers_with_the_figures_it_changes(client, draft, source):
    posted = data_of(draft, source, **(fields_on(client, draft) | {f"weight:iou:{CELL}": "900"}))

    answer = client.post(url(draft, "data", "wizard_autosave"), posted, headers={"HX-Request": "true"})

    content = answer.content.decode()
    assert '<span id="total-iou" hx-swap-oob="true">2,700</span>' in content  # 3 gold labels x 900
    assert "1 source · 3 gold tasks · 3 labels" in content


def test_the_worked_example_shows_a_real_label_with_its_points(client, draft, source):
    client.post(url(draft, "data"), data_of(draft, source, **fields_on(client, draft)))

    content = client.get(url(draft, "data")).content.decode()

    assert "A real white blood cell from the chosen gold" in content
    assert "Label score" in content


def test_choosing_another_ontology_and_coming_back_loses_nothing(client, draft, source, admin, organisation):
    posted = data_of(draft, source, **(fields_on(client, draft) | {f"weight:iou:{CELL}": "77"}))
    client.post(url(draft, "data"), posted)
    other = OntologyVersionFactory(organisation=organisation, canonical_digest="1" * 64)
    project = ProjectFactory(organisation=organisation, ontology_version=other)
    ProjectRoleFactory(project=project, user=admin, role=Role.ADMIN)

    client.post(url(draft, "ontology"), {"ontology": "1" * 64})
    client.post(url(draft, "ontology"), {"ontology": source.ontology_version.canonical_digest})

    assert 'value="77"' in client.get(url(draft, "data")).content.decode()


def test_trainees_are_added_and_removed_with_roles(client, draft, source, organisation):
    client.post(url(draft, "data"), data_of(draft, source, **fields_on(client, draft)))
    one, two = (MembershipFactory(organisation=organisation).user for _ in range(2))
    group = GroupFactory(organisation=organisation, name="Cohort 8 people")
    group.members.set([one, two])

    client.post(url(draft, "trainees"), {"add": f"person:{one.uuid}"})
    page = client.post(
        url(draft, "trainees"),
        {f"person-role:{one.uuid}": "team_manager", "add": f"group:{group.uuid}", "stay": "1"},
        headers={"HX-Request": "true"},
    )

    assert "3 gold tasks × 1 annotators" in page.content.decode()
    assert WizardDraft.objects.get().answers["trainees"] == {
        "people": {str(one.uuid): "team_manager"},
        "groups": {str(group.uuid): "annotator"},
    }
    client.post(
        url(draft, "trainees"), {f"person-role:{one.uuid}": "annotator", "remove": f"person:{one.uuid}"}
    )
    assert WizardDraft.objects.get().answers["trainees"]["people"] == {}


def test_trainees_who_know_the_gold_raise_a_warning_that_says_what_they_saw(
    client, draft, source, organisation
):
    client.post(url(draft, "data"), data_of(draft, source, **fields_on(client, draft)))
    reviewer = MembershipFactory(organisation=organisation, user=UserFactory(name="Zofia Nowak")).user
    ProjectRoleFactory(project=source, user=reviewer, role=Role.REVIEWER)

    page = client.post(url(draft, "trainees"), {"add": f"person:{reviewer.uuid}"}, follow=True)

    content = page.content.decode()
    assert "1 of the trainees knows some of the gold" in content
    assert "Is a reviewer of Blood smears, gold: saw the gold labels they reviewed" in content


def test_a_role_that_does_not_exist_or_a_stranger_is_not_added(client, draft, source, organisation):
    client.post(url(draft, "data"), data_of(draft, source, **fields_on(client, draft)))
    member, stranger = MembershipFactory(organisation=organisation).user, UserFactory()
    posted = {f"person-role:{member.uuid}": "owner", f"person-role:{stranger.uuid}": "admin"}

    page = client.post(url(draft, "trainees"), posted, follow=True)

    assert "Nobody yet" in page.content.decode()


def test_create_makes_the_product_once(client, draft, source, organisation):
    client.post(url(draft, "data"), data_of(draft, source, **fields_on(client, draft)))
    people = [MembershipFactory(organisation=organisation).user for _ in range(2)]
    client.post(url(draft, "trainees"), {f"person-role:{one.uuid}": "annotator" for one in people})
    confirmation = re.sub(r"<[^>]+>|\s+", " ", client.get(url(draft, "trainees")).content.decode())
    assert re.search(r"3 +gold tasks +× +times +2 +annotators +=", confirmation)
    create = reverse("benchmarks:wizard_create", args=[organisation.slug, draft.uuid])

    first = client.post(create)
    second = client.post(create)

    training = TrainingProject.objects.get()
    assert (
        first.url
        == second.url
        == reverse("benchmarks:overview", args=[organisation.slug, training.project.uuid])
    )
    assert TaskCopy.objects.count() == 6
    assert client.get(url(draft, "trainees")).url == first.url


def test_a_pdf_is_kept_with_the_draft_and_comes_along(client, draft, source, organisation):
    client.post(url(draft, "data"), data_of(draft, source, **fields_on(client, draft)))
    pdf = io.BytesIO(b"%PDF-1.4\n1 0 obj\n%%EOF")
    pdf.name = "Guide.pdf"
    address = reverse("benchmarks:wizard_pdf", args=[organisation.slug, draft.uuid])

    answer = client.post(address, {"pdf": pdf}, headers={"HX-Request": "true"})
    assert "Guide.pdf" in answer.content.decode()
    client.post(url(draft, "details"), {"title": "Cohort 8", "markdown": "ignored"})
    client.post(reverse("benchmarks:wizard_create", args=[organisation.slug, draft.uuid]))

    assert TrainingProject.objects.get().project.instructions.pdf_name == "Guide.pdf"


def test_a_file_that_is_no_pdf_is_refused(client, draft, organisation):
    fake = io.BytesIO(b"<html>")
    fake.name = "Guide.pdf"

    answer = client.post(
        reverse("benchmarks:wizard_pdf", args=[organisation.slug, draft.uuid]),
        {"pdf": fake},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 422
    assert "not a complete PDF" in answer.content.decode()


def test_a_source_that_was_lost_meanwhile_is_said(client, draft, source, organisation):
    client.post(url(draft, "data"), data_of(draft, source, **fields_on(client, draft)))
    source.roles.update(role=Role.TEAM_MANAGER)

    answer = client.post(reverse("benchmarks:wizard_create", args=[organisation.slug, draft.uuid]))

    assert answer.url == url(draft, "ontology")
    assert not TrainingProject.objects.exists()


def test_somebody_elses_draft_is_absent(client, draft, organisation):
    other = MembershipFactory(organisation=organisation, may_create=True).user
    client.force_login(other)

    assert client.get(url(draft, "details")).status_code == 404
    assert client.post(url(draft, "details"), {"title": "Mine"}).status_code == 404
    draft.refresh_from_db()
    assert draft.answers["details"]["title"] == "Cohort 8"


def test_a_member_who_may_not_create_is_refused(client, draft, organisation):
    client.force_login(MembershipFactory(organisation=organisation).user)

    assert client.get(reverse("benchmarks:wizard", args=[organisation.slug])).status_code == 403


def test_a_draft_waits_on_the_projects_page_and_can_be_discarded(client, draft, organisation):
    page = client.get(reverse("benchmarks:projects", args=[organisation.slug]))
    assert "Cohort 8" in page.content.decode()

    client.post(reverse("benchmarks:wizard_discard", args=[organisation.slug, draft.uuid]))

    assert not WizardDraft.objects.exists()
