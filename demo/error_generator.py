"""Labels of simulated annotators: a gold document of boxes with mistakes of a stated kind and rate.

For demonstrations only; nothing in the product calls it when people label. The same document, profile and seed always
give the same labels. Mistakes are independent per box:

- ``drop``: the box is left out;
- ``duplicate``: the box is drawn a second time, with its own shift and resize;
- ``swap``: it gets another class;
- ``shift``: its centre moves, in x and in y, by a normal amount whose standard deviation is this share of its side;
- ``resize``: its sides are multiplied, each by the exponential of a normal amount with this standard deviation.

Boxes are clipped to the frame. Identifiers are new and in a new order, so they tell nothing about gold.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SMALLEST_SIDE = 0.002


@dataclass(frozen=True)
class ErrorProfile:
    """How one simulated person errs: rates are probabilities per box, shift and resize relative to the box."""

    drop: float = 0.0
    duplicate: float = 0.0
    swap: float = 0.0
    shift: float = 0.0
    resize: float = 0.0


def with_errors(
    document: Mapping[str, Any], profile: ErrorProfile, *, seed: str, classes: Sequence[str]
) -> dict[str, Any]:
    """A new document with the mistakes of the profile; the one given is left as it is.

    ``classes`` are the feature hashes among which classes are swapped. Only single-frame boxes without answers are
    supported, which is what the blood cells have; classifications are passed on.
    """
    # Not cryptography: a generator that repeats itself is the point.
    chance = random.Random(seed)  # noqa: S311
    drawn: list[tuple[str, dict[str, Any]]] = []
    for instance in document["objects"]:
        (label,) = instance["labels"]
        if chance.random() < profile.drop:
            continue
        others = [key for key in classes if key != instance["node"]]
        node = chance.choice(others) if others and chance.random() < profile.swap else instance["node"]
        copies = 2 if chance.random() < profile.duplicate else 1
        drawn += [(node, _redrawn(label["geometry"], profile, chance)) for _ in range(copies)]
    chance.shuffle(drawn)
    objects = [
        {
            "id": str(number),
            "node": node,
            "answers": {},
            "labels": [{"frame": 0, "geometry": box, "keyframe": True, "answers": {}}],
        }
        for number, (node, box) in enumerate(drawn, start=1)
    ]
    return {"objects": objects, "classifications": list(document["classifications"])}


def _redrawn(box: Mapping[str, Any], profile: ErrorProfile, chance: random.Random) -> dict[str, Any]:
    x, w = _side(box["x"], box["w"], profile, chance)
    y, h = _side(box["y"], box["h"], profile, chance)
    return {"type": "bounding_box", "x": x, "y": y, "w": w, "h": h}


def _side(start: float, size: float, profile: ErrorProfile, chance: random.Random) -> tuple[float, float]:
    centre = start + size / 2 + chance.gauss(0, 1) * profile.shift * size
    half = size * math.exp(chance.gauss(0, 1) * profile.resize) / 2
    low = min(max(0.0, centre - half), 1 - _SMALLEST_SIDE)
    high = max(min(1.0, centre + half), low + _SMALLEST_SIDE)
    return round(low, 6), round(high - low, 6)
