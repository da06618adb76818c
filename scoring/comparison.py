"""From two label documents to facts: pairing, outcomes, values, totals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from scoring.assignment import EQUAL, assign
from scoring.attributes import (
    Answer,
    answer_key,
    answer_outcome,
    answer_value,
    attribute_facts,
    standing_answers,
)
from scoring.documents import ClassificationLabel, Labels, prepare
from scoring.facts import Facts, LabelFact, Outcome, OutcomeKey
from scoring.function import Comparison, Function
from scoring.matching import DUPLICATE_SIMILARITY, Candidates, match_objects
from scoring.ontology import Attribute, Item, Ontology
from scoring.totals import totals_of

NO_ANSWERS: Mapping[str, Answer] = {}


def compare(
    ontology: Ontology,
    function: Function,
    gold: Labels | object,
    submitted: Labels | object,
    frames: Sequence[tuple[int, int]],
) -> Facts:
    """Compare a submission with gold; only the comparison settings of `function` matter, not its weights.

    gold, submitted: label documents, or what `prepare` made of one. frames: (width, height) in pixels by frame index.
    Never raises for bad labels: they score 0 with a reason, or are left out with a problem.
    """
    gold_labels = gold if isinstance(gold, Labels) else prepare(ontology, gold, frames)
    own_labels = submitted if isinstance(submitted, Labels) else prepare(ontology, submitted, frames)
    outcomes: Counter[OutcomeKey] = Counter()
    labels = [
        *_object_facts(gold_labels, own_labels, function.comparison, len(frames) > 1, outcomes),
        *_classification_facts(gold_labels, own_labels, function.comparison, outcomes),
    ]
    labels.sort(key=lambda fact: fact.frame)
    problems = [f"gold: {one}" for one in gold_labels.problems]
    problems += [f"submission: {one}" for one in own_labels.problems]
    return Facts(labels, totals_of(labels), dict(outcomes), problems)


def compare_many(
    ontology: Ontology,
    function: Function,
    tasks: Sequence[tuple[Labels | object, Labels | object, Sequence[tuple[int, int]]]],
) -> list[Facts]:
    """`compare` of many (gold, submitted, frames), in their order."""
    return [compare(ontology, function, gold, own, frames) for gold, own, frames in tasks]


def _object_facts(
    gold: Labels, submitted: Labels, comparison: Comparison, has_tracks: bool, outcomes: Counter[OutcomeKey]
) -> Iterator[LabelFact]:
    """Gold labels in order, then the submitted labels that are left over."""
    matching = match_objects(gold, submitted, comparison)
    is_tracked = _tracked(gold, submitted, matching.matched) if has_tracks else {}
    partners = _partners(matching.matched)
    near = _partners(matching.imprecise)
    used = set(matching.matched.submitted.tolist()) | set(matching.imprecise.submitted.tolist())
    ours, theirs = gold.objects, submitted.objects
    for index, item in enumerate(ours.items):
        fact = LabelFact(
            frame=int(ours.frame[index]),
            outcome=Outcome.MISSING,
            gold_id=ours.ids[index],
            gold_node=item.hash,
            iou_value=0.0,
            category_value=0.0,
            track_value=0.0 if has_tracks else None,
            reason=_reason("gold", ours.shapes.reasons[index]),
        )
        own: Mapping[str, Answer] = NO_ANSWERS
        partner = partners.get(index, near.get(index))
        if partner is not None:
            other, fact.similarity = partner
            fact.submitted_id = theirs.ids[other]
            fact.submitted_node = theirs.items[other].hash
            fact.outcome = Outcome.IMPRECISE
        if partner is not None and index in partners:
            fact.iou_value = _iou_value(partner[1], comparison.full_marks.get(item.hash, 1.0))
            is_same = fact.submitted_node == item.hash
            fact.outcome = Outcome.MATCHED if is_same else Outcome.WRONG_CATEGORY
            fact.category_value = 1.0 if is_same else 0.0
            if has_tracks:
                fact.track_value = 1.0 if is_tracked.get(index) else 0.0
            if is_same:
                own = standing_answers(item, theirs.answers[partner[0]])
        expected = standing_answers(item, ours.answers[index])
        fact.attributes = attribute_facts(
            item.attributes, expected, own, comparison, float(ours.share[index])
        )
        outcomes[item.hash, fact.outcome, item.hash, fact.submitted_node] += 1
        _count_answers(item.attributes, fact, expected, own, outcomes)
        yield fact
    for index, item in enumerate(theirs.items):
        if index in used:
            continue
        best = float(matching.best_with_gold[index])
        is_duplicate = best >= DUPLICATE_SIMILARITY - EQUAL
        fact = LabelFact(
            frame=int(theirs.frame[index]),
            outcome=Outcome.DUPLICATE if is_duplicate else Outcome.EXTRA,
            submitted_id=theirs.ids[index],
            submitted_node=item.hash,
            similarity=best if is_duplicate else None,
            submitted_share=float(theirs.share[index]),
            reason=_reason("submission", theirs.shapes.reasons[index]),
        )
        outcomes[item.hash, fact.outcome, None, item.hash] += 1
        yield fact


def _classification_facts(
    gold: Labels, submitted: Labels, comparison: Comparison, outcomes: Counter[OutcomeKey]
) -> Iterator[LabelFact]:
    """Classifications pair by item per frame, several of one item in the order of their identifiers."""
    sides: list[defaultdict[tuple[int, str], list[ClassificationLabel]]] = []
    for labels in (gold, submitted):
        places: defaultdict[tuple[int, str], list[ClassificationLabel]] = defaultdict(list)
        for label in labels.classifications:
            places[label.frame, label.item.hash].append(label)
        sides.append(places)
    for place in sorted(sides[0].keys() | sides[1].keys()):
        expected, own = sides[0].get(place, []), sides[1].get(place, [])
        for index in range(max(len(expected), len(own))):
            yield _classification_fact(
                expected[index] if index < len(expected) else None,
                own[index] if index < len(own) else None,
                comparison,
                outcomes,
            )


def _classification_fact(
    gold: ClassificationLabel | None,
    submitted: ClassificationLabel | None,
    comparison: Comparison,
    outcomes: Counter[OutcomeKey],
) -> LabelFact:
    label = gold or submitted
    assert label is not None and label.item.root is not None
    item, root = label.item, label.item.root
    expected = standing_answers(item, gold.answers) if gold else NO_ANSWERS
    own = standing_answers(item, submitted.answers) if submitted else NO_ANSWERS
    fact = LabelFact(
        frame=label.frame,
        outcome=Outcome.MATCHED if gold and submitted else Outcome.MISSING if gold else Outcome.EXTRA,
        gold_id=gold.id if gold else None,
        submitted_id=submitted.id if submitted else None,
        gold_node=item.hash if gold else None,
        submitted_node=item.hash if submitted else None,
    )
    root_gold, root_own = expected.get(root.hash), own.get(root.hash)
    if gold:
        if root_gold is not None:
            right = 0.0 if root_own is None else answer_value(root, root_gold, root_own, comparison)
            fact.classification_value = right
        elif root_own is not None:
            fact.classification_value = 0.0
        if fact.classification_value is not None:
            fact.classification_answer = answer_key(root, root_gold)
        fact.attributes = attribute_facts(item.attributes, expected, own, comparison, 1.0)
        _count_answers(item.attributes, fact, expected, own, outcomes)
    _count_classification(root, fact, root_gold, root_own, outcomes, item)
    return fact


def _count_classification(
    root: Attribute,
    fact: LabelFact,
    gold: Answer | None,
    submitted: Answer | None,
    outcomes: Counter[OutcomeKey],
    item: Item,
) -> None:
    """A classification counts once: missing and extra as labels, a pair by its root's answers."""
    outcome = fact.outcome
    if outcome is Outcome.MATCHED and fact.classification_value is not None:
        outcome = answer_outcome(gold, submitted)
        if root.type != "radio" and outcome is Outcome.WRONG_ANSWER and fact.classification_value >= 1.0:
            outcome = Outcome.MATCHED
    options = [one if root.type == "radio" and isinstance(one, str) else None for one in (gold, submitted)]
    outcomes[item.hash, outcome, options[0], options[1]] += 1


