"""Optimal one-to-one assignment with a fixed rule for ties, for all frames at once.

Never greedy: the sum of the weights of the chosen pairs is the largest possible. Of all assignments within 1e-9
of it, the first gold label takes the lowest submitted label, then the second gold label, and so on. Labels are
integers in the order of their identifiers, so that the same input always gives the same pairs.

Nearly all pairs need no search (`_certain`). What is left falls into connected groups, each solved on its own: the
largest sum by scipy's solver, then the tie rule by exchanges along pairs without slack (ties.py).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scoring.arrays import FloatArray, IntArray
from scoring.ties import EQUAL, best_partners, first_of_equals

MOST_ROUNDS = 8
"""Of settling certain pairs: later rounds find few."""


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

    A pair is certain when it outweighs all other pairs of both of its labels together: who leaves it out could take it
    in for the (at most two) pairs that it displaces, and gain more than 1e-9. A certain pair settles its labels, so the
    pairs they compete with go, and others may become certain. Single pairs and stars are all settled here.
    """
    chosen: list[IntArray] = []
    left = np.arange(len(gold))
    for _ in range(MOST_ROUNDS):
        g, s, w = (gold, submitted, weight) if not chosen else (gold[left], submitted[left], weight[left])
        of_gold, of_submitted = np.bincount(g, weights=w), np.bincount(s, weights=w)
        is_certain = 3.0 * w > of_gold[g] + of_submitted[s] + EQUAL
        certain = np.flatnonzero(is_certain)
        if not len(certain):
            break
        chosen.append(left[certain])
        if len(certain) == len(left):
            return chosen, left[:0]
        is_settled = np.zeros(len(of_gold), dtype=np.bool_), np.zeros(len(of_submitted), dtype=np.bool_)
        is_settled[0][g[certain]] = True
        is_settled[1][s[certain]] = True
        left = left[np.flatnonzero(~(is_settled[0][g] | is_settled[1][s]))]
        if not len(left):
            break
    return chosen, left


def _by_group(gold: IntArray, submitted: IntArray, weight: FloatArray, open_pairs: IntArray) -> IntArray:
    """The chosen ones of the open pairs, group by group."""
    group = _connected(gold[open_pairs], submitted[open_pairs])
    order = np.lexsort((submitted[open_pairs], gold[open_pairs], group))
    borders = np.flatnonzero(np.diff(group[order])) + 1
    found = []
    for edges in np.split(open_pairs[order], borders):
        found.append(edges[_assign_group(gold[edges], submitted[edges], weight[edges])])
    return np.concatenate(found)


def _connected(gold: IntArray, submitted: IntArray) -> IntArray:
    """The connected group of each pair, shape (n,)."""
    rows, row = np.unique(gold, return_inverse=True)
    columns, column = np.unique(submitted, return_inverse=True)
    size = len(rows) + len(columns)
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, column + len(rows))), shape=(size, size))
    _, labels = connected_components(graph.tocsr(), directed=False)
    found: IntArray = labels[row].astype(np.int64)
    return found


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
