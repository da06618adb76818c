"""The tree of an ontology as JSON (Encord's structure, spec/peers.md 1.6): types, canonical form, digest, walking."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

SHAPES = ("bounding_box", "rotatable_bounding_box", "polygon", "polyline", "point", "skeleton", "bitmask")
ATTRIBUTE_TYPES = ("radio", "checklist", "text", "numeric")
MAX_LEVELS = 7
# Okabe-Ito first, safe for colour-blind people; what a new object class gets, in this order.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5AA6", "#9AA3B2")

Json = dict[str, Any]


class OptionJson(TypedDict):
    """A choice; only radio options hold nested attributes (under `options`, as Encord has it)."""

    id: str
    label: str
    value: str
    featureNodeHash: str
    archived: bool
    options: NotRequired[list["AttributeJson"]]


class AttributeJson(TypedDict):
    """A question; `dynamic` may be true at the top level of objects only."""

    id: str
    name: str
    type: Literal["radio", "checklist", "text", "numeric"]
    featureNodeHash: str
    required: bool
    archived: bool
    dynamic: bool
    options: NotRequired[list[OptionJson]]


class ObjectJson(TypedDict):
    """An object class."""

    id: str
    name: str
    color: str
    shape: str
    featureNodeHash: str
    required: bool
    archived: bool
    attributes: list[AttributeJson]
    hotKey: NotRequired[str]
    skeletonTemplate: NotRequired[str]


class ClassificationJson(TypedDict):
    """A classification of frames, or of the whole file (`level` = global); named by its one root attribute."""

    id: str
    featureNodeHash: str
    archived: bool
    attributes: list[AttributeJson]
    level: NotRequired[Literal["global"]]
    color: NotRequired[str]
    hotKey: NotRequired[str]


class Structure(TypedDict):
    """A whole ontology. `ontologies.checking.read_structure` makes one of anything that claims to be one."""

    objects: list[ObjectJson]
    classifications: list[ClassificationJson]
    skeleton_templates: list[Json]


def empty_structure() -> Structure:
    """An ontology without any node."""
    return {"objects": [], "classifications": [], "skeleton_templates": []}


def new_feature_hash() -> str:
    """The permanent identity of a new node: eight characters, so that a collision within an ontology is no worry."""
    return secrets.token_hex(4)


def option_value(label: str) -> str:
    """The value that exports write for an option: its label in snake case."""
    return re.sub(r"\W+", "_", label.casefold()).strip("_") or "option"


# ---------------------------------------------------------------- walking
@dataclass(frozen=True)
class Node:
    """One node with its place: the path in the JSON, and what must never change once it is in use.

    `nature` maps the words for people to the values; `kind` is object class, classification, attribute or option.
    """

    hash: str
    name: str
    path: str
    archived: bool
    kind: str
    nature: dict[str, str]


def nodes_of(structure: Json | Structure) -> Iterator[Node]:
    """Every object class, classification, attribute and option, parents before children."""
    for index, item in enumerate(structure.get("objects") or ()):
        path = f"objects[{index}]"
        own, nature = item["featureNodeHash"], {"shape": item["shape"]}
        yield Node(own, item["name"], path, item.get("archived") is True, "object class", nature)
        yield from _attribute_nodes(item.get("attributes") or (), f"{path}.attributes", own)
    for index, item in enumerate(structure.get("classifications") or ()):
        path = f"classifications[{index}]"
        own, root = item["featureNodeHash"], item["attributes"][0]
        nature = {"level": item.get("level") or "frame", "root attribute": root["featureNodeHash"]}
        yield Node(own, root["name"], path, item.get("archived") is True, "classification", nature)
        yield from _attribute_nodes(item["attributes"], f"{path}.attributes", own)


def _attribute_nodes(attributes: Iterable[Any], path: str, parent: str) -> Iterator[Node]:
    for index, item in enumerate(attributes):
        here, own = f"{path}[{index}]", item["featureNodeHash"]
        per_frame = "yes" if item.get("dynamic") else "no"
        nature = {"type": item["type"], "dynamic flag": per_frame, "place in the tree": parent}
        yield Node(own, item["name"], here, item.get("archived") is True, "attribute", nature)
        for position, option in enumerate(item.get("options") or ()):
            there = f"{here}.options[{position}]"
            nature = {"place in the tree": own}
            yield Node(
                option["featureNodeHash"],
                option["label"],
                there,
                option.get("archived") is True,
                "option",
                nature,
            )
            yield from _attribute_nodes(
                option.get("options") or (), f"{there}.options", option["featureNodeHash"]
            )


def vertices_of(item: Any, structure: Json | Structure) -> set[str]:
    """Names of the vertices that labels of a skeleton class have, by its template."""
    known_as = (item.get("skeletonTemplate"), item["featureNodeHash"], item["name"])
    by_name = {
        key: template
        for template in structure.get("skeleton_templates") or ()
        for key in (template["name"], template.get("featureNodeHash"))
    }
    template = next((by_name[key] for key in known_as if key in by_name), {})
    return {vertex["name"] for vertex in (template.get("skeleton") or {}).values()}


# ---------------------------------------------------------------- canonical form
def canonical_json(structure: Json | Structure) -> str:
    """What makes two ontologies exactly the same: hashes, names, shapes, types, options, nesting, flags.

    Not colours, hot keys, order, running ids or option values (they follow from the label).
    """
    canonical = {
        "objects": _sorted(_canonical_object(node) for node in structure.get("objects") or ()),
        "classifications": _sorted(
            _canonical_classification(node) for node in structure.get("classifications") or ()
        ),
        "skeleton_templates": _sorted(
            _canonical_template(node) for node in structure.get("skeleton_templates") or ()
        ),
    }
    return json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical_digest(structure: Json | Structure) -> str:
    """SHA-256 (hex) of the canonical JSON: equal digests mean exactly the same ontology."""
    return hashlib.sha256(canonical_json(structure).encode()).hexdigest()


def _flags(node: Any, *names: str) -> Json:
    return {name: node.get(name) is True for name in names}


def _canonical_object(node: Any) -> Json:
    return _flags(node, "required", "archived") | {
        "hash": node["featureNodeHash"],
        "name": node["name"],
        "shape": node["shape"],
        "attributes": _sorted(_canonical_attribute(child) for child in node.get("attributes") or ()),
    }


def _canonical_classification(node: Any) -> Json:
    return _flags(node, "archived") | {
        "hash": node["featureNodeHash"],
        "level": "global" if node.get("level") == "global" else "frame",
        "attributes": [_canonical_attribute(child) for child in node["attributes"]],
    }


def _canonical_attribute(node: Any) -> Json:
    return _flags(node, "required", "archived", "dynamic") | {
        "hash": node["featureNodeHash"],
        "name": node["name"],
        "type": node["type"],
        "options": _sorted(_canonical_option(option) for option in node.get("options") or ()),
    }


def _canonical_option(node: Any) -> Json:
    return _flags(node, "archived") | {
        "hash": node["featureNodeHash"],
        "name": node["label"],
        "attributes": _sorted(_canonical_attribute(nested) for nested in node.get("options") or ()),
    }


def _canonical_template(template: Any) -> Json:
    vertices = template.get("skeleton") or {}
    names = {key: vertex["name"] for key, vertex in vertices.items()}
    edges = template.get("skeletonEdges") or {}
    return {
        "hash": template.get("featureNodeHash") or "",
        "name": template["name"],
        "vertices": sorted([vertex["name"], vertex.get("featureHash", "")] for vertex in vertices.values()),
        "edges": sorted(
            sorted([names.get(start, start), names.get(end, end)])
            for start, ends in edges.items()
            for end in ends
        ),
    }


def _sorted(nodes: Iterable[Json]) -> list[Json]:
    """In an order that does not depend on how the author arranged them."""
    return sorted(nodes, key=lambda node: json.dumps(node, sort_keys=True))
