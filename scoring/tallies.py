"""Sums over the columns of a batch: totals per criterion and counts of outcomes, task by task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.arrays import FloatArray, IntArray
from scoring.facts import Outcome, OutcomeKey, Totals

OUTCOMES = tuple(Outcome)
"""Outcomes by their number in columns."""
MATCHED, WRONG_CATEGORY, IMPRECISE, MISSING, DUPLICATE, EXTRA, WRONG_ANSWER = range(len(OUTCOMES))


class Tallies:
    """What is summed up for each task of a batch."""

    def __init__(self, tasks: int) -> None:
        self.totals: list[Totals] = [{} for _ in range(tasks)]
        self.outcomes: list[dict[OutcomeKey, int]] = [{} for _ in range(tasks)]

    def add(
        self,
        keys: Sequence[str],
        task: IntArray,
        code: IntArray,
        value: FloatArray | None,
        share: FloatArray | None = None,
    ) -> None:
        """Totals of the criteria `keys`: label by label its task, the number of its criterion, value and share (n,).

        No value is 0, no share is 1. Sums run over the labels in order, as adding them one by one would.
        """
        place = task * len(keys) + code if len(self.totals) > 1 else code
        counts = np.bincount(place)
        found = np.flatnonzero(counts)
        shares = counts if share is None else np.bincount(place, weights=share)
        earned = value if share is None or value is None else value * share
        sums = np.zeros(len(counts)) if earned is None else np.bincount(place, weights=earned)
        for at, value_sum, count in zip(
            found.tolist(), sums[found].tolist(), shares[found].tolist(), strict=True
        ):
            self.totals[at // len(keys)][keys[at % len(keys)]] = (value_sum, float(count))

    def count(
        self,
        nodes: Sequence[str],
        task: IntArray,
        node: IntArray,
        outcome: IntArray,
        gold: tuple[Sequence[str | None], IntArray],
        submitted: tuple[Sequence[str | None], IntArray],
    ) -> None:
        """Outcomes: label by label its task, node, outcome and both values, as numbers (n,) into the given names.

        A number of -1 is no value.
        """
        sizes = len(nodes), len(OUTCOMES), len(gold[0]) + 1, len(submitted[0]) + 1
        code = task
        for column, size in zip((node, outcome, gold[1] + 1, submitted[1] + 1), sizes, strict=True):
            code = code * size + column
        for found, count in zip(*_counted(code), strict=True):
            rest, own = divmod(found, sizes[3])
            rest, expected = divmod(rest, sizes[2])
            rest, became = divmod(rest, sizes[1])
            number, name = divmod(rest, sizes[0])
            key = (
                nodes[name],
                OUTCOMES[became],
                gold[0][expected - 1] if expected else None,
                submitted[0][own - 1] if own else None,
            )
            counts = self.outcomes[number]
            counts[key] = counts.get(key, 0) + count


def _counted(codes: IntArray) -> tuple[list[int], list[int]]:
    """The different codes and how often each occurs."""
    if not len(codes):
        return [], []
    if codes.max() > 4 * len(codes) + 4096:
        found, counts = np.unique(codes, return_counts=True)
        return found.tolist(), counts.tolist()
    counts = np.bincount(codes)
    found = np.flatnonzero(counts)
    return found.tolist(), counts[found].tolist()
