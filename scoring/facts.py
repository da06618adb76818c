"""What a comparison finds: plain records that become database rows. No weights in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Outcome(StrEnum):
    """What became of a label. `wrong_answer` occurs only in outcome totals of attributes and classifications."""

    MATCHED = "matched"
    WRONG_CATEGORY = "wrong_category"
    IMPRECISE = "imprecise"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    EXTRA = "extra"
    WRONG_ANSWER = "wrong_answer"


class AttributeFact(NamedTuple):
    """One attribute criterion of a label; a tuple, so that it is JSON already.

    value: 0..1. share: what it counts (1/n for a static attribute of an instance with n gold frames, else 1).
    answer: gold's option (or "none" when only the submission answered) for radio attributes, else None.
    """

    value: float
    share: float
    answer: str | None


@dataclass(slots=True)
class LabelFact:
    """One evaluation label: one annotation on one frame, gold's with its partner or a submitted one without.

    An object label has iou_value and category_value (and track_value where the task has several frames); a
    classification has classification_value unless its root has no answer on either side. Extra and duplicate labels
    have none of them. Values are None where the criterion does not exist.
    """

    frame: int
    """Index of the frame; 0 for a global classification."""
    outcome: Outcome
    gold_id: str | None = None
    submitted_id: str | None = None
    gold_node: str | None = None
    """Feature hash of the object class or classification."""
    submitted_node: str | None = None
    similarity: float | None = None
    """Raw similarity of the pair; of a duplicate the highest with any gold label; None otherwise."""
    iou_value: float | None = None
    category_value: float | None = None
    track_value: float | None = None
    classification_value: float | None = None
    classification_answer: str | None = None
    """Gold's root option ("none" when only the submission answered) where the root is a radio attribute."""
    attributes: dict[str, AttributeFact] = field(default_factory=dict)
    """Attribute hash -> fact, for the attributes that are criteria of this label."""
    submitted_share: float | None = None
    """Extra and duplicate objects: 1/n for n frames of the submitted instance; static attributes cost that part."""
    reason: str = ""
    """Why a geometry scores 0 ("gold: no area"), else empty."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, in the order of the fields."""
        return asdict(self) | {
            "outcome": str(self.outcome),
            "attributes": {name: list(found) for name, found in self.attributes.items()},
        }


Totals = dict[str, tuple[float, float]]
"""{criterion: (sum of values, sum of counts)}: with the weights it gives the score."""

OutcomeKey = tuple[str, Outcome, str | None, str | None]
"""(node, outcome, gold value or None, submitted value or None). For an object node the values are object classes, for
a classification or radio attribute they are options; None where that side has no answer or the root is no radio."""


FACT_COLUMNS = (
    "frame",
    "outcome",
    "gold_id",
    "submitted_id",
    "gold_node",
    "submitted_node",
    "similarity",
    "iou_value",
    "category_value",
    "track_value",
    "classification_value",
    "classification_answer",
    "attributes",
    "submitted_share",
    "reason",
)
"""The order of the fields in a row of `Facts.rows`: that of `LabelFact`."""

FactRow = tuple[
    int,
    str,
    str,
    str,
    str,
    str,
    float | None,
    float | None,
    float | None,
    float | None,
    float | None,
    str,
    Mapping[str, AttributeFact],
    float | None,
    str,
]


class Facts:
    """Everything that one comparison found, in a canonical order that does not depend on the order of the input.

    labels: given, or made from the rows when first asked for. problems: parts of the documents that could not be read
    at all and were left out.
    """

    def __init__(
        self,
        labels: list[LabelFact] | Callable[[], Sequence[FactRow]],
        totals: Totals,
        outcomes: dict[OutcomeKey, int],
        problems: list[str],
    ) -> None:
        self._labels = labels
        self.totals = totals
        self.outcomes = outcomes
        self.problems = problems

    @property
    def labels(self) -> list[LabelFact]:
        if callable(self._labels):
            self._labels = [_label_fact(row) for row in self._labels()]
        return self._labels

    def rows(self) -> Iterator[FactRow]:
        """Every label as a plain tuple in the order of FACT_COLUMNS, for storage: texts are "" where there is none,
        numbers None, attributes {} (shared: do not change it). Makes no LabelFact."""
        if callable(self._labels):
            return iter(self._labels())
        return map(_row, self._labels)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Facts):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("totals", "outcomes", "problems", "labels")
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Facts({self.labels!r}, {self.totals!r}, {self.outcomes!r}, {self.problems!r})"


def _label_fact(row: FactRow) -> LabelFact:
    frame, outcome, gold_id, own_id, gold_node, own_node = row[:6]
    similarity, iou, category, track, classification, answer, attributes, share, reason = row[6:]
    return LabelFact(
        frame=frame,
        outcome=Outcome(outcome),
        gold_id=gold_id if gold_node else None,
        submitted_id=own_id if own_node else None,
        gold_node=gold_node or None,
        submitted_node=own_node or None,
        similarity=similarity,
        iou_value=iou,
        category_value=category,
        track_value=track,
        classification_value=classification,
        classification_answer=answer or None,
        attributes=dict(attributes),
        submitted_share=share,
        reason=reason,
    )


def _row(fact: LabelFact) -> FactRow:
    return (
        fact.frame,
        str(fact.outcome),
        fact.gold_id or "",
        fact.submitted_id or "",
        fact.gold_node or "",
        fact.submitted_node or "",
        fact.similarity,
        fact.iou_value,
        fact.category_value,
        fact.track_value,
        fact.classification_value,
        fact.classification_answer or "",
        fact.attributes,
        fact.submitted_share,
        fact.reason,
    )
