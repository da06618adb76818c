"""What a label is worth, on a real gold label: the same shape drawn slightly off, scored by the function as typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, log
from typing import Any

from benchmarks.crops import Crop, bounds_px, crop_of, strips
from benchmarks.evaluation import compare_documents
from benchmarks.gold import GoldOfTask
from benchmarks.offer import Offer
from datasets.models import File
from formats.run_length import string_from_runs
from scoring import Function, Points, label_points

OFF_BY = 0.09
"""How far the drawn shape is moved, in its own widths: an overlap of about 0.8 for a box."""
OFF_BY_TOLERANCE = 0.3
GOOD_SHARE = 0.03
"""A label of about this share of the picture shows best in a small crop."""


@dataclass(frozen=True)
class ExampleLine:
    """One criterion in words with its points."""

    words: str
    points: Points

    @property
    def is_lost(self) -> bool:
        return self.points.points < self.points.weight


@dataclass(frozen=True)
class WorkedExample:
    """A gold label, a submission that is slightly off, and the arithmetic of its score."""

    file: File
    class_name: str
    crop: Crop
    similarity: float
    lines: list[ExampleLine]

    @property
    def earned(self) -> float:
        return sum(line.points.points for line in self.lines)

    @property
    def available(self) -> float:
        return sum(line.points.weight for line in self.lines)

    @property
    def share(self) -> float | None:
        return self.earned / self.available if self.available else None


def worked_example(function: Function, offer: Offer, gold: Sequence[GoldOfTask]) -> WorkedExample | None:
    """An example from the gold, or None when no label of it can earn points by its shape."""
    candidates = [
        (task, instance)
        for task in gold
        for instance in task.document["objects"]
        if instance["labels"] and _is_worth(function, offer, instance["node"])
    ]
    if not candidates:
        return None
    task, instance = max(candidates, key=lambda pair: _fitness(pair[1], pair[0].file))
    return _example(function, task, instance)


def _is_worth(function: Function, offer: Offer, node: str) -> bool:
    return node in offer.items and function.weight(f"iou:{node}") > 0


def _fitness(instance: dict[str, Any], file: File) -> tuple[int, float, str]:
    """More answers first, then a size that shows well; the identifier makes it the same every time."""
    label = instance["labels"][0]
    width, height = file.size_of(label["frame"])
    left, top, right, bottom = bounds_px(label["geometry"], width, height)
    share = (right - left) * (bottom - top) / (width * height)
    return (len(instance["answers"]), -abs(log(share / GOOD_SHARE)) if share > 0 else -100.0, instance["id"])


def _moved(geometry: dict[str, Any], size: tuple[int, int], function: Function) -> dict[str, Any]:
    """The shape moved sideways a little, into the picture: areas by a part of their width, lines and points by a part
    of what the function tolerates."""
    width, height = size
    left, _, right, _ = bounds_px(geometry, width, height)
    diagonal_px = hypot(width, height)
    comparison = function.comparison
    step_px = {
        "polyline": OFF_BY_TOLERANCE * comparison.line_width * diagonal_px,
        "point": OFF_BY_TOLERANCE * comparison.point_tolerance * diagonal_px,
        "skeleton": OFF_BY_TOLERANCE * comparison.point_tolerance * diagonal_px,
    }.get(geometry["type"], max(right - left, 1.0) * OFF_BY)
    step = (step_px if right + step_px <= width else -step_px) / width
    kind = geometry["type"]
    if kind == "bitmask":
        return _moved_mask(geometry, round(step * geometry["size"][1]))
    if kind == "polygon":
        parts = [[[[x + step, y] for x, y in ring] for ring in part] for part in geometry["parts"]]
        return geometry | {"parts": parts}
    if kind == "polyline":
        return geometry | {"points": [[x + step, y] for x, y in geometry["points"]]}
    if kind == "skeleton":
        points = {name: one | {"x": one["x"] + step} for name, one in geometry["points"].items()}
        return geometry | {"points": points}
    return geometry | {"x": geometry["x"] + step}


def _moved_mask(geometry: dict[str, Any], columns: int) -> dict[str, Any]:
    """Column-major run lengths move sideways by whole columns: every run starts later, nothing else."""
    rows, width = geometry["size"]
    runs, position = [], 0
    for start, end in strips(geometry):
        start, end = max(0, start + columns * rows), min(rows * width, end + columns * rows)
        if end > start:
            runs += [start - position, end - start]
            position = end
    return geometry | {"counts": string_from_runs([*runs, rows * width - position])}


def _example(function: Function, task: GoldOfTask, instance: dict[str, Any]) -> WorkedExample | None:
    label = instance["labels"][0]
    file = task.file
    size = file.size_of(label["frame"])
    answers, drawn = _answers(function, instance), _moved(label["geometry"], size, function)
    one = {"objects": [instance | {"labels": [label]}], "classifications": []}
    other = {
        "objects": [instance | {"answers": answers, "labels": [label | {"geometry": drawn}]}],
        "classifications": [],
    }
    facts = compare_documents(function, one, other, file.frame_sizes)
    crop = crop_of(*size, gold=label["geometry"], submitted=drawn, frame=label["frame"])
    if len(facts.labels) != 1 or crop is None:
        return None
    (fact,) = facts.labels
    item = function.ontology.items[instance["node"]]
    return WorkedExample(
        file=file,
        class_name=item.name,
        crop=crop,
        similarity=fact.similarity or 0.0,
        lines=[
            ExampleLine(_words(function, points, fact.similarity or 0.0), points)
            for points in label_points(fact, function)
            if points.weight > 0
        ],
    )


def _answers(function: Function, instance: dict[str, Any]) -> dict[str, Any]:
    """The gold answers with the first radio answer turned wrong."""
    answers = dict(instance["answers"])
    for attribute in function.ontology.items[instance["node"]].attributes:
        others = [option for option in attribute.options if option.hash != answers.get(attribute.hash)]
        if attribute.type == "radio" and attribute.hash in answers and others:
            return answers | {attribute.hash: others[0].hash}
    return answers


def _words(function: Function, points: Points, similarity: float) -> str:
    kind, _, rest = points.criterion.partition(":")
    if kind == "iou":
        return f"IoU {similarity:.2f}"
    if kind == "category":
        return "Category right"
    name = function.ontology.name_of(rest.partition("=")[0])
    return f"{name} {'right' if points.value >= 1 else 'wrong'}"
