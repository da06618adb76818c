"""From label documents to columns, in one pass over their plain lists.

A document comes from a database or a file and is not trusted. What is as it should be (docs/formats.md) is read in
bulk: a handful of list comprehensions, types checked by the set of types that occur, everything else by numpy. Where
anything is not as it should be, the whole document goes to careful.py, which reads entry by entry and turns faults into
problems; both give the same columns for a good document. The order of the input never matters: labels are sorted by
frame and identifier.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import eq
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.attributes import answer_columns
from scoring.careful import identifier_key, read_carefully
from scoring.columns import AnswerColumns, ClassificationLabels, Labels, ObjectLabels, join
from scoring.entries import Classifications, Document, Objects
from scoring.ontology import Ontology
from scoring.shapes import read_shapes

Frames = Sequence[tuple[int, int]]
NO_FRAMES = [(np.nan, np.nan)]
"""A task without frames has a place for its global classifications."""


def prepare(ontology: Ontology, document: object, frames: Frames) -> Labels:
    """Read a label document for comparison; `frames` are (width, height) in pixels. Never raises for a bad document."""
    return prepare_many(ontology, [document], [frames])


def prepare_many(ontology: Ontology, documents: Sequence[object], frames: Sequence[Frames]) -> Labels:
    """The documents of several tasks as the columns of one batch. `frames`: (width, height) in pixels, by task."""
    counts = [len(one) for one in frames]
    found = _read_in_bulk(ontology, documents, counts)
    if found is not None:
        return _labels(ontology, found, frames, [[] for _ in documents])
    if len(documents) > 1:  # only the documents that need it pay for a careful look
        return join([prepare(ontology, *one) for one in zip(documents, frames, strict=True)])
    problems: list[str] = []
    return _labels(ontology, read_carefully(ontology, documents[0], counts[0], problems), frames, [problems])


def _labels(
    ontology: Ontology, document: Document, frames: Sequence[Frames], problems: list[list[str]]
) -> Labels:
    first_frame = [0]
    sizes = []
    for own in frames:
        sizes.append(np.array(own if len(own) else NO_FRAMES, dtype=np.float64).reshape(-1, 2))
        first_frame.append(first_frame[-1] + len(sizes[-1]))
    size = np.concatenate(sizes) if sizes else np.empty((0, 2))
    return Labels(
        _object_labels(ontology, document.objects, size, first_frame),
        _classification_labels(ontology, document.classifications, first_frame),
        size,
        first_frame,
        problems,
    )


def _object_labels(
    ontology: Ontology, objects: Objects, sizes: FloatArray, first_frame: list[int]
) -> ObjectLabels:
    """Sort the labels by frame and instance, then read their geometry and answers in that order."""
    entry = np.repeat(np.arange(len(objects.ids)), objects.counts)
    frame = objects.frames
    if len(first_frame) > 2:
        frame = frame + np.array(first_frame)[objects.task[entry]]
    instance = objects.place[entry]
    order = np.argsort(frame * max(len(objects.ids), 1) + instance, kind="stable")
    entry, frame, instance = entry[order], frame[order], instance[order]
    item = objects.item[entry]
    families = [one.family or "" for one in ontology.numbered]
    present = {families[number] for number in np.flatnonzero(np.bincount(item)).tolist()}
    answers: AnswerColumns = {}
    if objects.answers or objects.dynamic:
        answers = answer_columns(ontology, item, _merged(objects, entry.tolist(), order.tolist()))
    return ObjectLabels(
        item=item,
        frame=frame,
        instance=instance,
        share=1.0 / objects.counts[entry],
        ids=list(map(objects.ids.__getitem__, np.argsort(objects.place).tolist())),
        answers=answers,
        shapes=read_shapes(
            list(map(objects.geometries.__getitem__, order.tolist())),
            list(present) * len(item) if len(present) == 1 else [families[one] for one in item.tolist()],
            sizes[frame],
        ),
    )


def _merged(objects: Objects, entries: list[int], labels: list[int]) -> list[Mapping[str, Any]]:
    """Static and dynamic answers of each label; a dynamic one goes before a static one of the same attribute."""
    nothing: Mapping[str, Any] = {}
    static = [objects.answers[one] if objects.answers else nothing for one in entries]
    if not objects.dynamic:
        return static
    dynamic = [objects.dynamic[one] for one in labels]
    return [{**fixed, **own} if own else fixed for fixed, own in zip(static, dynamic, strict=True)]


def _classification_labels(
    ontology: Ontology, entries: Classifications, first_frame: list[int]
) -> ClassificationLabels:
    counts = entries.counts
    entry = np.repeat(np.arange(len(counts)), counts)
    frame = entries.frames
    if len(first_frame) > 2:
        frame = frame + np.array(first_frame)[np.repeat(entries.task, counts)]
    answers = answer_columns(ontology, entries.item, entries.answers) if any(entries.answers) else {}
    return ClassificationLabels(entries.item[entry], frame, entry, entries.ids, answers)


# --- reading in bulk


def _read_in_bulk(
    ontology: Ontology, documents: Sequence[object], frame_counts: list[int]
) -> Document | None:
    """The documents as columns, or None where anything at all is not as it should be."""
    if set(map(type, documents)) != {dict}:
        return None
    objects = _lists([one.get("objects") for one in documents])  # type: ignore[attr-defined]
    scenes = _lists([one.get("classifications") for one in documents])  # type: ignore[attr-defined]
    if objects is None or scenes is None:
        return None
    try:
        read_objects = _objects(ontology, objects, frame_counts)
        read_scenes = _classifications(ontology, scenes, frame_counts)
    except (KeyError, TypeError, AttributeError, OverflowError):
        return None
    if read_objects is None or read_scenes is None:
        return None
    return Document(read_objects, read_scenes)


def _objects(
    ontology: Ontology, tasks: list[list[dict[str, Any]]], frame_counts: list[int]
) -> Objects | None:
    entries = list(chain.from_iterable(tasks))
    ids = [entry["id"] for entry in entries]
    labels = [entry["labels"] for entry in entries]
    item = _whole([ontology.object_numbers[entry["node"]] for entry in entries])
    order = _order(ids, [len(task) for task in tasks])
    if order is None or not set(map(type, labels)) <= {list}:
        return None
    flat = list(chain.from_iterable(labels))
    counts = _whole(list(map(len, labels)))
    frames = [label["frame"] for label in flat]
    static = _mappings([entry["answers"] for entry in entries])
    dynamic = _mappings([label["answers"] for label in flat])
    if static is None or dynamic is None or not set(map(type, frames)) <= {int}:
        return None
    frame, task = _whole(frames), np.repeat(np.arange(len(tasks)), [len(task) for task in tasks])
    if not _fit(frame, counts, _whole(frame_counts)[task]):
        return None
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids))
    geometries = [label["geometry"] for label in flat]
    return Objects(ids, item, task, place, counts, frame, geometries, static, dynamic)


def _classifications(
    ontology: Ontology, tasks: list[list[dict[str, Any]]], frame_counts: list[int]
) -> Classifications | None:
    entries = list(chain.from_iterable(tasks))
    order = _order([entry["id"] for entry in entries], [len(task) for task in tasks])
    if order is None:
        return None
    task_of = np.repeat(np.arange(len(tasks)), [len(task) for task in tasks])[order]
    entries = [entries[index] for index in order]
    item = [ontology.classification_numbers[entry["node"]] for entry in entries]
    answers = _mappings([entry["answers"] for entry in entries])
    nowhere: list[int] = [0]  # a global classification: on the first frame, once
    frames = [
        nowhere if number in ontology.global_numbers or entry.get("frames") is None else entry["frames"]
        for number, entry in zip(item, entries, strict=True)
    ]
    if answers is None or not set(map(type, frames)) <= {list}:
        return None
    flat = list(chain.from_iterable(frames))
    if not set(map(type, flat)) <= {int}:
        return None
    frame, counts = _whole(flat), _whole(list(map(len, frames)))
    limits = np.maximum(_whole(frame_counts)[task_of], 1)
    if len(frame) and not (frame.min() >= 0 and (frame < np.repeat(limits, counts)).all()):
        return None
    return Classifications(
        ids=[entry["id"] for entry in entries],
        item=_whole(item),
        task=task_of,
        counts=counts,
        frames=frame,
        answers=answers or [{}] * len(entries),
    )


def _order(ids: list[str], counts: list[int]) -> list[int] | None:
    """Positions of the identifiers task by task in their order; None when one is no text or occurs twice in a task."""
    if not set(map(type, ids)) <= {str}:
        return None
    order: list[int] = []
    start = 0
    for count in counts:
        part = sorted(range(start, start + count), key=ids.__getitem__)
        ordered = list(map(ids.__getitem__, part))
        if any(map(eq, ordered, ordered[1:])):
            return None
        numeric = ordered[
            bisect_left(ordered, "-") : bisect_left(ordered, ":")
        ]  # all that may be whole numbers
        if any(one.removeprefix("-").isdigit() for one in numeric):
            part.sort(key=lambda one: identifier_key(ids[one]))
        order += part
        start += count
    return order


def _mappings(found: list[Any]) -> list[Mapping[str, Any]] | None:
    """Answers by entry, [] when there are none at all, None when one cannot be read in bulk."""
    if not any(found):
        return []
    return found if set(map(type, found)) <= {dict} else None


def _fit(frame: IntArray, counts: IntArray, limits: IntArray) -> bool:
    """Whether all frames exist and no instance has two labels on one."""
    if not len(frame):
        return True
    if frame.min() < 0 or (frame >= np.repeat(limits, counts)).any():
        return False
    if counts.max() <= 1:
        return True
    key = np.sort(np.repeat(np.arange(len(counts)), counts) * (frame.max() + 1) + frame)
    repeated: BoolArray = key[1:] == key[:-1]
    return not repeated.any()


def _lists(found: list[Any]) -> list[list[dict[str, Any]]] | None:
    """The entries of each task, none where the key is absent; None when there is anything but lists of objects."""
    lists = [[] if one is None else one for one in found]
    if set(map(type, lists)) != {list} or not set(map(type, chain.from_iterable(lists))) <= {dict}:
        return None
    return lists


def _whole(numbers: list[int]) -> IntArray:
    return np.frombuffer(array("q", numbers), dtype=np.int64)
