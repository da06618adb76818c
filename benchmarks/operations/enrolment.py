"""Who has copies: annotators get one of every gold item, whoever leaves the role keeps only what they submitted."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from accounts import audit
from accounts.models import User
from benchmarks.cloning import COPIES_AT_ONCE, add_missing_copies
from benchmarks.models import TaskCopy, TrainingProject
from jobs.models import Job, RowState
from jobs.operations import report_progress, start_job
from projects.activity import touch_project
from projects.models import ProjectKind, Role, Task, TaskKind, TaskState
from projects.permissions import Permission, permissions_of, roles_in
from projects.workflow import IllegalMove, Move, StaleTask, advance, advance_set

CLONE = "clone"
COPIES_IN_REQUEST = 2_000
"""Up to so many copies are made at once (a tenth of a second); more are a background job with progress."""

OPEN_STATES = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)


class NotAnAnnotator(Exception):
    """The person has no annotator role in the project now, so they cannot have open copies."""


class RetakeRefused(Exception):
    """The copy cannot be taken again now; the message is a sentence for the lead."""


def annotator_ids(training: TrainingProject, people: Collection[User] | None = None) -> set[int]:
    """Who annotates in the project now, by effective role: admins and team managers never do."""
    return {user_id for user_id, role in roles_in(training.project, people).items() if _annotates(role)}


def _annotates(role: Role) -> bool:
    return Permission.ANNOTATE in permissions_of(ProjectKind.TRAINING, role)


@transaction.atomic
def sync_enrolment(*, training: TrainingProject, people: Collection[User], actor: User | None) -> Job | None:
    """Bring the copies of these people in line with their roles; returns the clone job when one was started.

    New annotators get their copies, those who come back their withdrawn ones and what was never theirs; everybody
    else keeps submissions only. Doing it twice changes nothing.
    """
    annotators = annotator_ids(training, people)
    leavers = {person.pk for person in people} - annotators
    withdraw_open_copies(training, leavers, actor=actor)
    restore_left_copies(training, annotators, actor=actor)
    return _clone(training, annotators, actor=actor)


def _clone(training: TrainingProject, annotators: set[int], *, actor: User | None) -> Job | None:
    items = training.gold_items.count()
    complete = (
        TaskCopy.objects.filter(training=training, annotator__in=annotators, attempt=1)
        .values("annotator")
        .annotate(copies=Count("pk"))
        .filter(copies__gte=items)
        .values_list("annotator", flat=True)
    )
    missing = sorted(annotators - set(complete))
    if not missing or not items:
        return None
    if items * len(missing) <= COPIES_IN_REQUEST:
        add_missing_copies(training, missing)
        return None
    return start_job(
        organisation=training.project.organisation,
        actor=actor,
        kind=CLONE,
        title=f"Clone {items:,} tasks for {len(missing):,} annotators of {training.project.title}"[:200],
        root=training.project,
        arguments={"training": training.pk, "annotators": missing, "copies": items * len(missing)},
    )


def clone(job: Job) -> dict[str, int]:
    """Body of the clone job: batches of annotators, a transaction each; a second start adds what is missing."""
    training = TrainingProject.objects.select_related("project").get(pk=job.arguments["training"])
    people = job.arguments["annotators"]
    items = training.gold_items.count()
    at_once = max(1, COPIES_AT_ONCE // max(1, items))
    added = 0
    report_progress(job, 0, items * len(people))
    for start in range(0, len(people), at_once):
        some = people[start : start + at_once]
        with transaction.atomic():
            # Whoever left since the job was asked for gets nothing.
            still = annotator_ids(training).intersection(some)
            added += add_missing_copies(training, sorted(still))
        report_progress(job, items * min(len(people), start + at_once), items * len(people))
    return {"copies": added}


def last_clone(training: TrainingProject) -> Job | None:
    """The clone of this project that was asked for last, however it stands."""
    clones = Job.objects.filter(kind=CLONE, root_id=str(training.project.uuid))
    return clones.order_by("-created_at", "-pk").first()


def running_clone(training: TrainingProject) -> Job | None:
    """The last clone of this project while it waits, runs or has failed, for its progress bar."""
    last = last_clone(training)
    return last if last is not None and last.state != RowState.DONE else None


def withdraw_open_copies(training: TrainingProject, people: Iterable[int], *, actor: User | None) -> int:
    """Withdraw every unsubmitted copy of people who left the role; drafts stay with it for their return."""
    copies = TaskCopy.objects.filter(training=training, annotator__in=list(people))
    moved = 0
    for state in OPEN_STATES:
        copies.filter(task__state=state).update(withdrawn_from=state, withdrawn_by_leaving=True)
        leaving = Task.objects.filter(copy__in=copies.filter(withdrawn_from=state), state=state)
        moved += advance_set(leaving, Move.WITHDRAW, actor=actor, note="left the role")
    return moved


def restore_left_copies(training: TrainingProject, people: Iterable[int], *, actor: User | None) -> int:
    """Give people who came back the copies that leaving took; those a lead withdrew stay withdrawn."""
    copies = TaskCopy.objects.filter(training=training, annotator__in=list(people), withdrawn_by_leaving=True)
    moved = 0
    for state in OPEN_STATES:
        returning = Task.objects.filter(copy__in=copies.filter(withdrawn_from=state))
        moved += advance_set(returning, Move.RESTORE, target=state, actor=actor, note="came back")
        copies.filter(task__state=state).update(withdrawn_from="", withdrawn_by_leaving=False)
    return moved


@transaction.atomic
def withdraw_copy(*, copy: TaskCopy, actor: User) -> TaskCopy:
    """Take one unsubmitted copy away from its annotator. Raises IllegalMove for a submitted one."""
    before = copy.task.state
    advance(copy.task, Move.WITHDRAW, actor=actor)
    copy.withdrawn_from, copy.withdrawn_by_leaving = before, False
    copy.save(update_fields=["withdrawn_from", "withdrawn_by_leaving"])
    _record(copy, actor, "withdraw copy")
    return copy


@transaction.atomic
def restore_copy(*, copy: TaskCopy, actor: User) -> TaskCopy:
    """Give a withdrawn copy back, with its draft. Raises IllegalMove, or NotAnAnnotator for somebody who left."""
    if not annotator_ids(copy.training, [copy.annotator]):
        raise NotAnAnnotator(f"{copy.annotator} is no annotator of this project any more.")
    target = TaskState(copy.withdrawn_from or TaskState.ASSIGNED)
    advance(copy.task, Move.RESTORE, actor=actor, target=target)
    copy.withdrawn_from, copy.withdrawn_by_leaving = "", False
    copy.save(update_fields=["withdrawn_from", "withdrawn_by_leaving"])
    _record(copy, actor, "restore copy")
    return copy


@transaction.atomic
def grant_retake(*, copy: TaskCopy, actor: User) -> TaskCopy:
    """Give the annotator of a submitted copy another try at its item: a new copy, the last in their queue.

    The submission before stays and counts until the retake is submitted. Raises RetakeRefused while there is a
    retake that is not submitted, or when this copy is not submitted, or NotAnAnnotator for somebody who left.
    """
    # Two presses at once wait for each other here, as two clones do; the second finds the retake of the first.
    training = (
        TrainingProject.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organisation")
        .get(pk=copy.training_id)
    )
    attempts = TaskCopy.objects.filter(training=training, item=copy.item_id, annotator=copy.annotator_id)
    states = dict(attempts.values_list("pk", "task__state"))
    if states.get(copy.pk) != TaskState.SUBMITTED:
        raise RetakeRefused("Only a submitted task can be taken again.")
    if not annotator_ids(training, [copy.annotator]):
        raise NotAnAnnotator(f"{copy.annotator} is no annotator of this project any more.")
    if TaskState.WITHDRAWN in states.values():
        raise RetakeRefused(
            f"A retake of this task was withdrawn from {copy.annotator}. Restore it under Queue instead."
        )
    if set(states.values()) != {TaskState.SUBMITTED}:
        raise RetakeRefused(f"{copy.annotator} already has a retake of this task that is not submitted yet.")
    own = Task.objects.filter(project=training.project, kind=TaskKind.COPY, assignee=copy.annotator)
    task = Task.objects.create(
        project=training.project,
        kind=TaskKind.COPY,
        file=copy.task.file,
        state=TaskState.ASSIGNED,
        assignee=copy.annotator,
        queue_rank=(own.aggregate(last=Max("queue_rank"))["last"] or 0) + 1,
        assigned_at=timezone.now(),
    )
    last = attempts.aggregate(last=Max("attempt"))["last"]
    retake = TaskCopy.objects.create(
        training=training, item=copy.item, annotator=copy.annotator, attempt=last + 1, task=task
    )
    _record(retake, actor, "grant retake", attempt=retake.attempt)
    touch_project(training.project, at_once=True)
    return retake


def move_copies(copies: Iterable[TaskCopy], move: Move, *, actor: User) -> tuple[int, int]:
    """Withdraw or restore several copies; returns (moved, left alone because the step is not open to them)."""
    operation = {Move.WITHDRAW: withdraw_copy, Move.RESTORE: restore_copy}[move]
    moved = refused = 0
    for copy in copies:
        try:
            with transaction.atomic():
                operation(copy=copy, actor=actor)
            moved += 1
        except (IllegalMove, StaleTask, NotAnAnnotator):
            refused += 1
    return moved, refused


def open_copies_with_drafts(training: TrainingProject, people: Collection[int]) -> int:
    """How many unsubmitted copies of these people hold saved labels, for the confirmation before they leave."""
    return TaskCopy.objects.filter(
        training=training,
        annotator__in=people,
        task__state__in=OPEN_STATES,
        task__label_row__revision__gt=0,
    ).count()


def _record(copy: TaskCopy, actor: User, action: str, **more: int) -> None:
    audit.record(
        organisation=copy.training.project.organisation,
        actor=actor,
        action=action,
        target=copy.task,
        root=copy.training.project,
        after={"annotator": copy.annotator.email, "file": copy.task.file.title, **more},
    )
