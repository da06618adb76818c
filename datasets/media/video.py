"""Videos: every frame in the order of presentation, with its exact time.

The container is told by its content and opened as such from a Python file, so that no playlist, no reference to
another file and no address is ever followed. The packets are counted first, without decoding: that gives the number of
frames for progress and caps, and finds files that were cut off. Frames are numbered as the decoder presents them; times
are the container's own, so a variable rate needs no guess.
"""

import io
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from datasets.media.frames import Decoded, Frame, Outcome, Plan, Refused
from datasets.media.limits import (
    MAX_VIDEO_BYTES,
    MAX_VIDEO_FRAMES,
    MAX_VIDEO_PIXELS,
    MAX_VIDEO_SIDE,
    VIDEO_JPEG_QUALITY,
)
from datasets.media.signatures import name_of_wrong_kind

CODECS = {
    "h264", "hevc", "av1", "libdav1d", "libaom-av1", "vp8", "vp9", "libvpx", "libvpx-vp9", "mpeg4", "mpeg2video",
    "mpeg1video", "mjpeg", "prores", "dnxhd", "ffv1", "theora", "wmv3", "vc1", "h263", "msmpeg4v3", "huffyuv", "png",
}  # fmt: skip
REPAIR = "Convert it to H.264 in MP4 (for example: ffmpeg -i in -c:v libx264 -pix_fmt yuv420p out.mp4)."
ENCODERS = 2
_AHEAD = 6
# Decoders drop a few frames at a cut without a key frame; more than this share is damage.
MOST_DROPPED = 0.05


def frames_of_video(path: Path, name: str, *, skip: int = 0) -> Decoded:
    """A plan, then each frame from number `skip` on as JPEG, then rate and times. Raises Refused."""
    container_format = _container_of(path, name)
    expected = _count_packets(path, name, container_format)
    yield Plan(expected)
    moments: list[Fraction] = []
    with path.open("rb") as stored, _opened(stored, name, container_format) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        yield from _encoded(_decoded(container, stream, name, moments, rate), skip)
    if not moments:
        raise Refused(f"Not one frame of “{name}” can be decoded. {REPAIR}")
    if len(moments) < expected * (1 - MOST_DROPPED) - 2:
        raise Refused(
            f"Only {len(moments):,} of {expected:,} frames of “{name}” can be decoded: it is damaged. {REPAIR}"
        )
    length = moments[-1] - moments[0]
    if len(moments) > 1 and length <= 0:
        raise Refused(f"All frames of “{name}” have the same time, so it has no duration. {REPAIR}")
    yield Outcome(
        rate=float((len(moments) - 1) / length) if len(moments) > 1 else float(rate),
        times_us=[round((moment - moments[0]) * 1_000_000) for moment in moments],
    )


def _container_of(path: Path, name: str) -> str:
    """The name by which libav knows the container; only these are ever opened. Raises Refused."""
    size_bytes = path.stat().st_size
    if not size_bytes:
        raise Refused("The file is empty. Upload it again.")
    if size_bytes > MAX_VIDEO_BYTES:
        raise Refused(f"“{name}” is larger than {MAX_VIDEO_BYTES // 1024**3} GB. Cut it into shorter clips.")
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head[:4] == b"\x00\x00\x01\xba":
        return "mpeg"
    if head[0:1] == b"\x47" and head[188:189] == b"\x47":
        return "mpegts"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:16] == bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"):
        return "asf"
    wrong = name_of_wrong_kind(head) or "not a video that can be read"
    raise Refused(f"“{name}” is {wrong}. Upload MP4, MOV, MKV, WebM, AVI or MPEG.")


def _opened(stored: BinaryIO, name: str, container_format: str) -> av.container.InputContainer:
    try:
        container = av.open(stored, "r", format=container_format, metadata_errors="ignore")
    except (av.error.FFmpegError, ValueError, OSError):
        raise Refused(
            f"“{name}” is damaged or incomplete: its index cannot be read. Copy or export it again."
        ) from None
    if not container.streams:
        raise Refused(f"“{name}” is damaged or incomplete: its index is missing. Copy or export it again.")
    if not container.streams.video:
        raise Refused(f"“{name}” has no picture, only sound or data; it may be incomplete.")
    return container


