"""Labels of simulated annotators over several frames: a gold document with mistakes of a stated kind and rate.

For demonstrations only, like `error_generator`. The same document, profile and seed always give the same labels.

- ``drop``: an instance is left out;
- ``late``: an instance is followed from a later frame on only;
- ``lost``: an instance is followed to an earlier frame only;
- ``exchange``: from some frame on, the labels of an instance and of another one of its class are exchanged;
- ``jitter``: at key frames every point moves by a normal amount, as a share of the shape's own size; rotated boxes also
  turn, masks are shifted, grown or shrunk;
- ``drift``: a shape slides away from its place, on the last frame by this share of its own size (boxes only);
- ``swap``: a radio answer that holds for the whole instance is another option;
- ``flip``: a radio answer of one frame is another option;
- ``forget``: where a radio answer changes over time, the change is not entered, and the answer before it stays;
- ``step``: every so many frames there is a key frame, with 0 where gold has one; what lies between is interpolated, as
  the editor would. An instance that leaves and comes back is interpolated in each stretch by itself.
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
    """How one simulated person errs: jitter and drift are shares of the shape, the others but step probabilities."""

    drop: float = 0.0
    late: float = 0.0
    jitter: float = 0.0
    swap: float = 0.0
    flip: float = 0.0
    step: int = 1
    lost: float = 0.0
    exchange: float = 0.0
    drift: float = 0.0
    forget: float = 0.0


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
    _exchange(drawn, errors.exchange, chance)
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


def _exchange(
    drawn: Sequence[tuple[str, Any, list[dict[str, Any]]]], rate: float, chance: random.Random
) -> None:
    """Exchange, in place, the labels of pairs of one class behind a frame that both have."""
    left = list(range(len(drawn))) if rate else []
    while left:
        node, _, one = drawn[left.pop()]
        frames = {label["frame"] for label in one}
        for other in left:
            common = sorted(frames & {label["frame"] for label in drawn[other][2]})
            if drawn[other][0] == node and len(common) > 1 and chance.random() < rate:
                frame, labels = chance.choice(common[1:]), drawn[other][2]
                heads = [[label for label in each if label["frame"] < frame] for each in (one, labels)]
                tails = [[label for label in each if label["frame"] >= frame] for each in (one, labels)]
                for edge in (heads[0][-1], heads[1][-1], tails[0][0], tails[1][0]):
                    edge["keyframe"] = True  # nothing is interpolated from one thing to another
                one[:], labels[:] = heads[0] + tails[1], heads[1] + tails[0]
                left.remove(other)
                break


def _labels(
    labels: Sequence[Mapping[str, Any]], errors: TrackErrors, options: Options, chance: random.Random
) -> list[dict[str, Any]]:
    if len(labels) > 2 and chance.random() < errors.late:
        labels = labels[max(1, round(len(labels) * chance.uniform(0.1, 0.4))) :]
    if errors.lost and len(labels) > 2 and chance.random() < errors.lost:
        labels = labels[: max(2, round(len(labels) * chance.uniform(0.5, 0.9)))]
    offset = (chance.gauss(0, errors.jitter / 2), chance.gauss(0, errors.jitter / 2))
    slide = chance.uniform(0, 2 * math.pi) if errors.drift else 0.0
    shapes = {}
    for stretch in _stretches(labels):
        for place in _key_places(stretch, errors.step):
            share = errors.drift * place / len(stretch)
            off = (offset[0] + share * math.cos(slide), offset[1] + share * math.sin(slide))
            shapes[stretch[place]["frame"]] = _moved(stretch[place]["geometry"], errors.jitter, off, chance)
    answers = _remembered([label["answers"] for label in labels], errors.forget, chance)
    return [
        {
            "frame": label["frame"],
            "geometry": _at(shapes, label["frame"]),
            "keyframe": label["frame"] in shapes,
            "answers": _answers(given, errors.flip, options, chance),
        }
        for label, given in zip(labels, answers, strict=True)
    ]


def _stretches(labels: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """The labels in runs of frames that follow one another."""
    found: list[list[Mapping[str, Any]]] = []
    for label in labels:
        if found and label["frame"] == found[-1][-1]["frame"] + 1:
            found[-1].append(label)
        else:
            found.append([label])
    return found


def _key_places(stretch: Sequence[Mapping[str, Any]], step: int) -> list[int]:
    keys = (
        range(0, len(stretch), step) if step else [n for n, label in enumerate(stretch) if label["keyframe"]]
    )
    return sorted({0, *keys, len(stretch) - 1})


def _remembered(
    answers: Sequence[Mapping[str, Any]], rate: float, chance: random.Random
) -> list[Mapping[str, Any]]:
    """The answers of consecutive labels, with changes left out at this rate."""
    kept = list(answers)
    for place in range(1, len(kept)) if rate else ():
        if answers[place] == answers[place - 1] or chance.random() < rate:
            kept[place] = kept[place - 1]
    return kept


def _at(shapes: Mapping[int, Geometry], frame: int) -> Geometry:
    if frame in shapes:
        return shapes[frame]
    before = max(key for key in shapes if key < frame)
    after = min(key for key in shapes if key > frame)
    return _between(shapes[before], shapes[after], (frame - before) / (after - before))


def _between(one: Any, other: Any, share: float) -> Any:
    """Straight lines between the numbers of two geometries of one build; the rest is the first one's."""
    if isinstance(one, dict):
        return {
            key: value if key == "v" else _between(value, other[key], share) for key, value in one.items()
        }
    if isinstance(one, int | float) and not isinstance(one, bool):
        return round(one + (other - one) * share, 7)  # seven digits, like the editor
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
    if geometry["type"] == "bounding_box":
        return geometry | _clipped(cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
    return geometry | {
        "x": round(cx - w / 2, 6),
        "y": round(cy - h / 2, 6),
        "w": round(w, 6),
        "h": round(h, 6),
        "theta": round((geometry["theta"] + chance.gauss(0, 40 * jitter)) % 360, 3),
    }


def _clipped(left: float, top: float, right: float, bottom: float) -> dict[str, float]:
    """A box cut at the frame's edge, as the editor draws it."""
    x, y = _inside(left), _inside(top)
    return {"x": x, "y": y, "w": round(_inside(right) - x, 6), "h": round(_inside(bottom) - y, 6)}


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
