"""What is wrong with a shape, in words: which side, how much, where, which vertex.

Shares are given in whole per cent and angles in degrees, both in steps of 5 where gold must not be told; then pixels
are never named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from scoring.arrays import FloatArray
from scoring.function import Comparison
from scoring.regions import difference_places, direction
from scoring.shapes import BOX, INVALID, LINE, POINT, SKELETON, Shapes
from scoring.skeletons import SMALLEST_SCALE, VERTEX_TOLERANCE

NOUNS = {
    "bounding_box": "box",
    "rotatable_bounding_box": "rotated box",
    "polygon": "outline",
    "bitmask": "mask",
    "polyline": "line",
    "point": "point",
    "skeleton": "skeleton",
}
MEASURES = {"area": "overlap", "line": "overlap", "point": "closeness", "skeleton": "closeness"}
CLOSE_VERTEX = 0.95
"""A vertex this close is not worth a word."""
MOST_VERTICES_NAMED = 3
LOWEST_AREA_LIMIT = 0.1


@dataclass(frozen=True, slots=True)
class Shape:
    """One label's geometry: as it stands in the document, and row `at` of the columns that were read from it."""

    geometry: Mapping[str, Any]
    shapes: Shapes
    at: int
    family: str
    frame_size: tuple[float, float]

    @property
    def kind(self) -> int:
        return int(self.shapes.kind[self.at])

    @property
    def diagonal(self) -> float:
        return math.hypot(*self.frame_size)


@dataclass(frozen=True, slots=True)
class Wording:
    """How exact the words may be."""

    is_exact: bool

    def share(self, part: float) -> str:
        """A share as text, "" when it rounds to nothing."""
        step = 1 if self.is_exact else 5
        percent = math.floor(abs(part) * 100 / step + 0.5 + 1e-9) * step
        return f"{percent} %" if percent else ""

    def angle(self, degrees: float) -> str:
        """An angle as text, "" when it rounds to nothing."""
        step = 1 if self.is_exact else 5
        rounded = math.floor(abs(degrees) / step + 0.5 + 1e-9) * step
        return f"{rounded}°" if rounded else ""


def shape_sentence(
    gold: Shape, submitted: Shape, similarity: float, comparison: Comparison, wording: Wording
) -> str:
    """How the submitted geometry differs from gold's, one clause without a full stop."""
    a, b = gold.shapes, submitted.shapes
    if INVALID in (gold.kind, submitted.kind):
        return similarity_sentence(similarity, wording)
    noun = NOUNS[str(submitted.geometry["type"])]
    is_turned = "rotatable_bounding_box" in (gold.geometry.get("type"), submitted.geometry.get("type"))
    if gold.kind == POINT:
        found = _point_sentence(b.point[submitted.at] - a.point[gold.at], similarity, wording)
    elif gold.kind == SKELETON:
        found = _skeleton_sentence(gold, submitted, wording)
    elif gold.kind == LINE:
        found = _line_sentence(gold, submitted, comparison.line_width, wording)
    elif gold.kind == BOX and submitted.kind == BOX:
        found = _box_sentence(a.bounds[gold.at], b.bounds[submitted.at], wording)
    elif is_turned and (turned := _turned_sentence(gold, submitted, wording)):
        found = turned
    else:
        found = _area_sentence(gold, submitted, similarity, wording)
    return f"{noun} {found}" if found else similarity_sentence(similarity, wording)


def similarity_sentence(similarity: float, wording: Wording, family: str = "area") -> str:
    """All that can be said without the shapes."""
    share = wording.share(similarity) or "less than 5 %"
    if share == "100 %":
        return "almost right"
    return f"{MEASURES.get(family, 'overlap')} {'' if wording.is_exact else 'about '}{share}"


