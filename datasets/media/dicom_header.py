"""The tags of DICOM files that a picture needs, checked before any pixel is decoded."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels import get_decoder
from pydicom.uid import UID

from datasets.media.frames import Refused
from datasets.media.limits import MAX_DICOM_PIXELS, MAX_DICOM_SIDE, MAX_SLICES
from datasets.media.signatures import name_of_wrong_kind
from datasets.media.uploads import Upload

GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_420")
DEFLATED = "1.2.840.10008.1.2.1.99"
EXTENDED = "1.2.840.10008.1.2.4.51"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
DIRECTORY = "1.2.840.10008.1.3.10"
ADVICE = "Export it uncompressed, or as JPEG 2000 or JPEG-LS."


@dataclass(frozen=True)
class Window:
    """Centre and width, in values of the modality."""

    center: float
    width: float
    name: str


@dataclass(frozen=True)
class Slice:
    """One frame of one DICOM file: where it lies and how its stored values are to be read."""

    upload: Upload
    header: Dataset
    frame: int
    width: int
    height: int
    series: tuple[Any, ...]
    number: float
    position: float | None
    slope: float
    intercept: float
    windows: tuple[Window, ...]
    photometric: str

    @property
    def is_colour(self) -> bool:
        """Whether it has three values a pixel, to which no window applies."""
        return self.photometric in COLOUR

    @property
    def is_integer(self) -> bool:
        """Whether values stay whole numbers."""
        return float(self.slope).is_integer() and float(self.intercept).is_integer() and self.bits > 0

    @property
    def bits(self) -> int:
        """Bits stored; 0 for floating-point pixels."""
        return int(self.header.get("BitsStored", 0) or 0)

    @property
    def least(self) -> float:
        """No value can be lower."""
        return min(self._ends)

    @property
    def most(self) -> float:
        """No value can be higher."""
        return max(self._ends)

    @property
    def _ends(self) -> tuple[float, float]:
        if "ModalityLUTSequence" in self.header:
            return -np.inf, np.inf
        signed = int(self.header.get("PixelRepresentation", 0) or 0) == 1
        low, high = (-(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1) if signed else (0, 2**self.bits - 1)
        return low * self.slope + self.intercept, high * self.slope + self.intercept


def slices_of(upload: Upload) -> list[Slice]:
    """Every frame of one upload, nothing decoded; none for a directory file. Raises Refused."""
    name = upload.name
    try:
        with upload.open() as stream:
            head = stream.read(4096)
            if head[128:132] != b"DICM":
                wrong = name_of_wrong_kind(head)
                raise Refused(
                    f"“{name}” is {wrong or 'not a DICOM file'}. Upload only DICOM files as a series."
                )
            stream.seek(0)
            header = dcmread(stream, stop_before_pixels=True)
            if header.file_meta.get("MediaStorageSOPClassUID") == DIRECTORY:
                return []
            _check(header, name)
            _check_pixels(stream, header, name)
        return list(_frames(upload, header))
    except Refused:
        raise
    except MemoryError:
        raise Refused(f"“{name}” needs too much memory to be read. It may be damaged.") from None
    except Exception:  # pydicom raises all kinds on broken tags, many of them only when a tag is used
        raise Refused(f"The tags of “{name}” are damaged or incomplete. Export the series again.") from None


def _check(header: Dataset, name: str) -> None:
    kind = UID(str(header.get("SOPClassUID", ""))).name or "unknown"
    if header.get("SOPClassUID") == SEGMENTATION:
        raise Refused(
            f"“{name}” is a DICOM segmentation: labels, not a picture. Upload the series it belongs to."
        )
    width, height = header.get("Columns"), header.get("Rows")
    if not width or not height:
        raise Refused(f"“{name}” holds no picture (it is a “{kind}”).")
    if width * height > MAX_DICOM_PIXELS or max(width, height) > MAX_DICOM_SIDE:
        raise Refused(
            f"The slices of “{name}” have {width:,} × {height:,} pixels; up to "
            f"{MAX_DICOM_PIXELS // 1_000_000} megapixels can be labelled."
        )
    if _count(header) > MAX_SLICES:
        raise Refused(f"“{name}” has {_count(header):,} frames; up to {MAX_SLICES:,} can be labelled as one.")
    photometric = str(header.get("PhotometricInterpretation", ""))
    if photometric not in GREY + COLOUR:
        raise Refused(f"“{name}” has pixels of the kind “{photometric}”, which cannot be shown.")
    if header.get("BitsAllocated", 8) not in (8, 16, 32, 64):
        raise Refused(f"“{name}” has {header.BitsAllocated} bits a pixel, which cannot be shown.")
    _check_coding(header, name)


def _check_coding(header: Dataset, name: str) -> None:
    coding = UID(str(header.file_meta.get("TransferSyntaxUID", "")))
    if coding == EXTENDED and int(header.get("BitsStored", 8)) > 8:
        raise Refused(f"“{name}” is compressed as JPEG Extended (12-bit), which is not supported. {ADVICE}")
    try:
        available = not coding.is_compressed or coding == DEFLATED or get_decoder(coding).is_available
    except (NotImplementedError, ValueError):
        available = False
    if not available:
        raise Refused(f"“{name}” is compressed as “{coding.name}”, which is not supported. {ADVICE}")


def _check_pixels(stream: BinaryIO, header: Dataset, name: str) -> None:
    """Whether there are pixels, and as many as the tags say. `stream` stands where they should begin."""
    coding = UID(str(header.file_meta.TransferSyntaxUID))
    if coding == DEFLATED:
        return  # read as a whole by the decoder, under its memory limit
    order = "<" if coding.is_little_endian else ">"
    start = stream.read(12)
    tag = struct.unpack(f"{order}HH", start[:4]) if len(start) == 12 else (0, 0)
    if tag[0] != 0x7FE0 or tag[1] not in (0x0008, 0x0009, 0x0010):
        raise Refused(f"“{name}” has no pixels, only tags. Export it with its pictures.")
    if coding.is_compressed:
        _check_first_frame(stream, header, name)
        return
    first_byte = stream.tell() - (4 if coding.is_implicit_VR else 0)
    behind = stream.seek(0, 2) - first_byte
    wanted = _bytes_wanted(header)
    if behind < wanted:
        raise Refused(f"“{name}” is incomplete: {behind:,} of {wanted:,} bytes of pixels. Export it again.")


def _bytes_wanted(header: Dataset) -> int:
    samples = int(header.get("SamplesPerPixel", 1))
    pixels = int(header.Rows) * int(header.Columns) * _count(header)
    if header.get("PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2
    return pixels * samples * int(header.get("BitsAllocated", 8)) // 8


def _check_first_frame(stream: BinaryIO, header: Dataset, name: str) -> None:
    """Compressed pixels say their size themselves; one that differs from the tags would be decoded blindly."""
    try:
        code = next(iter(generate_frames(stream, number_of_frames=_count(header))))
    except Exception:
        raise Refused(f"The pixels of “{name}” are damaged or incomplete. Export it again.") from None
    size = _coded_size(code)
    if size is not None and size != (int(header.Columns), int(header.Rows)):
        raise Refused(
            f"The pixels of “{name}” are {size[0]:,} × {size[1]:,}, but its tags say "
            f"{header.Columns:,} × {header.Rows:,}. Export it again."
        )


def _coded_size(code: bytes) -> tuple[int, int] | None:
    """(width, height) that a JPEG, JPEG-LS or JPEG 2000 stream says of itself; None for anything else."""
    start = code.find(b"\xff\x4f\xff\x51", 0, 4096)
    if start >= 0:
        x1, y1, x0, y0 = struct.unpack(">4I", code[start + 8 : start + 24])
        return x1 - x0, y1 - y0
    if not code.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 < len(code) and code[at] == 0xFF:
        marker, length = code[at + 1], struct.unpack(">H", code[at + 2 : at + 4])[0]
        if marker in (0xC0, 0xC1, 0xC2, 0xC3, 0xF7):
            height, width = struct.unpack(">HH", code[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _count(header: Dataset) -> int:
    return max(1, int(header.get("NumberOfFrames", 1) or 1))


# ---------------------------------------------------------------- frames of one file
def _frames(upload: Upload, header: Dataset) -> Iterator[Slice]:
    for frame in range(_count(header)):
        groups = _groups(header, frame)
        transform = _first(groups, "PixelValueTransformationSequence") or header
        plane = _first(groups, "PlanePositionSequence") or header
        turned = _first(groups, "PlaneOrientationSequence") or header
        direction = _numbers(turned.get("ImageOrientationPatient"), 6)
        yield Slice(
            upload=upload,
            header=header,
            frame=frame,
            width=int(header.Columns),
            height=int(header.Rows),
            series=_series(header, direction),
            number=float(header.get("InstanceNumber") or 0),
            position=_along_normal(_numbers(plane.get("ImagePositionPatient"), 3), direction),
            slope=_number(transform.get("RescaleSlope"), 1.0),
            intercept=_number(transform.get("RescaleIntercept"), 0.0),
            windows=_windows(_first(groups, "FrameVOILUTSequence") or header),
            photometric=str(header.PhotometricInterpretation),
        )


def _groups(header: Dataset, frame: int) -> list[Dataset]:
    """The functional groups of a frame of an enhanced file: its own first, then those that all share."""
    own = header.get("PerFrameFunctionalGroupsSequence") or []
    shared = header.get("SharedFunctionalGroupsSequence") or []
    return [*([own[frame]] if frame < len(own) else []), *shared[:1]]


def _first(groups: list[Dataset], sequence: str) -> Dataset | None:
    return next((group[sequence].value[0] for group in groups if group.get(sequence)), None)


def _series(header: Dataset, direction: list[float] | None) -> tuple[Any, ...]:
    """What slices of one stack have in common. Scouts often share the series' number, but not this."""
    turned = tuple(round(part, 2) + 0.0 for part in direction or ())
    kind = str(header.PhotometricInterpretation) in COLOUR
    return str(header.get("SeriesInstanceUID", "")), int(header.Rows), int(header.Columns), kind, turned


