"""The number fields of a benchmark function: their names, bounds and places in the function file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scoring import Function, Ontology

HIGHEST_POINTS = 1_000_000_000.0
FAMILY_NAMES = {
    "area": "boxes, polygons, bitmasks",
    "line": "polylines",
    "point": "keypoints",
    "skeleton": "skeletons",
}


@dataclass(frozen=True)
class NumberField:
    """One number: `key` and `node` say where it stands in the function; typed values are multiplied by `factor`."""

    name: str
    key: str
    node: str = ""
    low: float = 0.0
    high: float = HIGHEST_POINTS
    factor: float = 1.0
    label: str = ""
    help: str = ""
    unit: str = ""

    def value_in(self, function: Function) -> float:
        """The exact value that a function has here."""
        if self.key == "weights":
            return float(function.weights[self.node])
        holder: Any = function if self.key == "extra_cost" else function.comparison
        value: float | Mapping[str, float] = getattr(holder, self.key)
        return float(value.get(self.node, 0.0)) if isinstance(value, Mapping) else float(value)


def weight_fields(ontology: Ontology) -> Iterator[NumberField]:
    """The weights a lead sets: `node` is the criterion. Archived nodes have none."""
    for item in (*ontology.objects, *ontology.classifications):
        if item.archived:
            continue
        kinds = ("iou", "category") if item.kind == "object" else ("classification",)
        criteria = [f"{kind}:{item.hash}" for kind in kinds]
        criteria += [f"attribute:{attribute.hash}" for attribute in item.attributes if not attribute.archived]
        for criterion in criteria:
            yield NumberField(f"weight:{criterion}", "weights", criterion)


def comparison_fields(ontology: Ontology) -> Iterator[NumberField]:
    """The extra-label cost and every comparison setting that this ontology can use."""
    yield NumberField(
        "extra_cost",
        "extra_cost",
        high=1.0,
        label="Extra-label cost",
        help="1: a label too many costs as much as a missed one. Lower it where gold is known to be incomplete. "
        "Duplicates always cost in full.",
    )
    objects = [item for item in ontology.objects if not item.archived]
    families = dict.fromkeys(item.family for item in objects if item.family)
    for family in families:
        yield NumberField(
            f"min_overlap:{family}",
            "min_overlap",
            family,
            low=0.05 if family in ("point", "skeleton") else 0.0,
            high=1.0,
            label=f"Minimum overlap, {FAMILY_NAMES[family]}",
            help="Labels that overlap less are not paired.",
        )
    if families:
        yield NumberField(
            "near_miss",
            "near_miss",
            high=1.0,
            label="Near miss from",
            help="A label too far off to be paired but closer than this is imprecise: no points, no cost as an extra. "
            "0 switches it off.",
        )
    if "area" in families:
        yield NumberField(
            "small_side",
            "small_side",
            high=1e6,
            label="Small side",
            unit="px",
            help="Gold smaller than this is paired more generously. 0 switches it off.",
        )
    if "line" in families:
        yield NumberField(
            "line_width",
            "line_width",
            low=0.0001,
            high=50,
            factor=0.01,
            label="Line width",
            unit="% of the diagonal",
        )
    if "point" in families:
        yield NumberField(
            "point_tolerance",
            "point_tolerance",
            low=0.0001,
            high=50,
            factor=0.01,
            label="Point tolerance",
            unit="% of the diagonal",
        )
    for item in objects:
        yield NumberField(
            f"full_marks:{item.hash}",
            "full_marks",
            item.hash,
            low=0.01,
            high=1.0,
            label=item.name,
            help="The overlap that earns all IoU points.",
        )
    for attribute in ontology.attributes.values():
        if attribute.type == "numeric" and not attribute.archived:
            yield NumberField(
                f"tolerance:{attribute.hash}", "tolerance", attribute.hash, high=1e300, label=attribute.name
            )


def shown(number: float) -> str:
    """A number as the fields show it: two decimals, or four digits where it is below 1; no trailing zeros."""
    text = f"{number:.2f}" if number >= 1 else f"{number:.4f}"
    return text.rstrip("0").rstrip(".")
