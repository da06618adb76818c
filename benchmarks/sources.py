"""Which Manual QA projects may become the source of a training project, and what gold they hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.models import Organisation, User
from datasets.models import File
from labels.documents import NOT_GOLD
from labels.models import Instance, Label, ReviewStatus
from ontologies.models import OntologyVersion
from projects.models import Project, ProjectKind, Task, TaskKind, TaskState
from projects.permissions import Permission, projects_with

USABLE = (TaskState.IN_REVIEW, TaskState.COMPLETED)


@dataclass(frozen=True)
class SourceOption:
    """A project that may become a source: how far it is and how much gold it holds."""

    project: Project
    tasks: int
    usable: int
    labels: int
    reviewed: int

    @property
    def left(self) -> int:
        """Tasks that are no gold yet."""
        return self.tasks - self.usable

    @property
    def progress(self) -> float | None:
        """Share of the tasks that are annotated; None without any task."""
        return self.usable / self.tasks if self.tasks else None

    @property
    def reviewed_share(self) -> float | None:
        """Share of the gold labels that a reviewer approved; None without any label."""
        return self.reviewed / self.labels if self.labels else None


@dataclass(frozen=True)
class OntologyOption:
    """An ontology that eligible sources use, with what they hold together."""

    version: OntologyVersion
    projects: int
    usable: int

    @property
    def digest(self) -> str:
        """What identifies it: all versions with this digest are exactly the same ontology."""
        return self.version.canonical_digest


@dataclass(frozen=True)
class DuplicateFile:
    """A file with gold in several sources; the first source counts."""

    file: File
    counts: Project
    ignored: tuple[Project, ...]


def eligible_projects(user: User, organisation: Organisation) -> QuerySet[Project]:
    """Manual QA projects of the organisation that the person may use as a source, oldest first."""
    return (
        projects_with(user, organisation, Permission.USE_AS_SOURCE, ProjectKind.MANUAL_QA)
        .select_related("ontology_version__ontology")
        .order_by("created_at", "pk")
    )


def usable_tasks(projects: Collection[Project] | QuerySet[Project]) -> QuerySet[Task]:
    """The tasks whose labels can be gold: annotated, In review or Completed."""
    return Task.objects.filter(project__in=projects, kind=TaskKind.ANNOTATE, state__in=USABLE)


def ontology_options(user: User, organisation: Organisation) -> list[OntologyOption]:
    """Every ontology that an eligible source uses, most gold first; two are one when exactly the same."""
    found: dict[str, list[Project]] = {}
    for project in eligible_projects(user, organisation):
        found.setdefault(project.ontology_version.canonical_digest, []).append(project)
    usable = dict(
        usable_tasks([project for projects in found.values() for project in projects])
        .values_list("project")
        .annotate(tasks=Count("pk"))
        .order_by("project")
    )
    options = [
        OntologyOption(
            version=max((project.ontology_version for project in projects), key=lambda version: version.pk),
            projects=len(projects),
            usable=sum(usable.get(project.pk, 0) for project in projects),
        )
        for projects in found.values()
    ]
    return sorted(
        options, key=lambda option: (-option.usable, option.version.ontology.title, option.version.pk)
    )


def source_options(user: User, organisation: Organisation, digest: str) -> list[SourceOption]:
    """The eligible projects with exactly this ontology; four queries, however many there are."""
    projects = list(eligible_projects(user, organisation).filter(ontology_version__canonical_digest=digest))
    counts = {
        row["project"]: row
        for row in Task.objects.filter(project__in=projects, kind=TaskKind.ANNOTATE)
        .values("project")
        .annotate(tasks=Count("pk"), usable=Count("pk", filter=Q(state__in=USABLE)))
        .order_by("project")
    }
    labels = _gold_label_counts(projects)
    nothing = {"tasks": 0, "usable": 0}
    return [
        SourceOption(
            project=project,
            tasks=counts.get(project.pk, nothing)["tasks"],
            usable=counts.get(project.pk, nothing)["usable"],
            labels=labels.get(project.pk, (0, 0))[0],
            reviewed=labels.get(project.pk, (0, 0))[1],
        )
        for project in projects
    ]


def _gold_label_counts(projects: Sequence[Project]) -> dict[int, tuple[int, int]]:
    """(gold labels, reviewed ones) by project id: labels on frames, and global classifications once."""
    tasks = usable_tasks(projects)
    on_frames = (
        Label.objects.filter(instance__row__task__in=tasks, instance__is_global=False)
        .exclude(instance__review_status__in=NOT_GOLD)
        .values_list("instance__row__task__project")
        .annotate(
            labels=Count("pk"), reviewed=Count("pk", filter=Q(instance__review_status=ReviewStatus.APPROVED))
        )
        .order_by("instance__row__task__project")
    )
    once_per_task = (
        Instance.objects.filter(row__task__in=tasks, is_global=True)
        .exclude(review_status__in=NOT_GOLD)
        .values_list("row__task__project")
        .annotate(labels=Count("pk"), reviewed=Count("pk", filter=Q(review_status=ReviewStatus.APPROVED)))
        .order_by("row__task__project")
    )
    counts: dict[int, tuple[int, int]] = {}
    for project_id, labels, reviewed in (*on_frames, *once_per_task):
        before = counts.get(project_id, (0, 0))
        counts[project_id] = (before[0] + labels, before[1] + reviewed)
    return counts


def gold_tasks(sources: Sequence[Project]) -> list[Task]:
    """The usable tasks of the sources in their order, one per file: the first source with a file counts."""
    place = {project.pk: position for position, project in enumerate(sources)}
    tasks = usable_tasks(sources).select_related("file").order_by("queue_rank", "pk")
    chosen: dict[int, Task] = {}
    for task in sorted(tasks, key=lambda task: place[task.project_id]):
        chosen.setdefault(task.file_id, task)
    return list(chosen.values())


def duplicate_files(sources: Sequence[Project]) -> list[DuplicateFile]:
    """Files with gold in two or more of the sources, for the wizard's list."""
    if len(sources) < 2:
        return []
    place = {project.pk: position for position, project in enumerate(sources)}
    repeated = (
        usable_tasks(sources)
        .values("file")
        .annotate(times=Count("project", distinct=True))
        .filter(times__gt=1)
        .values("file")
    )
    by_file: dict[File, list[Project]] = {}
    rows = usable_tasks(sources).filter(file__in=repeated).select_related("file", "project")
    for task in sorted(rows, key=lambda task: (task.file.title, task.file_id, place[task.project_id])):
        by_file.setdefault(task.file, []).append(task.project)
    return [
        DuplicateFile(file, counts=projects[0], ignored=tuple(projects[1:]))
        for file, projects in by_file.items()
    ]
