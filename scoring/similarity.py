"""How similar two labels are, for many pairs at once: each kind of shape by its own measure."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from scoring.arrays import FloatArray, IntArray
from scoring.boxes import box_iou, iou_bound
from scoring.columns import Labels
from scoring.function import Comparison
from scoring.lines import line_iou
from scoring.mask_overlap import mask_iou
from scoring.nearby import Reach
from scoring.overlap import outline_iou
from scoring.points import point_similarity
from scoring.shapes import BOX, FAMILY_OF_KIND, LINE, MASK, POINT, SKELETON
from scoring.skeletons import skeleton_similarity, spreads
from scoring.ties import EQUAL

SMALLEST = 5e-324
"""Of all positive numbers: what is similar at all counts where no limit asks for more."""


def reaches(
    gold: Labels,
    submitted: Labels,
    gold_group: IntArray,
    submitted_group: IntArray,
    comparison: Comparison,
    floors: Mapping[str, float],
) -> tuple[Reach, Reach]:
    """The boxes of both sides that touch wherever a similarity of the family's floor is possible.

    An area is its own box. A line is wider by half the line width. A point or skeleton reaches as far as one vertex may
    be off: where exp(-d^2 / (2 spread^2)) is the floor.
    """
    sides = []
    for labels, group in ((gold, gold_group), (submitted, submitted_group)):
        shapes = labels.objects.shapes
        reach = np.zeros(len(shapes.kind))
        rows = np.flatnonzero(shapes.kind == LINE)
        if len(rows):
            reach[rows] = comparison.line_width * diagonals(labels, rows) / 2
        for kind in (POINT, SKELETON) if labels is gold else ():
            rows = np.flatnonzero(shapes.kind == kind)
            if len(rows):
                farthest = math.sqrt(-2.0 * math.log(max(floors[FAMILY_OF_KIND[kind]], SMALLEST)))
                reach[rows] = farthest * _spread(labels, comparison, rows, kind)
        sides.append(_reach(labels, group, reach))
    return sides[0], sides[1]


def _reach(labels: Labels, group: IntArray, by: FloatArray) -> Reach:
    """Boxes made larger on every side; points may be anywhere, so all are cut a frame away from the largest frame."""
    shapes = labels.objects.shapes
    left, top, right, bottom = shapes.bounds.T
    if (shapes.kind >= LINE).any():
        largest = float(np.nanmax(labels.sizes))
        left, top = (np.clip(one - by, -largest, 2 * largest) for one in (left, top))
        right, bottom = (np.clip(one + by, -largest, 2 * largest) for one in (right, bottom))
    return Reach(group, left, top, right, bottom)


def _spread(labels: Labels, comparison: Comparison, rows: IntArray, kind: int) -> FloatArray:
    """The standard deviation of gold's points and vertices, px."""
    diagonal = diagonals(labels, rows)
    of_point: FloatArray = comparison.point_tolerance * diagonal
    if kind == POINT:
        return of_point
    shapes = labels.objects.shapes
    return spreads(shapes.bounds[rows], shapes.skeleton.visible[rows] == 1, diagonal, of_point)


def similarity_of(
    gold: Labels,
    submitted: Labels,
    comparison: Comparison,
    floors: Mapping[str, float],
    gold_index: IntArray,
    submitted_index: IntArray,
) -> FloatArray:
    """Similarity of the given pairs of comparable labels, shape (pairs,); pairs that cannot reach the floor of their
    family may be 0 instead."""
    a, b = gold.objects.shapes, submitted.objects.shapes
    if a.is_only(BOX) and b.is_only(BOX):
        return box_iou(
            a.bounds[gold_index], a.area[gold_index], b.bounds[submitted_index], b.area[submitted_index]
        )
    kind = a.kind[gold_index]
    similarity = np.zeros(len(gold_index))
    for select, measure, floor in (
        (kind < LINE, _area_similarity, floors["area"]),
        (kind == LINE, _line_similarity, floors["line"]),
        (kind == POINT, _point_similarity, floors["point"]),
        (kind == SKELETON, _skeleton_similarity, floors["skeleton"]),
    ):
        rows = np.flatnonzero(select)
        if len(rows):
            similarity[rows] = measure(
                gold, submitted, comparison, floor, gold_index[rows], submitted_index[rows]
            )
    return similarity


def diagonals(labels: Labels, index: IntArray) -> FloatArray:
    """The image diagonal of each label's frame, px."""
    found: FloatArray = np.hypot(*labels.sizes[labels.objects.frame[index]].T)
    return found


def _area_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    """IoU of area shapes in any combination; pairs whose boxes already rule the floor out keep 0."""
    a, b = gold.objects.shapes, submitted.objects.shapes
    similarity = np.zeros(len(g))
    bound = iou_bound(a.bounds[g], a.area[g], b.bounds[s], b.area[s])
    is_rasterised = (a.kind[g] == MASK) != (b.kind[s] == MASK)  # a sliver may cover more pixels than its area
    near = np.flatnonzero(bound >= np.where(is_rasterised, 1e-15, max(floor - EQUAL, EQUAL)))
    g, s = g[near], s[near]
    is_box = (a.kind[g] == BOX) & (b.kind[s] == BOX)
    is_mask = (a.kind[g] == MASK) | (b.kind[s] == MASK)
    found = np.zeros(len(near))
    found[is_box] = box_iou(a.bounds[g[is_box]], a.area[g[is_box]], b.bounds[s[is_box]], b.area[s[is_box]])
    rest = ~is_box & ~is_mask
    if rest.any():
        found[rest] = outline_iou(a.outlines(), b.outlines(), g[rest], s[rest])
    found[is_mask] = mask_iou(gold, submitted, g[is_mask], s[is_mask])
    similarity[near] = found
    return similarity


def _line_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    a, b = gold.objects.shapes, submitted.objects.shapes
    diagonal = diagonals(gold, g)
    reach = comparison.line_width * diagonal
    gap = np.maximum(a.bounds[g, :2], b.bounds[s, :2]) - np.minimum(a.bounds[g, 2:], b.bounds[s, 2:])
    near = np.flatnonzero((gap <= reach[:, None]).all(axis=1))
    similarity = np.zeros(len(g))
    similarity[near] = line_iou(
        a.outline, b.outline, g[near], s[near], diagonal[near], comparison.line_width, floor - EQUAL
    )
    return similarity


def _point_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    sigma = comparison.point_tolerance * diagonals(gold, g)
    return point_similarity(gold.objects.shapes.point[g], submitted.objects.shapes.point[s], sigma)


def _skeleton_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    labels, place = np.unique(g, return_inverse=True)
    spread = _spread(gold, comparison, labels, SKELETON)[place.reshape(-1)]
    return skeleton_similarity(gold.objects.shapes.skeleton, submitted.objects.shapes.skeleton, g, s, spread)
