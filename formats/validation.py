"""The one check of a label document against an ontology: for the save API, imports and gold alike."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from formats.geometry import geometry_problems, is_clean_text, is_number, quoted
from formats.limits import (
    MAX_CHECKLIST_CHOICES,
    MAX_FRAMES,
    MAX_IDENTIFIER_CHARS,
    MAX_OBJECTS_PER_FRAME,
    MAX_ORDER,
    MAX_PROBLEMS,
    MAX_TEXT_CHARS,
)
from formats.records import Frames, Problem
from formats.structure import Attribute, Classification, ObjectClass, Structure

OntologyJson = Structure | Mapping[str, Any]


def document_problems(
    document: object, structure: OntologyJson, *, frames: Frames | None = None
) -> list[Problem]:
    """Everything that keeps a label document from being stored; an empty list when it is fine.

    ``frames`` are the (width, height) in pixels of the file's frames: labels must lie on one of them and
    bitmasks have its size; without it neither is checked. Required answers are not asked for here: see
    ``missing_required``.
    """
    ontology = Structure.of(structure)
    if not isinstance(document, Mapping):
        return [Problem("", "A label document must be an object.")]
    problems = _keys(document, ("objects", "classifications"), (), "")
    objects, classifications = document.get("objects"), document.get("classifications")
    for key, value in (("objects", objects), ("classifications", classifications)):
        if key in document and not isinstance(value, list):
            problems.append(Problem(key, "This must be a list."))
    if not isinstance(objects, list) or not isinstance(classifications, list):
        return problems
    seen: set[str] = set()
    per_frame: Counter[int] = Counter()
    for index, instance in enumerate(objects):
        if len(problems) >= MAX_PROBLEMS:
            return problems[:MAX_PROBLEMS]
        problems += _object_problems(instance, ontology, frames, f"objects[{index}]", per_frame)
        problems += _repeated_identifier(instance, seen, f"objects[{index}].id")
    for index, instance in enumerate(classifications):
        if len(problems) >= MAX_PROBLEMS:
            return problems[:MAX_PROBLEMS]
        problems += classification_problems(
            instance, ontology, frames=frames, path=f"classifications[{index}]"
        )
        problems += _repeated_identifier(instance, seen, f"classifications[{index}].id")
    if per_frame and max(per_frame.values()) > MAX_OBJECTS_PER_FRAME:
        frame, count = per_frame.most_common(1)[0]
        problems.append(
            Problem(
                "objects",
                f"Frame {frame} has {count:,} labels; {MAX_OBJECTS_PER_FRAME:,} are allowed on a frame.",
            )
        )
    return problems[:MAX_PROBLEMS]


def _object_problems(
    instance: object, ontology: Structure, frames: Frames | None, path: str, per_frame: Counter[int]
) -> list[Problem]:
    if not isinstance(instance, Mapping):
        return [Problem(path, "An instance must be an object.")]
    problems = _keys(instance, ("id", "node", "labels"), ("answers", "z"), path)
    problems += instance_problems(instance, ontology.objects, path=path)
    labels = instance.get("labels", [])
    if not isinstance(labels, list):
        return [*problems, Problem(f"{path}.labels", "This must be a list.")]
    node = instance.get("node")
    object_class = ontology.objects.get(node) if isinstance(node, str) else None
    if object_class is None:
        return problems
    own_frames: set[int] = set()
    for index, label in enumerate(labels):
        if len(problems) >= MAX_PROBLEMS:
            break
        label_path = f"{path}.labels[{index}]"
        found = label_problems(label, object_class, frames=frames, path=label_path)
        problems += found
        frame = label.get("frame") if isinstance(label, Mapping) else None
        if type(frame) is not int:
            continue
        if frame in own_frames:
            problems.append(
                Problem(f"{label_path}.frame", f"The instance already has a label on frame {frame}.")
            )
        own_frames.add(frame)
        per_frame[frame] += 1
    return problems


def instance_problems(
    instance: Mapping[str, Any], nodes: Mapping[str, ObjectClass] | Mapping[str, Classification], *, path: str
) -> list[Problem]:
    """Findings on an instance's identifier, ontology node and static answers (not its labels or frames).

    ``nodes`` is ``Structure.objects`` or ``Structure.classifications``, by the kind of the instance.
    """
    problems = identifier_problems(instance.get("id"), path=f"{path}.id")
    key = instance.get("node")
    node = nodes.get(key) if isinstance(key, str) else None
    if node is None:
        return [*problems, Problem(f"{path}.node", f"The ontology has no such class as {quoted(key)}.")]
    order = instance.get("z", 0)
    if type(order) is not int or abs(order) > MAX_ORDER:
        problems.append(Problem(f"{path}.z", "The order on top of each other must be a whole number."))
    answers = instance.get("answers", {})
    return problems + answers_problems(answers, node.by_key, dynamic=False, path=f"{path}.answers")


def identifier_problems(identifier: object, *, path: str) -> list[Problem]:
    """An identifier is a string of 1 to 64 printable characters."""
    if (
        not is_clean_text(identifier, MAX_IDENTIFIER_CHARS)
        or not str(identifier).isprintable()
        or identifier == ""
    ):
        return [
            Problem(path, f"An identifier must be text of 1 to {MAX_IDENTIFIER_CHARS} printable characters.")
        ]
    return []


def label_problems(
    label: object,
    object_class: ObjectClass,
    *,
    frames: Frames | None = None,
    path: str,
    extra: tuple[str, ...] = (),
) -> list[Problem]:
    """Findings on one label of an instance: frame, geometry, key frame mark, dynamic answers.

    ``extra`` names keys that the caller's shape has besides (the save body's labels carry ``instance``).
    """
    if not isinstance(label, Mapping):
        return [Problem(path, "A label must be an object.")]
    problems = _keys(label, ("frame", "geometry"), ("keyframe", "answers", *extra), path)
    if "frame" in label:
        problems += frame_problems(label["frame"], frames=frames, path=f"{path}.frame")
    if not isinstance(label.get("keyframe", True), bool):
        problems.append(Problem(f"{path}.keyframe", "This must be true or false."))
    if "geometry" in label:
        frame = label.get("frame")
        size = frames[frame] if frames and type(frame) is int and 0 <= frame < len(frames) else None
        problems += geometry_problems(
            label["geometry"],
            object_class.shape,
            frame=size,
            vertices=object_class.vertices,
            path=f"{path}.geometry",
        )
    answers = label.get("answers", {})
    return problems + answers_problems(answers, object_class.by_key, dynamic=True, path=f"{path}.answers")


def frame_problems(frame: object, *, frames: Frames | None = None, path: str) -> list[Problem]:
    """A frame is a whole number from 0 below the number of frames."""
    if type(frame) is not int or not 0 <= frame < MAX_FRAMES:
        return [Problem(path, "A frame must be a whole number from 0.")]
    if frames is not None and frame >= len(frames):
        return [Problem(path, f"The file has no frame {frame}; it has {len(frames):,}, counted from 0.")]
    return []


def classification_problems(
    instance: object,
    structure: OntologyJson,
    *,
    frames: Frames | None = None,
    path: str,
    extra: tuple[str, ...] = (),
) -> list[Problem]:
    """Findings on one classification: node, answers, and frames (null for a global one, else a list)."""
    ontology = Structure.of(structure)
    if not isinstance(instance, Mapping):
        return [Problem(path, "An instance must be an object.")]
    problems = _keys(instance, ("id", "node", "frames", "answers"), extra, path)
    problems += instance_problems(instance, ontology.classifications, path=path)
    key = instance.get("node")
    node = ontology.classifications.get(key) if isinstance(key, str) else None
    where = instance.get("frames")
    if node is None or "frames" not in instance:
        return problems
    if node.is_global:
        if where is not None:
            problems.append(Problem(f"{path}.frames", "A global classification has null for its frames."))
    elif not isinstance(where, list) or not where:
        problems.append(Problem(f"{path}.frames", "This must be a list of at least one frame."))
    else:
        for index, frame in enumerate(where):
            found = frame_problems(frame, frames=frames, path=f"{path}.frames[{index}]")
            if found:
                return problems + found
        if len(set(where)) < len(where):
            problems.append(Problem(f"{path}.frames", "A frame is named twice."))
    return problems


def answers_problems(
    answers: object, attributes: Mapping[str, Attribute], *, dynamic: bool, path: str
) -> list[Problem]:
    """Findings on a flat map of answers: attribute feature hash -> value.

    ``attributes`` is the ``by_key`` of a class or classification; ``dynamic`` says which of an object's two
    maps this is: the label's (True) or the instance's (False). A classification's answers are all in its one
    map.
    """
    if not isinstance(answers, Mapping):
        return [Problem(path, "Answers must be an object: attribute to value.")]
    problems: list[Problem] = []
    for key, value in answers.items():
        attribute = attributes.get(key) if isinstance(key, str) else None
        answer_path = f"{path}.{key if is_clean_text(key, 80) else 'attribute'}"
        if attribute is None:
            problems.append(Problem(answer_path, f"The class has no attribute {quoted(key)}."))
        elif attribute.dynamic != dynamic:
            place = "label on each frame" if attribute.dynamic else "instance"
            problems.append(Problem(answer_path, f'"{attribute.name}" is answered on the {place}.'))
        else:
            problems += answer_problems(value, attribute, path=answer_path)
            problems += _parent_problems(answers, attribute, attributes, answer_path)
        if len(problems) >= MAX_PROBLEMS:
            break
    return problems


def answer_problems(value: object, attribute: Attribute, *, path: str) -> list[Problem]:
    """Findings on one answer: its type and options (not whether its parent option is chosen)."""
    name = f'"{attribute.name}"'
    match attribute.type:
        case "radio":
            if not isinstance(value, str) or attribute.option(value) is None:
                return [Problem(path, f"{name} has no option {quoted(value)}.")]
        case "checklist":
            if not isinstance(value, list) or len(value) > MAX_CHECKLIST_CHOICES:
                return [Problem(path, f"{name} must be answered by a list of options.")]
            for choice in value:
                if not isinstance(choice, str) or attribute.option(choice) is None:
                    return [Problem(path, f"{name} has no option {quoted(choice)}.")]
            if len(set(value)) < len(value):
                return [Problem(path, f"An option of {name} is chosen twice.")]
        case "text":
            if not is_clean_text(value, MAX_TEXT_CHARS):
                return [
                    Problem(
                        path, f"{name} must be text of at most {MAX_TEXT_CHARS:,} characters, without NUL."
                    )
                ]
        case _:
            if not is_number(value):
                return [Problem(path, f"{name} must be a finite number.")]
    return []


def _parent_problems(
    answers: Mapping[str, Any], attribute: Attribute, attributes: Mapping[str, Attribute], path: str
) -> list[Problem]:
    if attribute.parent is None:
        return []
    parent_key, option_key = attribute.parent
    if answers.get(parent_key) == option_key:
        return []
    parent = attributes[parent_key]
    option = parent.option(option_key)
    label = option.label if option else option_key
    return [Problem(path, f'"{attribute.name}" is only asked when "{parent.name}" is "{label}".')]


def _keys(
    holder: Mapping[str, Any], required: tuple[str, ...], optional: tuple[str, ...], path: str
) -> list[Problem]:
    prefix = f"{path}." if path else ""
    problems = [Problem(f"{prefix}{key}", "This value is missing.") for key in required if key not in holder]
    unknown = next((key for key in holder if key not in required and key not in optional), None)
    if unknown is not None:
        problems.append(Problem(path, f"There is no value called {quoted(unknown)} here."))
    return problems


def _repeated_identifier(instance: object, seen: set[str], path: str) -> list[Problem]:
    identifier = instance.get("id") if isinstance(instance, Mapping) else None
    if not isinstance(identifier, str):
        return []
    if identifier in seen:
        return [Problem(path, f"The identifier {quoted(identifier)} is used twice.")]
    seen.add(identifier)
    return []


def missing_required(document: Mapping[str, Any], structure: OntologyJson) -> list[Problem]:
    """What must be answered before the document can be submitted; the document must be valid.

    Required classes, and classifications with a required root, occur at least once; required attributes are
    answered wherever they are asked (their parent option is chosen). An empty checklist is an answer, blank text
    is none; archived nodes ask nothing.
    """
    ontology = Structure.of(structure)
    problems: list[Problem] = []
    drawn = {instance["node"] for instance in document["objects"] if instance["labels"]}
    named = {instance["node"] for instance in document["classifications"]}
    for kind, nodes, present in (
        ("objects", ontology.objects.values(), drawn),
        ("classifications", ontology.classifications.values(), named),
    ):
        for node in nodes:
            if node.required and not node.archived and node.key not in present:
                problems.append(Problem(kind, f'"{node.name}" is required and missing.'))
    for index, instance in enumerate(document["objects"]):
        attributes = ontology.objects[instance["node"]].attributes
        path = f"objects[{index}]"
        static = [attribute for attribute in attributes if not attribute.dynamic]
        problems += _unanswered(static, instance.get("answers", {}), f"{path}.answers")
        moving = [attribute for attribute in attributes if attribute.dynamic]
        for position, label in enumerate(instance["labels"] if moving else ()):
            problems += _unanswered(moving, label.get("answers", {}), f"{path}.labels[{position}].answers")
    for index, instance in enumerate(document["classifications"]):
        root = ontology.classifications[instance["node"]].root
        problems += _unanswered([root], instance["answers"], f"classifications[{index}].answers")
    return problems


def _unanswered(attributes: Iterable[Attribute], answers: Mapping[str, Any], path: str) -> list[Problem]:
    problems: list[Problem] = []
    for attribute in attributes:
        if attribute.archived:
            continue
        value = answers.get(attribute.key)
        if attribute.required and not is_answered(value):
            problems.append(Problem(f"{path}.{attribute.key}", f'"{attribute.name}" must be answered.'))
        if attribute.type == "radio" and isinstance(value, str):
            option = attribute.option(value)
            if option is not None:
                problems += _unanswered(option.attributes, answers, path)
    return problems


def is_answered(value: object) -> bool:
    """Null, absent and blank text are no answer; an empty checklist is one."""
    return value is not None and not (isinstance(value, str) and not value.strip())
