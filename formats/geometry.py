"""The seven shapes of a label: what is allowed.

Coordinates are relative: 0 to 1 of the frame's width and height, y down. Bitmasks are COCO run lengths of the
frame.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from formats.limits import (
    MAX_NAME_CHARS,
    MAX_NUMBER,
    MAX_POLYGON_VERTICES,
    MAX_POLYLINE_VERTICES,
    MAX_ROTATED_EXTENT,
    MAX_SKELETON_VERTICES,
)
from formats.records import FrameSize, Problem
from formats.run_length import RunLengthError, checked_runs

EDGE: Final = 1e-6
"""How far outside the frame a coordinate may lie by rounding alone."""
_TINY: Final = 1e-9
_ANYWHERE: Final = 1e6

Point = tuple[float, float]

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "bounding_box": ("x", "y", "w", "h"),
    "rotatable_bounding_box": ("x", "y", "w", "h", "theta"),
    "polygon": ("parts",),
    "polyline": ("points",),
    "point": ("x", "y"),
    "skeleton": ("points",),
    "bitmask": ("size", "counts"),
}


def is_number(value: object) -> bool:
    """A finite number of reasonable size; booleans, NaN, infinities and 5,000-digit integers are not."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return -MAX_NUMBER <= value <= MAX_NUMBER
    return isinstance(value, float) and math.isfinite(value) and abs(value) <= MAX_NUMBER


def is_clean_text(value: object, limit: int) -> bool:
    """A string of at most ``limit`` characters that every database can store: no NUL, no lone surrogate."""
    return (
        isinstance(value, str)
        and len(value) <= limit
        and "\0" not in value
        and not any("\ud800" <= character <= "\udfff" for character in value)
    )


def geometry_problems(
    geometry: object,
    shape: str,
    *,
    frame: FrameSize | None = None,
    vertices: Sequence[str] | None = None,
    path: str = "geometry",
    inside: bool = True,
) -> list[Problem]:
    """Why this is not a valid geometry of the shape; an empty list when it is.

    ``frame`` (width, height in pixels) is needed to check a bitmask's size against the picture; ``vertices``
    are the names of a skeleton's template. With ``inside`` False coordinates may lie outside the frame
    (before a repair).
    """
    if not isinstance(geometry, Mapping):
        return [Problem(path, "A geometry must be an object with a type and coordinates.")]
    if geometry.get("type") != shape:
        return [Problem(f"{path}.type", f'This class is drawn as {shape}, so the type must be "{shape}".')]
    expected = KEYS[shape]
    missing = [key for key in expected if key not in geometry]
    if missing:
        return [Problem(f"{path}.{key}", "This value is missing.") for key in missing]
    unknown = [key for key in geometry if key != "type" and key not in expected]
    if unknown:
        return [Problem(path, f"A {shape} has no value called {quoted(unknown[0])}.")]
    limits = (-EDGE, 1 + EDGE) if inside else (-_ANYWHERE, _ANYWHERE)
    match shape:
        case "bounding_box":
            return _box_problems(geometry, limits, path)
        case "rotatable_bounding_box":
            return _rotated_box_problems(geometry, limits, path)
        case "polygon":
            return _polygon_problems(geometry["parts"], limits, f"{path}.parts")
        case "polyline":
            return _polyline_problems(geometry["points"], limits, f"{path}.points")
        case "point":
            return [*_number(geometry, "x", limits, path), *_number(geometry, "y", limits, path)]
        case "skeleton":
            return _skeleton_problems(geometry["points"], limits, vertices, f"{path}.points")
        case _:
            return _bitmask_problems(geometry, frame, path)


def quoted(name: object) -> str:
    """A name out of a file, shortened so that it cannot flood a message."""
    # str() of a 5,000-digit integer raises.
    text = str(name) if isinstance(name, str) or is_number(name) else type(name).__name__
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:80]
    )
    return f'"{text}"'


def _number(holder: Mapping[str, Any], key: str, limits: tuple[float, float], path: str) -> list[Problem]:
    value = holder[key]
    if not is_number(value):
        return [Problem(f"{path}.{key}", "This must be a finite number.")]
    if not limits[0] <= value <= limits[1]:
        return [Problem(f"{path}.{key}", f"{value:g} lies outside the frame (allowed is 0 to 1).")]
    return []


def _box_problems(box: Mapping[str, Any], limits: tuple[float, float], path: str) -> list[Problem]:
    problems = [problem for key in ("x", "y", "w", "h") for problem in _number(box, key, limits, path)]
    if problems:
        return problems
    for key in ("w", "h"):
        if box[key] <= _TINY:
            problems.append(Problem(f"{path}.{key}", "A box must have a width and a height above 0."))
    for start, size in (("x", "w"), ("y", "h")):
        if box[start] + box[size] > limits[1]:
            problems.append(Problem(f"{path}.{size}", "The box sticks out of the frame."))
    return problems


def _rotated_box_problems(box: Mapping[str, Any], limits: tuple[float, float], path: str) -> list[Problem]:
    # Only the centre must lie in the frame: a turned box at the border may stick out with a corner.
    anywhere = (-MAX_ROTATED_EXTENT, MAX_ROTATED_EXTENT)
    problems = [problem for key in ("x", "y", "w", "h") for problem in _number(box, key, anywhere, path)]
    if not is_number(box["theta"]) or abs(box["theta"]) > 36_000:
        problems.append(Problem(f"{path}.theta", "The angle must be a finite number of degrees."))
    if problems:
        return problems
    for key in ("w", "h"):
        if box[key] <= _TINY:
            problems.append(Problem(f"{path}.{key}", "A box must have a width and a height above 0."))
    for start, size in (("x", "w"), ("y", "h")):
        if not limits[0] <= box[start] + box[size] / 2 <= limits[1]:
            problems.append(Problem(f"{path}.{start}", "The centre of the box lies outside the frame."))
    return problems


