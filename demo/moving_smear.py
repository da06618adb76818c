"""How the clips of the moving smear and their gold were made, once: `python -m demo.moving_smear`.

A window of 320 x 240 pixels moves over a micrograph of demo/blood-cells as a microscope's stage would, 25 frames a
second, and is shown at twice its size: the picture is enlarged once (bicubic) and the window cut out of it, so every
frame is a crop at whole pixels. The path is given by turning points; between two of them the window moves by the same
whole number of pixels on every frame. Coded as H.264, constant quality 23.

Gold follows from the boxes of demo/blood-cells/gold and the path, nothing of it was drawn for the clips:

- a cell is one instance, of the class that its gold says, even when it leaves the window and comes back;
- it has a label on every frame on which at least a quarter of its box lies in the window; the label is the part of the
  box in the window;
- "Cut by the edge" (changes over time) is yes on frames on which a part of its box lies outside the window; the window
  stays 2 pixels away from the border of the picture, so cells that the picture cuts are always cut here;
- "Seen whole" (holds for the clip) is yes when on at least one frame the edge does not cut it;
- key frames are the first and the last of each stretch, those where a side of the box changes its speed and those where
  the answer changes; the frames between are the straight line, to the digit as the editor draws it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from defusedxml.ElementTree import fromstring
from PIL import Image

from demo.catalogue import HERE
from formats import ImportItem, write_own
from formats.records import Document

FOLDER, CELLS = HERE / "smear-video", HERE / "blood-cells"
WINDOW, ZOOM, RATE = (320, 240), 2, 25
LEAST_SEEN = Fraction(1, 4)

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class Pan:
    """A way over a picture: (frame, left, top) of the window at its turning points; the last frame is the last one."""

    picture: str
    turns: tuple[tuple[int, int, int], ...]

    @property
    def windows(self) -> list[Box]:
        """The window on every frame. Raises ValueError when it would stand between two pixels."""
        found = [self._window(*self.turns[0][1:])]
        for (start, *here), (end, *there) in zip(self.turns, self.turns[1:], strict=False):
            if any((b - a) % (end - start) for a, b in zip(here, there, strict=True)):
                raise ValueError(f"from frame {start} to {end} the window does not move by whole pixels")
            found += [
                self._window(*(a + (b - a) * n // (end - start) for a, b in zip(here, there, strict=True)))
                for n in range(1, end - start + 1)
            ]
        return found

    @staticmethod
    def _window(left: int, top: int) -> Box:
        return left, top, left + WINDOW[0], top + WINDOW[1]


PANS = {
    "smear_a.mp4": Pan(
        "BloodImage_00069",
        ((0, 290, 20), (8, 290, 20), (28, 290, 100), (48, 190, 180), (54, 190, 180), (74, 90, 160)),
    ),
    "smear_b.mp4": Pan(
        "BloodImage_00068",
        ((0, 10, 60), (6, 10, 60), (31, 135, 60), (56, 285, 185), (60, 285, 185), (74, 187, 143)),
    ),
}


@dataclass(frozen=True)
class CellClass:
    """A class of the ontology, with the attributes and answers that are its own."""

    node: str
    cut: str
    cut_answers: tuple[str, str]
    whole: str
    whole_answers: tuple[str, str]

    @classmethod
    def of(cls, node: str, letter: str) -> "CellClass":
        """Hashes of one class; answers are (no, yes)."""
        return cls(
            node,
            f"sm0cut{letter}1",
            (f"sm0cun{letter}1", f"sm0cuy{letter}1"),
            f"sm0who{letter}1",
            (f"sm0whn{letter}1", f"sm0why{letter}1"),
        )


CLASSES = {
    "RBC": CellClass.of("sm0rbc01", "r"),
    "WBC": CellClass.of("sm0wbc01", "w"),
    "Platelets": CellClass.of("sm0plt01", "p"),
}


def cells_of(content: bytes) -> list[tuple[str, Box]]:
    """Names and boxes of a Pascal VOC file, in its order."""
    found = []
    for entry in fromstring(content).iter("object"):
        left, top, right, bottom = (
            int(str(entry.findtext(f"bndbox/{side}"))) for side in ("xmin", "ymin", "xmax", "ymax")
        )
        found.append((str(entry.findtext("name")), (left, top, right, bottom)))
    return found


def smear_document(cells: Sequence[tuple[str, Box]], windows: Sequence[Box]) -> Document:
    """The gold of a clip, by the rules above."""
    objects = []
    for number, (name, box) in enumerate(cells, start=1):
        seen = {
            frame: part
            for frame, window in enumerate(windows)
            if _area(part := _common(box, window)) >= LEAST_SEEN * _area(box)
        }
        if not seen:
            continue
        kind = CLASSES[name]
        cut = {frame: _area(part) < _area(box) for frame, part in seen.items()}
        placed = {frame: _shifted(part, windows[frame]) for frame, part in seen.items()}
        objects.append(
            {
                "id": f"cell-{number}",
                "node": kind.node,
                "answers": {kind.whole: kind.whole_answers[not all(cut.values())]},
                "labels": _labels(placed, {frame: kind.cut_answers[cut[frame]] for frame in cut}, kind.cut),
            }
        )
    return {"objects": objects, "classifications": []}


def _labels(boxes: Mapping[int, Box], answers: Mapping[int, str], attribute: str) -> list[dict[str, Any]]:
    keys = [frame for frame in boxes if _is_key(frame, boxes, answers)]
    drawn = {frame: _geometry(boxes[frame]) for frame in keys}
    return [
        {
            "frame": frame,
            "geometry": drawn[frame] if frame in drawn else _between(frame, drawn),
            "keyframe": frame in drawn,
            "answers": {attribute: answers[frame]},
        }
        for frame in boxes
    ]


def _is_key(frame: int, boxes: Mapping[int, Box], answers: Mapping[int, str]) -> bool:
    before, here, after = boxes.get(frame - 1), boxes[frame], boxes.get(frame + 1)
    if before is None or after is None or answers[frame] != answers[frame - 1]:
        return True
    return any(c - b != b - a for a, b, c in zip(before, here, after, strict=True))


def _between(frame: int, drawn: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    start, end = max(key for key in drawn if key < frame), min(key for key in drawn if key > frame)
    share, one, other = (frame - start) / (end - start), drawn[start], drawn[end]
    sides = {side: round(one[side] + (other[side] - one[side]) * share, 7) for side in "xywh"}
    return {"type": "bounding_box", **sides}


def _geometry(box: Box) -> dict[str, Any]:
    (left, top, right, bottom), (width, height) = box, WINDOW
    return {
        "type": "bounding_box",
        "x": round(left / width, 7),
        "y": round(top / height, 7),
        "w": round((right - left) / width, 7),
        "h": round((bottom - top) / height, 7),
    }


def _common(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _area(box: Box) -> int:
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def _shifted(box: Box, window: Box) -> Box:
    return box[0] - window[0], box[1] - window[1], box[2] - window[0], box[3] - window[1]


def enlarged(picture: Path) -> Image.Image:
    """A micrograph at twice its size."""
    with Image.open(picture) as opened:
        size = opened.width * ZOOM, opened.height * ZOOM
        return opened.convert("RGB").resize(size, Image.Resampling.BICUBIC)


def view(large: Image.Image, window: Box) -> Image.Image:
    """What a frame shows."""
    left, top, right, bottom = window
    return large.crop((left * ZOOM, top * ZOOM, right * ZOOM, bottom * ZOOM))


def main() -> None:
    """Write both clips and gold.json into demo/smear-video."""
    items = []
    for name, pan in PANS.items():
        _film(FOLDER / name, enlarged(CELLS / "images" / f"{pan.picture}.jpg"), pan.windows)
        cells = cells_of((CELLS / "gold" / f"{pan.picture}.xml").read_bytes())
        size = (WINDOW[0] * ZOOM, WINDOW[1] * ZOOM)
        items.append(ImportItem(name, smear_document(cells, pan.windows), *size))
    (FOLDER / "gold.json").write_bytes(write_own(items) + b"\n")


def _film(target: Path, large: Image.Image, windows: Sequence[Box]) -> None:
    options = {"crf": "23", "preset": "slow", "threads": "1"}
    with av.open(str(target), "w") as output:
        stream = output.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WINDOW[0] * ZOOM, WINDOW[1] * ZOOM, "yuv420p"
        for number, window in enumerate(windows):
            frame = av.VideoFrame.from_ndarray(np.asarray(view(large, window)), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())


if __name__ == "__main__":
    main()
