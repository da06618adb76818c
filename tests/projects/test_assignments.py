"""First in, first out; two people never get the same task; skipping; what managers do in bulk."""

import threading

import pytest
from django.db import connection

from projects.assignments import (
    IllegalAssignee,
    assign_tasks,
    initiate_task,
    next_task,
    people_who_annotate,
    release_tasks,
    reopen_tasks,
)
from projects.models import Project, Role, Task, TaskEvent, TaskKind, TaskState
from projects.workflow import IllegalMove, skip_task
from tests.factories import ProjectFactory, ProjectRoleFactory, TaskFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


def annotator(project):
    return ProjectRoleFactory(project=project).user


def tasks(project, count, **more):
    return [TaskFactory(project=project, queue_rank=0, **more) for _ in range(count)]


def test_own_returned_then_own_assigned_then_the_oldest_free_task(project):
    person = annotator(project)
    free, another_free = tasks(project, 2)
    (assigned,) = tasks(project, 1, held_by=person)
    (returned,) = tasks(project, 1, held_by=person, state=TaskState.RETURNED)
    tasks(project, 1, held_by=annotator(project))
    offered = []
    for _ in range(4):
        task = next_task(project, person)
        offered.append(task)
        Task.objects.filter(pk=task.pk).update(state=TaskState.IN_REVIEW, assignee=None)
    assert offered == [returned, assigned, free, another_free]
    assert next_task(project, person) is None


def test_a_free_returned_task_is_in_the_pool(project):
    (returned,) = tasks(project, 1, state=TaskState.RETURNED)
    person = annotator(project)
    assert next_task(project, person) == returned
    returned.refresh_from_db()
    assert (returned.state, returned.assignee) == (TaskState.RETURNED, person)


def test_a_skipped_pooled_task_is_released_and_offered_to_that_person_last(project):
    person, other = annotator(project), annotator(project)
    first, second = tasks(project, 2)
    assert next_task(project, person) == first
    first.refresh_from_db()
    skip_task(first, user=person)
    assert (first.state, first.assignee_id) == (TaskState.QUEUED, None)
    assert next_task(project, person, last=first) == second
    assert next_task(project, other) == first
    release_tasks(tasks=[Task.objects.get(pk=first.pk)], actor=other, project=project)
    second.refresh_from_db()
    skip_task(second, user=person)
    assert next_task(project, person) == first


def test_a_skipped_assigned_task_goes_to_the_end_of_ones_own_list(project):
    person, lead = annotator(project), ProjectRoleFactory(project=project, role=Role.ADMIN).user
    first, second = tasks(project, 2)
    assign_tasks(tasks=[first, second], assignee=person, actor=lead, project=project)
    assert next_task(project, person) == first
    skip_task(first, user=person)
    assert first.state == TaskState.ASSIGNED
    assert [next_task(project, person, last=first), next_task(project, person)] == [second, second]


def test_a_skipped_returned_task_waits_behind_the_rest_of_ones_list(project):
    person = annotator(project)
    (returned,) = tasks(project, 1, held_by=person, state=TaskState.RETURNED)
    (assigned,) = tasks(project, 1, held_by=person)
    skip_task(returned, user=person)
    assert next_task(project, person) == assigned


def test_skipping_the_only_task_offers_it_again(project):
    person = annotator(project)
    (only,) = tasks(project, 1, held_by=person)
    skip_task(only, user=person)
    assert next_task(project, person, last=only) == only


def test_copies_are_never_taken_from_a_pool(project):
    tasks(project, 1, kind=TaskKind.COPY)
    assert next_task(project, annotator(project), kind=TaskKind.COPY) is None


def test_initiate_reserves_a_free_task_opens_ones_own_and_refuses_others(project):
    person = annotator(project)
    free, own, foreign = (
        *tasks(project, 1),
        *tasks(project, 1, held_by=person),
        *tasks(project, 1, held_by=annotator(project)),
    )
    assert initiate_task(task=free, actor=person).assignee_id == person.pk
    assert initiate_task(task=own, actor=person) == own
    with pytest.raises(IllegalMove):
        initiate_task(task=foreign, actor=person)


def test_bulk_assignment_takes_the_free_ones_and_leaves_the_rest(project):
    lead, person = ProjectRoleFactory(project=project, role=Role.TEAM_MANAGER).user, annotator(project)
    chosen = [*tasks(project, 2), *tasks(project, 1, held_by=lead), *tasks(project, 1, state="completed")]
    assert len(assign_tasks(tasks=chosen, assignee=person, actor=lead, project=project)) == 2
    assert Task.objects.filter(assignee=person).count() == 2


def test_only_people_whose_role_annotates_can_be_assigned(project):
    lead = ProjectRoleFactory(project=project, role=Role.TEAM_MANAGER).user
    reviewer = ProjectRoleFactory(project=project, role=Role.REVIEWER).user
    assert people_who_annotate(project) == [lead]
    for person in (reviewer, UserFactory()):
        with pytest.raises(IllegalAssignee):
            assign_tasks(tasks=tasks(project, 1), assignee=person, actor=lead, project=project)


def test_release_keeps_a_returned_task_returned(project):
    lead, person = ProjectRoleFactory(project=project, role=Role.ADMIN).user, annotator(project)
    chosen = [*tasks(project, 1, held_by=person), *tasks(project, 1, held_by=person, state="returned")]
    moved = release_tasks(tasks=chosen, actor=lead, project=project)
    assert [(task.state, task.assignee_id) for task in moved] == [("queued", None), ("returned", None)]


def test_reopen_gives_the_task_back_to_its_submitter_or_to_nobody_when_they_left(project):
    lead, person = ProjectRoleFactory(project=project, role=Role.ADMIN).user, annotator(project)
    stays, left = (
        *tasks(project, 1, state="completed", submitted_by=person),
        *tasks(project, 1, state="in_review", submitted_by=UserFactory()),
    )
    reopen_tasks(tasks=[stays, left], actor=lead, project=project)
    assert [(task.state, task.assignee_id, task.round) for task in (stays, left)] == [
        ("returned", person.pk, 2),
        ("returned", None, 2),
    ]


@pytest.mark.django_db(transaction=True)
def test_people_who_start_at_the_same_time_get_different_tasks():
    """Eight people, 24 tasks, everybody takes until nothing is left."""
    project = ProjectFactory()
    people = [annotator(project) for _ in range(8)]
    tasks(project, 24)
    taken, problems, start = [], [], threading.Barrier(len(people))

    def take(person):
        start.wait()
        try:
            while (task := next_task(Project.objects.get(pk=project.pk), person)) is not None:
                taken.append(task.pk)
                Task.objects.filter(pk=task.pk).update(state=TaskState.IN_REVIEW, assignee=None)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(taken) == len(set(taken)) == TaskEvent.objects.count() == 24
