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
        g, s, w = gold[left], submitted[left], weight[left]
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
    order = np.lexsort((weight, label))
    label, weight = label[order], weight[order]
    is_last = np.append(label[1:] != label[:-1], True)
    last = np.flatnonzero(is_last)
    best = np.repeat(weight[last], np.diff(last, prepend=-1))
    second = np.where(np.append(False, label[1:] == label[:-1]), np.append(0.0, weight[:-1]), 0.0)
    found = np.empty(len(weight))
    found[order] = np.where(is_last, second, best)
    return found


def _by_group(gold: IntArray, submitted: IntArray, weight: FloatArray, open_pairs: IntArray) -> IntArray:
    """The chosen ones of the open pairs, group by group; small groups all at once."""
    gold, submitted, weight = gold[open_pairs], submitted[open_pairs], weight[open_pairs]
    rows, row = np.unique(gold, return_inverse=True)
    columns, column = np.unique(submitted, return_inverse=True)
    size = len(rows) + len(columns)
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, column + len(rows))), shape=(size, size))
    labels = connected_components(graph.tocsr(), directed=False)[1].astype(np.int64)
    group = labels[row]
    row_place, column_place = _places(labels[: len(rows)]), _places(labels[len(rows) :])
    largest = np.zeros(len(labels), dtype=np.int64)
    np.maximum.at(largest, labels, np.concatenate([row_place, column_place]))
    is_small = largest[group] < SMALL
    small = np.flatnonzero(is_small)
    found = [
        small[_assign_small(group[small], row_place[row[small]], column_place[column[small]], weight[small])]
    ]
    order = np.lexsort((submitted, gold, group))
    order = order[~is_small[order]]
    for edges in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else ():
        found.append(edges[_assign_group(gold[edges], submitted[edges], weight[edges])])
    return open_pairs[np.concatenate(found)]


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


def _assign_group(gold: IntArray, submitted: IntArray, weight: FloatArray) -> IntArray:
    """Indices of the chosen pairs of one group; pairs come sorted by gold, then submitted."""
    rows, row = np.unique(gold, return_inverse=True)
    columns, column = np.unique(submitted, return_inverse=True)
    if len(rows) == 1 or len(columns) == 1:
        return np.flatnonzero(weight >= weight.max() - EQUAL)[:1]
    matrix = np.zeros((len(rows), len(columns)))
    matrix[row, column] = weight
    partner = first_of_equals(matrix, best_partners(matrix))
    return np.flatnonzero(partner[row] == column)
