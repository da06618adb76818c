"""Ontologies and documents that the tests of formats share."""

from typing import Any


def node(key: str, name: str, shape: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "color": "#0072B2",
        "shape": shape,
        "featureNodeHash": key,
        "required": False,
        "archived": False,
        **more,
    }


def attribute(key: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "type": kind,
        "featureNodeHash": key,
        "required": False,
        "archived": False,
        "dynamic": False,
        **more,
    }


def option(key: str, label: str, *nested: dict[str, Any], archived: bool = False) -> dict[str, Any]:
    value = label.lower().replace(" ", "_")
    plain = {"id": key, "label": label, "value": value, "featureNodeHash": key, "archived": archived}
    return plain | ({"options": list(nested)} if nested else {})


LOBES = attribute("lobes", "Lobes", "numeric", required=True)
CELL_TYPE = attribute(
    "celltype",
    "Cell type",
    "radio",
    required=True,
    options=[option("neutro", "Neutrophil", LOBES), option("lympho", "Lymphocyte")],
)
STAINS = attribute("stains", "Stains", "checklist", options=[option("blue", "Blue"), option("red", "Red")])
REMARK = attribute("remark", "Remark", "text")
MOVING = attribute(
    "moving", "Moving", "radio", dynamic=True, options=[option("yes", "Yes"), option("no", "No")]
)

STRUCTURE: dict[str, Any] = {
    "objects": [
        node("whitecel", "White blood cell", "bounding_box", attributes=[CELL_TYPE, STAINS, REMARK, MOVING]),
        node("redcell0", "Red blood cell", "bounding_box"),
        node("turnedbx", "Needle", "rotatable_bounding_box"),
        node("outline0", "Nucleus", "polygon"),
        node("line0000", "Scratch", "polyline"),
        node("point000", "Marker", "point"),
        node("mask0000", "Tissue", "bitmask"),
        node("skelet00", "Fly", "skeleton"),
        node("oldclass", "Old class", "bounding_box", archived=True),
    ],
    "classifications": [
        {
            "id": "20",
            "featureNodeHash": "quality0",
            "attributes": [
                attribute(
                    "qualroot",
                    "Quality",
                    "radio",
                    options=[option("good", "Good"), option("bad", "Bad", attribute("why", "Why", "text"))],
                )
            ],
        },
        {
            "id": "21",
            "featureNodeHash": "patient0",
            "level": "global",
            "attributes": [attribute("patroot0", "Patient note", "text")],
        },
    ],
    "skeleton_templates": [
        {
            "name": "Fly",
            "shape": "skeleton",
            "width": 1,
            "height": 1,
            "skeleton": {
                "0": {"x": 0.2, "y": 0.2, "name": "head", "featureHash": "v0"},
                "1": {"x": 0.8, "y": 0.8, "name": "thorax", "featureHash": "v1"},
            },
            "skeletonEdges": {"0": {"1": {"color": "#000000"}}},
        }
    ],
}

BOX = {"type": "bounding_box", "x": 0.125, "y": 0.25, "w": 0.25, "h": 0.5}
GEOMETRIES: dict[str, dict[str, Any]] = {
    "whitecel": BOX,
    "turnedbx": {"type": "rotatable_bounding_box", "x": 0.25, "y": 0.25, "w": 0.5, "h": 0.25, "theta": 30.0},
    "outline0": {
        "type": "polygon",
        "parts": [
            [[[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]], [[0.125, 0.125], [0.25, 0.125], [0.25, 0.25]]],
            [[[0.75, 0.75], [1.0, 0.75], [1.0, 1.0]]],
        ],
    },
    "line0000": {"type": "polyline", "points": [[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]]},
    "point000": {"type": "point", "x": 0.5, "y": 0.25},
    # 4 x 8 pixels (height 4): column 1 set, so runs 4, 4, 24
    "mask0000": {"type": "bitmask", "size": [4, 8], "counts": "44h0"},
    "skelet00": {
        "type": "skeleton",
        "points": {"head": {"x": 0.25, "y": 0.25, "v": 2}, "thorax": {"x": 0.5, "y": 0.75, "v": 0}},
    },
}
FRAME = (8, 4)


def instance(key: str, number: int = 1, **more: Any) -> dict[str, Any]:
    label = {"frame": 0, "geometry": GEOMETRIES.get(key, BOX), "keyframe": True, "answers": {}}
    return {"id": str(number), "node": key, "answers": {}, "labels": [label], **more}


def document(*objects: dict[str, Any], classifications: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"objects": list(objects), "classifications": list(classifications)}


def full_document() -> dict[str, Any]:
    """Every shape once, nested and dynamic answers, both kinds of classification."""
    objects = [instance(key, number) for number, key in enumerate(GEOMETRIES, start=1)]
    objects[0]["answers"] = {
        "celltype": "neutro",
        "lobes": 3,
        "stains": ["blue", "red"],
        "remark": "Größe ok",
    }
    objects[0]["labels"][0]["answers"] = {"moving": "no"}
    return document(
        *objects,
        classifications=(
            {"id": "8", "node": "quality0", "frames": [0], "answers": {"qualroot": "bad", "why": "blurred"}},
            {"id": "9", "node": "patient0", "frames": None, "answers": {"patroot0": "none"}},
        ),
    )
