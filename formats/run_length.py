"""COCO run-length masks: column-major runs, background and foreground in turn, background first.

The compressed string holds each run (from the fourth on: its difference to the run two before) in groups of
five bits, least significant first, bit 32 meaning that another group follows, plus 48 to be a printable
character.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from formats.limits import MAX_FRAME_PIXELS, MAX_FRAME_SIDE, MAX_RUN_LENGTH_CHARS

Runs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MAX_GROUPS = 7  # 35 bits, far above the pixel cap


class RunLengthError(ValueError):
    """A run-length mask that cannot be read; the message is the end of a sentence ("the mask ...")."""


def runs_from_string(counts: str) -> Runs:
    """The runs of a compressed string. Raises RunLengthError when it is not one."""
    if len(counts) > MAX_RUN_LENGTH_CHARS:
        raise RunLengthError(f"has more than {MAX_RUN_LENGTH_CHARS:,} characters")
    try:
        codes = np.frombuffer(counts.encode("ascii"), dtype=np.uint8).astype(np.int64) - 48
    except UnicodeEncodeError:
        raise RunLengthError("has characters that do not belong to a run-length string") from None
    if codes.size == 0:
        raise RunLengthError("has no runs")
    if codes.min() < 0 or codes.max() > 63:
        raise RunLengthError("has characters that do not belong to a run-length string")
    ends = np.flatnonzero((codes & 32) == 0)
    if ends.size == 0 or ends[-1] != codes.size - 1:
        raise RunLengthError("is cut off in the middle of a run")
    starts = np.concatenate(([0], ends[:-1] + 1))
    groups = ends - starts + 1
    if groups.max() > _MAX_GROUPS:
        raise RunLengthError("has a run that is far too long")
    position = np.arange(codes.size) - np.repeat(starts, groups)
    runs = np.add.reduceat((codes & 31) << (5 * position), starts)
    negative = (codes[ends] & 16) != 0
    runs = np.where(negative, runs - (np.int64(1) << (5 * groups)), runs)
    # The fourth run is stored relative to the second, the fifth to the third, and so on.
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    if runs.min() < 0:
        raise RunLengthError("has a run of negative length")
    return runs


def string_from_runs(runs: Sequence[int] | Runs) -> str:
    """The compressed string of these runs."""
    values = [int(run) for run in runs]
    characters: list[str] = []
    for index, run in enumerate(values):
        rest = run - values[index - 2] if index > 2 else run
        more = True
        while more:
            group = rest & 31
            rest >>= 5
            more = rest != -1 if group & 16 else rest != 0
            characters.append(chr(48 + (group | 32 if more else group)))
    return "".join(characters)


def checked_runs(counts: str | Sequence[int], height: int, width: int) -> Runs:
    """The runs of a mask of this size, from a compressed string or a list of runs.

    Raises RunLengthError when the size is not allowed, the runs do not fill it exactly, or nothing is set.
    """
    if not (
        0 < height <= MAX_FRAME_SIDE and 0 < width <= MAX_FRAME_SIDE and height * width <= MAX_FRAME_PIXELS
    ):
        raise RunLengthError(f"has a size of {width} x {height} pixels, which is not allowed")
    if isinstance(counts, str):
        runs = runs_from_string(counts)
    else:
        if any(
            isinstance(run, bool) or not isinstance(run, int) or not 0 <= run <= MAX_FRAME_PIXELS
            for run in counts
        ):
            raise RunLengthError("has runs that are not whole numbers of pixels")
        runs = np.asarray(counts, dtype=np.int64)
    total = int(runs.sum())
    if total != height * width:
        raise RunLengthError(
            f"has runs of {total} pixels where {width} x {height} = {height * width} are needed"
        )
    if area_px(runs) == 0:
        raise RunLengthError("is empty")
    return runs


def area_px(runs: Runs) -> int:
    """The number of foreground pixels."""
    return int(runs[1::2].sum())


def runs_from_mask(mask: Mask) -> Runs:
    """The runs of a (height, width) mask, column by column."""
    flat = np.asarray(mask, dtype=bool).ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    borders = np.concatenate(([0], changes, [flat.size]))
    runs = np.diff(borders).astype(np.int64)
    return np.concatenate(([0], runs)).astype(np.int64) if flat.size and flat[0] else runs


def mask_from_runs(runs: Runs, height: int, width: int) -> Mask:
    """The (height, width) mask of these runs, which must fill it exactly."""
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape((height, width), order="F")


def box_from_runs(runs: Runs, height: int) -> tuple[int, int, int, int]:
    """x, y, width, height in pixels of the smallest box around the foreground, which must not be empty."""
    ends = np.cumsum(runs)[1::2]
    starts = ends - runs[1::2]
    starts, lasts = starts[starts < ends], ends[starts < ends] - 1
    crosses_columns = bool((starts // height != lasts // height).any())
    left, right = int(starts[0] // height), int(lasts[-1] // height)
    top = 0 if crosses_columns else int((starts % height).min())
    bottom = height - 1 if crosses_columns else int((lasts % height).max())
    return left, top, right - left + 1, bottom - top + 1
