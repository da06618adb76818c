"""Which object labels belong together: candidates, their similarity, limits, and the two rounds of pairing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from scoring.areas import box_iou, iou_bound, outline_iou
from scoring.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from scoring.assignment import EQUAL, assign
from scoring.documents import Labels, ObjectLabels
from scoring.function import Comparison
from scoring.lines import line_iou
from scoring.points import point_similarity, skeleton_similarity
from scoring.runs import Runs, overlap_px, runs_of_outline
from scoring.shapes import BOX, INVALID, LINE, MASK, POINT, SKELETON

CLASS_BONUS = 0.1
"""Added to the similarity of a pair of the same class: of two equal places the right class wins."""
DUPLICATE_SIMILARITY = 0.1
"""A left-over label this similar to any gold label is a duplicate, whatever the near miss."""
LOWEST_AREA_LIMIT = 0.1
MOST_PAIRS = 2_000_000
"""Pairs looked at in one go, so that memory stays bounded."""
MARGIN_PX = 1e-3
"""More than rounding can move an end."""


@dataclass(slots=True)
class Candidates:
    """Pairs of labels of one frame and family that are similar at all: index of each label, similarity in (0, 1]."""

    gold: IntArray
    submitted: IntArray
    similarity: FloatArray

    def where(self, keep: BoolArray) -> Candidates:
        return Candidates(self.gold[keep], self.submitted[keep], self.similarity[keep])


@dataclass(slots=True)
class Matching:
    """Pairs of the two rounds (matched: same or wrong class; imprecise), and each submitted label's best similarity."""

    matched: Candidates
    imprecise: Candidates
    best_with_gold: FloatArray


def match_objects(gold: Labels, submitted: Labels, comparison: Comparison) -> Matching:
    """Pair the object labels of all frames; optimal per connected group, ties by identifier."""
    candidates = find_candidates(gold, submitted, comparison)
    limits = _limits(gold.objects, comparison)
    is_close = candidates.similarity >= limits[candidates.gold] - EQUAL
    matched = _pairs(gold.objects, submitted.objects, candidates.where(is_close))
    imprecise = candidates.where(np.zeros(len(candidates.gold), dtype=np.bool_))
    if comparison.near_miss > 0:
        is_left = (
            ~np.isin(candidates.gold, matched.gold)
            & ~np.isin(candidates.submitted, matched.submitted)
            & (candidates.similarity >= comparison.near_miss - EQUAL)
        )
        imprecise = _pairs(gold.objects, submitted.objects, candidates.where(is_left))
    best = np.zeros(len(submitted.objects.ids))
    np.maximum.at(best, candidates.submitted, candidates.similarity)
    return Matching(matched, imprecise, best)


