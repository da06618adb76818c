"""The score card: every criterion of a label with its points, and a plain sentence for each lost point.

For many submissions of one gold document, read each document once and explain label by label:

    gold = Side(ontology, gold_document, frames)              # once per gold task
    own = Side(ontology, submitted_document, frames)          # once per submission
    for fact in facts:                                        # in any order, from rows of the database as well
        rows = explain_fact(fact, function, gold, own, reveal_gold=True)
        text = headline(rows)                                 # "" where nothing was lost

A Side reads its shapes all at once when the first sentence about a shape is needed, so that labels without loss cost
next to nothing.

Without `reveal_gold` nothing is said that only gold knows: no class, option, text or number of gold, shares in steps
of 5 %, no pixels; criteria whose very name would tell (of another class, or below an option that the trainee did not
choose) come as one nameless row. Weights may still differ between classes and answers, and a fact names gold's
identifiers: show trainees shares of points and the rows, never the fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.attributes import standing_answers
from scoring.columns import Answer
from scoring.differences import Wording, limit_sentence, shape_sentence, similarity_sentence
from scoring.facts import Facts, LabelFact, Outcome
from scoring.function import Function
from scoring.ontology import Attribute, Item, Ontology
from scoring.sides import Side, SideLabel
from scoring.totals import Points, label_points

NAMES = {
    "iou": "IoU",
    "category": "Category",
    "track": "Track",
    "extra": "Extra label",
    "duplicate": "Duplicate label",
    "missing": "Missing label",
    "attributes": "Other answers",
}
UNMATCHED = {
    Outcome.MISSING: "missing: no submitted label fits",
    Outcome.IMPRECISE: "too imprecise to count",
    Outcome.WRONG_CATEGORY: "not counted with the wrong class",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One row of a score card. `sentence` is empty where nothing was lost."""

    criterion: str
    name: str
    value: float
    weight: float
    points: float
    sentence: str


@dataclass(frozen=True, slots=True)
class _Case:
    """One label that is being explained, with what both sides wrote."""

    fact: LabelFact
    function: Function
    gold_side: Side
    own_side: Side
    gold: SideLabel | None
    own: SideLabel | None
    reveal_gold: bool

    @property
    def ontology(self) -> Ontology:
        return self.function.ontology

    @property
    def item(self) -> Item | None:
        return self.ontology.items.get(self.fact.gold_node or self.fact.submitted_node or "")

    @property
    def has_frames(self) -> bool:
        """Whether the label is one of an object in a task of several frames: only there tracks are a criterion."""
        return self.fact.track_value is not None

    def answers(self, label: SideLabel | None) -> dict[str, Answer]:
        given = label.answers if label else None
        return standing_answers(self.item, given) if self.item and isinstance(given, Mapping) else {}


def explain_fact(
    fact: LabelFact, function: Function, gold: Side, submitted: Side, *, reveal_gold: bool = False
) -> list[Explanation]:
    """The score card of one label between two documents that were read before."""
    gold_label = gold.label(fact.gold_node, fact.gold_id, fact.frame) if fact.gold_id is not None else None
    own_label = (
        submitted.label(fact.submitted_node, fact.submitted_id, fact.frame)
        if fact.submitted_id is not None
        else None
    )
    case = _Case(fact, function, gold, submitted, gold_label, own_label, reveal_gold)
    rows = [
        Explanation(
            row.criterion,
            _name(row.criterion, case.ontology),
            row.value,
            row.weight,
            row.points,
            _sentence(row, case) if row.value < 1 and row.weight > 0 else "",
        )
        for row in _in_order(label_points(fact, function), case.ontology)
    ]
    return rows if reveal_gold else list(_without_gold(rows, case))


def _in_order(rows: list[Points], ontology: Ontology) -> list[Points]:
    """Attributes in the ontology's order, behind the label's own criteria: a fact that was stored may have lost it."""
    if len(rows) < 2:
        return rows
    place = {f"attribute:{attribute}": number for number, attribute in enumerate(ontology.attributes)}
    return sorted(rows, key=lambda row: place.get(row.criterion.partition("=")[0], -1))


def explain(
    fact: LabelFact,
    function: Function,
    ontology: Ontology,
    *,
    gold: Mapping[str, Any] | None = None,
    submitted: Mapping[str, Any] | None = None,
    frame_size: tuple[float, float] | None = None,
    reveal_gold: bool = False,
) -> list[Explanation]:
    """The score card of one label.

    gold, submitted: what `labels_by_place` gives for the two labels ({"geometry", "answers"}), frame_size in pixels.
    Each may be absent: the sentences then say less.
    """
    sides = [Side.of_label(ontology, label, frame_size) for label in (gold, submitted)]
    return explain_fact(fact, function, *sides, reveal_gold=reveal_gold)


