"""Overview and Queue say how far the copies are that were asked for, and leads try a failed clone again."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from benchmarks.operations.enrolment import CLONE
from jobs.models import Job
from projects.models import Role
from tests.benchmarks.worlds import make_world
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(client):
    world = make_world(items=1)
    client.force_login(world.join(Role.TEAM_MANAGER))
    return world


def address(world, name):
    return reverse(f"benchmarks:{name}", args=[world.project.organisation.slug, world.project.uuid])


def clone_of(world, **fields):
    return JobFactory(
        organisation=world.project.organisation,
        kind=CLONE,
        root_id=str(world.project.uuid),
        title="Clone 40 tasks",
        created_by=world.admin,
        **fields,
    )


@pytest.mark.parametrize("page", ["overview", "queue"])
def test_a_running_clone_is_on_the_page_and_looks_again(client, world, page):
    clone_of(world, running=True, progress_done=8_412, progress_total=12_000)

    answer = client.get(address(world, page))

    assertContains(answer, "8,412 of 12,000")
    assertContains(answer, f'hx-get="{address(world, "clone")}"')


@pytest.mark.parametrize("page", ["overview", "queue"])
def test_a_clone_that_is_done_is_not_on_the_page(client, world, page):
    clone_of(world, done=True)
    assertNotContains(client.get(address(world, page)), "Clone 40 tasks")


@pytest.mark.parametrize("page", ["overview", "queue"])
def test_a_failed_clone_says_why_and_offers_another_try_to_a_lead_who_did_not_ask_for_it(client, world, page):
    job = clone_of(world, failed=True)
    answer = client.get(address(world, page))
    assertContains(answer, "The file is empty.")
    assertContains(answer, f'hx-post="{address(world, "retry_clone")}"')

    again = client.post(address(world, "retry_clone"), headers=HTMX)

    assert Job.objects.get(pk=job.pk).state == "pending"
    assertContains(again, f'hx-get="{address(world, "clone")}"')
    assertRedirects(client.post(address(world, "retry_clone")), address(world, "overview"))


def test_the_region_tells_the_page_only_when_the_clone_has_ended(client, world):
    job = clone_of(world, running=True, progress_done=1, progress_total=40)
    answer = client.get(address(world, "clone"), headers=HTMX)
    assert "HX-Trigger" not in answer
    Job.objects.filter(pk=job.pk).update(state="done")

    answer = client.get(address(world, "clone"), headers=HTMX)

    assert answer["HX-Trigger"] == "clone-ended"
    assertContains(answer, "Everybody has their tasks.")
    for page in ("overview", "queue"):
        assertContains(client.get(address(world, page)), "clone-ended from:body")


def test_without_any_clone_there_is_nothing_to_see_or_try(client, world):
    assert client.get(address(world, "clone"), headers=HTMX).content.strip() == b""
    assertRedirects(client.post(address(world, "retry_clone")), address(world, "overview"))


def test_the_list_of_projects_leads_to_the_project_when_cloning_failed(client, world):
    clone_of(world, failed=True)
    answer = client.get(reverse("benchmarks:projects", args=[world.project.organisation.slug]))
    assertContains(answer, f'<a class="chip chip-bad" href="{address(world, "overview")}">')
