"""Who has copies of the gold items, and what happens to them when roles change."""

import pytest

from accounts.models import AuditEvent
from benchmarks.models import TaskCopy
from benchmarks.operations import enrolment
from benchmarks.operations.enrolment import (
    NotAnAnnotator,
    open_copies_with_drafts,
    restore_copy,
    running_clone,
    withdraw_copy,
)
from jobs.models import Job
from projects.models import Role, Task, TaskEvent
from projects.workflow import IllegalMove, Move, advance
from tests.benchmarks.worlds import make_world
from tests.factories import GoldItemFactory, GroupFactory, LabelRowFactory, ProjectRoleFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_every_annotator_gets_a_copy_of_every_item():
    world = make_world(items=4)
    people = [world.join() for _ in range(4)]

    assert TaskCopy.objects.count() == Task.objects.filter(kind="copy").count() == 16
    copy = world.copies(people[0])[0]
    assert (copy.task.state, copy.task.assignee, copy.task.file) == ("assigned", people[0], copy.item.file)
    assert len({task.uuid for task in Task.objects.all()}) == 16


def test_admins_and_team_managers_get_no_copies():
    world = make_world()
    manager = world.join(Role.TEAM_MANAGER)
    world.sync(world.admin)

    assert world.copies(manager) == world.copies(world.admin) == []


def test_somebody_who_is_annotator_and_admin_gets_no_copies():
    world = make_world()
    person = UserFactory()
    group = GroupFactory(organisation=world.project.organisation)
    ProjectRoleFactory(project=world.project, user=person, role=Role.ANNOTATOR, group=group)
    world.join(Role.ADMIN, user=person)

    assert world.copies(person) == []


def test_adding_somebody_twice_adds_one_copy_of_each():
    world = make_world(items=2)
    person = world.join()
    group = GroupFactory(organisation=world.project.organisation)
    ProjectRoleFactory(project=world.project, user=person, role=Role.ANNOTATOR, group=group)

    world.sync(person)
    world.sync(person)

    assert len(world.copies(person)) == 2


def test_new_items_reach_only_those_who_are_synced_and_only_the_missing_ones():
    world = make_world(items=2)
    person = world.join()
    GoldItemFactory(training=world.training)

    world.sync(person)

    assert len(world.copies(person)) == 3


def test_the_order_of_copies_is_random_per_annotator():
    world = make_world(items=12)
    orders = {tuple(copy.item_id for copy in world.copies(world.join())) for _ in range(4)}

    assert len(orders) > 1
    assert all(sorted(order) == sorted(item.pk for item in world.items) for order in orders)


def test_leaving_withdraws_open_copies_and_keeps_submissions():
    world = make_world(items=3)
    person = world.join()
    opened, submitted, _ = world.copies(person)
    advance(opened.task, Move.OPEN, actor=person)
    advance(submitted.task, Move.SUBMIT, actor=person)

    world.leave(person)

    assert sorted(world.states(person)) == ["submitted", "withdrawn", "withdrawn"]
    assert TaskEvent.objects.filter(move="withdraw", actor=world.admin).count() == 2


def test_coming_back_restores_each_copy_to_where_it_was():
    world = make_world(items=3)
    person = world.join()
    opened, submitted, _ = world.copies(person)
    advance(opened.task, Move.OPEN, actor=person)
    advance(submitted.task, Move.SUBMIT, actor=person)
    world.leave(person)

    world.join(user=person)

    assert sorted(world.states(person)) == ["assigned", "in_progress", "submitted"]
    opened.refresh_from_db()
    assert opened.task.state == "in_progress"
    assert not opened.withdrawn_by_leaving


def test_coming_back_does_not_restore_what_a_lead_withdrew():
    world = make_world(items=2)
    person = world.join()
    withdraw_copy(copy=world.copies(person)[0], actor=world.admin)
    world.leave(person)

    world.join(user=person)

    assert sorted(world.states(person)) == ["assigned", "withdrawn"]


def test_becoming_team_manager_withdraws_open_copies():
    world = make_world(items=2)
    person = world.join()
    world.project.roles.filter(user=person).update(role=Role.TEAM_MANAGER)

    world.sync(person)

    assert world.states(person) == ["withdrawn", "withdrawn"]


def test_a_lead_withdraws_and_restores_a_copy():
    world = make_world(items=1)
    person = world.join()
    (copy,) = world.copies(person)
    advance(copy.task, Move.OPEN, actor=person)

    withdraw_copy(copy=copy, actor=world.admin)
    assert world.states(person) == ["withdrawn"]
    restore_copy(copy=copy, actor=world.admin)

    assert world.states(person) == ["in_progress"]
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"withdraw copy", "restore copy"}


def test_a_submitted_copy_cannot_be_withdrawn():
    world = make_world(items=1)
    person = world.join()
    (copy,) = world.copies(person)
    advance(copy.task, Move.SUBMIT, actor=person)

    with pytest.raises(IllegalMove):
        withdraw_copy(copy=copy, actor=world.admin)


def test_a_copy_of_somebody_who_left_cannot_be_restored():
    world = make_world(items=1)
    person = world.join()
    world.leave(person)

    with pytest.raises(NotAnAnnotator):
        restore_copy(copy=world.copies(person)[0], actor=world.admin)


def test_the_confirmation_knows_how_many_open_copies_hold_drafts():
    world = make_world(items=3)
    person = world.join()
    first, second, third = world.copies(person)
    LabelRowFactory(task=first.task, revision=4)
    LabelRowFactory(task=second.task, revision=0)
    LabelRowFactory(task=third.task, revision=2)
    advance(third.task, Move.SUBMIT, actor=person)

    assert open_copies_with_drafts(world.training, [person.pk]) == 1


def test_a_large_clone_is_a_job_with_progress(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(enrolment, "COPIES_IN_REQUEST", 5)
    monkeypatch.setattr(enrolment, "COPIES_AT_ONCE", 4)
    world = make_world(items=2)
    people = UserFactory.create_batch(5)
    for person in people:
        ProjectRoleFactory(project=world.project, user=person)

    job = world.sync(*people)

    assert TaskCopy.objects.count() == 0
    assert running_clone(world.training) == job
    job.state, job.run = "running", 1
    job.save()
    assert enrolment.clone(job) == {"copies": 10}
    job.refresh_from_db()
    assert (job.progress_done, job.progress_total) == (10, 10)
    assert enrolment.clone(job) == {"copies": 0}
    assert TaskCopy.objects.count() == 10


def test_whoever_leaves_before_the_clone_runs_gets_no_copies(monkeypatch):
    monkeypatch.setattr(enrolment, "COPIES_IN_REQUEST", 1)
    world = make_world(items=2)
    stays, leaves = UserFactory.create_batch(2)
    for person in (stays, leaves):
        ProjectRoleFactory(project=world.project, user=person)
    job = world.sync(stays, leaves)
    world.leave(leaves)
    Job.objects.filter(pk=job.pk).update(state="running", run=1)
    job.refresh_from_db()

    enrolment.clone(job)

    assert len(world.copies(stays)) == 2
    assert world.copies(leaves) == []


def test_cloning_costs_the_same_number_of_statements_for_any_number_of_people(
    django_assert_num_queries, django_assert_max_num_queries
):
    world = make_world(items=5)
    few, many = UserFactory.create_batch(2), UserFactory.create_batch(20)
    for person in few + many:
        ProjectRoleFactory(project=world.project, user=person)

    with django_assert_max_num_queries(25) as first:
        world.sync(*few)
    with django_assert_num_queries(len(first)):
        world.sync(*many)
