"""Annotrain's own label file, exported and imported without loss (documented in docs/formats.md)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from formats.intake import Intake, Place, frame_size_from, refused_item
from formats.limits import MAX_ITEMS, MAX_ORDER
from formats.names import answers_by_name, answers_from_names, classes_named, unknown_class
from formats.records import FormatError, Images, ImportFile, ImportItem, Problem
from formats.repair import repaired_geometry
from formats.strict_json import parse_json
from formats.structure import Attribute, Classification, ObjectClass, Structure
from formats.validation import OntologyJson, answer_problems, classification_problems, frame_problems

FORMAT: Final = "annotrain-labels"
VERSION: Final = 1


def read_own(
    content: bytes,
    structure: OntologyJson,
    *,
    class_map: Mapping[str, str] | None = None,
    images: Images | None = None,
) -> ImportFile:
    """Read an own label file. Raises FormatError when the file as a whole is not one.

    Classes are found by feature hash, else by the name that the file's own ontology or ``name`` gives; so
    labels move between ontologies that were built separately. ``images`` restricts and checks items: see
    ``formats.read_labels``.
    """
    root = own_root(content)
    file_ontology, problems = ontology_in(root)
    reader = _Reader(Intake(Structure.of(structure), class_map, images), file_ontology)
    return ImportFile(
        format=FORMAT,
        items=tuple(
            replace(reader.item(item, index), labels_found=_labels_in(item))
            for index, item in enumerate(root["items"])
        ),
        problems=tuple(problems),
        ontology=root["ontology"] if file_ontology else None,
    )


def own_root(content: bytes) -> dict[str, Any]:
    """The file's outermost object, with a list of items. Raises FormatError when it is not an own label file."""
    return checked_own_root(parse_json(content))


def checked_own_root(root: object) -> dict[str, Any]:
    """The same of a value that has been parsed already."""
    if not isinstance(root, dict) or root.get("format") != FORMAT:
        raise FormatError(f'This is not a label file of ours: it does not begin with "format": "{FORMAT}".')
    if type(root.get("version")) is not int or root["version"] != VERSION:
        raise FormatError(
            f"The file has another version of the format; this program reads version {VERSION}."
        )
    items = root.get("items")
    if not isinstance(items, list) or len(items) > MAX_ITEMS:
        raise FormatError(f"The file has no list of items, or one of more than {MAX_ITEMS:,}.")
    return root


def ontology_in(root: Mapping[str, Any]) -> tuple[Structure | None, list[Problem]]:
    """The ontology that an own label file carries, None without a usable one, and what is wrong with it."""
    structure = root.get("ontology")
    if structure is None:
        return None, []
    try:
        if not isinstance(structure, dict):
            raise FormatError("This is not an ontology.")
        return Structure.of(structure), []
    except FormatError:
        return None, [Problem("ontology", "The file's ontology cannot be read; it was ignored.", "repaired")]


