"""The benchmark function: weights (points available) and comparison settings, read from and written to plain JSON.

Point settings (type, weights, not_scored, extra_cost) only change weighted sums of stored totals. Comparison settings
(everything else) decide which labels pair and what a value is: changing one needs the labels compared again, and
`comparison_key()` tells whether that is so.

Weights are kept plain in `Function.weights`, complete and frozen; `Function.weight()` gives what a criterion is worth
after the type, the not-scored switches and the extra-label cost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from scoring.ontology import FAMILIES, Item, Ontology
from scoring.reading import Problem, Problems
from scoring.weights import default_weights, derived_weights, read_weights

TYPES = ("dynamic", "classification")
"""Dynamic = any combination of objects and classifications; classification = single frame-level classification."""

TYPE_ALIASES = {
    "single frame-level classification": "classification",
    "single_frame_level_classification": "classification",
    "single_frame_classification": "classification",
}
KINDS = {"exam": 1.0, "practice": 0.95}
"""Kinds of training project with their `full marks from`."""

MIN_OVERLAP = {"area": 0.4, "line": 0.25, "point": 0.25, "skeleton": 0.25}
LOWEST_POINT_OVERLAP = 0.05
"""Below it a point would match half the picture away: refused for points and skeletons."""
NEAR_MISS = 0.1
SMALL_SIDE_PX = 20.0
LINE_WIDTH = 0.01
POINT_TOLERANCE = 0.01

KEYS = (
    "type",
    "weights",
    "derived",
    "not_scored",
    "extra_cost",
    "min_overlap",
    "near_miss",
    "small_side",
    "full_marks",
    "ordered",
    "tolerance",
    "line_width",
    "point_tolerance",
)


class InvalidFunction(ValueError):
    """The dict is not a function; `problems` lists every reason as {path, message}."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{one['path']}: {one['message']}" for one in problems))
        self.problems = problems


