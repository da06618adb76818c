"""Which labels can touch at all: a sweep over boxes of all frames at once, before any geometry is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scoring.arrays import FloatArray, IntArray

PAIRS_AT_ONCE = 1 << 18
"""Pairs looked at in one go: memory stays bounded and near the processor (a column of them is 2 MB)."""
LABELS_PER_STRIP = 16
"""A frame is cut into strips until about so many labels begin in one: then a sweep meets few that it need not."""
MARGIN_PX = 1e-3
"""More than rounding can move an end."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The box that a label's partners must touch: left, top, right, bottom in px (n,); group: labels of one group may
    pair, those of group -1 never."""

    group: IntArray
    left: FloatArray
    top: FloatArray
    right: FloatArray
    bottom: FloatArray


def near_pairs(gold: Reach, submitted: Reach) -> Iterator[tuple[IntArray, IntArray]]:
    """Indices of the pairs of one group whose boxes touch (with MARGIN_PX to spare), in pieces.

    Submitted labels are sorted by group, by the strip of the frame in which they begin, and by their left end. In each
    strip that its height lets it reach, a gold label meets those that begin before it ends, but no further left of it
    than the widest label is wide. Then tops and bottoms decide. 500 labels a side: about 20 of 500 are looked at.
    """
    ours, theirs = np.flatnonzero(gold.group >= 0), np.flatnonzero(submitted.group >= 0)
    if not len(ours) or not len(theirs):
        return
    left, top = submitted.left[theirs], submitted.top[theirs]
    widest = float((submitted.right[theirs] - left).max()) + 2 * MARGIN_PX
    tallest = float((submitted.bottom[theirs] - top).max()) + 2 * MARGIN_PX
    lowest = float(top.min())
    height = max(float(top.max()) - lowest, 1.0)
    strips = _strips(submitted.group[theirs], height / tallest)
    per_px = strips / (height * 1.000001)
    row = submitted.group[theirs] * strips + ((top - lowest) * per_px).astype(np.int64)
    start = min(float(left.min()), float(gold.left[ours].min()))
    span = max(float(left.max()), float(gold.right[ours].max())) - start + widest + 1.0
    key = row * span + (left - start)
    order = np.argsort(key)
    key = key[order]
    sorted_top, sorted_bottom = top[order], submitted.bottom[theirs][order]
    margin = MARGIN_PX + 4.0 * float(np.spacing(key[-1]))

    first_strip = _strip((gold.top[ours] - tallest - lowest) * per_px, strips)
    last_strip = _strip((gold.bottom[ours] + MARGIN_PX - lowest) * per_px, strips)
    reached = last_strip - first_strip + 1
    who, strip = ours, first_strip
    if strips > 1:
        who = np.repeat(ours, reached)
        strip = np.repeat(first_strip, reached) + _counting(reached)
    base = (gold.group[who] * strips + strip) * span - start
    first = np.searchsorted(key, base + (gold.left[who] - widest - margin))
    stop = np.searchsorted(key, base + (gold.right[who] + margin))
    for rows, counts in _pieces(stop - first):
        g = np.repeat(who[rows], counts)
        place = np.repeat(first[rows], counts) + _counting(counts)
        touches = sorted_top[place] <= np.repeat(gold.bottom[who[rows]] + MARGIN_PX, counts)
        touches &= sorted_bottom[place] >= np.repeat(gold.top[who[rows]] - MARGIN_PX, counts)
        yield g[touches], theirs[order[place[touches]]]


def _strips(group: IntArray, most: float) -> int:
    """How many strips to cut each frame into, at most `most`: none where frames have few labels."""
    per_group = len(group) / max(len(np.unique(group)), 1)
    return int(max(1.0, min(per_group / LABELS_PER_STRIP, most)))


def _strip(place: FloatArray, strips: int) -> IntArray:
    return np.clip(place, 0, strips - 1).astype(np.int64)


def _counting(counts: IntArray) -> IntArray:
    """0 .. n - 1 for each n, one after the other."""
    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)


def _pieces(counts: IntArray) -> Iterator[tuple[slice, IntArray]]:
    """Runs of rows with about PAIRS_AT_ONCE pairs each."""
    piece = np.cumsum(counts) // PAIRS_AT_ONCE
    borders = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), len(counts)]
    for start, stop in pairwise(borders):
        yield slice(start, stop), counts[start:stop]
