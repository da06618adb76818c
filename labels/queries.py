"""Read models of labels for other rooms and for this room's pages."""

from dataclasses import dataclass

from django.db.models import Count

from labels.documents import Document
from labels.models import Instance, InstanceKind, Label, ReviewStatus, Submission
from projects.models import Project, Task, TaskKind, TaskState

ANNOTATING = (TaskState.QUEUED, TaskState.ASSIGNED, TaskState.RETURNED)
# Labels that were handed in, in the order of the chart.
JUDGED = (ReviewStatus.APPROVED, ReviewStatus.IN_REVIEW, ReviewStatus.RETURNED, ReviewStatus.REJECTED)


def submitted_document(task: Task) -> Document | None:
    """What was handed in last for the task, word for word; None when nothing was."""
    return Submission.objects.filter(task=task).order_by("-round").values_list("document", flat=True).first()


@dataclass(frozen=True)
class ClassCount:
    """How many instances and labels of one object class or classification there are."""

    name: str
    color: str
    shape: str
    instances: int
    labels: int
    share: float


@dataclass(frozen=True)
class Summary:
    """The figures of Summary; counts by state cover every state, also those with nothing."""

    tasks: dict[str, int]
    labels: dict[str, int]
    classes: list[ClassCount]

    @property
    def total(self) -> int:
        """All annotate tasks."""
        return sum(self.tasks.values())

    @property
    def annotate(self) -> int:
        """Tasks still to be annotated: Queued, Assigned and Returned."""
        return sum(self.tasks[state] for state in ANNOTATING)

    @property
    def in_review(self) -> int:
        """Tasks In review."""
        return self.tasks[TaskState.IN_REVIEW]

    @property
    def completed(self) -> int:
        """Tasks Completed."""
        return self.tasks[TaskState.COMPLETED]

    @property
    def label_total(self) -> int:
        """Labels, drafts included."""
        return sum(self.labels.values())

    @property
    def task_bars(self) -> list[tuple[str, int, str]]:
        """(word, count, chart colour) of the chart of tasks."""
        return [
            ("Annotate", self.annotate, "#f0a04b"),
            ("In review", self.in_review, "#4a84e8"),
            ("Completed", self.completed, "#2f9e5b"),
        ]

    @property
    def label_bars(self) -> list[tuple[str, int, str]]:
        """(word, count, chart colour) of the chart of labels."""
        return [
            ("Draft", self.labels[ReviewStatus.NOT_SUBMITTED], "#9aa3b2"),
            ("In review", self.labels[ReviewStatus.IN_REVIEW], "#4a84e8"),
            ("Returned", self.labels[ReviewStatus.RETURNED], "#d94a62"),
            (
                "Approved",
                self.labels[ReviewStatus.APPROVED] + self.labels[ReviewStatus.NOT_SAMPLED],
                "#2f9e5b",
            ),
        ]


def project_summary(project: Project) -> Summary:
    """Tasks and labels of a Manual QA project by status, and labels by class; three queries."""
    tasks = Task.objects.filter(project=project, kind=TaskKind.ANNOTATE)
    by_state = dict(tasks.order_by().values_list("state").annotate(count=Count("pk")))
    labels = Label.objects.filter(instance__row__task__project=project).exclude(
        instance__review_status=ReviewStatus.DELETED
    )
    by_status = dict(labels.order_by().values_list("instance__review_status").annotate(count=Count("pk")))
    return Summary(
        tasks={state: by_state.get(state, 0) for state in TaskState},
        labels={status: by_status.get(status, 0) for status in ReviewStatus},
        classes=_classes(project),
    )


def _classes(project: Project) -> list[ClassCount]:
    counted = (
        Instance.objects.filter(row__task__project=project)
        .exclude(review_status=ReviewStatus.DELETED)
        .order_by()
        .values_list("kind", "node")
        .annotate(instances=Count("pk", distinct=True), labels=Count("labels"))
    )
    counts = {(kind, node): (instances, labels) for kind, node, instances, labels in counted}
    most = max((instances for instances, _ in counts.values()), default=0)
    structure = project.ontology_version.structure
    nodes = [
        (InstanceKind.OBJECT, node["featureNodeHash"], node["name"], node["color"], node["shape"])
        for node in structure["objects"]
    ] + [
        (
            InstanceKind.CLASSIFICATION,
            node["featureNodeHash"],
            node["attributes"][0]["name"],
            node.get("color", ""),
            "classification",
        )
        for node in structure["classifications"]
    ]
    rows = []
    for kind, key, name, color, shape in nodes:
        instances, labels = counts.get((kind, key), (0, 0))
        rows.append(ClassCount(name, color, shape, instances, labels, instances / most if most else 0.0))
    return rows
