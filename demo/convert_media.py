"""How samples with several frames become label documents, and how the demo's were made of them, once.

`python -m demo.convert_media <folder of the sources>` writes demo/parking and demo/ct-abdomen. The
functions are pure readers of one source format each, so the tests read the other samples with them, too.

Parking: rectangles as in the source (centre, size, degrees clockwise), not the contours; `occupied` is the answer that
changes over time; a space keeps its number as its identifier.

CT: the masks of the NRRD files, one label of each organ and slice; slices lie in the order of their z, as in the
volume. The DICOM files are compressed anew as JPEG 2000 without loss.

The clips of demo/smear-video are made by demo/moving_smear.py.
"""

import argparse
import gzip
import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from defusedxml.ElementTree import fromstring
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import JPEG2000Lossless

from demo.catalogue import HERE
from formats import ImportItem, write_own
from formats.records import Document
from formats.run_length import runs_from_mask, string_from_runs

SPACE, OCCUPIED = "pk0spac1", "pk0occ01"
OCCUPANCY = {"0": "pk0free1", "1": "pk0take1"}
ORGANS = {"liver": "ct0live1", "heart": "ct0hear1", "spine": "ct0spin1"}


def parking_document(files: Sequence[bytes], *, size: tuple[int, int]) -> Document:
    """Rotated boxes of numbered spaces, one XML file a frame; the answer about each space changes over time."""
    width, height = size
    spaces: dict[str, list[dict[str, Any]]] = {}
    for frame, content in enumerate(files):
        for space in fromstring(content).iter("space"):
            rect = space.find("rotatedRect")
            (cx, cy), (w, h) = _pair(rect, "center", "xy"), _pair(rect, "size", "wh")
            geometry = {
                "type": "rotatable_bounding_box",
                "x": round((cx - w / 2) / width, 6),
                "y": round((cy - h / 2) / height, 6),
                "w": round(w / width, 6),
                "h": round(h / height, 6),
                "theta": float(rect.find("angle").get("d")) % 360,
            }
            if space.get("occupied") is None:  # a space that the source did not judge
                continue
            answers = {OCCUPIED: OCCUPANCY[space.get("occupied")]}
            spaces.setdefault(space.get("id"), []).append(_label(frame, geometry, answers))
    return _document(
        {"id": f"space-{number}", "node": SPACE, "answers": {}, "labels": labels}
        for number, labels in sorted(spaces.items(), key=lambda item: int(item[0]))
    )


def mask_document(volumes: Mapping[str, NDArray[np.bool_]]) -> Document:
    """One instance a class, from masks of shape (slice, row, column); slices without a pixel have no label."""
    objects = []
    for number, (node, volume) in enumerate(sorted(volumes.items()), start=1):
        labels = [_label(frame, mask_geometry(mask)) for frame, mask in enumerate(volume) if mask.any()]
        objects.append({"id": str(number), "node": node, "answers": {}, "labels": labels})
    return _document(objects)


def mask_geometry(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """A bitmask of one frame."""
    counts = string_from_runs(runs_from_mask(np.ascontiguousarray(mask)))
    return {"type": "bitmask", "size": list(mask.shape), "counts": counts}


def nrrd_volume(content: bytes) -> NDArray[np.bool_]:
    """The labelled pixels of an attached, gzip-coded NRRD volume of shorts, as (slice, row, column)."""
    head, _, body = content.partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
    if fields["type"] != "short" or fields["encoding"] != "gzip":
        raise ValueError("only gzip-coded volumes of shorts")
    columns, rows, slices = map(int, fields["sizes"].split())
    values = np.frombuffer(gzip.decompress(body), dtype="<i2").reshape(slices, rows, columns)
    return values != 0


def seg_volume(content: bytes) -> NDArray[np.bool_]:
    """The first segment of a DICOM segmentation, in the order of its slices' z."""
    seg = pydicom.dcmread(io.BytesIO(content))
    groups = seg.PerFrameFunctionalGroupsSequence
    heights = [float(group.PlanePositionSequence[0].ImagePositionPatient[2]) for group in groups]
    return np.asarray(seg.pixel_array[np.argsort(heights)] != 0)


def instance_mask_document(values: NDArray[np.uint16], *, node: str) -> Document:
    """One bitmask for each value above 0 of a picture in which the value names the instance."""
    numbers = [int(value) for value in np.unique(values) if value]
    return _document(
        {
            "id": str(number),
            "node": node,
            "answers": {},
            "labels": [_label(0, mask_geometry(values == number))],
        }
        for number in numbers
    )


def polyline_document(source: Mapping[str, Any], *, node: str, answers: Mapping[str, str]) -> Document:
    """Lines in pixels, with some of their properties as texts: property name -> attribute."""
    width, height = source["width"], source["height"]
    return _document(
        {
            "id": str(line["id"]),
            "node": node,
            "answers": {attribute: str(line[name]) for name, attribute in answers.items()},
            "labels": [
                _label(
                    0,
                    {
                        "type": "polyline",
                        "points": [[round(x / width, 6), round(y / height, 6)] for x, y in line["points"]],
                    },
                )
            ],
        }
        for line in source["polylines"]
    )


def _pair(rect: Any, name: str, keys: str) -> tuple[float, ...]:
    return tuple(float(rect.find(name).get(key)) for key in keys)


def _label(frame: int, geometry: dict[str, Any], answers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"frame": frame, "geometry": geometry, "keyframe": True, "answers": dict(answers or {})}


def _document(objects: Iterable[dict[str, Any]]) -> Document:
    return {"objects": list(objects), "classifications": []}


# ---------------------------------------------------------------- writing the demo
def main() -> None:
    """Write pictures and gold of both sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the folder that holds parking and dicom")
    source: Path = parser.parse_args().source
    _write_parking(source / "parking")
    _write_ct(source / "dicom")


def _write_parking(source: Path) -> None:
    items = []
    for name in ("sequence0", "sequence1"):
        pictures = sorted((source / name / "frames").iterdir())
        (HERE / "parking" / name).mkdir(parents=True, exist_ok=True)
        for picture in pictures:
            shutil.copyfile(picture, HERE / "parking" / name / picture.name)
        with Image.open(pictures[0]) as first:
            size = first.size
        labels = [(source / name / "labels" / f"{picture.stem}.xml").read_bytes() for picture in pictures]
        items.append(ImportItem(f"parking_{name[-1]}", parking_document(labels, size=size), *size))
    _write("parking", items)


def _write_ct(source: Path) -> None:
    for path in sorted((source / "ct-abdomen-3-slices").iterdir()):
        ds = pydicom.dcmread(path)
        ds.compress(JPEG2000Lossless)
        ds.save_as(HERE / "ct-abdomen" / path.name)
    gold = source / "ct-abdomen-gold"
    volumes = {node: nrrd_volume((gold / f"{organ}_seg.nrrd").read_bytes()) for organ, node in ORGANS.items()}
    _write("ct-abdomen", [ImportItem("ct_abdomen", mask_document(volumes), 512, 512)])


def _write(key: str, items: Iterable[ImportItem]) -> None:
    (HERE / key / "gold.json").write_bytes(write_own(items) + b"\n")


if __name__ == "__main__":
    main()
