"""COCO's compressed strings of run lengths, read for all masks of a document at once.

The format (the mask code of the COCO reference implementation): run lengths alternate, zeros first. From the fourth on,
each is written as the difference to the one two before. A number is written in groups of 5 bits, low bits first, one
character (48 + group) each; bit 5 says that more groups follow, bit 4 of the last group is the sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scoring.arrays import BoolArray, FloatArray, IntArray
from scoring.ranges import pieces
from scoring.runs import MOST_PIXELS, SHIFT, Runs

LONGEST_NUMBER = 7
"""Characters of one run length: 35 bits, more than any image has pixels."""
MORE, SIGN, GROUP = 0x20, 0x10, 0x1F
CHARACTERS_AT_ONCE = 1 << 20
MOST_CHARACTERS = 1 << 22
"""Of one mask: two million runs. A mask of 40 megapixels with a smooth border has 20,000."""
UNREADABLE = "the run lengths cannot be decoded"
WRONG_SUM = "the run lengths do not add up to the size of the mask"


def read_masks(entries: Sequence[Mapping[str, Any]], sizes: FloatArray) -> tuple[Runs, list[str]]:
    """The runs of masks on frames of the given (width, height), and why each is invalid ("" when it is not)."""
    pixels = np.zeros(len(entries), dtype=np.int64)
    reasons = [""] * len(entries)
    texts: list[bytes] = []
    rows: list[int] = []
    for row, (entry, (width, height)) in enumerate(zip(entries, sizes.tolist(), strict=True)):
        found = _text(entry, int(width), int(height))
        if isinstance(found, bytes):
            pixels[row] = int(width) * int(height)
            texts.append(found)
            rows.append(row)
        else:
            reasons[row] = found
    runs, faults = read_strings(texts, pixels[rows])
    for row, fault, area in zip(rows, faults, runs.area_px().tolist(), strict=True):
        reasons[row] = fault or ("" if area else "no area")
    return runs.placed(np.array(rows, dtype=np.int64), len(entries)), reasons


def read_strings(texts: Sequence[bytes], pixels: IntArray) -> tuple[Runs, list[str]]:
    """The runs of each string, for an image of so many pixels each, and why it has none ("" when it has)."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    starts: list[IntArray] = []
    ends: list[IntArray] = []
    faults: list[str] = []
    for rows in pieces(lengths, CHARACTERS_AT_ONCE):
        start, end, fault = _read(texts[rows], lengths[rows], pixels[rows])
        starts.append(start + (len(faults) << SHIFT))
        ends.append(end + (len(faults) << SHIFT))
        faults += fault
    if not starts:
        return Runs.none(len(texts)), faults
    return Runs.of(np.concatenate(starts), np.concatenate(ends), len(texts)), faults


def write_runs(counts: IntArray) -> str:
    """COCO's compressed string of run lengths (zeros first), the inverse of reading; for tools and tests."""
    text = []
    for index, number in enumerate(int(one) for one in counts):
        value = number - int(counts[index - 2]) if index > 2 else number
        while True:
            code = value & GROUP
            value >>= 5
            is_last = value == (-1 if code & SIGN else 0)
            text.append(chr(48 + (code if is_last else code | MORE)))
            if is_last:
                break
    return "".join(text)


def _text(entry: Mapping[str, Any], width: int, height: int) -> bytes | str:
    """The string of a mask, or why it has none."""
    if entry.get("size") not in ([height, width], (height, width)):
        return f"the mask is not of the size of the frame ({height} x {width})"
    if width * height > MOST_PIXELS:
        return "the mask has too many pixels"
    counts = entry.get("counts")
    if isinstance(counts, (str, bytes)) and len(counts) > MOST_CHARACTERS:
        return "the mask has too many runs"
    if isinstance(counts, str) and counts.isascii():
        return counts.encode()
    return counts if isinstance(counts, bytes) else UNREADABLE


