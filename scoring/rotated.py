"""Rotated boxes in pixels, clipped to their frame. Angles turn clockwise on the screen (y points down)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from scoring.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from scoring.boxes import SMALLEST_AREA_PX, read_numbers

Corners = tuple[IntArray, FloatArray]
"""Labels (k,), ascending and at least one, and the corners of each in their order (k, v, 2).

Where a label has fewer than others, its first one is repeated."""


def read_rotated_boxes(
    entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> tuple[list[Corners], FloatArray, FloatArray, dict[int, str]]:
    """Corners clipped to the frame, their bounds (n, 4) and areas (n,), and why some are invalid.

    The box is turned about its centre, in pixels.
    """
    values = read_numbers(entries, ("x", "y", "w", "h", "theta"))
    is_readable: BoolArray = ~np.any(np.isnan(values), axis=1)
    corners = _corners(np.where(is_readable[:, None], values, 0.0), sizes)
    bounds = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    area = areas(corners)
    w, h = values[:, 2], values[:, 3]
    has_area = (w > 0) & (h > 0) & (w * h * sizes[:, 0] * sizes[:, 1] > SMALLEST_AREA_PX)
    sticks_out = ((corners < 0) | (corners > sizes[:, None, :])).any(axis=(1, 2))
    out = np.flatnonzero(sticks_out)
    inside = cut_to_frames(corners[out], sizes[out])
    bounds[out] = np.concatenate([inside.min(axis=1), inside.max(axis=1)], axis=1)
    area[out] = areas(inside)
    is_seen = area > SMALLEST_AREA_PX
    reasons = {}
    for row in np.flatnonzero(~(is_readable & has_area & is_seen)).tolist():
        reasons[row] = (
            "not a number" if not is_readable[row] else "outside the frame" if has_area[row] else "no area"
        )
    whole = np.flatnonzero(~sticks_out)
    found = [(whole, corners[whole] if len(out) else corners), (out, inside)]
    return [one for one in found if len(one[0])], bounds, area, reasons


def polygons_of(corners: Sequence[Corners], labels: IntArray) -> GeometryArray:
    """GEOS polygons of the given labels, None for those without corners."""
    found: GeometryArray = np.full(len(labels), None, dtype=object)
    for own, places in corners:
        row = np.minimum(np.searchsorted(own, labels), len(own) - 1)
        at = np.flatnonzero(own[row] == labels)
        found[at] = shapely.polygons(places[row[at]])
    return found


def _corners(values: FloatArray, sizes: FloatArray) -> FloatArray:
    """The corners of turned boxes in pixels, shape (n, 4, 2), from x, y, w, h, theta (n, 5)."""
    x, y, w, h, theta = values.T
    half = np.stack([w, h], axis=1) * sizes / 2
    centre = np.stack([x, y], axis=1) * sizes + half
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half[:, None, :]
    cos, sin = np.cos(np.deg2rad(theta))[:, None], np.sin(np.deg2rad(theta))[:, None]
    found = np.empty_like(corners)
    found[..., 0] = corners[..., 0] * cos - corners[..., 1] * sin + centre[:, :1]
    found[..., 1] = corners[..., 0] * sin + corners[..., 1] * cos + centre[:, 1:]
    return found


def cut_to_frames(corners: FloatArray, sizes: FloatArray) -> FloatArray:
    """Convex outlines (n, v, 2) cut at the four sides of their frames, (n, v + 4, 2), by Sutherland and Hodgman.

    Every cut adds at most one corner; where there are fewer, the first one is repeated. All 0 where nothing is left.
    """
    for axis in (0, 1):
        corners = _cut(corners, corners[..., axis])
        corners = _cut(corners, sizes[:, None, axis] - corners[..., axis])
    return corners


def _cut(corners: FloatArray, depth: FloatArray) -> FloatArray:
    """The part of convex outlines whose `depth` (n, v), a linear function of the place, is not negative."""
    count, most = depth.shape
    following, depth_following = np.roll(corners, -1, axis=1), np.roll(depth, -1, axis=1)
    is_in = depth >= 0
    is_crossed = is_in != (depth_following >= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(is_crossed, depth / (depth - depth_following), 0.0)[..., None]
    candidates = np.stack([corners, corners + part * (following - corners)], axis=2).reshape(
        count, 2 * most, 2
    )
    is_kept = np.stack([is_in, is_crossed], axis=2).reshape(count, 2 * most)
    order = np.argsort(~is_kept, axis=1, kind="stable")[:, : most + 1]  # the kept ones first, in their order
    order = np.where(np.arange(most + 1) < is_kept.sum(axis=1)[:, None], order, order[:, :1])
    found = np.take_along_axis(candidates, order[..., None], axis=1)
    found[~is_kept.any(axis=1)] = 0.0
    return found


def areas(corners: FloatArray) -> FloatArray:
    """Areas of outlines (n, v, 2) by the shoelace formula, about their first corners."""
    x, y = np.moveaxis(corners - corners[:, :1], -1, 0)
    twice = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)
    found: FloatArray = np.abs(twice) / 2
    return found
