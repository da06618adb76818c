"""Skeletons: vertices as arrays per list of vertex names, and COCO's object keypoint similarity. Nothing is clipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.boxes import LARGEST_COORDINATE
from scoring.numbers import plain_numbers
from scoring.reading import finite

VERTEX_TOLERANCE = 0.1
"""k of the skeleton formula; COCO's sigma is half of it."""
SMALLEST_SCALE = 0.01
"""The scale of a skeleton is at least this part of the image diagonal."""
MOST_VERTICES = 1000
VERTICES_AT_ONCE = 1 << 19
"""Of pairs, in one go: memory stays bounded."""

_X_Y_V = itemgetter("x", "y", "v")
Names = tuple[str, ...]
Vertices = tuple[FloatArray, FloatArray, FloatArray]
"""x, y, v, each (skeletons, vertices); coordinates in parts of the frame."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """One skeleton: xy_px (vertices, 2) in the order of the names, NaN where absent; not visible: absent or v = 0."""

    names: Names
    xy_px: FloatArray
    is_visible: BoolArray


@dataclass(frozen=True, slots=True)
class Template:
    """All skeletons with one list of vertex names: xy_px (skeletons, 2, vertices), is_visible (skeletons, vertices)."""

    names: Names
    xy_px: FloatArray
    is_visible: BoolArray

    @property
    def is_complete(self) -> bool:
        """Whether every vertex of every skeleton is visible."""
        return bool(self.is_visible.all())


@dataclass(frozen=True, slots=True)
class Skeletons:
    """The skeletons of one side. template, row (n,): where each label's vertices are; -1 for a label that has none.
    visible (n,): how many of them are."""

    templates: list[Template]
    template: IntArray
    row: IntArray
    visible: IntArray

    def __getitem__(self, label: int) -> Skeleton | None:
        if not len(self.template) or self.template[label] < 0:
            return None
        found, row = self.templates[self.template[label]], self.row[label]
        return Skeleton(found.names, found.xy_px[row].T, found.is_visible[row])

    def placed(self, at: IntArray, count: int) -> Skeletons:
        """The same among `count` labels, of which these are the labels `at`."""
        columns = []
        for column in (self.template, self.row, self.visible):
            columns.append(np.full(count, -1, dtype=np.int64))
            columns[-1][at] = column
        return Skeletons(self.templates, *columns)


NO_SKELETONS = Skeletons([], *(np.empty(0, dtype=np.int64) for _ in range(3)))


def read_skeletons(
    entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> tuple[Skeletons, FloatArray, dict[int, str]]:
    """Skeletons in pixels, the boxes of their visible vertices (n, 4), and why some are invalid.

    A vertex with an unreadable coordinate is absent.
    """
    template = np.full(len(entries), -1, dtype=np.int64)
    row = np.full(len(entries), -1, dtype=np.int64)
    visible = np.zeros(len(entries), dtype=np.int64)
    bounds = np.zeros((len(entries), 4))
    reasons: dict[int, str] = {}
    templates: list[Template] = []
    for names, labels, (x, y, v) in _vertices(entries, reasons):
        xy = np.stack([x, y], axis=1)
        is_visible = v > 0
        if not (xy.max() <= LARGEST_COORDINATE and xy.min() >= -LARGEST_COORDINATE):  # nor where one is NaN
            is_absent = ~(np.abs(xy) <= LARGEST_COORDINATE).all(axis=1)
            is_visible &= ~is_absent
            xy.transpose(0, 2, 1)[is_absent] = np.nan
        xy *= sizes[labels][:, :, None]
        visible[labels] = is_visible.sum(axis=1)
        is_seen = visible[labels] > 0
        for place in np.flatnonzero(~is_seen).tolist():
            reasons[labels[place]] = "no visible vertex"
        is_every = bool(is_visible.all())
        low = (xy if is_every else np.where(is_visible[:, None, :], xy, np.inf)).min(axis=2)
        high = (xy if is_every else np.where(is_visible[:, None, :], xy, -np.inf)).max(axis=2)
        bounds[labels] = np.where(is_seen[:, None], np.concatenate([low, high], axis=1), 0.0)
        template[labels], row[labels] = len(templates), np.arange(len(labels))
        templates.append(Template(names, xy, is_visible))
    return Skeletons(templates, template, row, visible), bounds, reasons


def join_skeletons(sides: Sequence[Skeletons], lengths: Sequence[int]) -> Skeletons:
    """The skeletons of several tasks one after the other; `lengths` are the numbers of their labels."""
    names = dict.fromkeys(one.names for side in sides for one in side.templates)
    if not names:
        return NO_SKELETONS
    parts: dict[Names, list[Template]] = {name: [] for name in names}
    place = {name: number for number, name in enumerate(names)}
    template, row, visible = [], [], []
    for side, length in zip(sides, lengths, strict=True):
        if not side.templates:
            template.append(np.full(length, -1, dtype=np.int64))
            row.append(template[-1])
            visible.append(template[-1])
            continue
        firsts = [sum(len(one.xy_px) for one in parts[own.names]) for own in side.templates]
        numbers = [place[own.names] for own in side.templates]
        template.append(np.array([*numbers, -1])[side.template])
        row.append(side.row + np.array([*firsts, 0])[side.template])
        visible.append(side.visible)
        for own in side.templates:
            parts[own.names].append(own)
    joined = [
        Template(
            name,
            np.concatenate([one.xy_px for one in parts[name]]),
            np.concatenate([one.is_visible for one in parts[name]]),
        )
        for name in names
    ]
    return Skeletons(joined, np.concatenate(template), np.concatenate(row), np.concatenate(visible))


def skeleton_similarity(
    gold: Skeletons,
    submitted: Skeletons,
    gold_index: IntArray,
    submitted_index: IntArray,
    spread_px: FloatArray,
) -> FloatArray:
    """Mean over gold's visible vertices of exp(-d^2 / (2 spread^2)), pair by pair, shape (pairs,).

    COCO's OKS, see `spreads`. Vertices are found by name: one that the submission lacks or marks invisible counts 0.
    """
    similarity = np.zeros(len(gold_index))
    count = max(len(submitted.templates), 1)
    both = gold.template[gold_index] * count + submitted.template[submitted_index]
    for code in np.unique(both).tolist():
        ours, theirs = gold.templates[code // count], submitted.templates[code % count]
        every = np.flatnonzero(both == code)
        if ours.names != theirs.names:
            theirs = _reordered(theirs, ours.names)
        step = max(1, VERTICES_AT_ONCE // len(ours.names))
        for start in range(0, len(every), step):
            rows = every[start : start + step]
            a, b = gold.row[gold_index[rows]], submitted.row[submitted_index[rows]]
            similarity[rows] = _mean_closeness(ours, theirs, a, b, spread_px[rows])
    return similarity


def _mean_closeness(
    ours: Template, theirs: Template, a: IntArray, b: IntArray, spread: FloatArray
) -> FloatArray:
    offset = ours.xy_px[a]
    offset -= theirs.xy_px[b]
    offset *= offset
    squared = offset[:, 0]
    squared += offset[:, 1]
    squared *= (-0.5 / spread**2)[:, None]
    if ours.is_complete and theirs.is_complete:
        complete: FloatArray = np.exp(squared, out=squared).mean(axis=1)
        return complete
    is_wanted = ours.is_visible[a]
    squared[~(is_wanted & theirs.is_visible[b])] = -np.inf
    found: FloatArray = np.exp(squared, out=squared).sum(axis=1) / is_wanted.sum(axis=1)
    return found


def spreads(
    bounds_px: FloatArray, is_single: BoolArray, diagonal_px: FloatArray, sigma_px: FloatArray
) -> FloatArray:
    """The standard deviation of a gold skeleton's vertices, px, shape (n,): s k with s^2 = (w^2 + h^2) / 2.

    bounds_px (n, 4): the box of gold's visible vertices; s is at least SMALLEST_SCALE of the diagonal. That is COCO's
    OKS with s^2 as the area and sigma = k / 2. A single visible vertex is scored as a keypoint, with `sigma_px`.
    """
    width, height = bounds_px[:, 2] - bounds_px[:, 0], bounds_px[:, 3] - bounds_px[:, 1]
    scale = np.maximum((width**2 + height**2) / 2.0, (SMALLEST_SCALE * diagonal_px) ** 2)
    return np.where(is_single, sigma_px, np.sqrt(scale) * VERTEX_TOLERANCE)


def _vertices(
    entries: Sequence[Mapping[str, Any]], reasons: dict[int, str]
) -> Iterator[tuple[Names, Sequence[int], Vertices]]:
    """Vertices by list of names, with the labels that have it; labels without vertices go to the reasons."""
    try:
        every = [entry["points"] for entry in entries]
        names = tuple(sorted(every[0]))
        if (
            set(map(type, every)) == {dict}
            and set(map(len, every)) == {len(names)}
            and 0 < len(names) <= MOST_VERTICES
        ):
            labels = _as_they_lie(every)
            values = _plain_vertices([every[label] for label in labels], names)
            if values is not None:
                yield names, labels, values
                return
    except (KeyError, TypeError):
        pass
    for names, labels in _by_names(entries, reasons).items():
        points = [entries[label]["points"] for label in labels]
        yield names, labels, _any_vertices(points, names)


def _as_they_lie(points: list[Mapping[str, Any]]) -> list[int]:
    """The labels in the order in which their vertices lie in memory (CPython's `id`), mostly that of the document.

    Any order is right; in this one the processor has the next of ten thousands of small objects at hand (measured: a
    third less).
    """
    found: list[int] = np.argsort(np.fromiter(map(id, points), dtype=np.int64, count=len(points))).tolist()
    return found


def _by_names(entries: Sequence[Mapping[str, Any]], reasons: dict[int, str]) -> dict[Names, list[int]]:
    """Labels by their sorted list of vertex names; those without go to the reasons."""
    found: dict[Names, list[int]] = {}
    for label, entry in enumerate(entries):
        points = entry.get("points")
        if not isinstance(points, Mapping):
            reasons[label] = "no vertices"
        elif len(points) > MOST_VERTICES:
            reasons[label] = f"more than {MOST_VERTICES} vertices"
        elif not points:
            reasons[label] = "no visible vertex"
        else:
            found.setdefault(tuple(sorted({str(name) for name in points})), []).append(label)
    return found


def _plain_vertices(points: list[Mapping[str, Any]], names: Names) -> Vertices | None:
    """x, y, v (n, vertices) of skeletons that have exactly these vertices, and those plain numbers; else None."""
    try:
        every = map(itemgetter(*names), points) if len(names) > 1 else [[one[names[0]]] for one in points]
        found = plain_numbers(map(_X_Y_V, chain.from_iterable(every)), "ggi")
    except (KeyError, TypeError):
        return None
    if found is None:
        return None
    x, y, v = found.reshape(3, len(points), len(names))
    return x, y, v


def _any_vertices(points: list[Mapping[str, Any]], names: Names) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The same for anything: NaN for a coordinate that is no number; v is 2 where absent, 0 where no number."""
    values = np.full((3, len(points), len(names)), np.nan)
    place = {name: column for column, name in enumerate(names)}
    for row, one in enumerate(points):
        for name, vertex in one.items():
            if isinstance(vertex, Mapping):
                x, y, v = finite(vertex.get("x")), finite(vertex.get("y")), finite(vertex.get("v", 2))
                if x is not None and y is not None:
                    values[:, row, place[str(name)]] = x, y, v or 0.0
    return values[0], values[1], values[2]


def _reordered(template: Template, names: Names) -> Template:
    """Its vertices in the order of these names; those it lacks are absent."""
    place = {name: column for column, name in enumerate(template.names)}
    columns = np.array([place.get(name, -1) for name in names])
    is_there = columns >= 0
    return Template(
        names,
        np.where(is_there, template.xy_px[:, :, columns], np.nan),
        template.is_visible[:, columns] & is_there,
    )
