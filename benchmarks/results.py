"""Read models of Summary: every figure comes from one publication, from its sums, never from label facts."""

from collections import defaultdict

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

import scoring
from accounts.models import User
from accounts.snapshot import one_moment
from benchmarks.evaluation import evaluations_of, ontology_of
from benchmarks.figures import AnnotatorResult, Overview, Points, ScoredClass
from benchmarks.models import (
    AnnotatorScore,
    AnnotatorTotal,
    Evaluation,
    FunctionWeight,
    Publication,
    TaskCopy,
    TrainingProject,
)
from jobs.models import RowState
from projects.models import ProjectRole, Role, TaskState
from scoring.verdict import TaskSums


def without_superseded(evaluations: QuerySet[Evaluation]) -> QuerySet[Evaluation]:
    """Those of the latest submitted attempt of each annotator's item: a retake takes the place of the try before."""
    newer = TaskCopy.objects.filter(
        training=OuterRef("training"),
        item=OuterRef("copy__item"),
        annotator=OuterRef("copy__annotator"),
        attempt__gt=OuterRef("copy__attempt"),
    ).filter(
        attempt__gt=1,  # said twice for the index of retakes
        task__state=TaskState.SUBMITTED,
    )
    return evaluations.exclude(Exists(newer))


def counting_evaluations(publication: Publication) -> QuerySet[Evaluation]:
    """The evaluations of a publication that count: of each copy's latest submitted attempt."""
    return without_superseded(evaluations_of(publication))


def evaluations_failed(publication: Publication) -> QuerySet[Evaluation]:
    """The evaluations of a publication that ended with an error."""
    return counting_evaluations(publication).filter(state=RowState.FAILED)


def scores_by_annotator(publication: Publication) -> dict[int, AnnotatorScore]:
    """The sums of every annotator with a scored task that counts."""
    rows = AnnotatorScore.objects.filter(publication=publication, tasks__gt=0)
    return {row.annotator_id: row for row in rows}


def task_sums(row: AnnotatorScore) -> TaskSums:
    """What the interval of an annotator's score is computed from."""
    return TaskSums(
        row.tasks, row.earned, row.available, row.earned_squared, row.available_squared, row.product
    )


def change_of(row: AnnotatorScore) -> float | None:
    """Percentage points gained since the publication before, over submissions scored in both; None without any."""
    if not row.shared_tasks:
        return None
    now = Points(row.shared_earned, row.shared_available).percent
    before = Points(row.before_earned, row.before_available).percent
    return None if now is None or before is None else now - before


def class_points_by_annotator(
    publication: Publication, ontology: scoring.Ontology, *, annotator: User | None = None
) -> dict[int, dict[str, Points]]:
    """Points per annotator (or of one) and item (object class or classification), from the sums of criteria."""
    weights = dict(
        FunctionWeight.objects.filter(function=publication.function_id, weight__gt=0).values_list(
            "criterion", "weight"
        )
    )
    totals = AnnotatorTotal.objects.filter(publication=publication)
    if annotator is not None:
        totals = totals.filter(annotator=annotator)
    items = {criterion: scoring.item_of(criterion, ontology) for criterion in weights}
    sums: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for person, criterion, value_sum, count in totals.values_list(
        "annotator", "criterion", "value_sum", "count"
    ):
        node = items.get(criterion)
        if node is not None:
            pair, weight = sums[person][node], weights[criterion]
            pair[0] += weight * value_sum
            pair[1] += weight * count
    return {
        person: {node: Points(*pair) for node, pair in by_node.items()} for person, by_node in sums.items()
    }


def points_under(publication: Publication, function: scoring.Function) -> dict[int, Points]:
    """What every annotator would have under other weights: one weighted sum over the stored totals.

    Right only for a function with the publication's comparison settings; others need the labels compared again.
    """
    totals = AnnotatorTotal.objects.filter(publication=publication)
    criteria = totals.order_by().values_list("criterion", flat=True).distinct()
    weights = {criterion: function.weight(criterion) for criterion in criteria}
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for person, criterion, value_sum, count in totals.values_list(
        "annotator", "criterion", "value_sum", "count"
    ):
        pair, weight = sums[person], weights[criterion]
        pair[0] += weight * value_sum
        pair[1] += weight * count
    return {person: Points(*pair) for person, pair in sums.items()}


