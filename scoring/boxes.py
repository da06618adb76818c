"""Boxes in pixels, clipped to their frame, and their overlap.

Edges are continuous: a box from 10 to 20 is 10 px wide (no +1). y points down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray
from scoring.reading import finite

SMALLEST_AREA_PX = 1e-9
LARGEST_COORDINATE = 1e6
"""In frames: what is a million pictures away is a fault, and its square is still exact enough."""


def read_numbers(entries: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> FloatArray:
    """The named values, shape (entries, keys); NaN for what is no finite number or out of range."""
    rows = [[finite(entry.get(key)) for key in keys] for entry in entries]
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(keys))
    values[np.abs(values) > LARGEST_COORDINATE] = np.nan
    return values


def read_boxes(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[FloatArray, list[str]]:
    """Clipped boxes as x0, y0, x1, y1 in pixels, and why each is invalid ("" when it is not)."""
    x, y, w, h = read_numbers(entries, ("x", "y", "w", "h")).T
    ends = np.stack([x, y, x + w, y + h], axis=1)
    limits = np.tile(sizes, 2)
    bounds = np.clip(ends * limits, 0.0, limits)
    sides = bounds[:, 2:] - bounds[:, :2]
    with np.errstate(invalid="ignore"):
        is_flat = ~((w > 0) & (h > 0))
        is_outside = ~(sides.prod(axis=1) > SMALLEST_AREA_PX)
    is_unreadable: BoolArray = np.any(np.isnan(ends), axis=1)
    reasons = [
        "not a number"
        if bad
        else "no area"
        if flat
        else "outside the frame or without area"
        if outside
        else ""
        for bad, flat, outside in zip(is_unreadable, is_flat, is_outside, strict=True)
    ]
    return bounds, reasons


def box_iou(a: FloatArray, b: FloatArray) -> FloatArray:
    """IoU of boxes pair by pair, shape (n,), from (n, 4) arrays of x0, y0, x1, y1 in pixels; both must have an area."""
    overlap = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.clip(overlap, 0.0, None).prod(axis=1)
    areas = (a[:, 2:] - a[:, :2]).prod(axis=1) + (b[:, 2:] - b[:, :2]).prod(axis=1)
    found: FloatArray = shared / (areas - shared)
    return found


def iou_bound(a: FloatArray, area_a: FloatArray, b: FloatArray, area_b: FloatArray) -> FloatArray:
    """The most that the IoU of two shapes can be, from their bounding boxes and areas: spares exact geometry."""
    overlap = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.minimum(np.clip(overlap, 0.0, None).prod(axis=1), np.minimum(area_a, area_b))
    found: FloatArray = shared / np.maximum(area_a + area_b - shared, SMALLEST_AREA_PX)
    return found
