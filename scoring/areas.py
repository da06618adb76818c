"""Polygons in pixels: made valid by GEOS, clipped to their frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from scoring.arrays import FloatArray, GeometryArray
from scoring.boxes import LARGEST_COORDINATE, SMALLEST_AREA_PX

MOST_VERTICES = 1000
"""Of one label over all its parts and holes. Intersections of comb-like outlines grow with the square: two combs of
1,200 vertices take seconds and half a gigabyte."""

EMPTY = shapely.Polygon()


def read_polygons(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[GeometryArray, list[str]]:
    """Outlines repaired and clipped: outer ring repaired, holes repaired and subtracted, parts united."""
    faults = [""] * len(entries)
    rings: list[FloatArray] = []
    places: list[list[list[int]]] = []
    for index, entry in enumerate(entries):
        found = _rings(entry.get("parts"))
        places.append([])
        if isinstance(found, str):
            faults[index] = found
            continue
        for part in found:
            places[-1].append(list(range(len(rings), len(rings) + len(part))))
            rings.extend(ring * sizes[index] for ring in part)
    shapes = _repaired(rings)
    outlines = np.array([_united(shapes, parts) for parts in places] + [None], dtype=object)[:-1]
    outlines, reasons = clip_outlines(outlines, sizes)
    return outlines, [fault or reason for fault, reason in zip(faults, reasons, strict=True)]


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
        outlines[sticks_out] = _polygonal(shapely.intersection(outlines[sticks_out], frames))
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


def read_path(points: object) -> FloatArray | str:
    """A list of [x, y] as an (n, 2) array, or why it is none."""
    if not isinstance(points, (list, tuple)):
        return "no list of points"
    if len(points) > MOST_VERTICES:
        return f"more than {MOST_VERTICES} vertices"
    if not points:
        return np.empty((0, 2))
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


def _repaired(rings: list[FloatArray]) -> list[shapely.Geometry]:
    """A polygonal shape per ring: GEOS make_valid (linework) where a ring touches or crosses itself."""
    shapes: list[shapely.Geometry] = [EMPTY] * len(rings)
    usable = [index for index, ring in enumerate(rings) if len(ring) >= 3]
    if not usable:
        return shapes
    lengths = [len(rings[index]) for index in usable]
    ring_numbers = np.repeat(np.arange(len(usable)), lengths)
    polygons = shapely.polygons(
        shapely.linearrings(np.concatenate([rings[index] for index in usable]), indices=ring_numbers)
    )
    is_broken = ~shapely.is_valid(polygons)
    if is_broken.any():
        polygons[is_broken] = _polygonal(shapely.make_valid(polygons[is_broken], method="linework"))
    for index, polygon in zip(usable, polygons, strict=True):
        shapes[index] = polygon
    return shapes


def _united(shapes: list[shapely.Geometry], parts: list[list[int]]) -> shapely.Geometry:
    """One label: each part's outer shape without its holes, all parts together."""
    found = []
    for outer, *holes in parts:
        shape = shapes[outer]
        if holes:
            shape = shapely.difference(shape, shapely.union_all([shapes[hole] for hole in holes]))
        found.append(shape)
    if len(found) == 1:
        return found[0]
    return shapely.union_all(found) if found else EMPTY


def _polygonal(geometries: GeometryArray) -> GeometryArray:
    """Drop the points and lines that a repair or a cut leaves beside the areas."""
    mixed = ~np.isin(shapely.get_type_id(geometries), (3, 6))
    for index in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapely.get_parts(geometries[index]))
        geometries[index] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return geometries