def explain_all(
    facts: Facts,
    function: Function,
    ontology: Ontology,
    gold: Mapping[str, Any],
    submitted: Mapping[str, Any],
    frames: Sequence[tuple[int, int]],
    *,
    reveal_gold: bool = False,
) -> list[tuple[LabelFact, list[Explanation]]]:
    """The score cards of a whole comparison; gold and submitted are the documents that were compared."""
    sides = [Side(ontology, document, frames) for document in (gold, submitted)]
    return [(fact, explain_fact(fact, function, *sides, reveal_gold=reveal_gold)) for fact in facts.labels]


def headline(rows: Sequence[Explanation]) -> str:
    """The sentences of a score card as one text, most points first, nothing said twice."""
    lost = sorted((row for row in rows if row.sentence), key=lambda row: row.points - row.weight)
    sentences = list(dict.fromkeys(row.sentence for row in lost))
    text = "; ".join(
        one for one in sentences if not any(other != one and other.startswith(one) for other in sentences)
    )
    return text[:1].upper() + text[1:]


def reasons(rows: Sequence[Explanation]) -> str:
    """Every lost point as text for a table: the criteria's names and why, a sentence that several share once."""
    names: dict[str, list[str]] = {}
    for row in rows:
        if row.sentence:
            names.setdefault(row.sentence, []).append(row.name)
    return "; ".join(f"{', '.join(those)}: {sentence}" for sentence, those in names.items())


def _without_gold(rows: list[Explanation], case: _Case) -> Iterator[Explanation]:
    """The same points, but nothing in keys, names or rows that tells gold's class or answers."""
    fact = case.fact
    if fact.outcome is Outcome.MISSING:
        yield _merged("missing", rows, "a label is missing here")
        return
    is_other_class = fact.gold_node is not None and fact.gold_node != fact.submitted_node
    own = case.answers(case.own)
    hidden = []
    for row in rows:
        kind, _, node = row.criterion.partition(":")
        plain = (
            node
            if node in case.ontology.attributes or node in case.ontology.items
            else node.rpartition("=")[0]
        )
        attribute = case.ontology.attributes.get(plain) if kind == "attribute" else None
        if attribute and (is_other_class or _is_below_another_option(attribute, own)):
            hidden.append(row)
        else:
            key = kind if is_other_class else f"{kind}:{plain}"
            yield Explanation(key, row.name, row.value, row.weight, row.points, row.sentence)
    if hidden:
        yield _merged("attributes", hidden, "answers that depend on what is wrong do not count")


def _is_below_another_option(attribute: Attribute, own: Mapping[str, Answer]) -> bool:
    return attribute.parent is not None and own.get(attribute.parent) != attribute.parent_option


def _merged(kind: str, rows: list[Explanation], sentence: str) -> Explanation:
    weight, points = sum(row.weight for row in rows), sum(row.points for row in rows)
    return Explanation(kind, NAMES[kind], points / weight if weight else 0.0, weight, points, sentence)


def _name(criterion: str, ontology: Ontology) -> str:
    kind, _, node = criterion.partition(":")
    if kind in NAMES:
        return NAMES[kind]
    is_known = node in ontology.attributes or node in ontology.items
    return ontology.name_of(node if is_known else node.rpartition("=")[0])


def _sentence(row: Points, case: _Case) -> str:
    """Why this criterion earned less than it could."""
    kind = row.criterion.partition(":")[0]
    fact = case.fact
    if kind == "extra":
        return _with_reason("extra label: nothing is expected here", case)
    if kind == "duplicate":
        return "duplicate label: it lies on an object without being the label that counts for it"
    if kind == "iou":
        return _shape(case)
    if kind == "category" and fact.outcome is Outcome.WRONG_CATEGORY:
        return f"wrong class: you chose {case.ontology.name_of(fact.submitted_node or '')}" + _expected(
            case.ontology.name_of(fact.gold_node or ""), case
        )
    if kind == "track" and fact.outcome in (Outcome.MATCHED, Outcome.WRONG_CATEGORY):
        return "labelled as another object than on most of its frames"
    if kind in ("attribute", "classification") and fact.outcome is Outcome.MATCHED:
        return _answer(row, case)
    return UNMATCHED.get(fact.outcome, "")


