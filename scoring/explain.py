"""The score card: every criterion of a label with its points, and a plain sentence for each lost point.

Without `reveal_gold` nothing is said that only gold knows: no class, option, text or number of gold, shares in steps
of 5 %, no pixels; criteria whose very name would tell (of another class, or below an option that the trainee did not
choose) come as one nameless row. Weights may still differ between classes and answers, and a fact names gold's
identifiers: show trainees shares of points and the rows, never the fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.attributes import Answer, standing_answers
from scoring.differences import Wording, shape_sentence, similarity_sentence
from scoring.facts import Facts, LabelFact, Outcome
from scoring.function import Function
from scoring.ontology import Attribute, Item, Ontology
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
    ontology: Ontology
    gold: Mapping[str, Any]
    submitted: Mapping[str, Any]
    frame_size: tuple[float, float] | None
    reveal_gold: bool

    @property
    def item(self) -> Item | None:
        return self.ontology.items.get(self.fact.gold_node or self.fact.submitted_node or "")

    def answers(self, side: Mapping[str, Any]) -> dict[str, Answer]:
        answers = side.get("answers")
        return standing_answers(self.item, answers) if self.item and isinstance(answers, Mapping) else {}


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
    case = _Case(fact, function, ontology, gold or {}, submitted or {}, frame_size, reveal_gold)
    rows = [
        Explanation(
            row.criterion,
            _name(row.criterion, ontology),
            row.value,
            row.weight,
            row.points,
            _sentence(row, case) if row.value < 1 and row.weight > 0 else "",
        )
        for row in label_points(fact, function)
    ]
    return rows if reveal_gold else list(_without_gold(rows, case))


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
    gold_labels, own_labels = labels_by_place(gold), labels_by_place(submitted)
    return [
        (
            fact,
            explain(
                fact,
                function,
                ontology,
                gold=gold_labels.get((fact.gold_node or "", fact.gold_id or "", fact.frame)),
                submitted=own_labels.get((fact.submitted_node or "", fact.submitted_id or "", fact.frame)),
                frame_size=frames[fact.frame] if fact.frame < len(frames) else None,
                reveal_gold=reveal_gold,
            ),
        )
        for fact in facts.labels
    ]


def headline(rows: Sequence[Explanation]) -> str:
    """The sentences of a score card as one text, most points first, nothing said twice."""
    lost = sorted((row for row in rows if row.sentence), key=lambda row: row.points - row.weight)
    sentences = list(dict.fromkeys(row.sentence for row in lost))
    text = "; ".join(
        one for one in sentences if not any(other != one and other.startswith(one) for other in sentences)
    )
    return text[:1].upper() + text[1:]


def labels_by_place(document: Mapping[str, Any]) -> dict[tuple[str, str, int], dict[str, Any]]:
    """{(node, identifier, frame): {"geometry", "answers"}} of a label document; global classifications at frame 0."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for entry in document.get("objects") or []:
        for label in entry.get("labels") or []:
            answers = {**(entry.get("answers") or {}), **(label.get("answers") or {})}
            place = (entry.get("node"), str(entry.get("id")), label.get("frame"))
            found[place] = {"geometry": label.get("geometry"), "answers": answers}
    for entry in document.get("classifications") or []:
        frames = entry.get("frames")
        for frame in {0, *(frames or [])}:
            place = (entry.get("node"), str(entry.get("id")), frame)
            found[place] = {"geometry": None, "answers": entry.get("answers") or {}}
    return found


def _without_gold(rows: list[Explanation], case: _Case) -> Iterator[Explanation]:
    """The same points, but nothing in keys, names or rows that tells gold's class or answers."""
    fact = case.fact
    if fact.outcome is Outcome.MISSING:
        yield _merged("missing", rows, "a label is missing here")
        return
    is_other_class = fact.gold_node is not None and fact.gold_node != fact.submitted_node
    own = case.answers(case.submitted)
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
    gold, own = case.gold.get("geometry"), case.submitted.get("geometry")
    similarity = fact.similarity or 0.0
    if isinstance(gold, Mapping) and isinstance(own, Mapping) and case.frame_size and case.item:
        family, comparison = case.item.family or "", case.function.comparison
        found = shape_sentence(gold, own, family, case.frame_size, similarity, comparison, words)
    else:
        found = similarity_sentence(similarity, words)
    return f"too imprecise to count: {found}" if fact.outcome is Outcome.IMPRECISE else found


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
    own = case.answers(case.submitted).get(attribute.hash)
    name = attribute.name
    if case.submitted and own is None:
        if attribute.parent and _is_below_another_option(attribute, case.answers(case.submitted)):
            return f"{name} does not count, since {case.ontology.name_of(attribute.parent)} is wrong"
        return f"no answer for {name}" + _expected(_text(attribute, expected), case)
    if case.gold and expected is None:
        return f"{name} should have no answer" + (
            f": you chose {_text(attribute, own)}" if own is not None else ""
        )
    opening = {
        "radio": "close, but not the right option for" if row.value > 0 else "wrong option for",
        "checklist": "not all the right options for",
        "text": "different text for",
        "numeric": "wrong number for",
    }[attribute.type]
    chosen = f": you chose {_text(attribute, own)}" if own is not None else ""
    return f"{opening} {name}{chosen}" + _expected(_text(attribute, expected), case)


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
