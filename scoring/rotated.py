"""Rotated boxes in pixels, clipped to their frame. Angles turn clockwise on the screen (y points down)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from scoring.areas import clip_outlines
from scoring.arrays import BoolArray, FloatArray, GeometryArray
from scoring.boxes import read_numbers


def read_rotated_boxes(
    entries: Sequence[Mapping[str, Any]], sizes: FloatArray
) -> tuple[GeometryArray, list[str]]:
    """Outlines clipped to the frame. The unrotated box is turned about its centre, in pixels."""
    values = read_numbers(entries, ("x", "y", "w", "h", "theta"))
    is_readable: BoolArray = ~np.any(np.isnan(values), axis=1)
    x, y, w, h, theta = np.where(is_readable[:, None], values, 0.0).T
    half = np.stack([w, h], axis=1) * sizes / 2
    centre = np.stack([x, y], axis=1) * sizes + half
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half[:, None, :]
    cos, sin = np.cos(np.deg2rad(theta))[:, None], np.sin(np.deg2rad(theta))[:, None]
    turned = np.stack(
        [corners[..., 0] * cos - corners[..., 1] * sin, corners[..., 0] * sin + corners[..., 1] * cos],
        axis=-1,
    )
    outlines = shapely.polygons(turned + centre[:, None, :])
    outlines, reasons = clip_outlines(outlines, sizes)
    for index, (width, height) in enumerate(zip(w, h, strict=True)):
        if not is_readable[index]:
            reasons[index] = "not a number"
        elif width <= 0 or height <= 0:
            reasons[index] = "no area"
    return outlines, reasons
