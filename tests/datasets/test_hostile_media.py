"""Files made to hurt: each is refused by name, within 5 seconds and 512 MB, by a process that nothing else shares."""

import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from datasets.decoding import STUCK, decode
from datasets.media.child import TOO_MUCH_MEMORY
from datasets.media.frames import Refused
from tests.datasets.media_samples import CLIP, CT, dicom_bytes, video_bytes
from tests.factories import picture_bytes

SECONDS, MEGABYTES = 5.0, 512
HARNESS = """
import json, resource, sys, time
from django.conf import settings
from datasets.decoding import decode
from datasets.media.frames import Refused
from pathlib import Path
for line in sys.stdin:
    kind, path = json.loads(line)
    began, said, frames = time.monotonic(), "", 0
    try:
        frames = sum(1 for one in decode(kind, [(Path(path), Path(path).name)], memory_mb=512))
    except Refused as problem:
        said = str(problem)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(json.dumps([Path(path).name, said, time.monotonic() - began, peak, frames]), flush=True)
"""


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


def zip_of_zeros(megabytes: int) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.dcm", "w") as entry:
        for _ in range(megabytes):
            entry.write(bytes(1 << 20))
    return written.getvalue()


def png_bomb(side: int) -> bytes:
    """A PNG of side x side white pixels in 1 bit: some 20 kB, hundreds of megabytes when decoded."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress((b"\0" + b"\xff" * ((side + 7) // 8)) * side, 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def patched(clip: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """The MP4 with some bytes of a box replaced, counted from behind its name."""
    at = clip.index(box) + 4 + offset
    return clip[:at] + value + clip[at + len(value) :]


def deflated_bomb() -> bytes:
    """A deflated DICOM file of half a megabyte that unpacks to 600."""
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    plain = dicom_bytes(np.zeros((16, 16), dtype=np.int16), syntax=DeflatedExplicitVRLittleEndian)
    length = struct.unpack("<I", plain[140:144])[0]
    head = plain[: 144 + length]
    body = zlib.decompressobj(-15).decompress(plain[len(head) :])
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(body[:-524]) if len(body) > 524 else b""
    packed += packer.compress(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, 1 << 30))
    for _ in range(600):
        packed += packer.compress(bytes(1 << 20))
    return head + packed + packer.flush()


def nested_dicom(depth: int) -> bytes:
    """Sequences inside sequences, of undefined length, before the pixels."""
    plain = dicom_bytes()
    at = plain.index(struct.pack("<HH", 0x0028, 0x0002))
    item = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    ends = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return plain[:at] + item * depth + ends * depth + plain[at:]


def long_element() -> bytes:
    """A text of 4 GB, as the tag before it says."""
    plain = dicom_bytes()
    at = plain.index(struct.pack("<HH2s", 0x0010, 0x0010, b"PN"))
    return plain[:at] + struct.pack("<HH2sHI", 0x0008, 0x4000, b"UT", 0, 0xFFFFFFF0) + plain[at:]


@cache
def hostile_files() -> dict[str, tuple[str, bytes, str]]:
    """name -> (kind, content, a word of the refusal)."""
    clip, cut = video_bytes(20), CLIP.read_bytes()
    ct = CT[0].read_bytes()
    jpeg = picture_bytes(640, 480)
    encrypted = bytearray(zipped({"a.jpg": jpeg}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(signature) + flags] |= 1
    many = zipped({f"{n}.jpg": b"" for n in range(5_000)}, zipfile.ZIP_STORED)
    return {
        "bomb.zip": ("image_group", zip_of_zeros(400), "unpacks to far more"),
        "bomb_dicom.zip": ("dicom", zip_of_zeros(400), "unpacks to far more"),
        "zip_in_zip.zip": ("image_sequence", zipped({"a.zip": zipped({"a.jpg": jpeg})}), "an archive"),
        "many.zip": ("image_group", many, "5,000 files"),
        "encrypted.zip": ("image_group", bytes(encrypted), "encrypted"),
        "cut.zip": ("image_group", zipped({"a.jpg": jpeg})[:-30], "damaged"),
        "wrong_inside.zip": (
            "image_group",
            zipped({"a.jpg": jpeg, "b.jpg": b"<svg></svg>"}),
            "an SVG drawing",
        ),
        "169_megapixels.png": ("image_group", png_bomb(13_000), "megapixels"),
        "cut.jpg": ("image_sequence", jpeg[: len(jpeg) // 2], "damaged"),
        "cut.mp4": ("video", cut[: len(cut) // 2], "incomplete"),
        "only_a_head.mp4": ("video", cut[:64], "incomplete"),
        "two_billion_frames.mp4": ("video", patched(clip, b"stsz", 8, b"\x7f\xff\xff\xff"), ""),
        "two_billion_times.mp4": ("video", patched(clip, b"stts", 8, b"\x7f\xff\xff\xff"), ""),
        "zeros.mp4": ("video", b"\0\0\0\x20ftypisom" + bytes(2_000_000), ""),
        "zeros.mkv": ("video", b"\x1a\x45\xdf\xa3" + bytes(2_000_000), ""),
        "playlist.mp4": ("video", b"#EXTM3U\n/etc/passwd\n", "a playlist"),
        "page.dcm": ("dicom", b"<html></html>", "a web page"),
        "cut.dcm": ("dicom", ct[: len(ct) // 2], ""),
        "huge.dcm": ("dicom", dicom_bytes(Rows=60_000, Columns=60_000), "megapixels"),
        "zero.dcm": ("dicom", dicom_bytes(Rows=0), "no picture"),
        "many_frames.dcm": ("dicom", dicom_bytes(NumberOfFrames=2_000_000_000), "frames"),
        "deflated.dcm": ("dicom", deflated_bomb(), ""),
        "deep.dcm": ("dicom", nested_dicom(20_000), ""),
        "long_element.dcm": ("dicom", long_element(), ""),
    }


def in_harness(requests: list[tuple[str, Path]]) -> list[tuple[str, str, float, int, int]]:
    """Each file decoded under 512 MB, in a process whose children are the decoders alone."""
    done = subprocess.run(
        [sys.executable, "-c", HARNESS],
        input="\n".join(json.dumps([kind, str(path)]) for kind, path in requests),
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    requests = []
    for name, (kind, content, _) in hostile_files().items():
        (folder / name).write_bytes(content)
        requests.append((kind, folder / name))
    return in_harness(requests)


def test_every_hostile_file_is_refused_with_a_sentence(verdicts):
    files = hostile_files()
    assert len(verdicts) == len(files)
    for name, said, _, _, _ in verdicts:
        assert said.endswith("."), f"{name} was not refused"
        assert files[name][2] in said, name


@pytest.mark.alone  # a clock: nothing else may run
def test_within_5_seconds_each(verdicts):
    slow = {name: round(seconds, 1) for name, _, seconds, _, _ in verdicts if seconds > SECONDS}
    assert not slow


def test_within_512_megabytes_each(verdicts):
    assert max(peak for _, _, _, peak, _ in verdicts) < MEGABYTES


@pytest.mark.alone
def test_damaged_at_random_places_a_file_is_read_or_refused(tmp_path):
    chance, requests = random.Random(4), []
    for number in range(24):
        kind, content = ("dicom", CT[0].read_bytes()) if number % 2 else ("video", video_bytes(12))
        broken = bytearray(content)
        for _ in range(chance.choice([1, 4, 40])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path = tmp_path / f"{number}.{kind}"
        path.write_bytes(bytes(broken))
        requests.append((kind, path))
    for name, said, seconds, peak, frames in in_harness(requests):
        assert said.endswith(".") or frames > 0, name
        assert (seconds < SECONDS, peak < MEGABYTES) == (True, True), name


def test_names_in_an_archive_lead_nowhere(tmp_path):
    path = tmp_path / "paths.zip"
    path.write_bytes(zipped({"../../etc/a.jpg": picture_bytes(), "/b.jpg": picture_bytes()}))
    found = list(decode("image_group", [(path, "paths.zip")]))
    assert found[-1].names == ["a.jpg", "b.jpg"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_decoder_without_memory_ends_alone():
    with pytest.raises(Refused, match=TOO_MUCH_MEMORY):
        list(decode("video", [(CLIP, "clip.mp4")], memory_mb=24))


def test_a_decoder_that_says_nothing_is_ended():
    with pytest.raises(Refused, match=STUCK[:40]):
        list(decode("video", [(CLIP, "clip.mp4")], silence_s=0.0))


def test_the_picture_bomb_is_small_and_real():
    bomb = png_bomb(13_000)
    Image.MAX_IMAGE_PIXELS, before = None, Image.MAX_IMAGE_PIXELS
    try:
        assert Image.open(io.BytesIO(bomb)).size == (13_000, 13_000)
    finally:
        Image.MAX_IMAGE_PIXELS = before
    assert len(bomb) < 60_000