def _count_packets(path: Path, name: str, container_format: str) -> int:
    with path.open("rb") as stored, _opened(stored, name, container_format) as container:
        stream = container.streams.video[0]
        _check_stream(stream, name)
        declared = stream.frames
        packets = keys = 0
        try:
            for packet in container.demux(stream):
                if packet.size:
                    packets += 1
                    keys += packet.is_keyframe
                if packets > MAX_VIDEO_FRAMES:
                    raise Refused(_too_many(name, packets))
        except av.error.FFmpegError:
            raise Refused(f"“{name}” is damaged after frame {packets:,}. Copy or export it again.") from None
    if not packets:
        raise Refused(f"“{name}” has no frames: it is empty, damaged or incomplete. Copy or export it again.")
    if declared and packets < declared - max(1, declared // 200):
        raise Refused(
            f"“{name}” is incomplete: it ends after frame {packets:,} of {declared:,}. Copy or export it again."
        )
    if not keys:
        raise Refused(f"“{name}” has no key frame, so no frame of it can be decoded. {REPAIR}")
    return packets


def _check_stream(stream: VideoStream, name: str) -> None:
    codec = stream.codec_context.name if stream.codec_context else "unknown"
    if codec not in CODECS:
        raise Refused(f"“{name}” is coded as “{codec}”, which is not supported. {REPAIR}")
    width, height = stream.width, stream.height
    if not width or not height:
        raise Refused(f"“{name}” does not say how large its frames are. {REPAIR}")
    if width * height > MAX_VIDEO_PIXELS or max(width, height) > MAX_VIDEO_SIDE:
        raise Refused(
            f"The frames of “{name}” have {width:,} × {height:,} pixels; up to {MAX_VIDEO_PIXELS // 1_000_000} "
            f"megapixels and {MAX_VIDEO_SIDE:,} a side can be labelled. Export it smaller."
        )
    if stream.frames > MAX_VIDEO_FRAMES:
        raise Refused(_too_many(name, stream.frames))


def _too_many(name: str, frames: int) -> str:
    more = f"{frames:,}" if frames > MAX_VIDEO_FRAMES + 1 else f"more than {MAX_VIDEO_FRAMES:,}"
    return f"“{name}” has {more} frames; up to {MAX_VIDEO_FRAMES:,} can be labelled as one. Cut it into shorter clips."


def _decoded(
    container: av.container.InputContainer,
    stream: VideoStream,
    name: str,
    moments: list[Fraction],
    rate: Fraction,
) -> Iterator[VideoFrame]:
    """Frames in the order of presentation; their times are added to `moments`."""
    try:
        for frame in container.decode(stream):
            if frame.width * frame.height > MAX_VIDEO_PIXELS:
                raise Refused(f"Frames of “{name}” become larger than the file says. {REPAIR}")
            if len(moments) >= MAX_VIDEO_FRAMES:
                raise Refused(_too_many(name, len(moments) + 1))
            after_last = moments[-1] + 1 / rate if moments else Fraction(0)
            known = frame.pts is not None and frame.time_base is not None
            moment = frame.pts * frame.time_base if known else after_last
            moments.append(max(moment, moments[-1]) if moments else moment)
            yield frame
    except av.error.FFmpegError:
        raise Refused(f"“{name}” is damaged: frame {len(moments):,} cannot be decoded. {REPAIR}") from None


def _encoded(frames: Iterator[VideoFrame], skip: int) -> Iterator[Frame]:
    """Decoding in this thread, encoding in others, handed on in order."""
    waiting: deque[Future[Frame]] = deque()
    size: tuple[int, int] | None = None
    with ThreadPoolExecutor(ENCODERS) as encoders:
        for number, frame in enumerate(frames):
            if size is None:
                turned = abs(frame.rotation) % 180 == 90
                size = (frame.height, frame.width) if turned else (frame.width, frame.height)
            if number < skip:
                continue
            waiting.append(encoders.submit(_encode, frame, size))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _encode(frame: VideoFrame, size: tuple[int, int]) -> Frame:
    picture = frame.to_image()
    turn = {
        90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270
    }.get(frame.rotation % 360)  # fmt: skip
    if turn is not None:
        picture = picture.transpose(turn)
    if picture.size != size:  # a stream may change its size; labels are relative to one
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=VIDEO_JPEG_QUALITY)
    return Frame(written.getvalue(), *size)
