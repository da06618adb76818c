"""The figures of Summary > Overview as values: points, a row per annotator, totals, distribution. No database here."""

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from benchmarks.models import Publication
from scoring.verdict import TaskSums, score_interval, verdict


@dataclass(frozen=True)
class Points:
    """Earned and available points of some set of labels; `share` is None when nothing was available."""

    earned: float = 0.0
    available: float = 0.0

    @property
    def share(self) -> float | None:
        """earned / available in 0..1."""
        return self.earned / self.available if self.available > 0 else None

    @property
    def percent(self) -> float | None:
        """The score in percent, None without anything available (shown as a dash)."""
        return None if self.share is None else 100 * self.share

    def __add__(self, other: "Points") -> "Points":
        return Points(self.earned + other.earned, self.available + other.available)


@dataclass
class AnnotatorResult:
    """One row of Overview."""

    annotator: User
    is_active: bool = True
    tasks: int = 0
    submitted: int = 0
    scored: int = 0
    failed: int = 0
    points: Points = field(default_factory=Points)
    # Sums over tasks behind the interval of the score.
    sums: TaskSums | None = None
    # Percentage points gained over the publication before, over submissions scored in both; None = no comparison.
    change: float | None = None
    by_class: dict[str, Points] = field(default_factory=dict)
    last_activity: datetime | None = None

    # Of the project, in percent; None = no verdicts anywhere.
    pass_mark: float | None = None

    @property
    def is_finished(self) -> bool:
        return self.tasks > 0 and self.submitted == self.tasks

    @property
    def interval_percent(self) -> tuple[float, float] | None:
        """95 % interval of the score over tasks, in percent; None below two scored tasks."""
        found = score_interval(self.sums) if self.sums else None
        return (100 * found[0], 100 * found[1]) if found else None

    @property
    def verdict(self) -> str:
        """pass, open or fail; empty without a pass mark or a score."""
        if self.pass_mark is None or self.sums is None or self.points.percent is None:
            return ""
        return verdict(self.sums, self.pass_mark / 100)


@dataclass(frozen=True)
class ScoredClass:
    """A column of the class table: an item that earns or costs points."""

    node: str
    name: str
    color: str


@dataclass(frozen=True)
class Overview:
    """Everything Summary > Overview shows, of one publication."""

    publication: Publication | None
    classes: list[ScoredClass]
    annotators: list[AnnotatorResult]
    pass_mark: float | None = None

    @property
    def verdicts(self) -> dict[str, int]:
        """How many annotators pass, fail, or are open; all zero without a pass mark."""
        found = [row.verdict for row in self.annotators]
        return {name: found.count(name) for name in ("pass", "open", "fail")}

    @property
    def tasks(self) -> int:
        return sum(row.tasks for row in self.annotators)

    @property
    def submitted(self) -> int:
        return sum(row.submitted for row in self.annotators)

    @property
    def scored(self) -> int:
        return sum(row.scored for row in self.annotators)

    @property
    def failed(self) -> int:
        return sum(row.failed for row in self.annotators)

    @property
    def waiting(self) -> int:
        return self.submitted - self.scored - self.failed

    @property
    def finished(self) -> int:
        return sum(row.is_finished for row in self.annotators)

    @property
    def points(self) -> Points:
        """Score of the cohort: sum of earned over sum of available, never a mean of percentages."""
        return sum((row.points for row in self.annotators), Points())

    @property
    def median_percent(self) -> float | None:
        """Median of the annotators' scores."""
        scores = sorted(row.points.percent for row in self.annotators if row.points.percent is not None)
        if not scores:
            return None
        middle = len(scores) // 2
        return scores[middle] if len(scores) % 2 else (scores[middle - 1] + scores[middle]) / 2


@dataclass(frozen=True)
class Bin:
    """One bar of the score distribution: annotators with start <= score < start + width, by verdict."""

    start: float
    width: float
    counts: dict[str, int]

    @property
    def middle(self) -> float:
        return self.start + self.width / 2

    @property
    def total(self) -> int:
        return sum(self.counts.values())


BIN_WIDTH = 5.0


def score_distribution(overview: Overview) -> list[Bin]:
    """Annotators per 5 points of score, from the lowest score to 100; 100 itself is in the last bin.

    Counts are by verdict with a pass mark, else all under "scored".
    """
    scored = [(row.points.percent, row.verdict or "scored") for row in overview.annotators]
    known = [(min(percent, 100 - 1e-9), name) for percent, name in scored if percent is not None]
    if not known:
        return []
    first = int(min(percent for percent, _ in known) // BIN_WIDTH)
    bins: list[Bin] = []
    for number in range(min(first, 15), int(100 / BIN_WIDTH)):
        start = number * BIN_WIDTH
        names = [name for percent, name in known if start <= percent < start + BIN_WIDTH]
        bins.append(
            Bin(start, BIN_WIDTH, {name: names.count(name) for name in ("pass", "open", "fail", "scored")})
        )
    return bins
