"""Random tasks from a seed: boxes and points with every kind of answer, and tasks of every shape."""

import random

import numpy as np

from tests.scoring.builders import attribute, bitmask, classification, object_class, option, template, thing

STRUCTURE = {
    "objects": [
        object_class(
            "red",
            "bounding_box",
            attribute(
                "kind",
                "radio",
                option(
                    "k1",
                    attribute("lobes", "numeric"),
                    attribute("deep", "radio", option("d1", attribute("note")), "d2"),
                ),
                option("k2", attribute("marks", "checklist", "m1", "m2", "m3")),
                "k3",
            ),
            attribute("seen", "radio", option("s1", attribute("how")), "s2", dynamic=True),
        ),
        object_class("white", "bounding_box", attribute("remark")),
        object_class("spot", "point", attribute("side", "radio", "left", "right")),
    ],
    "classifications": [
        classification(
            "scene",
            attribute("weather", "radio", option("sun"), option("rain", attribute("mm", "numeric")), "fog"),
        ),
        classification("flags", attribute("set", "checklist", "f1", "f2")),
        classification("title", attribute("words"), level="global"),
    ],
}


def answers(rng: random.Random) -> dict:
    """Answers to anything, also to questions whose parent is not chosen."""
    pool = {
        "kind": ["k1", "k2", "k3", None],
        "lobes": [1, 2, 2.4, None],
        "deep": ["d1", "d2"],
        "note": ["a", " A ", "b", ""],
        "marks": [[], ["m1"], ["m1", "m2"], ["m3"]],
        "remark": ["x", "y", None],
        "side": ["left", "right"],
        "weather": ["sun", "rain", "fog", None],
        "mm": [1, 5],
        "set": [[], ["f1"], ["f1", "f2"]],
        "words": ["one", "One", "two"],
    }
    return {name: rng.choice(values) for name, values in pool.items() if rng.random() < 0.6}


def geometry(rng: random.Random, node: str) -> dict:
    """On a coarse grid, so that ties, small boxes and boxes over the edge are frequent."""
    x, y = rng.randrange(-2, 9) / 10, rng.randrange(0, 4) / 10
    if node == "spot":
        return {"type": "point", "x": x + rng.choice([0, 0.004, 0.01]), "y": y}
    size = rng.choice([0.05, 0.1, 0.2, 0.3])
    return {"type": "bounding_box", "x": x, "y": y, "w": size, "h": rng.choice([size, 0.2])}


def side(rng: random.Random, frames: int, names: str) -> dict:
    objects = []
    for name in rng.sample(names, rng.randrange(0, 5)):
        node = rng.choice(["red", "red", "white", "spot"])
        shown = rng.sample(range(frames), rng.randrange(1, frames + 1))
        entry = thing(name, node, {frame: geometry(rng, node) for frame in shown}, **answers(rng))
        for label in entry["labels"]:
            label["answers"] = {
                key: value
                for key, value in {
                    "seen": rng.choice(["s1", "s2", None]),
                    "how": rng.choice(["p", "q"]),
                }.items()
                if rng.random() < 0.6
            }
        objects.append(entry)
    found = []
    for name in rng.sample(names, rng.randrange(0, 4)):
        node = rng.choice(["scene", "flags", "title"])
        shown = rng.sample(range(frames), rng.randrange(1, frames + 1))
        found.append({"id": name, "node": node, "frames": shown, "answers": answers(rng)})
    return {"objects": objects, "classifications": found}


def jittered(rng: random.Random, gold: dict, names: str) -> dict:
    """A trainee's copy of gold: moved a little, some dropped, some renamed, some doubled."""
    own = side(rng, 1, names) if rng.random() < 0.3 else {"objects": [], "classifications": []}
    for entry in gold["objects"]:
        for _ in range(rng.choice([0, 1, 1, 1, 2])):
            name = rng.choice([one for one in names if one not in [made["id"] for made in own["objects"]]])
            node = entry["node"]
            if node != "spot" and rng.random() < 0.2:
                node = "white" if node == "red" else "red"
            labels = [
                label
                | {
                    "geometry": {
                        **label["geometry"],
                        "x": label["geometry"]["x"] + rng.choice([0, 0, 0.01, 0.05]),
                    }
                }
                for label in entry["labels"]
                if rng.random() < 0.9
            ]
            mixed = {**entry["answers"], **answers(rng)} if rng.random() < 0.5 else entry["answers"]
            own["objects"].append({"id": name, "node": node, "answers": mixed, "labels": labels})
    used = [made["id"] for made in own["classifications"]]
    own["classifications"] += [
        one for one in gold["classifications"] if one["id"] not in used and rng.random() < 0.7
    ]
    return own


