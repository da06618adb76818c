"""Outlines made valid: what a ring holds by the even-odd rule, holes taken away, parts united.

GEOS `make_valid` (linework) is the rule. It takes away one layer of faces after the other: 20 s for a scribble of 300
vertices. A ring with many crossings is therefore cut into faces once, and each asked whether the ring goes around it an
odd number of times: the same area wherever no edge runs along another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from scoring.arrays import FloatArray, GeometryArray, IntArray

MOST_MEETINGS = 3000
"""Of the edges of one label with each other, neighbours aside. Nobody draws such an outline; a scribble of 1,000
vertices has 100,000, and its area as many corners."""
FEW_MEETINGS, MANY_MEETINGS = 30, 500
"""`make_valid` takes 10 ms for 100 of them, 0.2 s for 500."""
CUTTING = 1e-9
"""How much of its box the faces of a ring may lose by rounding, and of its length its edges."""
TOO_OFTEN = "the outline crosses itself too often"
FACES_AT_ONCE = 256
AREAS = (3, 6)
"""GEOS's numbers of polygon and multipolygon."""

EMPTY = shapely.Polygon()


def repaired_label(parts: Sequence[Sequence[FloatArray]]) -> shapely.Geometry | str:
    """A label of parts of rings (the outer one first; (n, 2) arrays in pixels) as a valid shape, or why it is none."""
    met = meetings([ring for part in parts for ring in part])
    if met > MOST_MEETINGS:
        return TOO_OFTEN
    found = []
    for part in parts:
        rings = []
        for ring in part:
            shape = _repaired_ring(ring, met)
            if shape is None:
                return TOO_OFTEN
            rings.append(shape)
        outer, *holes = rings
        found.append(shapely.difference(outer, shapely.union_all(holes)) if holes else outer)
    return found[0] if len(found) == 1 else shapely.union_all(found)


def _repaired_ring(ring: FloatArray, met: int) -> shapely.Geometry | None:
    """The area that a ring of vertices (n, 2) holds by the even-odd rule; None when it would take too long."""
    if len(ring) < 3:
        return EMPTY
    polygon = shapely.polygons(ring)
    if shapely.is_valid(polygon):
        return polygon
    shape = odd_faces(ring) if met > FEW_MEETINGS else None
    if shape is None and met <= MANY_MEETINGS:
        shape = polygonal(np.array([shapely.make_valid(polygon, method="linework")]))[0]
    return shape


def odd_faces(ring: FloatArray) -> shapely.Geometry | None:
    """The faces that a ring winds around an odd number of times; None where edges run along each other, or rounding
    breaks the cutting: faces times windings must add up to the signed area of the ring, and cut edges to its length.
    """
    line = shapely.linearrings(ring)
    x, y = ring.T
    signed = float(((x - np.roll(x, -1)) * (y + np.roll(y, -1))).sum()) / 2
    try:
        edges = shapely.union_all([line])
        if not abs(shapely.length(edges) / shapely.length(line) - 1) <= CUTTING:
            return None
        faces = shapely.get_parts(shapely.polygonize([edges]))
        windings = _windings(ring, shapely.get_coordinates(shapely.point_on_surface(faces)))
        found = shapely.coverage_union_all(faces[windings % 2 == 1])
    except shapely.errors.GEOSException:
        return None
    lost = abs(float((windings * shapely.area(faces)).sum()) - signed)
    return found if lost <= CUTTING * float(np.ptp(x) * np.ptp(y)) and shapely.is_valid(found) else None


def polygonal(geometries: GeometryArray) -> GeometryArray:
    """Drop the points and lines that a cut leaves beside the areas."""
    mixed = ~np.isin(shapely.get_type_id(geometries), AREAS)
    for index in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapely.get_parts(geometries[index]))
        geometries[index] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), AREAS)])
    return geometries


def _windings(ring: FloatArray, points: FloatArray) -> IntArray:
    """How often the ring goes around each point, clockwise on the screen: edges above it, by direction, (points,)."""
    x0, y0 = ring.T
    x1, y1 = np.roll(ring, -1, axis=0).T
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        slope = np.where(x1 == x0, 0.0, (y1 - y0) / (x1 - x0))
    direction = np.sign(x1 - x0).astype(np.int64)
    found = np.zeros(len(points), dtype=np.int64)
    for start in range(0, len(points), FACES_AT_ONCE):
        x, y = points[start : start + FACES_AT_ONCE, :, None].transpose(1, 0, 2)
        with np.errstate(invalid="ignore"):
            is_above = ((x0 <= x) != (x1 <= x)) & (y0 + (x - x0) * slope < y)
        found[start : start + FACES_AT_ONCE] = is_above @ direction
    return found


def meetings(rings: Sequence[FloatArray]) -> int:
    """Pairs of edges that cross or touch, all rings together, less one for every edge and its neighbour."""
    begin = np.concatenate(list(rings))
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    is_near = (low[:, None] <= high[None]).all(axis=2)
    is_near &= is_near.T
    # the side of edge i on which each edge begins and ends: they meet when neither lies on one side of the other
    along = end - begin
    offset = begin[None] - begin[:, None]
    starts = along[:, None, 0] * offset[..., 1] - along[:, None, 1] * offset[..., 0]
    ends = starts + along[:, None, 0] * along[None, :, 1] - along[:, None, 1] * along[None, :, 0]
    is_split = (np.sign(starts) * np.sign(ends) <= 0) & is_near
    return (int(np.count_nonzero(is_split & is_split.T)) - len(begin)) // 2 - len(begin)
