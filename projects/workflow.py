"""The one state machine of tasks: a table of moves per task kind and `advance`, its only writer.

A later room adds moves to the table; nobody else writes Task.state or Task.assignee. Buttons are drawn from
the same table (`moves_from`), so a page cannot offer what the machine refuses.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from projects.models import Project, Task, TaskEvent, TaskKind, TaskSkip, TaskState

QUEUED, ASSIGNED, IN_PROGRESS = (
    TaskState.QUEUED,
    TaskState.ASSIGNED,
    TaskState.IN_PROGRESS,
)
IN_REVIEW, RETURNED, COMPLETED = (
    TaskState.IN_REVIEW,
    TaskState.RETURNED,
    TaskState.COMPLETED,
)
SUBMITTED, WITHDRAWN, DONE, CANCELLED = (
    TaskState.SUBMITTED,
    TaskState.WITHDRAWN,
    TaskState.DONE,
    TaskState.CANCELLED,
)


class Move(StrEnum):
    """The verbs a task knows."""

    RESERVE = "reserve"
    ASSIGN = "assign"
    RELEASE = "release"
    SUBMIT = "submit"
    RETURN = "return"
    COMPLETE = "complete"
    APPROVE = "approve"
    IMPORT_SUBMITTED = "import_submitted"
    REOPEN = "reopen"
    OPEN = "open"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    FINISH = "finish"
    CANCEL = "cancel"


class Holder(StrEnum):
    """What a move does to the assignee."""

    KEEP = "keep"
    TAKE = "take"
    DROP = "drop"
    SUBMITTER = "submitter"


@dataclass(frozen=True)
class Rule:
    """From which states a move leads where, whether it wants a free or a held task, and who holds it after."""

    paths: dict[TaskState, tuple[TaskState, ...]]
    holder: Holder = Holder.KEEP
    needs_free: bool = False
    needs_held: bool = False
    new_round: bool = False
    label: str = field(default="", compare=False)


MOVES: dict[TaskKind, dict[Move, Rule]] = {
    TaskKind.ANNOTATE: {
        Move.RESERVE: Rule(
            {QUEUED: (ASSIGNED,), RETURNED: (RETURNED,)},
            Holder.TAKE,
            needs_free=True,
            label="Initiate",
        ),
        Move.ASSIGN: Rule(
            {QUEUED: (ASSIGNED,), RETURNED: (RETURNED,)},
            Holder.TAKE,
            needs_free=True,
            label="Assign",
        ),
        Move.RELEASE: Rule(
            {ASSIGNED: (QUEUED,), RETURNED: (RETURNED,)},
            Holder.DROP,
            needs_held=True,
            label="Release",
        ),
        Move.SUBMIT: Rule(
            {ASSIGNED: (IN_REVIEW, COMPLETED), RETURNED: (IN_REVIEW, COMPLETED)},
            Holder.DROP,
            needs_held=True,
            label="Submit",
        ),
        Move.RETURN: Rule({IN_REVIEW: (RETURNED,)}, Holder.SUBMITTER, new_round=True),
        Move.COMPLETE: Rule({IN_REVIEW: (COMPLETED,)}),
        Move.APPROVE: Rule({IN_REVIEW: (COMPLETED,)}, label="Approve"),
        Move.IMPORT_SUBMITTED: Rule({QUEUED: (IN_REVIEW, COMPLETED)}, needs_free=True),
        Move.REOPEN: Rule(
            {IN_REVIEW: (RETURNED,), COMPLETED: (RETURNED,)},
            Holder.SUBMITTER,
            new_round=True,
            label="Reopen",
        ),
    },
    TaskKind.REVIEW: {
        Move.RESERVE: Rule({QUEUED: (ASSIGNED,)}, Holder.TAKE, needs_free=True, label="Initiate"),
        Move.ASSIGN: Rule({QUEUED: (ASSIGNED,)}, Holder.TAKE, needs_free=True, label="Assign"),
        Move.RELEASE: Rule({ASSIGNED: (QUEUED,)}, Holder.DROP, needs_held=True, label="Release"),
        Move.FINISH: Rule({ASSIGNED: (DONE,)}),
        Move.CANCEL: Rule({QUEUED: (CANCELLED,), ASSIGNED: (CANCELLED,)}, Holder.DROP),
    },
    TaskKind.COPY: {
        Move.OPEN: Rule({ASSIGNED: (IN_PROGRESS,)}, label="Initiate"),
        Move.SUBMIT: Rule({ASSIGNED: (SUBMITTED,), IN_PROGRESS: (SUBMITTED,)}, label="Submit"),
        Move.WITHDRAW: Rule({ASSIGNED: (WITHDRAWN,), IN_PROGRESS: (WITHDRAWN,)}, label="Withdraw"),
        Move.RESTORE: Rule({WITHDRAWN: (ASSIGNED, IN_PROGRESS)}, label="Restore"),
    },
}


SET_AT_ONCE = 5_000


class IllegalMove(Exception):
    """The table has no such move from the task's state; nothing was changed."""

    def __init__(self, task: Task, move: Move, reason: str = "") -> None:
        super().__init__(
            reason or f"A task that is {task.get_state_display()} cannot take the step “{move}”."
        )
        self.task, self.move = task, move


