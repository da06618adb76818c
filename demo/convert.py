"""How the label files of the two real-people sets were made, once: `python -m demo.convert <folder of the sources>`.

Cars: LabelMe XML of annotators 1 to 4. Of each picture the largest polygon that is not marked deleted is kept, vertex
by vertex as it was clicked (one of the forty crosses itself; it stays as drawn). Names are cut at the first "_" and
compared without case: car_276 is a car; anything else than car and truck would stop the script.
Gold is annotator 3, the one with the highest mean IoU with the three others: 0.9175 (1: 0.9165, 2: 0.9165, 4: 0.9167),
so the four are nearly interchangeable.

Muscle cells: 1-bit PNG masks, white = cell, one bitmask label a picture. Gold is the data set's own fusion. Persons
1, 3, 4 and 5 with ImageJ: one tool for all, so that persons are compared and not tools. (Person 2's masks in the
source are the gold itself.)

The output is the same on every run; tests/formats/test_demo.py reads what this wrote.
"""

import argparse
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
from defusedxml.ElementTree import fromstring
from PIL import Image

from demo.catalogue import HERE
from formats import ImportItem, write_own
from formats.run_length import runs_from_mask, string_from_runs

CLASSES = {"car": "cp0car01", "truck": "cp0trk02"}
MUSCLE_CELL = "mc0cell1"


def main() -> None:
    """Write gold.json and a file for each person into demo/car-polygons and demo/muscle-cells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the folder that holds car-polygons and muscle-cells")
    source: Path = parser.parse_args().source
    cars, cells = source / "car-polygons", source / "muscle-cells"
    for folder, name in ((3, "gold"), (1, "annotator_1"), (2, "annotator_2"), (4, "annotator_4")):
        _write("car-polygons", name, sorted((cars / f"annotator{folder}").glob("*.xml")), _car_item)
    for folder_name, name in (
        ("gold", "gold"),
        *((f"person{n}-imagej", f"person_{n}") for n in (1, 3, 4, 5)),
    ):
        _write("muscle-cells", name, sorted((cells / folder_name).glob("*.png")), _cell_item)
    for key in ("car-polygons", "muscle-cells", "blood-cells"):
        for image in (source / key / "images").iterdir():
            shutil.copyfile(image, HERE / key / "images" / image.name)


def _write(key: str, name: str, files: Iterable[Path], item: Callable[[Path], ImportItem]) -> None:
    (HERE / key / f"{name}.json").write_bytes(write_own(item(file) for file in files) + b"\n")


def _car_item(file: Path) -> ImportItem:
    root: Element = fromstring(file.read_bytes())
    width, height = (int(root.findtext(f"imagesize/{side}") or "") for side in ("ncols", "nrows"))
    kept = [element for element in root.findall("object") if element.findtext("deleted") != "1"]
    largest = max(kept, key=lambda element: _area(_points(element)))
    name = (largest.findtext("name") or "").split("_")[0].strip().lower()
    ring = [[x / width, y / height] for x, y in _points(largest)]
    geometry = {"type": "polygon", "parts": [[ring]]}
    return _item(f"{file.stem}.jpg", width, height, CLASSES[name], geometry)


def _points(element: Element) -> list[tuple[float, float]]:
    return [
        (float(pt.findtext("x") or ""), float(pt.findtext("y") or "")) for pt in element.findall("polygon/pt")
    ]


def _area(points: list[tuple[float, float]]) -> float:
    return abs(sum(points[i - 1][0] * y - x * points[i - 1][1] for i, (x, y) in enumerate(points))) / 2


def _cell_item(file: Path) -> ImportItem:
    with Image.open(file) as image:
        mask = np.asarray(image.convert("1"), dtype=bool)
    height, width = mask.shape
    counts = string_from_runs(runs_from_mask(mask))
    return _item(
        file.name, width, height, MUSCLE_CELL, {"type": "bitmask", "size": [height, width], "counts": counts}
    )


def _item(file: str, width: int, height: int, node: str, geometry: dict[str, Any]) -> ImportItem:
    label = {"frame": 0, "geometry": geometry, "keyframe": True, "answers": {}}
    instance = {"id": "1", "node": node, "answers": {}, "labels": [label]}
    return ImportItem(file, {"objects": [instance], "classifications": []}, width, height)


if __name__ == "__main__":
    main()
