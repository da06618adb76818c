"""The geometry of one side's labels as columns, read from their JSON in one pass per shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from scoring.areas import read_polygons
from scoring.arrays import FloatArray, GeometryArray, IntArray
from scoring.boxes import read_boxes
from scoring.lines import read_lines
from scoring.ontology import FAMILY_OF_SHAPE
from scoring.overlap import (
    Edges,
    Outlines,
    edges_of_corners,
    edges_of_polygons,
    joined_outlines,
    sorted_edges,
)
from scoring.points import read_points
from scoring.rotated import Corners, polygons_of, read_rotated_boxes
from scoring.run_strings import read_masks
from scoring.runs import Runs, joined_runs
from scoring.skeletons import NO_SKELETONS, Skeletons, join_skeletons, read_skeletons

INVALID, BOX, OUTLINE, MASK, LINE, POINT, SKELETON = range(7)
"""Codes of `Shapes.kind`: how a label's geometry is held."""
FAMILY_OF_KIND = ("area", "area", "area", "area", "line", "point", "skeleton")
"""By kind; invalid ones are in no pair."""
BOX_CORNERS = np.array([[0, 1], [2, 1], [2, 3], [0, 3]])
"""The corners of a box: which of its bounds are their x and y."""


@dataclass(slots=True)
class Shapes:
    """Columns aligned with the labels of one side, in pixels of their frame.

    bounds (n, 4): x0, y0, x1, y1 of area shapes and lines (clipped), points, and the visible vertices of skeletons;
    for boxes they are the shape itself.
    area (n,): of area shapes, clipped. outline: GEOS polygons (OUTLINE) and lines (LINE), but None for the labels in
    `corners`: rotated boxes need no GEOS to be compared with each other. point (n, 2).
    reasons: why a label is INVALID, by label. sides: of which tasks these are the shapes, if of several prepared ones.
    """

    kind: NDArray[np.int8]
    reasons: dict[int, str]
    bounds: FloatArray
    area: FloatArray
    outline: GeometryArray
    runs: Runs
    point: FloatArray
    skeleton: Skeletons
    corners: list[Corners] = field(default_factory=list)
    sides: Sequence[Shapes] = ()
    edges: Outlines | None = None

    def is_only(self, kind: int) -> bool:
        """Whether all labels are of one kind, or invalid."""
        return bool(((self.kind == kind) | (self.kind == INVALID)).all())

    def outlines(self) -> Outlines:
        """Boxes and outlines as edges, for their overlap; made when first asked for, and kept with gold."""
        if self.edges is None:
            if self.sides:
                self.edges = joined_outlines([side.outlines() for side in self.sides])
            else:
                self.edges = sorted_edges(self._edges(), self.area, self.bounds)
        return self.edges

    def _edges(self) -> list[Edges]:
        is_outline = self.kind == OUTLINE
        found = []
        for label, corners in self.corners:
            valid = is_outline[label]
            found.append(edges_of_corners(label[valid], corners[valid]))
            is_outline[label] = False
        if is_outline.any():
            shapes = self.outline.copy()
            shapes[~is_outline] = None
            found.append(edges_of_polygons(shapes))
        boxes = np.flatnonzero(self.kind == BOX)
        if len(boxes):
            found.append(edges_of_corners(boxes, self.bounds[boxes][:, BOX_CORNERS]))
        return found or [edges_of_corners(boxes, np.empty((0, 4, 2)))]

    def polygons(self, labels: IntArray) -> GeometryArray:
        """GEOS polygons of the given labels, which are boxes and outlines."""
        found: GeometryArray = self.outline[labels]
        if self.corners:
            turned = polygons_of(self.corners, labels)
            found = np.where(shapely.is_missing(found), turned, found)
        is_box = self.kind[labels] == BOX
        found[is_box] = shapely.box(*self.bounds[labels[is_box]].T)
        return found

    @classmethod
    def empty(cls, count: int) -> Shapes:
        return cls(
            kind=np.full(count, INVALID, dtype=np.int8),
            reasons={},
            bounds=np.zeros((count, 4)),
            area=np.zeros(count),
            outline=np.full(count, None, dtype=object),
            runs=Runs.none(count),
            point=np.zeros((count, 2)),
            skeleton=NO_SKELETONS,
        )


def read_shapes(geometries: Sequence[object], families: Sequence[str], sizes: FloatArray) -> Shapes:
    """Read geometries whose object classes are of the given families; sizes (n, 2) are their frames' in pixels.

    A geometry that cannot be used keeps kind INVALID and says why in `reasons`; nothing raises.
    """
    shapes = Shapes.empty(len(geometries))
    by_type = _one_type(geometries, families, sizes) or _by_type(geometries, families, sizes, shapes.reasons)
    for name, indices in by_type.items():
        is_all = len(indices) == len(geometries)
        entries = geometries if is_all else [geometries[index] for index in indices]
        reasons = _READERS[name](
            shapes,
            np.array(indices),
            entries,  # type: ignore[arg-type]
            sizes if is_all else sizes[indices],
        )
        for place, reason in reasons.items():
            index = indices[place]
            shapes.reasons[index] = reason
            shapes.kind[index] = INVALID
            shapes.area[index] = 0.0  # what was read may be negative or no number
    return shapes


