"""Decoding in a process of its own, under limits: a file can end that process, never the worker."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from datasets.media.child import OUT_OF_MEMORY_STATUS, TOO_MUCH_MEMORY
from datasets.media.frames import Frame, Outcome, Plan, Refused, SeveralSeries

# A decoder that says nothing for so long is not decoding.
SILENCE_S = 60.0
CRASHED = (
    "The file makes its decoder fail, so it is damaged or of a kind that is not supported. Export it again."
)
STUCK = "The file keeps its decoder busy without end, so it is damaged. Export it again."

Decoded = Plan | SeveralSeries | Frame | Outcome


def decode(
    kind: str,
    sources: Sequence[tuple[Path, str]],
    *,
    skip: int = 0,
    memory_mb: int | None = None,
    silence_s: float = SILENCE_S,
) -> Iterator[Decoded]:
    """What the decoders of `datasets.media` hand over for local files with their uploaded names. Raises Refused.

    `skip` frames are known already and not made again. The process is gone when the iterator is closed.
    """
    request = {
        "kind": kind,
        "sources": [[str(path), name] for path, name in sources],
        "skip": skip,
        "memory_mb": memory_mb or settings.INGEST_MEMORY_MB,
    }
    with _child() as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.close()
        incoming = _Incoming(child.stdout.fileno(), silence_s)
        while (line := incoming.line()) is not None:
            message = json.loads(line)
            if "refused" in message:
                raise Refused(message["refused"])
            yield _read(message, incoming)
            if "outcome" in message or "series" in message:
                return
        child.wait(timeout=10)
        raise Refused(TOO_MUCH_MEMORY if child.returncode == OUT_OF_MEMORY_STATUS else CRASHED)


def _read(message: dict, incoming: "_Incoming") -> Decoded:
    if "frame" in message:
        width, height, low, high = message["frame"]
        display, pixels = (incoming.exactly(size) for size in message["sizes"])
        return Frame(display, width, height, pixels, low, high)
    if "plan" in message:
        return Plan(message["plan"])
    if "series" in message:
        return SeveralSeries(message["series"])
    return Outcome(**message["outcome"])


@contextmanager
def _child() -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "LANG", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
    } | {"PYTHONPATH": str(settings.BASE_DIR), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(
        [sys.executable, "-m", "datasets.media.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        env=environment,
        close_fds=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()


class _Incoming:
    """Lines and counted bytes from a pipe, with a limit on silence."""

    def __init__(self, descriptor: int, silence_s: float) -> None:
        self.descriptor, self.silence_s = descriptor, silence_s
        self.buffer = bytearray()

    def line(self) -> bytes | None:
        """The next line without its end; None when the other side has ended."""
        while (end := self.buffer.find(b"\n")) < 0:
            if not self._more():
                return None
        return self._take(end + 1)[:-1]

    def exactly(self, count: int) -> bytes:
        """So many bytes. Raises Refused when the other side ends before."""
        while len(self.buffer) < count:
            if not self._more():
                raise Refused(CRASHED)
        return self._take(count)

    def _take(self, count: int) -> bytes:
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def _more(self) -> bool:
        until = time.monotonic() + self.silence_s
        while not select.select([self.descriptor], [], [], max(0.0, min(1.0, until - time.monotonic())))[0]:
            if time.monotonic() >= until:
                raise Refused(STUCK)
        arrived = os.read(self.descriptor, 1 << 20)
        self.buffer += arrived
        return bool(arrived)
