"""Classifications: which pair, and what their answers earn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scoring.arrays import IntArray
from scoring.attributes import (
    answer_keys,
    answer_outcomes,
    answer_values,
    answered_keys,
    codes_at,
    compare_answers,
    count_answers,
    options_of,
)
from scoring.columns import ClassificationLabels
from scoring.function import Comparison
from scoring.ontology import Item, Ontology
from scoring.table import FactColumns, Names
from scoring.tallies import EXTRA, MATCHED, MISSING, WRONG_ANSWER, Tallies


def pair_classifications(
    ontology: Ontology, gold: ClassificationLabels, submitted: ClassificationLabels
) -> tuple[IntArray, IntArray]:
    """Pairs by item per frame, several of one item in the order of their identifiers; -1 for a missing partner.

    In the order of frames, then of the items' hashes.
    """
    hashes = [item.hash for item in ontology.numbered]
    rank = np.empty(len(hashes), dtype=np.int64)
    rank[sorted(range(len(hashes)), key=hashes.__getitem__)] = np.arange(len(hashes))
    sides = []
    for side in (gold, submitted):
        place = side.frame * len(hashes) + rank[side.item]
        order = np.argsort(place, kind="stable")
        ordered = place[order]
        number = np.arange(len(order)) - np.searchsorted(ordered, ordered)  # the how-manieth of its place
        sides.append((order, ordered, number))
    most = 1 + max((int(number.max()) for _, _, number in sides if len(number)), default=0)
    keys = [ordered * most + number for _, ordered, number in sides]
    every = np.union1d(*keys)
    pairs = []
    for (order, _, _), key in zip(sides, keys, strict=True):
        rows = np.full(len(every), -1, dtype=np.int64)
        rows[np.searchsorted(every, key)] = order
        pairs.append(rows)
    return pairs[0], pairs[1]


def classification_facts(
    ontology: Ontology,
    comparison: Comparison,
    gold: ClassificationLabels,
    submitted: ClassificationLabels,
    first_frame: IntArray,
    tallies: Tallies,
) -> FactColumns:
    """The facts of all classifications; their totals and outcomes are added to the tallies."""
    ours, theirs = pair_classifications(ontology, gold, submitted)
    item = _either(gold.item, ours, submitted.item, theirs)
    frame = _either(gold.frame, ours, submitted.frame, theirs)
    nodes = [one.hash for one in ontology.numbered]
    facts = FactColumns(
        frame=frame,
        outcome=np.where(ours < 0, EXTRA, np.where(theirs < 0, MISSING, MATCHED)),
        gold=Names(ours, gold.ids, gold.entry, nodes, gold.item),
        submitted=Names(theirs, submitted.ids, submitted.entry, nodes, submitted.item),
        classification=np.full(len(ours), np.nan),
        answer=np.full(len(ours), -1, dtype=np.int64),
    )
    task = np.searchsorted(first_frame, frame, side="right") - 1
    entries = _entries(gold, ours), _entries(submitted, theirs)
    for number in np.unique(item).tolist():
        rows = np.flatnonzero(item == number)
        one = ontology.numbered[number]
        _root_facts(one, comparison, facts, rows, task[rows], gold, submitted, entries, tallies)
        asked = rows[ours[rows] >= 0]
        found = compare_answers(
            one,
            gold.answers,
            submitted.answers,
            entries[0][asked],
            entries[1][asked],
            np.ones(len(asked)),
            comparison,
        )
        for pairs in found:
            placed = replace(pairs, rows=asked[pairs.rows])
            facts.attributes.append(placed)
            count_answers(placed, task[placed.rows], tallies)
    left = np.flatnonzero(facts.outcome == EXTRA)
    tallies.add([f"extra:{node}" for node in nodes], task[left], item[left], None)
    return facts


def _root_facts(
    item: Item,
    comparison: Comparison,
    facts: FactColumns,
    rows: IntArray,
    task: IntArray,
    gold: ClassificationLabels,
    submitted: ClassificationLabels,
    entries: tuple[IntArray, IntArray],
    tallies: Tallies,
) -> None:
    """Value and outcome of the root's answers of one item: a criterion of gold's labels that either side answered.

    A classification counts once: missing and extra as labels, a pair by its root's answers.
    """
    root = item.root
    assert root is not None and facts.classification is not None and facts.answer is not None
    columns = gold.answers.get(root.hash), submitted.answers.get(root.hash)
    answers = (columns[0].answers if columns[0] else [], columns[1].answers if columns[1] else [])
    expected, own = codes_at(columns[0], entries[0][rows]), codes_at(columns[1], entries[1][rows])
    outcome = facts.outcome[rows]
    is_asked = (outcome != EXTRA) & ((expected >= 0) | (own >= 0))
    value = answer_values(root, expected, own, answers, comparison)
    facts.classification[rows[is_asked]] = value[is_asked]
    keys = answer_keys(root, answers[0])
    names = answered_keys(f"classification:{item.hash}", keys)
    key = expected[is_asked] % len(names)  # -1, not answered by gold, becomes the last one
    tallies.add(names, task[is_asked], key, value[is_asked])
    if keys:
        facts.answer[rows[is_asked]] = key + len(facts.answer_names)
        facts.answer_names += keys
    outcome = np.where(is_asked & (outcome == MATCHED), answer_outcomes(expected, own, answers), outcome)
    if root.type != "radio":
        outcome = np.where((outcome == WRONG_ANSWER) & (value >= 1.0), MATCHED, outcome)
        expected = own = np.full(len(rows), -1, dtype=np.int64)
    tallies.count([item.hash], task, np.zeros_like(rows), outcome, *options_of(answers, expected, own))


def _either(gold: IntArray, ours: IntArray, submitted: IntArray, theirs: IntArray) -> IntArray:
    """A column by label, taken from gold's label or else from the submitted one."""
    found = np.empty(len(ours), dtype=np.int64)
    found[ours >= 0] = gold[ours[ours >= 0]]
    found[ours < 0] = submitted[theirs[ours < 0]]
    return found


def _entries(labels: ClassificationLabels, rows: IntArray) -> IntArray:
    """The entry of each label, -1 for no label."""
    found = np.full(len(rows), -1, dtype=np.int64)
    found[rows >= 0] = labels.entry[rows[rows >= 0]]
    return found
