"""Keypoints and skeletons: similarity falls with distance. Nothing is clipped to the frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.boxes import LARGEST_COORDINATE, read_numbers
from scoring.reading import finite

VERTEX_TOLERANCE = 0.1
"""k of the skeleton formula; COCO's sigma is half of it."""
SMALLEST_SCALE = 0.01
"""The scale of a skeleton is at least this part of the image diagonal."""
MOST_VERTICES = 1000


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Vertices in the order of their names, in pixels: NaN where absent; not visible when absent or marked v = 0."""

    names: tuple[str, ...]
    xy_px: FloatArray
    is_visible: BoolArray


def read_points(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[FloatArray, dict[int, str]]:
    """Positions in pixels, shape (n, 2), and why some are invalid."""
    xy = read_numbers(entries, ("x", "y"))
    is_unreadable: BoolArray = np.any(np.isnan(xy), axis=1)
    return xy * sizes, dict.fromkeys(np.flatnonzero(is_unreadable).tolist(), "not a number")


def read_skeletons(
    entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> tuple[list[Skeleton | None], list[str]]:
    """Skeletons in pixels, and why each is invalid. A vertex with an unreadable coordinate is absent."""
    found: list[Skeleton | None] = []
    reasons = []
    for entry, size in zip(entries, sizes, strict=True):
        vertices = entry.get("points")
        skeleton, reason = None, "no vertices"
        if isinstance(vertices, Mapping) and len(vertices) > MOST_VERTICES:
            reason = f"more than {MOST_VERTICES} vertices"
        elif isinstance(vertices, Mapping):
            skeleton = _skeleton(vertices, size)
            reason = "" if skeleton.is_visible.any() else "no visible vertex"
        found.append(skeleton)
        reasons.append(reason)
    return found, reasons


def point_similarity(a: FloatArray, b: FloatArray, sigma_px: FloatArray) -> FloatArray:
    """exp(-d^2 / (2 sigma^2)) pair by pair, shape (n,)."""
    squared = ((a - b) ** 2).sum(axis=1)
    found: FloatArray = np.exp(-squared / (2.0 * sigma_px**2))
    return found


def skeleton_similarity(
    gold: Sequence[Skeleton | None],
    submitted: Sequence[Skeleton | None],
    gold_index: IntArray,
    submitted_index: IntArray,
    diagonal_px: FloatArray,
    sigma_px: FloatArray,
) -> FloatArray:
    """Mean over gold's visible vertices of exp(-d^2 / (2 s^2 k^2)), pair by pair, shape (pairs,).

    s^2 = (w^2 + h^2) / 2 of the box of gold's visible vertices: COCO's OKS with that as the area and sigma = k / 2. A
    single visible vertex is scored as a keypoint with `sigma_px`. Vertices are found by name.
    """
    similarity = np.zeros(len(gold_index))
    names: dict[tuple[str, ...], int] = {}
    gold_lists, own_lists = _name_lists(gold, names), _name_lists(submitted, names)
    both = gold_lists[gold_index] * len(names) + own_lists[submitted_index]
    lists = list(names)
    for code in np.unique(both).tolist():
        gold_names, submitted_names = lists[code // len(names)], lists[code % len(names)]
        rows = np.flatnonzero(both == code)
        gold_xy, is_gold = _stack(gold, gold_index[rows])
        own_xy, is_own = _stack(submitted, submitted_index[rows])
        if submitted_names != gold_names:
            own_xy, is_own = _reordered(own_xy, is_own, submitted_names, gold_names)
        similarity[rows] = _oks(gold_xy, is_gold, own_xy, is_own, diagonal_px[rows], sigma_px[rows])
    return similarity


def _oks(
    gold_xy: FloatArray,
    is_gold: BoolArray,
    own_xy: FloatArray,
    is_own: BoolArray,
    diagonal_px: FloatArray,
    sigma_px: FloatArray,
) -> FloatArray:
    """The formula on stacked skeletons, shapes (n, vertices, 2) and (n, vertices)."""
    low = np.where(is_gold[..., None], gold_xy, np.inf).min(axis=1)
    high = np.where(is_gold[..., None], gold_xy, -np.inf).max(axis=1)
    scale = np.maximum(((high - low) ** 2).sum(axis=1) / 2.0, (SMALLEST_SCALE * diagonal_px) ** 2)
    visible = is_gold.sum(axis=1)
    spread = np.where(visible == 1, sigma_px**2, scale * VERTEX_TOLERANCE**2)
    squared = np.where(is_gold & is_own, ((gold_xy - own_xy) ** 2).sum(axis=2), np.inf)
    closeness = np.exp(-squared / (2.0 * spread[:, None]))
    found: FloatArray = np.where(is_gold, closeness, 0.0).sum(axis=1) / visible
    return found


def _skeleton(vertices: Mapping[str, Any], size: FloatArray) -> Skeleton:
    names = tuple(sorted(str(name) for name in vertices))
    xy = np.full((len(names), 2), np.nan)
    is_visible = np.zeros(len(names), dtype=np.bool_)
    by_name = {str(name): vertex for name, vertex in vertices.items()}
    for index, name in enumerate(names):
        vertex = by_name[name]
        x, y = (
            (finite(vertex.get(key)) for key in ("x", "y")) if isinstance(vertex, Mapping) else (None, None)
        )
        if x is None or y is None or max(abs(x), abs(y)) > LARGEST_COORDINATE:
            continue
        xy[index] = x, y
        is_visible[index] = (finite(vertex.get("v", 2)) or 0.0) > 0
    return Skeleton(names, xy * size, is_visible)


def _name_lists(skeletons: Sequence[Skeleton | None], names: dict[tuple[str, ...], int]) -> IntArray:
    """The number of each skeleton's list of vertex names; new lists are added to `names`."""
    found = [names.setdefault(one.names if one else (), len(names)) for one in skeletons]
    return np.array(found, dtype=np.int64)


def _stack(skeletons: Sequence[Skeleton | None], index: IntArray) -> tuple[FloatArray, BoolArray]:
    chosen = [skeleton for one in index if (skeleton := skeletons[one]) is not None]
    return np.stack([one.xy_px for one in chosen]), np.stack([one.is_visible for one in chosen])


def _reordered(
    xy: FloatArray,
    is_visible: BoolArray,
    names: tuple[str, ...],
    wanted: tuple[str, ...],
) -> tuple[FloatArray, BoolArray]:
    """Columns put in the wanted order; an absent vertex at the end serves for names that do not occur."""
    place = {name: index for index, name in enumerate(names)}
    columns = [place.get(name, len(names)) for name in wanted]
    absent_xy = np.full((len(xy), 1, 2), np.nan)
    absent = np.zeros((len(xy), 1), dtype=np.bool_)
    return (
        np.concatenate([xy, absent_xy], axis=1)[:, columns],
        np.concatenate([is_visible, absent], axis=1)[:, columns],
    )
