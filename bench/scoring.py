"""How many labels a second the engine compares, against the pattern of today's tools, measured in the same run.

Peer pattern: one Python call per pair of the whole frame, a padded matrix, scipy's assignment. Workload: 1920 x 1080
frames (masks 1000 x 1000), 8 classes; the trainee is jittered, shuffled gold with 5 % missing, 5 % extra, 5 % of the
classes wrong. Gold is prepared once, as in production; the submission is read from plain lists.

    ./dev bench scoring [--check] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from pycocotools import mask as coco
from scipy.optimize import linear_sum_assignment

from scoring import Function, Ontology, compare, prepare

RESULTS = Path(__file__).parent / "results" / "scoring.json"
CLASSES = 8
Json = dict[str, Any]


class Row(NamedTuple):
    """One line of the table of design/performance.md."""

    name: str
    shape: str
    objects: int
    frames: int
    make: Callable[[np.random.Generator], Json]
    similarity: Callable[[Json, Json], float]
    size: tuple[int, int]
    hold: float


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="exit 1 where a held ratio is missed")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    results = [measure(row, options.rounds) for row in ROWS]
    print(f"{'workload':<24}{'engine/s':>12}{'peer/s':>12}{'ratio':>9}{'hold':>8}")
    for one in results:
        mark = "" if one["ratio"] >= one["hold"] else "  missed"
        print(
            f"{one['name']:<24}{one['engine_per_s']:>12,.0f}{one['peer_per_s']:>12,.0f}"
            f"{one['ratio']:>8.1f}x{one['hold']:>7.0f}x{mark}"
        )
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "machine": platform.machine(), "numpy": np.__version__}
    RESULTS.write_text(json.dumps({"machine": machine, "rows": results}, indent=1) + "\n")
    return int(options.check and any(one["ratio"] < one["hold"] for one in results))


def measure(row: Row, rounds: int) -> Json:
    """Median labels a second of both, rounds interleaved so that a busy machine slows both."""
    rng = np.random.default_rng(20)
    items = ontology(row.shape)
    function = Function.from_dict(items, {})
    gold, own = task(row, rng)
    frames = [row.size] * row.frames
    ready = prepare(items, gold, frames)
    labels = row.objects * row.frames
    grouped = by_frame(gold, row), by_frame(own, row)
    engine, peer = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        compare(items, function, ready, own, frames)
        engine.append(labels / (time.perf_counter() - began))
        began = time.perf_counter()
        counted = peer_compare(*grouped, row)
        peer.append(counted / (time.perf_counter() - began))
    fast, slow = statistics.median(engine), statistics.median(peer)
    return {
        "name": row.name,
        "engine_per_s": fast,
        "peer_per_s": slow,
        "ratio": fast / slow,
        "hold": row.hold,
    }


def ontology(shape: str) -> Ontology:
    classes = [{"featureNodeHash": f"class{n}", "name": f"Class {n}", "shape": shape} for n in range(CLASSES)]
    names = {str(n): {"name": str(n)} for n in range(17)}
    templates = [{"name": one["name"], "skeleton": names} for one in classes]
    return Ontology.from_structure({"objects": classes, "skeleton_templates": templates})


def task(row: Row, rng: np.random.Generator) -> tuple[Json, Json]:
    """Gold and the trainee's labels over all frames."""
    gold, own = [], []
    for frame in range(row.frames):
        for number in range(row.objects):
            geometry, node = row.make(rng), int(rng.integers(CLASSES))
            gold.append(entry(f"{frame}-{number}", node, frame, geometry))
            if rng.random() > 0.05:
                wrong = (node + 1) % CLASSES if rng.random() < 0.05 else node
                own.append(entry(f"t{frame}-{number}", wrong, frame, jittered(geometry, row, rng)))
            if rng.random() < 0.05:
                own.append(entry(f"x{frame}-{number}", node, frame, row.make(rng)))
    rng.shuffle(own)
    return {"objects": gold}, {"objects": own}


def entry(identifier: str, node: int, frame: int, geometry: Json) -> Json:
    label = {"frame": frame, "geometry": geometry, "answers": {}}
    return {"id": identifier, "node": f"class{node}", "answers": {}, "labels": [label]}


def jittered(geometry: Json, row: Row, rng: np.random.Generator) -> Json:
    dx, dy = (rng.normal(0, 3, 2) / row.size).tolist()

    def move(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: one + dx if key == "x" else one + dy if key == "y" else move(one)
                for key, one in value.items()
            }
        if isinstance(value, list):
            is_point = len(value) == 2 and isinstance(value[0], float)
            return [value[0] + dx, value[1] + dy] if is_point else [move(one) for one in value]
        return value

    return geometry if geometry["type"] == "bitmask" else move(geometry)


# --- the peer pattern


def peer_compare(gold: list[list[Json]], own: list[list[Json]], row: Row) -> int:
    """Frame by frame, every pair, one padded matrix; returns the number of gold labels of the frames it did."""
    counted = 0
    deadline = time.perf_counter() + 2.0
    for frame in range(row.frames):
        ours, theirs = gold[frame], own[frame]
        size = len(ours) + len(theirs)
        matrix = np.zeros((size, size))
        for i, one in enumerate(ours):
            for j, other in enumerate(theirs):
                similarity = row.similarity(one["labels"][0]["geometry"], other["labels"][0]["geometry"])
                matrix[i, j] = similarity if similarity >= 0.4 else 0.0
        for i, j in zip(*linear_sum_assignment(matrix, maximize=True), strict=True):
            if i < len(ours) and j < len(theirs) and matrix[i, j]:
                {"gold": ours[i]["id"], "own": theirs[j]["id"], "same": ours[i]["node"] == theirs[j]["node"]}
        counted += len(ours)
        if time.perf_counter() > deadline:
            break
    return counted


