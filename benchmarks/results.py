"""Read models of Summary: every figure comes from one publication, from totals, never from label facts."""

from collections import defaultdict

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum

import scoring
from accounts.models import User
from accounts.snapshot import one_moment
from benchmarks.evaluation import evaluations_of, ontology_of
from benchmarks.figures import AnnotatorResult, Overview, Points, ScoredClass
from benchmarks.models import (
    CriterionTotal,
    Evaluation,
    FunctionWeight,
    Publication,
    TaskCopy,
    TaskScore,
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
        task__state=TaskState.SUBMITTED,
    )
    return evaluations.exclude(Exists(newer))


def counting_evaluations(publication: Publication) -> QuerySet[Evaluation]:
    """The evaluations of a publication that count: of each copy's latest submitted attempt."""
    return without_superseded(evaluations_of(publication))


def evaluations_failed(publication: Publication) -> QuerySet[Evaluation]:
    """The evaluations of a publication that ended with an error."""
    return counting_evaluations(publication).filter(state=RowState.FAILED)


def scores_by_annotator(publication: Publication) -> dict[int, TaskSums]:
    """Sums of points over the scored tasks of each annotator."""
    rows = (
        TaskScore.objects.filter(
            function=publication.function_id,
            evaluation__in=counting_evaluations(publication).filter(state=RowState.DONE),
        )
        .values_list("evaluation__copy__annotator")
        .annotate(
            tasks=Count("pk"),
            earned_sum=Sum("earned"),
            available_sum=Sum("available"),
            earned_squared=Sum(F("earned") * F("earned")),
            available_squared=Sum(F("available") * F("available")),
            cross=Sum(F("earned") * F("available")),
        )
        .order_by()
    )
    return {annotator: TaskSums(*figures) for annotator, *figures in rows}


def class_points_by_annotator(
    publication: Publication, ontology: scoring.Ontology, *, annotator: User | None = None
) -> dict[int, dict[str, Points]]:
    """Points per annotator (or of one) and item (object class or classification), from criterion totals."""
    evaluations = counting_evaluations(publication).filter(state=RowState.DONE)
    if annotator is not None:
        evaluations = evaluations.filter(copy__annotator=annotator)
    weights = dict(
        FunctionWeight.objects.filter(function=publication.function_id).values_list("criterion", "weight")
    )
    rows = (
        CriterionTotal.objects.filter(evaluation__in=evaluations)
        .values_list("evaluation__copy__annotator", "criterion")
        .annotate(value_sum=Sum("value_sum"), counted=Sum("count"))
        .order_by()
    )
    found: dict[int, dict[str, Points]] = defaultdict(dict)
    for annotator, criterion, value_sum, counted in rows:
        weight, node = weights.get(criterion, 0.0), scoring.item_of(criterion, ontology)
        if node is not None and weight > 0:
            gained = Points(weight * value_sum, weight * counted)
            found[annotator][node] = found[annotator].get(node, Points()) + gained
    return found


def changes_by_annotator(publication: Publication) -> dict[int, float]:
    """Change of each annotator's percentage since the publication before, over submissions scored in both."""
    before = (
        Publication.objects.filter(training=publication.training_id, number__lt=publication.number)
        .order_by("-number")
        .first()
    )
    if before is None:
        return {}
    now_scores, old_scores = _scores_shared(publication, before), _scores_shared(before, publication)
    return {
        annotator: points.percent - old_scores[annotator].percent  # type: ignore[operator]
        for annotator, points in now_scores.items()
        if points.percent is not None
        and annotator in old_scores
        and old_scores[annotator].percent is not None
    }


def _scores_shared(publication: Publication, other: Publication) -> dict[int, Points]:
    """Points per annotator under `publication`, over submissions that `other` has scored too."""
    in_other = TaskScore.objects.filter(
        function=other.function_id,
        evaluation__in=evaluations_of(other).filter(state=RowState.DONE),
        evaluation__submission=OuterRef("evaluation__submission"),
    )
    rows = (
        TaskScore.objects.filter(
            Exists(in_other),
            function=publication.function_id,
            evaluation__in=counting_evaluations(publication).filter(state=RowState.DONE),
        )
        .values_list("evaluation__copy__annotator")
        .annotate(earned=Sum("earned"), available=Sum("available"))
        .order_by()
    )
    return {annotator: Points(earned, available) for annotator, earned, available in rows}


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
    scores, changes = scores_by_annotator(publication), changes_by_annotator(publication)
    by_class = class_points_by_annotator(publication, ontology_of(training))
    pass_mark = None if training.pass_mark is None else float(training.pass_mark)
    for pk, row in annotators.items():
        row.sums, row.pass_mark = scores.get(pk), pass_mark
        if row.sums is not None:
            row.points, row.scored = Points(row.sums.earned, row.sums.available), row.sums.tasks
        row.failed = failed.get(pk, 0)
        row.change = changes.get(pk)
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
