"""The frame store: consecutive frames lie packed in one stored object, found by a row and an offset.

A 1,500-frame video is about 40 objects and 40 rows instead of 1,500 of each; a frame is one ranged read
(docs/adr/0008). Packs are written once by ingest and never changed.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from datasets.models import File, FramePack, Layer
from datasets.storage import read_range, store_frames

PACK_FRAMES = 64
PACK_BYTES = 8 * 1024 * 1024
# The first frames come in small packs, so that there is something to look at early.
FIRST_PACKS = (4, 12, 32)


@dataclass
class Pack:
    """Frames of one layer while they are gathered, in order."""

    first_frame: int
    frames: list[bytes] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The frame after the last one."""
        return self.first_frame + len(self.frames)

    @property
    def is_full(self) -> bool:
        """Whether it is time to store it."""
        so_many = PACK_FRAMES
        for early in FIRST_PACKS:
            if self.first_frame < early:
                so_many = early - self.first_frame
                break
        return len(self.frames) >= so_many or sum(map(len, self.frames)) >= PACK_BYTES


def store_pack(file: File, layer: Layer, first_frame: int, frames: Sequence[bytes]) -> FramePack:
    """Write the bytes and return the row, not saved yet; who does not save it removes the object by its key."""
    ends, total = [], 0
    for frame in frames:
        total += len(frame)
        ends.append(total)
    name = f"{layer}-{first_frame:06d}-{uuid4().hex[:12]}"
    return FramePack(
        file=file,
        layer=layer,
        first_frame=first_frame,
        frame_count=len(frames),
        key=store_frames(file.organisation.uuid, file.uuid, name, b"".join(frames)),
        ends=struct.pack(f"<{len(ends)}I", *ends),
    )


def frame_bytes(file: File, frame: int, layer: Layer = Layer.DISPLAY) -> bytes | None:
    """One frame of a file of several as it was stored; None when it is not made (yet). Raises FileNotFoundError."""
    pack = (
        FramePack.objects.filter(file=file, layer=layer, first_frame__lte=frame)
        .order_by("-first_frame")
        .first()
    )
    if pack is None or frame >= pack.first_frame + pack.frame_count:
        return None
    start, length = pack.span_of(frame)
    return read_range(pack.key, start, length)
