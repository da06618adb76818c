"""The two CSV files (scoring.md section 9): complete, streamed row by row, every score recomputable from them alone."""

from collections.abc import Iterator
from typing import Any

import orjson
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

import scoring
from benchmarks.evaluation import ontology_of
from benchmarks.figures import Overview
from benchmarks.models import (
    Evaluation,
    EvaluationLabel,
    FunctionWeight,
    Outcome,
    Publication,
    TrainingProject,
)
from benchmarks.results import counting_evaluations
from formats.spreadsheet import csv_lines, neutral
from jobs.models import RowState
from scoring.fact_columns import FACT_COLUMNS, attribute_names

LABEL_COLUMNS = (
    *("project", "annotator", "email", "attempt", "task", "file"),
    *FACT_COLUMNS,
    *("function_version", "gold_version", "engine_version", "submitted_at"),
)


def label_csv(training: TrainingProject) -> Iterator[str]:
    """Every evaluation label of the publication, one line each; memory does not grow with their number."""
    return csv_lines(LABEL_COLUMNS, _label_rows(training))


# What a line needs of its evaluation label; `facts` are its attributes as JSON text, mostly an empty map.
_FACTS = (
    "evaluation_id",
    "frame",
    "outcome",
    "gold_id",
    "submitted_id",
    "gold_node",
    "submitted_node",
    "similarity",
    "iou_value",
    "category_value",
    "track_value",
    "classification_value",
    "classification_answer",
    "submitted_share",
    "facts",
)


def _label_rows(training: TrainingProject) -> Iterator[list[Any]]:
    """Labels and evaluations are two streams in the order of evaluations, merged: what all labels of an evaluation
    share is read, and made neutral, once."""
    publication = training.publication
    if publication is None:
        return
    ontology = ontology_of(training)
    class_names = {item.hash: neutral(item.name) for item in ontology.items.values()}
    class_names[""] = ""
    points = LabelPoints(publication, ontology)
    versions = [publication.function.number, publication.gold_version.number, publication.engine_version]
    evaluations = counting_evaluations(publication).filter(state=RowState.DONE)
    heads = _heads(evaluations, neutral(training.project.title))
    current, head, submitted_at = 0, [""] * 6, ""
    labels = EvaluationLabel.objects.filter(evaluation__in=evaluations).order_by("evaluation_id", "position")
    with_facts = labels.annotate(facts=Cast("attributes", TextField()))
    for (
        evaluation,
        frame,
        outcome,
        gold_id,
        submitted_id,
        gold_node,
        submitted_node,
        similarity,
        *values,
    ) in with_facts.values_list(*_FACTS).iterator(chunk_size=2000):
        while current < evaluation:
            current, head, submitted_at = next(heads, (evaluation, [], ""))
        if current > evaluation or not head:
            continue  # scored after the other stream began
        yield [
            *head,
            frame,
            outcome,
            neutral(gold_id),
            neutral(submitted_id),
            class_names.get(gold_node, gold_node),
            class_names.get(submitted_node, submitted_node),
            similarity,
            *points.cells(outcome, gold_node, submitted_node, *values),
            *versions,
            submitted_at,
        ]


def _heads(evaluations: QuerySet[Evaluation], title: str) -> Iterator[tuple[int, list[Any], str]]:
    """(key, first cells of its lines, time of submission) of every evaluation, in the order of keys."""
    found = evaluations.order_by("pk").values_list(
        "pk",
        "copy__annotator__name",
        "copy__annotator__email",
        "copy__attempt",
        "copy__task__uuid",
        "copy__item__file__title",
        "submission__submitted_at",
    )
    for pk, name, email, attempt, task, file, submitted_at in found.iterator(chunk_size=2000):
        head = [title, neutral(name), neutral(email), attempt, str(task), neutral(file)]
        yield pk, head, submitted_at.isoformat()


class LabelPoints:
    """Values, weights and points of a label as cells; the formula of benchmarks/points.py, for streams of labels.

    Weights are looked up in memory: as subqueries they cost seven times the rest of the file (bench/csv.py).
    """

    def __init__(self, publication: Publication, ontology: scoring.Ontology) -> None:
        self.weights = dict(
            FunctionWeight.objects.filter(function=publication.function_id).values_list("criterion", "weight")
        )
        self.names = attribute_names(ontology)

    def cells(
        self,
        outcome: str,
        gold_node: str,
        submitted_node: str,
        iou: float | None,
        category: float | None,
        track: float | None,
        classification: float | None,
        answer: str,
        submitted_share: float | None,
        facts: str,
    ) -> list[Any]:
        """The cells from `iou_value` to `available`."""
        weight = self.weights.get
        earned = available = 0.0
        iou_weight = category_weight = track_weight = classification_weight = charge = None
        if iou is not None:
            iou_weight = weight(f"iou:{gold_node}", 0.0)
            earned, available = earned + iou * iou_weight, available + iou_weight
        if category is not None:
            category_weight = weight(f"category:{gold_node}", 0.0)
            earned, available = earned + category * category_weight, available + category_weight
        if track is not None:
            track_weight = weight(f"track:{gold_node}", 0.0)
            earned, available = earned + track * track_weight, available + track_weight
        if classification is not None:
            key = f"classification:{gold_node}={answer}" if answer else f"classification:{gold_node}"
            classification_weight = weight(key, 0.0)
            earned += classification * classification_weight
            available += classification_weight
        attributes = ""
        if facts != "{}":
            attributes, attributes_earned, attributes_available = self._attributes(facts)
            earned, available = earned + attributes_earned, available + attributes_available
        if outcome in (Outcome.EXTRA, Outcome.DUPLICATE):
            key = f"{outcome}:{submitted_node}"
            charge = available = weight(key, 0.0) + weight(f"{key}=static", 0.0) * (submitted_share or 0.0)
        return [
            *(iou, iou_weight, category, category_weight, track, track_weight, attributes),
            *(classification, classification_weight, charge, earned, available),
        ]

    def _attributes(self, facts: str) -> tuple[str, float, float]:
        """The attributes as JSON (name -> [value, weight], value x weight being the points), earned, available."""
        cells, earned, available = {}, 0.0, 0.0
        for key, (value, share, answer) in orjson.loads(facts).items():
            criterion = f"attribute:{key}" if answer is None else f"attribute:{key}={answer}"
            weight = self.weights.get(criterion, 0.0) * share
            cells[self.names.get(key, key)] = [value, weight]
            earned, available = earned + value * weight, available + weight
        return orjson.dumps(cells).decode(), earned, available


def annotator_csv(training: TrainingProject, overview: Overview) -> Iterator[str]:
    """One line per annotator: progress, points, score in percent, change, and earned / available per class."""
    header = ["annotator", "email", "tasks", "submitted", "scored", "earned", "available", "score", "change"]
    header += ["verdict", "last_activity"]
    for one in overview.classes:
        header += [f"{one.name} earned", f"{one.name} available"]
    return csv_lines(map(neutral, header), _annotator_rows(overview))


def _annotator_rows(overview: Overview) -> Iterator[list[Any]]:
    for row in overview.annotators:
        name, email = neutral(row.annotator.name), neutral(row.annotator.email)
        line: list[Any] = [name, email, row.tasks, row.submitted, row.scored]
        line += [row.points.earned, row.points.available, row.points.percent, row.change]
        line += [row.verdict, row.last_activity.isoformat() if row.last_activity else ""]
        for one in overview.classes:
            points = row.by_class.get(one.node)
            line += [points.earned, points.available] if points else [0.0, 0.0]
        yield line