def _along_normal(point: list[float] | None, direction: list[float] | None) -> float | None:
    """Distance in millimetres along the normal of the slice, by which a stack is ordered."""
    if point is None or direction is None:
        return None
    return round(float(np.dot(point, np.cross(direction[:3], direction[3:]))), 4) + 0.0


def _windows(group: Dataset) -> tuple[Window, ...]:
    centers, widths = _list(group.get("WindowCenter")), _list(group.get("WindowWidth"))
    names = [str(name) for name in _texts(group.get("WindowCenterWidthExplanation"))]
    found = []
    for place, (center, width) in enumerate(zip(centers, widths, strict=False)):
        if width >= 1 and np.isfinite([center, width]).all():
            plain = "As stored" if not found else f"As stored {len(found) + 1}"
            found.append(Window(center, width, names[place][:40] if place < len(names) else plain))
    return tuple(found)


def _texts(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str) else list(value)


def _list(value: Any) -> list[float]:
    if value is None:
        return []
    try:
        return [float(one) for one in value]
    except TypeError:
        return [float(value)]


def _numbers(value: Any, count: int) -> list[float] | None:
    found = _list(value)
    return found if len(found) == count and bool(np.isfinite(found).all()) else None


def _number(value: Any, otherwise: float) -> float:
    number = otherwise if value is None else float(value)
    if not np.isfinite(number):
        raise ValueError("not a number")
    return number
