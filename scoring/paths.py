"""Lists of [x, y] read for all labels of a document at once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from scoring.arrays import FloatArray, IntArray
from scoring.boxes import LARGEST_COORDINATE

MOST_VERTICES = 1000
"""Of one label over all its parts and holes. Overlaps grow with the product of two outlines' vertices."""


def read_paths(paths: Sequence[object]) -> tuple[FloatArray, IntArray, dict[int, str]]:
    """All points, one path after the other (points, 2), how many each path has, and why some cannot be read.

    Plain lists of plain numbers are read in one go; only when there is anything else is each path read by itself.
    """
    xy = _plain_points(paths)
    if xy is not None:
        return xy, np.array([len(path) for path in paths], dtype=np.int64), {}  # type: ignore[arg-type]
    found = []
    faults = {}
    for index, path in enumerate(paths):
        points = read_path(path)
        if isinstance(points, str):
            faults[index] = points
            points = np.empty((0, 2))
        found.append(points)
    counts = np.array([len(points) for points in found], dtype=np.int64)
    return np.concatenate([np.empty((0, 2)), *found]), counts, faults


def read_path(points: object) -> FloatArray | str:
    """A list of [x, y] as an (n, 2) array, or why it is none."""
    if not isinstance(points, (list, tuple)):
        return "no list of points"
    if len(points) > MOST_VERTICES:
        return f"more than {MOST_VERTICES} vertices"
    if not points:
        return np.empty((0, 2))
    plain = _plain_points([points])
    if plain is not None:
        return plain
    try:
        path = np.array(points)
    except (ValueError, TypeError, OverflowError):
        return "a point is not two numbers"
    if path.dtype.kind not in "fiu" or path.ndim != 2 or path.shape[1] != 2:
        return "a point is not two numbers"
    path = path.astype(np.float64)
    if not (np.abs(path) <= LARGEST_COORDINATE).all():
        return "not a number"
    return path


def _plain_points(paths: Sequence[Any]) -> FloatArray | None:
    """The points of paths that are lists of lists of two finite numbers; None when any is something else."""
    if not set(map(type, paths)) <= {list, tuple} or max(map(len, paths), default=0) > MOST_VERTICES:
        return None
    points = list(chain.from_iterable(paths))
    if not points:
        return np.empty((0, 2))
    if not set(map(type, points)) <= {list, tuple} or set(map(len, points)) != {2}:
        return None
    values = list(chain.from_iterable(points))
    if not set(map(type, values)) <= {float, int}:
        return None
    try:
        xy = np.frombuffer(array("d", values)).reshape(-1, 2)
    except OverflowError:
        return None
    return xy if (np.abs(xy) <= LARGEST_COORDINATE).all() else None