def limit_sentence(
    similarity: float, family: str, area_px: float | None, comparison: Comparison, wording: Wording
) -> str:
    """Why a near miss does not count: its similarity and the limit it does not reach.

    The limit of a small area tells its size, so it is named only where gold may be told.
    """
    plain = comparison.min_overlap.get(family, 0.0)
    limit = max(plain, LOWEST_AREA_LIMIT) if family == "area" else plain
    is_known = family != "area" or area_px is not None
    if family == "area" and comparison.small_side > 0 and area_px is not None:
        limit = max(LOWEST_AREA_LIMIT, plain * min(1.0, math.sqrt(area_px) / comparison.small_side))
    measure = similarity_sentence(similarity, wording, family)
    if not is_known or (not wording.is_exact and limit < max(plain, LOWEST_AREA_LIMIT)):
        return measure
    return f"{measure}, {_percent(limit)} needed"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _box_sentence(gold: FloatArray, own: FloatArray, wording: Wording) -> str:
    """Sides in parts of gold's width and height; a box that is only moved "sits too far" somewhere."""
    width, height = gold[2:] - gold[:2]
    left, top, right, bottom = (own - gold) / np.array([width, height, width, height])
    clauses, shifts = [], []
    for low, high, words in (
        (left, right, ("left", "right", "wide", "narrow", "on the")),
        (top, bottom, ("up", "down", "tall", "short", "at the")),
    ):
        towards_low, towards_high, more, less, at = words
        if low * high > 0 and abs(low - high) <= 0.5 * max(abs(low), abs(high)):
            share = wording.share((low + high) / 2)
            if share:
                shifts.append(f"{share} too far {towards_high if low > 0 else towards_low}")
            continue
        sides = ("left", "right") if at == "on the" else ("top", "bottom")
        for outwards, side in ((-low, sides[0]), (high, sides[1])):
            share = wording.share(outwards)
            if share:
                clauses.append(f"{share} too {more if outwards > 0 else less} {at} {side}")
    if shifts:
        clauses.insert(0, "sits " + " and ".join(shifts))
    return ", ".join(clauses)


def _turned_sentence(gold: Shape, submitted: Shape, wording: Wording) -> str:
    """Two boxes of which one is turned at least: angle, sides and place of the centre."""
    a, b = _turned_box(gold), _turned_box(submitted)
    if a is None or b is None:
        return ""
    # A box turned by 90 degrees with its sides exchanged is the same box: take the reading that is nearest to gold.
    readings = [(b.along, b.across, b.degrees), (b.across, b.along, b.degrees + 90.0)]
    angles = [(degrees - a.degrees + 90.0) % 180.0 - 90.0 for _, _, degrees in readings]
    strain = [
        abs(angle) / 90.0 + abs(math.log(along / a.along)) + abs(math.log(across / a.across))
        for angle, (along, across, _) in zip(angles, readings, strict=True)
    ]
    best = 0 if strain[0] <= strain[1] else 1
    along, across, _ = readings[best]
    clauses = []
    if angle := wording.angle(angles[best]):
        clauses.append(f"turned {angle} too far {'clockwise' if angles[best] > 0 else 'anticlockwise'}")
    sides = sorted(((a.along, along), (a.across, across)), key=lambda pair: -pair[0])
    for (expected, own), (more, less) in zip(sides, (("long", "short"), ("wide", "narrow")), strict=True):
        if share := wording.share(own / expected - 1.0):
            clauses.append(f"{share} too {more if own > expected else less}")
    bounds = gold.shapes.bounds[gold.at]
    shifts = []
    for part, whole, (low, high) in (
        (b.x - a.x, bounds[2] - bounds[0], ("left", "right")),
        (b.y - a.y, bounds[3] - bounds[1], ("up", "down")),
    ):
        if share := wording.share(part / whole):
            shifts.append(f"{share} too far {high if part > 0 else low}")
    if shifts:
        clauses.append("sits " + " and ".join(shifts))
    return ", ".join(clauses)


@dataclass(frozen=True, slots=True)
class _TurnedBox:
    """Centre and sides in px, degrees clockwise."""

    x: float
    y: float
    along: float
    across: float
    degrees: float


def _turned_box(shape: Shape) -> _TurnedBox | None:
    """The box before it is clipped; None for another shape."""
    if shape.geometry.get("type") not in ("bounding_box", "rotatable_bounding_box"):
        return None
    x, y, w, h = (float(shape.geometry[key]) for key in "xywh")
    width, height = shape.frame_size
    theta = float(shape.geometry.get("theta", 0.0))
    return _TurnedBox((x + w / 2) * width, (y + h / 2) * height, w * width, h * height, theta)