class StaleTask(Exception):
    """Somebody else moved the task in the meantime; nothing was changed. Read it again."""


def rule_for(task: Task, move: Move, target: TaskState | None = None) -> tuple[Rule, TaskState]:
    """The rule and resulting state of a move on this task. Raises IllegalMove."""
    rule = MOVES[TaskKind(task.kind)].get(move)
    targets = rule.paths.get(TaskState(task.state), ()) if rule else ()
    if rule is None or not targets:
        raise IllegalMove(task, move)
    if rule.needs_free and task.assignee_id is not None:
        raise IllegalMove(task, move, "Somebody holds this task; it has to be released first.")
    if rule.needs_held and task.assignee_id is None:
        raise IllegalMove(task, move, "Nobody holds this task.")
    chosen = targets[0] if target is None else target
    if chosen not in targets:
        raise IllegalMove(task, move)
    return rule, chosen


def moves_from(task: Task) -> frozenset[Move]:
    """The moves that the table allows on the task as it stands, whoever asks."""
    allowed = set()
    for move in MOVES[TaskKind(task.kind)]:
        try:
            rule_for(task, move)
        except IllegalMove:
            continue
        allowed.add(move)
    return frozenset(allowed)


def _next_holder(task: Task, rule: Rule, assignee: User | None) -> int | None:
    if rule.holder is Holder.TAKE:
        if assignee is None:
            raise ValueError("this move needs an assignee")
        return assignee.pk
    if rule.holder is Holder.DROP:
        return None
    if rule.holder is Holder.SUBMITTER:
        return assignee.pk if assignee else None
    return task.assignee_id


def _stamps(move: Move, target: TaskState, actor: User | None) -> dict[str, object]:
    now = timezone.now()
    stamps: dict[str, object] = {}
    if move in (Move.RESERVE, Move.ASSIGN):
        stamps["assigned_at"] = now
    if move in (Move.SUBMIT, Move.IMPORT_SUBMITTED):
        # An imported submission has no submitter, so that a return of it is free for everybody.
        stamps |= {
            "submitted_at": now,
            "submitted_by": actor if move is Move.SUBMIT else None,
        }
        stamps |= {"edited_at": now, "edited_by": actor}
    if target in (COMPLETED, SUBMITTED, DONE):
        stamps["finished_at"] = now
    elif move is Move.REOPEN:
        stamps["finished_at"] = None
    return stamps


@transaction.atomic
def advance(
    task: Task,
    move: Move,
    *,
    actor: User | None,
    target: TaskState | None = None,
    assignee: User | None = None,
    note: str = "",
) -> Task:
    """Make one move by compare-and-swap and write its TaskEvent; returns the task as it is now.

    `target` chooses where a move may lead to several states; `assignee` is who takes the task (RESERVE,
    ASSIGN) or gets it back (RETURN, REOPEN; None = free). Raises IllegalMove, or StaleTask when another
    writer was faster.
    """
    rule, after = rule_for(task, move, target)
    before = TaskState(task.state)
    changes: dict[str, object] = {
        "state": after,
        "assignee_id": _next_holder(task, rule, assignee),
        "version": task.version + 1,
        "round": task.round + 1 if rule.new_round else task.round,
    } | _stamps(move, after, actor)
    swapped = Task.objects.filter(pk=task.pk, state=before, version=task.version).update(**changes)
    if not swapped:
        raise StaleTask(task)
    TaskEvent.objects.create(task=task, move=move, before=before, after=after, actor=actor, note=note[:500])
    for name, value in changes.items():
        setattr(task, name, value)
    return task


@transaction.atomic
def advance_many(
    tasks: Iterable[Task],
    move: Move,
    *,
    actor: User | None,
    assignee: User | None = None,
    note: str = "",
) -> list[Task]:
    """Make the same move on many tasks; those it is illegal for are left alone. Returns those that moved."""
    moved = []
    for task in tasks:
        try:
            with transaction.atomic():
                moved.append(advance(task, move, actor=actor, assignee=assignee, note=note))
        except (IllegalMove, StaleTask):
            continue
    return moved


