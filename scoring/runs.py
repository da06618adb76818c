"""Bitmasks as run lengths: reading COCO's compressed string, rasterising outlines, overlaps without any pixels.

A mask is a list of runs over the pixels in column-major order (down the first column, then the next), as in
COCO. Everything here works on the starts and ends of the runs of ones; an image is never decoded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from scoring.arrays import FloatArray, IntArray

LONGEST_NUMBER = 7
"""Characters of one run length: 35 bits, more than any image has pixels."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of ones, sorted and disjoint: pixels starts[i] .. ends[i] - 1; before[i] = pixels in the runs before i."""

    starts: IntArray
    ends: IntArray
    before: IntArray

    @classmethod
    def of(cls, starts: IntArray, ends: IntArray) -> Runs:
        """Keep the runs that have a pixel."""
        has_pixel = ends > starts
        starts, ends = starts[has_pixel], ends[has_pixel]
        before = np.zeros(len(starts), dtype=np.int64)
        np.cumsum((ends - starts)[:-1], out=before[1:])
        return cls(starts, ends, before)

    @property
    def area_px(self) -> int:
        return int(self.before[-1] + self.ends[-1] - self.starts[-1]) if len(self.starts) else 0

    def bounds(self, height: int) -> tuple[float, float, float, float]:
        """The box around the pixels (x0, y0, x1, y1); all 0 for an empty mask."""
        if not len(self.starts):
            return 0.0, 0.0, 0.0, 0.0
        last = self.ends - 1
        left, right = self.starts[0] // height, last[-1] // height
        wraps = bool((self.starts // height != last // height).any())
        top = 0 if wraps else (self.starts % height).min()
        bottom = height - 1 if wraps else (last % height).max()
        return float(left), float(top), float(right + 1), float(bottom + 1)


def overlap_px(a: Runs, b: Runs) -> int:
    """Pixels in both masks. O(n log m) for n runs in the shorter list."""
    if len(a.starts) < len(b.starts):
        a, b = b, a
    if not len(b.starts):
        return 0
    return int((_covered(a, b.ends) - _covered(a, b.starts)).sum())


def _covered(runs: Runs, positions: IntArray) -> IntArray:
    """Pixels of the mask before each position."""
    at = np.searchsorted(runs.starts, positions, side="right") - 1
    found: IntArray = runs.before[at] + np.minimum(positions, runs.ends[at]) - runs.starts[at]
    found[at < 0] = 0
    return found


def read_runs(counts: str | bytes, pixels: int) -> Runs | str:
    """The runs of COCO's compressed string for an image of so many pixels, or why it is none."""
    numbers = _numbers(counts)
    if numbers is None:
        return "the run lengths cannot be decoded"
    if (numbers < 0).any() or int(numbers.sum()) != pixels:
        return "the run lengths do not add up to the size of the mask"
    edges = np.cumsum(numbers)
    if len(edges) % 2:
        edges = edges[:-1]
    return Runs.of(edges[0::2], edges[1::2])


def _numbers(counts: str | bytes) -> IntArray | None:
    """Decode the string: 5 bits a character, low bits first, bit 5 = more follow, bit 4 of the last = sign; from the
    fourth number on each is the difference to the one two before (the format of the COCO reference code)."""
    try:
        raw = counts.encode("ascii") if isinstance(counts, str) else counts
    except UnicodeEncodeError:
        return None
    codes = np.frombuffer(raw, dtype=np.uint8).astype(np.int64) - 48
    if not len(codes) or (codes < 0).any() or (codes > 63).any() or codes[-1] & 0x20:
        return None
    last = np.flatnonzero((codes & 0x20) == 0)
    first = np.concatenate(([0], last[:-1] + 1))
    length = last - first + 1
    if length.max() > LONGEST_NUMBER:
        return None
    position = np.arange(len(codes)) - np.repeat(first, length)
    numbers = np.add.reduceat((codes & 0x1F) << (5 * position), first)
    is_negative = (codes[last] & 0x10) != 0
    numbers[is_negative] -= np.int64(1) << (5 * length[is_negative])
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers


def write_runs(counts: IntArray) -> str:
    """COCO's compressed string of run lengths (zeros first), the inverse of reading; for tools and tests."""
    text = []
    for index, number in enumerate(int(one) for one in counts):
        value = number - int(counts[index - 2]) if index > 2 else number
        while True:
            code = value & 0x1F
            value >>= 5
            is_last = value == (-1 if code & 0x10 else 0)
            text.append(chr(48 + (code if is_last else code | 0x20)))
            if is_last:
                break
    return "".join(text)


def runs_of_outline(outline: shapely.Geometry, width: int, height: int) -> Runs:
    """The pixels whose centres lie in a polygon, by the even-odd rule.

    A centre exactly on an edge belongs to the shape that lies to its right or below (half-open), so that a box from
    pixel edge to pixel edge covers exactly its own pixels and two neighbours share none.
    """
    x0, y0, x1, y1 = _edges(outline)
    swap = x0 > x1
    x0, x1 = np.where(swap, x1, x0), np.where(swap, x0, x1)
    y0, y1 = np.where(swap, y1, y0), np.where(swap, y0, y1)
    first = np.clip(np.ceil(x0 - 0.5), 0, width).astype(np.int64)
    stop = np.clip(np.ceil(x1 - 0.5), 0, width).astype(np.int64)
    crossings = stop - first
    edge = np.repeat(np.arange(len(first)), crossings)
    offset = np.arange(len(edge)) - np.repeat(np.cumsum(crossings) - crossings, crossings)
    column = first[edge] + offset
    along = (column + 0.5 - x0[edge]) / (x1 - x0)[edge]
    y = y0[edge] + along * (y1 - y0)[edge]
    order = np.lexsort((y, column))
    row = np.clip(np.ceil(y[order] - 0.5), 0, height).astype(np.int64)
    flat = column[order] * height + row
    return Runs.of(flat[0::2], flat[1::2])


def _edges(outline: shapely.Geometry) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Start and end of every edge of every ring."""
    rings = shapely.get_rings(shapely.get_parts(outline))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return xy[:-1, 0][same], xy[:-1, 1][same], xy[1:, 0][same], xy[1:, 1][same]
