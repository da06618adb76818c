"""From facts to points: the criteria of one label, their totals over labels, scores, and counts of outcomes.

`criteria_of` is the single place that says which criteria a label has; totals, points per label, CSV and explanations
all read it, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scoring.facts import LabelFact, Outcome, OutcomeKey, Totals
from scoring.function import Function
from scoring.ontology import Ontology
from scoring.weights import STATIC


class Criterion(NamedTuple):
    """A criterion of one label before weights; `value` is what `share` earns in relation to it, 0..1."""

    key: str
    value: float
    share: float


class Points(NamedTuple):
    """A criterion of one label with its points: weight = available, points = weight x value = earned."""

    criterion: str
    value: float
    weight: float
    points: float


def criteria_of(fact: LabelFact) -> list[Criterion]:
    """The criteria of one label, IoU first. An extra or duplicate label has one, in two parts for objects."""
    if fact.outcome in (Outcome.EXTRA, Outcome.DUPLICATE):
        key = f"{fact.outcome}:{fact.submitted_node}"
        static = [] if fact.submitted_share is None else [Criterion(key + STATIC, 0.0, fact.submitted_share)]
        return [Criterion(key, 0.0, 1.0), *static]
    found = []
    node = fact.gold_node
    if fact.iou_value is not None:
        found.append(Criterion(f"iou:{node}", fact.iou_value, 1.0))
    if fact.category_value is not None:
        found.append(Criterion(f"category:{node}", fact.category_value, 1.0))
    if fact.track_value is not None:
        found.append(Criterion(f"track:{node}", fact.track_value, 1.0))
    if fact.classification_value is not None:
        answer = fact.classification_answer
        key = f"classification:{node}" if answer is None else f"classification:{node}={answer}"
        found.append(Criterion(key, fact.classification_value, 1.0))
    for attribute, (value, share, answer) in fact.attributes.items():
        key = f"attribute:{attribute}" if answer is None else f"attribute:{attribute}={answer}"
        found.append(Criterion(key, value, share))
    return found


def label_points(fact: LabelFact, function: Function) -> list[Points]:
    """Points of one label per criterion; their sums over labels equal the score from totals.

    The two parts of an extra or duplicate label's cost come as one row.
    """
    rows = [
        Points(key, value, weight, weight * value)
        for key, value, share in criteria_of(fact)
        for weight in (function.weight(key) * share,)
    ]
    if fact.outcome in (Outcome.EXTRA, Outcome.DUPLICATE):
        return [Points(rows[0].criterion, 0.0, sum(row.weight for row in rows), 0.0)]
    return rows


def totals_of(facts: Iterable[LabelFact]) -> Totals:
    """Sum of values and of counts per criterion."""
    totals: Totals = {}
    for fact in facts:
        for key, value, share in criteria_of(fact):
            value_sum, count = totals.get(key, (0.0, 0.0))
            totals[key] = (value_sum + value * share, count + share)
    return totals


def add_totals(many: Iterable[Mapping[str, tuple[float, float]]]) -> Totals:
    """The totals of several tasks together."""
    summed: Totals = {}
    for totals in many:
        for key, (value, count) in totals.items():
            value_sum, count_sum = summed.get(key, (0.0, 0.0))
            summed[key] = (value_sum + value, count_sum + count)
    return summed


def score(totals: Mapping[str, tuple[float, float]], function: Function) -> tuple[float, float]:
    """(earned, available) points. Nothing available means no score: show a dash, not 0 and not 100."""
    earned = available = 0.0
    for key, (value_sum, count) in totals.items():
        weight = function.weight(key)
        earned += weight * value_sum
        available += weight * count
    return earned, available


def item_of(criterion: str, ontology: Ontology) -> str | None:
    """The item (object class or classification) a criterion belongs to, for scores by class; None when unknown."""
    rest = criterion.partition(":")[2]
    for node in (rest, rest.rpartition("=")[0]):
        owner = ontology.item_of_attribute.get(node, node)
        if owner in ontology.items:
            return owner
    return None


def outcome_counts(outcomes: Mapping[OutcomeKey, int], nodes: Iterable[str]) -> dict[Outcome, int]:
    """How often each outcome occurred on the given nodes: pass items for labels, one attribute for its answers."""
    wanted = set(nodes)
    counts = dict.fromkeys(Outcome, 0)
    for (node, outcome, _, _), count in outcomes.items():
        if node in wanted:
            counts[outcome] += count
    return counts
