"""An evaluation label as cells of a table: the columns that the server's label CSV and the command line's share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from scoring.facts import LabelFact, Outcome
from scoring.function import Function
from scoring.ontology import Ontology
from scoring.totals import label_points

CELL_COLUMNS = (
    *("frame", "outcome", "gold_id", "submitted_id", "gold_class", "submitted_class", "similarity"),
    *("iou_value", "iou_weight", "category_value", "category_weight", "track_value", "track_weight"),
    *("attributes", "classification_value", "classification_weight", "extra_weight", "earned", "available"),
)
"""`attributes`: JSON, attribute name -> [value, weight]; value x weight are its points. Values are None where the
criterion does not exist, and so are their weights."""

_PAIRS = ("iou", "category", "track")


def attribute_names(ontology: Ontology) -> dict[str, str]:
    """What the column `attributes` calls each attribute: its name, with the feature hash where several share it."""
    counts = Counter(attribute.name for attribute in ontology.attributes.values())
    return {
        attribute.hash: attribute.name
        if counts[attribute.name] == 1
        else f"{attribute.name} [{attribute.hash}]"
        for attribute in ontology.attributes.values()
    }


def fact_cells(fact: LabelFact, function: Function, names: Mapping[str, str]) -> list[Any]:
    """The cells of CELL_COLUMNS for one label; `names` are those of `attribute_names`."""
    ontology = function.ontology
    found: dict[str, tuple[float, float]] = {}
    attributes: dict[str, list[float]] = {}
    rows = label_points(fact, function)
    for row in rows:
        kind, _, rest = row.criterion.partition(":")
        if kind == "attribute":
            plain = rest if rest in ontology.attributes else rest.rpartition("=")[0]
            attributes[names.get(plain, plain)] = [row.value, row.weight]
        else:
            found[kind] = row.value, row.weight
    is_left_over = fact.outcome in (Outcome.EXTRA, Outcome.DUPLICATE)
    return [
        *(fact.frame, str(fact.outcome), fact.gold_id, fact.submitted_id),
        *(ontology.name_of(node) if node else "" for node in (fact.gold_node, fact.submitted_node)),
        fact.similarity,
        *(cell for kind in _PAIRS for cell in found.get(kind, (None, None))),
        json.dumps(attributes, ensure_ascii=False, separators=(",", ":")) if attributes else "",
        *found.get("classification", (None, None)),
        sum(row.weight for row in rows) if is_left_over else None,
        sum(row.points for row in rows),
        sum(row.weight for row in rows),
    ]
