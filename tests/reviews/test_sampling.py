"""The draw of labels for review, groups of reviews, and the choice of a reviewer."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.quality import ExpertPolicy, Stage
from reviews.sampling import (
    EVERYBODY,
    LARGEST_GROUP,
    Candidate,
    Pools,
    Rates,
    drawn,
    grouped,
    reviewer_for,
    split_evenly,
)

MANY = 20_000


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9])
def test_the_share_drawn_is_the_rate_within_four_standard_deviations(rate):
    hits = sum(drawn(rate, "task", number) for number in range(MANY))
    assert abs(hits - rate * MANY) < 4 * math.sqrt(MANY * rate * (1 - rate))


def test_labels_of_different_tasks_are_drawn_independently():
    both = sum(drawn(0.5, "one task", n) and drawn(0.5, "another task", n) for n in range(MANY))
    assert abs(both - MANY / 4) < 4 * math.sqrt(MANY * 3 / 16)


def test_nothing_is_drawn_at_0_and_everything_at_100_per_cent():
    assert not any(drawn(0.0, n) for n in range(1000))
    assert all(drawn(1.0, n) for n in range(1000))


def test_drawing_again_draws_the_same_and_a_higher_rate_only_adds():
    low = {n for n in range(1000) if drawn(0.2, "task", n)}
    assert low == {n for n in range(1000) if drawn(0.2, "task", n)}
    assert low < {n for n in range(1000) if drawn(0.4, "task", n)}


def test_the_class_rate_wins_over_the_annotators_and_that_over_the_overall_one():
    rates = Rates(0.1, {"cell": 0.2}, {7: 0.3})
    assert rates.rate_of("cell", 7) == 0.2
    assert rates.rate_of("other", 7) == 0.3
    assert rates.rate_of("other", 8) == rates.rate_of("other", None) == 0.1


def test_a_class_rate_of_zero_is_a_rate():
    assert Rates(1.0, {"cell": 0.0}, {7: 1.0}).rate_of("cell", 7) == 0.0


POOLS = Pools({"cell": frozenset({1, 2}), "scene": frozenset({3})}, {7: frozenset({4})})


def test_labels_of_one_pool_are_one_review():
    candidates = [Candidate(1, "cell"), Candidate(2, "scene"), Candidate(3, "cell"), Candidate(4, "line")]
    assert grouped(candidates, POOLS, 7, one_review=False) == [
        (frozenset({1, 2}), [1, 3]),
        (frozenset({3}), [2]),
        (frozenset({4}), [4]),
    ]
    assert grouped(candidates, POOLS, 8, one_review=False)[2] == (EVERYBODY, [4])


def test_multi_review_assignment_gives_everything_to_the_pool_of_the_class_with_most_labels():
    candidates = [Candidate(1, "cell", 2), Candidate(2, "scene", 5), Candidate(3, "cell", 2)]
    assert grouped(candidates, POOLS, 7, one_review=True) == [(frozenset({3}), [1, 2, 3])]


@given(st.integers(0, 500))
def test_parts_are_at_most_fifty_even_and_in_order(count):
    parts = split_evenly(list(range(count)))
    assert [key for part in parts for key in part] == list(range(count))
    assert len(parts) == -(-count // LARGEST_GROUP)
    sizes = [len(part) for part in parts] or [0]
    assert max(sizes) <= LARGEST_GROUP and max(sizes) - min(sizes) <= 1


def test_the_member_with_the_fewest_open_reviews_is_chosen_and_absent_ones_never():
    pool = frozenset({1, 2, 3})
    assert reviewer_for(pool, {1, 2, 3}, {1: 4, 2: 1, 3: 1}) == 2
    assert reviewer_for(pool, {1, 3}, {1: 4}) == 3
    assert reviewer_for(pool, {9}, {}) is None
    assert reviewer_for(EVERYBODY, {9}, {}) is None


POLICY = ExpertPolicy(after=2, stages=(Stage(1, 1.0, "rejected"), Stage(2, 1.0, "approved")))


def wants(policy: ExpertPolicy, verdict: str, rejections: int, iteration: int) -> bool:
    return policy.wants(verdict=verdict, rejections=rejections, iteration=iteration, names=["x"])


def test_stages_go_by_the_number_of_reviews_of_the_label_and_the_last_goes_on():
    assert wants(POLICY, "rejected", 1, 1)
    assert not wants(POLICY, "approved", 0, 1)
    assert wants(POLICY, "approved", 1, 2)
    assert wants(POLICY, "approved", 1, 5)
    assert not wants(POLICY, "rejected", 1, 3)


def test_the_xth_rejection_goes_to_an_expert_whatever_the_stages():
    policy = ExpertPolicy(after=3)
    assert [wants(policy, "rejected", n, n) for n in (1, 2, 3, 4)] == [False, False, True, True]
    assert not wants(policy, "approved", 3, 4)


def test_a_stage_takes_its_share():
    policy = ExpertPolicy(after=99, stages=(Stage(1, 0.3, "approved"),))
    hits = sum(
        policy.wants(verdict="approved", rejections=0, iteration=1, names=["task", n]) for n in range(MANY)
    )
    assert abs(hits - 0.3 * MANY) < 4 * math.sqrt(MANY * 0.21)