def find_candidates(gold: Labels, submitted: Labels, comparison: Comparison) -> Candidates:
    """All pairs of one frame and comparable classes whose similarity can matter to pairing or duplicates."""
    lowest = [DUPLICATE_SIMILARITY, *comparison.min_overlap.values()]
    floor = min([*lowest, comparison.near_miss] if comparison.near_miss > 0 else lowest) - EQUAL
    codes = _group_codes(gold.objects, submitted.objects)
    extents = _extent(gold, comparison), _extent(submitted, comparison)
    found = [_similar(gold, submitted, comparison, floor, *pairs) for pairs in _near_pairs(*codes, *extents)]
    if not found:
        return Candidates(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Candidates(
        np.concatenate([one.gold for one in found]),
        np.concatenate([one.submitted for one in found]),
        np.concatenate([one.similarity for one in found]),
    )


def _pairs(gold: ObjectLabels, submitted: ObjectLabels, candidates: Candidates) -> Candidates:
    is_same = np.array(
        [
            gold.items[g].hash == submitted.items[s].hash
            for g, s in zip(candidates.gold, candidates.submitted, strict=True)
        ],
        dtype=np.bool_,
    )
    chosen = assign(candidates.gold, candidates.submitted, candidates.similarity + CLASS_BONUS * is_same)
    return Candidates(candidates.gold[chosen], candidates.submitted[chosen], candidates.similarity[chosen])


def _limits(gold: ObjectLabels, comparison: Comparison) -> FloatArray:
    """The similarity each gold label asks for: smaller for small areas, never under 0.1 for any area."""
    limits = np.array(
        [comparison.min_overlap[item.family or "area"] for item in gold.items], dtype=np.float64
    )
    is_area = np.array([item.family == "area" for item in gold.items], dtype=np.bool_)
    if comparison.small_side > 0:
        limits[is_area] *= np.minimum(1.0, np.sqrt(gold.shapes.area[is_area]) / comparison.small_side)
    limits[is_area] = np.maximum(limits[is_area], LOWEST_AREA_LIMIT)
    return limits


def _group_codes(gold: ObjectLabels, submitted: ObjectLabels) -> tuple[IntArray, IntArray]:
    """A number per label that is equal exactly for labels that may be paired; -1 for invalid geometry."""
    names = sorted({item.comparable for item in (*gold.items, *submitted.items)})
    code = {name: index for index, name in enumerate(names)}
    found = []
    for side in (gold, submitted):
        kinds = np.array([code[item.comparable] for item in side.items], dtype=np.int64)
        found.append(np.where(side.shapes.kind == INVALID, -1, side.frame * len(names) + kinds))
    return found[0], found[1]


def _extent(labels: Labels, comparison: Comparison) -> FloatArray:
    """Left and right end of each label in px, (n, 2); of points, skeletons and invalid labels 0, so that all meet."""
    shapes = labels.objects.shapes
    has_bounds = (shapes.kind >= BOX) & (shapes.kind <= LINE)
    extent = np.where(has_bounds[:, None], shapes.bounds[:, [0, 2]], 0.0)
    rows = np.flatnonzero(shapes.kind == LINE)
    extent[rows] += np.outer(comparison.line_width * _diagonals(labels, rows) / 2, [-1.0, 1.0])
    return extent


def _near_pairs(
    gold: IntArray, submitted: IntArray, gold_extent: FloatArray, submitted_extent: FloatArray
) -> Iterator[tuple[IntArray, IntArray]]:
    """Pairs of valid labels of the same group whose left and right ends do not exclude an overlap, in pieces.

    Submitted labels are sorted by group and left end; a gold label meets those that begin before it ends, but not
    further left of it than the widest label is wide. A sweep: 500 labels a side give a part of 250,000 pairs.
    """
    if not len(gold) or not len(submitted):
        return
    lowest = min(gold_extent.min(), submitted_extent.min())
    widest = float((submitted_extent[:, 1] - submitted_extent[:, 0]).max()) + MARGIN_PX
    span = max(gold_extent.max(), submitted_extent.max()) - lowest + widest + 1.0
    key = submitted * span + submitted_extent[:, 0] - lowest
    order = np.argsort(key, kind="stable")
    valid = np.flatnonzero(gold >= 0)
    base = gold[valid] * span - lowest
    first = np.searchsorted(key[order], base + gold_extent[valid, 0] - widest, side="left")
    stop = np.searchsorted(key[order], base + gold_extent[valid, 1] + MARGIN_PX, side="right")
    counts = stop - first
    piece = np.cumsum(counts) // MOST_PAIRS
    for number in np.unique(piece[counts > 0]):
        rows = np.flatnonzero((piece == number) & (counts > 0))
        many = counts[rows]
        offset = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        yield np.repeat(valid[rows], many), order[np.repeat(first[rows], many) + offset]


def _similar(
    gold: Labels,
    submitted: Labels,
    comparison: Comparison,
    floor: float,
    gold_index: IntArray,
    submitted_index: IntArray,
) -> Candidates:
    """Similarity of the given pairs; those below the floor or 0 are dropped."""
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
    similarity[similarity > 1.0 - EQUAL] = 1.0  # equal shapes are 1, not 1 less a rounding error
    keep = (similarity >= floor) & (similarity > 0)
    return Candidates(gold_index[keep], submitted_index[keep], similarity[keep])


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
    found[rest] = outline_iou(_outlines(gold.objects, g[rest]), _outlines(submitted.objects, s[rest]))
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
    radius = comparison.line_width * _diagonals(gold, g) / 2
    gap = np.maximum(a.bounds[g, :2], b.bounds[s, :2]) - np.minimum(a.bounds[g, 2:], b.bounds[s, 2:])
    near = np.flatnonzero((gap <= 2 * radius[:, None]).all(axis=1))
    similarity = np.zeros(len(g))
    similarity[near] = line_iou(a.outline, b.outline, g[near], s[near], radius[near])
    return similarity


def _point_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    sigma = comparison.point_tolerance * _diagonals(gold, g)
    return point_similarity(gold.objects.shapes.point[g], submitted.objects.shapes.point[s], sigma)


def _skeleton_similarity(
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> FloatArray:
    diagonal = _diagonals(gold, g)
    return skeleton_similarity(
        gold.objects.shapes.skeleton,
        submitted.objects.shapes.skeleton,
        g,
        s,
        diagonal,
        comparison.point_tolerance * diagonal,
    )


def _diagonals(labels: Labels, index: IntArray) -> FloatArray:
    """The image diagonal of each label's frame, px."""
    found: FloatArray = np.hypot(*labels.sizes[labels.objects.frame[index]].T)
    return found
