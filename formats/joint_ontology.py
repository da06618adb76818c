"""The ontology that two label files have in common, where no project says what it is.

The class list is gold's: a class that only the submission uses is added and marked, and answers to attributes that
gold never gives are left out. A file's own ontology goes first; what is not in it is told from names and values:

- an attribute is numeric when all its answers are numbers, a checklist when one of them is a list, else a radio
  attribute whose options are the answers that occur;
- it is dynamic when the answers stand on the labels and not on the instance.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from formats.compared import FAMILIES, FoundClass, FoundClassification, FoundFile, FoundObject
from formats.geometry import is_number
from formats.names import folded
from formats.records import Problem
from formats.structure import Classification, ObjectClass, Structure

Json = dict[str, Any]


@dataclass(frozen=True)
class NamedAttributes:
    """Names of attributes that a function file treats in a way that decides their type (all folded)."""

    weighed: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()
    """Named as ordered, or with an option: radio attributes, whatever their answers look like."""


@dataclass
class JointOntology:
    """``structure``: ontology JSON; ``added``: feature hashes of classes that only the submission has.

    ``is_complete``: there was a class list, so that a name which is not in it is an error.
    """

    structure: Json
    added: frozenset[str]
    is_complete: bool
    problems: list[Problem] = field(default_factory=list)
    roots: Mapping[str, str] = field(default_factory=dict)
    """Classifications that were made: feature hash -> under which name the files answer the root."""

    def __post_init__(self) -> None:
        self.read = Structure.of(self.structure)

    def for_defaults(self) -> Json:
        """The structure with the added classes archived: they are no rivals and have no default points."""
        objects = [
            one | {"archived": True} if self._is_added(one) else one for one in self.structure["objects"]
        ]
        others = [
            one | {"archived": True} if self._is_added(one) else one
            for one in self.structure["classifications"]
        ]
        return self.structure | {"objects": objects, "classifications": others}

    def _is_added(self, node: Mapping[str, Any]) -> bool:
        return node["featureNodeHash"] in self.added


def joint_ontology(
    gold: FoundFile, submitted: FoundFile, named: NamedAttributes | None = None
) -> JointOntology:
    """What both files speak of; see above. Never raises: classes are made for whatever the labels name."""
    named = named or NamedAttributes()
    owner = gold if gold.ontology else submitted if submitted.ontology and not gold.has_class_list else None
    base: Mapping[str, Any] = (owner.ontology if owner else None) or {}
    structure: Json = dict(base) | {
        key: list(base.get(key) or ()) for key in ("objects", "classifications", "skeleton_templates")
    }
    builder = _Builder(structure, named)
    known = {one.key for one in builder.read.objects.values()}
    known |= {one.key for one in builder.read.classifications.values()}
    for one in gold.classes:
        builder.add_class(one)
    builder.add_used(gold)
    golds = {node["featureNodeHash"] for node in builder.nodes()}
    builder.add_used(submitted)
    everything = {node["featureNodeHash"] for node in builder.nodes()}
    builder.add_attributes(gold, submitted)
    added = everything - golds
    if owner is submitted:
        # The ontology is the submission's, but the list of classes is what gold uses.
        added |= known - builder.used_by(gold)
    return JointOntology(
        structure,
        frozenset(added),
        owner is not None or gold.has_class_list,
        builder.problems,
        builder.roots,
    )


def object_class_of(instance: FoundObject, structure: Structure) -> ObjectClass | None:
    """The class of an instance: by feature hash, else by name; of several, the one of its family."""
    if instance.node in structure.objects:
        return structure.objects[instance.node]
    found = _named(instance.name, structure.objects.values())
    if not found:
        return None
    family = instance.family
    fitting = [node for node in found if FAMILIES[node.shape] == family]
    same_shape = [node for node in fitting if node.shape == instance.shape]
    return (same_shape or fitting or found)[0]


def classification_of(instance: FoundClassification, structure: Structure) -> Classification | None:
    """The classification of an instance: by feature hash, else by name."""
    if instance.node in structure.classifications:
        return structure.classifications[instance.node]
    found = _named(instance.name, structure.classifications.values())
    return found[0] if found else None


def _named(name: str, nodes: Iterable[Any]) -> list[Any]:
    listed = list(nodes)
    exact = [node for node in listed if node.name == name]
    return exact or [node for node in listed if folded(node.name) == folded(name)]


@dataclass
class _Answers:
    """The answers to one attribute in both files."""

    name: str
    values: list[Any] = field(default_factory=list)
    is_golds: bool = False
    is_dynamic: bool = False
    has_lists: bool = False


class _Builder:
    """A structure that grows by what the files use."""

    def __init__(self, structure: Json, named: NamedAttributes) -> None:
        self.structure = structure
        self.named = named
        self.problems: list[Problem] = []
        self.made: dict[str, Json] = {}
        self.roots: dict[str, str] = {}
        self.read = Structure.of(structure)

    def nodes(self) -> Iterator[Json]:
        yield from self.structure["objects"]
        yield from self.structure["classifications"]

    def add_class(self, one: FoundClass) -> None:
        """A class of a list, unless there is one of the name and family."""
        found = _named(one.name, self.read.objects.values())
        if any(FAMILIES[node.shape] == one.family for node in found):
            return
        key = f"class {len(self.structure['objects']) + 1}"
        # A class that is only known by its labels may have areas of any kind: COCO's outlines go before boxes.
        shape = "polygon" if one.family == "area" else one.shape
        node: Json = {"featureNodeHash": key, "name": one.name, "shape": shape, "attributes": []}
        if one.vertices is not None:
            node["skeletonTemplate"] = f"template of {key}"
            vertices = {str(index): {"name": name} for index, name in enumerate(one.vertices)}
            template = {"name": node["skeletonTemplate"], "skeleton": vertices}
            self.structure["skeleton_templates"].append(template)
        self.structure["objects"].append(node)
        self.made[key] = node
        self.read = Structure.of(self.structure)

    def add_used(self, found: FoundFile) -> None:
        """The classes that a file's labels have and the structure has not."""
        seen: set[tuple[str, str, str]] = set()
        for image in found.images.values():
            for instance in image.objects:
                kind = (instance.node, instance.name, instance.family)
                if kind in seen:
                    continue
                seen.add(kind)
                if object_class_of(instance, self.read) is None:
                    self.add_class(
                        FoundClass(instance.name, instance.family, instance.shape, instance.vertices)
                    )
            for one in image.classifications:
                if classification_of(one, self.read) is None:
                    self._add_classification(one)

    def _add_classification(self, one: FoundClassification) -> None:
        key = f"classification {len(self.structure['classifications']) + 1}"
        root = {"featureNodeHash": f"{key} root", "name": one.name, "type": "radio", "options": []}
        node: Json = {"featureNodeHash": key, "attributes": [root]}
        if one.frames is None:
            node["level"] = "global"
        self.structure["classifications"].append(node)
        self.made[key] = node
        self.read = Structure.of(self.structure)

    def used_by(self, found: FoundFile) -> set[str]:
        """Feature hashes of the classes and classifications that a file's labels have."""
        used = set()
        for image in found.images.values():
            nodes = [
                *(object_class_of(one, self.read) for one in image.objects),
                *(classification_of(one, self.read) for one in image.classifications),
            ]
            used |= {node.key for node in nodes if node is not None}
        return used

    def add_attributes(self, gold: FoundFile, submitted: FoundFile) -> None:
        """Attributes of the classes that were made, by the answers to them."""
        objects: dict[str, dict[str, _Answers]] = {}
        classifications: dict[str, list[tuple[Mapping[str, Any], bool]]] = {}
        for side in (gold, submitted):
            for image in side.images.values():
                for instance in image.objects:
                    node = object_class_of(instance, self.read)
                    if node is not None and node.key in self.made:
                        _collect(objects.setdefault(node.key, {}), instance, side is gold)
                for one in image.classifications:
                    item = classification_of(one, self.read)
                    if item is not None and item.key in self.made:
                        classifications.setdefault(item.key, []).append((one.answers, side is gold))
        for key, asked in objects.items():
            self.made[key]["attributes"] = self._attributes(key, asked)
        for key, given in classifications.items():
            self._fill_classification(self.made[key], given)
        self.read = Structure.of(self.structure)

    def _attributes(self, key: str, found: Mapping[str, _Answers]) -> list[Json]:
        made: list[Json] = []
        for folded_name, answers in found.items():
            if answers.is_golds or folded_name in self.named.weighed:
                made.append(self._attribute(f"{key} attribute {len(made) + 1}", answers))
            else:
                self.problems.append(
                    Problem(
                        "",
                        f'Gold never answers "{answers.name}", so the answers to it are not compared.',
                        "repaired",
                    )
                )
        return made

    def _attribute(self, key: str, answers: _Answers) -> Json:
        node: Json = {"featureNodeHash": key, "name": answers.name, "dynamic": answers.is_dynamic}
        node["type"] = _type_of(answers, is_chosen=folded(answers.name) in self.named.chosen)
        if node["type"] in ("radio", "checklist"):
            node["options"] = [
                {"featureNodeHash": f"{key} option {rank}", "label": label, "value": label, "options": []}
                for rank, label in enumerate(_labels(answers.values), start=1)
            ]
        return node

    def _fill_classification(self, node: Json, given: list[tuple[Mapping[str, Any], bool]]) -> None:
        """The root is the answer of the classification's name, else the only one; others are nested below an option."""
        key, (old,) = node["featureNodeHash"], node["attributes"]
        name = old["name"]
        counts: dict[str, int] = {}
        for answers, _ in given:
            for each in answers:
                counts[each] = counts.get(each, 0) + 1
        named = [each for each in counts if folded(each) == folded(name)]
        root_key = named[0] if named else next(iter(sorted(counts, key=lambda one: -counts[one])), name)
        collected: dict[str, _Answers] = {}
        parents: dict[str, set[str]] = {}
        for answers, is_gold in given:
            chosen = answers.get(root_key)
            for each, value in answers.items():
                _note(collected, each, value, is_gold, is_dynamic=False)
                if each != root_key and is_given(value):
                    parents.setdefault(folded(each), set()).add(folded(_label(chosen)))
        root_answers = collected.pop(folded(root_key), _Answers(root_key))
        root = self._attribute(f"{key} root", root_answers) | {"name": name}
        self.roots[key] = root_key
        for folded_name, nested in collected.items():
            options = [one for one in root.get("options", []) if folded(one["label"]) in parents[folded_name]]
            if root["type"] == "radio" and len(options) == 1 and nested.is_golds:
                key_of_nested = f"{key} attribute {len(options[0]['options']) + 1} of {options[0]['label']}"
                options[0]["options"].append(self._attribute(key_of_nested, nested))
            else:
                message = (
                    f'"{nested.name}" of the classification "{name}" is not compared: without an ontology '
                    "it is not clear below which option it is asked."
                )
                self.problems.append(Problem("", message, "repaired"))
        node["attributes"] = [root]


