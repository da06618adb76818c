"""The process in which uploads are decoded: a request as JSON on standard input, frames on standard output.

Every message is a line of JSON, then as many bytes as it says. It sets its own memory limit first, so that a bomb ends
in a MemoryError here; libraries that abort instead end this process only.
"""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets.media.frames import Decoded, Frame, Outcome, Plan, Refused, SeveralSeries

OUT_OF_MEMORY_STATUS = 3
"""How the process ends when not even the refusal could be said; any other failure ends it with 1 or by a signal."""
TOO_MUCH_MEMORY = "The file needs more memory to be decoded than a file may. It is damaged, or too large."


def main() -> None:
    """Decode what standard input asks for."""
    request = json.loads(sys.stdin.readline())
    output = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    os.dup2(2, 1)  # what libraries print must not come between the frames
    limit_data(int(request["memory_mb"]))
    with output, contextlib.suppress(BrokenPipeError):
        for header, content in _messages(request):
            output.write(json.dumps(header).encode() + b"\n" + content)
            output.flush()


def limit_data(megabytes: int) -> None:
    """Cap what this process may allocate (RLIMIT_DATA: reserved address space is not counted)."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes * 1024 * 1024
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, wanted))


def _messages(request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes]]:
    try:
        for one in _decode(request):
            match one:
                case Plan():
                    yield {"plan": one.frames}, b""
                case SeveralSeries():
                    yield {"series": one.groups}, b""
                case Frame():
                    facts = [one.width, one.height, one.low, one.high]
                    sizes = [len(one.display), len(one.pixels)]
                    yield {"frame": facts, "sizes": sizes}, one.display + one.pixels
                case Outcome():
                    yield {"outcome": vars(one)}, b""
    except Refused as problem:
        yield {"refused": str(problem)}, b""
    except MemoryError:
        yield {"refused": TOO_MUCH_MEMORY}, b""


def _decode(request: dict[str, Any]) -> Decoded:
    sources = [(Path(path), str(name)) for path, name in request["sources"]]
    skip = int(request["skip"])
    # Each kind loads only its own libraries: starting is a good part of the time a small file takes.
    match request["kind"]:
        case "video":
            from datasets.media.video import frames_of_video

            return frames_of_video(*sources[0], skip=skip)
        case "dicom":
            from datasets.media.dicom import frames_of_dicom

            return frames_of_dicom(sources, skip=skip)
        case kind:
            from datasets.media.pictures import frames_of_pictures

            return frames_of_pictures(sources, one_size=kind == "image_sequence", skip=skip)


if __name__ == "__main__":
    try:
        main()
    except MemoryError:
        sys.exit(OUT_OF_MEMORY_STATUS)
