"""A label document as columns: labels in the order of their identifiers, geometry read and judged once.

A document comes from a database or a file and is not trusted: what cannot be read becomes a problem or an
invalid label, never an exception. The order of the input never matters, since everything is sorted by frame
and identifier first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from scoring.arrays import FloatArray, IntArray
from scoring.ontology import Item, Ontology
from scoring.shapes import Shapes, read_shapes

IdentifierKey = tuple[int, int, str]
LONGEST_WHOLE_NUMBER = 64


@dataclass(slots=True)
class ObjectLabels:
    """All object labels of one side, sorted by frame, then identifier; every field has one entry per label.

    instance: index of the instance, counted in the order of identifiers. share: 1/n, n = labels of the instance.
    """

    ids: list[str]
    items: list[Item]
    frame: IntArray
    instance: IntArray
    share: FloatArray
    answers: list[Mapping[str, Any]]
    shapes: Shapes


@dataclass(slots=True)
class ClassificationLabel:
    """One classification on one frame (0 when global)."""

    frame: int
    item: Item
    id: str
    answers: Mapping[str, Any]


@dataclass(slots=True)
class Labels:
    """One side of a comparison, ready to be compared any number of times."""

    objects: ObjectLabels
    classifications: list[ClassificationLabel]
    sizes: FloatArray
    problems: list[str]


def identifier_key(identifier: str) -> IdentifierKey:
    """Whole numbers first, by value, then all others by code point."""
    digits = identifier.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_WHOLE_NUMBER:
        return (0, int(identifier), identifier)
    return (1, 0, identifier)


def prepare(ontology: Ontology, document: object, frames: Sequence[tuple[int, int]]) -> Labels:
    """Read a label document for comparison; `frames` are (width, height) in pixels. Never raises for a bad document."""
    sizes = np.array(frames, dtype=np.float64).reshape(len(frames), 2)
    problems: list[str] = []
    if not isinstance(document, Mapping):
        problems.append("the document is not an object")
        document = {}
    rows = sorted(
        _object_rows(ontology, document, len(frames), problems), key=lambda row: (row.frame, row.instance)
    )
    frame = np.array([row.frame for row in rows], dtype=np.int64)
    objects = ObjectLabels(
        ids=[row.identifier for row in rows],
        items=[row.item for row in rows],
        frame=frame,
        instance=np.array([row.instance for row in rows], dtype=np.int64),
        share=np.array([row.share for row in rows], dtype=np.float64),
        answers=[row.answers for row in rows],
        shapes=read_shapes(
            [row.geometry for row in rows],
            [row.item.family or "" for row in rows],
            sizes[frame],
        ),
    )
    classifications = list(_classification_labels(ontology, document, len(frames), problems))
    classifications.sort(key=lambda label: label.frame)
    return Labels(objects, classifications, sizes, problems)


class _Row(NamedTuple):
    frame: int
    instance: int
    identifier: str
    item: Item
    share: float
    geometry: object
    answers: Mapping[str, Any]


def _object_rows(
    ontology: Ontology, document: Mapping[str, Any], frame_count: int, problems: list[str]
) -> Iterator[_Row]:
    for instance, (identifier, item, entry) in enumerate(_instances(ontology, document, "objects", problems)):
        if item.family is None:
            continue
        static = _mapping(entry.get("answers"))
        labels = []
        for label in _entries(entry.get("labels"), f"objects {identifier!r}: labels", problems):
            frame = label.get("frame")
            if isinstance(frame, int) and not isinstance(frame, bool) and 0 <= frame < frame_count:
                labels.append((frame, label))
            else:
                problems.append(f"objects {identifier!r}: there is no frame {frame!r}")
        if len({frame for frame, _ in labels}) < len(labels):
            labels.sort(key=lambda one: _text(one[1]))  # two labels on one frame: a fault, ordered by content
        for frame, label in labels:
            dynamic = _mapping(label.get("answers"))
            answers = {**static, **dynamic} if dynamic else static
            yield _Row(frame, instance, identifier, item, 1 / len(labels), label.get("geometry"), answers)


def _classification_labels(
    ontology: Ontology, document: Mapping[str, Any], frame_count: int, problems: list[str]
) -> Iterator[ClassificationLabel]:
    for identifier, item, entry in _instances(ontology, document, "classifications", problems):
        frames = entry.get("frames")
        if item.is_global or frames is None:
            frames = [0]
        if not isinstance(frames, (list, tuple)):
            problems.append(f"classifications {identifier!r}: frames must be a list")
            continue
        for frame in frames:
            if isinstance(frame, int) and not isinstance(frame, bool) and 0 <= frame < max(frame_count, 1):
                yield ClassificationLabel(frame, item, identifier, _mapping(entry.get("answers")))
            else:
                problems.append(f"classifications {identifier!r}: there is no frame {frame!r}")


def _instances(
    ontology: Ontology, document: Mapping[str, Any], key: str, problems: list[str]
) -> list[tuple[str, Item, Mapping[str, Any]]]:
    """The entries of known items in the order of their identifiers; equal identifiers (a fault) by content."""
    found = []
    for entry in _entries(document.get(key), key, problems):
        identifier = str(entry.get("id", ""))
        node = entry.get("node")
        item = ontology.items.get(node) if isinstance(node, str) else None
        if item is None or item.kind != key.removesuffix("s"):
            problems.append(f"{key} {identifier!r}: {node!r} is not in the ontology")
            continue
        found.append((identifier, item, entry))
    uses = Counter(identifier for identifier, _, _ in found)
    found.sort(
        key=lambda one: (identifier_key(one[0]), one[1].hash, _text(one[2]) if uses[one[0]] > 1 else "")
    )
    return found


def _entries(value: object, path: str, problems: list[str]) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        problems.append(f"{path} must be a list")
        return []
    entries = [one for one in value if isinstance(one, Mapping)]
    if len(entries) < len(value):
        problems.append(f"{path}: {len(value) - len(entries)} entries are not objects")
    return entries


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    """A text that is equal for equal content, to order what identifiers do not."""
    return json.dumps(value, sort_keys=True, default=str)
