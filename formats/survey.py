"""A first look at a label file: its format, how many items it has, and class names that an ontology lacks.

Cheap beside `read_labels` (no geometry is touched), so that a page can ask for missing names before the import.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from formats.coco import FORMAT as COCO
from formats.coco import coco_root
from formats.names import classes_named
from formats.own import FORMAT as OWN
from formats.own import ontology_in, own_root
from formats.reading import open_label_file
from formats.records import FormatError
from formats.structure import Classification, ObjectClass, Structure
from formats.validation import OntologyJson
from formats.voc import FORMAT as VOC
from formats.voc import class_names, voc_files, voc_root

NodeKind = Literal["object", "classification"]
Named = tuple[NodeKind, str]


@dataclass(frozen=True)
class UnknownName:
    """A class name in the file that the ontology does not have, and how many labels carry it."""

    name: str
    kind: NodeKind
    labels: int


@dataclass(frozen=True)
class Survey:
    """What a label file holds, as far as one can say without its geometry; most frequent unknown names first."""

    format: str
    items: int
    unknown: tuple[UnknownName, ...]


def survey_labels(content: bytes, name: str, structure: OntologyJson) -> Survey:
    """Look a label file over. Raises FormatError, a sentence for the person, when it cannot be read at all.

    A name counts as unknown when a class map could help it; labels that name no class are left to the import.
    """
    ontology = Structure.of(structure)
    kind, files = open_label_file(content, name)
    if kind == "voc":
        return _voc_survey(voc_files(files), ontology)
    (document,) = files.values()
    if kind == "own":
        root = own_root(document)
        return _survey(OWN, len(root["items"]), _names_in_own(root, ontology), ontology)
    root = coco_root(document)
    return _survey(COCO, len(root["images"]), _names_in_coco(root), ontology)


def _survey(format_name: str, items: int, named: Iterator[Named], ontology: Structure) -> Survey:
    counts = Counter(named)
    unknown = tuple(
        UnknownName(name, kind, labels)
        for (kind, name), labels in counts.most_common()
        if name.strip() and not _is_known(kind, name, ontology)
    )
    return Survey(format_name, items, unknown)


def _is_known(kind: NodeKind, name: str, ontology: Structure) -> bool:
    if kind == "object":
        return bool(classes_named(ontology.objects.values(), name))
    return bool(classes_named(ontology.classifications.values(), name))


def _voc_survey(files: Mapping[str, bytes], ontology: Structure) -> Survey:
    names: list[Named] = []
    for content in files.values():
        try:
            names += [("object", name) for name in class_names(voc_root(content))]
        except FormatError:
            if len(files) == 1:
                raise
            # One broken file of many is a refused item of the import.
    return _survey(VOC, len(files), iter(names), ontology)


def _names_in_coco(root: Mapping[str, Any]) -> Iterator[Named]:
    names: dict[int | str, str] = {}
    for category in root["categories"]:
        if isinstance(category, dict) and isinstance(category.get("name"), str):
            key = category.get("id")
            if isinstance(key, int | str):
                names.setdefault(key, category["name"])
    for annotation in root["annotations"]:
        key = annotation.get("category_id") if isinstance(annotation, dict) else None
        if isinstance(key, int | str) and key in names:
            yield "object", names[key]


def _names_in_own(root: Mapping[str, Any], ontology: Structure) -> Iterator[Named]:
    """Names of instances whose feature hash the ontology does not have; objects count once for each label."""
    theirs, _ = ontology_in(root)
    for item in root["items"]:
        document = item.get("document") if isinstance(item, dict) else None
        if not isinstance(document, dict):
            continue
        for instance in _dicts(document.get("objects")):
            if name := _name_in_own(instance, ontology.objects, theirs.objects if theirs else {}):
                for _ in _dicts(instance.get("labels")):
                    yield "object", name
        for instance in _dicts(document.get("classifications")):
            known = theirs.classifications if theirs else {}
            if name := _name_in_own(instance, ontology.classifications, known):
                yield "classification", name


def _name_in_own(
    instance: Mapping[str, Any],
    ours: Mapping[str, ObjectClass | Classification],
    theirs: Mapping[str, ObjectClass | Classification],
) -> str:
    key = instance.get("node")
    if isinstance(key, str) and key in ours:
        return ""
    name = theirs[key].name if isinstance(key, str) and key in theirs else instance.get("name")
    return name if isinstance(name, str) else ""


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
