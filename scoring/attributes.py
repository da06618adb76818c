"""Answers: what counts as one, which of a label's answers stand, and what an answer earns against gold's."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from scoring.facts import AttributeFact, Outcome
from scoring.function import Comparison
from scoring.ontology import Attribute, Item
from scoring.reading import finite

Answer = str | float | frozenset[str]
"""Radio: option hash. Checklist: option hashes. Text: normalised. Numeric: a finite float."""

NONE = "none"
"""The key of a radio criterion where only the submission answered."""


def read_answer(attribute: Attribute, value: object) -> Answer | None:
    """The answer, or None for not answered: null, absent, blank text, or a value of the wrong type.

    An empty checklist is an answer. An option that the ontology does not know is kept: it equals only itself.
    """
    if attribute.type == "numeric":
        return finite(value)
    if attribute.type == "checklist":
        if not isinstance(value, (list, tuple)):
            return None
        return frozenset(option for option in value if isinstance(option, str))
    if not isinstance(value, str):
        return None
    return (value if attribute.type == "radio" else normalised(value)) or None


def normalised(text: str) -> str:
    """NFKC, trimmed, white space collapsed, case folded: texts that are equal then count as equal."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def standing_answers(item: Item, answers: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers by attribute hash, without those whose own parent option is not chosen on the same side."""
    standing: dict[str, Answer] = {}
    for attribute in ((item.root,) if item.root else ()) + item.attributes:
        if attribute.hash not in answers:
            continue
        if attribute.parent is not None and standing.get(attribute.parent) != attribute.parent_option:
            continue
        answer = read_answer(attribute, answers[attribute.hash])
        if answer is not None:
            standing[attribute.hash] = answer
    return standing


def answer_value(attribute: Attribute, gold: Answer, submitted: Answer, comparison: Comparison) -> float:
    """What the submitted answer earns, 0..1; symmetric. Both are answers of this attribute."""
    if isinstance(gold, frozenset) and isinstance(submitted, frozenset):
        union = gold | submitted
        return len(gold & submitted) / len(union) if union else 1.0
    if isinstance(gold, float) and isinstance(submitted, float):
        allowed = comparison.tolerance.get(attribute.hash, 0.0)
        return 1.0 if abs(gold - submitted) <= allowed + 1e-9 else 0.0
    if gold == submitted:
        return 1.0
    if attribute.hash in comparison.ordered and isinstance(gold, str) and isinstance(submitted, str):
        first, second = attribute.option(gold), attribute.option(submitted)
        if first and second:
            return 1.0 - abs(first.rank - second.rank) / (len(attribute.options) - 1)
    return 0.0


def attribute_facts(
    attributes: tuple[Attribute, ...],
    gold: Mapping[str, Answer],
    submitted: Mapping[str, Answer],
    comparison: Comparison,
    static_share: float,
) -> dict[str, AttributeFact]:
    """The attribute criteria of one label, from standing answers.

    An answer of the submission alone is a criterion (value 0) only where gold has the parent option. A wrong parent
    needs no rule of its own: the submission's answers below it do not stand, so every answer of gold there earns 0.
    `static_share` is what a static attribute counts.
    """
    facts: dict[str, AttributeFact] = {}
    for attribute in attributes:
        expected, own = gold.get(attribute.hash), submitted.get(attribute.hash)
        if expected is None:
            if own is None or (attribute.parent and gold.get(attribute.parent) != attribute.parent_option):
                continue
            value = 0.0
        else:
            value = 0.0 if own is None else answer_value(attribute, expected, own, comparison)
        share = 1.0 if attribute.dynamic else static_share
        facts[attribute.hash] = AttributeFact(value, share, answer_key(attribute, expected))
    return facts


def answer_key(attribute: Attribute, gold: Answer | None) -> str | None:
    """The suffix of a radio criterion: gold's option or "none"; None for other types."""
    if attribute.type != "radio":
        return None
    return gold if isinstance(gold, str) else NONE


def answer_outcome(gold: Answer | None, submitted: Answer | None) -> Outcome:
    """How a radio answer counts in the outcome totals; equality, whatever a neighbouring answer may earn."""
    if submitted is None:
        return Outcome.MISSING
    if gold is None:
        return Outcome.EXTRA
    return Outcome.MATCHED if gold == submitted else Outcome.WRONG_ANSWER
