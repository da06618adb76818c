"""Which object labels belong together: candidates, their similarity, limits, and the two rounds of pairing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.assignment import EQUAL, assign
from scoring.columns import Labels, ObjectLabels
from scoring.function import Comparison
from scoring.ontology import Ontology
from scoring.shapes import BOX, INVALID, LINE
from scoring.similarity import diagonals, similarity_of

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


def match_objects(ontology: Ontology, gold: Labels, submitted: Labels, comparison: Comparison) -> Matching:
    """Pair the object labels of all frames; optimal per connected group, ties by identifier."""
    candidates = find_candidates(ontology, gold, submitted, comparison)
    limits = _limits(ontology, gold.objects, comparison)
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
    best = np.zeros(len(submitted.objects.item))
    np.maximum.at(best, candidates.submitted, candidates.similarity)
    return Matching(matched, imprecise, best)


def find_candidates(
    ontology: Ontology, gold: Labels, submitted: Labels, comparison: Comparison
) -> Candidates:
    """All pairs of one frame and comparable classes whose similarity can matter to pairing or duplicates."""
    lowest = [DUPLICATE_SIMILARITY, *comparison.min_overlap.values()]
    floor = min([*lowest, comparison.near_miss] if comparison.near_miss > 0 else lowest) - EQUAL
    codes = _group_codes(ontology, gold.objects, submitted.objects)
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
    is_same = gold.item[candidates.gold] == submitted.item[candidates.submitted]
    chosen = assign(candidates.gold, candidates.submitted, candidates.similarity + CLASS_BONUS * is_same)
    return Candidates(candidates.gold[chosen], candidates.submitted[chosen], candidates.similarity[chosen])


def _limits(ontology: Ontology, gold: ObjectLabels, comparison: Comparison) -> FloatArray:
    """The similarity each gold label asks for: smaller for small areas, never under 0.1 for any area."""
    families = [item.family or "area" for item in ontology.numbered]
    limits = np.array([comparison.min_overlap[family] for family in families], dtype=np.float64)[gold.item]
    is_area = np.array([family == "area" for family in families], dtype=np.bool_)[gold.item]
    lowest = limits
    if comparison.small_side > 0:
        lowest = limits * np.minimum(1.0, np.sqrt(gold.shapes.area) / comparison.small_side)
    return np.where(is_area, np.maximum(lowest, LOWEST_AREA_LIMIT), limits)


def _group_codes(
    ontology: Ontology, gold: ObjectLabels, submitted: ObjectLabels
) -> tuple[IntArray, IntArray]:
    """A number per label that is equal exactly for labels that may be paired; -1 for invalid geometry."""
    kinds: dict[str, int] = {}
    kind_of_item = np.array(
        [kinds.setdefault(item.comparable, len(kinds)) for item in ontology.numbered], dtype=np.int64
    )
    found = []
    for side in (gold, submitted):
        code = side.frame * len(kinds) + kind_of_item[side.item]
        found.append(np.where(side.shapes.kind == INVALID, -1, code))
    return found[0], found[1]


def _extent(labels: Labels, comparison: Comparison) -> FloatArray:
    """Left and right end of each label in px, (n, 2); of points, skeletons and invalid labels 0, so that all meet."""
    shapes = labels.objects.shapes
    has_bounds = (shapes.kind >= BOX) & (shapes.kind <= LINE)
    extent = np.where(has_bounds[:, None], shapes.bounds[:, [0, 2]], 0.0)
    rows = np.flatnonzero(shapes.kind == LINE)
    extent[rows] += np.outer(comparison.line_width * diagonals(labels, rows) / 2, [-1.0, 1.0])
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
    gold: Labels, submitted: Labels, comparison: Comparison, floor: float, g: IntArray, s: IntArray
) -> Candidates:
    """The given pairs with their similarity; those below the floor or 0 are dropped."""
    similarity = similarity_of(gold, submitted, comparison, floor, g, s)
    similarity[similarity > 1.0 - EQUAL] = 1.0  # equal shapes are 1, not 1 less a rounding error
    keep = (similarity >= floor) & (similarity > 0)
    return Candidates(g[keep], s[keep], similarity[keep])
