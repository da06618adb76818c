"""The two CSV files (scoring.md section 9): complete, streamed row by row, every score recomputable from them alone."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

import scoring
from benchmarks.evaluation import ontology_of
from benchmarks.figures import Overview
from benchmarks.models import EvaluationLabel, FunctionWeight, Publication, TrainingProject
from benchmarks.points import available_points, charged_weight, criterion_weight, earned_points
from benchmarks.results import counting_evaluations
from jobs.models import RowState

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

# Columns of the label CSV in order, with the query's field that fills each; None = filled in from the publication.
LABEL_COLUMNS = {
    "project": None,
    "annotator": "evaluation__copy__annotator__name",
    "email": "evaluation__copy__annotator__email",
    "attempt": "evaluation__copy__attempt",
    "task": "evaluation__copy__task__uuid",
    "file": "evaluation__copy__item__file__title",
    "frame": "frame",
    "outcome": "outcome",
    "gold_id": "gold_id",
    "submitted_id": "submitted_id",
    "gold_class": "gold_node",
    "submitted_class": "submitted_node",
    "similarity": "similarity",
    "iou_value": "iou_value",
    "iou_weight": "iou_weight",
    "category_value": "category_value",
    "category_weight": "category_weight",
    "track_value": "track_value",
    "track_weight": "track_weight",
    "attributes": "attributes",
    "classification_value": "classification_value",
    "classification_weight": "classification_weight",
    "extra_weight": "extra_weight",
    "earned": "earned",
    "available": "available",
    "function_version": None,
    "gold_version": None,
    "engine_version": None,
    "submitted_at": "evaluation__submission__submitted_at",
}


def neutral(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula: a quote goes before what starts like one."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) else text


class _Line:
    """What csv.writer writes into; `write` hands the finished line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """CSV lines with a header; text cells are made neutral, numbers are written exactly, None is empty."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(list(header))
    for row in rows:
        yield writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])


def label_csv(training: TrainingProject) -> Iterator[str]:
    """Every evaluation label of the publication, one line each; memory does not grow with their number."""
    return csv_lines(LABEL_COLUMNS, _label_rows(training))


def _label_rows(training: TrainingProject) -> Iterator[list[Any]]:
    publication = training.publication
    if publication is None:
        return
    ontology = ontology_of(training)
    names = {item.hash: item.name for item in ontology.items.values()}
    attribute_cell = _AttributeCell(ontology, publication)
    constants = {
        "project": training.project.title,
        "function_version": publication.function.number,
        "gold_version": publication.gold_version.number,
        "engine_version": publication.engine_version,
    }
    for row in _label_query(publication).iterator(chunk_size=2000):
        cells = row | constants
        cells["evaluation__copy__task__uuid"] = str(cells["evaluation__copy__task__uuid"])
        cells["evaluation__submission__submitted_at"] = cells[
            "evaluation__submission__submitted_at"
        ].isoformat()
        cells["attributes"] = attribute_cell(cells["attributes"])
        for side in ("gold_node", "submitted_node"):
            cells[side] = names.get(cells[side], cells[side])
        yield [cells[source or column] for column, source in LABEL_COLUMNS.items()]


def _label_query(publication: Publication) -> Any:
    function = publication.function_id
    return (
        EvaluationLabel.objects.filter(
            evaluation__in=counting_evaluations(publication).filter(state=RowState.DONE)
        )
        .annotate(
            iou_weight=criterion_weight("iou", function),
            category_weight=criterion_weight("category", function),
            track_weight=criterion_weight("track", function),
            classification_weight=criterion_weight("classification", function),
            extra_weight=charged_weight(function),
            earned=earned_points(function),
            available=available_points(function),
        )
        .order_by("evaluation_id", "position")
        .values(*[source for source in LABEL_COLUMNS.values() if source])
    )


class _AttributeCell:
    """The attributes of a label as JSON: name -> [value, weight], weight x value being the points earned."""

    def __init__(self, ontology: scoring.Ontology, publication: Publication) -> None:
        self.weights = dict(
            FunctionWeight.objects.filter(
                function=publication.function_id, criterion__startswith="attribute:"
            ).values_list("criterion", "weight")
        )
        names = [attribute.name for attribute in ontology.attributes.values()]
        self.names = {
            attribute.hash: attribute.name
            if names.count(attribute.name) == 1
            else f"{attribute.name} [{key}]"
            for key, attribute in ontology.attributes.items()
        }

    def __call__(self, attributes: dict[str, list[Any]]) -> str:
        cells = {}
        for key, (value, share, answer) in attributes.items():
            criterion = f"attribute:{key}" if answer is None else f"attribute:{key}={answer}"
            cells[self.names.get(key, key)] = [value, self.weights.get(criterion, 0.0) * share]
        return orjson.dumps(cells).decode() if cells else ""


def annotator_csv(training: TrainingProject, overview: Overview) -> Iterator[str]:
    """One line per annotator: progress, points, score in percent, change, and earned / available per class."""
    header = ["annotator", "email", "tasks", "submitted", "scored", "earned", "available", "score", "change"]
    header += ["verdict", "last_activity"]
    for one in overview.classes:
        header += [f"{one.name} earned", f"{one.name} available"]
    return csv_lines(map(neutral, header), _annotator_rows(overview))


def _annotator_rows(overview: Overview) -> Iterator[list[Any]]:
    for row in overview.annotators:
        line: list[Any] = [row.annotator.name, row.annotator.email, row.tasks, row.submitted, row.scored]
        line += [row.points.earned, row.points.available, row.points.percent, row.change]
        line += [row.verdict, row.last_activity.isoformat() if row.last_activity else ""]
        for one in overview.classes:
            points = row.by_class.get(one.node)
            line += [points.earned, points.available] if points else [0.0, 0.0]
        yield line
