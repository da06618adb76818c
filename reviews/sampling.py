"""Which labels of a submission are reviewed, and by which pool. Pure: plain values in and out.

The draw is a digest of the task and the label, so that a job that runs twice draws the same labels, and raising a
rate only adds labels to those drawn before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

LARGEST_GROUP = 50
"""Instances in one review; more are split evenly."""

Pool = frozenset[int]
EVERYBODY: Pool = frozenset()


@dataclass(frozen=True)
class Rates:
    """Shares of labels that are reviewed, 0 to 1: of a class before an annotator's before the overall one."""

    overall: float = 1.0
    by_node: Mapping[str, float] = field(default_factory=dict)
    by_annotator: Mapping[int, float] = field(default_factory=dict)

    def rate_of(self, node: str, annotator: int | None) -> float:
        """The rate that holds for a label of this class by this person."""
        if node in self.by_node:
            return self.by_node[node]
        if annotator is not None and annotator in self.by_annotator:
            return self.by_annotator[annotator]
        return self.overall


@dataclass(frozen=True)
class Pools:
    """Reviewers by class and by annotator; the class's win."""

    by_node: Mapping[str, Pool] = field(default_factory=dict)
    by_annotator: Mapping[int, Pool] = field(default_factory=dict)

    def pool_of(self, node: str, annotator: int | None) -> Pool:
        """Who reviews a label of this class by this person; empty = everybody who reviews."""
        if node in self.by_node:
            return self.by_node[node]
        if annotator is not None and annotator in self.by_annotator:
            return self.by_annotator[annotator]
        return EVERYBODY


@dataclass(frozen=True)
class Candidate:
    """One submitted instance: its row number, class, and on how many frames it is."""

    key: int
    node: str
    labels: int = 1


def drawn(rate: float, *names: object) -> bool:
    """Whether the thing of these names belongs to a share of `rate` of all things; the same answer every time."""
    digest = blake2b("\0".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < rate * 2**64


def grouped(
    candidates: Sequence[Candidate], pools: Pools, annotator: int | None, *, one_review: bool
) -> list[tuple[Pool, list[int]]]:
    """The reviews that a submission needs: (pool, instances), in the order of the instances.

    `one_review` puts everything into one, for the pool of the class with the most labels (of equal ones, the class
    that comes first). Otherwise one review per pool, split evenly where there are more than 50 instances.
    """
    if not candidates:
        return []
    if one_review:
        labels: dict[str, int] = {}
        for one in candidates:
            labels[one.node] = labels.get(one.node, 0) + one.labels
        leading = max(labels, key=lambda node: labels[node])
        return [(pools.pool_of(leading, annotator), [one.key for one in candidates])]
    by_pool: dict[Pool, list[int]] = {}
    for one in candidates:
        by_pool.setdefault(pools.pool_of(one.node, annotator), []).append(one.key)
    return [(pool, part) for pool, keys in by_pool.items() for part in split_evenly(keys)]


def split_evenly(keys: Sequence[int], most: int = LARGEST_GROUP) -> list[list[int]]:
    """Parts of at most `most`, whose sizes differ by at most one, in order."""
    parts = -(-len(keys) // most)
    borders = [len(keys) * number // parts for number in range(parts + 1)] if parts else []
    return [list(keys[start:stop]) for start, stop in pairwise(borders)]


def reviewer_for(pool: Pool, present: Collection[int], open_reviews: Mapping[int, int]) -> int | None:
    """Whom of a pool a review is given to: who has the fewest open ones, then the earliest member.

    None for a pool that is everybody, or of which nobody is present: then whoever comes first takes it.
    """
    able = sorted(pool & frozenset(present))
    return min(able, key=lambda user: (open_reviews.get(user, 0), user)) if able else None
