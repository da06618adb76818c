"""Intervals of the score over tasks, by hand and by simulation."""

import random

import pytest

from scoring.verdict import TaskSums, score_interval, verdict


def sums(tasks: list[tuple[float, float]]) -> TaskSums:
    return TaskSums(
        tasks=len(tasks),
        earned=sum(e for e, _ in tasks),
        available=sum(a for _, a in tasks),
        earned_squared=sum(e * e for e, _ in tasks),
        available_squared=sum(a * a for _, a in tasks),
        cross=sum(e * a for e, a in tasks),
    )


def test_the_interval_of_equal_tasks_is_the_t_interval_of_their_mean():
    # Scores 70, 80, 90 of 100 each: mean 80, standard deviation 10, t(2, 0.975) = 4.302653.
    # Half width 4.302653 x 10 / sqrt(3) = 24.841 points of 100.
    low, high = score_interval(sums([(70, 100), (80, 100), (90, 100)]))
    assert low == pytest.approx(0.8 - 0.24841, abs=1e-5)
    assert high == 1.0


def test_tasks_that_all_score_alike_get_wilsons_interval():
    # p = 0.9, n = 10, z = 1.959964: centre (0.9 + 0.192073) / 1.384146 = 0.788986, half width 0.193172.
    low, high = score_interval(sums([(90, 100)] * 10))
    assert (low, high) == (pytest.approx(0.595814, abs=1e-4), pytest.approx(0.982158, abs=1e-4))


def test_one_task_has_no_interval_and_nothing_available_has_none():
    assert score_interval(sums([(5, 10)])) is None
    assert score_interval(sums([(0, 0), (0, 0)])) is None


def test_below_ten_tasks_there_is_no_verdict():
    assert verdict(sums([(99, 100), (98, 100)] * 4), 0.5) == "open"


def test_clear_scores_pass_and_fail():
    spread = [(88, 100), (92, 100)] * 10
    assert verdict(sums(spread), 0.8) == "pass"
    assert verdict(sums(spread), 0.95) == "fail"
    assert verdict(sums(spread), 0.9) == "open"


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = random.Random(5)
    truth, hits, rounds = 0.8, 0, 400
    for _ in range(rounds):
        tasks = []
        for _ in range(25):
            available = rng.uniform(50, 150)
            tasks.append((available * min(1.0, max(0.0, rng.gauss(truth, 0.1))), available))
        low, high = score_interval(sums(tasks))
        hits += low <= truth <= high
    assert 0.9 <= hits / rounds <= 0.99
