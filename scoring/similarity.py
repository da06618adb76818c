"""How similar two labels are, for many pairs at once: each kind of shape by its own measure."""

from __future__ import annotations

import numpy as np
import shapely

from scoring.arrays import FloatArray, GeometryArray, IntArray
from scoring.assignment import EQUAL
from scoring.boxes import box_iou, iou_bound
from scoring.columns import Labels, ObjectLabels
from scoring.function import Comparison
from scoring.lines import line_iou
from scoring.overlap import outline_iou
from scoring.points import point_similarity, skeleton_similarity
from scoring.runs import Runs, overlap_px, runs_of_outline
from scoring.shapes import BOX, LINE, MASK, POINT, SKELETON


def similarity_of(
    gold: Labels,
    submitted: Labels,
    comparison: Comparison,
    floor: float,
    gold_index: IntArray,
    submitted_index: IntArray,
) -> FloatArray:
    """Similarity of the given pairs of comparable labels, shape (pairs,); area pairs that cannot reach the floor
    may be 0 instead."""
    kind = gold.objects.shapes.kind[gold_index]
    similarity = np.zeros(len(gold_index))
    is_area = kind < LINE
    for select, measure in (
        (is_area, _area_similarity),
        (kind == LINE, _line_similarity),
        (kind == POINT, _point_similarity),
        (kind == SKELETON, _skeleton_similarity),
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
    found[is_box] = box_iou(a.bounds[g[is_box]], b.bounds[s[is_box]])
    rest = ~is_box & ~is_mask
    if rest.any():
        found[rest] = outline_iou(a.outlines(), b.outlines(), g[rest], s[rest])
    found[is_mask] = _mask_iou(gold, submitted, g[is_mask], s[is_mask])
    similarity[near] = found
    return similarity


def _outlines(labels: ObjectLabels, index: IntArray) -> GeometryArray:
    """Polygons of the given labels, boxes made into polygons."""
    shapes = labels.shapes
    outlines: GeometryArray = shapes.outline[index]
    is_box = shapes.kind[index] == BOX
    outlines[is_box] = shapely.box(*shapes.bounds[index[is_box]].T)
    return outlines


def _mask_iou(gold: Labels, submitted: Labels, g: IntArray, s: IntArray) -> FloatArray:
    """IoU on run lengths; a vector shape is rasterised once, by the centres of the pixels."""
    gold_runs, submitted_runs = _runs(gold, g), _runs(submitted, s)
    found = np.zeros(len(g))
    for index, (one, other) in enumerate(zip(g.tolist(), s.tolist(), strict=True)):
        a, b = gold_runs[one], submitted_runs[other]
        shared = overlap_px(a, b)
        found[index] = shared / (a.area_px + b.area_px - shared) if shared else 0.0
    return found


def _runs(labels: Labels, index: IntArray) -> dict[int, Runs]:
    """Run lengths by label."""
    found: dict[int, Runs] = {}
    for one in np.unique(index).tolist():
        own = labels.objects.shapes.runs[one]
        if own is None:
            width, height = labels.sizes[labels.objects.frame[one]]
            outline = _outlines(labels.objects, np.array([one]))[0]
            own = runs_of_outline(outline, int(width), int(height))
        found[one] = own
    return found


def _line_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    a, b = gold.objects.shapes, submitted.objects.shapes
    radius = comparison.line_width * diagonals(gold, g) / 2
    gap = np.maximum(a.bounds[g, :2], b.bounds[s, :2]) - np.minimum(a.bounds[g, 2:], b.bounds[s, 2:])
    near = np.flatnonzero((gap <= 2 * radius[:, None]).all(axis=1))
    similarity = np.zeros(len(g))
    similarity[near] = line_iou(a.outline, b.outline, g[near], s[near], radius[near])
    return similarity


def _point_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    sigma = comparison.point_tolerance * diagonals(gold, g)
    return point_similarity(gold.objects.shapes.point[g], submitted.objects.shapes.point[s], sigma)


def _skeleton_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    diagonal = diagonals(gold, g)
    return skeleton_similarity(
        gold.objects.shapes.skeleton,
        submitted.objects.shapes.skeleton,
        g,
        s,
        diagonal,
        comparison.point_tolerance * diagonal,
    )
