"""Outlines made valid: what a ring holds by the even-odd rule, holes taken away, parts united.

The same as GEOS `make_valid` (linework), which takes minutes for a scribble of 300 vertices (it takes one ring of faces
after the other away): here the ring is cut at its crossings, every face is asked once whether it lies inside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from scoring.arrays import BoolArray, FloatArray, GeometryArray

MOST_CROSSINGS = 3000
"""Of the edges of one label with each other: 0.1 s to repair. Nobody draws such an outline; a scribble of 1,000 vertices
has 100,000 crossings and takes as many corners to describe."""
FACES_AT_ONCE = 256
AREAS = (3, 6)
"""GEOS's numbers of polygon and multipolygon."""

EMPTY = shapely.Polygon()


def repaired_label(parts: Sequence[Sequence[FloatArray]]) -> shapely.Geometry | str:
    """A label of parts of rings (the outer one first; (n, 2) arrays in pixels) as a valid shape, or why it is none."""
    rings = [ring for part in parts for ring in part]
    if _crossings(rings) > MOST_CROSSINGS:
        return "the outline crosses itself too often"
    found = []
    for outer, *holes in parts:
        shape = repaired_ring(outer)
        if holes:
            shape = shapely.difference(shape, shapely.union_all([repaired_ring(hole) for hole in holes]))
        found.append(shape)
    return found[0] if len(found) == 1 else shapely.union_all(found)


def repaired_ring(ring: FloatArray) -> shapely.Geometry:
    """The area that a ring of vertices (n, 2) holds by the even-odd rule."""
    if len(np.unique(ring, axis=0)) < 3:
        return EMPTY
    polygon = shapely.polygons(ring)
    if shapely.is_valid(polygon):
        return polygon
    faces = shapely.get_parts(shapely.polygonize([shapely.node(shapely.linearrings(ring))]))
    inside = faces[_is_inside(ring, shapely.get_coordinates(shapely.point_on_surface(faces)))]
    return shapely.coverage_union_all(inside) if len(inside) else EMPTY


def polygonal(geometries: GeometryArray) -> GeometryArray:
    """Drop the points and lines that a cut leaves beside the areas."""
    mixed = ~np.isin(shapely.get_type_id(geometries), AREAS)
    for index in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapely.get_parts(geometries[index]))
        geometries[index] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), AREAS)])
    return geometries


def _is_inside(ring: FloatArray, points: FloatArray) -> BoolArray:
    """Whether an odd number of the ring's edges lies above each point (none is on an edge), shape (points,)."""
    x0, y0 = ring.T
    x1, y1 = np.roll(ring, -1, axis=0).T
    steep = np.divide(y1 - y0, x1 - x0, out=np.zeros(len(ring)), where=x1 != x0)
    found = np.zeros(len(points), dtype=np.bool_)
    for start in range(0, len(points), FACES_AT_ONCE):
        x, y = points[start : start + FACES_AT_ONCE, :, None].transpose(1, 0, 2)
        is_above = ((x0 <= x) != (x1 <= x)) & (y0 + (x - x0) * steep < y)
        found[start : start + FACES_AT_ONCE] = is_above.sum(axis=1) % 2 == 1
    return found


def _crossings(rings: Sequence[FloatArray]) -> int:
    """Pairs of edges that cross each other, all rings together; those that only touch are not counted."""
    begin = np.concatenate(list(rings))
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    along = end - begin
    # the side of edge i on which each edge begins and ends: they cross when each has its ends on both sides
    offset = begin[None, :, :] - begin[:, None, :]
    starts = along[:, None, 0] * offset[..., 1] - along[:, None, 1] * offset[..., 0]
    ends = starts + along[:, None, 0] * along[None, :, 1] - along[:, None, 1] * along[None, :, 0]
    parts = starts * ends < 0
    return int((parts & parts.T).sum()) // 2
