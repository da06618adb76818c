"""Optimal assignment: against exhaustive search (sum and tie rule) and against scipy on the whole padded matrix."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from scoring.assignment import assign


def pairs_of(matrix: np.ndarray) -> dict[int, int]:
    """{row: column} chosen from the positive entries, which are handed over in a shuffled order."""
    rows, columns = np.nonzero(matrix > 0)
    order = np.random.default_rng(len(rows)).permutation(len(rows))
    rows, columns = rows[order], columns[order]
    chosen = assign(rows, columns, matrix[rows, columns])
    assert list(chosen) == sorted(chosen)
    return dict(sorted(zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True)))


def exhaustive(matrix: np.ndarray) -> dict[int, int]:
    """The assignment of the largest sum; of equal ones the first row has the lowest column, and so on. Small only."""
    rows, columns = matrix.shape
    choices = []
    for picked in itertools.product(range(columns + 1), repeat=rows):  # `columns` = none, the last resort
        used = [one for one in picked if one < columns]
        if len(set(used)) == len(used):
            total = sum(matrix[row, one] for row, one in enumerate(picked) if one < columns)
            if all(one == columns or matrix[row, one] > 0 for row, one in enumerate(picked)):
                choices.append((total, picked))
    best = max(total for total, _ in choices)
    first = min(picked for total, picked in choices if total >= best - 1e-9)
    return {row: one for row, one in enumerate(first) if one < columns}


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([[0.5]], {0: 0}),
        ([[0.5, 0.9]], {0: 1}),
        ([[0.5, 0.5]], {0: 0}),  # a tie goes to the lowest column
        ([[0.5], [0.5]], {0: 0}),  # and to the first row
        # greedy would take 0.9 and leave 0.2: 1.1 < 0.8 + 0.7
        ([[0.9, 0.8], [0.7, 0.2]], {0: 1, 1: 0}),
        # every pairing of the first two rows sums to 1: the first row takes column 0
        ([[0.5, 0.5], [0.5, 0.5]], {0: 0, 1: 1}),
        # row 0 would lose its place to column 0 only against the sum
        ([[0.4, 0.4], [0.6, 0.0]], {0: 1, 1: 0}),
        # one row is left over; the rows before it keep the lowest columns
        ([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]], {0: 0, 1: 1}),
        # a difference of 1e-12 is no difference
        ([[0.5, 0.5 + 1e-12], [0.5, 0.5]], {0: 0, 1: 1}),
        ([[0.5, 0.5 + 1e-6], [0.5, 0.5]], {0: 1, 1: 0}),
    ],
)
def test_assignments_by_hand(matrix, expected):
    assert pairs_of(np.array(matrix)) == expected


def test_no_candidates_give_no_pairs():
    none = np.empty(0, dtype=np.int64)

    assert len(assign(none, none, np.empty(0))) == 0


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 1000]))
def test_sum_and_ties_equal_an_exhaustive_search(rows, columns, seed, levels):
    # few levels make many ties, also between one good pair and two poor ones
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, levels, (rows, columns)) / 10

    assert pairs_of(matrix) == exhaustive(matrix)


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 4), st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_sums_that_nearly_agree_are_equal_up_to_a_billionth(rows, columns, seed):
    # sums differ by multiples of 3e-10: up to three of them are no difference, four are one
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 3, (rows, columns)) / 10
    matrix[matrix > 0] += 3e-10 * rng.integers(0, 2, (matrix > 0).sum())

    assert pairs_of(matrix) == exhaustive(matrix)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1), st.floats(0.02, 1))
def test_the_sum_equals_scipy_on_the_padded_matrix(rows, columns, seed, density):
    rng = np.random.default_rng(seed)
    matrix = rng.random((rows, columns)) * (rng.random((rows, columns)) < density)
    size = rows + columns
    padded = np.zeros((size, size))
    padded[:rows, :columns] = matrix
    best = padded[linear_sum_assignment(padded, maximize=True)].sum()

    found = pairs_of(matrix)

    assert sum(matrix[row, column] for row, column in found.items()) == pytest.approx(best, abs=1e-9)
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize("rows", [40, 300])
def test_a_heap_of_equal_labels_is_assigned_in_order_and_soon(rows):
    started = time.perf_counter()
    found = pairs_of(np.full((rows, rows + 7), 0.75))

    assert found == {row: row for row in range(rows)}
    assert time.perf_counter() - started < 10


def test_a_heap_of_equal_labels_with_one_forced_row_is_assigned_in_order():
    matrix = np.full((12, 12), 0.5)
    matrix[11] = 0
    matrix[11, 0] = 0.5  # the last row can only have column 0, and the sum wants all rows

    assert pairs_of(matrix) == {**{row: row + 1 for row in range(11)}, 11: 0}
