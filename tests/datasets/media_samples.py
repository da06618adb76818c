"""Small videos and DICOM files made for a test, so that what is right is known."""

import io
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, generate_uid

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "demo" / "smear-video" / "smear_a.mp4"
CT = sorted((ROOT / "demo" / "ct-abdomen").glob("*.dcm"))
SAMPLES = ROOT / "tests" / "samples"


def video_bytes(
    frames: int = 12,
    *,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    container: str = "mp4",
    times_ms: list[int] | None = None,
    rate: int = 25,
) -> bytes:
    """A clip whose frame n is grey of the value 10 + 12 * n (up to 20 frames); `times_ms` makes its rate vary."""
    written = io.BytesIO()
    with av.open(written, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = {"mjpeg": "yuvj420p"}.get(codec, "yuv420p")
        clock = Fraction(1, 1000) if times_ms else Fraction(1, rate)
        stream.time_base = stream.codec_context.time_base = clock
        for number in range(frames):
            values = np.full((size[1], size[0], 3), min(10 + 12 * number, 250), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(values, format="rgb24").reformat(format=stream.pix_fmt)
            frame.pts = times_ms[number] if times_ms else number
            frame.time_base = clock
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return written.getvalue()


def turned(clip: bytes) -> bytes:
    """The MP4 with a display matrix that turns it clockwise by 90 degrees, as phones write it."""
    at = clip.index(b"tkhd") + 4
    version = clip[at]
    matrix = at + (40 if version == 0 else 52)
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    return clip[:matrix] + quarter + clip[matrix + 36 :]


def sample_of_pydicom(name: str) -> bytes:
    """One of the files that pydicom ships for tests."""
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(str(path)).read_bytes()


def dicom_bytes(
    values: np.ndarray | None = None, *, syntax: UID = ExplicitVRLittleEndian, series: str = "1.2.3", **tags
) -> bytes:
    """A CT slice of 16-bit values with a patient's name; keyword arguments set (or with None remove) tags."""
    values = np.arange(48 * 64, dtype=np.int16).reshape(48, 64) if values is None else values
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = syntax
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    known = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "SeriesInstanceUID": series,
        "PatientName": "Secret^Patient",
        "PatientID": "SECRET-ID",
        "Modality": "CT",
        "Rows": values.shape[0],
        "Columns": values.shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 1 if values.dtype.kind == "i" else 0,
        "InstanceNumber": 1,
    }
    pixels = tags.pop("pixels", values.tobytes())
    for name, value in (known | tags).items():
        if value is not None:
            setattr(ds, name, value)
    if pixels is not None:
        ds.PixelData = pixels
        ds["PixelData"].VR = "OW"
    written = io.BytesIO()
    ds.save_as(written, enforce_file_format=True)
    return written.getvalue()