@transaction.atomic
def advance_set(
    tasks: QuerySet[Task],
    move: Move,
    *,
    actor: User | None,
    target: TaskState | None = None,
    note: str = "",
) -> int:
    """Make a move that leaves the holder alone on any number of tasks, in a few statements; returns how many moved.

    Tasks of one kind, from whose states the table allows the move to `target` (or to its only one); others are
    left alone. For moves that stamp nothing but the state: withdraw and restore.
    """
    moved = 0
    for kind, rule in _set_rules(move):
        for before, targets in rule.paths.items():
            after = targets[0] if target is None else target
            if after in targets:
                chosen = tasks.filter(kind=kind, state=before)
                moved += _move_set(chosen, move, before, after, actor=actor, note=note)
    return moved


def _set_rules(move: Move) -> list[tuple[TaskKind, Rule]]:
    rules = [(kind, moves[move]) for kind, moves in MOVES.items() if move in moves]
    targets = [after for _, rule in rules for path in rule.paths.values() for after in path]
    if any(rule.holder is not Holder.KEEP or rule.new_round for _, rule in rules) or any(
        _stamps(move, after, None) for after in targets
    ):
        raise ValueError(f"{move} changes more than the state; use advance")
    return rules


def _move_set(
    tasks: QuerySet[Task], move: Move, before: str, after: str, *, actor: User | None, note: str
) -> int:
    chosen = list(tasks.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    for start in range(0, len(chosen), SET_AT_ONCE):
        some = chosen[start : start + SET_AT_ONCE]
        Task.objects.filter(pk__in=some, state=before).update(state=after, version=F("version") + 1)
        TaskEvent.objects.bulk_create(
            TaskEvent(task_id=pk, move=move, before=before, after=after, actor=actor, note=note[:500])
            for pk in some
        )
    return len(chosen)


def _free_tasks(project: Project, user: User, kind: TaskKind) -> QuerySet[Task]:
    """Free tasks in the order of offering: never skipped by this person first, then first in, first out."""
    skipped = TaskSkip.objects.filter(task=OuterRef("pk"), user=user)
    free_states = [QUEUED, RETURNED] if kind is TaskKind.ANNOTATE else [QUEUED]
    return (
        Task.objects.filter(project=project, kind=kind, state__in=free_states, assignee=None)
        .alias(skipped=Exists(skipped))
        .order_by("skipped", "queue_rank", "id")
    )


@transaction.atomic
def reserve_next_task(
    project: Project, user: User, *, kind: TaskKind = TaskKind.ANNOTATE, among: Q | None = None
) -> Task | None:
    """Reserve the next free task for a person (only `among` some, where given), or None when there is none.

    Two people never get the same one: PostgreSQL skips rows that others hold locked; SQLite's transaction
    is IMMEDIATE, so it is alone from its first statement. The compare-and-swap in `advance` judges both.
    """
    free = _free_tasks(project, user, kind)
    if among is not None:
        free = free.filter(among)
    if connection.features.has_select_for_update_skip_locked:
        free = free.select_for_update(skip_locked=True, of=("self",))
    task = free.select_related("file").first()
    if task is None:
        return None
    return advance(task, Move.RESERVE, actor=user, assignee=user)


def held_tasks(project: Project, user: User, *, kind: TaskKind = TaskKind.ANNOTATE) -> QuerySet[Task]:
    """The person's unfinished tasks in the order they are offered: Returned first, skipped ones last.

    Skipping raises the rank (all others have the rank they were made with), so it counts before the state.
    """
    return (
        Task.objects.filter(
            project=project,
            kind=kind,
            assignee=user,
            state__in=[RETURNED, ASSIGNED, IN_PROGRESS],
        )
        .select_related("file")
        .annotate(
            is_returned=models.Case(
                models.When(state=RETURNED, then=0),
                default=1,
                output_field=models.IntegerField(),
            )
        )
        .order_by("queue_rank", "is_returned", "id")
    )


@transaction.atomic
def put_last(task: Task, *, user: User) -> None:
    """Move a held task behind everything else its holder has (Skip of an assigned or returned task, or a copy)."""
    last = Task.objects.filter(Q(assignee=user), project=task.project, kind=task.kind).aggregate(
        last=models.Max("queue_rank")
    )["last"]
    Task.objects.filter(pk=task.pk).update(queue_rank=(last or 0) + 1, version=F("version") + 1)
    task.refresh_from_db(fields=["queue_rank", "version"])


@transaction.atomic
def skip_task(task: Task, *, user: User) -> None:
    """Skip: a task taken from the pool goes back and is offered to this person last; others go to the end.

    A pooled task is one this person reserved (their last event on it is RESERVE) and that is not Returned.
    """
    last_move = task.events.order_by("-at", "-id").values_list("move", flat=True).first()
    if task.kind != TaskKind.COPY and task.state == ASSIGNED and last_move == Move.RESERVE:
        TaskSkip.objects.update_or_create(task=task, user=user, defaults={"at": timezone.now()})
        advance(task, Move.RELEASE, actor=user, note="skipped")
    else:
        put_last(task, user=user)
