"""Overlap of masks with masks, and of masks with vector shapes, for many pairs at once."""

from __future__ import annotations

import numpy as np
import shapely

from scoring.arrays import FloatArray, IntArray
from scoring.columns import Labels
from scoring.ranges import pieces
from scoring.raster import runs_of_outlines
from scoring.runs import shared_px
from scoring.shapes import MASK, Shapes

CROSSINGS_IN_MEMORY = 1 << 20
"""Of vector shapes with columns of pixels, at most: 64 bytes each while their pixels are compared."""


def mask_iou(gold: Labels, submitted: Labels, g: IntArray, s: IntArray) -> FloatArray:
    """IoU of pairs of area labels of which one at least is a mask, on run lengths, shape (pairs,).

    A vector shape is rasterised first, by the centres of the pixels.
    """
    a, b = gold.objects.shapes, submitted.objects.shapes
    found = np.zeros(len(g))
    is_mask = a.kind[g] == MASK, b.kind[s] == MASK
    both = np.flatnonzero(is_mask[0] & is_mask[1])
    shared = shared_px(a.runs, b.runs, g[both], s[both])
    found[both] = shared / (a.area[g[both]] + b.area[s[both]] - shared)
    for rows, vectors, masks, vector, mask in (
        (np.flatnonzero(~is_mask[0]), gold, b, g, s),
        (np.flatnonzero(~is_mask[1]), submitted, a, s, g),
    ):
        if len(rows):
            found[rows] = _rasterised_iou(vectors, masks, vector[rows], mask[rows])
    return found


def _rasterised_iou(vectors: Labels, masks: Shapes, vector: IntArray, mask: IntArray) -> FloatArray:
    """IoU of vector shapes with masks; each shape is rasterised once, a bounded number of pixels at a time."""
    found = np.zeros(len(vector))
    labels, number = np.unique(vector, return_inverse=True)
    outlines = vectors.objects.shapes.polygons(labels)
    left, _, right, _ = vectors.objects.shapes.bounds[labels].T
    crossings = (np.ceil(right - left).astype(np.int64) + 1) * shapely.get_num_coordinates(outlines)
    order = np.argsort(number, kind="stable")
    for rows in pieces(crossings, CROSSINGS_IN_MEMORY):
        sizes = np.floor(vectors.sizes[vectors.objects.frame[labels[rows]]])
        pairs = order[slice(*np.searchsorted(number[order], (rows.start, rows.stop)))]
        own = number[pairs] - rows.start
        shared, area = np.zeros(len(pairs), dtype=np.int64), np.zeros(len(sizes), dtype=np.int64)
        bands = int(crossings[rows].max()) // CROSSINGS_IN_MEMORY + 1  # more than one for a huge shape only
        ends = np.linspace(np.floor(left[rows]), right[rows] + 1, bands + 1).astype(np.int64).T
        for band in range(bands):
            runs = runs_of_outlines(outlines[rows], sizes, ends[:, band : band + 2])
            shared += shared_px(runs, masks.runs, own, mask[pairs])
            area += runs.area_px()
        found[pairs] = shared / (area[own] + masks.area[mask[pairs]] - shared)
    return found
