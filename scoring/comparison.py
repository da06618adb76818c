"""From two label documents to facts: pairing, outcomes, values, totals, for one task or a batch of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.assignment import assign
from scoring.attributes import compare_answers, count_answers
from scoring.classifications import classification_facts
from scoring.columns import Labels, ObjectLabels, join
from scoring.documents import Frames, prepare_many
from scoring.facts import Facts
from scoring.function import Comparison, Function
from scoring.matching import DUPLICATE_SIMILARITY, Matching, match_objects
from scoring.ontology import Ontology
from scoring.table import FactColumns, FactTable, Names
from scoring.tallies import DUPLICATE, EXTRA, IMPRECISE, MATCHED, MISSING, WRONG_CATEGORY, Tallies
from scoring.ties import EQUAL
from scoring.weights import STATIC


def compare(
    ontology: Ontology, function: Function, gold: Labels | object, submitted: Labels | object, frames: Frames
) -> Facts:
    """Compare a submission with gold; only the comparison settings of `function` matter, not its weights.

    gold, submitted: label documents, or what `prepare` made of one. frames: (width, height) in pixels by frame index.
    Never raises for bad labels: they score 0 with a reason, or are left out with a problem.
    """
    return compare_many(ontology, function, [(gold, submitted, frames)])[0]


def compare_many(
    ontology: Ontology,
    function: Function,
    tasks: Sequence[tuple[Labels | object, Labels | object, Frames]],
) -> list[Facts]:
    """`compare` of many (gold, submitted, frames), in their order and with the same facts.

    The labels of all tasks are compared as one set of columns, so that tasks of few labels cost no more than those of
    many. The facts share the columns: a batch should be what one transaction stores, not everything there is.
    """
    if not tasks:
        return []
    frames = [own for _, _, own in tasks]
    gold = _side(ontology, [one for one, _, _ in tasks], frames)
    submitted = _side(ontology, [one for _, one, _ in tasks], frames)
    tallies = Tallies(len(tasks))
    has_tracks = np.array([len(own) > 1 for own in frames])
    first_frame = np.array(gold.first_frame)
    comparison = function.comparison
    table = FactTable(
        [
            *_object_facts(ontology, comparison, gold, submitted, has_tracks, tallies),
            classification_facts(
                ontology, comparison, gold.classifications, submitted.classifications, first_frame, tallies
            ),
        ],
        gold.first_frame,
    )
    return [
        Facts(
            partial(table.rows, task),
            tallies.totals[task],
            tallies.outcomes[task],
            [f"gold: {one}" for one in gold.problems[task]]
            + [f"submission: {one}" for one in submitted.problems[task]],
        )
        for task in range(len(tasks))
    ]


def _side(ontology: Ontology, sources: list[Labels | object], frames: list[Frames]) -> Labels:
    """The columns of one side: documents are read together, prepared ones joined."""
    if not any(isinstance(one, Labels) for one in sources):
        return prepare_many(ontology, sources, frames)
    return join(
        [
            one if isinstance(one, Labels) else prepare_many(ontology, [one], [own])
            for one, own in zip(sources, frames, strict=True)
        ]
    )


def _object_facts(
    ontology: Ontology,
    comparison: Comparison,
    gold: Labels,
    submitted: Labels,
    has_tracks: BoolArray,
    tallies: Tallies,
) -> list[FactColumns]:
    """Gold's labels, and the submitted labels that are left over; their totals and outcomes go to the tallies."""
    matching = match_objects(ontology, gold, submitted, comparison)
    return [
        _gold_facts(ontology, comparison, gold, submitted, matching, has_tracks, tallies),
        _left_over_facts(ontology, gold, submitted, matching, tallies),
    ]


def _gold_facts(
    ontology: Ontology,
    comparison: Comparison,
    gold: Labels,
    submitted: Labels,
    matching: Matching,
    has_tracks: BoolArray,
    tallies: Tallies,
) -> FactColumns:
    ours, theirs = gold.objects, submitted.objects
    nodes = [one.hash for one in ontology.numbered]
    task = _tasks(gold, ours.frame)
    partner = np.full(len(ours.item), -1, dtype=np.int64)
    similarity = np.full(len(ours.item), np.nan)
    outcome = np.full(len(ours.item), MISSING, dtype=np.int64)
    for pairs, became in ((matching.matched, WRONG_CATEGORY), (matching.imprecise, IMPRECISE)):
        partner[pairs.gold], similarity[pairs.gold] = pairs.submitted, pairs.similarity
        outcome[pairs.gold] = became
    rows, others = matching.matched.gold, matching.matched.submitted
    is_same = ours.item[rows] == theirs.item[others]
    outcome[rows[is_same]] = MATCHED
    full_marks = np.array([comparison.full_marks.get(node, 1.0) for node in nodes])
    earned = matching.matched.similarity / full_marks[ours.item[rows]]
    iou = np.zeros(len(ours.item))
    iou[rows] = np.where(earned > 1.0 - EQUAL, 1.0, earned)
    facts = FactColumns(
        frame=ours.frame,
        outcome=outcome,
        gold=Names(np.arange(len(ours.item)), ours.ids, ours.instance, nodes, ours.item),
        submitted=Names(partner, theirs.ids, theirs.instance, nodes, theirs.item),
        similarity=similarity,
        iou=iou,
        category=(outcome == MATCHED).astype(np.float64),
        reasons={row: f"gold: {reason}" for row, reason in ours.shapes.reasons.items()},
    )
    tallies.add([f"iou:{node}" for node in nodes], task, ours.item, facts.iou)
    tallies.add([f"category:{node}" for node in nodes], task, ours.item, facts.category)
    if has_tracks.any():
        facts.track = _track_values(ours, theirs, matching, has_tracks[task])
        asked = np.flatnonzero(has_tracks[task])
        tallies.add([f"track:{node}" for node in nodes], task[asked], ours.item[asked], facts.track[asked])
    own_item = np.full(len(partner), -1, dtype=np.int64)
    own_item[partner >= 0] = theirs.item[partner[partner >= 0]]
    tallies.count(nodes, task, ours.item, outcome, (nodes, ours.item), (nodes, own_item))
    if ours.answers or theirs.answers:
        _attribute_facts(ontology, comparison, ours, theirs, facts, partner, task, tallies)
    return facts


