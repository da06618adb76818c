"""From anything that claims to be an ontology to a clean structure, or to a list of problems with their places."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from ontologies.structure import (
    ATTRIBUTE_TYPES,
    MAX_LEVELS,
    PALETTE,
    SHAPES,
    AttributeJson,
    ClassificationJson,
    Json,
    ObjectJson,
    OptionJson,
    Structure,
    new_feature_hash,
    option_value,
)

MAX_JSON_BYTES = 2 * 1024 * 1024
MAX_NODES = 5_000
MAX_NAME_CHARS = 200
MAX_VERTICES = 200
MAX_PROBLEMS = 50

HASH = re.compile(r"[A-Za-z0-9_-]{1,16}")
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
HOT_KEY = re.compile(r"[0-9a-z]")


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: `objects[0].attributes[1].options[2].label`."""

    path: str
    message: str


class BadStructure(Exception):
    """It is not an ontology that can be stored; `problems` name every place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{problem.path}: {problem.message}" for problem in self.problems[:5]) or "bad ontology"
        )


def read_json(text: str | bytes) -> Any:
    """Parse pasted or uploaded JSON. Raises BadStructure with a sentence."""
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    if len(raw) > MAX_JSON_BYTES:
        raise BadStructure([Problem("", f"The JSON is larger than {MAX_JSON_BYTES // 1024**2} MB.")])
    try:
        return orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        where = f" (line {error.lineno}, column {error.colno})"
        raise BadStructure([Problem("", f"This is not valid JSON{where}: {error.msg}.")]) from None


def read_structure(data: object) -> Structure:
    """Check everything and return a clean copy: known keys only, flags filled in, ids renumbered in order.

    Nodes without a feature hash are new and get one. Raises BadStructure with all problems found.
    """
    return _Reader().structure(data)


@dataclass
class _Reader:
    """One reading: the problems so far, and what must be unique over the whole tree."""

    problems: list[Problem] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    hot_keys: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def structure(self, data: object) -> Structure:
        if not isinstance(data, dict):
            raise BadStructure(
                [Problem("", "An ontology is a JSON object with objects and classifications.")]
            )
        if "objects" not in data and "classifications" not in data:
            raise BadStructure([Problem("", "The JSON has neither “objects” nor “classifications”.")])
        templates = self.each(data, "skeleton_templates", "", self.template)
        self.siblings(templates, "skeleton_templates", lambda node: (node["name"],), "name")
        names = {name for template in templates for name in (template["name"], template["featureNodeHash"])}
        objects = self.each(data, "objects", "", lambda item, path: self.object_class(item, path, names))
        classifications = self.each(data, "classifications", "", self.classification)
        self.siblings(objects, "objects", lambda node: (node["name"], node["shape"]), "name and shape")
        self.siblings(
            classifications, "classifications", lambda node: (node["attributes"][0]["name"],), "name"
        )
        if self.problems:
            raise BadStructure(self.problems[:MAX_PROBLEMS])
        for number, item in enumerate([*objects, *classifications], start=1):
            item["id"] = str(number)
            _number(item["attributes"], item["id"])
        return {"objects": objects, "classifications": classifications, "skeleton_templates": templates}

    # ------------------------------------------------------------ nodes
    def object_class(self, item: Json, path: str, templates: set[str]) -> ObjectJson:
        shape = item.get("shape")
        if shape not in SHAPES:
            known = ", ".join(SHAPES)
            self.wrong(f"{path}.shape", f"The shape {_quoted(shape)} is not known; it is one of: {known}.")
        clean: ObjectJson = {
            "id": "",
            "name": self.name(item, "name", path),
            "color": self.colour(item, path) or PALETTE[len(self.hashes) % len(PALETTE)],
            "shape": str(shape),
            "featureNodeHash": self.hash(item, path),
            "required": self.flag(item, "required", path),
            "archived": self.flag(item, "archived", path),
            "attributes": self.attributes(item, "attributes", path, level=1, may_be_dynamic=True),
        }
        if hot_key := self.hot_key(item, path, clean["archived"]):
            clean["hotKey"] = hot_key
        if shape == "skeleton":
            known_as = [str(item.get("skeletonTemplate") or ""), clean["featureNodeHash"], clean["name"]]
            template = next((name for name in known_as if name in templates), None)
            if template is None:
                self.wrong(
                    f"{path}.shape", "A skeleton needs a template of the same name in skeleton_templates."
                )
            else:
                clean["skeletonTemplate"] = template
        return clean

    def classification(self, item: Json, path: str) -> ClassificationJson:
        roots = item.get("attributes")
        if not isinstance(roots, list) or len(roots) != 1:
            self.wrong(f"{path}.attributes", "A classification has exactly one root attribute.")
            roots = []
        level = item.get("level")
        if level not in (None, "", "global", "frame"):
            self.wrong(f"{path}.level", "The level of a classification is “global”, or it is left out.")
        clean: ClassificationJson = {
            "id": "",
            "featureNodeHash": self.hash(item, path),
            "archived": self.flag(item, "archived", path),
            "attributes": self.attributes({"attributes": roots}, "attributes", path, level=1),
        }
        if not clean["attributes"]:
            clean["attributes"] = [_placeholder()]
        if level == "global":
            clean["level"] = "global"
        if colour := self.colour(item, path):
            clean["color"] = colour
        if hot_key := self.hot_key(item, path, clean["archived"]):
            clean["hotKey"] = hot_key
        return clean

    def attributes(
        self, holder: Json, key: str, path: str, *, level: int, may_be_dynamic: bool = False
    ) -> list[AttributeJson]:
        found = self.each(
            holder, key, path, lambda item, here: self.attribute(item, here, level, may_be_dynamic)
        )
        self.siblings(found, f"{path}.{key}", lambda node: (node["name"],), "name")
        return found

    def attribute(self, item: Json, path: str, level: int, may_be_dynamic: bool) -> AttributeJson:
        name, kind = self.name(item, "name", path), item.get("type")
        clean: AttributeJson = {
            "id": "",
            "name": name,
            "type": "text",
            "featureNodeHash": self.hash(item, path),
            "required": self.flag(item, "required", path),
            "archived": self.flag(item, "archived", path),
            "dynamic": self.flag(item, "dynamic", path),
        }
        if kind not in ATTRIBUTE_TYPES:
            known = ", ".join(ATTRIBUTE_TYPES)
            self.wrong(f"{path}.type", f"The type {_quoted(kind)} is not known; it is one of: {known}.")
            return clean
        clean["type"] = kind
        if clean["dynamic"] and not may_be_dynamic:
            self.wrong(
                f"{path}.dynamic", "Only attributes at the top level of an object may change per frame."
            )
        if level > MAX_LEVELS:
            self.wrong(
                path, f"“{name}” would be on level {level}; attributes nest up to {MAX_LEVELS} levels deep."
            )
            return clean
        if kind in ("text", "numeric"):
            if item.get("options"):
                self.wrong(f"{path}.options", f"A {kind} attribute has no options.")
            return clean
        options = self.each(item, "options", path, lambda one, here: self.option(one, here, kind, level))
        if not clean["archived"] and not any(not option["archived"] for option in options):
            self.wrong(f"{path}.options", f"“{name}” needs at least one option to choose.")
        self.siblings(options, f"{path}.options", lambda node: (node["label"],), "label")
        clean["options"] = options
        return clean

    def option(self, item: Json, path: str, kind: str, level: int) -> OptionJson:
        label = self.name(item, "label", path)
        value = item.get("value")
        clean: OptionJson = {
            "id": "",
            "label": label,
            "value": self.name(item, "value", path) if value else option_value(label),
            "featureNodeHash": self.hash(item, path),
            "archived": self.flag(item, "archived", path),
        }
        if item.get("options"):
            if kind == "checklist":
                self.wrong(f"{path}.options", "Options of a checklist have no attributes of their own.")
            else:
                clean["options"] = self.attributes(item, "options", path, level=level + 1)
        return clean

    def template(self, item: Json, path: str) -> Json:
        vertices = item.get("skeleton")
        if not isinstance(vertices, dict) or not 0 < len(vertices) <= MAX_VERTICES:
            self.wrong(f"{path}.skeleton", f"A template has between 1 and {MAX_VERTICES} vertices.")
            vertices = {}
        clean_vertices = {
            str(key): self.vertex(one, f"{path}.skeleton.{key}") for key, one in vertices.items()
        }
        known: set[str] = set()
        for key, vertex in clean_vertices.items():
            if vertex["name"] in known:
                self.wrong(
                    f"{path}.skeleton.{key}.name", f"Another vertex is called “{vertex['name']}”, too."
                )
            known.add(vertex["name"])
        edges = item.get("skeletonEdges") or {}
        if not isinstance(edges, dict) or not all(isinstance(ends, dict) for ends in edges.values()):
            self.wrong(f"{path}.skeletonEdges", "Edges go from one vertex to others, as JSON objects.")
            edges = {}
        clean_edges = {
            str(start): {
                str(end): {"color": self.colour(style, path) or "#000000"} for end, style in ends.items()
            }
            for start, ends in edges.items()
        }
        if {key for start, ends in clean_edges.items() for key in (start, *ends)} - set(clean_vertices):
            self.wrong(f"{path}.skeletonEdges", "An edge begins or ends at a vertex that does not exist.")
        own_hash = item.get("featureNodeHash") or item.get("feature_node_hash") or new_feature_hash()
        if not isinstance(own_hash, str) or not HASH.fullmatch(own_hash):
            self.wrong(f"{path}.featureNodeHash", "A feature hash has up to 16 letters, digits, - or _.")
        return {
            "name": self.name(item, "name", path),
            "shape": "skeleton",
            "featureNodeHash": own_hash,
            "width": self.number(item, "width", path, default=1.0),
            "height": self.number(item, "height", path, default=1.0),
            "skeleton": clean_vertices,
            "skeletonEdges": clean_edges,
        }

    def vertex(self, item: object, path: str) -> Json:
        if not isinstance(item, dict):
            self.wrong(path, "A vertex is a JSON object.")
            item = {}
        name = self.name(item, "name", path)
        own_hash = item.get("featureHash") or new_feature_hash()
        if not isinstance(own_hash, str) or not HASH.fullmatch(own_hash):
            self.wrong(f"{path}.featureHash", "A feature hash has up to 16 letters, digits, - or _.")
        return {
            "name": name,
            "x": self.number(item, "x", path),
            "y": self.number(item, "y", path),
            "color": self.colour(item, path) or "#000000",
            "value": option_value(name),
            "featureHash": own_hash,
        }

    # ------------------------------------------------------------ values
    def wrong(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def each(self, holder: Json, key: str, path: str, read: Callable[[Json, str], Any]) -> list[Any]:
        """The clean items of a list; what is no list or no object is a problem."""
        here = f"{path}.{key}" if path else key
        items = holder.get(key)
        if items is None:
            return []
        if not isinstance(items, list):
            self.wrong(here, "This must be a list.")
            return []
        clean = []
        for index, item in enumerate(items):
            self.count += 1
            if self.count > MAX_NODES:
                raise BadStructure([Problem(here, f"An ontology has up to {MAX_NODES:,} nodes.")])
            if isinstance(item, dict):
                clean.append(read(item, f"{here}[{index}]"))
            else:
                self.wrong(f"{here}[{index}]", "This must be a JSON object.")
        return clean

    def name(self, item: Json, key: str, path: str) -> str:
        value = item.get(key)
        if not isinstance(value, str) or not value.strip():
            self.wrong(f"{path}.{key}", f"A {key} is missing.")
            return ""
        name = value.strip()
        if len(name) > MAX_NAME_CHARS:
            self.wrong(f"{path}.{key}", f"The {key} is longer than {MAX_NAME_CHARS} characters.")
        if not name.isprintable():
            self.wrong(f"{path}.{key}", f"The {key} has line breaks or control characters.")
        return name

    def hash(self, item: Json, path: str) -> str:
        value = item.get("featureNodeHash")
        if value in (None, ""):
            return new_feature_hash()
        if not isinstance(value, str) or not HASH.fullmatch(value):
            self.wrong(f"{path}.featureNodeHash", "A feature hash has up to 16 letters, digits, - or _.")
        elif value in self.hashes:
            self.wrong(
                f"{path}.featureNodeHash",
                f"The feature hash {value} is used at {self.hashes[value]} already.",
            )
        else:
            self.hashes[value] = path
        return str(value)

    def colour(self, item: object, path: str) -> str | None:
        value = item.get("color") if isinstance(item, dict) else None
        if value in (None, ""):
            return None
        if not isinstance(value, str) or not COLOUR.fullmatch(value):
            self.wrong(f"{path}.color", "A colour is # and six hexadecimal digits, for example #0072B2.")
            return None
        return value.upper()

    def hot_key(self, item: Json, path: str, archived: bool) -> str | None:
        value = item.get("hotKey")
        if value in (None, "") or archived:  # an archived class frees its key
            return None
        if not isinstance(value, str) or not HOT_KEY.fullmatch(value.lower()):
            self.wrong(f"{path}.hotKey", "A hot key is one letter or digit.")
            return None
        if value.lower() in self.hot_keys:
            self.wrong(f"{path}.hotKey", f"The hot key {value} is taken already.")
        self.hot_keys[value.lower()] = path
        return value.lower()

    def flag(self, item: Json, key: str, path: str) -> bool:
        value = item.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(f"{path}.{key}", f"“{key}” is true or false.")
        return value is True

    def number(self, item: Json, key: str, path: str, default: float | None = None) -> float:
        value = item.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.wrong(f"{path}.{key}", f"“{key}” must be a number.")
            return 0.0
        return float(value)

    def siblings(self, nodes: list[Any], path: str, key: Callable[[Any], tuple[str, ...]], what: str) -> None:
        """Two nodes side by side that nobody could tell apart are a problem; archived ones do not count."""
        seen: set[tuple[str, ...]] = set()
        for index, node in enumerate(nodes):
            folded = tuple(" ".join(part.casefold().split()) for part in key(node))
            if node.get("archived") or not folded[0]:
                continue
            if folded in seen:
                self.wrong(f"{path}[{index}]", f"Another one has the same {what}: “{key(node)[0]}”.")
            seen.add(folded)


def _placeholder() -> AttributeJson:
    """Stands for a root attribute that is wrong, so that reading can go on and find further problems."""
    return {
        "id": "",
        "name": "",
        "type": "text",
        "featureNodeHash": new_feature_hash(),
        "required": False,
        "archived": True,
        "dynamic": False,
    }


def _number(attributes: list[Any], prefix: str) -> None:
    """Dotted running ids as Encord writes them: attributes 5.1, their options 5.1.1, attributes of those 5.1.1.1."""
    for number, attribute in enumerate(attributes, start=1):
        attribute["id"] = f"{prefix}.{number}"
        for position, option in enumerate(attribute.get("options") or (), start=1):
            option["id"] = f"{attribute['id']}.{position}"
            _number(option.get("options") or [], option["id"])


def _quoted(value: object) -> str:
    return f"“{str(value)[:40]}”" if isinstance(value, str) and value else "(none)"
