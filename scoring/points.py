"""Keypoints: similarity falls with distance. Nothing is clipped to the frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray
from scoring.boxes import read_numbers


def read_points(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[FloatArray, dict[int, str]]:
    """Positions in pixels, shape (n, 2), and why some are invalid."""
    xy = read_numbers(entries, ("x", "y"))
    is_unreadable: BoolArray = np.any(np.isnan(xy), axis=1)
    return xy * sizes, dict.fromkeys(np.flatnonzero(is_unreadable).tolist(), "not a number")


def point_similarity(a: FloatArray, b: FloatArray, sigma_px: FloatArray) -> FloatArray:
    """exp(-d^2 / (2 sigma^2)) pair by pair, shape (n,)."""
    squared = ((a - b) ** 2).sum(axis=1)
    found: FloatArray = np.exp(-squared / (2.0 * sigma_px**2))
    return found
