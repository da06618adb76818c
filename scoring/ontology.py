"""The ontology as the engine sees it: frozen records made from the structure JSON, addressed by feature hash.

The structure is the product's own (and Encord's): `objects`, `classifications`, `skeleton_templates`. Only what scoring
needs is read. A *node* is an item (object class or classification) or an attribute; hashes are unique over all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

AttributeType = Literal["radio", "checklist", "text", "numeric"]
ATTRIBUTE_TYPES: tuple[AttributeType, ...] = ("radio", "checklist", "text", "numeric")

FAMILIES = ("area", "line", "point", "skeleton")
FAMILY_OF_SHAPE = {
    "bounding_box": "area",
    "rotatable_bounding_box": "area",
    "polygon": "area",
    "bitmask": "area",
    "polyline": "line",
    "point": "point",
    "skeleton": "skeleton",
}


class OntologyError(ValueError):
    """The structure cannot be read; the message names the place."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a radio or checklist attribute; `rank` is its position among all options."""

    hash: str
    name: str
    rank: int
    archived: bool
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A question. `dynamic` is that of its top-level attribute: a nested answer changes when its parent may.

    `parent` and `parent_option` are None at the top level of an object and for the root of a classification.
    """

    hash: str
    name: str
    type: AttributeType
    dynamic: bool
    archived: bool
    parent: str | None
    parent_option: str | None
    options: tuple[Option, ...]

    @property
    def children(self) -> tuple[Attribute, ...]:
        """The direct children of all options."""
        return tuple(child for option in self.options for child in option.attributes)

    def option(self, option_hash: str) -> Option | None:
        return next((option for option in self.options if option.hash == option_hash), None)


@dataclass(frozen=True, slots=True)
class Item:
    """An object class or a classification.

    `family` is one of FAMILIES for objects that the engine can score, else None. `comparable` says which labels may be
    paired: the family, for skeletons with the template's vertex names. `root` is the root attribute of a
    classification. `attributes` are all others at any depth, parents before children.
    """

    hash: str
    name: str
    kind: Literal["object", "classification"]
    archived: bool
    shape: str | None
    family: str | None
    comparable: str
    is_global: bool
    root: Attribute | None
    attributes: tuple[Attribute, ...]

    @property
    def top_attributes(self) -> tuple[Attribute, ...]:
        """What shares the default points: an object's top level, or the direct children of a classification's root."""
        top = None if self.root is None else self.root.hash
        return tuple(attribute for attribute in self.attributes if attribute.parent == top)

    @property
    def questions(self) -> tuple[Attribute, ...]:
        """All attributes, a classification's root too, parents before children."""
        return (self.root, *self.attributes) if self.root else self.attributes


@dataclass(frozen=True, slots=True)
class Ontology:
    """All items by hash, in the structure's order, and every attribute (roots too) with the item it belongs to.

    Columns hold items as numbers: `numbered[n]`; by hash `object_numbers` (of those that can be scored) and
    `classification_numbers`, those of global classifications being `global_numbers`.
    """

    items: Mapping[str, Item]
    attributes: Mapping[str, Attribute]
    item_of_attribute: Mapping[str, str] = field(repr=False)
    numbered: tuple[Item, ...] = field(init=False, repr=False, compare=False)
    object_numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)
    classification_numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)
    global_numbers: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbered = tuple(self.items.values())
        scenes = {one.hash: n for n, one in enumerate(numbered) if one.kind == "classification"}
        numbers = {one.hash: n for n, one in enumerate(numbered) if one.kind == "object" and one.family}
        object.__setattr__(self, "numbered", numbered)
        object.__setattr__(self, "object_numbers", numbers)
        object.__setattr__(self, "classification_numbers", scenes)
        object.__setattr__(
            self, "global_numbers", frozenset(n for n in scenes.values() if numbered[n].is_global)
        )

    @classmethod
    def from_structure(cls, structure: Mapping[str, Any]) -> Ontology:
        """Read the structure JSON. Raises OntologyError where a node has no hash, an unknown type, or a used hash."""
        if not isinstance(structure, Mapping):
            raise OntologyError("the structure must be an object")
        items = [*_objects(structure), *_classifications(structure)]
        by_hash: dict[str, Item] = {}
        attributes: dict[str, Attribute] = {}
        owners: dict[str, str] = {}
        for item in items:
            if item.hash in by_hash:
                raise OntologyError(f"{item.name}: the feature hash {item.hash!r} is used twice")
            by_hash[item.hash] = item
            for attribute in ((item.root,) if item.root else ()) + item.attributes:
                if attribute.hash in attributes:
                    raise OntologyError(
                        f"{attribute.name}: the feature hash {attribute.hash!r} is used twice"
                    )
                attributes[attribute.hash] = attribute
                owners[attribute.hash] = item.hash
        for used in attributes.keys() & by_hash.keys():
            raise OntologyError(f"{attributes[used].name}: the feature hash {used!r} is used twice")
        return cls(by_hash, attributes, owners)

    @property
    def objects(self) -> tuple[Item, ...]:
        """The object classes that can be scored."""
        return tuple(item for item in self.items.values() if item.kind == "object" and item.family)

    @property
    def classifications(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items.values() if item.kind == "classification")

    @property
    def ignored(self) -> tuple[Item, ...]:
        """Object classes of shapes the engine cannot score: their labels are neither missing nor extra."""
        return tuple(item for item in self.items.values() if item.kind == "object" and not item.family)

    def name_of(self, node_hash: str) -> str:
        """The name of an item or attribute, or the hash itself when unknown."""
        node = self.items.get(node_hash) or self.attributes.get(node_hash)
        return node.name if node else node_hash