def _shape(case: _Case) -> str:
    fact = case.fact
    if fact.outcome is Outcome.MISSING:
        return _with_reason(UNMATCHED[Outcome.MISSING], case)
    words = Wording(case.reveal_gold)
    family = (case.item.family if case.item else "") or ""
    similarity, comparison = fact.similarity or 0.0, case.function.comparison
    gold = case.gold_side.shape(case.gold) if case.gold else None
    own = case.own_side.shape(case.own) if case.own else None
    found = ""
    if gold and own and gold.family == own.family == family:
        found = shape_sentence(gold, own, similarity, comparison, words)
    if fact.outcome is not Outcome.IMPRECISE:
        return found or similarity_sentence(similarity, words, family)
    area = float(gold.shapes.area[gold.at]) if gold else None
    limit = limit_sentence(similarity, family, area, comparison, words)
    too_imprecise = f"too imprecise to count ({limit})"
    return f"{too_imprecise}: {found}" if found else too_imprecise


def _with_reason(sentence: str, case: _Case) -> str:
    """Add why a geometry is invalid; gold's own fault only where gold may be shown."""
    side, _, reason = case.fact.reason.partition(": ")
    return f"{sentence} ({reason})" if reason and (case.reveal_gold or side != "gold") else sentence


def _answer(row: Points, case: _Case) -> str:
    """Why an answer of a pair earned less than it could."""
    kind, _, node = row.criterion.partition(":")
    plain = (
        node if node in case.ontology.attributes or node in case.ontology.items else node.rpartition("=")[0]
    )
    item = case.ontology.items.get(plain) if kind == "classification" else None
    attribute = item.root if item else case.ontology.attributes.get(plain)
    if attribute is None:
        return ""
    expected = case.answers(case.gold).get(attribute.hash)
    own = case.answers(case.own).get(attribute.hash)
    name = _attribute_name(attribute, case)
    if case.own and own is None:
        if attribute.parent and _is_below_another_option(attribute, case.answers(case.own)):
            return f"{name} does not count, since {case.ontology.name_of(attribute.parent)} is wrong"
        return f"no answer for {name}" + _expected(_text(attribute, expected), case)
    verb = "you chose" if attribute.options else "you entered"
    chosen = f": {verb} {_text(attribute, own)}" if own is not None else ""
    if case.gold and expected is None:
        return f"{name} should have no answer{chosen}"
    opening = {
        "radio": "close, but not the right option for" if row.value > 0 else "wrong option for",
        "checklist": "not all the right options for",
        "text": "different text for",
        "numeric": "wrong number for",
    }[attribute.type]
    return f"{opening} {name}{chosen}" + _expected(_difference(attribute, expected, own, case), case)


def _attribute_name(attribute: Attribute, case: _Case) -> str:
    """In a task of several frames: whether the answer is that of this frame or the one of the whole object."""
    if not case.has_frames:
        return attribute.name
    return (
        f"{attribute.name} on this frame"
        if attribute.dynamic
        else f"{attribute.name} (one answer for all frames)"
    )


def _difference(attribute: Attribute, expected: Answer | None, own: Answer | None, case: _Case) -> str:
    """What was expected, and how far the answer is from it; only ever shown where gold may be told."""
    text = _text(attribute, expected)
    if isinstance(expected, frozenset) and isinstance(own, frozenset):
        parts = [("missing", expected - own), ("too many", own - expected)]
        return "; ".join([text, *(f"{what}: {_text(attribute, found)}" for what, found in parts if found)])
    if isinstance(expected, float) and isinstance(own, float):
        off = f"{abs(own - expected):.6g} too {'high' if own > expected else 'low'}"
        allowed = case.function.comparison.tolerance.get(attribute.hash)
        return f"{text}; {off}" + (f", {allowed:.6g} allowed" if allowed else "")
    return text


def _expected(text: str, case: _Case) -> str:
    return f" (expected {text})" if case.reveal_gold and text else ""


def _text(attribute: Attribute, answer: Answer | None) -> str:
    """An answer in words."""
    if answer is None:
        return ""
    if isinstance(answer, frozenset):
        return ", ".join(option.name for option in attribute.options if option.hash in answer) or "nothing"
    if isinstance(answer, float):
        return f"{answer:g}"
    option = attribute.option(answer)
    return option.name if option else f"“{answer}”"
