"""The form of a benchmark function: one row per ontology item and attribute, read into the kernel's function.

Fields are plain strings by name (`weight:<criterion>`, `scored:<node>`, `tolerance:<attribute>`, ...), so that what was
typed survives a draft, a reload and an error word for word. A field that was not touched keeps its exact value, also
where it is shown rounded.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.function_fields import NumberField, comparison_fields, shown, weight_fields
from benchmarks.offer import Offer, offer_of
from scoring import Attribute, Function, InvalidFunction, Item, Ontology

NUMBER = re.compile(r"[+-]?(\d{1,40}([.,]\d{0,40})?|[.,]\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
TYPES = (("dynamic", "Dynamic"), ("classification", "Single frame-level classification"))

Typed = dict[str, str]


@dataclass(frozen=True)
class Cell:
    """One number of a row: what was typed, what is wrong with it, and what it was before when it changed."""

    name: str
    label: str
    value: str
    error: str = ""
    before: str | None = None


@dataclass(frozen=True)
class Toggle:
    """One switch of a row; `before` is None unless it changed."""

    name: str
    label: str
    is_on: bool
    before: bool | None = None


@dataclass(frozen=True)
class FunctionRow:
    """An item (depth 0) or one of its attributes as the table of weights shows it."""

    node: str
    name: str
    kind: str
    depth: int
    item: Item
    scored: Toggle
    note: str = ""
    attribute_type: str = ""
    iou: Cell | None = None
    category: Cell | None = None
    attribute: Cell | None = None
    is_off: bool = False

    @property
    def shape(self) -> str:
        """What the row's icon shows: the shape of a class, the type of an attribute, or "classification"."""
        return self.attribute_type or self.item.shape or "classification"


@dataclass
class FunctionForm:
    """Reads typed strings over a base function (the defaults, or the version being edited)."""

    ontology: Ontology
    base: Function
    kind: str
    typed: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict, init=False)
    general_errors: list[str] = field(default_factory=list, init=False)
    function: Function = field(init=False)

    def __post_init__(self) -> None:
        self.initial = typed_of(self.base)
        if not self.typed:
            self.typed = dict(self.initial)
        self._numbers = {one.name: self._read(one) for one in self._number_fields()}
        self.function = self.base
        try:
            self.function = Function.from_dict(self.ontology, self._settings(), kind=self.kind)
        except InvalidFunction as refused:
            self.general_errors = [f"{one['path']}: {one['message']}" for one in refused.problems]

    @property
    def is_valid(self) -> bool:
        """Whether every field could be read; `function` then is what was typed."""
        return not self.errors and not self.general_errors

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the base."""
        return any(
            self.typed.get(name, "") != self.initial.get(name, "") for name in (*self.typed, *self.initial)
        )

    @property
    def needs_comparing(self) -> bool:
        """Whether a comparison setting differs from the base, so that labels have to be compared again."""
        return self.function.comparison_key() != self.base.comparison_key()

    @property
    def settings(self) -> dict[str, Any]:
        """The function file, for the operation that saves it."""
        return self.function.to_dict()

    # ------------------------------------------------------------ reading
    def _number_fields(self) -> Iterator[NumberField]:
        yield from weight_fields(self.ontology)
        yield from comparison_fields(self.ontology)

    def _read(self, one: NumberField) -> float:
        text = self.typed.get(one.name, "").strip()
        if one.name in self.initial and text == self.initial[one.name]:
            return one.value_in(self.base)
        number = _number(text)
        if number is None:
            self.errors[one.name] = "Enter a number."
        elif number < one.low:
            self.errors[one.name] = "Cannot be negative." if one.low == 0 else f"At least {shown(one.low)}."
        elif number > one.high:
            self.errors[one.name] = (
                f"At most {one.high:,.0f}." if one.high >= 1000 else f"At most {shown(one.high)}."
            )
        else:
            return number * one.factor
        return one.value_in(self.base)

    def _is_on(self, name: str) -> bool:
        return bool(self.typed.get(name))

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "type": self.typed.get("type", self.base.type),
            "weights": self._weights(),
            "not_scored": [node for node in _switchable(self.ontology) if not self._is_on(f"scored:{node}")],
            "ordered": [
                attribute.hash
                for attribute in orderable(self.ontology)
                if self._is_on(f"ordered:{attribute.hash}")
            ],
        }
        for one in comparison_fields(self.ontology):
            value = self._numbers[one.name]
            if one.node:
                settings.setdefault(one.key, dict(getattr(self.base.comparison, one.key)))[one.node] = value
            else:
                settings[one.key] = value
        kept = self.base.comparison.to_dict() | {"extra_cost": self.base.extra_cost}
        return kept | settings

    def _weights(self) -> dict[str, float]:
        """The typed weights; per-answer weights stay while their plain one does; derived costs follow anew."""
        plain = {one.node: self._numbers[one.name] for one in weight_fields(self.ontology)}
        weights = {}
        for criterion, points in self.base.weights.items():
            stem = criterion.partition("=")[0]
            if criterion in plain:
                weights[criterion] = plain[criterion]
            elif stem not in self.base.derived and plain.get(stem) in (None, self.base.weights.get(stem)):
                weights[criterion] = points
        return weights

    # ------------------------------------------------------------ showing
    def cell(self, name: str, label: str) -> Cell:
        """A number field by name, for the templates."""
        value, before = self.typed.get(name, ""), self.initial.get(name, "")
        return Cell(name, label, value, self.errors.get(name, ""), before if before != value else None)

    def toggle(self, name: str, label: str) -> Toggle:
        """A switch by name, for the templates."""
        is_on, before = self._is_on(name), bool(self.initial.get(name))
        return Toggle(name, label, is_on, before if before != is_on else None)

    @property
    def type(self) -> str:
        """The chosen function type."""
        return self.typed.get("type", self.base.type)

    @property
    def types(self) -> list[dict[str, Any]]:
        """Both function types with which is chosen."""
        return [{"value": value, "label": label, "chosen": value == self.type} for value, label in TYPES]

    @property
    def rows(self) -> list[FunctionRow]:
        """Every item that can be scored with its attributes, in the ontology's order."""
        return [row for item in scored_items(self.ontology) for row in self._rows_of(item)]

    @property
    def ignored(self) -> list[Item]:
        """Items the engine cannot score: their labels are neither missing nor extra."""
        return [item for item in self.ontology.ignored if not item.archived]

    def _rows_of(self, item: Item) -> Iterator[FunctionRow]:
        is_object = item.kind == "object"
        scored = self.toggle(f"scored:{item.hash}", f"Score {item.name}")
        is_off = not scored.is_on or (is_object and self.type == "classification")
        own = "category" if is_object else "classification"
        note = "" if is_object else ("whole task" if item.is_global else "per frame")
        yield FunctionRow(
            node=item.hash,
            name=item.name,
            kind=item.kind,
            depth=0,
            item=item,
            scored=scored,
            note=note,
            iou=self.cell(f"weight:iou:{item.hash}", f"IoU points of {item.name}") if is_object else None,
            category=self.cell(f"weight:{own}:{item.hash}", f"Category points of {item.name}"),
            is_off=is_off,
        )
        for attribute in item.attributes:
            if not attribute.archived:
                yield self._attribute_row(item, attribute, is_off)

    def _attribute_row(self, item: Item, attribute: Attribute, is_off: bool) -> FunctionRow:
        scored = self.toggle(f"scored:{attribute.hash}", f"Score {attribute.name} of {item.name}")
        parent = self.ontology.attributes.get(attribute.parent or "")
        option = parent.option(attribute.parent_option or "") if parent else None
        return FunctionRow(
            node=attribute.hash,
            name=attribute.name,
            kind="attribute",
            depth=_depth(self.ontology, item, attribute),
            item=item,
            scored=scored,
            note=f"if {option.name}" if option else "",
            attribute_type=attribute.type,
            attribute=self.cell(
                f"weight:attribute:{attribute.hash}", f"Points of {attribute.name} of {item.name}"
            ),
            is_off=is_off or not scored.is_on,
        )

    def offer(self, counts: Mapping[str, float]) -> Offer:
        """What the gold labels counted in `counts` (criterion: count) are worth under what was typed."""
        return offer_of(self.function, counts)


