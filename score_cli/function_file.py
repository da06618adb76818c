"""The function file of the command line: names stand for feature hashes."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from formats import FormatError, parse_json
from formats.joint_ontology import JointOntology, NamedAttributes
from formats.names import folded
from scoring import Attribute, Item, Ontology

_PATH = " / "


def read_function_file(path: Path) -> dict[str, Any]:
    """The JSON of a function file. Raises FormatError with a sentence."""
    try:
        value = parse_json(path.read_bytes())
    except OSError as error:
        raise FormatError(f"It cannot be read: {error.strerror or error}.") from None
    if not isinstance(value, dict):
        raise FormatError("A function file must be a JSON object.")
    return value


def named_attributes(function: Mapping[str, Any]) -> NamedAttributes:
    """What the file says about attributes by name: it decides their type where no ontology does."""
    weighed, chosen = set(), set()
    weights = function.get("weights")
    for criterion in weights if isinstance(weights, Mapping) else ():
        kind, _, rest = str(criterion).partition(":")
        if kind in ("attribute", "classification"):
            plain, _, option = rest.rpartition("=")
            weighed |= {_last(rest), _last(plain)}
            if option and option != "none":
                chosen.add(_last(plain))
    ordered = function.get("ordered")
    for name in ordered if isinstance(ordered, list) else ():
        weighed.add(_last(str(name)))
        chosen.add(_last(str(name)))
    return NamedAttributes(frozenset(weighed - {""}), frozenset(chosen - {""}))


def _last(name: str) -> str:
    """The attribute's own name of a path."""
    return folded(name.rsplit(_PATH, 1)[-1])


def with_hashes(
    function: Mapping[str, Any], ontology: Ontology
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The function with feature hashes, and the (place, name) of what the ontology does not have.

    A name that several nodes have means all of them. An attribute may be given with its class before it:
    "Cell / Cell type". What is no name at all is left for `Function.from_dict` to refuse.
    """
    names = _Names(ontology)
    found, unknown = dict(function), []
    weights = function.get("weights")
    if isinstance(weights, Mapping):
        translated: dict[str, Any] = {}
        for criterion, points in weights.items():
            keys = list(names.criteria(str(criterion)))
            translated.update(dict.fromkeys(keys, points))
            if not keys:
                unknown.append((f"weights.{criterion}", str(criterion).partition(":")[2]))
        found["weights"] = translated
    for key in ("full_marks", "tolerance"):
        entry = function.get(key)
        if isinstance(entry, Mapping):
            find = names.items if key == "full_marks" else names.answered
            found[key] = {node: value for name, value in entry.items() for node in find(str(name))}
            unknown += [(f"{key}.{name}", str(name)) for name in entry if not find(str(name))]
    for key in ("not_scored", "ordered", "derived"):
        entry = function.get(key)
        if isinstance(entry, list) and all(isinstance(one, str) for one in entry):
            found[key] = [node for name in entry for node in names.listed(key, name)]
            unknown += [
                (f"{key}[{index}]", name) for index, name in enumerate(entry) if not names.listed(key, name)
            ]
    return found, unknown


def with_names(place: str, ontology: Ontology) -> str:
    """A place in the translated function, as the file has it: the name of the node at its end for the feature hash."""
    path, equals, answer = place.partition("=")
    names = {one.hash: one.name for one in ontology.attributes.values()}
    names |= {one.hash: one.name for one in ontology.items.values()}
    for key, name in names.items():
        if path.endswith((f":{key}", f".{key}")):
            return f"{path.removesuffix(key)}{name}{equals}{answer}"
    return place


def with_added_classes(function: dict[str, Any], joint: JointOntology, ontology: Ontology) -> dict[str, Any]:
    """Weights for the classes that only the submission has, so that their labels cost what others cost.

    The defaults come from gold's class list, where these are not: IoU 100, category as gold's classes of the family.
    """
    weights = function.get("weights", {})
    if not isinstance(weights, Mapping):
        return function
    defaults: dict[str, float] = {}
    for key in joint.added:
        item = ontology.items[key]
        if item.root is not None:
            defaults[f"classification:{key}"] = 100.0
            continue
        golds = [one for one in ontology.objects if one.comparable == item.comparable and not one.archived]
        defaults |= {f"iou:{key}": 100.0, f"category:{key}": 100.0 if len(golds) > 1 else 0.0}
    return function | {"weights": {**defaults, **weights}}


class _Names:
    """Nodes by feature hash, exact name, or name without regard to case; attributes by path, too."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology

    def items(self, name: str) -> list[str]:
        if name in self.ontology.items:
            return [name]
        return _matching(name, ((item.hash, (item.name,)) for item in self.ontology.items.values()))

    def attributes(self, name: str) -> list[str]:
        """Attributes but no roots of classifications, which are items."""
        if name in self.ontology.attributes:
            return [name]
        return _matching(
            name,
            (
                (attribute.hash, _paths(attribute, item))
                for item in self.ontology.items.values()
                for attribute in item.attributes
            ),
        )

    def classifications(self, name: str) -> list[str]:
        return [node for node in self.items(name) if self.ontology.items[node].root is not None]

    def answered(self, name: str) -> list[str]:
        """Whatever has an answer: attributes and classifications."""
        return self.attributes(name) or self.classifications(name)

    def listed(self, key: str, name: str) -> list[str]:
        if key == "derived":
            return list(self.criteria(name))
        if key == "ordered":
            return self.answered(name)
        return self.items(name) or self.attributes(name)

    def criteria(self, criterion: str) -> Iterator[str]:
        """The criteria by hash that one by name stands for; nothing when the name is unknown."""
        kind, colon, rest = criterion.partition(":")
        if not colon:
            yield criterion  # no criterion at all: the function says so
            return
        find = self.attributes if kind == "attribute" else self.items
        found = find(rest)
        if found:
            yield from (f"{kind}:{node}" for node in found)
            return
        plain, _, suffix = rest.rpartition("=")
        for node in find(plain) if plain else ():
            answer = suffix if suffix in ("none", "static") else self._option(node, suffix)
            if answer:
                yield f"{kind}:{node}={answer}"

    def _option(self, node: str, name: str) -> str | None:
        item = self.ontology.items.get(node)
        attribute = item.root if item else self.ontology.attributes.get(node)
        if attribute is None:
            return None
        if attribute.option(name):
            return name
        found = _matching(name, ((option.hash, (option.name,)) for option in attribute.options))
        return found[0] if found else None


def _paths(attribute: Attribute, item: Item) -> tuple[str, str]:
    return attribute.name, f"{item.name}{_PATH}{attribute.name}"


def _matching(name: str, nodes: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    listed = list(nodes)
    exact = [node for node, names in listed if name in names]
    wanted = folded(name)
    return exact or [node for node, names in listed if wanted in map(folded, names)]