def function_dict(rng: random.Random) -> dict:
    weights = {
        "iou:red": rng.choice([0, 40, 200]),
        "track:red": 30,
        "attribute:kind": 12.5,
        "attribute:kind=k1": 80,
        "attribute:kind=none": 5,
        "classification:scene=rain": 70,
        "extra:white": 17,
        "duplicate:red": 23,
        "extra:scene": 9,
    }
    every = {
        "weights": {name: points for name, points in weights.items() if rng.random() < 0.4},
        "not_scored": rng.sample(["red", "white", "scene", "kind", "lobes", "how"], rng.randrange(0, 3)),
        "extra_cost": rng.choice([0, 0.5, 1]),
        "min_overlap": {"area": rng.choice([0.05, 0.25, 0.5, 0.75]), "point": rng.choice([0.05, 0.5])},
        "near_miss": rng.choice([0, 0.05, 0.3]),
        "small_side": rng.choice([0, 10, 40]),
        "full_marks": {"red": rng.choice([0.5, 0.9])},
        "ordered": rng.sample(["kind", "weather", "seen"], 2),
        "tolerance": {"lobes": 0.5},
        "point_tolerance": 0.02,
        "type": rng.choice(["dynamic", "classification"]),
    }
    return {key: value for key, value in every.items() if rng.random() < 0.35}


def random_task(seed: int):
    """Gold, a submission, the sizes of the frames and the settings of a function: boxes and points."""
    rng = random.Random(seed)
    frames = rng.choice([1, 1, 1, 2, 4])
    names = rng.sample(["1", "2", "10", "-3", "a", "b", "B", "c1", "x9", "zz", "33", "q"], 12)
    gold = side(rng, frames, names)
    own = jittered(rng, gold, names) if rng.random() < 0.7 else side(rng, frames, names)
    sizes = [(rng.choice([100, 160]), 100) for _ in range(frames)]
    return gold, own, sizes, function_dict(rng)


# --- every shape, on small frames

VERTICES = ("nose", "tail", "paw")
EVERY_SHAPE = {
    "objects": [
        *STRUCTURE["objects"][:2],
        object_class(
            "turned", "rotatable_bounding_box", attribute("mark", "checklist", "m4", "m5", dynamic=True)
        ),
        object_class("outline", "polygon", attribute("count", "numeric")),
        object_class("mask", "bitmask"),
        object_class("road", "polyline", attribute("paved", "radio", "yes", "no")),
        object_class("lane", "polyline"),
        object_class("spot", "point", attribute("side", "radio", "left", "right")),
        object_class("cat", "skeleton", attribute("mood")),
        object_class("dog", "skeleton"),
        object_class("bird", "skeleton"),
    ],
    "classifications": STRUCTURE["classifications"],
    "skeleton_templates": [
        template("Cat", *VERTICES),
        template("Dog", *reversed(VERTICES)),
        template("Bird", "beak", "wing"),
    ],
}
SMALL = (48, 36)
SHAPES = {one["featureNodeHash"]: one["shape"] for one in EVERY_SHAPE["objects"]}
COMPARABLE = (
    ("red", "white", "turned", "outline", "mask"),
    ("road", "lane"),
    ("spot",),
    ("cat", "dog"),
    ("bird",),
)


def any_geometry(rng: random.Random, node: str, size: tuple[int, int]) -> dict:
    """Near one of two places, so that labels of all shapes overlap; a few cannot be used."""
    x, y = rng.choice([(0.1, 0.15), (0.45, 0.3)])
    x, y = x + rng.uniform(-0.12, 0.12), y + rng.uniform(-0.12, 0.12)
    w, h = rng.uniform(0.2, 0.45), rng.uniform(0.2, 0.45)
    if rng.random() < 0.03:
        w = rng.choice([0.0, -0.2])
    if rng.random() < 0.02:
        x = float("nan")
    if node in ("red", "white"):
        return {"type": "bounding_box", "x": x, "y": y, "w": w, "h": h}
    if node == "turned":
        return {
            "type": "rotatable_bounding_box",
            "x": x,
            "y": y,
            "w": w,
            "h": h,
            "theta": rng.uniform(-180, 180),
        }
    if node == "spot":
        return {"type": "point", "x": x, "y": y}
    x = x if x == x else 0.2
    if node == "outline":
        return {
            "type": "polygon",
            "parts": rng.choice([ring_with_hole, two_rings, any_ring])(rng, x, y, abs(w), h),
        }
    if node == "mask":
        return mask(rng, x, y, abs(w), h, size)
    if node in ("road", "lane"):
        return {"type": "polyline", "points": [[x, y], [x + w, y + rng.uniform(-0.3, 0.3)]]}
    names = ("beak", "wing") if node == "bird" else VERTICES
    seen = {
        name: {"x": x + rng.uniform(0, w), "y": y + rng.uniform(0, h), "v": rng.choice([0, 1, 2, 2, 2])}
        for name in names
        if rng.random() < 0.9
    }
    return {"type": "skeleton", "points": seen}


def any_ring(rng, x, y, w, h):
    """Three to six corners in any order: often crosses itself."""
    return [[[[x + rng.uniform(0, w), y + rng.uniform(0, h)] for _ in range(rng.randrange(3, 7))]]]


def ring_with_hole(rng, x, y, w, h):
    outer = [[x, y], [x + w, y + 0.01], [x + w, y + h], [x + 0.01, y + h]]
    left, top = x + w * rng.uniform(0.1, 0.5), y + h * rng.uniform(0.1, 0.5)
    hole = [[left, top], [left + w * 0.4, top], [left + w * 0.3, top + h * 0.45]]
    return [[outer, hole]]


