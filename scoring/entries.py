"""What both ways of reading a document hand over: its entries as lists, before geometry and answers are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from scoring.arrays import IntArray


class Objects(NamedTuple):
    """Object instances and their labels, as they come.

    By instance: ids, item (number of its class in the ontology), task, place (in the order of tasks and identifiers),
    counts (of its labels), answers (static; [] when nobody has any). By label, instance after instance: frames (within
    the task), geometries, dynamic (answers; [] when nobody has any).
    """

    ids: list[str]
    item: IntArray
    task: IntArray
    place: IntArray
    counts: IntArray
    frames: IntArray
    geometries: list[object]
    answers: list[Mapping[str, Any]]
    dynamic: list[Mapping[str, Any]]


class Classifications(NamedTuple):
    """Classifications in the order of tasks and identifiers: ids, item, task, counts (of frames) and answers by entry,
    frames (within the task) entry after entry."""

    ids: list[str]
    item: IntArray
    task: IntArray
    counts: IntArray
    frames: IntArray
    answers: list[Mapping[str, Any]]


class Document(NamedTuple):
    """All entries of the documents of one or many tasks."""

    objects: Objects
    classifications: Classifications