class _Reader:
    def __init__(self, intake: Intake, file_ontology: Structure | None) -> None:
        self.intake = intake
        self.ontology = intake.ontology
        self.file_ontology = file_ontology

    def item(self, item: object, index: int) -> ImportItem:
        if not isinstance(item, dict):
            return refused_item(
                f"(item {index + 1})", "", "An item must be an object with file and document."
            )
        place = self.intake.place(item.get("file"), frame_size_from(item.get("width"), item.get("height")))
        if isinstance(place, ImportItem):
            return place
        document = item.get("document")
        if not isinstance(document, dict):
            return refused_item(place.file, "document", "The item has no label document.")
        for kind, read in (("objects", self.read_object), ("classifications", self.read_classification)):
            instances = document.get(kind, [])
            if not isinstance(instances, list):
                place.problems.append(Problem(kind, "This must be a list."))
                continue
            for position, instance in enumerate(instances):
                read(place, instance, f"{kind}[{position}]")
        return place.finished(self.ontology)

    def read_object(self, place: Place, raw: object, path: str) -> None:
        if not isinstance(raw, dict):
            place.problems.append(Problem(path, "An instance must be an object."))
            return
        node, source = self.object_class(raw)
        labels = raw.get("labels")
        if node is None:
            place.problems.append(unknown_class(_given_name(raw), self.ontology, path=path))
        elif not isinstance(labels, list) or not labels:
            place.problems.append(Problem(f"{path}.labels", "The instance has no list of labels."))
        else:
            kept = [
                label
                for position, each in enumerate(labels)
                if (label := self.read_label(place, each, node, source, f"{path}.labels[{position}]"))
            ]
            kept = _first_per_frame(kept, place.problems, path)
            if kept:
                answers = self.answers(place, raw.get("answers"), node, source, False, f"{path}.answers")
                identifier = self.identifier(place, raw, path)
                order = {"z": raw["z"]} if type(raw.get("z")) is int and abs(raw["z"]) <= MAX_ORDER else {}
                place.document["objects"].append(
                    order | {"id": identifier, "node": node.key, "answers": answers, "labels": kept}
                )

    def read_label(
        self, place: Place, raw: object, node: ObjectClass, source: ObjectClass | None, path: str
    ) -> dict[str, Any] | None:
        if not isinstance(raw, dict):
            place.problems.append(Problem(path, "A label must be an object."))
            return None
        frame = raw.get("frame", 0)
        problems = frame_problems(frame, frames=place.frames, path=f"{path}.frame")
        if problems:
            place.problems += problems
            return None
        geometry, problems = repaired_geometry(
            raw.get("geometry"),
            node.shape,
            frame=place.frame_size(frame),
            vertices=node.vertices,
            path=f"{path}.geometry",
        )
        place.problems += problems
        if geometry is None or not place.has_room(frame, path):
            return None
        return {
            "frame": frame,
            "geometry": geometry,
            "keyframe": raw.get("keyframe") is not False,
            "answers": self.answers(place, raw.get("answers"), node, source, True, f"{path}.answers"),
        }

    def read_classification(self, place: Place, raw: object, path: str) -> None:
        if not isinstance(raw, dict):
            place.problems.append(Problem(path, "An instance must be an object."))
            return
        node, source = self.classification_of(raw)
        if node is None:
            message = "The ontology has no such classification."
            place.problems.append(Problem(path, message))
            return
        candidate = {
            "id": self.identifier(place, raw, path),
            "node": node.key,
            "frames": raw.get("frames", None if node.is_global else [0]),
            "answers": self.answers(place, raw.get("answers"), node, source, False, f"{path}.answers"),
        }
        problems = classification_problems(candidate, self.ontology, frames=place.frames, path=path)
        place.problems += problems
        if not problems:
            place.document["classifications"].append(candidate)

    def object_class(self, raw: Mapping[str, Any]) -> tuple[ObjectClass | None, ObjectClass | None]:
        """The class here, and the file's own class when hashes must be translated by name."""
        key = raw.get("node")
        if isinstance(key, str) and key in self.ontology.objects:
            return self.ontology.objects[key], None
        source = self.file_ontology.objects.get(key) if self.file_ontology and isinstance(key, str) else None
        name = source.name if source else raw.get("name")
        if not isinstance(name, str):
            return None, None
        found = classes_named(self.ontology.objects.values(), name, self.intake.class_map)
        shapes = _shapes(raw.get("labels"))
        return next((node for node in found if node.shape in shapes), found[0] if found else None), source

    def classification_of(
        self, raw: Mapping[str, Any]
    ) -> tuple[Classification | None, Classification | None]:
        key = raw.get("node")
        if isinstance(key, str) and key in self.ontology.classifications:
            return self.ontology.classifications[key], None
        source = (
            self.file_ontology.classifications.get(key)
            if self.file_ontology and isinstance(key, str)
            else None
        )
        name = source.name if source else raw.get("name")
        found = (
            classes_named(self.ontology.classifications.values(), name, self.intake.class_map)
            if isinstance(name, str)
            else []
        )
        return (found[0] if found else None), source

    def identifier(self, place: Place, raw: Mapping[str, Any], path: str) -> str:
        given = raw.get("id")
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        wanted = given if isinstance(given, str) and given else str(len(place.identifiers) + 1)
        return place.free_identifier(wanted, f"{path}.id")

    def answers(
        self,
        place: Place,
        raw: object,
        node: ObjectClass | Classification,
        source: ObjectClass | Classification | None,
        dynamic: bool,
        path: str,
    ) -> dict[str, Any]:
        """The answers that can be kept: by feature hash, or by name where the file speaks in names."""
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            place.problems.append(Problem(path, "Answers must be an object; they were left out.", "repaired"))
            return {}
        roots = node.attributes if isinstance(node, ObjectClass) else (node.root,)
        if source is not None:
            raw = answers_by_name(
                source.attributes if isinstance(source, ObjectClass) else (source.root,), raw
            )
        elif any(key in node.by_key for key in raw) or not raw:
            kept, problems = _kept_answers(raw, node.by_key, dynamic, path)
            place.problems += problems
            return kept
        static, moving, problems = answers_from_names(raw, roots, path=path)
        place.problems += problems
        wanted, other = (moving, static) if dynamic else (static, moving)
        if other:
            where = "the label on each frame" if not dynamic else "the instance"
            place.problems.append(
                Problem(path, f"Some answers belong on {where}; they were left out.", "repaired")
            )
        return wanted