def two_rings(rng, x, y, w, h):
    """Two parts that may overlap, one of them with a hole."""
    return [*any_ring(rng, x, y, w * 0.7, h), *ring_with_hole(rng, x + w * 0.4, y, w * 0.6, h)]


def mask(rng, x, y, w, h, size):
    """A block with ragged edges and holes."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    inside = (
        (columns > x * width) & (columns < (x + w) * width) & (rows > y * height) & (rows < (y + h) * height)
    )
    ragged = inside ^ (np.random.default_rng(rng.randrange(2**32)).random((height, width)) < 0.03)
    return bitmask(ragged if rng.random() < 0.97 else ragged[:, :-1])


def any_side(rng: random.Random, frames: int, names: list[str], most: int = 5) -> dict:
    """Objects of every shape, each on some frames, and some classifications."""
    objects = []
    nodes = [one["featureNodeHash"] for one in EVERY_SHAPE["objects"]]
    for name in rng.sample(names, rng.randrange(0, most + 1)):
        node = rng.choice(nodes)
        shown = rng.sample(range(frames), rng.randrange(1, frames + 1))
        places = {frame: any_geometry(rng, node, SMALL) for frame in shown}
        objects.append(thing(name, node, places, **answers(rng)))
    found = side(rng, frames, names)["classifications"]
    return {"objects": objects, "classifications": found}


def any_copy(rng: random.Random, gold: dict, frames: int, names: list[str]) -> dict:
    """A trainee's copy: exact, drawn with another shape of the family, moved, doubled or dropped."""
    own = any_side(rng, frames, names, most=2)
    for entry in gold["objects"]:
        for _ in range(rng.choice([0, 1, 1, 1, 2])):
            free = [one for one in names if one not in [made["id"] for made in own["objects"]]]
            node = entry["node"]
            if rng.random() < 0.25:
                node = rng.choice(next(group for group in COMPARABLE if node in group))
            is_same_shape = SHAPES[node] == SHAPES[entry["node"]]
            labels = [
                label
                | {
                    "geometry": moved(rng, label["geometry"])
                    if is_same_shape
                    else any_geometry(rng, node, SMALL)
                }
                for label in entry["labels"]
                if rng.random() < 0.9
            ]
            mixed = {**entry["answers"], **answers(rng)} if rng.random() < 0.5 else entry["answers"]
            own["objects"].append({"id": rng.choice(free), "node": node, "answers": mixed, "labels": labels})
    used = [made["id"] for made in own["classifications"]]
    own["classifications"] += [one for one in gold["classifications"] if one["id"] not in used]
    return own


def moved(rng: random.Random, geometry: dict) -> dict:
    """A little to the right and down, or not at all."""
    dx, dy = rng.choice(
        [(0, 0), (0, 0), (rng.uniform(0, 0.02), 0), (rng.uniform(0, 0.1), rng.uniform(0, 0.1))]
    )

    def shifted(value):
        if isinstance(value, list) and len(value) == 2 and not isinstance(value[0], list):
            return [value[0] + dx, value[1] + dy]
        if isinstance(value, list):
            return [shifted(one) for one in value]
        if isinstance(value, dict) and "x" in value:
            return value | {"x": value["x"] + dx, "y": value["y"] + dy}
        return {key: shifted(one) for key, one in value.items()}

    if geometry["type"] == "bitmask":
        return geometry
    if "x" in geometry:
        return shifted(geometry)
    return geometry | {key: shifted(geometry[key]) for key in ("parts", "points") if key in geometry}


def any_function(rng: random.Random) -> dict:
    """Settings of every family besides those of `function_dict`."""
    settings = function_dict(rng)
    if "min_overlap" in settings:
        settings["min_overlap"] = {
            "area": rng.choice([0.05, 0.3, 0.6]),
            "line": rng.choice([0.0, 0.1, 0.5]),
            "point": rng.choice([0.05, 0.5]),
            "skeleton": rng.choice([0.05, 0.6]),
        }
    more = {"line_width": 0.05, "point_tolerance": 0.04, "full_marks": {"mask": 0.8, "cat": 0.6, "road": 0.5}}
    settings |= {key: value for key, value in more.items() if rng.random() < 0.5}
    if "not_scored" in settings:
        settings["not_scored"] = rng.sample(["red", "cat", "scene", "kind", "count", "road"], 2)
    return settings


def task_of_every_shape(seed: int):
    """Gold, a submission, the sizes of the frames and the settings of a function."""
    rng = random.Random(seed)
    frames = rng.choice([1, 1, 1, 2, 3])
    names = rng.sample(["1", "2", "10", "-3", "a", "b", "B", "c1", "x9", "zz", "33", "q", "44", "p", "é"], 15)
    gold = any_side(rng, frames, names)
    own = any_copy(rng, gold, frames, names) if rng.random() < 0.8 else any_side(rng, frames, names)
    return gold, own, [SMALL] * frames, any_function(rng)
