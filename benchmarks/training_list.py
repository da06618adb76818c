"""Read model of Projects > Training: a page of rows in a constant number of queries.

Somebody who only annotates in a project sees their own tasks there and nothing of others: every figure of a row is
counted over the copies that the person may know of.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import Organisation, User
from accounts.snapshot import one_moment
from benchmarks.figures import Points
from benchmarks.models import AnnotatorScore, Evaluation, GoldItem, TaskCopy, TrainingKind, TrainingProject
from benchmarks.operations.enrolment import CLONE
from benchmarks.results import without_superseded
from datasets.models import File
from jobs.models import Job, RowState
from projects.models import Project, ProjectKind, ProjectRole, Role, TaskState
from projects.permissions import Permission, projects_visible_to, projects_with

STATES = {
    "not_started": "Not started",
    "running": "In progress",
    "finished": "Finished",
    "attention": "Needs attention",
}


@dataclass
class TrainingRow:
    """One project as the list shows it; `is_lead` says whether the figures are everybody's or one's own."""

    training: TrainingProject
    is_lead: bool
    picture: File | None = None
    items: int = 0
    tasks: int = 0
    submitted: int = 0
    annotators: int = 0
    failed: int = 0
    points: Points = field(default_factory=Points)
    clone: Job | None = None
    own_activity: datetime | None = None

    @property
    def project(self) -> Project:
        return self.training.project

    @property
    def is_finished(self) -> bool:
        """Whether every copy is submitted."""
        return self.tasks > 0 and self.submitted == self.tasks

    @property
    def kind_label(self) -> str:
        return str(TrainingKind(self.training.kind).label)

    @property
    def clone_is_moving(self) -> bool:
        """Whether copies are being made now, so that the row shows how far that is."""
        return self.clone is not None and self.clone.state in (RowState.PENDING, RowState.RUNNING)

    @property
    def clone_has_failed(self) -> bool:
        return self.clone is not None and self.clone.state == RowState.FAILED

    @property
    def clone_total(self) -> int:
        """Copies that the clone will have made, also before it begins."""
        return self.clone.progress_total or self.clone.arguments["copies"] if self.clone else 0

    @property
    def last_activity(self) -> datetime:
        """When something last happened; for somebody who only annotates, in their own tasks."""
        return self.project.last_activity_at if self.is_lead else self.own_activity or self.project.created_at


def visible_trainings(user: User, organisation: Organisation) -> QuerySet[TrainingProject]:
    """Training projects in which the person has any role."""
    return TrainingProject.objects.filter(
        project__in=projects_visible_to(user, organisation).filter(kind=ProjectKind.TRAINING)
    )


def count_trainings(user: User, organisation: Organisation) -> int:
    """How many projects the Training tab holds for the person."""
    return visible_trainings(user, organisation).count()


def leads_in(user: User, organisation: Organisation) -> set[int]:
    """Projects (by id) whose results the person may see."""
    projects = projects_with(user, organisation, Permission.SEE_RESULTS, ProjectKind.TRAINING)
    return set(projects.values_list("pk", flat=True))


def known_copies(user: User, leads: set[int]) -> QuerySet[TaskCopy]:
    """The copies a person may count: all where they lead, elsewhere their own; withdrawn ones never."""
    return TaskCopy.objects.filter(Q(training__project__in=leads) | Q(annotator=user)).exclude(
        task__state=TaskState.WITHDRAWN
    )


def matching_trainings(
    trainings: QuerySet[TrainingProject],
    *,
    user: User,
    leads: set[int],
    query: str = "",
    tags: list[str],
    states: list[str],
    ontologies: list[str],
) -> QuerySet[TrainingProject]:
    """Narrow the list: all of the tags, any of the states, any of the ontologies (by uuid)."""
    if query:
        trainings = trainings.filter(
            Q(project__title__icontains=query) | Q(project__description__icontains=query)
        )
    for tag in tags:
        trainings = trainings.filter(project__tags__uuid=tag)
    if ontologies:
        trainings = trainings.filter(project__ontology_version__ontology__uuid__in=ontologies)
    if states:
        trainings = trainings.filter(_in_states(states, user, leads))
    return trainings


def _in_states(states: list[str], user: User, leads: set[int]) -> Q:
    copies = known_copies(user, leads).filter(training=OuterRef("pk"))
    handed_in = Exists(copies.filter(task__state=TaskState.SUBMITTED))
    still_open = Exists(copies.exclude(task__state=TaskState.SUBMITTED))
    failed = Exists(
        Evaluation.objects.filter(training=OuterRef("pk"), training__project__in=leads, state=RowState.FAILED)
    )
    conditions = {
        "not_started": Q(~handed_in),
        "running": Q(handed_in) & Q(still_open),
        "finished": Q(handed_in) & ~Q(still_open),
        "attention": Q(failed),
    }
    wanted = Q()
    for state in states:
        wanted |= conditions[state]
    return wanted


@one_moment()
def rows_of(trainings: list[TrainingProject], *, user: User, leads: set[int]) -> list[TrainingRow]:
    """The rows of one page, in its order; nine queries, however many rows."""
    rows = {one.pk: TrainingRow(one, is_lead=one.project_id in leads) for one in trainings}
    led = [pk for pk, row in rows.items() if row.is_lead]
    _add_items(rows)
    _count_copies(rows, known_copies(user, leads))
    _count_annotators(rows, led)
    _add_results(rows, led)
    _add_clones(rows, led)
    return list(rows.values())


def _add_items(rows: dict[int, TrainingRow]) -> None:
    first = GoldItem.objects.filter(training=OuterRef("pk")).order_by("position", "pk").values("pk")[:1]
    firsts = TrainingProject.objects.filter(pk__in=rows).order_by().values_list("pk", Subquery(first))
    first_items = {item: training for training, item in firsts if item is not None}
    counts = GoldItem.objects.filter(training__in=rows).order_by().values_list("training")
    for training, items in counts.annotate(items=Count("pk")):
        rows[training].items = items
    for item in GoldItem.objects.filter(pk__in=first_items).select_related("file").order_by("pk"):
        rows[first_items[item.pk]].picture = item.file


def _count_copies(rows: dict[int, TrainingRow], copies: QuerySet[TaskCopy]) -> None:
    counts = (
        copies.filter(training__in=rows)
        .values_list("training")
        .annotate(
            # A retake is only granted of a submitted task, so first attempts count every task once.
            tasks=Count("pk", filter=Q(attempt=1)),
            submitted=Count("pk", filter=Q(attempt=1, task__state=TaskState.SUBMITTED)),
            edited=Max("task__edited_at"),
        )
        .order_by()
    )
    for pk, tasks, submitted, edited in counts:
        rows[pk].tasks, rows[pk].submitted, rows[pk].own_activity = tasks, submitted, edited


def _count_annotators(rows: dict[int, TrainingRow], led: list[int]) -> None:
    """People with the annotator role who do not also lead, now."""
    leads_there = ProjectRole.objects.filter(
        project=OuterRef("project"),
        user=OuterRef("user"),
        ended_at=None,
        role__in=[Role.ADMIN, Role.TEAM_MANAGER],
    )
    counts = (
        ProjectRole.objects.filter(project__training__in=led, role=Role.ANNOTATOR, ended_at=None)
        .exclude(Exists(leads_there))
        .values_list("project__training")
        .annotate(people=Count("user", distinct=True))
        .order_by()
    )
    for pk, people in counts:
        rows[pk].annotators = people


def _add_results(rows: dict[int, TrainingRow], led: list[int]) -> None:
    """The cohort's score and failed evaluations, of each project's own publication."""
    published = without_superseded(
        Evaluation.objects.filter(
            training__in=led,
            state=RowState.FAILED,
            gold_version=F("training__publication__gold_version"),
            comparison_key=F("training__publication__comparison_key"),
            engine_version=F("training__publication__engine_version"),
        )
    )
    scores = (
        AnnotatorScore.objects.filter(
            publication__in=[rows[pk].training.publication_id for pk in led], tasks__gt=0
        )
        .values_list("publication__training")
        .annotate(earned=Sum("earned"), available=Sum("available"))
        .order_by()
    )
    for pk, earned, available in scores:
        rows[pk].points = Points(earned, available)
    failed = published.values_list("training").annotate(failed=Count("pk")).order_by()
    for pk, count in failed:
        rows[pk].failed = count


def _add_clones(rows: dict[int, TrainingRow], led: list[int]) -> None:
    """Clones that run, wait or have failed: a list must not hide them on a page behind."""
    by_root = {str(rows[pk].project.uuid): rows[pk] for pk in led}
    for job in Job.objects.filter(kind=CLONE, root_id__in=by_root).order_by("created_at", "pk"):
        by_root[job.root_id].clone = None if job.state == RowState.DONE else job
