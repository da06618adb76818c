"""Optimal one-to-one assignment with a fixed rule for ties, solved per connected group of candidates.

Never greedy: the sum of the weights of the chosen pairs is the largest possible. Of all assignments within 1e-9
of it, the first gold label takes the lowest submitted label, then the second gold label, and so on. Labels are
integers in the order of their identifiers, so that the same input always gives the same pairs.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scoring.arrays import BoolArray, FloatArray, IntArray

EQUAL = 1e-9
"""Sums this close are equal."""


def assign(gold: IntArray, submitted: IntArray, weight: FloatArray) -> IntArray:
    """Choose among candidate pairs: returns the indices of the chosen ones, ascending.

    gold, submitted, weight: one entry per candidate pair, shape (n,); weights > 0, no pair twice.
    """
    if not len(gold):
        return np.empty(0, dtype=np.int64)
    group = _groups(gold, submitted)
    order = np.lexsort((submitted, gold, group))
    borders = np.flatnonzero(np.diff(group[order])) + 1
    chosen: list[int] = []
    for edges in np.split(order, borders):
        if len(edges) == 1:
            chosen.append(int(edges[0]))
        else:
            chosen.extend(edges[_assign_group(gold[edges], submitted[edges], weight[edges])].tolist())
    return np.array(sorted(chosen), dtype=np.int64)


def _groups(gold: IntArray, submitted: IntArray) -> IntArray:
    """The connected group of each candidate pair."""
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
    partner = _best_partners(matrix)
    partner = _first_of_equals(matrix, partner)
    return np.flatnonzero(partner[row] == column)


def _best_partners(matrix: FloatArray) -> IntArray:
    """The column of each row in an assignment of the largest sum; -1 for none (0 in the matrix is no pair)."""
    partner = np.full(len(matrix), -1, dtype=np.int64)
    found_rows, found_columns = linear_sum_assignment(matrix, maximize=True)
    is_pair = matrix[found_rows, found_columns] > 0
    partner[found_rows[is_pair]] = found_columns[is_pair]
    return partner


def _first_of_equals(matrix: FloatArray, partner: IntArray) -> IntArray:
    """The assignment of the same sum in which each row in turn has the lowest column.

    Only pairs without slack in the dual solution can be in another assignment of the same sum, so everything is done on
    the few groups that those pairs form: nearly always none.
    """
    is_tight = (matrix > 0) & (_slack(matrix, partner) <= EQUAL)
    row, column = np.nonzero(is_tight)
    if (partner[row] == column).all():
        return partner
    partner = partner.copy()
    group = _groups(row, column)
    for number in np.unique(group[partner[row] != column]):
        rows = np.unique(row[group == number])
        columns = np.unique(column[group == number])
        block = np.where(is_tight[np.ix_(rows, columns)], matrix[np.ix_(rows, columns)], 0.0)
        own = np.searchsorted(columns, partner[rows])
        own[partner[rows] < 0] = -1
        own = _lowest(block, own)
        partner[rows] = np.where(own >= 0, columns[own], -1)
    return partner


def _slack(matrix: FloatArray, partner: IntArray) -> FloatArray:
    """u_i + v_j - w_ij >= 0 for a dual solution (u, v); an assignment loses at least the slack of each pair it uses.

    Column prices are the shortest paths over the constraints u_i = w_ip - v_p >= w_ij - v_j, by Bellman-Ford.
    """
    matched = np.flatnonzero(partner >= 0)
    own = matrix[matched, partner[matched]]
    price = np.zeros(matrix.shape[1])
    price[partner[matched]] = own
    for _ in range(len(matched) + 1):
        lower = np.maximum((price[None, :] - matrix[matched]).min(axis=1) + own, 0.0)
        is_done = bool((price[partner[matched]] - lower <= EQUAL * 1e-3).all())
        price[partner[matched]] = lower
        if is_done:
            break
    gain = np.zeros(len(matrix))
    gain[matched] = own - price[partner[matched]]
    found: FloatArray = gain[:, None] + price[None, :] - matrix
    return found


def _lowest(matrix: FloatArray, partner: IntArray) -> IntArray:
    """Fix one row after the other to its lowest column that keeps the sum; O(rows x columns) solutions at worst."""
    best = float(_pair_weights(matrix, partner).sum())
    is_free: BoolArray = np.ones(matrix.shape[1], dtype=np.bool_)
    fixed = 0.0
    for row in range(len(matrix)):
        for column in np.flatnonzero(is_free & (matrix[row] > 0)):
            if column == partner[row]:
                break
            others = is_free.copy()
            others[column] = False
            rest = matrix[row + 1 :, others]
            tail = _best_partners(rest)
            if fixed + matrix[row, column] + _pair_weights(rest, tail).sum() >= best - EQUAL:
                partner[row] = column
                partner[row + 1 :] = np.append(np.flatnonzero(others), -1)[tail]
                break
        if partner[row] >= 0:
            fixed += matrix[row, partner[row]]
            is_free[partner[row]] = False
    return partner


def _pair_weights(matrix: FloatArray, partner: IntArray) -> FloatArray:
    rows = np.flatnonzero(partner >= 0)
    found: FloatArray = matrix[rows, partner[rows]]
    return found
