"""Short ways to write ontologies and label documents in tests of the engine."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from scoring import Facts, Function, Ontology, compare
from scoring.run_strings import write_runs

FRAME = (100, 100)
"""Tests count in hundredths: one unit of 0.01 is one pixel."""

Json = dict[str, Any]


def option(node: str, *nested: Json, archived: bool = False) -> Json:
    return {"featureNodeHash": node, "label": node.title(), "archived": archived, "options": list(nested)}


def attribute(
    node: str, type: str = "text", *options: Json | str, dynamic: bool = False, archived: bool = False
) -> Json:
    made = [option(one) if isinstance(one, str) else one for one in options]
    found = {
        "featureNodeHash": node,
        "name": node.title(),
        "type": type,
        "dynamic": dynamic,
        "archived": archived,
    }
    return found | ({"options": made} if made else {})


def object_class(node: str, shape: str = "bounding_box", *attributes: Json, archived: bool = False) -> Json:
    return {
        "featureNodeHash": node,
        "name": node.title(),
        "shape": shape,
        "attributes": list(attributes),
        "archived": archived,
    }


def classification(node: str, root: Json, level: str | None = None) -> Json:
    return {"featureNodeHash": node, "attributes": [root]} | ({"level": level} if level else {})


def ontology(
    *objects: Json, classifications: tuple[Json, ...] = (), templates: tuple[Json, ...] = ()
) -> Ontology:
    return Ontology.from_structure(
        {
            "objects": list(objects),
            "classifications": list(classifications),
            "skeleton_templates": list(templates),
        }
    )


def template(name: str, *vertices: str) -> Json:
    return {"name": name, "skeleton": {str(index): {"name": vertex} for index, vertex in enumerate(vertices)}}


def box(x: float, y: float, w: float, h: float) -> Json:
    """A box in hundredths of the frame."""
    return {"type": "bounding_box", "x": x / 100, "y": y / 100, "w": w / 100, "h": h / 100}


def rotated(x: float, y: float, w: float, h: float, theta: float) -> Json:
    return box(x, y, w, h) | {"type": "rotatable_bounding_box", "theta": theta}


def polygon(*parts: list[list[tuple[float, float]]]) -> Json:
    """Parts of rings of points in hundredths of the frame."""
    scaled = [[[[x / 100, y / 100] for x, y in ring] for ring in part] for part in parts]
    return {"type": "polygon", "parts": scaled}


def ring(x: float, y: float, w: float, h: float) -> list[tuple[float, float]]:
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def line(*points: tuple[float, float]) -> Json:
    return {"type": "polyline", "points": [[x / 100, y / 100] for x, y in points]}


def point(x: float, y: float) -> Json:
    return {"type": "point", "x": x / 100, "y": y / 100}


def skeleton(**vertices: tuple[float, ...]) -> Json:
    """name=(x, y) or name=(x, y, v)."""
    return {
        "type": "skeleton",
        "points": {
            name: {"x": x / 100, "y": y / 100, "v": v[0] if v else 2} for name, (x, y, *v) in vertices.items()
        },
    }


def bitmask(pixels: np.ndarray) -> Json:
    """A mask (height, width) as COCO run lengths."""
    flat = np.asarray(pixels, dtype=bool).T.reshape(-1)
    borders = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], borders, [flat.size]]))
    if flat[0]:
        counts = np.concatenate([[0], counts])
    return {"type": "bitmask", "size": list(pixels.shape), "counts": write_runs(counts)}


def thing(identifier: object, node: str, geometry: Json | dict[int, Json], **answers: Any) -> Json:
    """An object with a label on frame 0, or one label per frame of {frame: geometry}."""
    by_frame = geometry if geometry and all(isinstance(key, int) for key in geometry) else {0: geometry}
    labels = [{"frame": at, "geometry": one, "keyframe": True, "answers": {}} for at, one in by_frame.items()]
    return {"id": str(identifier), "node": node, "answers": answers, "labels": labels}


def answer(identifier: object, node: str, frames: list[int] | None = None, **answers: Any) -> Json:
    """A classification on frame 0 or the given frames."""
    return {
        "id": str(identifier),
        "node": node,
        "frames": [0] if frames is None else frames,
        "answers": answers,
    }


def document(*objects: Json, classifications: tuple[Json, ...] = ()) -> Json:
    return {"objects": list(objects), "classifications": list(classifications)}


def facts_of(
    items: Ontology,
    gold: Json,
    submitted: Json,
    frames: int = 1,
    size: tuple[int, int] = FRAME,
    **settings: Any,
) -> Facts:
    """Compare with a function of the given settings."""
    function = Function.from_dict(items, settings)
    return compare(items, function, gold, submitted, [size] * frames)


def outcomes_of(facts: Facts) -> list[str]:
    return [str(fact.outcome) for fact in facts.labels]


def copy_of(value: Json) -> Json:
    return json.loads(json.dumps(value))
