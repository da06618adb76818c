"""An ontology structure (the JSON of ontologies) as typed records for readers and the validator."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from formats.limits import MAX_ATTRIBUTE_LEVELS
from formats.records import FormatError

SHAPES = ("bounding_box", "rotatable_bounding_box", "polygon", "polyline", "point", "skeleton", "bitmask")
ATTRIBUTE_TYPES = ("radio", "checklist", "text", "numeric")


@dataclass(frozen=True)
class Option:
    """A choice of a radio or checklist attribute; only radio options have nested attributes."""

    key: str
    label: str
    value: str
    archived: bool
    attributes: tuple["Attribute", ...] = ()


@dataclass(frozen=True)
class Attribute:
    """A question about an object or classification; ``dynamic`` comes from its top-level attribute."""

    key: str
    name: str
    type: str
    required: bool
    archived: bool
    dynamic: bool
    options: tuple[Option, ...] = ()
    parent: tuple[str, str] | None = None
    """Feature hashes of the attribute and of its option under which this one is asked; None at the top."""

    def option(self, key: str) -> Option | None:
        """The option with this feature hash."""
        return next((option for option in self.options if option.key == key), None)


def walk(attributes: tuple[Attribute, ...]) -> Iterator[Attribute]:
    """All attributes of a tree, parents before children."""
    for attribute in attributes:
        yield attribute
        for option in attribute.options:
            yield from walk(option.attributes)


@dataclass(frozen=True)
class ObjectClass:
    """A class of drawn objects; ``vertices`` are a skeleton's vertex names, None without a template."""

    key: str
    name: str
    shape: str
    required: bool
    archived: bool
    attributes: tuple[Attribute, ...]
    vertices: tuple[str, ...] | None = None
    by_key: Mapping[str, Attribute] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Classification:
    """A frame-level or global classification; its name is its root attribute's."""

    key: str
    name: str
    is_global: bool
    required: bool
    archived: bool
    root: Attribute
    by_key: Mapping[str, Attribute] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Structure:
    """The nodes of an ontology by feature hash."""

    objects: Mapping[str, ObjectClass]
    classifications: Mapping[str, Classification]

    @classmethod
    def of(cls, structure: "Structure | Mapping[str, Any]") -> "Structure":
        """Read ontology JSON (or pass a Structure through, so that callers can read once and check many).

        Raises FormatError with a sentence when the JSON is not an ontology.
        """
        if isinstance(structure, Structure):
            return structure
        try:
            return _structure(structure)
        except KeyError as error:
            raise FormatError(f'This is not an ontology: a part of it lacks "{error.args[0]}".') from error
        except (TypeError, ValueError, AttributeError) as error:
            raise FormatError(
                "This is not an ontology: it lacks a part or has one of the wrong type."
            ) from error


def _structure(structure: Mapping[str, Any]) -> Structure:
    templates: dict[str, tuple[str, ...]] = {}
    for template in structure.get("skeleton_templates") or ():
        names = tuple(_text(vertex.get("name") or key) for key, vertex in template["skeleton"].items())
        templates.update({template[key]: names for key in ("name", "featureNodeHash") if template.get(key)})
    objects = [_object_class(node, templates) for node in structure.get("objects") or ()]
    classifications = [_classification(node) for node in structure.get("classifications") or ()]
    return Structure({node.key: node for node in objects}, {node.key: node for node in classifications})


def _object_class(node: Mapping[str, Any], templates: Mapping[str, tuple[str, ...]]) -> ObjectClass:
    name, shape = _text(node["name"]), _text(node["shape"])
    if shape not in SHAPES:
        raise ValueError(shape)
    attributes = tuple(_attribute(child, None, None, 1) for child in node.get("attributes") or ())
    vertices = None
    if shape == "skeleton":
        # The scoring kernel looks its templates up by the same three names.
        known_as = [str(node.get("skeletonTemplate")), _text(node["featureNodeHash"]), name]
        vertices = next((templates[key] for key in known_as if key in templates), None)
    return ObjectClass(
        key=_text(node["featureNodeHash"]),
        name=name,
        shape=shape,
        required=node.get("required") is True,
        archived=node.get("archived") is True,
        attributes=attributes,
        vertices=vertices,
        by_key={attribute.key: attribute for attribute in walk(attributes)},
    )


def _classification(node: Mapping[str, Any]) -> Classification:
    (root,) = (_attribute(child, None, False, 1) for child in node["attributes"])
    return Classification(
        key=_text(node["featureNodeHash"]),
        name=root.name,
        is_global=node.get("level") == "global",
        required=node.get("required") is True or root.required,
        archived=node.get("archived") is True or root.archived,
        root=root,
        by_key={attribute.key: attribute for attribute in walk((root,))},
    )


def _attribute(
    node: Mapping[str, Any], parent: tuple[str, str] | None, dynamic: bool | None, level: int
) -> Attribute:
    if level > MAX_ATTRIBUTE_LEVELS:
        raise ValueError("too many levels of attributes")
    key, kind = _text(node["featureNodeHash"]), _text(node["type"])
    if kind not in ATTRIBUTE_TYPES:
        raise ValueError(kind)
    if dynamic is None:
        dynamic = node.get("dynamic") is True
    options = []
    for option in node.get("options") or ():
        option_key, label = _text(option["featureNodeHash"]), _text(option["label"])
        nested = option.get("options") or () if kind == "radio" else ()
        options.append(
            Option(
                key=option_key,
                label=label,
                value=_text(option.get("value") or label),
                archived=option.get("archived") is True,
                attributes=tuple(
                    _attribute(child, (key, option_key), dynamic, level + 1) for child in nested
                ),
            )
        )
    return Attribute(
        key=key,
        name=_text(node["name"]),
        type=kind,
        required=node.get("required") is True,
        archived=node.get("archived") is True,
        dynamic=dynamic,
        options=tuple(options) if kind in ("radio", "checklist") else (),
        parent=parent,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value))
    return value
