"""Real labels of real people as label documents. Data that may be shipped is in tests/data and demo."""

import itertools
import json
import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image

from scoring import Function, Outcome, compare
from tests.scoring.builders import attribute, bitmask, document, object_class, ontology, thing

HERE = Path(__file__).parents[1] / "data"
DEMO = Path(__file__).parents[2] / "demo"
SHARED = Path(__file__).parents[3] / "shared" / "data"

PAIRED = (Outcome.MATCHED, Outcome.WRONG_CATEGORY)
PLAIN = {"near_miss": 0, "small_side": 0}


def folder(name: str) -> Path:
    """Where a data set or one file of it lies; skips the test where only the missing shared folder would have it."""
    for found in (HERE / name, DEMO / name, SHARED / name):
        if found.exists():
            return found
    pytest.skip(f"{name} may not be shipped and is not in the shared folder beside the repository")


def matched(facts):
    return [fact for fact in facts if fact.outcome in PAIRED]


# --- blood cells

CELLS = ontology(*(object_class(name) for name in ("RBC", "WBC", "Platelets")))


def voc(path: Path, only: str | None = None):
    """A Pascal VOC file as a document; corners are continuous, identifiers are positions."""
    root = ElementTree.parse(path).getroot()
    width, height = (int(root.findtext(f"size/{side}")) for side in ("width", "height"))
    objects = []
    for position, entry in enumerate(root.iter("object")):
        x0, y0, x1, y1 = (
            float(entry.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax")
        )
        geometry = {
            "type": "bounding_box",
            "x": x0 / width,
            "y": y0 / height,
            "w": (x1 - x0) / width,
            "h": (y1 - y0) / height,
        }
        name = entry.findtext("name").strip()
        if only in (None, name):
            objects.append(thing(position, name, geometry))
    return document(*objects), (width, height)


def gold_blood_cells():
    """(document, size) of all 42 pictures."""
    return [voc(path) for path in sorted(folder("blood-cells/gold").glob("*.xml"))]


def blood_cells(only=None, **settings):
    """One comparison per picture that was really drawn twice."""
    second = folder("blood-cells/annotator-b")
    function = Function.from_dict(CELLS, settings)
    found = []
    for name in (second.parent / "independent.txt").read_text().split():
        stem = Path(name).stem
        gold, size = voc(folder("blood-cells/gold") / f"{stem}.xml", only)
        own, _ = voc(second / f"{stem}.xml", only)
        found.append(compare(CELLS, function, gold, own, [size]))
    return found


# --- masks

CELL = ontology(object_class("cell", "bitmask"))
PEOPLE = [f"person{number}-{tool}" for number in (1, 3, 4, 5) for tool in ("amira", "imagej")]


def muscle_cells(who: str) -> list[tuple[dict, tuple[int, int]]]:
    """(document, size) of each picture."""
    found = []
    for path in sorted((folder("muscle-cells") / who).glob("*.png")):
        pixels = np.array(Image.open(path)) > 0
        found.append((document(thing(1, "cell", bitmask(pixels))), pixels.shape[::-1]))
    return found


def nuclei(which: str) -> list[tuple[dict, tuple[int, int]]]:
    """(document, size) of each picture; a label for each value of the packed file."""
    found = []
    for path in sorted((folder("nuclei") / which).glob("*.png")):
        values = np.array(Image.open(path))
        numbers = [int(number) for number in np.unique(values) if number]
        labels = [thing(number, "cell", bitmask(values == number)) for number in numbers]
        found.append((document(*labels), values.shape[::-1]))
    return found


# --- cars

CAR = ontology(object_class("car", "polygon"), object_class("truck", "polygon"))


def car_objects(annotator: int):
    """{picture: [(name, is deleted, ring in pixels, size of the picture)]}."""
    found = {}
    for path in sorted((folder("car-polygons") / f"annotator{annotator}").glob("*.xml")):
        root = ElementTree.parse(path).getroot()
        rows, columns = (int(root.findtext(f"imagesize/{side}")) for side in ("nrows", "ncols"))
        found[path.stem] = [
            (
                entry.findtext("name").strip(),
                entry.findtext("deleted") == "1",
                [(float(point.findtext("x")), float(point.findtext("y"))) for point in entry.iter("pt")],
                (columns, rows),
            )
            for entry in root.iter("object")
        ]
    return found


def car_documents(annotator: int) -> dict[str, dict]:
    """The largest outline of each picture that is not deleted, under its class: car_276 is a car."""
    found = {}
    for name, objects in car_objects(annotator).items():
        kept = [one for one in objects if not one[1]]
        label, _, ring, (width, height) = max(kept, key=lambda one: area_of(one[2]))
        geometry = {"type": "polygon", "parts": [[[[x / width, y / height] for x, y in ring]]]}
        found[name] = document(thing(1, label.partition("_")[0], geometry))
    return found


def area_of(ring) -> float:
    """Of the repaired ring, px."""
    return shapely.make_valid(shapely.Polygon(ring), method="linework").area


# --- parking spaces


def parking():
    """Of each picture the rotated rectangles and the outlines of the same spaces, as two documents."""
    found = []
    for path in sorted(folder("parking").glob("*/labels/*.xml")):
        gold, own = [], []
        for entry in ElementTree.parse(path).getroot().iter("space"):
            rectangle = entry.find("rotatedRect")
            x, y = (float(rectangle.find("center").get(key)) for key in ("x", "y"))
            w, h = (float(rectangle.find("size").get(key)) for key in ("w", "h"))
            geometry = {"x": (x - w / 2) / 1280, "y": (y - h / 2) / 720, "w": w / 1280, "h": h / 720}
            geometry |= {
                "type": "rotatable_bounding_box",
                "theta": float(rectangle.find("angle").get("d")),
            }
            gold.append(thing(entry.get("id"), "space", geometry))
            ring = [
                [float(point.get("x")) / 1280, float(point.get("y")) / 720] for point in entry.find("contour")
            ]
            own.append(thing(entry.get("id"), "space", {"type": "polygon", "parts": [[ring]]}))
        found.append((document(*gold), document(*own)))
    return found


# --- flies


def fly_instances(name: str) -> list[dict]:
    """The labels of `gold` or `tracker`."""
    source = folder("flies-video")
    return json.loads((source / f"{name}.json").read_text())["instances"]


def flies(name: str, geometry) -> dict:
    """`gold` or `tracker` as two tracks; `geometry` makes a shape of {keypoint: (x, y)} in parts of the frame."""
    tracks: defaultdict[str, dict] = defaultdict(dict)
    for one in fly_instances(name):
        seen = {key: (at[0] / 1024, at[1] / 1024) for key, at in one["keypoints"].items() if at}
        tracks[one["track"]][one["frame"]] = geometry(seen)
    return document(*(thing(track, "fly", by_frame) for track, by_frame in sorted(tracks.items())))


# --- lung nodules

RATINGS = {
    "subtlety": 5,
    "internalStructure": 4,
    "calcification": 6,
    "sphericity": 5,
    "margin": 5,
    "lobulation": 5,
    "spiculation": 5,
    "texture": 5,
    "malignancy": 5,
}
NODULE = ontology(
    object_class(
        "nodule",
        "polygon",
        *(
            attribute(name, "radio", *(f"{name}{number}" for number in range(1, most + 1)))
            for name, most in RATINGS.items()
        ),
    )
)
SLICE = (512, 512)


def lung_scans() -> list[dict]:
    return json.loads((folder("lung-nodules") / "readers.json").read_text())


def heights(*readers: dict) -> list[float]:
    """The slices on which any of the readers drew."""
    return sorted({contour["z"] for reader in readers for contour in reader["contours"]})


def nodule(reader: dict, slices: list[float]) -> dict:
    """One reader's marking as a document: a polygon a slice (contours are parts, exclusions holes) and nine ratings."""
    drawn: defaultdict[int, list] = defaultdict(list)
    for contour in sorted(reader["contours"], key=lambda one: not one["inclusion"]):
        ring = [[x / SLICE[0], y / SLICE[1]] for x, y in contour["points"]]
        frame = slices.index(contour["z"])
        if contour["inclusion"]:
            drawn[frame].append([ring])
        for part in drawn[frame] if not contour["inclusion"] else []:
            part.append(ring)
    ratings = {name: f"{name}{reader[name]}" for name in RATINGS if reader.get(name)}
    places = {frame: {"type": "polygon", "parts": parts} for frame, parts in drawn.items() if parts}
    return document(thing(reader["annotation"], "nodule", places, **ratings))


def compared_readers(one: dict, other: dict, **settings):
    """Facts of two readers' markings, slice by slice."""
    slices = heights(one, other)
    function = Function.from_dict(NODULE, {"small_side": 0, **settings})
    sides = nodule(one, slices), nodule(other, slices)
    return compare(NODULE, function, *sides, [SLICE] * len(slices))


def linked_nodules() -> list[list[dict]]:
    """Readers' markings of a scan that the engine finds at the same place on any slice belong to one nodule."""
    found = []
    for scan in lung_scans():
        readers = scan["annotations"]
        group = list(range(len(readers)))
        for a, b in itertools.combinations(range(len(readers)), 2):
            if matched(compared_readers(readers[a], readers[b], min_overlap={"area": 0.1}).labels):
                group = [group[a] if number == group[b] else number for number in group]
        for number in sorted(set(group)):
            found.append([readers[index] for index, own in enumerate(group) if own == number])
    return found


# --- ducks


def duck_votes():
    """[(picture, person, is yes)] and the species of each picture."""
    base = folder("duck-votes")
    _, *lines = (base / "labels.txt").read_text().splitlines()
    votes = [tuple(map(int, line.split())) for line in lines]
    species = {
        int(picture): int(kind)
        for picture, kind in re.findall(r"(\d+): (\d)", (base / "classes.yaml").read_text())
    }
    return votes, species
