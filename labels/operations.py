"""The verbs of labelling one task: open, save, submit, approve, skip. They serve manual-QA tasks and copies alike."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import record
from accounts.events import announce
from accounts.models import User
from formats import Problem, Structure, missing_required
from labels.changes import change_to, read_change
from labels.documents import Document, document_of, label_count, without_empty_objects
from labels.errors import AlreadySubmitted, InvalidLabels, MissingAnswers, NotYours, StaleRevision
from labels.events import TaskApproved, TaskSubmitted, TaskToBeSubmitted
from labels.models import Instance, LabelRow, ReviewStatus, Submission
from labels.writing import Writer
from projects.activity import touch_project
from projects.models import Task, TaskKind, TaskState
from projects.workflow import Move, advance, skip_task

# States in which the holder may change labels.
WRITABLE: dict[str, frozenset[TaskState]] = {
    TaskKind.ANNOTATE: frozenset({TaskState.ASSIGNED, TaskState.RETURNED}),
    TaskKind.COPY: frozenset({TaskState.ASSIGNED, TaskState.IN_PROGRESS}),
    TaskKind.REVIEW: frozenset(),
}
HANDED_IN = frozenset({TaskState.IN_REVIEW, TaskState.COMPLETED, TaskState.SUBMITTED})


def may_write(task: Task, user: User) -> bool:
    """Whether the person may change this task's labels now: they hold it, and it is not handed in."""
    return task.assignee_id == user.pk and task.state in WRITABLE[task.kind]


@transaction.atomic
def open_label_row(task: Task, actor: User, *, starting_document: Document | None = None) -> LabelRow:
    """The task's label row, made when it is first opened; the first opening of a copy makes it In progress.

    A new row starts with `starting_document` (which must be valid) where one is given. Only the holder's
    opening creates or moves anything: others get what is there. Raises LabelRow.DoesNotExist for them
    when there is nothing yet. Two first openings at once (a double click) wait for each other; the second finds
    it open.
    """
    if task.kind == TaskKind.COPY and task.state == TaskState.ASSIGNED:
        _lock_and_reread(task)
    if not may_write(task, actor):
        return LabelRow.objects.get(task=task)
    row, created = LabelRow.objects.get_or_create(
        task=task, defaults={"updated_by": actor, "starting_document": starting_document}
    )
    if created and starting_document is not None:
        write_document(row, task, starting_document, actor=actor)
    if task.kind == TaskKind.COPY and task.state == TaskState.ASSIGNED:
        advance(task, Move.OPEN, actor=actor)
    return row


def write_document(
    row: LabelRow,
    task: Task,
    document: Document,
    *,
    actor: User | None,
    ontology: Structure | None = None,
) -> None:
    """Fill an empty row with a document. Raises InvalidLabels when it is not valid for the task.

    `ontology` is the project's, for callers who write many documents and have read it once.
    """
    _writer(row, task, actor, ontology).apply(change_to(document))
    row.revision += 1
    row.updated_at, row.updated_by = timezone.now(), actor
    row.save(update_fields=["revision", "updated_at", "updated_by"])


def _writer(row: LabelRow, task: Task, actor: User | None, ontology: Structure | None = None) -> Writer:
    ontology = ontology or Structure.of(task.project.ontology_version.structure)
    return Writer(row=row, ontology=ontology, frames=task.file.frame_sizes, actor=actor)


def _locked(task: Task) -> Task:
    """The task, read anew and locked until the transaction ends: saves and submits of it wait in line."""
    return (
        Task.objects.select_for_update(of=("self",))
        .select_related("project__ontology_version", "project__organisation", "file", "assignee")
        .get(pk=task.pk)
    )


def _lock_and_reread(task: Task) -> None:
    """Lock the task until the transaction ends, and bring what decides about its moves up to date in place."""
    task.refresh_from_db(
        fields=["state", "version", "assignee_id"],
        from_queryset=Task.objects.select_for_update(of=("self",)),
    )


