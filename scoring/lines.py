"""Polylines: clipped to the frame, buffered to the line width, compared like areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from scoring.arrays import FloatArray, GeometryArray, IntArray
from scoring.overlap import Outlines, outline_iou, outlines_of
from scoring.paths import read_path

SMALLEST_LENGTH_PX = 1e-6
QUARTER_SEGMENTS = 16
EMPTY = shapely.LineString()


def read_lines(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[GeometryArray, list[str]]:
    """Lines in pixels, clipped to their frame, and why each is invalid ("" when it is not)."""
    lines: GeometryArray = np.full(len(entries), EMPTY, dtype=object)
    reasons = [""] * len(entries)
    for index, entry in enumerate(entries):
        path = read_path(entry.get("points"))
        if isinstance(path, str):
            reasons[index] = path
            continue
        line = shapely.linestrings(path * sizes[index]) if len(path) >= 2 else EMPTY
        if not shapely.length(line) > SMALLEST_LENGTH_PX:
            reasons[index] = "no length"
            continue
        clipped = shapely.intersection(line, shapely.box(0.0, 0.0, *sizes[index]))
        if not shapely.length(clipped) > SMALLEST_LENGTH_PX:
            reasons[index] = "outside the frame"
            continue
        lines[index] = clipped
    return lines, reasons


def line_iou(
    gold: GeometryArray,
    submitted: GeometryArray,
    gold_index: IntArray,
    submitted_index: IntArray,
    radius_px: FloatArray,
) -> FloatArray:
    """IoU of lines buffered by `radius_px` (half the line width; one value per pair), shape (pairs,).

    Round caps and joins, 16 segments a quarter circle. Each line is buffered once, however many pairs it is in.
    """
    own, at = _buffered(gold, gold_index, radius_px)
    other, other_at = _buffered(submitted, submitted_index, radius_px)
    return outline_iou(own, other, at, other_at)


def _buffered(lines: GeometryArray, index: IntArray, radius_px: FloatArray) -> tuple[Outlines, IntArray]:
    """The outlines of the lines that are asked for, and which of them each pair needs."""
    unique, first, inverse = np.unique(index, return_index=True, return_inverse=True)
    areas = shapely.buffer(
        lines[unique], radius_px[first], quad_segs=QUARTER_SEGMENTS, cap_style="round", join_style="round"
    )
    return outlines_of(areas), inverse
