"""Small pictures of one label in a list: a crop of the file with a shape drawn over it, as SVG attributes.

Templates get numbers and attribute texts only, so no style attribute and no unescaped markup is needed.
"""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any

from formats.run_length import runs_from_string

MARGIN = 0.35
LOWEST_SIDE_PX = 24.0
MASK_COLUMNS = 120


Ring = list[tuple[float, float]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """One shape in pixels: an SVG path, whose it is (gold or submitted), and whether to fill it (strips of a mask)."""

    path: str
    side: str
    is_mask: bool


@dataclass(frozen=True)
class Crop:
    """A view box in pixels (x, y, width, height) of a frame of size (width, height) and the shapes over it."""

    view_box: str
    width: int
    height: int
    shapes: tuple[Shape, ...]
    frame: int = 0


def crop_of(
    width: int, height: int, *, gold: dict | None, submitted: dict | None, frame: int = 0
) -> Crop | None:
    """A crop of the frame around both geometries with some margin; None without any geometry."""
    shapes, boxes = [], []
    for side, geometry in (("gold", gold), ("submitted", submitted)):
        if geometry:
            rings, box = _rings_px(geometry, width, height)
            shapes.append(Shape(_path(rings), side, geometry.get("type") == "bitmask"))
            boxes.append(box)
    if not boxes:
        return None
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    side = max(right - left, bottom - top, LOWEST_SIDE_PX) * (1 + 2 * MARGIN)
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    return Crop(f"{x:.1f} {y:.1f} {side:.1f} {side:.1f}", width, height, tuple(shapes), frame)


def bounds_px(geometry: dict[str, Any], width: int, height: int) -> Box:
    """left, top, right, bottom of a geometry in pixels."""
    return _rings_px(geometry, width, height)[1]


def _rings_px(geometry: dict[str, Any], width: int, height: int) -> tuple[list[Ring], Box]:
    kind = geometry.get("type")
    if kind == "bitmask":
        rings = _mask_rings(geometry)
    elif kind == "polygon":
        rings = [[(x * width, y * height) for x, y in ring] for part in geometry["parts"] for ring in part]
    elif kind == "polyline":
        rings = [[(x * width, y * height) for x, y in geometry["points"]]]
    elif kind in ("bounding_box", "rotatable_bounding_box"):
        rings = [_box_ring(geometry, width, height)]
    else:
        rings = [[(x * width, y * height)] for x, y in _points(geometry)]
    xs = [x for ring in rings for x, _ in ring] or [0.0]
    ys = [y for ring in rings for _, y in ring] or [0.0]
    return rings, (min(xs), min(ys), max(xs), max(ys))


def _points(geometry: dict[str, Any]) -> list[tuple[float, float]]:
    if geometry.get("type") == "skeleton":
        return [(one["x"], one["y"]) for one in geometry["points"].values()]
    return [(geometry["x"], geometry["y"])]


def _box_ring(geometry: dict[str, Any], width: int, height: int) -> Ring:
    x, y = geometry["x"] * width, geometry["y"] * height
    w, h = geometry["w"] * width, geometry["h"] * height
    angle = radians(geometry.get("theta", 0.0))
    centre_x, centre_y = x + w / 2, y + h / 2
    corners = [(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)]
    return [
        (centre_x + dx * cos(angle) - dy * sin(angle), centre_y + dx * sin(angle) + dy * cos(angle))
        for dx, dy in corners
    ]


def strips(mask: dict[str, Any]) -> list[tuple[int, int]]:
    """The set pixels of a bitmask as (start, end) in column-major order."""
    found, start, is_set = [], 0, False
    for length in runs_from_string(mask["counts"]).tolist():
        if is_set and length:
            found.append((start, start + length))
        start, is_set = start + length, not is_set
    return found


def _mask_rings(geometry: dict[str, Any]) -> list[Ring]:
    """Strips of a mask, column by column; wide masks are thinned so that a list stays light."""
    rows, _ = geometry["size"]
    by_column: dict[int, list[tuple[int, int]]] = {}
    for first, last in strips(geometry):
        while first < last:
            column, row = divmod(first, rows)
            end = min(last - first, rows - row)
            by_column.setdefault(column, []).append((row, row + end))
            first += end
    step = max(1, len(by_column) // MASK_COLUMNS)
    return [
        [(column, top), (column + step, top), (column + step, bottom), (column, bottom)]
        for column in sorted(by_column)[::step]
        for top, bottom in by_column[column]
    ]


def _path(rings: list[Ring]) -> str:
    parts = []
    for ring in rings:
        if len(ring) == 1:
            (x, y) = ring[0]
            parts.append(f"M{x - 3:.1f} {y:.1f}h6M{x:.1f} {y - 3:.1f}v6")
        elif ring:
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z")
    return "".join(parts)
