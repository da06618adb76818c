"""Polygons in pixels: made valid by GEOS, clipped to their frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from scoring.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from scoring.boxes import SMALLEST_AREA_PX
from scoring.paths import MOST_VERTICES, read_path, read_paths
from scoring.repair import EMPTY, polygonal, repaired_label


def read_polygons(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[GeometryArray, list[str]]:
    """Outlines in pixels, valid and clipped, and why each is none.

    All rings are read and checked at once; labels that are not plain and valid once more, each by itself.
    """
    label_of_part, rings_of_part, rings = _parts(entries)
    xy, count, faults = read_paths(rings)
    label = np.repeat(label_of_part, rings_of_part)
    vertices = np.bincount(label, weights=count, minlength=len(entries))
    is_plain = (vertices > 0) & (vertices <= MOST_VERTICES)
    is_plain[label[list(faults)]] = False
    outlines = _plain_outlines(
        xy * np.repeat(sizes[label], count, axis=0), count, label, rings_of_part, is_plain
    )
    reasons = [""] * len(entries)
    for index in np.flatnonzero(~is_plain).tolist():
        outlines[index], reasons[index] = _careful_outline(entries[index].get("parts"), sizes[index])
    outlines, faulty = clip_outlines(outlines, sizes)
    return outlines, [reason or fault for reason, fault in zip(reasons, faulty, strict=True)]


def _parts(entries: Sequence[Mapping[str, Any]]) -> tuple[IntArray, IntArray, list[object]]:
    """The label of each part, how many rings it has, and all rings; what is no list of lists is left out."""
    label_of_part: list[int] = []
    rings_of_part: list[int] = []
    rings: list[object] = []
    for index, entry in enumerate(entries):
        parts = entry.get("parts")
        if isinstance(parts, (list, tuple)) and all(
            isinstance(part, (list, tuple)) and part for part in parts
        ):
            for part in parts:
                label_of_part.append(index)
                rings_of_part.append(len(part))
                rings.extend(part)
    return np.array(label_of_part, dtype=np.int64), np.array(rings_of_part, dtype=np.int64), rings


def _plain_outlines(
    xy: FloatArray, count: IntArray, label: IntArray, rings_of_part: IntArray, is_plain: BoolArray
) -> GeometryArray:
    """The polygons of labels that are valid as they are; `is_plain` becomes False for the others.

    xy (points, 2) in pixels; count and label of each ring; rings_of_part: the first ring of a part is the outer one.
    """
    stop = np.cumsum(count)
    has_ring = count >= 3
    has_ring[has_ring] &= (count[has_ring] > 3) | (
        xy[stop[has_ring] - 1] != xy[(stop - count)[has_ring]]
    ).any(axis=1)
    is_plain[label[~has_ring]] = False
    # whole labels only: rings of the others are left out, so that indices stay consecutive
    keep = is_plain[label]
    part = np.repeat(np.arange(len(rings_of_part)), rings_of_part)[keep]
    outlines: GeometryArray = np.full(len(is_plain), None, dtype=object)
    if not keep.any():
        return outlines
    ring = np.repeat(np.cumsum(keep) - 1, count)[np.repeat(keep, count)]
    rings = shapely.linearrings(xy[np.repeat(keep, count)], indices=ring)
    part_numbers, first = np.unique(part, return_index=True)
    if len(first) == len(rings):
        polygons = shapely.polygons(rings)
    else:
        polygons = shapely.polygons(rings, indices=np.searchsorted(part_numbers, part))
    label_of_part = label[keep][first]
    labels, begin, parts = np.unique(label_of_part, return_index=True, return_counts=True)
    outlines[labels] = polygons[begin]
    for index, start, many in zip(labels[parts > 1], begin[parts > 1], parts[parts > 1], strict=True):
        outlines[index] = shapely.multipolygons(polygons[start : start + many])
    is_plain[labels] = shapely.is_valid(outlines[labels])
    return outlines


def _careful_outline(parts: object, size: FloatArray) -> tuple[shapely.Geometry, str]:
    """A label of which something is not plain, or not valid: its repaired outline, and why it has none."""
    found = _rings(parts)
    if isinstance(found, str):
        return EMPTY, found
    outline = repaired_label([[ring * size for ring in part] for part in found])
    return (EMPTY, outline) if isinstance(outline, str) else (outline, "")


def clip_outlines(outlines: GeometryArray, sizes: FloatArray) -> tuple[GeometryArray, list[str]]:
    """Cut outlines at their frame (width, height), and say which have nothing left."""
    if not len(outlines):
        return outlines, []
    before = shapely.area(outlines)
    bounds = shapely.bounds(outlines)
    with np.errstate(invalid="ignore"):
        sticks_out = (bounds[:, :2] < 0).any(axis=1) | (bounds[:, 2:] > sizes).any(axis=1)
    if sticks_out.any():
        frames = shapely.box(0.0, 0.0, sizes[sticks_out, 0], sizes[sticks_out, 1])
        outlines[sticks_out] = polygonal(shapely.intersection(outlines[sticks_out], frames))
    after = shapely.area(outlines)
    reasons = [
        "no area" if not old > SMALLEST_AREA_PX else "" if new > SMALLEST_AREA_PX else "outside the frame"
        for old, new in zip(before, after, strict=True)
    ]
    return outlines, reasons


def _rings(parts: object) -> list[list[FloatArray]] | str:
    """Rings in relative coordinates, part by part (the outer one first), or why they cannot be read."""
    if not isinstance(parts, (list, tuple)) or not parts:
        return "no outline"
    found: list[list[FloatArray]] = []
    vertices = 0
    for part in parts:
        if not isinstance(part, (list, tuple)) or not part:
            return "no outline"
        rings = []
        for ring in part:
            points = read_path(ring)
            if isinstance(points, str):
                return points
            vertices += len(points)
            if vertices > MOST_VERTICES:
                return f"more than {MOST_VERTICES} vertices"
            if len(points) > 1 and (points[0] == points[-1]).all():
                points = points[:-1]
            rings.append(points)
        found.append(rings)
    return found