def _check_writer(task: Task, actor: User) -> None:
    """Raises AlreadySubmitted or NotYours unless the person may change the labels now."""
    if may_write(task, actor):
        return
    if task.state in HANDED_IN and task.submitted_by_id == actor.pk:
        raise AlreadySubmitted(task.submitted_at)
    if task.state == TaskState.WITHDRAWN:
        raise NotYours("This task was withdrawn from you. Your changes were not saved.")
    if task.assignee_id is None:
        raise NotYours("This task was released and is not yours any more. Your changes were not saved.")
    raise NotYours("Somebody else has this task now. Your changes were not saved.")


def _apply(
    task: Task, actor: User, *, revision: object, upserts: object, deletes: object
) -> tuple[LabelRow, bool]:
    """Write a change on a locked task; returns the row and whether anything was written."""
    change = read_change(upserts, deletes)
    row = open_label_row(task, actor)
    _check_revision(row, revision)
    if change.is_empty:
        return row, False
    _writer(row, task, actor).apply(change)
    _touch(row, task, actor)
    return row, True


def _check_revision(row: LabelRow, revision: object) -> None:
    """Raises InvalidLabels for what is no number, StaleRevision when somebody saved in the meantime."""
    if type(revision) is not int:
        raise InvalidLabels([Problem("revision", "This must be a whole number.")])
    if row.revision != revision:
        by = row.updated_by.name if row.updated_by else "an import"
        raise StaleRevision(revision=row.revision, document=document_of(row), by=by, at=row.updated_at)


def _touch(row: LabelRow, task: Task, actor: User) -> None:
    """A new revision of the row, by this person, now."""
    row.revision += 1
    row.updated_at, row.updated_by = timezone.now(), actor
    row.save(update_fields=["revision", "updated_at", "updated_by"])
    Task.objects.filter(pk=task.pk).update(edited_at=row.updated_at, edited_by=actor)


@transaction.atomic
def save_labels(*, task: Task, actor: User, revision: int, upserts: Any, deletes: Any) -> LabelRow:
    """Write a change of the draft; returns the row with its new revision.

    Raises InvalidLabels (with paths), StaleRevision (with the labels as they are), AlreadySubmitted or
    NotYours; then nothing was written.
    """
    task = _locked(task)
    _check_writer(task, actor)
    row, written = _apply(task, actor, revision=revision, upserts=upserts, deletes=deletes)
    if written:
        touch_project(task.project)
    return row


@transaction.atomic
def correct_labels(*, task: Task, actor: User, revision: int, upserts: Any, deletes: Any) -> LabelRow:
    """Change the labels of a task that somebody else did, without touching its status or their judgements.

    The caller has decided that the actor may; the audit trail says what changed. Raises InvalidLabels or
    StaleRevision; then nothing was written.
    """
    task = _locked(task)
    row = LabelRow.objects.filter(task=task).first()
    if row is None:
        raise NotYours("There are no labels here to correct.")
    change = read_change(upserts, deletes)
    _check_revision(row, revision)
    if change.is_empty:
        return row
    writer = _writer(row, task, actor)
    writer.keeps_status = True
    writer.apply(change)
    _touch(row, task, actor)
    record(
        organisation=task.project.organisation,
        actor=actor,
        action="correct labels",
        target=task,
        root=task.project,
        after={"labels": sorted(change.identifiers)[:100], "revision": row.revision},
    )
    touch_project(task.project)
    return row


def submit_task(
    *, task: Task, actor: User, key: UUID, revision: int, upserts: Any, deletes: Any
) -> Submission:
    """Save the last change and hand the task in, in one transaction; the same key again is the same submission.

    Raises what `save_labels` raises, and MissingAnswers when something required is not answered.
    """
    try:
        return _submit(task, actor, key=key, revision=revision, upserts=upserts, deletes=deletes)
    except IntegrityError:
        # The unique constraints are the last judge of a race: whoever lost it reads what the winner wrote.
        first = _submission_with(key, task, actor)
        if first is None:
            raise
        return first


def _submission_with(key: UUID, task: Task, actor: User) -> Submission | None:
    """The submission made with this key. Raises InvalidLabels when it is another task's or person's."""
    first = Submission.objects.filter(key=key).first()
    if first is not None and (first.task_id != task.pk or first.submitted_by_id != actor.pk):
        raise InvalidLabels([Problem("key", "This key belongs to another submission.")])
    return first


