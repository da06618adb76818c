"""Polylines: clipped to the frame, buffered to the line width, compared like areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from scoring.arrays import FloatArray, GeometryArray, IntArray
from scoring.overlap import ROUNDING, Outlines, outline_iou, outlines_of
from scoring.paths import read_paths
from scoring.ranges import pieces, ranges
from scoring.repair import MOST_MEETINGS, TOO_OFTEN, meetings

SMALLEST_LENGTH_PX = 1e-6
QUARTER_SEGMENTS = 16
COLUMNS = 64
"""Of a frame's diagonal: fewer let more pairs through, more cost more than they spare."""
FEW_POINTS = 60
"""Shorter lines cannot cross themselves often enough to be slow."""
MOST_PIECES = 100
"""Of a line that was cut at its frame, and where it crosses itself: widening 150 of them takes half a second."""
COLUMNS_AT_ONCE = 1 << 17
EMPTY = shapely.LineString()


def read_lines(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[GeometryArray, list[str]]:
    """Lines in pixels, clipped to their frame, and why each is invalid ("" when it is not)."""
    xy, count, faults = read_paths([entry.get("points") for entry in entries])
    lines: GeometryArray = np.full(len(entries), EMPTY, dtype=object)
    has_points = count >= 2
    if has_points.any():
        keep = np.repeat(has_points, count)
        number = np.repeat(np.cumsum(has_points) - 1, count)[keep]
        scaled = xy[keep] * np.repeat(sizes, count, axis=0)[keep]
        lines[has_points] = shapely.linestrings(scaled, indices=number)
    is_long = shapely.length(lines) > SMALLEST_LENGTH_PX
    bounds = shapely.bounds(lines)
    with np.errstate(invalid="ignore"):
        sticks_out = is_long & ((bounds[:, :2] < 0).any(axis=1) | (bounds[:, 2:] > sizes).any(axis=1))
    # only these: cutting also cuts a line where it crosses itself, and hundreds of pieces take long to widen
    frames = shapely.box(0.0, 0.0, *sizes[sticks_out].T)
    lines[sticks_out] = shapely.intersection(lines[sticks_out], frames)
    is_inside = shapely.length(lines) > SMALLEST_LENGTH_PX
    lines[~is_inside] = EMPTY
    reasons = [
        "" if inside else "outside the frame" if long else "no length"
        for long, inside in zip(is_long.tolist(), is_inside.tolist(), strict=True)
    ]
    for index, fault in faults.items():
        reasons[index] = fault
    begin = np.cumsum(count) - count
    for index in np.flatnonzero(is_inside & (count > FEW_POINTS)).tolist():
        if meetings([xy[begin[index] : begin[index] + count[index]]]) > MOST_MEETINGS:
            reasons[index] = TOO_OFTEN
    for index in np.flatnonzero(sticks_out & (shapely.get_num_geometries(lines) > MOST_PIECES)).tolist():
        reasons[index] = TOO_OFTEN
    return lines, reasons


def line_iou(
    gold: GeometryArray,
    submitted: GeometryArray,
    gold_index: IntArray,
    submitted_index: IntArray,
    diagonal_px: FloatArray,
    line_width: float,
    floor: float,
) -> FloatArray:
    """IoU of lines made `line_width` of the image diagonal wide, shape (pairs,); 0 where it cannot reach the floor.

    Round caps and joins, 16 segments a quarter circle. Each line is buffered once, however many pairs it is in.
    """
    found = np.zeros(len(gold_index))
    if not len(gold_index):
        return found
    (a, low_a, high_a), at_a = _widened(gold, gold_index, diagonal_px, line_width)
    (b, low_b, high_b), at_b = _widened(submitted, submitted_index, diagonal_px, line_width)
    shared = np.zeros(len(gold_index))
    for rows in pieces(np.full(len(shared), low_a.shape[1]), COLUMNS_AT_ONCE):
        one, other = at_a[rows], at_b[rows]
        height = np.minimum(high_a[one], high_b[other]) - np.maximum(low_a[one], low_b[other])
        shared[rows] = np.maximum(height, 0.0).sum(axis=1)
    areas = a.area[at_a], b.area[at_b]
    shared = np.minimum(shared * diagonal_px / COLUMNS, np.minimum(*areas))
    near = np.flatnonzero((shared > 0) & (shared / (areas[0] + areas[1] - shared) >= floor - ROUNDING))
    found[near] = outline_iou(a, b, at_a[near], at_b[near])
    return found


def _widened(
    lines: GeometryArray, index: IntArray, diagonal_px: FloatArray, line_width: float
) -> tuple[tuple[Outlines, FloatArray, FloatArray], IntArray]:
    """The outlines of the lines that are asked for with their heights by column, and which of them each pair needs."""
    unique, first, inverse = np.unique(index, return_index=True, return_inverse=True)
    diagonal = diagonal_px[first]
    areas = shapely.buffer(
        lines[unique],
        line_width * diagonal / 2,
        quad_segs=QUARTER_SEGMENTS,
        cap_style="round",
        join_style="round",
    )
    return (outlines_of(areas), *_heights(lines[unique], diagonal, line_width)), inverse


def _heights(lines: GeometryArray, diagonal: FloatArray, line_width: float) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest y of each widened line in columns of 1/64 of the diagonal, shape (lines, columns).

    What a column holds of two lines cannot overlap more than their heights there: most pairs that only cross, or run
    beside each other, need no exact overlap.
    """
    parts, line_of_part = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    begin = np.flatnonzero(part[1:] == part[:-1])
    line = line_of_part[part[begin]]
    is_back = xy[begin, 0] > xy[begin + 1, 0]
    (x0, y0), (x1, y1) = xy[begin + is_back].T, xy[begin + ~is_back].T
    pitch = diagonal[line] / COLUMNS
    margin = line_width * diagonal[line] / 2
    outside = int(
        np.ceil(line_width * COLUMNS / 2)
    )  # columns on either side of the frame that a line may reach
    first = np.floor((x0 - margin) / pitch).astype(np.int64)
    count = np.floor((x1 + margin) / pitch).astype(np.int64) - first + 1
    edge = np.repeat(np.arange(len(begin)), count)
    column = ranges(first, count)
    # points of the line as far as the margin beside a column may reach into it
    left = np.clip(column * pitch[edge] - margin[edge], x0[edge], x1[edge])
    right = np.clip((column + 1) * pitch[edge] + margin[edge], x0[edge], x1[edge])
    slope = np.divide(y1 - y0, x1 - x0, out=np.zeros(len(begin)), where=x1 != x0)
    ends = np.stack([y0[edge] + (left - x0[edge]) * slope[edge], y0[edge] + (right - x0[edge]) * slope[edge]])
    ends[:, x0[edge] == x1[edge]] = np.stack([y0, y1])[:, edge[x0[edge] == x1[edge]]]
    low = np.full((len(lines), COLUMNS + 2 * outside + 2), np.inf)
    high = np.full(low.shape, -np.inf)
    np.minimum.at(low, (line[edge], column + outside), ends.min(axis=0) - margin[edge])
    np.maximum.at(high, (line[edge], column + outside), ends.max(axis=0) + margin[edge])
    return low, high
