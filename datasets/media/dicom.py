"""DICOM: series told apart, slices in the order of their position in the body, values ready for a window.

Only what a picture needs is read from the tags: size, position, rescale, window. Names, dates, identifiers and
institutions stay in the originals, which nothing serves.
"""

import gzip
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.pixels import apply_color_lut, apply_modality_lut, iter_pixels

from datasets.media.dicom_header import DEFLATED, Slice, Window, slices_of
from datasets.media.frames import Decoded, Frame, Outcome, Plan, Refused, SeveralSeries
from datasets.media.limits import MAX_DICOM_BYTES, MAX_SLICES
from datasets.media.uploads import Upload, uploads_of
from datasets.pictures import encode_picture

INT16 = (-32768, 32767)
PRESETS = {
    "CT": (
        ("Soft tissue", 40.0, 400.0),
        ("Lung", -600.0, 1500.0),
        ("Bone", 400.0, 1800.0),
        ("Brain", 40.0, 80.0),
        ("Liver", 60.0, 160.0),
    )
}
Values = NDArray[Any]


@dataclass(frozen=True)
class Scale:
    """How values become int16: (value - offset) / factor, rounded. The plain one keeps them as they are."""

    offset: float = 0.0
    factor: float = 1.0

    def of(self, value: float) -> float:
        """One value, or a window's centre, on this scale."""
        return (value - self.offset) / self.factor


def frames_of_dicom(sources: Sequence[tuple[Path, str]], *, skip: int = 0) -> Decoded:
    """`SeveralSeries` and nothing else when there are several; else every slice from number `skip` on.

    Raises Refused.
    """
    uploads = uploads_of(sources, most=MAX_SLICES, most_bytes=MAX_DICOM_BYTES)
    found = [one for upload in uploads for one in slices_of(upload)]
    series: dict[Any, list[Slice]] = defaultdict(list)
    for one in found:
        series[one.series].append(one)
    if len(series) > 1:
        yield SeveralSeries(_positions(list(series.values())))
        return
    slices = _in_order(found)
    if len(slices) > MAX_SLICES:
        raise Refused(f"The series has {len(slices):,} slices; up to {MAX_SLICES:,} can be labelled as one.")
    yield Plan(len(slices))
    yield from _colour(slices, skip) if slices[0].is_colour else _grey(slices, skip)


def _positions(series: list[list[Slice]]) -> list[list[int]]:
    groups = [sorted({one.upload.position for one in slices}) for slices in series]
    if len({position for group in groups for position in group}) < sum(map(len, groups)):
        raise Refused(
            f"The archive holds {len(groups)} series. Upload an archive for each, or all the files as they are."
        )
    return sorted(groups)


def _in_order(slices: list[Slice]) -> list[Slice]:
    """By position along the normal of the slices where they have one, else by their numbers."""
    positions = {one.position for one in slices}
    if None not in positions and len(positions) > 1:
        return sorted(slices, key=lambda one: (one.position or 0.0, one.number, one.frame))
    return sorted(slices, key=lambda one: (one.number, one.frame))


def _names(slices: list[Slice]) -> list[str]:
    if any(one.position is None for one in slices):
        return []
    return [f"{one.position:.1f} mm".replace("-0.0 ", "0.0 ") for one in slices]


# ---------------------------------------------------------------- colour
def _colour(slices: list[Slice], skip: int) -> Decoded:
    for one, values in _decoded(slices[skip:]):
        if one.photometric == "PALETTE COLOR":
            values = apply_color_lut(values, one.header)
        if values.dtype != np.uint8:
            bits = max(8, int(one.header.get("BitsStored", 8)))
            values = (
                values.astype(np.uint32) >> (bits - 8 if one.photometric != "PALETTE COLOR" else 8)
            ).astype(np.uint8)
        display, _ = encode_picture(Image.fromarray(np.ascontiguousarray(values[..., :3]), "RGB"), exact=True)
        yield Frame(display, values.shape[1], values.shape[0])
    yield Outcome(names=_names(slices))


# ---------------------------------------------------------------- grey
def _grey(slices: list[Slice], skip: int) -> Decoded:
    scale = _scale_of(slices)
    invert = (
        slices[0].photometric == "MONOCHROME1" or slices[0].header.get("PresentationLUTShape") == "INVERSE"
    )
    window = _window_of(slices, scale)
    low, high = INT16[1], INT16[0]
    for one, raw in _decoded(slices[skip:]):
        values = _on_scale(_modality_values(one, raw), scale)
        lowest, highest = int(values.min()), int(values.max())
        low, high = min(low, lowest), max(high, highest)
        written = io.BytesIO()
        Image.fromarray(windowed(values, window, invert=invert)).save(written, "PNG", compress_level=3)
        packed = gzip.compress(values.astype("<i2").tobytes(), compresslevel=4, mtime=0)
        yield Frame(written.getvalue(), values.shape[1], values.shape[0], packed, lowest, highest)
    pixels = {
        "min": low,
        "max": high,
        "window": {"center": window.center, "width": window.width},
        "invert": invert,
        "presets": _presets(slices, scale),
    }
    yield Outcome(names=_names(slices), pixels=pixels)


