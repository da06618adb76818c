"""Answers: what counts as one, which of a label's answers stand, and what an answer earns against gold's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.columns import Answer, AnswerColumn, AnswerColumns
from scoring.facts import AttributeFact
from scoring.function import Comparison
from scoring.ontology import Attribute, Item, Ontology
from scoring.reading import finite
from scoring.tallies import EXTRA, MATCHED, MISSING, WRONG_ANSWER, Tallies

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
    """One label's answers by attribute hash, without those whose own parent option is not chosen on the same side."""
    standing: dict[str, Answer] = {}
    for attribute in item.questions:
        if attribute.parent is not None and standing.get(attribute.parent) != attribute.parent_option:
            continue
        answer = read_answer(attribute, answers.get(attribute.hash))
        if answer is not None:
            standing[attribute.hash] = answer
    return standing


def answer_columns(ontology: Ontology, item: IntArray, answers: Sequence[Mapping[str, Any]]) -> AnswerColumns:
    """Standing answers as columns over the labels: `item` (n,) is each label's class, `answers` what it says.

    An answer stands only where its parent option is chosen on the same side. Attributes come parents first, so that a
    parent's column is finished when its children ask for it. Labels without answers cost nothing.
    """
    found: dict[str, AnswerColumn] = {}
    for number in np.unique(item).tolist():
        attributes = ontology.numbered[number].questions
        rows = np.flatnonzero(item == number) if attributes else np.empty(0, dtype=np.int64)
        given = list(map(answers.__getitem__, rows.tolist()))
        if not any(given):
            continue
        for attribute in attributes:
            codes, different = _encoded(attribute, [one.get(attribute.hash) for one in given])
            if attribute.parent is not None and different:
                codes[~is_chosen(found.get(attribute.parent), attribute.parent_option, rows)] = -1
            if different:
                column = np.full(len(item), -1, dtype=np.int64)
                column[rows] = codes
                found[attribute.hash] = AnswerColumn(column, different)
    return found


def _encoded(attribute: Attribute, values: list[object]) -> tuple[IntArray, list[Answer]]:
    """Each value as the number of its answer, -1 for none. A text that was read before is not read again."""
    known: dict[Answer, int] = {}
    texts: dict[str, int] = {}
    codes = []
    for value in values:
        code = -1
        if value is not None:
            code = texts.get(value, -2) if type(value) is str else -2
            if code == -2:
                answer = read_answer(attribute, value)
                code = -1 if answer is None else known.setdefault(answer, len(known))
                if type(value) is str:
                    texts[value] = code
        codes.append(code)
    return np.array(codes, dtype=np.int64), list(known)


def is_chosen(column: AnswerColumn | None, option: str | None, rows: IntArray) -> BoolArray:
    """Which of the given labels (-1: none) have this option as their standing answer."""
    if column is None or option is None or option not in column.answers:
        return np.zeros(len(rows), dtype=np.bool_)
    found: BoolArray = codes_at(column, rows) == column.answers.index(option)
    return found


def codes_at(column: AnswerColumn | None, rows: IntArray) -> IntArray:
    """The answers' codes of the given labels; -1 for no label and no answer."""
    if column is None:
        return np.full(len(rows), -1, dtype=np.int64)
    return np.where(rows >= 0, column.codes[rows], -1)


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


@dataclass(frozen=True, slots=True)
class AnswerPairs:
    """One attribute as a criterion of labels: rows (n,) numbers the labels among those that were compared.

    value, share (n,): what is earned and what it counts. gold, submitted (n,): codes of both answers, -1 for none, into
    `answers` of either side.
    """

    attribute: Attribute
    rows: IntArray
    value: FloatArray
    share: FloatArray
    gold: IntArray
    submitted: IntArray
    answers: tuple[list[Answer], list[Answer]]

    def facts(self) -> Iterator[tuple[int, AttributeFact]]:
        """(row, fact) one by one."""
        keys = answer_keys(self.attribute, self.answers[0])
        columns = (self.rows.tolist(), self.value.tolist(), self.share.tolist(), self.gold.tolist())
        for row, value, share, gold in zip(*columns, strict=True):
            yield row, AttributeFact(value, share, keys[gold] if keys else None)


