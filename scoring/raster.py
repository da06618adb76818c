"""Vector shapes as pixels, to compare them with masks: a pixel belongs when its centre does, by the even-odd rule."""

from __future__ import annotations

import numpy as np
import shapely

from scoring.arrays import FloatArray, GeometryArray, IntArray
from scoring.ranges import pieces, ranges
from scoring.runs import SHIFT, Runs

CROSSINGS_AT_ONCE = 1 << 18


def runs_of_outlines(outlines: GeometryArray, sizes: FloatArray, columns: IntArray | None = None) -> Runs:
    """The pixels of polygons, each on its frame of (width, height): mask i has those whose centres lie in outline i.

    columns (n, 2): only those from columns[i, 0] up to columns[i, 1] of outline i; else all.

    Each edge is followed from column to column; two crossings of a column's middle line with the outline, in their
    order, are the ends of a run. A centre exactly on an edge belongs to the shape that lies to its right or below
    (half-open): a box from pixel edge to pixel edge covers exactly its own pixels, and two neighbours share none.
    """
    x0, y0, x1, y1, shape = _edges(outlines)
    width, height = sizes[shape].T
    low, high = (0, width) if columns is None else np.clip(columns[shape].T, 0, width)
    first = np.clip(np.ceil(x0 - 0.5), low, high).astype(np.int64)
    crossings = np.clip(np.ceil(x1 - 0.5), low, high).astype(np.int64) - first
    found = [np.empty(0, dtype=np.int64)]
    for rows in pieces(crossings, CROSSINGS_AT_ONCE):
        edge = np.repeat(np.arange(rows.start, rows.stop), crossings[rows])
        column = ranges(first[rows], crossings[rows])
        along = (column + 0.5 - x0[edge]) / (x1 - x0)[edge]
        y = y0[edge] + along * (y1 - y0)[edge]
        row = np.clip(np.ceil(y - 0.5), 0, height[edge]).astype(np.int64)
        found.append((shape[edge] << SHIFT) + column * height[edge].astype(np.int64) + row)
    pixel = np.sort(np.concatenate(found))
    return Runs.of(pixel[0::2], pixel[1::2], len(outlines))


def _edges(outlines: GeometryArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, IntArray]:
    """Left and right end (x0, y0, x1, y1) of every edge of every ring, and the number of its outline."""
    parts, outline = shapely.get_parts(outlines, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    begin = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:, 0] != xy[:-1, 0]))
    is_back = xy[begin, 0] > xy[begin + 1, 0]
    left, right = xy[begin + is_back], xy[begin + ~is_back]
    return left[:, 0], left[:, 1], right[:, 0], right[:, 1], outline[part[ring[begin]]]
