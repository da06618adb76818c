"""Lists of different lengths laid out one after the other: their entries numbered, and gone through in pieces."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scoring.arrays import IntArray


def ranges(first: IntArray, count: IntArray) -> IntArray:
    """first[0], first[0] + 1, ... (count[0] numbers), then those of first[1], and so on."""
    found: IntArray = np.arange(int(count.sum())) + np.repeat(first - (np.cumsum(count) - count), count)
    return found


def pieces(count: IntArray, at_once: int) -> Iterator[slice]:
    """Consecutive rows whose counts add up to about `at_once`, so that memory stays bounded."""
    piece = np.cumsum(count) // at_once
    bounds = np.flatnonzero(np.diff(piece, prepend=-1, append=-1))
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        yield slice(start, stop)
