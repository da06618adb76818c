"""Hypothesis strategies: label documents of every shape, on several frames, with every kind of answer.

Coordinates are off the grid of pixels by an odd part of a pixel, so that no edge runs through the centre of a pixel:
a mask beside a vector shape then does not depend on the last bit of a number.
"""

import copy
import os

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from scoring import Function, Ontology
from tests.scoring.builders import (
    attribute,
    bitmask,
    classification,
    document,
    object_class,
    option,
    template,
    thing,
)
from tests.scoring.naive_shapes import decoded

SIDE = 64
FRAMES = [(SIDE, SIDE), (96, SIDE), (SIDE, 48)]
SQUARE_FRAMES = [(SIDE, SIDE)] * 3
TIMES = 30 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 1


def examples(count: int) -> settings:
    """So many examples; thirty times as many with HYPOTHESIS_PROFILE=deep."""
    return settings(max_examples=count * TIMES, deadline=None)


KIND = attribute(
    "kind",
    "radio",
    option(
        "a", attribute("why"), attribute("part", "radio", option("p", attribute("depth", "numeric")), "q")
    ),
    option("b", attribute("marks", "checklist", "m", "n", "o")),
)
SEEN = attribute("seen", "radio", option("s", attribute("how")), "t", dynamic=True)
STRUCTURE = {
    "objects": [
        object_class("box", "bounding_box", KIND, SEEN),
        object_class("turned", "rotatable_bounding_box", attribute("stars", "numeric", dynamic=True)),
        object_class("outline", "polygon", attribute("tags", "checklist", "u", "v")),
        object_class("mask", "bitmask"),
        object_class("line", "polyline", attribute("paved", "radio", "yes", "no")),
        object_class("lane", "polyline"),
        object_class("point", "point"),
        object_class("spot", "point", attribute("note")),
        object_class("cat", "skeleton", attribute("mood", "radio", "calm", "cross", dynamic=True)),
        object_class("dog", "skeleton"),
    ],
    "classifications": [
        classification(
            "scene", attribute("sky", "radio", option("rain", attribute("mm", "numeric")), "sun", "fog")
        ),
        classification("flags", attribute("set", "checklist", "x", "y")),
        classification("title", attribute("words"), level="global"),
    ],
    "skeleton_templates": [template("Cat", "nose", "tail", "paw"), template("Dog", "nose", "tail", "paw")],
}
ITEMS = Ontology.from_structure(STRUCTURE)
TRACKS = {f"track:{one.hash}": 20 for one in ITEMS.objects}
FUNCTION = Function.from_dict(ITEMS, {"weights": TRACKS})

STATIC = {
    "kind": st.sampled_from(["a", "b"]),
    "why": st.sampled_from(["so", "So ", ""]),
    "part": st.sampled_from(["p", "q"]),
    "depth": st.integers(0, 2),
    "marks": st.lists(st.sampled_from(["m", "n", "o"]), unique=True),
    "tags": st.lists(st.sampled_from(["u", "v"]), unique=True),
    "paved": st.sampled_from(["yes", "no"]),
    "note": st.sampled_from(["x", "y"]),
}
DYNAMIC = {
    "seen": st.sampled_from(["s", "t"]),
    "how": st.sampled_from(["far", "near"]),
    "stars": st.integers(1, 3),
    "mood": st.sampled_from(["calm", "cross"]),
}
SCENES = {
    "scene": {"sky": st.sampled_from(["rain", "sun", "fog"]), "mm": st.integers(0, 2)},
    "flags": {"set": st.lists(st.sampled_from(["x", "y"]), unique=True)},
    "title": {"words": st.sampled_from(["one", "One", "two"])},
}


def off_grid(step: int) -> float:
    """A whole number of pixels and an odd part of one, in parts of 64 pixels."""
    return (step + 0.137 + 0.0171 * (step * step % 11)) / SIDE


place = st.integers(10, 28).map(off_grid)
"""From 10 to 29 of 64 pixels, so that nothing of up to 16 pixels leaves the frame, turned or not."""
edge_place = st.integers(-8, 58).map(off_grid)
extent = st.integers(4, 15).map(off_grid)


@st.composite
def geometries(draw, node: str, size=(SIDE, SIDE), at=place):
    """A usable geometry of the class, near the middle of the frame."""
    x, y, w, h = draw(at), draw(at), draw(extent), draw(extent)
    if node in ("box", "turned"):
        found = {"type": "bounding_box", "x": x, "y": y, "w": w, "h": h}
        turn = {"type": "rotatable_bounding_box", "theta": draw(st.integers(-180, 180)) + 0.3}
        return found | turn if node == "turned" else found
    if node == "outline":
        return {"type": "polygon", "parts": draw(parts(x, y, w, h))}
    if node == "mask":
        return mask(x, y, w, h, size, draw(st.integers(0, 99)))
    if node in ("line", "lane"):
        more = draw(st.lists(st.tuples(at, at), min_size=1, max_size=3))
        return {"type": "polyline", "points": [[x, y], *([a + w, b] for a, b in more)]}
    if node in ("point", "spot"):
        return {"type": "point", "x": x, "y": y}
    corners = {"nose": (x, y), "tail": (x + w, y + h), "paw": (x + w, y)}
    visible = draw(st.tuples(*[st.sampled_from([2, 2, 1, 0])] * 3).filter(any))
    points = {
        name: {"x": at[0], "y": at[1], "v": v} for (name, at), v in zip(corners.items(), visible, strict=True)
    }
    return {"type": "skeleton", "points": points}


