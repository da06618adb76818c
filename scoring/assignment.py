"""Optimal one-to-one assignment with a fixed rule for ties, for all frames at once.

Never greedy: the sum of the weights of the chosen pairs is the largest possible. Of all assignments within 1e-9
of it, the first gold label takes the lowest submitted label, then the second gold label, and so on. Labels are
integers in the order of their identifiers, so that the same input always gives the same pairs.

Nearly all pairs need no search (`_certain`). What is left falls into connected groups. Small ones are solved by trying
every assignment, all groups at once; each large one by scipy's solver for the largest sum, then the tie rule by
exchanges along pairs without slack (ties.py).
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scoring.arrays import FloatArray, IntArray
from scoring.ties import EQUAL, best_partners, first_of_equals

SMALL = 3
MATCHINGS = np.array(
    [
        picked
        for picked in product(range(SMALL + 1), repeat=SMALL)
        if len({one for one in picked if one < SMALL}) == sum(one < SMALL for one in picked)
    ]
)
"""The column of each row (SMALL: none) in every assignment of SMALL rows and columns, first rows and columns first."""


def assign(gold: IntArray, submitted: IntArray, weight: FloatArray) -> IntArray:
    """Choose among candidate pairs: returns the indices of the chosen ones, ascending.

    gold, submitted, weight: one entry per candidate pair, shape (n,); weights > 0, no pair twice.
    """
    if not len(gold):
        return np.empty(0, dtype=np.int64)
    chosen, left = _certain(gold, submitted, weight)
    if len(left):
        chosen.append(_by_group(gold, submitted, weight, left))
    return np.sort(np.concatenate(chosen))


def _certain(gold: IntArray, submitted: IntArray, weight: FloatArray) -> tuple[list[IntArray], IntArray]:
    """Pairs that are in every assignment within 1e-9 of the best, and the pairs that are still open after them.

    A pair is certain when it outweighs the best other pair of either of its labels together: who leaves it out could
    take it in for the (at most two) pairs that it displaces, and gain more than 1e-9. A certain pair settles its
    labels, so the pairs they compete with go, and others may become certain. Single pairs and stars are settled here.
    """
    chosen: list[IntArray] = []
    left = np.arange(len(gold))
    others = _sum_of_others  # cheap and nearly always enough
    while len(left):
        is_all = len(left) == len(gold)
        g, s, w = (gold, submitted, weight) if is_all else (gold[left], submitted[left], weight[left])
        certain = np.flatnonzero(w > others(g, w) + others(s, w) + EQUAL)
        if len(certain):
            chosen.append(left[certain])
            if len(certain) == len(left):
                return chosen, left[:0]
            is_gold = np.zeros(int(g.max()) + 1, dtype=np.bool_)
            is_submitted = np.zeros(int(s.max()) + 1, dtype=np.bool_)
            is_gold[g[certain]] = True
            is_submitted[s[certain]] = True
            left = left[np.flatnonzero(~(is_gold[g] | is_submitted[s]))]
        elif others is _best_of_others:
            break
        others = _best_of_others
    return chosen, left


def _sum_of_others(label: IntArray, weight: FloatArray) -> FloatArray:
    """The weight of all other pairs of each pair's label: at least that of the best one."""
    found: FloatArray = np.bincount(label, weights=weight)[label] - weight
    return found


def _best_of_others(label: IntArray, weight: FloatArray) -> FloatArray:
    """The largest weight among the other pairs of each pair's label, 0 without any."""
    best, second = np.zeros(int(label.max()) + 1), np.zeros(int(label.max()) + 1)
    np.maximum.at(best, label, weight)
    is_best = weight == best[label]
    np.maximum.at(second, label[~is_best], weight[~is_best])
    is_shared = np.bincount(label[is_best], minlength=len(best)) > 1
    second[is_shared] = best[is_shared]
    return np.where(is_best, second[label], best[label])


def _by_group(gold: IntArray, submitted: IntArray, weight: FloatArray, open_pairs: IntArray) -> IntArray:
    """The chosen ones of the open pairs, group by group; small groups all at once."""
    rows, row = _numbered(gold[open_pairs])
    columns, column = _numbered(submitted[open_pairs])
    size = rows + columns
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, column + rows)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1].astype(np.int64)
    del graph
    row_place, column_place = _places(labels[:rows]), _places(labels[rows:])
    largest = np.zeros(len(labels), dtype=np.int64)
    np.maximum.at(largest, labels, np.concatenate([row_place, column_place]))
    group = labels[row]
    row, column = row_place[row], column_place[column]
    is_small = largest[group] < SMALL
    small = np.flatnonzero(is_small)
    found = [small[_assign_small(group[small], row[small], column[small], weight[open_pairs[small]])]]
    large = np.flatnonzero(~is_small)
    del is_small, small
    if len(large) and (group[large] != group[large[0]]).any():
        large = large[np.argsort(group[large], kind="stable")]
    for edges in np.split(large, np.flatnonzero(np.diff(group[large])) + 1) if len(large) else ():
        found.append(edges[_assign_large(row[edges], column[edges], weight[open_pairs[edges]])])
    return open_pairs[np.concatenate(found)]


def _numbered(labels: IntArray) -> tuple[int, IntArray]:
    """How many different labels there are, and each one's number in their order."""
    is_there = np.zeros(int(labels.max()) + 1, dtype=np.bool_)
    is_there[labels] = True
    number = np.cumsum(is_there) - 1
    return int(number[-1]) + 1, number[labels]


def _places(group: IntArray) -> IntArray:
    """The place of each label among those of its group, in their order."""
    order = np.argsort(group, kind="stable")
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group)) - np.searchsorted(group[order], group[order])
    return place


def _assign_small(group: IntArray, row: IntArray, column: IntArray, weight: FloatArray) -> IntArray:
    """Indices of the chosen pairs of groups of up to SMALL labels a side: every assignment of all groups is tried.

    MATCHINGS are in the order of the tie rule, so that the first one within 1e-9 of the best is the one.
    """
    groups, number = np.unique(group, return_inverse=True)
    matrix = np.full((len(groups), SMALL, SMALL + 1), -np.inf)
    matrix[:, :, SMALL] = 0.0  # without a partner
    matrix[number, row, column] = weight
    sums = matrix[:, np.arange(SMALL), MATCHINGS].sum(axis=2)
    first = np.argmax(sums >= sums.max(axis=1, keepdims=True) - EQUAL, axis=1)
    return np.flatnonzero(MATCHINGS[first[number], row] == column)


def _assign_large(row: IntArray, column: IntArray, weight: FloatArray) -> IntArray:
    """Indices of the chosen pairs of one group, whose labels are numbered in their order."""
    matrix = np.zeros((int(row.max()) + 1, int(column.max()) + 1))
    matrix[row, column] = weight
    partner = first_of_equals(matrix, best_partners(matrix))
    return np.flatnonzero(partner[row] == column)
