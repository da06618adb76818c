"""Summary > Annotator submissions: which evaluation labels a lead looks at, drawn once and then paged cheaply.

A draw stores the ids and points of the labels that match the filters. Up to SAMPLE_LIMIT labels it holds all of them
and is drawn anew when more submissions have been scored; beyond that it is a random sample, even over annotators,
that stays until somebody draws again or scores are published anew.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import transaction
from django.db.models import Count, ExpressionWrapper, F, FloatField, Q, QuerySet, Value, Window
from django.db.models.fields import CharField
from django.db.models.functions import MD5, Cast, Coalesce, Concat, NullIf, RowNumber
from django.utils import timezone

from benchmarks.bulk import insert_rows
from benchmarks.models import EvaluationLabel, Publication, SampleDraw, SampleRow, TaskScore
from benchmarks.points import with_points
from benchmarks.results import counting_evaluations
from jobs.models import RowState

DEFAULT_SAMPLE_LIMIT = 10_000
KEEP_DRAWS = timedelta(days=1)


def sample_limit() -> int:
    """How many labels the list shows at most; the setting ANNOTRAIN_SAMPLE_LIMIT changes it."""
    return int(getattr(settings, "ANNOTRAIN_SAMPLE_LIMIT", DEFAULT_SAMPLE_LIMIT))


@dataclass(frozen=True)
class LabelFilter:
    """What the lead asked for; empty tuples and None restrict nothing. Percentages are of the label's own points."""

    annotators: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    words: str = ""
    # Any of these ranges (from, to), both ends included; None = open end.
    percent_ranges: tuple[tuple[float | None, float | None], ...] = ()


def matching_labels(publication: Publication, wanted: LabelFilter) -> QuerySet[EvaluationLabel]:
    """The publication's evaluation labels that match, with `earned` and `available`."""
    labels = with_points(
        EvaluationLabel.objects.filter(
            evaluation__in=counting_evaluations(publication).filter(state=RowState.DONE)
        ),
        publication.function_id,
    )
    if wanted.annotators:
        labels = labels.filter(evaluation__copy__annotator__uuid__in=wanted.annotators)
    if wanted.classes:
        labels = labels.filter(
            Q(gold_node__in=wanted.classes) | Q(gold_node="", submitted_node__in=wanted.classes)
        )
    if wanted.outcomes:
        labels = labels.filter(outcome__in=wanted.outcomes)
    if wanted.words:
        labels = labels.filter(
            Q(evaluation__copy__item__file__title__icontains=wanted.words)
            | Q(evaluation__copy__annotator__name__icontains=wanted.words)
        )
    if wanted.percent_ranges:
        percent = 100.0 * F("earned") / NullIf(F("available"), Value(0.0))
        labels = labels.annotate(percent=ExpressionWrapper(percent, output_field=FloatField()))
        labels = labels.filter(reduce(or_, (_within(low, high) for low, high in wanted.percent_ranges)))
    return labels


def _within(low: float | None, high: float | None) -> Q:
    found = Q(percent__isnull=False)
    if low is not None:
        found &= Q(percent__gte=low)
    if high is not None:
        found &= Q(percent__lte=high)
    return found


def draw_of(publication: Publication, wanted: LabelFilter, *, again: bool = False) -> SampleDraw:
    """The stored draw for these filters, made now if there is none, it is out of date, or `again` is asked."""
    scored = TaskScore.objects.filter(
        function=publication.function_id, evaluation__gold_version=publication.gold_version_id
    ).count()
    last = (
        SampleDraw.objects.filter(publication=publication, filters__wanted=asdict(wanted))
        .order_by("-pk")
        .first()
    )
    if last is not None and not again:
        is_sample = last.total > sample_limit()
        if is_sample or last.filters.get("scored") == scored:
            return last
    return _draw(publication, wanted, scored)


@transaction.atomic
def _draw(publication: Publication, wanted: LabelFilter, scored: int) -> SampleDraw:
    seed = secrets.randbelow(2**31)
    labels = matching_labels(publication, wanted)
    total = labels.aggregate(n=Count("pk"))["n"]
    SampleDraw.objects.filter(
        publication__training=publication.training_id, created_at__lt=timezone.now() - KEEP_DRAWS
    ).delete()
    draw = SampleDraw.objects.create(
        publication=publication,
        filters={"wanted": asdict(wanted), "scored": scored},
        seed=seed,
        total=total,
    )
    if total > sample_limit():
        labels = _evenly(labels, seed)[: sample_limit()]
    else:
        labels = labels.order_by("evaluation_id", "position")
    insert_rows(
        SampleRow,
        ("draw_id", "label_id", "position", "earned", "available"),
        (
            (draw.pk, pk, position, earned, available)
            for position, (pk, earned, available) in enumerate(
                labels.values_list("pk", "earned", "available")
            )
        ),
    )
    return draw


def _evenly(labels: QuerySet[EvaluationLabel], seed: int) -> QuerySet[EvaluationLabel]:
    """Labels in a random order (fixed by the seed) that takes turns between the annotators."""
    shuffled = MD5(Concat(Cast("pk", CharField()), Value(f":{seed}")))
    return labels.annotate(
        shuffled=shuffled,
        turn=Window(RowNumber(), partition_by=F("evaluation__copy__annotator"), order_by="shuffled"),
    ).order_by("turn", "shuffled")


def rows_of(draw: SampleDraw) -> QuerySet[SampleRow]:
    """The rows of a draw with all that a line shows and is sorted by: `lost` points, similarity (none = lowest)."""
    return (
        SampleRow.objects.filter(draw=draw)
        .select_related(
            "label__evaluation__copy__annotator",
            "label__evaluation__copy__item__file",
            "label__evaluation__copy__task",
            "label__evaluation__submission",
            "label__evaluation__gold_task",
        )
        .annotate(
            lost=ExpressionWrapper(F("available") - F("earned"), output_field=FloatField()),
            similarity_or_none=Coalesce(F("label__similarity"), Value(-1.0)),
        )
    )
