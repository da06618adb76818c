"""Projects > Training: how far, how good, what needs attention; a trainee's rows are about themselves."""

import re

import pytest
from django.urls import reverse

from benchmarks.models import Evaluation, TaskScore
from benchmarks.operations.enrolment import CLONE
from benchmarks.sums import add_evaluations, add_up_again
from jobs.models import Job
from projects.models import Project, Role
from projects.workflow import Move, advance
from tests.benchmarks.worlds import make_world
from tests.factories import (
    EvaluationFactory,
    JobFactory,
    MembershipFactory,
    OrganisationFactory,
    SubmissionFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def world(organisation, client):
    world = make_world(items=2, organisation=organisation)
    Project.objects.filter(pk=world.project.pk).update(title="Cohort 7")
    world.project.refresh_from_db()
    client.force_login(world.admin)
    return world


def page(client, organisation, **query):
    headers = query.pop("headers", None)
    answer = client.get(reverse("benchmarks:projects", args=[organisation.slug]), query, headers=headers)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def hand_in(world, copy, earned=None, available=100.0, state="done"):
    advance(copy.task, Move.SUBMIT, actor=copy.annotator)
    evaluation = EvaluationFactory(
        copy=copy,
        submission=SubmissionFactory(task=copy.task, submitted_by=copy.annotator),
        gold_version=world.gold_version,
        gold_task=copy.item.gold_tasks.get(),
        comparison_key=world.publication.comparison_key,
        engine_version=world.publication.engine_version,
        state=state,
    )
    if earned is not None:
        TaskScore.objects.create(
            evaluation=evaluation, function=world.function, earned=earned, available=available
        )
        add_evaluations(world.publication, [evaluation.pk])
    return evaluation


def test_a_row_says_how_far_how_many_and_how_good(client, world, organisation):
    one, two = world.join(), world.join()
    hand_in(world, world.copies(one)[0], earned=80)
    hand_in(world, world.copies(two)[0], earned=60)

    content = page(client, organisation)

    assert "Cohort 7" in content
    assert "<strong>2</strong> of 4" in content
    assert "70.0" in content  # (80 + 60) / 200, not a mean of anything
    assert '<td class="number training-people">2<' in content


def test_a_score_of_another_function_version_is_not_shown(client, world, organisation):
    trainee = world.join()
    evaluation = hand_in(world, world.copies(trainee)[0], earned=80)
    Evaluation.objects.filter(pk=evaluation.pk).update(comparison_key="f" * 64)
    add_up_again(world.publication)

    assert "80.0" not in page(client, organisation)


def test_a_running_clone_and_failed_evaluations_are_visible(client, world, organisation):
    trainee = world.join()
    hand_in(world, world.copies(trainee)[0], state="failed")
    assert "1 not scored" in page(client, organisation)

    job = JobFactory(
        running=True,
        organisation=organisation,
        kind=CLONE,
        root_id=str(world.project.uuid),
        arguments={"copies": 12_000},
        progress_done=8_412,
        progress_total=12_000,
    )
    content = page(client, organisation)
    assert "Cloning 8,412 of 12,000" in content
    row = client.get(reverse("benchmarks:project_row", args=[organisation.slug, world.project.uuid]))
    assert "Cloning 8,412 of 12,000" in re.sub(r"\s+", " ", row.content.decode())

    Job.objects.filter(pk=job.pk).update(state="failed")
    assert "Cloning failed" in page(client, organisation)


def test_a_trainees_row_counts_their_own_tasks_only(client, world, organisation):
    me, other = world.join(), world.join()
    for copy in world.copies(other):
        hand_in(world, copy, earned=37)
    hand_in(world, world.copies(me)[0], state="failed")
    client.force_login(me)

    content = page(client, organisation)

    assert "<strong>1</strong> of 2" in content
    assert "not scored" not in content
    assert "37.0" not in content
    assert "No projects match" in page(client, organisation, state="attention")


def test_a_trainee_sees_no_other_tab_and_no_new_button(client, world, organisation):
    client.force_login(world.join())

    content = page(client, organisation)

    assert "Manual QA" not in content
    assert "New training project" not in content


def test_a_project_without_a_role_is_not_listed(client, world, organisation):
    client.force_login(MembershipFactory(organisation=organisation).user)

    assert "Cohort 7" not in page(client, organisation)


def test_several_tags_are_all_needed(client, world, organisation):
    red, blue = TagFactory(organisation=organisation), TagFactory(organisation=organisation)
    world.project.tags.set([red])

    assert "Cohort 7" in page(client, organisation, tag=str(red.uuid))
    world.project.tags.set([red, blue])
    assert "Cohort 7" in page(client, organisation, tag=[str(red.uuid), str(blue.uuid)])
    world.project.tags.set([blue])
    other = make_world(items=1, organisation=organisation)
    other.join(Role.ADMIN, user=world.admin)
    other.project.tags.set([red])
    assert "No projects match" in page(client, organisation, tag=[str(red.uuid), str(blue.uuid)])


@pytest.mark.parametrize(("submitted", "state"), [(0, "not_started"), (1, "running"), (2, "finished")])
def test_states_are_filtered(client, world, organisation, submitted, state):
    trainee = world.join()
    for copy in world.copies(trainee)[:submitted]:
        hand_in(world, copy, earned=50)

    for wanted in ("not_started", "running", "finished"):
        assert ("Cohort 7" in page(client, organisation, state=wanted)) == (wanted == state)


def test_needs_attention_finds_failed_evaluations(client, world, organisation):
    assert "No projects match" in page(client, organisation, state="attention")
    hand_in(world, world.copies(world.join())[0], state="failed")
    assert "Cohort 7" in page(client, organisation, state="attention")


def test_search_finds_words_of_title_and_description(client, world, organisation):
    assert "Cohort 7" in page(client, organisation, q="cohort")
    assert "No projects match" in page(client, organisation, q="platelet")


def test_the_region_is_the_same_in_a_fragment_and_in_the_page(client, world, organisation):
    fragment = page(client, organisation, headers={"HX-Request": "true"}).strip()

    assert fragment.startswith("{# ") is False
    assert fragment in page(client, organisation)


def test_owners_see_projects_they_have_no_role_in_and_may_join(client, world, organisation):
    client.force_login(MembershipFactory(organisation=organisation, admin=True).user)

    assert "Join as admin" in page(client, organisation)


def test_the_page_costs_the_same_for_two_and_for_twelve(
    client, world, organisation, django_assert_num_queries
):
    def fill(count):
        for _ in range(count):
            other = make_world(items=1, organisation=organisation)
            other.join(Role.ADMIN, user=world.admin)
            other.join()

    fill(1)
    with django_assert_num_queries(33, exact=False) as few:
        page(client, organisation)
    fill(10)
    with django_assert_num_queries(len(few), exact=False):
        page(client, organisation)
