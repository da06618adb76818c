"""The tree of an ontology as JSON (Encord's structure, spec/peers.md 1.6): canonical form and digest."""

import hashlib
import json
from typing import Any

Json = dict[str, Any]


def _canonical_attribute(attribute: Json) -> Json:
    return {
        "hash": attribute["featureNodeHash"],
        "name": attribute["name"],
        "type": attribute["type"],
        "required": bool(attribute.get("required", False)),
        "archived": bool(attribute.get("archived", False)),
        "dynamic": bool(attribute.get("dynamic", False)),
        "options": _sorted(_canonical_option(option) for option in attribute.get("options") or ()),
    }


def _canonical_option(option: Json) -> Json:
    return {
        "hash": option["featureNodeHash"],
        "name": option["label"],
        "archived": bool(option.get("archived", False)),
        "attributes": _sorted(_canonical_attribute(nested) for nested in option.get("options") or ()),
    }


def _canonical_template(template: Json) -> Json:
    vertices = template.get("skeleton") or {}
    names = {key: vertex["name"] for key, vertex in vertices.items()}
    edges = template.get("skeletonEdges") or {}
    return {
        "hash": template.get("feature_node_hash") or template.get("featureNodeHash") or "",
        "name": template["name"],
        "vertices": sorted([vertex["name"], vertex.get("featureHash", "")] for vertex in vertices.values()),
        "edges": sorted(
            sorted([names.get(start, start), names.get(end, end)])
            for start, ends in edges.items()
            for end in ends
        ),
    }


def _sorted(nodes: Any) -> list[Json]:
    """In an order that does not depend on how the author arranged them."""
    return sorted(nodes, key=lambda node: json.dumps(node, sort_keys=True))


def canonical_json(structure: Json) -> str:
    """What makes two ontologies exactly the same: hashes, names, shapes, types, options, nesting, flags.

    Not colours, hot keys, order, running ids or option values (they follow from the label).
    """
    canonical = {
        "objects": _sorted(
            {
                "hash": node["featureNodeHash"],
                "name": node["name"],
                "shape": node["shape"],
                "required": bool(node.get("required", False)),
                "archived": bool(node.get("archived", False)),
                "attributes": _sorted(_canonical_attribute(child) for child in node.get("attributes") or ()),
            }
            for node in structure.get("objects") or ()
        ),
        "classifications": _sorted(
            {
                "hash": node["featureNodeHash"],
                "level": node.get("level") or "frame",
                "archived": bool(node.get("archived", False)),
                "attributes": [_canonical_attribute(child) for child in node["attributes"]],
            }
            for node in structure.get("classifications") or ()
        ),
        "skeleton_templates": _sorted(
            _canonical_template(template) for template in structure.get("skeleton_templates") or ()
        ),
    }
    return json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical_digest(structure: Json) -> str:
    """SHA-256 (hex) of the canonical JSON: equal digests mean exactly the same ontology."""
    return hashlib.sha256(canonical_json(structure).encode()).hexdigest()