def windowed(values: Values, window: Window, *, invert: bool) -> NDArray[np.uint8]:
    """Values as grey from 0 to 255 by the linear window of the standard (PS3.3 C.11.2.1.2.1)."""
    width = max(window.width, 1.0)
    steps = max(width - 1, 1e-6)
    shown = ((values.astype(np.float32) - (window.center - 0.5)) / steps + 0.5) * 255
    grey = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
    return 255 - grey if invert else grey


def _modality_values(one: Slice, raw: Values) -> Values:
    """Stored values as those of the modality: by its table, or by slope and intercept of this very frame."""
    if "ModalityLUTSequence" in one.header and one.header.ModalityLUTSequence:
        return apply_modality_lut(raw, one.header)
    if one.is_integer:
        return raw.astype(np.int64) * int(one.slope) + int(one.intercept)
    return raw.astype(np.float64) * one.slope + one.intercept


def _on_scale(values: Values, scale: Scale) -> Values:
    if scale != Scale():
        values = np.rint((values - scale.offset) / scale.factor)
    return np.clip(values, *INT16).astype(np.int16)


def _scale_of(slices: list[Slice]) -> Scale:
    """The plain scale where all values are sure to fit, or turn out to; else the series' range is spread."""
    if all(one.is_integer and INT16[0] <= one.least and one.most <= INT16[1] for one in slices):
        return Scale()
    low, high, exact = np.inf, -np.inf, True
    for one, raw in _decoded(slices):
        values = _modality_values(one, raw)
        exact = exact and one.is_integer
        if not np.isfinite(values).all():
            raise Refused(f"“{one.upload.name}” holds values that are no numbers. Export the series again.")
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    if exact and low >= INT16[0] and high <= INT16[1]:
        return Scale()
    factor = max(high - low, 1e-9) / (INT16[1] - INT16[0])
    return Scale(low - INT16[0] * factor, factor)


def _window_of(slices: list[Slice], scale: Scale) -> Window:
    """The window of the middle slice as its file says; without one the range of its values without the extremes."""
    middle = slices[len(slices) // 2]
    if middle.windows:
        return _scaled(middle.windows[0], scale)
    ((_, raw),) = _decoded([middle])
    low, high = np.percentile(_on_scale(_modality_values(middle, raw), scale), (0.5, 99.5))
    return Window(float(low + high) / 2, max(float(high - low), 1.0), "Values of the slice")


def _scaled(window: Window, scale: Scale) -> Window:
    if scale == Scale():
        return window
    return Window(scale.of(window.center), window.width / scale.factor, window.name)


def _presets(slices: list[Slice], scale: Scale) -> list[dict[str, Any]]:
    middle = slices[len(slices) // 2]
    own = [_scaled(window, scale) for window in middle.windows]
    usual = PRESETS.get(str(middle.header.get("Modality", "")), ()) if scale == Scale() else ()
    known = {(one.center, one.width): one for one in own}
    for name, center, width in usual:
        known.setdefault((center, width), Window(center, width, name))
    return [{"name": one.name, "center": one.center, "width": one.width} for one in known.values()]


# ---------------------------------------------------------------- decoding
def _decoded(slices: Sequence[Slice]) -> Iterator[tuple[Slice, Values]]:
    """The stored values of each slice; a file is opened once for all frames of it that follow each other."""
    for upload, together in groupby(slices, key=lambda one: one.upload):
        run = list(together)
        is_deflated = run[0].header.file_meta.TransferSyntaxUID == DEFLATED
        frames = [one.frame for one in run]
        pixels = _pixels(upload, frames, is_colour=run[0].is_colour, is_deflated=is_deflated)
        for one, values in zip(run, pixels, strict=True):
            if values.shape[:2] != (one.height, one.width):
                raise Refused(f"The pixels of “{upload.name}” have another size than its tags say.")
            yield one, values


def _pixels(upload: Upload, frames: list[int], *, is_colour: bool, is_deflated: bool) -> Iterator[Values]:
    try:
        with upload.open() as stream:
            # Only a deflated file has to be unpacked as a whole; all others are read frame by frame.
            source = dcmread(stream) if is_deflated else stream
            yield from iter_pixels(source, indices=frames, raw=not is_colour)
    except Refused:
        raise
    except MemoryError:
        raise Refused(f"“{upload.name}” needs too much memory to be decoded.") from None
    except Exception:  # decoders raise all kinds on broken input, none of them worth more than this sentence
        raise Refused(
            f"The pixels of “{upload.name}” are damaged or incomplete. Export the series again."
        ) from None
