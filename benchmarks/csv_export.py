"""The two CSV files (scoring.md section 9): complete, streamed row by row, every score recomputable from them alone."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import scoring
from benchmarks.figures import Overview
from benchmarks.kernel_input import Frames, frames_of, kernel_function, rows_to_compare, submitted_document
from benchmarks.label_lines import (
    LABEL_COLUMNS,
    Lookups,
    Row,
    fact_of,
    header,
    in_pieces,
    label_bytes,
    lines,
)
from benchmarks.models import Evaluation, TrainingProject
from formats.spreadsheet import csv_lines, neutral
from scoring.explain import explain_fact, reasons
from scoring.sides import Side

__all__ = [
    "LABEL_COLUMNS",
    "annotator_csv",
    "label_bytes",
    "label_csv",
    "label_csv_with_reasons",
    "neutral",
]

GOLD_KEPT = 16


def label_csv(training: TrainingProject) -> Iterator[str]:
    """Every evaluation label of the publication, one line each, as text."""
    return (piece.decode() for piece in label_bytes(training))


def label_csv_with_reasons(training: TrainingProject) -> Iterator[bytes]:
    """The same with one more column: why points were lost, in plain sentences. For leads: it names gold's answers.

    Slower, since each submission is read again; streamed, with one submission in memory at a time.
    """
    yield header([*LABEL_COLUMNS, "reasons"])
    publication = training.publication
    if publication is not None:
        lookups = Lookups.of(training, publication)
        reasons = Reasons(kernel_function(publication.function))
        yield from in_pieces(lines(lookups, reasons.cell))


class Reasons:
    """The sentences of score cards for rows of evaluation labels, which come by evaluation: one is kept at a time."""

    def __init__(self, function: scoring.Function) -> None:
        self.function = function
        self._gold: OrderedDict[tuple[int, Frames], Side] = OrderedDict()
        self._current: tuple[int, Side, Side] | None = None

    def cell(self, row: Row) -> str:
        """Everything that was lost with this label, criterion by criterion."""
        if self._current is None or self._current[0] != row[0]:
            self._current = (row[0], *self._sides(rows_to_compare().get(pk=row[0])))
        _, gold, own = self._current
        explained = explain_fact(fact_of(row), self.function, gold, own, reveal_gold=True)
        return neutral(reasons(explained))

    def _sides(self, row: Evaluation) -> tuple[Side, Side]:
        frames = frames_of(row)
        key = (row.gold_task_id, frames)
        gold = self._gold.pop(key, None)
        ontology = self.function.ontology
        if gold is None:
            gold = Side(ontology, row.gold_task.document, frames)
            if len(self._gold) >= GOLD_KEPT:
                self._gold.popitem(last=False)
        self._gold[key] = gold
        return gold, Side(ontology, submitted_document(row), frames)


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
