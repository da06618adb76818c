"""A found image as the label document that the scoring engine takes: hashes for names, shares of the frame for pixels.

Broken geometry is passed on as broken as it is: the engine says what is wrong with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from formats.compared import FoundFile, FoundImage, FoundLabel, FoundObject
from formats.geometry import is_number
from formats.joint_ontology import JointOntology, classification_of, is_given, object_class_of
from formats.limits import MAX_COMPARED_SIDE
from formats.names import answers_by_name, answers_from_names, folded
from formats.records import Document, FrameSize, Problem
from formats.run_length import string_from_runs
from formats.structure import Attribute, Classification, ObjectClass

_TRUTH = {"0": "false", "1": "true"}


def compared_document(
    image: FoundImage, file: FoundFile, joint: JointOntology, size: FrameSize, problems: list[Problem]
) -> Document:
    """The label document of an image under a joint ontology; ``size`` is the picture's (gold's) in pixels."""
    writer = _Writer(file, joint, size, problems)
    return {
        "objects": [entry for one in image.objects if (entry := writer.object_entry(one))],
        "classifications": [
            {
                "id": writer.identifier(one.id),
                "node": node.key,
                "frames": one.frames,
                "answers": writer.answers(one.answers, node, one.node, one.path),
            }
            for one in image.classifications
            if (node := classification_of(one, joint.read))
        ],
    }


class _Writer:
    def __init__(
        self, file: FoundFile, joint: JointOntology, size: FrameSize, problems: list[Problem]
    ) -> None:
        self.file = file
        self.joint = joint
        self.size = size
        self.problems = problems
        self.taken: set[str] = set()
        self.noted: set[tuple[str, str]] = set()

    def identifier(self, wanted: str) -> str:
        """The identifier, with a number after it when it is taken: facts tell labels apart by it."""
        found, attempt = wanted, 1
        while found in self.taken:
            attempt += 1
            found = f"{wanted}-{attempt}"
        self.taken.add(found)
        return found

    def object_entry(self, instance: FoundObject) -> dict[str, Any] | None:
        node = object_class_of(instance, self.joint.read)
        if node is None:
            return None
        given = dict(instance.answers)
        labels = []
        for label in instance.labels:
            geometry = label.raw
            if self.file.in_pixels:
                geometry = self.geometry(label, instance, node)
                given |= self.flags(label, node)
                if isinstance(geometry, dict) and geometry["type"] == "rotatable_bounding_box":
                    given.pop("rotation", None)
            answers = self.answers(label.answers, node, instance.node, instance.path)
            labels.append({"frame": label.frame, "geometry": geometry, "keyframe": True, "answers": answers})
        return {
            "id": self.identifier(instance.id),
            "node": node.key,
            "answers": self.answers(given, node, instance.node, instance.path),
            "labels": labels,
        }

    def flags(self, label: FoundLabel, node: ObjectClass) -> dict[str, Any]:
        """VOC's own flags, for a class that has an attribute of the name."""
        flags = label.raw.get("flags")
        asked = {folded(attribute.name) for attribute in node.by_key.values()}
        return {key: _TRUTH.get(text, text) for key, text in (flags or {}).items() if key in asked}

    def answers(
        self, raw: Mapping[str, Any], node: ObjectClass | Classification, source_key: str, path: str
    ) -> dict[str, Any]:
        """Answers by feature hash; what cannot be one is left out, each reason said once."""
        if not raw:
            return {}
        roots = node.attributes if isinstance(node, ObjectClass) else (node.root,)
        source = self._source(source_key, node)
        if source is not None:
            raw = answers_by_name(source, raw)
        elif any(key in node.by_key for key in raw):
            return dict(raw)
        named = {key: value for key, value in raw.items() if is_given(value)}
        root = self.joint.roots.get(node.key)
        if root is not None and root in named:
            named = {node.name: named.pop(root), **named}
        static, dynamic, notes = answers_from_names(named, roots, path=path)
        for note in notes:
            key = (note.path.rpartition(".")[2], note.message)
            if key not in self.noted:
                self.noted.add(key)
                self.problems.append(note)
        return {**static, **dynamic}

    def _source(self, key: str, node: ObjectClass | Classification) -> Sequence[Attribute] | None:
        """The attributes of the file's own class where its hashes are not those of the joint ontology."""
        own = self.file.structure
        if own is None or key == node.key:
            return None
        if isinstance(node, ObjectClass):
            return own.objects[key].attributes if key in own.objects else None
        return (own.classifications[key].root,) if key in own.classifications else None

    def geometry(self, label: FoundLabel, instance: FoundObject, node: ObjectClass) -> dict[str, Any] | None:
        """Keypoints before segmentation before bbox, as the class asks; None when there is none."""
        raw, (width, height) = label.raw, self.size
        if node.shape == "skeleton":
            return _skeleton(raw, instance, node, width, height)
        if node.shape == "point":
            return _point(raw, width, height)
        segmentation = raw.get("segmentation")
        wants_box = node.shape in ("bounding_box", "rotatable_bounding_box") and bool(raw.get("bbox"))
        if isinstance(segmentation, dict) and not wants_box:
            return _mask(segmentation)
        if isinstance(segmentation, list) and any(segmentation) and not wants_box:
            return {"type": "polygon", "parts": [[_ring(ring, width, height)] for ring in segmentation]}
        return _box(raw, width, height)


