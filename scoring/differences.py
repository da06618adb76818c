"""What is wrong with a shape, in words: which side, how much, which vertex.

Shares are given in whole per cent, or in steps of 5 % where gold must not be told; then pixels are never named.
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
from scoring.points import SMALLEST_SCALE, VERTEX_TOLERANCE
from scoring.shapes import BOX, LINE, POINT, SKELETON, Shapes, read_shapes

NOUNS = {
    "bounding_box": "box",
    "rotatable_bounding_box": "rotated box",
    "polygon": "outline",
    "bitmask": "mask",
    "polyline": "line",
    "point": "point",
    "skeleton": "skeleton",
}
CLOSE_VERTEX = 0.95
"""A vertex this close is not worth a word."""
MOST_VERTICES_NAMED = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """How exact the words may be."""

    is_exact: bool

    def share(self, part: float) -> str:
        """A share as text, "" when it rounds to nothing."""
        step = 1 if self.is_exact else 5
        percent = math.floor(abs(part) * 100 / step + 0.5 + 1e-9) * step
        return f"{percent} %" if percent else ""


def shape_sentence(
    gold: Mapping[str, Any],
    submitted: Mapping[str, Any],
    family: str,
    frame_size: tuple[float, float],
    similarity: float,
    comparison: Comparison,
    wording: Wording,
) -> str:
    """How the submitted geometry differs from gold's, one clause without a full stop."""
    sizes = np.array([frame_size], dtype=np.float64)
    a, b = read_shapes([gold], [family], sizes), read_shapes([submitted], [family], sizes)
    if a.reasons[0] or b.reasons[0]:
        return similarity_sentence(similarity, wording)
    noun = NOUNS[str(submitted["type"])]
    diagonal = float(np.hypot(*frame_size))
    if a.kind[0] == POINT:
        found = _point_sentence(b.point[0] - a.point[0], similarity, wording)
    elif a.kind[0] == SKELETON:
        found = _skeleton_sentence(a, b, diagonal, wording)
    elif a.kind[0] == LINE:
        found = _line_sentence(a, b, comparison.line_width * diagonal, wording)
    elif a.kind[0] == BOX and b.kind[0] == BOX:
        found = _box_sentence(a.bounds[0], b.bounds[0], wording)
    else:
        found = _area_sentence(a, b, similarity, wording)
    return f"{noun} {found}" if found else similarity_sentence(similarity, wording)


def similarity_sentence(similarity: float, wording: Wording) -> str:
    """All that can be said without the shapes."""
    share = wording.share(similarity) or "less than 5 %"
    if share == "100 %":
        return "almost right"
    return f"overlap {share}" if wording.is_exact else f"overlap about {share}"


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


def _area_sentence(a: Shapes, b: Shapes, similarity: float, wording: Wording) -> str:
    """What is left out and what is taken in, in parts of gold's area; from areas and the IoU alone."""
    gold, own = float(a.area[0]), float(b.area[0])
    shared = similarity * (gold + own) / (1 + similarity)
    left_out, taken_in = wording.share((gold - shared) / gold), wording.share((own - shared) / gold)
    clauses = [f"leaves out {left_out} of the object"] if left_out else []
    if taken_in:
        clauses.append(f"takes in {taken_in} too much")
    return " and ".join(clauses)


def _line_sentence(a: Shapes, b: Shapes, width_px: float, wording: Wording) -> str:
    gold, own = a.outline[0], b.outline[0]
    untraced = shapely.length(shapely.difference(gold, shapely.buffer(own, width_px))) / shapely.length(gold)
    astray = shapely.length(shapely.difference(own, shapely.buffer(gold, width_px))) / shapely.length(own)
    clauses = []
    if share := wording.share(untraced):
        clauses.append(f"leaves {share} of the course untraced")
    if share := wording.share(astray):
        clauses.append(f"runs elsewhere for {share} of its length")
    return " and ".join(clauses) or "runs a little beside the course"


def _point_sentence(offset_px: FloatArray, similarity: float, wording: Wording) -> str:
    distance = float(np.hypot(*offset_px))
    directions = []
    for part, (low, high) in zip(offset_px, (("left", "right"), ("up", "down")), strict=True):
        if abs(part) >= 0.38 * distance > 0:
            pixels = f"{abs(part):.0f} px " if wording.is_exact else ""
            directions.append(f"{pixels}too far {high if part > 0 else low}")
    if wording.is_exact or not directions:
        return " and ".join(directions)
    return f"{' and '.join(directions)} (closeness about {wording.share(similarity) or 'less than 5 %'})"


def _skeleton_sentence(a: Shapes, b: Shapes, diagonal: float, wording: Wording) -> str:
    """The vertices that are absent or far off, the farthest first."""
    gold, own = a.skeleton[0], b.skeleton[0]
    if gold is None or own is None:
        return ""
    wanted = gold.xy_px[gold.is_visible]
    scale = max(
        float(((wanted.max(axis=0) - wanted.min(axis=0)) ** 2).sum() / 2), (SMALLEST_SCALE * diagonal) ** 2
    )
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
        f"{name} ({distance:.0f} px)" if wording.is_exact else name
        for distance, name in sorted(far, reverse=True)[:MOST_VERTICES_NAMED]
    ]
    more = len(far) - len(named)
    clauses = ["is off at " + ", ".join(named) + (f" and {more} more" if more else "")] if far else []
    if absent:
        clauses.append("lacks " + ", ".join(absent))
    return " and ".join(clauses)