def scored_classes(publication: Publication, structure: dict) -> list[ScoredClass]:
    """The items with any weight in the published function, in the ontology's order."""
    ontology = ontology_of(publication.training)
    weighed = {
        scoring.item_of(criterion, ontology)
        for criterion in FunctionWeight.objects.filter(
            function=publication.function_id, weight__gt=0
        ).values_list("criterion", flat=True)
    }
    colors = {
        node["featureNodeHash"]: node.get("color", "")
        for node in [*structure.get("objects", []), *structure.get("classifications", [])]
    }
    return [
        ScoredClass(node=item.hash, name=item.name, color=colors.get(item.hash, ""))
        for item in ontology.items.values()
        if item.hash in weighed
    ]


def overview_stamp(training: TrainingProject) -> str:
    """Changes whenever a figure of Overview does: what is published, handed in, scored and failed. Two queries."""
    states = (
        evaluations_of(training.publication).values_list("state").annotate(n=Count("pk")).order_by("state")
    )
    copies = (
        TaskCopy.objects.filter(training=training)
        .values_list("task__state")
        .annotate(n=Count("pk"))
        .order_by("task__state")
    )
    counts = ".".join(f"{state}{n}" for state, n in [*states, *copies])
    return f"{training.publication_id}.{counts}"


@one_moment()
def overview_of(training: TrainingProject) -> Overview:
    """All figures of Overview, of one moment; the number of queries does not depend on people, tasks or labels."""
    publication = training.publication
    annotators = _progress(training)
    if publication is None:
        return Overview(None, [], sorted(annotators.values(), key=lambda row: str(row.annotator)))
    publication.training = training
    classes = scored_classes(publication, training.project.ontology_version.structure)
    failed = dict(
        evaluations_failed(publication).values_list("copy__annotator").annotate(n=Count("pk")).order_by()
    )
    scores = scores_by_annotator(publication)
    by_class = class_points_by_annotator(publication, ontology_of(training))
    pass_mark = None if training.pass_mark is None else float(training.pass_mark)
    for pk, row in annotators.items():
        row.pass_mark = pass_mark
        if pk in scores:
            row.sums, row.change = task_sums(scores[pk]), change_of(scores[pk])
            row.points, row.scored = Points(row.sums.earned, row.sums.available), row.sums.tasks
        row.failed = failed.get(pk, 0)
        row.by_class = by_class.get(pk, {})
    in_order = sorted(annotators.values(), key=lambda row: str(row.annotator))
    return Overview(publication, classes, in_order, pass_mark)


def _progress(training: TrainingProject) -> dict[int, AnnotatorResult]:
    """A row per annotator who has the role now or has submitted something, with counts of tasks."""
    open_roles = set(
        ProjectRole.objects.filter(project=training.project, role=Role.ANNOTATOR, ended_at=None).values_list(
            "user", flat=True
        )
    )
    counts = {
        row["annotator"]: row
        for row in TaskCopy.objects.filter(training=training)
        .exclude(task__state=TaskState.WITHDRAWN)
        .values("annotator")
        .annotate(
            tasks=Count("item", distinct=True),
            submitted=Count("item", distinct=True, filter=Q(task__state=TaskState.SUBMITTED)),
            last=Max(F("task__edited_at")),
        )
        .order_by()
    }
    people = User.objects.filter(pk__in=open_roles | counts.keys())
    return {
        person.pk: AnnotatorResult(
            annotator=person,
            is_active=person.pk in open_roles,
            tasks=counts.get(person.pk, {}).get("tasks", 0),
            submitted=counts.get(person.pk, {}).get("submitted", 0),
            last_activity=counts.get(person.pk, {}).get("last"),
        )
        for person in people
    }
