"""What decoders hand over, and how they refuse."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """The upload cannot be labelled; the message tells the person why and what to do."""


@dataclass(frozen=True)
class Plan:
    """What is known before the first frame: how many frames there seem to be, and their first size."""

    frames: int


@dataclass(frozen=True)
class SeveralSeries:
    """DICOM uploads that belong to different series: positions of the uploads, one list a series."""

    groups: list[list[int]]


@dataclass(frozen=True)
class Frame:
    """One frame, encoded: what a browser shows, and for DICOM its int16 values, compressed by gzip."""

    display: bytes
    width: int
    height: int
    pixels: bytes = b""
    low: int = 0
    high: int = 0


@dataclass(frozen=True)
class Outcome:
    """What is known after the last frame; `times_us` are microseconds from the first one."""

    rate: float | None = None
    times_us: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    pixels: dict[str, Any] | None = None


Decoded = Iterator[Plan | SeveralSeries | Frame | Outcome]
