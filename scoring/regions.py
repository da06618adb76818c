"""Where two areas differ: the parts that only one of them has, as directions from the middle of gold."""

from __future__ import annotations

import numpy as np
import shapely

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.raster import runs_of_outlines
from scoring.shapes import MASK, Shapes

OFF_CENTRE = 0.3
"""A part whose middle is nearer to gold's middle than this share of the way to its border has no direction."""
MOST_PIXELS = 16_000_000
"""Larger areas of masks are not looked at pixel by pixel: the sentence then names no place."""


def direction(point: FloatArray, bounds: FloatArray) -> str:
    """Where a point lies in a box (x0, y0, x1, y1): " on the left", " at the top right", or "" near its middle."""
    half = (bounds[2:] - bounds[:2]) / 2
    offset = point - (bounds[:2] + bounds[2:]) / 2
    x, y = (float(part / side) if side > 0 else 0.0 for part, side in zip(offset, half, strict=True))
    across = "left" if x < -OFF_CENTRE else "right" if x > OFF_CENTRE else ""
    along = "top" if y < -OFF_CENTRE else "bottom" if y > OFF_CENTRE else ""
    if along:
        return f" at the {along} {across}".rstrip()
    return f" on the {across}" if across else ""


def difference_places(
    gold: Shapes, gold_at: int, own: Shapes, own_at: int, frame_size: tuple[float, float]
) -> tuple[str, str]:
    """Where the part lies that only gold has, and where the part that only the submission has; "" where unclear."""
    bounds = gold.bounds[gold_at]
    if MASK in (gold.kind[gold_at], own.kind[own_at]):
        return _of_pixels(gold, gold_at, own, own_at, frame_size)
    try:
        a, b = _outline(gold, gold_at), _outline(own, own_at)
        parts = [shapely.difference(a, b), shapely.difference(b, a)]
    except shapely.errors.GEOSException:
        return "", ""
    places = []
    for part in parts:
        centre = shapely.centroid(part)
        if shapely.is_empty(centre):
            places.append("")
            continue
        found = direction(np.array([centre.x, centre.y]), bounds)
        core = shapely.box(*_core(bounds))
        inside = shapely.area(shapely.intersection(part, core)) / max(shapely.area(part), 1e-9)
        places.append(found or _around(inside))
    return places[0], places[1]


def _around(inside: float) -> str:
    """A part without a direction lies in the middle or all around it."""
    return " in the middle" if inside > 0.5 else " all around"


def _core(bounds: FloatArray) -> FloatArray:
    """The middle of a box, half its size."""
    quarter = (bounds[2:] - bounds[:2]) / 4
    return np.concatenate([bounds[:2] + quarter, bounds[2:] - quarter])


def _outline(shapes: Shapes, at: int) -> shapely.Geometry:
    return shapes.polygons(np.array([at]))[0]


def _of_pixels(
    gold: Shapes, gold_at: int, own: Shapes, own_at: int, frame_size: tuple[float, float]
) -> tuple[str, str]:
    width, height = int(frame_size[0]), int(frame_size[1])
    bounds = np.stack([gold.bounds[gold_at], own.bounds[own_at]])
    first, stop = int(bounds[:, 0].min()), min(width, int(np.ceil(bounds[:, 2].max())))
    vertices = [
        shapely.get_num_coordinates(_outline(shapes, at))
        for shapes, at in ((gold, gold_at), (own, own_at))
        if shapes.kind[at] != MASK
    ]
    if (stop - first) * max(height, *vertices, 1) > MOST_PIXELS:
        return "", ""
    a, b = (
        _pixels(_runs(shapes, at, width, height), first, stop, height)
        for shapes, at in ((gold, gold_at), (own, own_at))
    )
    return _place(a & ~b, first, bounds[0]), _place(b & ~a, first, bounds[0])


def _runs(shapes: Shapes, at: int, width: int, height: int) -> tuple[IntArray, IntArray]:
    """First pixel of each run of ones, and the one after its last."""
    if shapes.kind[at] == MASK:
        return shapes.runs.of_mask(at)
    outlines = np.array([_outline(shapes, at)], dtype=object)
    return runs_of_outlines(outlines, np.array([[width, height]], dtype=np.float64)).of_mask(0)


def _pixels(runs: tuple[IntArray, IntArray], first: int, stop: int, height: int) -> BoolArray:
    """Columns first to stop of a mask, shape (columns, height)."""
    starts, ends = runs
    change = np.zeros((stop - first) * height + 1, dtype=np.int8)
    change[np.clip(starts - first * height, 0, len(change) - 1)] += 1
    change[np.clip(ends - first * height, 0, len(change) - 1)] -= 1
    found: BoolArray = (np.cumsum(change[:-1], dtype=np.int8) > 0).reshape(stop - first, height)
    return found


def _place(part: BoolArray, first: int, bounds: FloatArray) -> str:
    columns, rows = np.nonzero(part)
    if not len(columns):
        return ""
    x, y = columns + first + 0.5, rows + 0.5
    found = direction(np.array([x.mean(), y.mean()]), bounds)
    x0, y0, x1, y1 = _core(bounds)
    inside = (x > x0) & (x < x1) & (y > y0) & (y < y1)
    return found or _around(float(inside.mean()))