def typed_of(function: Function) -> Typed:
    """What the form shows for a function before anybody typed."""
    ontology = function.ontology
    typed = {"type": function.type}
    for one in (*weight_fields(ontology), *comparison_fields(ontology)):
        typed[one.name] = shown(one.value_in(function) / one.factor)
    typed |= {f"scored:{node}": "on" for node in _switchable(ontology) if node not in function.not_scored}
    typed |= {f"ordered:{name}": "on" for name in function.comparison.ordered}
    return typed


def typed_in(post: Mapping[str, str], ontology: Ontology) -> Typed:
    """The fields of the form in a posted body, cut to a harmless length; absent switches are off."""
    names = ["type", *(one.name for one in (*weight_fields(ontology), *comparison_fields(ontology)))]
    names += [f"scored:{node}" for node in _switchable(ontology)]
    names += [f"ordered:{attribute.hash}" for attribute in orderable(ontology)]
    return {name: post[name].replace("\x00", "")[:80] for name in names if name in post}


def scored_items(ontology: Ontology) -> list[Item]:
    """Objects and classifications the engine can score and people can still use."""
    return [item for item in (*ontology.objects, *ontology.classifications) if not item.archived]


def orderable(ontology: Ontology) -> list[Attribute]:
    """Radio attributes (roots too) with more than two options: their answers can be nearly right."""
    return [
        attribute
        for attribute in ontology.attributes.values()
        if attribute.type == "radio" and not attribute.archived and len(attribute.options) > 2
    ]


def _switchable(ontology: Ontology) -> list[str]:
    """Nodes with a scored switch: all items, and attributes that are no roots."""
    return [
        node
        for item in (*ontology.objects, *ontology.classifications)
        for node in (item.hash, *(attribute.hash for attribute in item.attributes))
    ]


def _depth(ontology: Ontology, item: Item, attribute: Attribute) -> int:
    depth, parent = 1, attribute.parent
    while parent is not None and (item.root is None or parent != item.root.hash):
        depth, parent = depth + 1, ontology.attributes[parent].parent
    return depth


def _number(text: str) -> float | None:
    """A finite number as people write it (a comma may stand for the point), or None."""
    if not NUMBER.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None