def _share(value: object, whole: int) -> object:
    """Pixels as a share of the frame; anything else stays what it is, for the engine to refuse."""
    return value / whole if isinstance(value, int | float) and not isinstance(value, bool) else value


def _ring(ring: object, width: int, height: int) -> list[list[object]]:
    if not isinstance(ring, list):
        return [[None, None]]
    if len(ring) % 2:
        return [[None, None]]  # a coordinate without its partner: not two numbers
    return [[_share(x, width), _share(y, height)] for x, y in zip(ring[::2], ring[1::2], strict=True)]


def _mask(segmentation: Mapping[str, Any]) -> dict[str, Any]:
    counts = segmentation.get("counts")
    if isinstance(counts, list):
        is_runs = all(type(run) is int and 0 <= run <= MAX_COMPARED_SIDE**2 for run in counts)
        counts = string_from_runs(counts) if is_runs and counts else None
    return {"type": "bitmask", "size": segmentation.get("size"), "counts": counts}


def _box(raw: Mapping[str, Any], width: int, height: int) -> dict[str, Any] | None:
    box = raw.get("bbox")
    if not isinstance(box, list) or len(box) != 4:
        return None
    sides = (width, height, width, height)
    geometry = {key: _share(value, side) for key, value, side in zip("xywh", box, sides, strict=True)}
    attributes = raw.get("attributes")
    theta = attributes.get("rotation") if isinstance(attributes, dict) else None
    if theta and is_number(theta):
        return {"type": "rotatable_bounding_box", **geometry, "theta": theta}
    return {"type": "bounding_box", **geometry}


def _triples(raw: Mapping[str, Any]) -> list[tuple[Any, Any, Any]] | None:
    flat = raw.get("keypoints")
    if not isinstance(flat, list) or not flat or len(flat) % 3:
        return None
    return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))


def _skeleton(
    raw: Mapping[str, Any], instance: FoundObject, node: ObjectClass, width: int, height: int
) -> dict[str, Any] | None:
    triples = _triples(raw)
    names = next(
        (
            one
            for one in (instance.vertices, node.vertices)
            if one is not None and triples is not None and len(one) == len(triples)
        ),
        None,
    )
    if triples is None or names is None:
        return None
    ours = {folded(vertex): vertex for vertex in node.vertices or ()}
    return {
        "type": "skeleton",
        "points": {
            ours.get(folded(name), name): {"x": _share(x, width), "y": _share(y, height), "v": v}
            for name, (x, y, v) in zip(names, triples, strict=True)
        },
    }


def _point(raw: Mapping[str, Any], width: int, height: int) -> dict[str, Any] | None:
    seen = [one for one in _triples(raw) or () if is_number(one[2]) and one[2] > 0]
    if len(seen) != 1:
        return None
    return {"type": "point", "x": _share(seen[0][0], width), "y": _share(seen[0][1], height)}