def by_frame(side: Json, row: Row) -> list[list[Json]]:
    found: list[list[Json]] = [[] for _ in range(row.frames)]
    for one in side["objects"]:
        found[one["labels"][0]["frame"]].append(one)
    return found


def peer_box(a: Json, b: Json) -> float:
    left, right = max(a["x"], b["x"]), min(a["x"] + a["w"], b["x"] + b["w"])
    top, bottom = max(a["y"], b["y"]), min(a["y"] + a["h"], b["y"] + b["h"])
    shared = max(0.0, right - left) * max(0.0, bottom - top)
    return shared / (a["w"] * a["h"] + b["w"] * b["h"] - shared)


def peer_shape(a: Json, b: Json) -> float:
    one, other = peer_outline(a), peer_outline(b)
    shared = one.intersection(other).area
    return shared / (one.area + other.area - shared)


def peer_outline(geometry: Json) -> shapely.Geometry:
    if geometry["type"] == "polygon":
        return shapely.Polygon(geometry["parts"][0][0])
    if geometry["type"] == "polyline":
        return shapely.LineString(geometry["points"]).buffer(0.005)
    x, y, w, h = (geometry[key] for key in "xywh")
    return shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), geometry["theta"])


def peer_mask(a: Json, b: Json) -> float:
    return float(coco.iou([coco_mask(a)], [coco_mask(b)], [0])[0, 0])


def coco_mask(geometry: Json) -> Json:
    return {"size": geometry["size"], "counts": geometry["counts"].encode()}


def peer_skeleton(a: Json, b: Json) -> float:
    points, others = a["points"], b["points"]
    xs, ys = [one["x"] for one in points.values()], [one["y"] for one in points.values()]
    scale = ((max(xs) - min(xs)) ** 2 + (max(ys) - min(ys)) ** 2) / 2
    parts = [
        math.exp(
            -((one["x"] - others[name]["x"]) ** 2 + (one["y"] - others[name]["y"]) ** 2) / (0.02 * scale)
        )
        for name, one in points.items()
    ]
    return sum(parts) / len(parts)


# --- shapes


def make_box(rng: np.random.Generator) -> Json:
    x, y = rng.uniform(0, 0.9, 2).tolist()
    w, h = rng.uniform(0.02, 0.09, 2).tolist()
    return {"type": "bounding_box", "x": x, "y": y, "w": w, "h": h}


def make_rotated(rng: np.random.Generator) -> Json:
    return make_box(rng) | {"type": "rotatable_bounding_box", "theta": float(rng.uniform(-90, 90))}


def make_polygon(vertices: int) -> Callable[[np.random.Generator], Json]:
    def make(rng: np.random.Generator) -> Json:
        angles = (np.arange(vertices) + rng.uniform(0, 0.8, vertices)) * 2 * math.pi / vertices
        radii = 0.04 * rng.uniform(0.8, 1.2, vertices)
        centre = rng.uniform(0.06, 0.94, 2)
        ring = np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1) + centre
        return {"type": "polygon", "parts": [[ring.tolist()]]}

    return make


def make_mask(rng: np.random.Generator) -> Json:
    pixels = np.zeros((1000, 1000), dtype=np.uint8, order="F")
    x, y = rng.integers(60, 940, 2)
    rows, columns = np.ogrid[:1000, :1000]
    pixels[(rows - y) ** 2 + (columns - x) ** 2 < 45**2] = 1
    encoded = coco.encode(pixels)
    return {"type": "bitmask", "size": [1000, 1000], "counts": encoded["counts"].decode()}


def make_skeleton(rng: np.random.Generator) -> Json:
    centre = rng.uniform(0.1, 0.9, 2)
    vertices = (centre + rng.uniform(-0.08, 0.08, (17, 2))).tolist()
    return {
        "type": "skeleton",
        "points": {str(n): {"x": x, "y": y, "v": 2} for n, (x, y) in enumerate(vertices)},
    }


def make_line(rng: np.random.Generator) -> Json:
    start = rng.uniform(0.1, 0.6, 2)
    steps = rng.uniform(0, 0.05, (12, 2)).cumsum(axis=0)
    return {"type": "polyline", "points": (start + steps).tolist()}


HD, SQUARE = (1920, 1080), (1000, 1000)
ROWS = [
    Row("box, 20 a side", "bounding_box", 20, 100, make_box, peer_box, HD, 20),
    Row("box, 500 a side", "bounding_box", 500, 4, make_box, peer_box, HD, 200),
    Row("rotated box, 20", "rotatable_bounding_box", 20, 50, make_rotated, peer_shape, HD, 100),
    Row("polygon, 12 vertices", "polygon", 20, 50, make_polygon(12), peer_shape, HD, 12),
    Row("polygon, 100 vertices", "polygon", 20, 20, make_polygon(100), peer_shape, HD, 8),
    Row("bitmask, 1 MP", "bitmask", 20, 10, make_mask, peer_mask, SQUARE, 10),
    Row("17 keypoints", "skeleton", 20, 50, make_skeleton, peer_skeleton, HD, 50),
    Row("polyline, 12 points", "polyline", 20, 20, make_line, peer_shape, HD, 5),
]

if __name__ == "__main__":
    raise SystemExit(main())