@st.composite
def parts(draw, x, y, w, h):
    """A ring in any order of its corners (it may cross itself), one with a hole, or two parts."""
    inside = st.tuples(st.integers(0, 15), st.integers(0, 15)).map(
        lambda at: [x + w * off_grid(at[0]) * 4, y + h * off_grid(at[1]) * 4]
    )
    any_ring = st.lists(inside, min_size=3, max_size=6)
    outer = [[x, y], [x + w, y + 0.003], [x + w + 0.002, y + h], [x, y + h + 0.001]]
    hole = [[x + w * 0.31, y + h * 0.3], [x + w * 0.7, y + h * 0.33], [x + w * 0.5, y + h * 0.74]]
    ring = draw(any_ring)
    return draw(st.sampled_from([[[ring]], [[outer, hole]], [[outer], [ring]], [[outer]]]))


def mask(x: float, y: float, w: float, h: float, size: tuple[int, int], seed: int) -> dict:
    """A block of pixels with ragged edges."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    block = (abs(columns - (x + w / 2) * width) < w * width / 2) & (
        abs(rows - (y + h / 2) * height) < h * height / 2
    )
    block[int((y + h / 2) * height) % height, int((x + w / 2) * width) % width] = True  # never empty
    holes = np.random.default_rng(seed).random((height, width)) < 0.1
    holes[int((y + h / 2) * height) % height, int((x + w / 2) * width) % width] = False
    return bitmask(block & ~holes)


@st.composite
def things(draw, identifier, frames=FRAMES, at=place, nodes=None):
    """An object on some of the frames, with answers to some questions, also to those of other classes."""
    node = draw(st.sampled_from(nodes or [one.hash for one in ITEMS.objects]))
    shown = draw(st.sampled_from([[0], [1], [2], [0, 1], [0, 2], [0, 1, 2]]))
    places = {frame: draw(geometries(node, frames[frame], at)) for frame in shown}
    made = thing(identifier, node, places, **draw(st.fixed_dictionaries({}, optional=STATIC)))
    for label in made["labels"]:
        label["answers"] = draw(st.fixed_dictionaries({}, optional=DYNAMIC))
    return made


@st.composite
def scenes(draw, identifier):
    """A classification on some of the frames."""
    node = draw(st.sampled_from(sorted(SCENES)))
    return {
        "id": str(identifier),
        "node": node,
        "frames": draw(st.sampled_from([[0], [1], [0, 2], [0, 1, 2]])),
        "answers": draw(st.fixed_dictionaries({}, optional=SCENES[node])),
    }


@st.composite
def documents(draw, frames=FRAMES, at=place, most=5):
    objects = [draw(things(number, frames, at)) for number in range(draw(st.integers(0, most)))]
    found = [draw(scenes(100 + number)) for number in range(draw(st.integers(0, 2)))]
    return document(*objects, classifications=tuple(found))


@st.composite
def tasks(draw, frames=FRAMES, at=place):
    """Gold and a submission that repeats some of it exactly, some changed, and adds labels of its own."""
    gold = draw(documents(frames, at))
    objects = [draw(things(20 + number, frames, at)) for number in range(draw(st.integers(0, 2)))]
    for number, entry in enumerate(gold["objects"]):
        for again in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
            made = copy.deepcopy(entry) | {"id": str(80 - 10 * again - number)}
            if draw(st.booleans()):
                made["answers"] |= draw(st.fixed_dictionaries({}, optional=STATIC))
            fate = draw(st.sampled_from(["kept", "kept", "kept", "moved", "other class", "fewer frames"]))
            if fate == "moved":
                step = draw(st.sampled_from([0.004, 0.03, 0.1]))
                made["labels"] = [
                    label | {"geometry": shifted(label["geometry"], step, 0)} for label in made["labels"]
                ]
            if fate == "other class":
                made["node"] = draw(st.sampled_from(rivals(made["node"])))
            if fate == "fewer frames":
                made["labels"] = made["labels"][1:]
            objects.append(made)
    found = [one for one in gold["classifications"] if draw(st.booleans())]
    found += [draw(scenes(200))] if draw(st.booleans()) else []
    return gold, document(*objects, classifications=tuple(found))


def rivals(node: str) -> list[str]:
    """The classes that the same geometry can have in this ontology: all of its family."""
    return [one.hash for one in ITEMS.objects if one.comparable == ITEMS.items[node].comparable]


def shifted(geometry: dict, dx: float, dy: float) -> dict:
    """A vector geometry moved by parts of the frame; a mask stays where it is."""
    found = copy.deepcopy(geometry)
    for at in points_of(found):
        at["x" if isinstance(at, dict) else 0] += dx
        at["y" if isinstance(at, dict) else 1] += dy
    return found


def points_of(geometry: dict) -> list:
    """What a move changes: mappings with x and y, or lists [x, y]."""
    if "x" in geometry:
        return [geometry]
    points = geometry.get("points", [])
    rings = [one for part in geometry.get("parts", []) for one in part]
    return [
        *(points.values() if isinstance(points, dict) else points),
        *(at for ring in rings for at in ring),
    ]


def shifted_mask(geometry: dict, columns: int, rows: int) -> dict:
    """A bitmask moved by whole pixels, around the rim of the frame where it leaves it."""
    height, width = geometry["size"]
    flat, at = np.zeros(height * width, dtype=bool), 0
    for index, count in enumerate(decoded(geometry["counts"])):
        flat[at : at + count] = index % 2
        at += count
    return bitmask(np.roll(flat.reshape(width, height).T, (rows, columns), axis=(0, 1)))