def _collect(found: dict[str, _Answers], instance: FoundObject, is_gold: bool) -> None:
    for key, value in instance.answers.items():
        _note(found, key, value, is_gold, is_dynamic=False)
    for label in instance.labels:
        for key, value in label.answers.items():
            _note(found, key, value, is_gold, is_dynamic=True)


def _note(found: dict[str, _Answers], key: str, value: Any, is_gold: bool, *, is_dynamic: bool) -> None:
    if not is_given(value):
        return
    answers = found.setdefault(folded(key), _Answers(key))
    answers.is_golds |= is_gold
    answers.is_dynamic |= is_dynamic
    answers.has_lists |= isinstance(value, list)
    answers.values.extend(value if isinstance(value, list) else [value])


def is_given(value: object) -> bool:
    """Whether this is an answer at all; objects are not."""
    return not (value is None or isinstance(value, dict) or (isinstance(value, str) and not value.strip()))


def _number(value: object) -> float | None:
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and is_number(value) else None


def _type_of(answers: _Answers, *, is_chosen: bool) -> str:
    if answers.has_lists:
        return "checklist"
    if not is_chosen and all(_number(value) is not None for value in answers.values):
        return "numeric"
    return "radio"


def _labels(values: list[Any]) -> list[str]:
    """The options of an attribute: the answers that occur, numbers by value, texts by code point."""
    plain = [value for value in values if is_given(value)]
    texts: dict[str, str] = {}
    for value in plain:
        if not isinstance(value, bool):
            texts.setdefault(folded(_label(value)), _label(value))
    for value in plain:
        if isinstance(value, bool) and not texts.keys() & ({"true", "yes"} if value else {"false", "no"}):
            texts[_label(value)] = _label(value)
    numbers = [_number(text) for text in texts.values()]
    if all(number is not None for number in numbers):
        return sorted(texts.values(), key=lambda text: _number(text) or 0.0)
    return sorted(texts.values())


def _label(value: object) -> str:
    """An answer as the label of an option."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return f"{value:.15g}"
    return value if isinstance(value, str) else ""
