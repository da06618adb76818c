"""Labels of simulated annotators over several frames: a gold document with mistakes of a stated kind and rate.

For demonstrations only, like `error_generator`. The same document, profile and seed always give the same labels.

- ``drop``: an instance is left out;
- ``late``: an instance is followed from a later frame on only;
- ``jitter``: at key frames every point moves by a normal amount, as a share of the shape's own size; rotated boxes also
  turn, masks are shifted, grown or shrunk;
- ``swap``: a radio answer that holds for the whole instance is another option;
- ``flip``: a radio answer of one frame is another option;
- ``step``: every so many frames there is a key frame; what lies between is interpolated, as the editor would.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from formats.records import Document
from formats.run_length import mask_from_runs, runs_from_mask, runs_from_string, string_from_runs

Geometry = dict[str, Any]
Options = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class TrackErrors:
    """How one simulated person errs: drop, late, swap and flip are probabilities, jitter a share of the shape."""

    drop: float = 0.0
    late: float = 0.0
    jitter: float = 0.0
    swap: float = 0.0
    flip: float = 0.0
    step: int = 1


def radio_options(structure: Mapping[str, Any]) -> dict[str, list[str]]:
    """The options of every radio attribute of the object classes, by the attribute's hash."""
    return {
        attribute["featureNodeHash"]: [option["featureNodeHash"] for option in attribute["options"]]
        for item in structure["objects"]
        for attribute in item["attributes"]
        if attribute["type"] == "radio"
    }


def with_track_errors(document: Document, errors: TrackErrors, *, seed: str, options: Options) -> Document:
    """A new document with the mistakes of the profile; identifiers are new and in a new order."""
    # Not cryptography: a generator that repeats itself is the point.
    chance = random.Random(seed)  # noqa: S311
    drawn = [
        (instance["node"], _answers(instance["answers"], errors.swap, options, chance), labels)
        for instance in document["objects"]
        if chance.random() >= errors.drop and (labels := _labels(instance["labels"], errors, options, chance))
    ]
    chance.shuffle(drawn)
    objects = [
        {"id": str(number), "node": node, "answers": answers, "labels": labels}
        for number, (node, answers, labels) in enumerate(drawn, start=1)
    ]
    return {"objects": objects, "classifications": list(document["classifications"])}


def _answers(
    answers: Mapping[str, Any], rate: float, options: Options, chance: random.Random
) -> dict[str, Any]:
    """Radio answers that are another option at this rate; everything else as it was."""
    given = {}
    for attribute, value in answers.items():
        others = [one for one in options.get(attribute, ()) if one != value]
        given[attribute] = chance.choice(others) if others and chance.random() < rate else value
    return given


def _labels(
    labels: Sequence[Mapping[str, Any]], errors: TrackErrors, options: Options, chance: random.Random
) -> list[dict[str, Any]]:
    if len(labels) > 2 and chance.random() < errors.late:
        labels = labels[max(1, round(len(labels) * chance.uniform(0.1, 0.4))) :]
    keys = sorted({*range(0, len(labels), errors.step), len(labels) - 1})
    offset = (chance.gauss(0, errors.jitter / 2), chance.gauss(0, errors.jitter / 2))
    shapes = {key: _moved(labels[key]["geometry"], errors.jitter, offset, chance) for key in keys}
    return [
        {
            "frame": label["frame"],
            "geometry": _at(shapes, place),
            "keyframe": place in shapes,
            "answers": _answers(label["answers"], errors.flip, options, chance),
        }
        for place, label in enumerate(labels)
    ]


def _at(shapes: Mapping[int, Geometry], place: int) -> Geometry:
    if place in shapes:
        return shapes[place]
    before = max(key for key in shapes if key < place)
    after = min(key for key in shapes if key > place)
    return _between(shapes[before], shapes[after], (place - before) / (after - before))


def _between(one: Any, other: Any, share: float) -> Any:
    """Straight lines between the numbers of two geometries of one build; the rest is the first one's."""
    if isinstance(one, dict):
        return {
            key: value if key == "v" else _between(value, other[key], share) for key, value in one.items()
        }
    if isinstance(one, int | float) and not isinstance(one, bool):
        return round(one + (other - one) * share, 6)
    return one


def _moved(geometry: Geometry, jitter: float, offset: tuple[float, float], chance: random.Random) -> Geometry:
    match geometry["type"]:
        case "skeleton":
            return _moved_skeleton(geometry, jitter, offset, chance)
        case "bitmask":
            return _moved_mask(geometry, jitter, offset, chance)
        case _:
            return _moved_box(geometry, jitter, offset, chance)


def _moved_skeleton(
    geometry: Geometry, jitter: float, offset: tuple[float, float], chance: random.Random
) -> Geometry:
    xs = [point["x"] for point in geometry["points"].values()]
    ys = [point["y"] for point in geometry["points"].values()]
    extent = max(max(xs) - min(xs), max(ys) - min(ys))
    points = {
        name: {
            "x": _inside(point["x"] + extent * (offset[0] + chance.gauss(0, jitter))),
            "y": _inside(point["y"] + extent * (offset[1] + chance.gauss(0, jitter))),
            "v": point["v"],
        }
        for name, point in geometry["points"].items()
    }
    return geometry | {"points": points}


def _moved_box(
    geometry: Geometry, jitter: float, offset: tuple[float, float], chance: random.Random
) -> Geometry:
    w, h = (geometry[side] * math.exp(chance.gauss(0, jitter)) for side in "wh")
    cx = _inside(geometry["x"] + geometry["w"] / 2 + geometry["w"] * (offset[0] + chance.gauss(0, jitter)))
    cy = _inside(geometry["y"] + geometry["h"] / 2 + geometry["h"] * (offset[1] + chance.gauss(0, jitter)))
    return geometry | {
        "x": round(cx - w / 2, 6),
        "y": round(cy - h / 2, 6),
        "w": round(w, 6),
        "h": round(h, 6),
        "theta": round((geometry["theta"] + chance.gauss(0, 40 * jitter)) % 360, 3),
    }


def _moved_mask(
    geometry: Geometry, jitter: float, offset: tuple[float, float], chance: random.Random
) -> Geometry:
    height, width = geometry["size"]
    mask = mask_from_runs(runs_from_string(geometry["counts"]), height, width)
    side = math.sqrt(mask.sum())
    moved = ndimage.shift(mask, (offset[1] * side, offset[0] * side), order=0)
    thick = round(chance.gauss(0, jitter) * side / 2)
    if thick > 0:
        moved = ndimage.binary_dilation(moved, iterations=thick)
    elif thick < 0:
        moved = ndimage.binary_erosion(moved, iterations=-thick)
    drawn = np.ascontiguousarray(moved if moved.any() else mask)
    return geometry | {"counts": string_from_runs(runs_from_mask(drawn))}


def _inside(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 6)
