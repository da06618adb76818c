"""Facts as columns: what a comparison of a batch found, turned into rows only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from scoring.arrays import FloatArray, IntArray
from scoring.attributes import AnswerPairs
from scoring.facts import AttributeFact, FactRow
from scoring.tallies import OUTCOMES

NO_ATTRIBUTES: Mapping[str, AttributeFact] = {}


@dataclass(frozen=True, slots=True)
class Names:
    """Who a fact is about on one side: identifiers and classes of the labels `rows` (n,), -1 where there is none."""

    rows: IntArray
    ids: list[str]
    id_of_label: IntArray
    nodes: Sequence[str]
    node_of_label: IntArray

    def texts(self) -> tuple[list[str], list[str]]:
        """Identifier and node of each fact, "" where there is none."""
        return _picked(self.ids, self.id_of_label, self.rows), _picked(
            self.nodes, self.node_of_label, self.rows
        )


def _picked(names: Sequence[str], number_of_label: IntArray, rows: IntArray) -> list[str]:
    if not len(number_of_label):
        return [""] * len(rows)
    with_none = [*names, ""]
    numbers = np.where(rows >= 0, number_of_label[rows], -1)
    return list(map(with_none.__getitem__, numbers.tolist()))


@dataclass(slots=True)
class FactColumns:
    """Facts of one sort: gold's objects, left-over submitted objects, or classifications. All columns are (n,).

    frame: number of the frame in the batch. outcome: number in OUTCOMES. The others, NaN where a criterion does not
    exist, None where it exists nowhere: see LabelFact. answer: codes into answer_names, -1 for none. reasons: by row.
    """

    frame: IntArray
    outcome: IntArray
    gold: Names
    submitted: Names
    similarity: FloatArray | None = None
    iou: FloatArray | None = None
    category: FloatArray | None = None
    track: FloatArray | None = None
    classification: FloatArray | None = None
    answer: IntArray | None = None
    answer_names: list[str] = field(default_factory=list)
    attributes: list[AnswerPairs] = field(default_factory=list)
    share: FloatArray | None = None
    reasons: dict[int, str] = field(default_factory=dict)

    def rows(self, first_frame: IntArray) -> list[FactRow]:
        """Plain tuples with the frame counted within its task; `first_frame` (n,) is that of each fact's task."""
        count = len(self.frame)
        outcomes = [str(one) for one in OUTCOMES]
        answers = [""] * count
        if self.answer is not None:
            answers = list(map([*self.answer_names, ""].__getitem__, self.answer.tolist()))
        reasons = [""] * count
        for row, reason in self.reasons.items():
            reasons[row] = reason
        gold_ids, gold_nodes = self.gold.texts()
        own_ids, own_nodes = self.submitted.texts()
        return list(
            zip(
                (self.frame - first_frame).tolist(),
                map(outcomes.__getitem__, self.outcome.tolist()),
                gold_ids,
                own_ids,
                gold_nodes,
                own_nodes,
                _numbers(self.similarity, count),
                _numbers(self.iou, count),
                _numbers(self.category, count),
                _numbers(self.track, count),
                _numbers(self.classification, count),
                answers,
                self._attribute_facts(),
                _numbers(self.share, count),
                reasons,
                strict=True,
            )
        )

    def _attribute_facts(self) -> list[Mapping[str, AttributeFact]]:
        found: list[Mapping[str, AttributeFact]] = [NO_ATTRIBUTES] * len(self.frame)
        own: dict[int, dict[str, AttributeFact]] = {}
        for pairs in self.attributes:
            for row, fact in pairs.facts():
                own.setdefault(row, {})[pairs.attribute.hash] = fact
        for row, facts in own.items():
            found[row] = facts
        return found


def _numbers(column: FloatArray | None, count: int) -> list[float | None]:
    """Python numbers, None for NaN."""
    if column is None:
        return [None] * count
    is_none = np.isnan(column)
    if not is_none.any():
        found: list[float | None] = column.tolist()
        return found
    mixed = column.astype(object)
    mixed[is_none] = None
    found = mixed.tolist()
    return found


class FactTable:
    """All facts of a batch: within a frame gold's objects, then left-over submitted objects, then classifications."""

    def __init__(self, parts: Sequence[FactColumns], first_frame: list[int]) -> None:
        self._parts = parts
        self._first_frame = np.array(first_frame, dtype=np.int64)

    def rows(self, task: int) -> list[FactRow]:
        """The facts of one task in their canonical order."""
        every, borders = self._all
        return every[borders[task] : borders[task + 1]]

    @cached_property
    def _all(self) -> tuple[list[FactRow], list[int]]:
        """The rows of all tasks, and where each task begins."""
        frame = np.concatenate([part.frame for part in self._parts])
        order = np.argsort(frame, kind="stable")
        borders = np.searchsorted(frame[order], self._first_frame)
        found: list[FactRow] = []
        for part in self._parts:
            task = np.searchsorted(self._first_frame, part.frame, side="right") - 1
            found += part.rows(self._first_frame[task])
        return list(map(found.__getitem__, order.tolist())), borders.tolist()
