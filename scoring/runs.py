"""Bitmasks as run lengths: many masks at once, overlaps without any pixels.

A mask is a list of runs over the pixels in column-major order (down the first column, then the next), as in
COCO. Everything here works on the starts and ends of the runs of ones; an image is never decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.arrays import FloatArray, IntArray
from scoring.ranges import pieces, ranges

SHIFT = 40
"""Pixel p of mask m is the number (m << 40) + p: one sorted list of numbers holds the runs of many masks."""
MOST_PIXELS = 1 << 36
"""Of one mask: 69 thousand megapixels."""
RUNS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of ones of many masks, those of mask i at first[i] .. first[i + 1] - 1, sorted and disjoint.

    starts, ends: pixels starts[k] .. ends[k] - 1, each as (mask << 40) + pixel. before[k]: pixels in all runs before
    run k, those of earlier masks included; one entry more than runs.
    """

    first: IntArray
    starts: IntArray
    ends: IntArray
    before: IntArray

    @classmethod
    def of(cls, starts: IntArray, ends: IntArray, masks: int) -> Runs:
        """Sorted runs of so many masks; those without a pixel are dropped."""
        has_pixel = ends > starts
        starts, ends = starts[has_pixel], ends[has_pixel]
        before = np.zeros(len(starts) + 1, dtype=np.int64)
        np.cumsum(ends - starts, out=before[1:])
        first = np.searchsorted(starts, np.arange(masks + 1, dtype=np.int64) << SHIFT)
        return cls(first, starts, ends, before)

    @classmethod
    def none(cls, masks: int) -> Runs:
        """So many masks without a pixel."""
        empty = np.empty(0, dtype=np.int64)
        return cls.of(empty, empty, masks)

    def of_mask(self, mask: int) -> tuple[IntArray, IntArray]:
        """First pixel of each run of one mask, and the one after its last."""
        rows = slice(self.first[mask], self.first[mask + 1])
        return self.starts[rows] - (mask << SHIFT), self.ends[rows] - (mask << SHIFT)

    def area_px(self) -> IntArray:
        """Pixels of each mask, shape (masks,)."""
        found: IntArray = np.diff(self.before[self.first])
        return found

    def bounds(self, heights: IntArray) -> FloatArray:
        """The box around the pixels of each mask (x0, y0, x1, y1), shape (masks, 4); all 0 for an empty mask."""
        found = np.zeros((len(heights), 4))
        some = np.flatnonzero(np.diff(self.first))
        if not len(some):
            return found
        mask, height = self.starts >> SHIFT, heights[self.starts >> SHIFT]
        left, top = np.divmod(self.starts - (mask << SHIFT), height)
        right, bottom = np.divmod(self.ends - 1 - (mask << SHIFT), height)
        wraps = left != right  # such a run goes through the last pixel of a column and the first of the next
        begin = self.first[some]
        found[some, 0] = left[begin]
        found[some, 1] = np.minimum.reduceat(np.where(wraps, 0, top), begin)
        found[some, 2] = right[self.first[some + 1] - 1] + 1
        found[some, 3] = np.maximum.reduceat(np.where(wraps, height - 1, bottom), begin) + 1
        return found

    def placed(self, numbers: IntArray, masks: int) -> Runs:
        """The same runs, mask i as number numbers[i] (ascending) of so many masks; the others are empty."""
        move = np.repeat((numbers - np.arange(len(numbers))) << SHIFT, np.diff(self.first))
        return Runs.of(self.starts + move, self.ends + move, masks)


def joined_runs(sides: Sequence[Runs]) -> Runs:
    """The masks of all sides, one side after the other."""
    counts = [len(side.first) - 1 for side in sides]
    moves = [sum(counts[:index]) << SHIFT for index in range(len(sides))]
    none = Runs.none(0)
    return Runs.of(
        np.concatenate([none.starts, *(side.starts + move for side, move in zip(sides, moves, strict=True))]),
        np.concatenate([none.ends, *(side.ends + move for side, move in zip(sides, moves, strict=True))]),
        sum(counts),
    )


def shared_px(a: Runs, b: Runs, index_a: IntArray, index_b: IntArray) -> IntArray:
    """Pixels in both masks, index_a[i] of `a` and index_b[i] of `b`, shape (pairs,).

    O(n log m) for n runs in the mask that has fewer of them.
    """
    found = np.zeros(len(index_a), dtype=np.int64)
    is_longer = np.diff(a.first)[index_a] >= np.diff(b.first)[index_b]
    for rows, one, other, in_one, in_other in (
        (np.flatnonzero(is_longer), a, b, index_a, index_b),
        (np.flatnonzero(~is_longer), b, a, index_b, index_a),
    ):
        found[rows] = _shared(one, other, in_one[rows], in_other[rows])
    return found


def _shared(a: Runs, b: Runs, index_a: IntArray, index_b: IntArray) -> IntArray:
    """Looks the runs of `b` up in `a`."""
    found = np.zeros(len(index_a), dtype=np.int64)
    first, count = b.first[index_b], np.diff(b.first)[index_b]
    for rows in pieces(count, RUNS_AT_ONCE):
        many = count[rows]
        run = ranges(first[rows], many)
        move = np.repeat((index_a[rows] - index_b[rows]) << SHIFT, many)
        shared = _covered(a, b.ends[run] + move) - _covered(a, b.starts[run] + move)
        total = np.concatenate(([0], np.cumsum(shared)))
        stop = np.cumsum(many)
        found[rows] = total[stop] - total[stop - many]
    return found


def _covered(runs: Runs, positions: IntArray) -> IntArray:
    """Pixels of this mask and all earlier ones before each position."""
    if not len(runs.starts):
        return np.zeros(len(positions), dtype=np.int64)
    at = np.searchsorted(runs.starts, positions, side="right")
    found: IntArray = runs.before[at] - np.maximum(runs.ends[at - 1] - positions, 0) * (at > 0)
    return found
