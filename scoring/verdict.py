"""Pass, fail, or not enough evidence: an interval of the score over tasks, because labels of one task go together.

The score is a ratio of sums, so its variance is that of the ratio estimator: with residuals d = earned - r x available
of the n tasks, s^2 = sum(d^2) / (n - 1), var(r) = n x s^2 / (sum of available)^2; the interval is r +- t x sqrt(var)
with n - 1 degrees of freedom (Cochran, Sampling Techniques, 3rd edition, section 6.4). When all tasks score alike, or
the score is 0 or 1, the residuals say nothing and Wilson's interval for n trials is taken. Fewer than MIN_TASKS tasks
give no verdict. scoring.md section 10 has the coverage that was measured.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from scipy.special import ndtri, stdtrit

MIN_TASKS = 10
LEVEL = 0.95

Verdict = Literal["pass", "open", "fail"]


@dataclass(frozen=True, slots=True)
class TaskSums:
    """Sums over the scored tasks of one person: enough for the interval, whatever the number of tasks."""

    tasks: int
    earned: float
    available: float
    earned_squared: float
    available_squared: float
    cross: float
    """Sum of earned x available."""


def score_interval(sums: TaskSums, level: float = LEVEL) -> tuple[float, float] | None:
    """Lower and upper end of the score's interval in 0..1; None below two tasks or with nothing available."""
    if sums.tasks < 2 or sums.available <= 0:
        return None
    score = sums.earned / sums.available
    squares = sums.earned_squared - 2 * score * sums.cross + score * score * sums.available_squared
    # Residuals are differences of large sums: below this share they are rounding.
    if score <= 0 or score >= 1 or squares <= 1e-12 * sums.available_squared:
        return _wilson(min(max(score, 0.0), 1.0), sums.tasks, level)
    n = sums.tasks
    half = float(stdtrit(n - 1, (1 + level) / 2)) * sqrt(n * squares / (n - 1)) / sums.available
    return max(0.0, score - half), min(1.0, score + half)


def _wilson(score: float, n: int, level: float) -> tuple[float, float]:
    z = float(ndtri((1 + level) / 2))
    centre = (score + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(score * (1 - score) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def verdict(sums: TaskSums, pass_mark: float) -> Verdict:
    """What the interval says about a pass mark in 0..1: all of it above, all below, or not enough evidence."""
    interval = score_interval(sums)
    if interval is None or sums.tasks < MIN_TASKS:
        return "open"
    low, high = interval
    if low >= pass_mark:
        return "pass"
    return "fail" if high < pass_mark else "open"
