"""The tie rule: of all assignments of the largest sum, the one in which each row in turn has the lowest column.

An optimal solution of the dual problem (a gain per row, a price per column) tells which pairs can be in another
assignment of the same sum: those whose slack, gain + price - weight, is 0. Only labels that such pairs connect are
looked at, nearly always none. There, an assignment can be changed into any other of the same sum by exchanges: a row
takes a column, the row that had it takes another, until somebody takes what the first row had. Rows without gain may
also go without a column, and columns without price without a row.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scoring.arrays import BoolArray, FloatArray, IntArray

EQUAL = 1e-9
"""Sums this close are equal."""
ROUNDING = 1e-13
"""A slack below it is none: of a thousand pairs it adds up to less than EQUAL."""


def first_of_equals(matrix: FloatArray, partner: IntArray) -> IntArray:
    """The assignment by the tie rule.

    matrix (rows, columns): weights, 0 is no pair. partner (rows,): the column of each row in any assignment of the
    largest sum, -1 for none.
    """
    row, column = np.nonzero(matrix)
    weight = matrix[row, column]
    gain, price = _duals(row, column, weight, matrix.shape, partner)
    slack = gain[row] + price[column] - weight
    tight = np.flatnonzero(slack <= EQUAL)
    row, column, slack = row[tight], column[tight], slack[tight]
    is_other = partner[row] != column
    if not is_other.any():
        return partner
    partner = partner.copy()
    group = _connected(row, column, matrix.shape)
    for number in np.unique(group[is_other]):
        inside = group == number
        rows, columns = np.unique(row[inside]), np.unique(column[inside])
        block = np.zeros((len(rows), len(columns)))
        place = np.searchsorted(rows, row[inside]), np.searchsorted(columns, column[inside])
        block[place] = matrix[row[inside], column[inside]]
        own = np.searchsorted(columns, partner[rows])
        own[partner[rows] < 0] = -1
        losses = np.concatenate([slack[inside], gain[rows], price[columns]])
        if (losses[losses <= EQUAL] <= ROUNDING).all():
            own = _exchanged(block > 0, own, gain[rows] <= ROUNDING, price[columns] <= ROUNDING)
        else:
            own = _lowest(block, own)
        partner[rows] = np.where(own >= 0, columns[own], -1)
    return partner


def _connected(row: IntArray, column: IntArray, shape: tuple[int, ...]) -> IntArray:
    """The connected group of each pair."""
    size = shape[0] + shape[1]
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, column + shape[0])), shape=(size, size))
    found: IntArray = connected_components(graph.tocsr(), directed=False)[1][row]
    return found


def _duals(
    row: IntArray, column: IntArray, weight: FloatArray, shape: tuple[int, ...], partner: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Gain of each row and price of each column: gain + price >= weight, with equality for the pairs chosen.

    Prices are the shortest paths over the constraints gain_i = w_ip - price_p >= w_ij - price_j, by Bellman and Ford.
    Pairs come sorted by row.
    """
    gain, price = np.zeros(shape[0]), np.zeros(shape[1])
    is_own = partner[row] == column
    price[column[is_own]] = own = weight[is_own]
    matched = row[is_own]
    is_matched = np.zeros(shape[0], dtype=np.bool_)
    is_matched[matched] = True
    used = np.flatnonzero(is_matched[row])
    first = np.flatnonzero(np.diff(row[used], prepend=-1))
    to, cost = column[used], weight[used]
    for _ in range(len(matched) + 1):
        lower = np.maximum(np.minimum.reduceat(price[to] - cost, first) + own, 0.0)
        is_done = bool((price[partner[matched]] - lower <= ROUNDING * 1e-1).all())
        price[partner[matched]] = lower
        if is_done:
            break
    gain[matched] = own - price[partner[matched]]
    return gain, price


def _exchanged(
    is_pair: BoolArray, partner: IntArray, may_leave_row: BoolArray, may_leave_column: BoolArray
) -> IntArray:
    """The tie rule in a group whose pairs (rows, columns) are all without slack.

    Beside the columns stands one place for each row that goes without, beside the rows one for each column: so
    everybody always has a partner, and every other assignment is reached by exchanges in a ring.
    """
    rows, columns = is_pair.shape
    can_take = np.ones((rows + columns, columns + rows), dtype=np.bool_)
    can_take[:rows, :columns] = is_pair
    can_take[:rows, columns:] = may_leave_row[:, None]
    can_take[rows:, :columns] = may_leave_column
    owner = np.full(columns + rows, -1, dtype=np.int64)
    owner[partner[partner >= 0]] = np.flatnonzero(partner >= 0)
    alone = np.flatnonzero(partner < 0)
    owner[columns : columns + len(alone)] = alone
    owner[owner < 0] = rows + np.arange(columns)
    own = np.empty(rows + columns, dtype=np.int64)
    own[owner] = np.arange(columns + rows)
    is_fixed = np.zeros(columns + rows, dtype=np.bool_)
    for row in range(rows):
        seen = is_fixed.copy()  # and columns from which no exchange comes back to this row
        for column in np.flatnonzero(is_pair[row] & ~is_fixed[:columns]).tolist():
            if column == own[row]:
                break
            if not seen[column] and _exchange(can_take, own, owner, row, column, seen):
                break
        is_fixed[own[row]] = True
    return np.where(own[:rows] < columns, own[:rows], -1)


def _exchange(
    can_take: BoolArray, own: IntArray, owner: IntArray, row: int, column: int, seen: BoolArray
) -> bool:
    """Give `row` this column, if those whom that displaces can move on until somebody takes what `row` has now.

    Breadth first; `seen` are columns that cannot change hands any more, and gets those that were tried.
    """
    wanted = int(own[row])
    seen[column] = True
    taker = np.full(len(own), -1, dtype=np.int64)
    queue = [int(owner[column])]
    for displaced in queue:
        if can_take[displaced, wanted]:
            taker[wanted], taker[column] = displaced, row
            free, first = wanted, displaced
            while first != row:
                first = int(taker[free])
                owner[free], own[first], free = first, free, int(own[first])
            return True
        found = np.flatnonzero(can_take[displaced] & ~seen)
        seen[found] = True
        taker[found] = displaced
        queue.extend(owner[found].tolist())
    return False


def _lowest(matrix: FloatArray, partner: IntArray) -> IntArray:
    """The tie rule where sums differ by less than EQUAL, but differ: each row in turn takes its lowest column that
    keeps the sum, by solving the rest again; O(rows x columns) solutions at worst."""
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
            tail = best_partners(rest)
            if fixed + matrix[row, column] + _pair_weights(rest, tail).sum() >= best - EQUAL:
                partner[row] = column
                partner[row + 1 :] = np.append(np.flatnonzero(others), -1)[tail]
                break
        if partner[row] >= 0:
            fixed += matrix[row, partner[row]]
            is_free[partner[row]] = False
    return partner


def best_partners(matrix: FloatArray) -> IntArray:
    """The column of each row in an assignment of the largest sum; -1 for none (0 in the matrix is no pair)."""
    partner = np.full(len(matrix), -1, dtype=np.int64)
    found_rows, found_columns = linear_sum_assignment(matrix, maximize=True)
    is_pair = matrix[found_rows, found_columns] > 0
    partner[found_rows[is_pair]] = found_columns[is_pair]
    return partner


def _pair_weights(matrix: FloatArray, partner: IntArray) -> FloatArray:
    rows = np.flatnonzero(partner >= 0)
    found: FloatArray = matrix[rows, partner[rows]]
    return found