@transaction.atomic
def _submit(task: Task, actor: User, *, key: UUID, revision: int, upserts: Any, deletes: Any) -> Submission:
    locked = _locked(task)
    first = _submission_with(key, locked, actor)
    if first is not None:
        return first
    _check_writer(locked, actor)
    row, _ = _apply(locked, actor, revision=revision, upserts=upserts, deletes=deletes)
    document = without_empty_objects(document_of(row))
    missing = missing_required(document, locked.project.ontology_version.structure)
    if missing:
        raise MissingAnswers(missing)
    announce(TaskToBeSubmitted(task=locked, actor=actor))
    submission = hand_in(row, locked, document, actor=actor, key=key)
    task.refresh_from_db()
    return submission


def hand_in(
    row: LabelRow,
    task: Task,
    document: Document,
    *,
    actor: User | None,
    key: UUID | None = None,
    move: Move = Move.SUBMIT,
) -> Submission:
    """Freeze the document as the submission of this round, move the task, announce it. Needs a transaction."""
    submission = Submission.objects.create(
        task=task,
        round=task.round,
        key=key,
        document=document,
        label_count=label_count(document),
        submitted_by=actor if move is Move.SUBMIT else None,
    )
    # The reviews room, which listens to TaskSubmitted, draws what is looked at and completes the task otherwise.
    target = TaskState.SUBMITTED if task.kind == TaskKind.COPY else TaskState.IN_REVIEW
    advance(task, move, actor=actor, target=target)
    if task.kind == TaskKind.ANNOTATE:
        row.instances.filter(
            Q(review_status=ReviewStatus.NOT_SUBMITTED) | Q(review_status=ReviewStatus.RETURNED)
        ).update(review_status=ReviewStatus.IN_REVIEW)
    record(
        organisation=task.project.organisation,
        actor=actor,
        action="submit task" if move is Move.SUBMIT else "import labels as submitted",
        target=task,
        root=task.project,
        after={"round": submission.round, "labels": submission.label_count},
    )
    announce(TaskSubmitted(submission=submission, actor=actor))
    touch_project(task.project, at_once=True)
    return submission


@transaction.atomic
def approve_task(*, task: Task, actor: User) -> Task:
    """Approve a whole task: Completed, every instance Approved. Raises IllegalMove unless it is In review."""
    advance(task, Move.APPROVE, actor=actor)
    instances = Instance.objects.filter(row__task=task)
    instances.exclude(review_status__in=(ReviewStatus.DELETED, ReviewStatus.REJECTED)).update(
        review_status=ReviewStatus.APPROVED
    )
    record(
        organisation=task.project.organisation,
        actor=actor,
        action="approve task",
        target=task,
        root=task.project,
    )
    touch_project(task.project, at_once=True)
    announce(TaskApproved(task=task, actor=actor))
    return task


@transaction.atomic
def skip_held_task(*, task: Task, actor: User) -> Task:
    """Put a task that the person holds behind the others. Raises AlreadySubmitted or NotYours."""
    task = _locked(task)
    _check_writer(task, actor)
    skip_task(task, user=actor)
    return task


EDITOR_SETTING_TYPES = (bool, int, float, str)
MAX_EDITOR_SETTINGS = 200


def save_editor_settings(*, user: User, settings: dict[str, Any]) -> None:
    """Keep a person's settings of the editor: a flat map of short names to plain values. Raises InvalidLabels."""
    problems = [
        Problem(name[:80], "A setting must be a short name with a plain value.")
        for name, value in settings.items()
        if len(name) > 40 or not isinstance(value, EDITOR_SETTING_TYPES) or len(str(value)) > 100
    ]
    if len(settings) > MAX_EDITOR_SETTINGS:
        problems.append(Problem("", f"At most {MAX_EDITOR_SETTINGS} settings are kept."))
    if problems:
        raise InvalidLabels(problems)
    User.objects.filter(pk=user.pk).update(editor_settings=settings)
