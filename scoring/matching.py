"""Which object labels belong together: candidates, their similarity, limits, and the two rounds of pairing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.assignment import assign
from scoring.columns import Labels, ObjectLabels
from scoring.function import Comparison
from scoring.nearby import near_pairs
from scoring.ontology import Ontology
from scoring.shapes import FAMILY_OF_KIND, INVALID
from scoring.similarity import reaches, similarity_of
from scoring.ties import EQUAL

CLASS_BONUS = 0.1
"""Added to the similarity of a pair of the same class: of two equal places the right class wins."""
DUPLICATE_SIMILARITY = 0.1
"""A left-over label this similar to any gold label is a duplicate, whatever the near miss."""
LOWEST_AREA_LIMIT = 0.1


@dataclass(slots=True)
class Candidates:
    """Pairs of labels of one frame and family that are similar at all: index of each label, similarity in (0, 1]."""

    gold: IntArray
    submitted: IntArray
    similarity: FloatArray

    def where(self, keep: BoolArray) -> Candidates:
        if keep.all():
            return self
        rows = np.flatnonzero(keep)
        return Candidates(self.gold[rows], self.submitted[rows], self.similarity[rows])


NOTHING = Candidates(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


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
    imprecise = NOTHING
    if comparison.near_miss > 0 and len(matched.gold) < len(candidates.gold):
        is_free = np.ones(len(gold.objects.item), dtype=np.bool_)
        is_free[matched.gold] = False
        is_open = np.ones(len(submitted.objects.item), dtype=np.bool_)
        is_open[matched.submitted] = False
        is_left = is_free[candidates.gold] & is_open[candidates.submitted]
        is_left &= candidates.similarity >= comparison.near_miss - EQUAL
        imprecise = _pairs(gold.objects, submitted.objects, candidates.where(is_left))
    best = np.zeros(len(submitted.objects.item))
    np.maximum.at(best, candidates.submitted, candidates.similarity)
    return Matching(matched, imprecise, best)


def find_candidates(
    ontology: Ontology, gold: Labels, submitted: Labels, comparison: Comparison
) -> Candidates:
    """All pairs of one frame and comparable classes whose similarity can matter to pairing or duplicates."""
    floors = {
        family: min(DUPLICATE_SIMILARITY, limit, comparison.near_miss or 1.0) - EQUAL
        for family, limit in comparison.min_overlap.items()
    }
    codes = _group_codes(ontology, gold.objects, submitted.objects)
    reach = reaches(gold, submitted, *codes, comparison, floors)
    found = [_similar(gold, submitted, comparison, floors, g, s) for g, s in near_pairs(*reach)]
    if len(found) <= 1:
        return found[0] if found else NOTHING
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


def _similar(
    gold: Labels,
    submitted: Labels,
    comparison: Comparison,
    floors: Mapping[str, float],
    g: IntArray,
    s: IntArray,
) -> Candidates:
    """The given pairs with their similarity; those below their family's floor or 0 are dropped."""
    similarity = similarity_of(gold, submitted, comparison, floors, g, s)
    similarity[similarity > 1.0 - EQUAL] = 1.0  # equal shapes are 1, not 1 less a rounding error
    kinds = gold.objects.shapes.kind
    floor = np.array([floors[FAMILY_OF_KIND[kind]] for kind in range(len(FAMILY_OF_KIND))])[kinds[g]]
    keep = np.flatnonzero((similarity >= floor) & (similarity > 0))
    return Candidates(g[keep], s[keep], similarity[keep])
