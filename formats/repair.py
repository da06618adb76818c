"""What an import does with a shape that sticks out of the frame; broken shapes are refused."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from formats.geometry import EDGE, geometry_problems, has_area
from formats.records import FrameSize, Geometry, Problem

Point = tuple[float, float]


def repaired_geometry(
    geometry: object,
    shape: str,
    *,
    frame: FrameSize | None = None,
    vertices: Sequence[str] | None = None,
    path: str = "geometry",
) -> tuple[Geometry | None, list[Problem]]:
    """The geometry as it may be stored, or None, and what was refused or repaired.

    Boxes and polygons are clipped to the frame, points of lines and skeletons moved to its border; what lies
    outside, has no area or is broken otherwise is refused.
    """
    problems = geometry_problems(geometry, shape, frame=frame, vertices=vertices, path=path, inside=False)
    if problems or not isinstance(geometry, Mapping):
        return None, problems
    plain: Geometry = dict(geometry)
    if shape == "bitmask" or not geometry_problems(plain, shape, vertices=vertices, inside=True):
        return _without_rounding(plain, shape), []
    clipped = _clipped(plain, shape)
    if clipped is None or geometry_problems(clipped, shape, vertices=vertices, inside=True):
        return None, [Problem(path, "The shape lies outside the frame.")]
    note = "The shape was clipped to the frame."
    if shape in ("polyline", "skeleton"):
        note = "Points outside the frame were moved to its border."
    return clipped, [Problem(path, note, "repaired")]


def _without_rounding(geometry: Geometry, shape: str) -> Geometry:
    """Coordinates that leave the frame by rounding alone are put on its border, without a word."""
    if shape == "bounding_box":
        return _clipped_box(geometry)
    if shape == "point":
        return geometry | {"x": _clamp(geometry["x"]), "y": _clamp(geometry["y"])}
    if shape == "polygon":
        return geometry | {"parts": [[_clamped(ring) for ring in part] for part in geometry["parts"]]}
    if shape == "polyline":
        return geometry | {"points": _clamped(geometry["points"])}
    if shape == "skeleton":
        return geometry | {"points": _clamped_vertices(geometry["points"])}
    return geometry


def _clipped(geometry: Geometry, shape: str) -> Geometry | None:
    if shape == "bounding_box":
        return _clipped_box(geometry)
    if shape == "polygon":
        parts = [[clipped_ring(ring) for ring in part] for part in geometry["parts"]]
        kept = [[ring for ring in part if has_area(ring)] for part in parts if has_area(part[0])]
        return geometry | {"parts": kept} if kept else None
    if shape == "polyline":
        xs, ys = zip(*geometry["points"], strict=True)
        apart = max(xs) < 0 or min(xs) > 1 or max(ys) < 0 or min(ys) > 1
        return None if apart else geometry | {"points": _clamped(geometry["points"])}
    if shape == "skeleton":
        seen = [point for point in geometry["points"].values() if point["v"] > 0]
        if seen and not any(-EDGE <= p["x"] <= 1 + EDGE and -EDGE <= p["y"] <= 1 + EDGE for p in seen):
            return None
        return geometry | {"points": _clamped_vertices(geometry["points"])}
    return None


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))


def _clamped(points: Iterable[Sequence[float]]) -> list[list[float]]:
    return [[_clamp(x), _clamp(y)] for x, y in points]


def _clamped_vertices(points: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: {"x": _clamp(p["x"]), "y": _clamp(p["y"]), "v": p["v"]} for name, p in points.items()}


def _clipped_box(box: Geometry) -> Geometry:
    if all(box[start] >= 0 and box[start] + box[size] <= 1 for start, size in (("x", "w"), ("y", "h"))):
        return box
    left, top = _clamp(box["x"]), _clamp(box["y"])
    right, bottom = _clamp(box["x"] + box["w"]), _clamp(box["y"] + box["h"])
    return box | {"x": left, "y": top, "w": right - left, "h": bottom - top}


def clipped_ring(ring: Sequence[Sequence[float]]) -> list[list[float]]:
    """The ring clipped to the unit square, one border after the other (Sutherland and Hodgman)."""
    points: list[Point] = [(point[0], point[1]) for point in ring]
    for axis, limit, keeps_below in ((0, 0.0, False), (0, 1.0, True), (1, 0.0, False), (1, 1.0, True)):
        kept: list[Point] = []
        for index, point in enumerate(points):
            before = points[index - 1]
            is_in = point[axis] <= limit if keeps_below else point[axis] >= limit
            was_in = before[axis] <= limit if keeps_below else before[axis] >= limit
            if is_in != was_in:
                share = (limit - before[axis]) / (point[axis] - before[axis])
                other = before[1 - axis] + share * (point[1 - axis] - before[1 - axis])
                kept.append((limit, other) if axis == 0 else (other, limit))
            if is_in:
                kept.append(point)
        points = kept
    return [list(point) for point in points]
