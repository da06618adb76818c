"""Boxes in pixels, clipped to their frame, and their overlap.

Edges are continuous: a box from 10 to 20 is 10 px wide (no +1). y points down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray
from scoring.numbers import plain_numbers
from scoring.reading import finite

SMALLEST_AREA_PX = 1e-9
LARGEST_COORDINATE = 1e6
"""In frames: what is a million pictures away is a fault, and its square is still exact enough."""


def read_numbers(entries: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> FloatArray:
    """The named values, shape (entries, keys); NaN for what is no finite number or out of range."""
    values = _read_in_bulk(entries, keys)
    if values is None:
        rows = [[finite(entry.get(key)) for key in keys] for entry in entries]
        values = np.array(rows, dtype=np.float64).reshape(len(rows), len(keys))
    values[~(np.abs(values) <= LARGEST_COORDINATE)] = np.nan
    return values


def _read_in_bulk(entries: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> FloatArray | None:
    """The same for entries that have all values as plain numbers, None for any other."""
    try:
        values = plain_numbers(map(itemgetter(*keys), entries), "g" * len(keys))
    except (KeyError, TypeError):
        return None
    return None if values is None else values.T


def read_boxes(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[FloatArray, dict[int, str]]:
    """Clipped boxes as x0, y0, x1, y1 in pixels (n, 4), and why some are invalid."""
    x, y, w, h = read_numbers(entries, ("x", "y", "w", "h")).T
    width, height = sizes.T
    bounds = np.empty((len(entries), 4))
    for column, (end, limit) in enumerate(((x, width), (y, height), (x + w, width), (y + h, height))):
        np.minimum(np.maximum(end * limit, 0.0), limit, out=bounds[:, column])
    area = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    is_good: BoolArray = (w > 0) & (h > 0) & (area > SMALLEST_AREA_PX)
    reasons = {}
    for row in np.flatnonzero(~is_good).tolist():
        if np.isnan([x[row], y[row], w[row], h[row]]).any():
            reasons[row] = "not a number"
        elif not (w[row] > 0 and h[row] > 0):
            reasons[row] = "no area"
        else:
            reasons[row] = "outside the frame or without area"
    return bounds, reasons


def box_iou(a: FloatArray, area_a: FloatArray, b: FloatArray, area_b: FloatArray) -> FloatArray:
    """IoU of boxes pair by pair, shape (n,), from (n, 4) arrays of x0, y0, x1, y1 in pixels and their areas."""
    width = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    found: FloatArray = shared / (area_a + area_b - shared)
    return found


def iou_bound(a: FloatArray, area_a: FloatArray, b: FloatArray, area_b: FloatArray) -> FloatArray:
    """The most that the IoU of two shapes can be, from their bounding boxes and areas: spares exact geometry."""
    width = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.minimum(np.maximum(width, 0.0) * np.maximum(height, 0.0), np.minimum(area_a, area_b))
    found: FloatArray = shared / np.maximum(area_a + area_b - shared, SMALLEST_AREA_PX)
    return found
