"""View: what the editor's compare mode needs to know about one scored submission beside its gold."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

import scoring
from accounts.models import Organisation, User
from benchmarks.evaluation import kernel_function, score_cards
from benchmarks.models import Evaluation, EvaluationLabel, Outcome, TaskCopy, TaskScore
from benchmarks.results import Points, counting_evaluations
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
) -> dict[str, Any]:
    """The editor's configuration in compare mode: gold left, submission right, differences with their points."""
    function = kernel_function(evaluation.training.publication.function)
    task = evaluation.submission.task
    score = TaskScore.objects.filter(
        evaluation=evaluation, function=evaluation.training.publication.function
    ).first()
    points = Points(score.earned, score.available) if score else Points()
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
            "differences": _differences(evaluation, function),
            "next_url": next_url,
            "previous_url": previous_url,
        },
    )


def _differences(evaluation: Evaluation, function: scoring.Function) -> list[dict[str, Any]]:
    structure = evaluation.training.project.ontology_version.structure
    colors = {
        node["featureNodeHash"]: node.get("color", UNKNOWN_COLOR)
        for node in [*structure.get("objects", []), *structure.get("classifications", [])]
    }
    cards = score_cards(evaluation, function, reveal_gold=True)
    return [_difference(row, explained, function.ontology, colors) for row, explained in cards]


def _difference(
    row: EvaluationLabel,
    explained: list[scoring.Explanation],
    ontology: scoring.Ontology,
    colors: dict[str, str],
) -> dict[str, Any]:
    node = row.gold_node or row.submitted_node
    return {
        "id": row.position,
        "frame": row.frame,
        "outcome": row.outcome,
        "outcome_label": Outcome(row.outcome).label,
        "gold_id": row.gold_id or None,
        "submitted_id": row.submitted_id or None,
        "class_name": ontology.name_of(node),
        "color": colors.get(node, UNKNOWN_COLOR),
        "earned": sum(one.points for one in explained),
        "available": sum(one.weight for one in explained),
        "sentence": scoring.headline(explained),
        "criteria": [
            {
                "name": one.name,
                "value": one.value,
                "weight": one.weight,
                "points": one.points,
                "sentence": one.sentence,
            }
            for one in explained
        ],
    }