def _area_sentence(gold: Shape, submitted: Shape, similarity: float, wording: Wording) -> str:
    """What is left out and what is taken in, in parts of gold's area, and where."""
    whole, own = float(gold.shapes.area[gold.at]), float(submitted.shapes.area[submitted.at])
    shared = similarity * (whole + own) / (1 + similarity)
    left_out, taken_in = wording.share((whole - shared) / whole), wording.share((own - shared) / whole)
    if not left_out and not taken_in:
        return ""
    missing, surplus = difference_places(
        gold.shapes, gold.at, submitted.shapes, submitted.at, gold.frame_size
    )
    clauses = [f"leaves out {left_out} of the object{missing}"] if left_out else []
    if taken_in:
        clauses.append(f"takes in {taken_in} too much{surplus}")
    return " and ".join(clauses)


def _line_sentence(gold: Shape, submitted: Shape, line_width: float, wording: Wording) -> str:
    width_px = line_width * gold.diagonal
    course, own = gold.shapes.outline[gold.at], submitted.shapes.outline[submitted.at]
    untraced = shapely.difference(course, shapely.buffer(own, width_px))
    astray = shapely.difference(own, shapely.buffer(course, width_px))
    bounds = gold.shapes.bounds[gold.at]
    clauses = []
    if share := wording.share(shapely.length(untraced) / shapely.length(course)):
        clauses.append(f"leaves {share} of the course untraced{_where_on_line(untraced, bounds)}")
    if share := wording.share(shapely.length(astray) / shapely.length(own)):
        clauses.append(f"runs elsewhere for {share} of its length{_where_on_line(astray, bounds)}")
    return " and ".join(clauses) or "runs a little beside the course"


def _where_on_line(part: shapely.Geometry, bounds: FloatArray) -> str:
    centre = shapely.centroid(part)
    return direction(np.array([centre.x, centre.y]), bounds)


def _point_sentence(offset_px: FloatArray, similarity: float, wording: Wording) -> str:
    distance = float(np.hypot(*offset_px))
    directions = []
    for part, (low, high) in zip(offset_px, (("left", "right"), ("up", "down")), strict=True):
        if abs(part) >= 0.38 * distance > 0:
            pixels = f"{_pixels(abs(part))} " if wording.is_exact else ""
            directions.append(f"{pixels}too far {high if part > 0 else low}")
    if wording.is_exact or not directions:
        return " and ".join(directions)
    return f"{' and '.join(directions)} (closeness about {wording.share(similarity) or 'less than 5 %'})"


def _pixels(distance: float) -> str:
    return f"{distance:.1f} px" if distance < 0.95 else f"{distance:.0f} px"


def _skeleton_sentence(gold_shape: Shape, submitted: Shape, wording: Wording) -> str:
    """The vertices that are absent or far off, the farthest first."""
    gold, own = gold_shape.shapes.skeleton[gold_shape.at], submitted.shapes.skeleton[submitted.at]
    if gold is None or own is None:
        return ""
    wanted = gold.xy_px[gold.is_visible]
    smallest = (SMALLEST_SCALE * gold_shape.diagonal) ** 2
    scale = max(float(((wanted.max(axis=0) - wanted.min(axis=0)) ** 2).sum() / 2), smallest)
    place = {name: index for index, name in enumerate(own.names) if own.is_visible[index]}
    absent, far = [], []
    for name, at, is_visible in zip(gold.names, gold.xy_px, gold.is_visible, strict=True):
        if is_visible and name not in place:
            absent.append(name)
        elif is_visible:
            distance = float(np.hypot(*(own.xy_px[place[name]] - at)))
            if np.exp(-(distance**2) / (2 * scale * VERTEX_TOLERANCE**2)) < CLOSE_VERTEX:
                far.append((distance, name))
    named = [
        f"{name} ({_pixels(distance)})" if wording.is_exact else name
        for distance, name in sorted(far, reverse=True)[:MOST_VERTICES_NAMED]
    ]
    more = len(far) - len(named)
    clauses = ["is off at " + ", ".join(named) + (f" and {more} more" if more else "")] if far else []
    if absent:
        clauses.append("lacks " + ", ".join(absent))
    return " and ".join(clauses)
