"""Labels as columns: one side of a comparison, of one task or of many tasks one after the other.

Frames and instances are numbered through over all tasks, so that a batch is compared exactly like one long task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.arrays import FloatArray, IntArray
from scoring.shapes import Shapes, join_shapes

Answer = str | float | frozenset[str]
"""Radio: option hash. Checklist: option hashes. Text: normalised. Numeric: a finite float."""


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """Standing answers to one attribute, each different one kept once.

    codes (n,): the answer of each label as an index into `answers`, -1 where it has none.
    """

    codes: IntArray
    answers: list[Answer]


AnswerColumns = Mapping[str, AnswerColumn]
"""By attribute hash; an attribute that nobody answered is absent."""


@dataclass(slots=True)
class ObjectLabels:
    """All object labels of one side, sorted by frame, then identifier.

    item, frame, instance, share (n,): number of the class in the ontology, of the frame, index into `ids`, and 1/n for
    the n labels of the instance. ids: identifiers of the instances, in their order. answers: static and dynamic, by
    label. shapes: the geometry, read and judged once.
    """

    item: IntArray
    frame: IntArray
    instance: IntArray
    share: FloatArray
    ids: list[str]
    answers: AnswerColumns
    shapes: Shapes


@dataclass(slots=True)
class ClassificationLabels:
    """Classifications on frames (frame 0 of the task when global), in the order of their identifiers.

    item, frame, entry (n,): number in the ontology, number of the frame, index into `ids`. ids: identifiers of the
    entries; answers: by entry, since an entry says the same on all of its frames.
    """

    item: IntArray
    frame: IntArray
    entry: IntArray
    ids: list[str]
    answers: AnswerColumns


@dataclass(slots=True)
class Labels:
    """One side, ready to be compared any number of times.

    sizes (frames, 2): width and height in pixels, NaN for the place of a task without frames.
    first_frame: number of the first frame of each task, and the number of all frames at the end. problems: by task.
    """

    objects: ObjectLabels
    classifications: ClassificationLabels
    sizes: FloatArray
    first_frame: list[int]
    problems: list[list[str]]


def join(sides: Sequence[Labels]) -> Labels:
    """The labels of several tasks one after the other."""
    if len(sides) == 1:
        return sides[0]
    frames = _starts([len(side.sizes) for side in sides])
    instances = _starts([len(side.objects.ids) for side in sides])
    entries = _starts([len(side.classifications.ids) for side in sides])
    objects = [side.objects for side in sides]
    scenes = [side.classifications for side in sides]
    return Labels(
        objects=ObjectLabels(
            item=np.concatenate([one.item for one in objects]),
            frame=_shifted([one.frame for one in objects], frames),
            instance=_shifted([one.instance for one in objects], instances),
            share=np.concatenate([one.share for one in objects]),
            ids=[name for one in objects for name in one.ids],
            answers=_join_answers([one.answers for one in objects], [len(one.item) for one in objects]),
            shapes=join_shapes([one.shapes for one in objects]),
        ),
        classifications=ClassificationLabels(
            item=np.concatenate([one.item for one in scenes]),
            frame=_shifted([one.frame for one in scenes], frames),
            entry=_shifted([one.entry for one in scenes], entries),
            ids=[name for one in scenes for name in one.ids],
            answers=_join_answers([one.answers for one in scenes], [len(one.ids) for one in scenes]),
        ),
        sizes=np.concatenate([side.sizes for side in sides]),
        first_frame=[
            start + first
            for side, start in zip(sides, frames, strict=False)
            for first in side.first_frame[:-1]
        ]
        + [frames[-1]],
        problems=[problems for side in sides for problems in side.problems],
    )


def _starts(lengths: list[int]) -> list[int]:
    return [0, *np.cumsum(lengths).tolist()]


def _shifted(columns: list[IntArray], starts: list[int]) -> IntArray:
    """Numbers of each task made numbers of the batch."""
    lengths = [len(column) for column in columns]
    return np.concatenate(columns) + np.repeat(np.array(starts[:-1], dtype=np.int64), lengths)


def _join_answers(sides: list[AnswerColumns], lengths: list[int]) -> AnswerColumns:
    """Columns over all labels; equal answers of different tasks get one code."""
    found = {}
    starts = _starts(lengths)
    for name in dict.fromkeys(name for side in sides for name in side):
        codes = np.full(starts[-1], -1, dtype=np.int64)
        known: dict[Answer, int] = {}
        for side, start in zip(sides, starts, strict=False):
            if (column := side.get(name)) is not None:
                new = [known.setdefault(answer, len(known)) for answer in column.answers]
                codes[start : start + len(column.codes)] = np.array([*new, -1])[column.codes]
        found[name] = AnswerColumn(codes, list(known))
    return found