def join_shapes(sides: Sequence[Shapes]) -> Shapes:
    """The shapes of several tasks one after the other."""
    reasons: dict[int, str] = {}
    corners: list[Corners] = []
    first = 0
    for side in sides:
        reasons |= {first + index: reason for index, reason in side.reasons.items()}
        corners += [(first + label, places) for label, places in side.corners]
        first += len(side.kind)
    return Shapes(
        kind=np.concatenate([side.kind for side in sides]),
        reasons=reasons,
        bounds=np.concatenate([side.bounds for side in sides]),
        area=np.concatenate([side.area for side in sides]),
        outline=np.concatenate([side.outline for side in sides]),
        runs=joined_runs([side.runs for side in sides]),
        point=np.concatenate([side.point for side in sides]),
        skeleton=join_skeletons([side.skeleton for side in sides], [len(side.kind) for side in sides]),
        corners=corners,
        sides=sides,
    )


def _one_type(
    geometries: Sequence[object], families: Sequence[str], sizes: FloatArray
) -> dict[str, Sequence[int]] | None:
    """All labels under their one type, when that is right for every label; else None."""
    if set(map(type, geometries)) != {dict} or families.count(families[0]) != len(families):
        return None
    if not float(sizes.min()) > 0.0 or not float(sizes.max()) < np.inf:  # NaN is neither
        return None
    try:
        names = [geometry["type"] for geometry in geometries]  # type: ignore[index]
    except KeyError:
        return None
    name = names[0]
    if not isinstance(name, str) or names.count(name) != len(names):
        return None
    return {name: range(len(names))} if FAMILY_OF_SHAPE.get(name) == families[0] else None


def _by_type(
    geometries: Sequence[object], families: Sequence[str], sizes: FloatArray, reasons: dict[int, str]
) -> dict[str, Sequence[int]]:
    """The labels of each type; those that cannot be of any go to the reasons."""
    has_size = np.all(np.isfinite(sizes) & (sizes > 0), axis=1).tolist()
    found: dict[str, list[int]] = {}
    for index, (geometry, family) in enumerate(zip(geometries, families, strict=True)):
        name = geometry.get("type") if isinstance(geometry, Mapping) else None
        if not isinstance(name, str) or name not in FAMILY_OF_SHAPE:
            reasons[index] = "no geometry"
        elif FAMILY_OF_SHAPE[name] != family:
            reasons[index] = f"a {name} where the class is of the {family} family"
        elif not has_size[index]:
            reasons[index] = "the frame has no size"
        else:
            found.setdefault(name, []).append(index)
    return dict(found)


def _boxes(
    shapes: Shapes, at: IntArray, entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> dict[int, str]:
    bounds, reasons = read_boxes(entries, sizes)
    shapes.kind[at] = BOX
    shapes.bounds[at] = bounds
    shapes.area[at] = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    return reasons


def _rotated(
    shapes: Shapes, at: IntArray, entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> dict[int, str]:
    corners, bounds, area, reasons = read_rotated_boxes(entries, sizes)
    shapes.kind[at] = OUTLINE
    shapes.corners = [(at[label], places) for label, places in corners]
    shapes.bounds[at], shapes.area[at] = bounds, area
    return reasons


def _polygons(
    shapes: Shapes, at: IntArray, entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> dict[int, str]:
    return _outlines(shapes, at, *read_polygons(entries, sizes))


def _outlines(
    shapes: Shapes, at: IntArray, outlines: GeometryArray, reasons: Sequence[str]
) -> dict[int, str]:
    shapes.kind[at] = OUTLINE
    shapes.outline[at] = outlines
    shapes.bounds[at] = shapely.bounds(outlines)
    shapes.area[at] = shapely.area(outlines)
    return faults(reasons)


def _masks(
    shapes: Shapes, at: IntArray, entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> dict[int, str]:
    runs, reasons = read_masks(entries, sizes)
    shapes.kind[at] = MASK
    shapes.bounds[at] = runs.bounds(sizes[:, 1].astype(np.int64))
    shapes.area[at] = runs.area_px()
    shapes.runs = runs.placed(at, len(shapes.kind))
    return faults(reasons)


def _lines(
    shapes: Shapes, at: IntArray, entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> dict[int, str]:
    lines, reasons = read_lines(entries, sizes)
    shapes.kind[at] = LINE
    shapes.outline[at] = lines
    shapes.bounds[at] = shapely.bounds(lines)
    return faults(reasons)


def _points(
    shapes: Shapes, at: IntArray, entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> dict[int, str]:
    shapes.kind[at] = POINT
    points, reasons = read_points(entries, sizes)
    shapes.point[at] = points
    shapes.bounds[at] = np.tile(points, 2)
    return reasons


def _skeletons(
    shapes: Shapes, at: IntArray, entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> dict[int, str]:
    skeletons, bounds, reasons = read_skeletons(entries, sizes)
    shapes.kind[at] = SKELETON
    shapes.bounds[at] = bounds
    shapes.skeleton = skeletons.placed(at, len(shapes.kind))
    return reasons


def faults(reasons: Sequence[str]) -> dict[int, str]:
    """The reasons that are any, by place."""
    return {place: reason for place, reason in enumerate(reasons) if reason} if any(reasons) else {}


_READERS = {
    "bounding_box": _boxes,
    "rotatable_bounding_box": _rotated,
    "polygon": _polygons,
    "bitmask": _masks,
    "polyline": _lines,
    "point": _points,
    "skeleton": _skeletons,
}
