"""Read models of the task lists: which tasks a person's list holds, and what a row says and offers.

What a row offers is drawn from the table of moves and the person's permissions, so that a page cannot offer what
the machine or the door refuses.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from datasets.models import Dataset, DatasetFile
from labels.models import Instance, ReviewStatus
from labels.review_tasks import KIND_LABELS, review_room, with_kind
from projects.models import Project, Task, TaskEvent, TaskKind, TaskState
from projects.permissions import Permission, tasks_visible_to
from projects.workflow import Move, moves_from

OPEN_STATES = (TaskState.QUEUED, TaskState.ASSIGNED, TaskState.RETURNED)
# What comes first in the queue.
URGENCY = (
    TaskState.RETURNED,
    TaskState.QUEUED,
    TaskState.ASSIGNED,
    TaskState.IN_REVIEW,
    TaskState.COMPLETED,
)
HANDED_IN = (TaskState.IN_REVIEW, TaskState.COMPLETED)


@dataclass
class TaskRow:
    """One task in a list."""

    task: Task
    dataset: str
    offers: frozenset[str]
    kinds: str
    reviewed_by: User | None = None
    instances: int = 0

    @property
    def kind(self) -> str:
        """What is to be done, in words; only the queue lists more than annotating."""
        return KIND_LABELS[getattr(self.task, "kind_key", "annotate")]


def tasks_listed(
    project: Project, user: User, kinds: Collection[TaskKind] = (TaskKind.ANNOTATE,)
) -> QuerySet[Task]:
    """The project's tasks of these kinds with what every list shows.

    `edited_key`, `state_key` and `own_key` sort alike on every database: states in the order in which they want
    attention, the person's own before others.
    """
    ranks = [When(state=state, then=Value(rank)) for rank, state in enumerate(URGENCY)]
    return (
        Task.objects.filter(project=project, kind__in=kinds)
        .select_related("file", "assignee", "submitted_by", "edited_by")
        .annotate(
            edited_key=Coalesce(F("edited_at"), F("assigned_at"), F("created_at")),
            own_key=Case(When(assignee=user, then=Value(0)), default=Value(1), output_field=IntegerField()),
            state_key=Case(*ranks, default=Value(len(URGENCY)), output_field=IntegerField()),
        )
    )


def queue_tasks(project: Project, user: User, permissions: frozenset[Permission]) -> QuerySet[Task]:
    """Labels > Queue: everything for leads, else free tasks and one's own, and for reviewers what waits for review.

    Reviews are listed until they are done; somebody else's pool and one's own work are not offered.
    """
    tasks = with_kind(tasks_listed(project, user, (TaskKind.ANNOTATE, TaskKind.REVIEW)))
    annotating, reviewing = Q(kind=TaskKind.ANNOTATE), Q(kind=TaskKind.REVIEW, state__in=OPEN_STATES)
    if Permission.CONTROL_TASKS in permissions:
        return tasks.filter(annotating | reviewing)
    shown = Q(pk__in=[])
    if Permission.ANNOTATE in permissions:
        free = Q(assignee=None, state__in=(TaskState.QUEUED, TaskState.RETURNED))
        shown |= annotating & (free | Q(assignee=user))
    if Permission.REVIEW in permissions:
        offered = Q(assignee=None, pk__in=review_room().offered(user, project).values("pk"))
        shown |= annotating & Q(state=TaskState.IN_REVIEW) | reviewing & (offered | Q(assignee=user))
    return tasks.filter(shown)


def activity_tasks(project: Project, user: User, permissions: frozenset[Permission]) -> QuerySet[Task]:
    """Labels > Activity: handed-in tasks that the person may know of."""
    visible = tasks_visible_to(user, project, permissions)
    return tasks_listed(project, user).filter(pk__in=visible.values("pk"), state__in=HANDED_IN)


def offers_of(
    task: Task, user: User, permissions: frozenset[Permission], offered: Collection[int] = ()
) -> frozenset[str]:
    """What the row offers: open, initiate, assign, release, reopen, approve, add_review, view.

    `offered` are the reviews that the person may take.
    """
    moves, offers = moves_from(task), set()
    if task.kind == TaskKind.REVIEW:
        if task.assignee_id == user.pk and task.state in OPEN_STATES:
            offers.add("open")
        elif Move.RESERVE in moves and task.pk in offered:
            offers.add("initiate")
    elif Permission.ANNOTATE in permissions:
        if task.assignee_id == user.pk and task.state in OPEN_STATES:
            offers.add("open")
        elif Move.RESERVE in moves:
            offers.add("initiate")
    if Permission.CONTROL_TASKS in permissions:
        offers |= {str(move) for move in (Move.ASSIGN, Move.RELEASE, Move.REOPEN) if move in moves}
        if task.state == TaskState.IN_REVIEW:
            offers.add("add_review")
    if Permission.REVIEW in permissions and Move.APPROVE in moves:
        offers.add("approve")
    if task.kind == TaskKind.REVIEW:
        return frozenset(offers)
    if Permission.CONFIRM_LABELS in permissions or "approve" in offers:
        offers.add("view")
    return frozenset(offers)


def task_rows(
    tasks: Sequence[Task], project: Project, user: User, permissions: frozenset[Permission]
) -> list[TaskRow]:
    """The rows of one page; three queries however many there are, one or two more where reviews are among them."""
    datasets = _datasets_of(project, [task.file_id for task in tasks])
    reviewers = _reviewers_of([task.pk for task in tasks])
    counts = _instances_of([task.pk for task in tasks])
    reviews = [task.pk for task in tasks if task.kind == TaskKind.REVIEW]
    room = review_room()
    offered = (
        set(room.offered(user, project).filter(pk__in=reviews).values_list("pk", flat=True))
        if reviews
        else ()
    )
    rows = []
    for task in tasks:
        offers = offers_of(task, user, permissions, offered)
        # Kinds name what bulk buttons count; data-bulk-kind on the button.
        kinds = " ".join(sorted(offers & {"assign", "release", "reopen", "approve", "add_review"}))
        rows.append(
            TaskRow(
                task=task,
                dataset=datasets.get(task.file_id, ""),
                offers=offers,
                kinds=kinds,
                reviewed_by=reviewers.get(task.pk),
                instances=counts.get(task.pk, 0),
            )
        )
    return rows


def _datasets_of(project: Project, file_ids: Sequence[int]) -> dict[int, str]:
    """The title of the attached dataset that each file is in; the first attached one where several hold it."""
    entries = (
        DatasetFile.objects.filter(file__in=file_ids, dataset__attachments__project=project)
        .order_by("-dataset__attachments__attached_at", "-dataset")
        .values_list("file", "dataset__title")
    )
    return dict(entries)


def _reviewers_of(task_ids: Sequence[int]) -> dict[int, User]:
    """Who last judged each task as a whole."""
    events = (
        TaskEvent.objects.filter(task__in=task_ids, move__in=(Move.APPROVE, Move.COMPLETE, Move.RETURN))
        .exclude(actor=None)
        .select_related("actor")
        .order_by("at", "pk")
    )
    return {event.task_id: event.actor for event in events if event.actor is not None}


def _instances_of(task_ids: Sequence[int]) -> dict[int, int]:
    """How many instances each task has now."""
    counted = (
        Instance.objects.filter(row__task__in=task_ids)
        .exclude(review_status=ReviewStatus.DELETED)
        .order_by()
        .values_list("row__task")
        .annotate(count=Count("pk"))
    )
    return dict(counted)


def datasets_attached(project: Project) -> list[Dataset]:
    """The project's datasets by title, for filters."""
    return list(project.datasets.order_by("title", "pk"))


def counts_by_state(tasks: QuerySet[Task]) -> dict[str, int]:
    """How many of the tasks are in each state."""
    return dict(tasks.order_by().values_list("state").annotate(count=Count("pk")))


def waiting_for(project: Project, user: User) -> tuple[int, int]:
    """(own unfinished tasks, free tasks): what Start labelling would open; one query."""
    waiting = Task.objects.filter(project=project, kind=TaskKind.ANNOTATE, state__in=OPEN_STATES).aggregate(
        own=Count("pk", filter=Q(assignee=user)), free=Count("pk", filter=Q(assignee=None))
    )
    return waiting["own"], waiting["free"]
