"""View: what the editor's compare mode needs to know about one scored submission beside its gold."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

import scoring
from accounts.models import Organisation, User
from benchmarks.evaluation import kernel_function, score_cards
from benchmarks.figures import Points
from benchmarks.models import Evaluation, EvaluationLabel, Outcome, TaskCopy, TaskScore
from benchmarks.results import counting_evaluations
from jobs.models import RowState
from labels.editor import editor_config

UNKNOWN_COLOR = "#9AA3B2"


@dataclass(frozen=True)
class Neighbours:
    """The submissions before and after this one, in the order of the list; None at the ends."""

    previous: Evaluation | None
    following: Evaluation | None


def evaluation_of(copy: TaskCopy) -> Evaluation | None:
    """The published evaluation of a copy's submission, or None when nothing was submitted yet."""
    publication = copy.training.publication
    return (
        Evaluation.objects.filter(
            copy=copy,
            gold_version_id=publication.gold_version_id,
            comparison_key=publication.comparison_key,
            engine_version=publication.engine_version,
        )
        .select_related(
            "training__project__ontology_version",
            "training__publication__function__training__project",
            "submission__task__project__ontology_version",
            "submission__task__file",
            "gold_task",
            "copy__annotator",
            "copy__item",
        )
        .order_by("-submission__round")
        .first()
    )


def neighbours_of(evaluation: Evaluation) -> Neighbours:
    """Previous and next scored submission, by annotator and then by task; two queries at any number."""
    keys = ("copy__annotator_id", "copy__item__position", "pk")
    here = (evaluation.copy.annotator_id, evaluation.copy.item.position, evaluation.pk)
    scored = (
        counting_evaluations(evaluation.training.publication)
        .filter(state=RowState.DONE)
        .select_related("copy__task")
    )

    def beyond(comparison: str) -> Q:
        annotator, position, pk = (f"{key}__{comparison}" for key in keys)
        same_annotator, same_position = Q(copy__annotator_id=here[0]), Q(copy__item__position=here[1])
        return (
            Q(**{annotator: here[0]})
            | (same_annotator & Q(**{position: here[1]}))
            | (same_annotator & same_position & Q(**{pk: here[2]}))
        )

    return Neighbours(
        previous=scored.filter(beyond("lt")).order_by(*(f"-{key}" for key in keys)).first(),
        following=scored.filter(beyond("gt")).order_by(*keys).first(),
    )


def compare_config(
    evaluation: Evaluation,
    *,
    user: User,
    organisation: Organisation,
    endpoints: dict[str, str | None],
    next_url: str | None,
    previous_url: str | None,
    as_shares: bool = False,
) -> dict[str, Any]:
    """The editor's configuration in compare mode: gold left, submission right, differences with their points.

    `as_shares` is for trainees: every criterion and label counts 100, so that weights stay the lead's.
    """
    function = kernel_function(evaluation.training.publication.function)
    task = evaluation.submission.task
    score = TaskScore.objects.filter(
        evaluation=evaluation, function=evaluation.training.publication.function
    ).first()
    points = Points(score.earned, score.available) if score else Points()
    if as_shares:
        points = _as_share(points)
    return editor_config(
        mode="compare",
        task=task,
        user=user,
        organisation=organisation,
        document=evaluation.submission.document,
        revision=0,
        endpoints=endpoints,
        compare={
            "left": {"title": "Gold", "document": evaluation.gold_task.document},
            "right": {"title": evaluation.copy.annotator.name, "document": evaluation.submission.document},
            "score": {"earned": points.earned, "available": points.available, "percent": points.percent},
            "differences": _differences(evaluation, function, as_shares=as_shares),
            "next_url": next_url,
            "previous_url": previous_url,
        },
    )


@dataclass(frozen=True)
class OwnLabel:
    """One line of a trainee's score card: shares and sentences that say nothing only gold knows."""

    name: str
    color: str
    frame: int
    share: float | None
    rows: list[tuple[str, float | None, str]]


def own_score_card(evaluation: Evaluation) -> list[OwnLabel]:
    """The score card of a submission without gold, lowest share first."""
    function = kernel_function(evaluation.training.publication.function)
    colors = _colors(evaluation)
    lines = []
    for row, explained in score_cards(evaluation, function, reveal_gold=False):
        points = sum((Points(one.points, one.weight) for one in explained), Points())
        lines.append(
            OwnLabel(
                name=function.ontology.name_of(row.submitted_node) if row.submitted_node else "Missing label",
                color=colors.get(row.submitted_node, ""),
                frame=row.frame,
                share=points.share,
                rows=[(one.name, Points(one.points, one.weight).share, one.sentence) for one in explained],
            )
        )
    return sorted(lines, key=lambda line: (line.share is None, line.share or 0.0))


def _colors(evaluation: Evaluation) -> dict[str, str]:
    structure = evaluation.training.project.ontology_version.structure
    return {
        node["featureNodeHash"]: node.get("color", UNKNOWN_COLOR)
        for node in [*structure.get("objects", []), *structure.get("classifications", [])]
    }


def _as_share(points: Points) -> Points:
    return Points(100 * (points.share or 0.0), 100.0) if points.available else Points()


def _differences(
    evaluation: Evaluation, function: scoring.Function, *, as_shares: bool
) -> list[dict[str, Any]]:
    colors = _colors(evaluation)
    cards = score_cards(evaluation, function, reveal_gold=True)
    return [_difference(row, explained, function.ontology, colors, as_shares) for row, explained in cards]


def _difference(
    row: EvaluationLabel,
    explained: list[scoring.Explanation],
    ontology: scoring.Ontology,
    colors: dict[str, str],
    as_shares: bool,
) -> dict[str, Any]:
    node = row.gold_node or row.submitted_node
    rows = [(one, Points(one.points, one.weight)) for one in explained]
    points = sum((found for _, found in rows), Points())
    if as_shares:
        rows, points = [(one, _as_share(found)) for one, found in rows], _as_share(points)
    return {
        "id": row.position,
        "frame": row.frame,
        "outcome": row.outcome,
        "outcome_label": Outcome(row.outcome).label,
        "gold_id": row.gold_id or None,
        "submitted_id": row.submitted_id or None,
        "class_name": ontology.name_of(node),
        "color": colors.get(node, UNKNOWN_COLOR),
        "earned": points.earned,
        "available": points.available,
        "sentence": scoring.headline(explained),
        "criteria": [
            {
                "name": one.name,
                "value": one.value,
                "weight": found.available,
                "points": found.earned,
                "sentence": one.sentence,
            }
            for one, found in rows
        ],
    }