def _attribute_facts(
    ontology: Ontology,
    comparison: Comparison,
    ours: ObjectLabels,
    theirs: ObjectLabels,
    facts: FactColumns,
    partner: IntArray,
    task: IntArray,
    tallies: Tallies,
) -> None:
    """Answers are compared in pairs of the same class; elsewhere gold's earn 0."""
    own = np.where(facts.outcome == MATCHED, partner, -1)
    for number in np.unique(ours.item).tolist():
        item = ontology.numbered[number]
        if not item.attributes:
            continue
        rows = np.flatnonzero(ours.item == number)
        for pairs in compare_answers(
            item, ours.answers, theirs.answers, rows, own[rows], ours.share[rows], comparison
        ):
            placed = replace(pairs, rows=rows[pairs.rows])
            facts.attributes.append(placed)
            count_answers(placed, task[placed.rows], tallies)


def _left_over_facts(
    ontology: Ontology, gold: Labels, submitted: Labels, matching: Matching, tallies: Tallies
) -> FactColumns:
    theirs = submitted.objects
    nodes = [one.hash for one in ontology.numbered]
    is_left = np.ones(len(theirs.item), dtype=np.bool_)
    is_left[matching.matched.submitted] = False
    is_left[matching.imprecise.submitted] = False
    left = np.flatnonzero(is_left)
    best, item, share = matching.best_with_gold[left], theirs.item[left], theirs.share[left]
    is_duplicate = best >= DUPLICATE_SIMILARITY - EQUAL
    none = np.full(len(left), -1, dtype=np.int64)
    reasons = theirs.shapes.reasons
    facts = FactColumns(
        frame=theirs.frame[left],
        outcome=np.where(is_duplicate, DUPLICATE, EXTRA),
        gold=Names(none, gold.objects.ids, gold.objects.instance, nodes, gold.objects.item),
        submitted=Names(left, theirs.ids, theirs.instance, nodes, theirs.item),
        similarity=np.where(is_duplicate, best, np.nan),
        share=share,
        reasons={
            row: f"submission: {reasons[label]}"
            for row, label in enumerate(left.tolist() if reasons else [])
            if label in reasons
        },
    )
    task = _tasks(submitted, facts.frame)
    keys = [f"{kind}:{node}" for kind in ("extra", "duplicate") for node in nodes]
    code = item + len(nodes) * is_duplicate
    tallies.add(keys, task, code, None)
    tallies.add([key + STATIC for key in keys], task, code, None, share)
    tallies.count(nodes, task, item, facts.outcome, (nodes, none), (nodes, item))
    return facts


def _tasks(labels: Labels, frame: IntArray) -> IntArray:
    """The task of each frame."""
    if len(labels.first_frame) == 2:
        return np.zeros(len(frame), dtype=np.int64)
    return np.searchsorted(labels.first_frame, frame, side="right") - 1


def _track_values(
    ours: ObjectLabels, theirs: ObjectLabels, matching: Matching, is_asked: BoolArray
) -> FloatArray:
    """1 where a matched label's partner belongs to the instance assigned to gold's instance; NaN where not asked.

    Instances are assigned one to one with the most matched frames; ties as for labels.
    """
    gold, own = matching.matched.gold, matching.matched.submitted
    instances = max(len(theirs.ids), 1)
    pairs, place, frames = np.unique(
        ours.instance[gold] * instances + theirs.instance[own], return_inverse=True, return_counts=True
    )
    is_assigned = np.zeros(len(pairs))
    is_assigned[assign(pairs // instances, pairs % instances, frames.astype(np.float64))] = 1.0
    found = np.where(is_asked, 0.0, np.nan)
    found[gold] = np.where(is_asked[gold], is_assigned[place.reshape(-1)], np.nan)
    return found
