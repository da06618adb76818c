"""Who works on which task: offer the next one, initiate, assign, release, reopen."""

from collections.abc import Iterable

from django.db import transaction

from accounts.audit import record
from accounts.events import announce
from accounts.models import User
from projects.activity import touch_project
from projects.events import TaskReopened
from projects.models import Project, Task, TaskKind
from projects.permissions import Permission, people_with, permissions_of, role_in
from projects.workflow import Move, advance, advance_many, held_tasks, reserve_next_task


class IllegalAssignee(Exception):
    """The person cannot hold tasks of the project."""


def may_annotate(project: Project, user: User) -> bool:
    """Whether the person's role lets them label tasks of the project."""
    return Permission.ANNOTATE in permissions_of(project.kind, role_in(project, user))


def people_who_annotate(project: Project) -> list[User]:
    """Everybody a task can be assigned to, by name."""
    able = people_with(project, Permission.ANNOTATE)
    return list(User.objects.filter(pk__in=able).order_by("name", "pk"))


@transaction.atomic
def next_task(
    project: Project, user: User, *, kind: str = TaskKind.ANNOTATE, last: Task | None = None
) -> Task | None:
    """What "Start labelling" opens: own Returned, own Assigned, else the oldest free task, reserved now.

    `last` is a task to offer only when nothing else is left (the one just skipped). Copies have no pool.
    """
    held = held_tasks(project, user, kind=TaskKind(kind))
    own = held.exclude(pk=last.pk).first() if last else held.first()
    if own is not None:
        return own
    reserved = None if kind == TaskKind.COPY else reserve_next_task(project, user, kind=TaskKind(kind))
    return reserved or held.first()


@transaction.atomic
def initiate_task(*, task: Task, actor: User) -> Task:
    """Open this one task: one's own as it is, a free one by reserving it. Raises IllegalMove or StaleTask."""
    if task.assignee_id == actor.pk:
        return task
    return advance(task, Move.RESERVE, actor=actor, assignee=actor)


@transaction.atomic
def assign_tasks(*, tasks: Iterable[Task], assignee: User, actor: User, project: Project) -> list[Task]:
    """Give the free ones among these tasks to somebody; returns those that moved.

    Raises IllegalAssignee when the person's role in the project does not annotate.
    """
    if not may_annotate(project, assignee):
        raise IllegalAssignee(f"{assignee} has no role in this project that annotates.")
    return _moved(tasks, Move.ASSIGN, actor=actor, project=project, assignee=assignee)


@transaction.atomic
def release_tasks(*, tasks: Iterable[Task], actor: User, project: Project) -> list[Task]:
    """Take the held ones among these tasks back into the pool, drafts stay; returns those that moved."""
    return _moved(tasks, Move.RELEASE, actor=actor, project=project)


@transaction.atomic
def reopen_tasks(*, tasks: Iterable[Task], actor: User, project: Project) -> list[Task]:
    """Send handed-in tasks back to who submitted them (free when they left); returns those that moved."""
    moved = []
    for task in tasks:
        submitter = task.submitted_by
        back_to = submitter if submitter is not None and may_annotate(project, submitter) else None
        reopened = _moved([task], Move.REOPEN, actor=actor, project=project, assignee=back_to)
        for one in reopened:
            announce(TaskReopened(task=one, actor=actor))
        moved += reopened
    return moved


def _moved(
    tasks: Iterable[Task], move: Move, *, actor: User, project: Project, assignee: User | None = None
) -> list[Task]:
    moved = advance_many(tasks, move, actor=actor, assignee=assignee)
    for task in moved:
        record(
            organisation=project.organisation,
            actor=actor,
            action=f"{move} task",
            target=task,
            root=project,
            after={"assignee": str(assignee)} if assignee else {},
        )
    if moved:
        touch_project(project, at_once=True)
    return moved