def _count_answers(
    attributes: tuple[Attribute, ...],
    fact: LabelFact,
    gold: Mapping[str, Answer],
    submitted: Mapping[str, Answer],
    outcomes: Counter[OutcomeKey],
) -> None:
    """One count per label and radio attribute that is a criterion of it."""
    for attribute in attributes:
        if attribute.type == "radio" and attribute.hash in fact.attributes:
            expected, own = gold.get(attribute.hash), submitted.get(attribute.hash)
            outcome = answer_outcome(expected, own)
            outcomes[attribute.hash, outcome, _option(expected), _option(own)] += 1


def _option(answer: Answer | None) -> str | None:
    return answer if isinstance(answer, str) else None


def _tracked(gold: Labels, submitted: Labels, matched: Candidates) -> dict[int, bool]:
    """For each matched gold label, whether its partner belongs to the instance assigned to gold's instance.

    Instances are assigned one to one with the most matched frames; ties as for labels.
    """
    instances = np.stack(
        [gold.objects.instance[matched.gold], submitted.objects.instance[matched.submitted]], axis=1
    )
    pairs, inverse, frames = np.unique(instances, axis=0, return_inverse=True, return_counts=True)
    is_assigned = np.zeros(len(pairs), dtype=np.bool_)
    is_assigned[assign(pairs[:, 0], pairs[:, 1], frames.astype(np.float64))] = True
    return dict(zip(matched.gold.tolist(), is_assigned[inverse.reshape(-1)].tolist(), strict=True))


def _partners(pairs: Candidates) -> dict[int, tuple[int, float]]:
    """{gold label: (submitted label, similarity)}."""
    both = zip(pairs.submitted.tolist(), pairs.similarity.tolist(), strict=True)
    return dict(zip(pairs.gold.tolist(), both, strict=True))


def _iou_value(similarity: float, full_marks: float) -> float:
    value = similarity / full_marks
    return 1.0 if value > 1.0 - EQUAL else value


def _reason(side: str, reason: str) -> str:
    return f"{side}: {reason}" if reason else ""