def compare_answers(
    item: Item,
    gold: AnswerColumns,
    submitted: AnswerColumns,
    gold_rows: IntArray,
    submitted_rows: IntArray,
    static_share: FloatArray,
    comparison: Comparison,
) -> Iterator[AnswerPairs]:
    """The attribute criteria of labels of one item, attribute by attribute.

    gold_rows, submitted_rows (n,): the two labels of each pair as rows of the columns, -1 for a missing partner.
    static_share (n,): what a static attribute counts.

    An answer of the submission alone is a criterion (value 0) only where gold has the parent option. A wrong parent
    needs no rule of its own: the submission's answers below it do not stand, so every answer of gold there earns 0.
    """
    for attribute in item.attributes:
        columns = gold.get(attribute.hash), submitted.get(attribute.hash)
        if columns[0] is None and columns[1] is None:
            continue
        expected, own = codes_at(columns[0], gold_rows), codes_at(columns[1], submitted_rows)
        is_offered = own >= 0
        if attribute.parent is not None:
            is_offered &= is_chosen(gold.get(attribute.parent), attribute.parent_option, gold_rows)
        rows = np.flatnonzero((expected >= 0) | is_offered)
        if len(rows):
            answers = (columns[0].answers if columns[0] else [], columns[1].answers if columns[1] else [])
            yield AnswerPairs(
                attribute=attribute,
                rows=rows,
                value=answer_values(attribute, expected[rows], own[rows], answers, comparison),
                share=np.ones(len(rows)) if attribute.dynamic else static_share[rows],
                gold=expected[rows],
                submitted=own[rows],
                answers=answers,
            )


def answer_values(
    attribute: Attribute,
    gold: IntArray,
    submitted: IntArray,
    answers: tuple[list[Answer], list[Answer]],
    comparison: Comparison,
) -> FloatArray:
    """`answer_value` of pairs of codes, 0 where one side has none; each different pair is compared once."""
    value = np.zeros(len(gold))
    both = np.flatnonzero((gold >= 0) & (submitted >= 0))
    if len(both):
        count = len(answers[1])
        pairs, place = np.unique(gold[both] * count + submitted[both], return_inverse=True)
        found = [
            answer_value(attribute, answers[0][one // count], answers[1][one % count], comparison)
            for one in pairs.tolist()
        ]
        value[both] = np.array(found)[place.reshape(-1)]
    return value


def answer_keys(attribute: Attribute, gold: list[Answer]) -> list[str]:
    """The suffix of a radio criterion by gold's code ("none" at -1, the last place); [] for other types."""
    if attribute.type != "radio":
        return []
    return [*(answer for answer in gold if isinstance(answer, str)), NONE]


def answered_keys(criterion: str, keys: list[str]) -> list[str]:
    """A criterion's keys by gold's answer, or the plain one where answers have no keys."""
    return [f"{criterion}={key}" for key in keys] if keys else [criterion]


def answer_outcomes(
    gold: IntArray, submitted: IntArray, answers: tuple[list[Answer], list[Answer]]
) -> IntArray:
    """How pairs of answers count in the outcome totals; equality, whatever a neighbouring answer may earn."""
    code_of = {answer: code for code, answer in enumerate(answers[0])}
    as_gold = np.array([*(code_of.get(answer, -2) for answer in answers[1]), -2])
    both = np.where(as_gold[submitted] == gold, MATCHED, WRONG_ANSWER)
    return np.where(submitted < 0, MISSING, np.where(gold < 0, EXTRA, both))


def options_of(
    answers: tuple[list[Answer], list[Answer]], gold: IntArray, submitted: IntArray
) -> tuple[tuple[list[str | None], IntArray], tuple[list[str | None], IntArray]]:
    """Both sides' options as outcome totals name them; what is no option has no name."""
    names = [[one if isinstance(one, str) else None for one in side] for side in answers]
    return (names[0], gold), (names[1], submitted)


def count_answers(pairs: AnswerPairs, task: IntArray, tallies: Tallies) -> None:
    """Add an attribute's totals, and for a radio one count per label; `task` (n,) is that of each pair."""
    attribute = pairs.attribute
    names = answered_keys(f"attribute:{attribute.hash}", answer_keys(attribute, pairs.answers[0]))
    tallies.add(names, task, pairs.gold % len(names), pairs.value, pairs.share)  # -1 becomes the last: none
    if attribute.type == "radio":
        outcome = answer_outcomes(pairs.gold, pairs.submitted, pairs.answers)
        options = options_of(pairs.answers, pairs.gold, pairs.submitted)
        tallies.count([attribute.hash], task, np.zeros_like(task), outcome, *options)