def _points_problems(points: object, limits: tuple[float, float], path: str) -> list[Problem]:
    if not isinstance(points, list):
        return [Problem(path, "This must be a list of points.")]
    for index, point in enumerate(points):
        if not (
            isinstance(point, list | tuple)
            and len(point) == 2
            and is_number(point[0])
            and is_number(point[1])
        ):
            return [Problem(f"{path}[{index}]", "A point must be a pair of finite numbers.")]
        if not all(limits[0] <= value <= limits[1] for value in point):
            return [Problem(f"{path}[{index}]", "The point lies outside the frame (allowed is 0 to 1).")]
    return []


def _polygon_problems(parts: object, limits: tuple[float, float], path: str) -> list[Problem]:
    if not isinstance(parts, list) or not parts:
        return [Problem(path, "A polygon must have at least one part.")]
    vertex_count = 0
    for part_index, part in enumerate(parts):
        if not isinstance(part, list) or not part:
            return [
                Problem(
                    f"{path}[{part_index}]", "A part must be a list of rings: the outline, then its holes."
                )
            ]
        for ring_index, ring in enumerate(part):
            ring_path = f"{path}[{part_index}][{ring_index}]"
            vertex_count += len(ring) if isinstance(ring, list) else 0
            if vertex_count > MAX_POLYGON_VERTICES:
                return [
                    Problem(
                        ring_path,
                        f"A polygon may have {MAX_POLYGON_VERTICES:,} vertices, all rings together.",
                    )
                ]
            problems = _points_problems(ring, limits, ring_path)
            if problems:
                return problems
            if not has_area(ring):
                return [Problem(ring_path, "A ring must have three points that do not lie on one line.")]
    return []


def has_area(ring: Sequence[Sequence[float]]) -> bool:
    """Whether the points of a ring are not all on one line (a ring that crosses itself still has an area)."""
    if len(ring) < 3:
        return False
    x0, y0 = ring[0]
    far = max(ring, key=lambda point: (point[0] - x0) ** 2 + (point[1] - y0) ** 2)
    dx, dy = far[0] - x0, far[1] - y0
    return any(abs(dx * (point[1] - y0) - dy * (point[0] - x0)) > _TINY * _TINY for point in ring)


def _polyline_problems(points: object, limits: tuple[float, float], path: str) -> list[Problem]:
    if isinstance(points, list) and len(points) > MAX_POLYLINE_VERTICES:
        return [Problem(path, f"A polyline may have {MAX_POLYLINE_VERTICES:,} points.")]
    problems = _points_problems(points, limits, path)
    if not problems and isinstance(points, list) and len({(point[0], point[1]) for point in points}) < 2:
        problems.append(Problem(path, "A polyline must have two different points."))
    return problems


def _skeleton_problems(
    points: object, limits: tuple[float, float], vertices: Sequence[str] | None, path: str
) -> list[Problem]:
    if not isinstance(points, Mapping) or not points:
        return [Problem(path, "A skeleton's points must be an object: vertex name to x, y and v.")]
    if len(points) > MAX_SKELETON_VERTICES:
        return [Problem(path, f"A skeleton may have {MAX_SKELETON_VERTICES} vertices.")]
    problems: list[Problem] = []
    for name, point in points.items():
        point_path = f"{path}.{name if is_clean_text(name, 80) else 'vertex'}"
        if not is_clean_text(name, MAX_NAME_CHARS) or (vertices is not None and name not in vertices):
            problems.append(Problem(point_path, f"The template has no vertex called {quoted(name)}."))
        elif not isinstance(point, Mapping) or set(point) != {"x", "y", "v"}:
            problems.append(Problem(point_path, "A vertex must have exactly x, y and v."))
        elif isinstance(point["v"], bool) or point["v"] not in (0, 1, 2) or not isinstance(point["v"], int):
            problems.append(
                Problem(f"{point_path}.v", "Visibility must be 2 (visible), 1 (occluded) or 0 (not there).")
            )
        else:
            problems += [*_number(point, "x", limits, point_path), *_number(point, "y", limits, point_path)]
    if vertices is not None and not problems and set(points) != set(vertices):
        absent = next(name for name in vertices if name not in points)
        problems.append(
            Problem(path, f"The vertex {quoted(absent)} is missing (give it with v 0 when it is not there).")
        )
    return problems


def _bitmask_problems(mask: Mapping[str, Any], frame: FrameSize | None, path: str) -> list[Problem]:
    size, counts = mask["size"], mask["counts"]
    if not (isinstance(size, list | tuple) and len(size) == 2 and all(type(side) is int for side in size)):
        return [Problem(f"{path}.size", "The size must be [height, width] in whole pixels.")]
    height, width = size
    if frame is not None and (width, height) != tuple(frame):
        return [
            Problem(
                f"{path}.size", f"The mask is {width} x {height} pixels, the frame {frame[0]} x {frame[1]}."
            )
        ]
    if not isinstance(counts, str):
        return [Problem(f"{path}.counts", "The mask must be a compressed run-length string.")]
    try:
        checked_runs(counts, height, width)
    except RunLengthError as error:
        return [Problem(f"{path}.counts", f"The mask {error}.")]
    return []
