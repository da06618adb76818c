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

Typed = dict[str, str]


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

    @property
    def type(self) -> str:
        """The chosen function type."""
        return self.typed.get("type", self.base.type)

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

    def is_on(self, name: str) -> bool:
        """Whether a switch is on, by its name."""
        return bool(self.typed.get(name))

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "type": self.typed.get("type", self.base.type),
            "weights": self._weights(),
            "not_scored": [node for node in _switchable(self.ontology) if not self.is_on(f"scored:{node}")],
            "ordered": [
                attribute.hash
                for attribute in orderable(self.ontology)
                if self.is_on(f"ordered:{attribute.hash}")
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


def _number(text: str) -> float | None:
    """A finite number as people write it (a comma may stand for the point), or None."""
    if not NUMBER.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None
