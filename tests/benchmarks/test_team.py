"""The team page of a training project: who knows the gold, what leaving costs, and who may do what."""

import pytest
from django.urls import reverse

from benchmarks.models import TaskCopy
from benchmarks.team import notes_about
from projects.models import ProjectRole, Role
from projects.workflow import Move, advance
from tests.benchmarks.worlds import make_world
from tests.factories import (
    GroupFactory,
    LabelRowFactory,
    MembershipFactory,
    ProjectRoleFactory,
    SourceProjectFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    world = make_world(items=3)
    client.force_login(world.admin)
    return world


def url(world, name="team", *rest):
    return reverse(f"projects:{name}", args=[world.project.organisation.slug, world.project.uuid, *rest])


def test_who_knows_the_gold_is_marked_with_what_they_saw(client, world):
    source = SourceProjectFactory(training=world.training).project
    source.title = "Smears"
    source.save()
    trainee = world.join()
    ProjectRoleFactory(project=source, user=trainee, role=Role.REVIEWER, ended_at=source.created_at)

    page = client.get(url(world)).content.decode()

    assert "Knows the gold" in page
    assert "Was a reviewer of Smears: saw the gold labels they reviewed" in page


def test_the_question_before_removing_says_how_many_tasks_hold_drafts(client, world):
    trainee = world.join()
    first, second, _ = world.copies(trainee)
    LabelRowFactory(task=first.task, revision=3)
    advance(second.task, Move.SUBMIT, actor=trainee)

    note = notes_about(world.project, [trainee])[trainee.pk]

    assert note.leaving == (
        "2 tasks that are not submitted will be withdrawn; 1 of them holds a draft. Coming back to the project "
        "brings them back, with their drafts. 1 task they submitted stays."
    )
    assert note.leaving in client.get(url(world)).content.decode()


def test_people_added_on_the_page_get_their_copies(client, world):
    person = MembershipFactory(organisation=world.project.organisation).user

    client.post(url(world, "team_add"), {"people": [person.uuid], "role": "annotator"})

    assert TaskCopy.objects.filter(annotator=person).count() == 3


def test_removing_somebody_on_the_page_withdraws_their_open_copies(client, world):
    trainee = world.join()

    client.post(url(world, "team_remove", trainee.uuid))

    assert set(world.states(trainee)) == {"withdrawn"}


def test_a_team_manager_invites_annotators_only(client, world):
    manager = world.join(Role.TEAM_MANAGER)
    person = MembershipFactory(organisation=world.project.organisation).user
    client.force_login(manager)

    client.post(url(world, "team_add"), {"people": [person.uuid], "role": "team_manager"})
    assert not ProjectRole.objects.filter(user=person).exists()
    client.post(url(world, "team_add"), {"people": [person.uuid], "role": "annotator"})
    assert ProjectRole.objects.get(user=person).role == "annotator"


def test_a_team_manager_cannot_remove_or_change_anybody(client, world):
    trainee = world.join()
    client.force_login(world.join(Role.TEAM_MANAGER))

    assert client.post(url(world, "team_remove", trainee.uuid)).status_code == 403
    assert client.post(url(world, "team_change", trainee.uuid), {"role": "team_manager"}).status_code == 403
    assert set(world.states(trainee)) == {"assigned"}


def test_an_annotator_has_no_team_page(client, world):
    client.force_login(world.join())

    assert client.get(url(world)).status_code == 403


def test_the_team_page_costs_the_same_for_two_and_for_twenty(client, world, django_assert_max_num_queries):
    def fill(count):
        for _ in range(count):
            world.join()

    fill(2)
    with django_assert_max_num_queries(60) as few:
        client.get(url(world))
    fill(18)
    with django_assert_max_num_queries(len(few)):
        client.get(url(world))


def test_the_question_before_a_group_goes_counts_drafts_of_those_it_takes_out(client, world):
    group = GroupFactory(organisation=world.project.organisation)
    only_here, also_directly = world.join(), world.join()
    ProjectRole.objects.filter(user=only_here).update(group=group, group_name=group.name)
    ProjectRoleFactory(project=world.project, user=also_directly, group=group)
    for person in (only_here, also_directly):
        LabelRowFactory(task=world.copies(person)[0].task, revision=2)

    assert "1 of them holds a draft" in client.get(url(world)).content.decode()


def test_that_leads_know_the_gold_is_no_news(client, world):
    source = SourceProjectFactory(training=world.training).project
    ProjectRoleFactory(project=source, user=world.admin, role=Role.ADMIN)

    assert "Knows the gold" not in client.get(url(world)).content.decode()