def _read(
    texts: Sequence[bytes], lengths: IntArray, pixels: IntArray
) -> tuple[IntArray, IntArray, list[str]]:
    """Starts and ends of the runs, as pixels of the mask with the number of its text, and the faults."""
    is_text = _is_text(texts, lengths)
    good = np.flatnonzero(is_text)
    codes = _codes([texts[index] for index in good.tolist()])
    numbers, count, is_number = _numbers(codes, lengths[good])
    stop = np.cumsum(count)
    place = np.arange(len(numbers)) - np.repeat(stop - count, count)
    _add_up(numbers, count, place)
    edges = np.cumsum(numbers)
    edges -= np.repeat(edges[stop - count] - numbers[stop - count], count)
    # bounds on each number first: a sum of wild ones could come round to the right one
    fits = np.ones(len(good), dtype=np.bool_)
    fits[np.repeat(np.arange(len(good)), count)[(numbers < 0) | (numbers > MOST_PIXELS)]] = False
    fits &= edges[stop - 1] == pixels[good]
    faults = [UNREADABLE] * len(texts)
    for index, is_read, is_right in zip(good.tolist(), is_number.tolist(), fits.tolist(), strict=True):
        faults[index] = ("" if is_right else WRONG_SUM) if is_read else UNREADABLE
    has_end = (place & 1 == 0) & (place + 1 < np.repeat(count, count)) & np.repeat(is_number & fits, count)
    start = np.flatnonzero(has_end)
    mask = np.repeat(good << SHIFT, count)[start]
    return edges[start] + mask, edges[start + 1] + mask, faults


def _codes(texts: Sequence[bytes]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """The groups of 5 bits with their flag, 0 to 63; anything above is no character of the format."""
    return np.frombuffer(b"".join(texts), dtype=np.uint8) - np.uint8(48)


def _is_text(texts: Sequence[bytes], lengths: IntArray) -> BoolArray:
    """Not empty, no strange character, and no number cut off at the end."""
    codes = _codes(texts)
    found: BoolArray = lengths > 0
    stop = np.cumsum(lengths)
    found[np.searchsorted(stop, np.flatnonzero(codes > 63), side="right")] = False
    found[found] = (codes[stop[found] - 1] & MORE) == 0
    return found


def _numbers(
    codes: np.ndarray[tuple[int], np.dtype[np.uint8]], lengths: IntArray
) -> tuple[IntArray, IntArray, BoolArray]:
    """The numbers as written, how many each text has (one at least), and whether none of a text's is too long."""
    last = np.flatnonzero((codes & MORE) == 0)
    size = np.diff(last, prepend=-1)
    first = last - size + 1
    numbers = np.zeros(len(last), dtype=np.int64)
    for group in range(min(int(size.max(initial=0)), LONGEST_NUMBER)):
        rows = np.flatnonzero(size > group) if group else slice(None)
        numbers[rows] |= (codes[first[rows] + group] & GROUP).astype(np.int64) << (5 * group)
    negative = np.flatnonzero(codes[last] & SIGN)
    numbers[negative] -= np.int64(1) << (5 * np.minimum(size[negative], LONGEST_NUMBER))
    stop = np.searchsorted(last, np.cumsum(lengths))
    is_number = np.ones(len(lengths), dtype=np.bool_)
    is_number[np.searchsorted(stop, np.flatnonzero(size > LONGEST_NUMBER), side="right")] = False
    return numbers, np.diff(stop, prepend=0), is_number


def _add_up(numbers: IntArray, count: IntArray, place: IntArray) -> None:
    """Turn differences into run lengths, in place: of each text the 2nd, 4th, ... and the 3rd, 5th, ... number."""
    for rows, many in (
        (np.flatnonzero(place & 1 == 1), count // 2),
        (np.flatnonzero((place & 1 == 0) & (place > 0)), (count - 1) // 2),
    ):
        total = np.cumsum(numbers[rows])
        before = np.concatenate(([0], total))[np.cumsum(many) - many]
        numbers[rows] = total - np.repeat(before, many)
