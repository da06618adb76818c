"""Settings of a training project: options, gold, danger zone."""

import io

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from benchmarks.models import TrainingProject
from projects.models import Project, Role
from tests.benchmarks.worlds import make_world
from tests.factories import MembershipFactory, TagFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    world = make_world(items=3)
    client.force_login(world.admin)
    return world


def url(world, name="settings"):
    return reverse(f"benchmarks:{name}", args=[world.project.organisation.slug, world.project.uuid])


def test_title_description_and_tags_are_changed(client, world):
    tag = TagFactory(organisation=world.project.organisation)

    client.post(url(world, "settings_describe"), {"title": "Cohort 9", "description": "", "tags": [tag.uuid]})

    project = Project.objects.get(pk=world.project.pk)
    assert (project.title, list(project.tags.all())) == ("Cohort 9", [tag])


def test_an_empty_title_is_refused_and_the_description_stays(client, world):
    answer = client.post(url(world, "settings_describe"), {"title": " ", "description": "All about it"})

    assert answer.status_code == 422
    assert "All about it" in answer.content.decode()


def test_the_feedback_policy_is_saved_and_audited(client, world):
    client.post(
        url(world, "settings_feedback"),
        {"level": "per_class", "moment": "after_last_task", "pass_mark": "82.5"},
    )

    training = TrainingProject.objects.get()
    assert (training.feedback_level, training.feedback_moment) == ("per_class", "after_last_task")
    assert training.pass_mark == 82.5
    event = AuditEvent.objects.get(action="change feedback and pass mark")
    assert (event.before["feedback_level"], event.after["feedback_level"]) == ("none", "per_class")


def test_scores_are_released_by_hand_only_when_the_policy_says_so(client, world):
    posted = {"level": "total", "moment": "when_released", "is_released": "on"}
    client.post(url(world, "settings_feedback"), posted)
    assert TrainingProject.objects.get().feedback_released_at is not None

    client.post(url(world, "settings_feedback"), posted | {"moment": "at_once"})
    assert TrainingProject.objects.get().feedback_released_at is None


@pytest.mark.parametrize(
    "posted",
    [
        {"level": "everything", "moment": "at_once"},
        {"level": "total", "moment": "never"},
        {"level": "total", "moment": "at_once", "pass_mark": "101"},
        {"level": "total", "moment": "at_once", "pass_mark": "NaN"},
        {"level": "total", "moment": "at_once", "pass_mark": "-1"},
        {"level": "total", "moment": "at_once", "pass_mark": "many"},
    ],
)
def test_a_policy_that_is_none_changes_nothing(client, world, posted):
    assert client.post(url(world, "settings_feedback"), posted).status_code == 422
    assert TrainingProject.objects.get().feedback_level == "none"


def test_instructions_are_text_or_a_pdf(client, world):
    client.post(url(world, "settings_instructions"), {"markdown": "# Tight boxes"})
    assert world.project.instructions.markdown == "# Tight boxes"

    pdf = io.BytesIO(b"%PDF-1.4\n1 0 obj\n%%EOF")
    pdf.name = "Guide.pdf"
    client.post(url(world, "settings_instructions"), {"markdown": "", "pdf": pdf})
    world.project.instructions.refresh_from_db()
    assert world.project.instructions.pdf_name == "Guide.pdf"


def test_a_fake_pdf_is_refused(client, world):
    fake = io.BytesIO(b"<script>")
    fake.name = "Guide.pdf"

    answer = client.post(url(world, "settings_instructions"), {"markdown": "", "pdf": fake})

    assert answer.status_code == 422
    assert "not a complete PDF" in answer.content.decode()


def test_gold_lists_versions_sources_and_tasks(client, world):
    page = client.get(url(world, "gold")).content.decode()

    assert "Scores use this" in page
    assert "3 gold tasks" in page
    region = client.get(
        url(world, "gold"), {"q": world.items[0].file.title}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "1 gold task" in region
    assert "<html" not in region


def test_the_project_is_deleted_after_its_title_was_typed(client, world):
    world.join()
    wrong = client.post(url(world, "danger"), {"title": "Something else"})
    assert wrong.status_code == 422
    assert TrainingProject.objects.exists()

    answer = client.post(url(world, "danger"), {"title": world.project.title})

    assert answer.url == reverse("benchmarks:projects", args=[world.project.organisation.slug])
    assert not TrainingProject.objects.exists()


def test_leads_see_the_pictures_of_the_gold_and_strangers_do_not(client, world):
    address = reverse("datasets:thumbnail", args=[world.project.organisation.slug, world.items[0].file.uuid])
    assert client.get(address).status_code == 200

    client.force_login(world.join(Role.TEAM_MANAGER))
    assert client.get(address).status_code == 200

    client.force_login(MembershipFactory(organisation=world.project.organisation).user)
    assert client.get(address).status_code == 404


PAGES = ["settings", "gold", "danger"]
VERBS = ["settings_describe", "settings_feedback", "settings_instructions", "danger"]


@pytest.mark.parametrize("role", [Role.TEAM_MANAGER, Role.ANNOTATOR])
def test_only_admins_have_settings(client, world, role):
    client.force_login(world.join(role))

    assert {client.get(url(world, name)).status_code for name in PAGES} == {403}
    assert {client.post(url(world, name), {"title": world.project.title}).status_code for name in VERBS} == {
        403
    }
    assert TrainingProject.objects.exists()


def test_the_settings_tab_of_a_team_manager_leads_to_the_function(client, world):
    client.force_login(world.join(Role.TEAM_MANAGER))

    page = client.get(url(world, "function")).content.decode()

    assert f'href="{url(world, "function")}" aria-current="page">Settings' in page
    assert f'href="{url(world, "settings")}"' not in page