def _objects(structure: Mapping[str, Any]) -> Iterator[Item]:
    templates = _mappings(structure, "skeleton_templates")
    for entry in _mappings(structure, "objects"):
        item_hash = _hash(entry)
        shape = str(entry.get("shape", ""))
        family = FAMILY_OF_SHAPE.get(shape)
        top = [_attribute(child, None, None, None) for child in _mappings(entry, "attributes")]
        yield Item(
            hash=item_hash,
            name=str(entry.get("name") or item_hash),
            kind="object",
            archived=bool(entry.get("archived")),
            shape=shape,
            family=family,
            comparable=_skeleton_key(entry, item_hash, templates) if family == "skeleton" else family or "",
            is_global=False,
            root=None,
            attributes=tuple(_flat(top)),
        )


def _classifications(structure: Mapping[str, Any]) -> Iterator[Item]:
    for entry in _mappings(structure, "classifications"):
        item_hash = _hash(entry)
        roots = _mappings(entry, "attributes")
        if len(roots) != 1:
            raise OntologyError(
                f"classification {item_hash!r} needs exactly one root attribute, has {len(roots)}"
            )
        root = _attribute(roots[0], None, None, None)
        yield Item(
            hash=item_hash,
            name=root.name,
            kind="classification",
            archived=bool(entry.get("archived")) or root.archived,
            shape=None,
            family=None,
            comparable="",
            is_global=entry.get("level") == "global",
            root=root,
            attributes=tuple(_flat(list(root.children))),
        )


def _attribute(
    entry: Mapping[str, Any], parent: str | None, parent_option: str | None, dynamic: bool | None
) -> Attribute:
    own_hash = _hash(entry)
    kind = entry.get("type")
    if kind not in ATTRIBUTE_TYPES:
        raise OntologyError(f"attribute {own_hash!r} has the unknown type {kind!r}")
    if dynamic is None:
        dynamic = bool(entry.get("dynamic"))
    options = []
    for rank, option in enumerate(_mappings(entry, "options") if kind in ("radio", "checklist") else []):
        option_hash = _hash(option)
        nested = _mappings(option, "options") if kind == "radio" else []
        children = tuple(_attribute(child, own_hash, option_hash, dynamic) for child in nested)
        name = str(option.get("label") or option.get("value") or option_hash)
        options.append(Option(option_hash, name, rank, bool(option.get("archived")), children))
    return Attribute(
        hash=own_hash,
        name=str(entry.get("name") or own_hash),
        type=kind,
        dynamic=dynamic,
        archived=bool(entry.get("archived")),
        parent=parent,
        parent_option=parent_option,
        options=tuple(options),
    )


def _flat(attributes: list[Attribute]) -> Iterator[Attribute]:
    for attribute in attributes:
        yield attribute
        yield from _flat(list(attribute.children))


def _skeleton_key(entry: Mapping[str, Any], item_hash: str, templates: list[Mapping[str, Any]]) -> str:
    """Two skeleton classes are comparable when their templates have the same vertex names; the order is irrelevant,
    since vertices are addressed by name. A class without a template is comparable only with itself."""
    wanted = {item_hash, str(entry.get("name")), str(entry.get("skeletonTemplate"))}
    for template in templates:
        own = {
            str(template.get(key))
            for key in ("featureNodeHash", "feature_node_hash", "name")
            if template.get(key)
        }
        vertices = template.get("skeleton")
        if own & wanted and isinstance(vertices, Mapping):
            names = sorted(
                str(vertex.get("name") or key) if isinstance(vertex, Mapping) else str(key)
                for key, vertex in vertices.items()
            )
            return "skeleton:" + "\x1f".join(names)
    return f"skeleton={item_hash}"


def _mappings(entry: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = entry.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise OntologyError(f"{key!r} must be a list of objects")
    return found


def _hash(entry: Mapping[str, Any]) -> str:
    found = entry.get("featureNodeHash")
    if not isinstance(found, str) or not found:
        raise OntologyError(f"a node named {entry.get('name')!r} has no featureNodeHash")
    return found
