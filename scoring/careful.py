"""Reading a document of which something is not as it should be: entry by entry, every fault a problem, nothing raises.

Equal identifiers and several labels of one instance on a frame are faults too; they are compared as separate labels, in
the order of their content, so that the result does not depend on the order of the input.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from scoring.entries import Classifications, Document, Objects
from scoring.ontology import Item, Ontology

IdentifierKey = tuple[int, int, str]
LONGEST_WHOLE_NUMBER = 64


def identifier_key(identifier: str) -> IdentifierKey:
    """Whole numbers first, by value, then all others by code point."""
    digits = identifier.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_WHOLE_NUMBER:
        return (0, int(identifier), identifier)
    return (1, 0, identifier)


def read_carefully(ontology: Ontology, document: object, frame_count: int, problems: list[str]) -> Document:
    """One document; what cannot be read at all is left out and added to the problems."""
    if not isinstance(document, Mapping):
        problems.append("the document is not an object")
        document = {}
    return Document(
        _objects(ontology, document, frame_count, problems),
        _classifications(ontology, document, frame_count, problems),
    )


def _objects(
    ontology: Ontology, document: Mapping[str, Any], frame_count: int, problems: list[str]
) -> Objects:
    ids, items, counts, answers = [], [], [], []
    frames: list[int] = []
    geometries: list[object] = []
    dynamic: list[Mapping[str, Any]] = []
    for identifier, item, entry in _instances(ontology, document, "objects", problems):
        if item.family is None:
            continue
        labels = []
        for label in _entries(entry.get("labels"), f"objects {identifier!r}: labels", problems):
            frame = label.get("frame")
            if isinstance(frame, int) and not isinstance(frame, bool) and 0 <= frame < frame_count:
                labels.append((frame, label))
            else:
                problems.append(f"objects {identifier!r}: there is no frame {frame!r}")
        if len({frame for frame, _ in labels}) < len(labels):
            labels.sort(key=lambda one: _text(one[1]))
        ids.append(identifier)
        items.append(ontology.object_numbers[item.hash])
        counts.append(len(labels))
        answers.append(_mapping(entry.get("answers")))
        frames += [frame for frame, _ in labels]
        geometries += [label.get("geometry") for _, label in labels]
        dynamic += [_mapping(label.get("answers")) for _, label in labels]
    return Objects(
        ids=ids,
        item=np.array(items, dtype=np.int64),
        task=np.zeros(len(ids), dtype=np.int64),
        place=np.arange(len(ids)),
        counts=np.array(counts, dtype=np.int64),
        frames=np.array(frames, dtype=np.int64),
        geometries=geometries,
        answers=answers if any(answers) else [],
        dynamic=dynamic if any(dynamic) else [],
    )


def _classifications(
    ontology: Ontology, document: Mapping[str, Any], frame_count: int, problems: list[str]
) -> Classifications:
    ids, items, counts, answers = [], [], [], []
    found: list[int] = []
    for identifier, item, entry in _instances(ontology, document, "classifications", problems):
        frames = entry.get("frames")
        if item.is_global or frames is None:
            frames = [0]
        if not isinstance(frames, (list, tuple)):
            problems.append(f"classifications {identifier!r}: frames must be a list")
            continue
        before = len(found)
        for frame in frames:
            if isinstance(frame, int) and not isinstance(frame, bool) and 0 <= frame < max(frame_count, 1):
                found.append(frame)
            else:
                problems.append(f"classifications {identifier!r}: there is no frame {frame!r}")
        ids.append(identifier)
        items.append(ontology.classification_numbers[item.hash])
        counts.append(len(found) - before)
        answers.append(_mapping(entry.get("answers")))
    return Classifications(
        ids=ids,
        item=np.array(items, dtype=np.int64),
        task=np.zeros(len(ids), dtype=np.int64),
        counts=np.array(counts, dtype=np.int64),
        frames=np.array(found, dtype=np.int64),
        answers=answers,
    )


def _instances(
    ontology: Ontology, document: Mapping[str, Any], key: str, problems: list[str]
) -> list[tuple[str, Item, Mapping[str, Any]]]:
    """The entries of known items in the order of their identifiers; equal identifiers by content."""
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
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except (RecursionError, TypeError, ValueError):
        return ""  # nested without end, or keys of several types: no file has that, and nothing orders it