class ItemPoints(TypedDict):
    """What one label of an item can earn, for the table of weights."""

    node: str
    name: str
    points: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The settings that decide pairs and values; lengths are fractions of the image diagonal, `small_side` is in px."""

    min_overlap: Mapping[str, float] = field(default_factory=lambda: dict(MIN_OVERLAP))
    near_miss: float = NEAR_MISS
    small_side: float = SMALL_SIDE_PX
    full_marks: Mapping[str, float] = field(default_factory=dict)
    ordered: frozenset[str] = frozenset()
    tolerance: Mapping[str, float] = field(default_factory=dict)
    line_width: float = LINE_WIDTH
    point_tolerance: float = POINT_TOLERANCE

    def to_dict(self) -> dict[str, Any]:
        return {
            "min_overlap": dict(self.min_overlap),
            "near_miss": self.near_miss,
            "small_side": self.small_side,
            "full_marks": dict(self.full_marks),
            "ordered": sorted(self.ordered),
            "tolerance": dict(self.tolerance),
            "line_width": self.line_width,
            "point_tolerance": self.point_tolerance,
        }

    def key(self) -> str:
        """A digest that is equal exactly when the settings are (64 hexadecimal digits)."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Function:
    """An immutable benchmark function. Make one with `from_dict` or `default_function`.

    `weights` holds every criterion's plain points, also of items that are not scored, so that a switch can be turned
    back. `derived` names the `extra` and `duplicate` weights that nobody set: they follow the item's other weights
    until the function is written down, and stay as written from then on.
    """

    ontology: Ontology
    type: str
    weights: Mapping[str, float]
    derived: frozenset[str]
    not_scored: frozenset[str]
    extra_cost: float
    comparison: Comparison
    _effective: Mapping[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_effective", dict(self._effective_weights()))

    @classmethod
    def from_dict(cls, ontology: Ontology, value: object, *, kind: str = "exam") -> Function:
        """Read the function file; every key is optional. Raises InvalidFunction with all problems.

        `kind` gives the default of `full_marks` (1 in an exam, 0.95 in a practice).
        """
        problems = Problems()
        function = _read(ontology, value, KINDS[kind], problems)
        if problems.found:
            raise InvalidFunction(problems.found)
        return function

    @classmethod
    def problems(cls, ontology: Ontology, value: object) -> list[Problem]:
        """Why `value` is no function for this ontology, as {path, message}; empty when it is one."""
        problems = Problems()
        _read(ontology, value, KINDS["exam"], problems)
        return problems.found

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON with everything resolved; `from_dict` of it gives an equal function."""
        return {
            "type": self.type,
            "weights": dict(self.weights),
            "derived": sorted(self.derived),
            "not_scored": sorted(self.not_scored),
            "extra_cost": self.extra_cost,
            **self.comparison.to_dict(),
        }

    def comparison_key(self) -> str:
        """The digest under which evaluations are stored: equal keys need no new comparison."""
        return self.comparison.key()

    def weight(self, criterion: str) -> float:
        """Points of one criterion; `attribute:<a>=<option>` falls back to the plain key, an unknown one is worth 0."""
        found = self._effective.get(criterion)
        if found is None:
            found = self._effective.get(criterion.rpartition("=")[0], 0.0)
        return found

    def points_per_item(self) -> list[ItemPoints]:
        """Points that one fully answered label of each item can earn, in the ontology's order."""
        rows: list[ItemPoints] = []
        for item in (*self.ontology.objects, *self.ontology.classifications):
            own = (
                (f"classification:{item.hash}",)
                if item.root
                else (f"iou:{item.hash}", f"category:{item.hash}")
            )
            names = [*own, *(f"attribute:{attribute.hash}" for attribute in item.attributes)]
            rows.append(
                {"node": item.hash, "name": item.name, "points": sum(self.weight(name) for name in names)}
            )
        return rows

    def _effective_weights(self) -> Iterator[tuple[str, float]]:
        for criterion, points in self.weights.items():
            kind, _, rest = criterion.partition(":")
            node = (
                rest
                if rest in self.ontology.items or rest in self.ontology.attributes
                else rest.rpartition("=")[0]
            )
            item = self.ontology.items[self.ontology.item_of_attribute.get(node, node)]
            is_off = node in self.not_scored or item.hash in self.not_scored
            if is_off or (self.type == "classification" and item.kind == "object"):
                points = 0.0
            yield criterion, points * self.extra_cost if kind == "extra" else points


def default_function(ontology: Ontology, kind: str = "exam", type: str = "dynamic") -> Function:
    """The function a new project of this kind starts with."""
    return Function.from_dict(ontology, {"type": type}, kind=kind)


def _read(ontology: Ontology, value: object, full_marks: float, problems: Problems) -> Function:
    entry = problems.mapping(value, "")
    for key in entry.keys() - set(KEYS):
        problems.add(str(key), "is not a setting of a benchmark function")
    type_name = entry.get("type", TYPES[0])
    if isinstance(type_name, str):
        type_name = TYPE_ALIASES.get(type_name.strip().casefold(), type_name)
    if type_name not in TYPES:
        problems.add("type", f"must be one of {', '.join(TYPES)}")
        type_name = TYPES[0]
    not_scored = _hashes(entry, "not_scored", ontology, problems)
    weights = default_weights(ontology)
    set_weights = read_weights(ontology, entry.get("weights"), problems)
    frozen = {name for name in problems.strings(entry.get("derived"), "derived") if name in set_weights}
    weights.update(set_weights)
    derived = derived_weights(ontology, weights, not_scored)
    for criterion, points in derived.items():
        plain = criterion.removesuffix("=static")
        if plain not in set_weights:
            weights[criterion] = points
            frozen.add(plain)
        elif criterion not in set_weights:
            weights[criterion] = 0.0
    return Function(
        ontology=ontology,
        type=type_name,
        weights={name: weights[name] for name in sorted(weights)},
        derived=frozenset(frozen),
        not_scored=not_scored,
        extra_cost=problems.number(entry.get("extra_cost", 1.0), "extra_cost", 0.0, 1.0),
        comparison=_read_comparison(ontology, entry, full_marks, problems),
    )


def _read_comparison(
    ontology: Ontology, entry: Mapping[str, Any], full_marks: float, problems: Problems
) -> Comparison:
    return Comparison(
        min_overlap=_min_overlap(entry.get("min_overlap"), problems),
        near_miss=problems.number(entry.get("near_miss", NEAR_MISS), "near_miss", 0.0, 1.0),
        small_side=problems.number(entry.get("small_side", SMALL_SIDE_PX), "small_side", 0.0, 1e6),
        full_marks=_full_marks(ontology, entry.get("full_marks"), full_marks, problems),
        ordered=frozenset(
            _answered_attribute(ontology, name, ("radio",), f"ordered[{index}]", problems)
            for index, name in enumerate(problems.strings(entry.get("ordered"), "ordered"))
        )
        - {""},
        tolerance=_tolerance(ontology, entry.get("tolerance"), problems),
        line_width=problems.number(entry.get("line_width", LINE_WIDTH), "line_width", 1e-6, 0.5),
        point_tolerance=problems.number(
            entry.get("point_tolerance", POINT_TOLERANCE), "point_tolerance", 1e-6, 0.5
        ),
    )


def _min_overlap(value: object, problems: Problems) -> dict[str, float]:
    found = dict(MIN_OVERLAP)
    for family, limit in problems.mapping(value, "min_overlap").items():
        path = f"min_overlap.{family}"
        if family not in FAMILIES:
            problems.add(path, f"is not a family; the families are {', '.join(FAMILIES)}")
            continue
        lowest = LOWEST_POINT_OVERLAP if family in ("point", "skeleton") else 0.0
        found[family] = problems.number(limit, path, lowest, 1.0)
    return found


def _full_marks(ontology: Ontology, value: object, default: float, problems: Problems) -> dict[str, float]:
    found = {item.hash: default for item in ontology.objects}
    for name, limit in problems.mapping(value, "full_marks").items():
        path = f"full_marks.{name}"
        if name not in found:
            problems.add(path, "is not an object class of the ontology")
            continue
        found[name] = problems.number(limit, path, 0.01, 1.0)
    return found


def _tolerance(ontology: Ontology, value: object, problems: Problems) -> dict[str, float]:
    found = {}
    for name, limit in problems.mapping(value, "tolerance").items():
        path = f"tolerance.{name}"
        attribute = _answered_attribute(ontology, name, ("numeric",), path, problems)
        allowed = problems.number(limit, path, 0.0, 1e300)
        if attribute and allowed > 0:
            found[attribute] = allowed
    return found


def _answered_attribute(
    ontology: Ontology, name: str, types: tuple[str, ...], path: str, problems: Problems
) -> str:
    """The attribute meant by a hash; a classification's hash means its root. "" with a problem when there is none."""
    item: Item | None = ontology.items.get(name)
    attribute = item.root if item and item.root else ontology.attributes.get(name)
    if attribute is None or attribute.type not in types:
        problems.add(path, f"is not a {' or '.join(types)} attribute of the ontology")
        return ""
    return attribute.hash


def _hashes(entry: Mapping[str, Any], key: str, ontology: Ontology, problems: Problems) -> frozenset[str]:
    found = []
    roots = {item.root.hash for item in ontology.classifications if item.root}
    for index, name in enumerate(problems.strings(entry.get(key), key)):
        if name in ontology.items or (name in ontology.attributes and name not in roots):
            found.append(name)
        else:
            problems.add(f"{key}[{index}]", "is not an item or nested attribute of the ontology")
    return frozenset(found)