def _kept_answers(
    raw: Mapping[str, Any], attributes: Mapping[str, Attribute], dynamic: bool, path: str
) -> tuple[dict[str, Any], list[Problem]]:
    kept: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, attribute in attributes.items():  # parents come before their children
        value = raw.get(key)
        if value is None:
            continue
        found = answer_problems(value, attribute, path=f"{path}.{key}")
        if attribute.dynamic != dynamic:
            found = [Problem(f"{path}.{key}", "The answer stands in the wrong place (instance or label).")]
        elif attribute.parent and kept.get(attribute.parent[0]) != attribute.parent[1]:
            found = [Problem(f"{path}.{key}", "Its parent option is not chosen.")]
        if found:
            problems.append(
                Problem(found[0].path, f"The answer was left out: {found[0].message}", "repaired")
            )
        else:
            kept[key] = value
    unknown = [key for key in raw if key not in attributes]
    if unknown:
        problems.append(
            Problem(path, f"{len(unknown)} answers to unknown attributes were left out.", "repaired")
        )
    return kept, problems


def _first_per_frame(
    labels: list[dict[str, Any]], problems: list[Problem], path: str
) -> list[dict[str, Any]]:
    kept: dict[int, dict[str, Any]] = {}
    for label in labels:
        if label["frame"] in kept:
            problems.append(
                Problem(path, f"The instance has two labels on frame {label['frame']}; the first was kept.")
            )
        else:
            kept[label["frame"]] = label
    return list(kept.values())


def _labels_in(item: object) -> int:
    """How many labels an item of the file has, as far as it has the shape of one."""
    document = item.get("document") if isinstance(item, dict) else None
    if not isinstance(document, dict):
        return 0
    objects, classifications = document.get("objects"), document.get("classifications")
    count = len(classifications) if isinstance(classifications, list) else 0
    for instance in objects if isinstance(objects, list) else ():
        labels = instance.get("labels") if isinstance(instance, dict) else None
        count += len(labels) if isinstance(labels, list) else 1
    return count


def _given_name(raw: Mapping[str, Any]) -> object:
    return raw.get("name") or raw.get("node") or ""


def _shapes(labels: object) -> set[str]:
    if not isinstance(labels, list):
        return set()
    geometries = [label.get("geometry") for label in labels if isinstance(label, dict)]
    types = [geometry.get("type") for geometry in geometries if isinstance(geometry, dict)]
    return {kind for kind in types if isinstance(kind, str)}


def write_own(items: Iterable[ImportItem], *, ontology: Mapping[str, Any] | None = None) -> bytes:
    """The own label file of these items, without those that have no document; stable for the same input."""
    written: list[dict[str, Any]] = []
    for item in items:
        if item.document is None:
            continue
        size = {"width": item.width, "height": item.height} if item.width and item.height else {}
        written.append({"file": item.file, **size, "document": item.document})
    root: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    if ontology is not None:
        root["ontology"] = ontology
    root["items"] = written
    return json.dumps(root, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
