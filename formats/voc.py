"""Pascal VOC XML: one file a picture, boxes only.

Edges are continuous: a box is xmin, ymin, xmax - xmin, ymax - ymin. ``<path>`` and ``<folder>`` are ignored: they name
disks of other people. A label's identifier is its position in the file, from 1.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from formats.intake import Intake, Place, base_name, frame_size_from, refused_item, stem
from formats.limits import MAX_ITEMS, MAX_NUMBER, MAX_XML_BYTES
from formats.names import answers_by_name, answers_from_names, classes_named, folded, unknown_class
from formats.records import FormatError, FrameSize, Images, ImportFile, ImportItem, Problem
from formats.repair import repaired_geometry
from formats.structure import ObjectClass, Structure
from formats.validation import OntologyJson

FORMAT: Final = "voc"
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{0,15})?([eE][+-]?\d{1,2})?")
_FLAGS: Final = ("truncated", "difficult", "occluded")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read_voc(
    files: Mapping[str, bytes],
    structure: OntologyJson,
    *,
    class_map: Mapping[str, str] | None = None,
    images: Images | None = None,
) -> ImportFile:
    """Read VOC files (path -> content). A file that cannot be read is a refused item and never stops the others.

    Raises FormatError when there is no XML file or only one and that one is not VOC.
    """
    named = voc_files(files)
    intake = Intake(Structure.of(structure), class_map, images)
    items: list[ImportItem] = []
    for name, content in named.items():
        try:
            items.append(_item(voc_root(content), name, intake))
        except FormatError as reason:
            if len(named) == 1:
                raise
            items.append(refused_item(base_name(name), "", str(reason)))
    return ImportFile(format=FORMAT, items=tuple(items))


def voc_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The XML files among these, in the order of their names. Raises FormatError without any, or with too many."""
    named = {name: content for name, content in sorted(files.items()) if name.lower().endswith(".xml")}
    if not named or len(named) > MAX_ITEMS:
        raise FormatError(f"There are no XML files, or more than {MAX_ITEMS:,}.")
    return named


def class_names(root: Element) -> list[str]:
    """The class of each object of a VOC file, as it stands there."""
    return [text_in(element, "name") for element in root.findall("object")]


def voc_root(content: bytes) -> Element:
    """The outermost element of one VOC file. Raises FormatError for broken, hostile and other XML."""
    if len(content) > MAX_XML_BYTES:
        raise FormatError(f"The XML file is larger than {MAX_XML_BYTES // 1_048_576} MB.")
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise FormatError(
            "The XML file declares a document type or entities, which is not allowed."
        ) from None
    except (ParseError, ValueError, LookupError):
        raise FormatError("The file is not valid XML.") from None
    if not isinstance(root, Element) or root.tag != "annotation":
        raise FormatError("This is not a Pascal VOC file: its outermost element is not <annotation>.")
    return root


def _item(root: Element, name: str, intake: Intake) -> ImportItem:
    return replace(_read_item(root, name, intake), labels_found=len(root.findall("object")))


def _read_item(root: Element, name: str, intake: Intake) -> ImportItem:
    file = text_in(root, "filename")
    # Some tools write no file name, or one without its ending: then the label file's own name tells.
    file = base_name(file) if file else stem(base_name(name))
    place = intake.place(file, frame_size_from(*size_in(root)))
    if isinstance(place, ImportItem):
        return place
    if place.pixels is None:
        return refused_item(place.file, "size", "The file does not state the picture's width and height.")
    for position, element in enumerate(root.findall("object"), start=1):
        _read_object(element, position, place, place.pixels, intake)
    return place.finished(intake.ontology)


def _read_object(element: Element, position: int, place: Place, pixels: FrameSize, intake: Intake) -> None:
    path = f"object[{position}]"
    name = text_in(element, "name")
    candidates = classes_named(intake.ontology.objects.values(), name, intake.class_map)
    if not candidates:
        place.problems.append(unknown_class(name, intake.ontology, path=f"{path}.name"))
        return
    node = next((node for node in candidates if node.shape == "bounding_box"), None)
    if node is None:
        message = f'VOC files hold boxes, but "{candidates[0].name}" is drawn as {candidates[0].shape}.'
        place.problems.append(Problem(path, message))
        return
    edges = [_number(text_in(element, f"bndbox/{edge}")) for edge in ("xmin", "ymin", "xmax", "ymax")]
    x_min, y_min, x_max, y_max = edges
    if x_min is None or y_min is None or x_max is None or y_max is None:
        place.problems.append(
            Problem(f"{path}.bndbox", "The box needs xmin, ymin, xmax and ymax as finite numbers.")
        )
        return
    if x_max <= x_min or y_max <= y_min:
        place.problems.append(
            Problem(f"{path}.bndbox", "The box has no area: a maximum is not above its minimum.")
        )
        return
    width, height = pixels
    raw = {
        "type": "bounding_box",
        "x": x_min / width,
        "y": y_min / height,
        "w": (x_max - x_min) / width,
        "h": (y_max - y_min) / height,
    }
    geometry, problems = repaired_geometry(raw, node.shape, path=f"{path}.bndbox")
    place.problems += problems
    if geometry is None or not place.has_room(0, path):
        return
    static, dynamic, left_out = answers_from_names(_answers(element, node), node.attributes, path=path)
    place.add_answer_notes(left_out)
    label = {"frame": 0, "geometry": geometry, "keyframe": True, "answers": dynamic}
    identifier = place.free_identifier(str(position), path)
    place.document["objects"].append(
        {"id": identifier, "node": node.key, "answers": static, "labels": [label]}
    )


def _answers(element: Element, node: ObjectClass) -> dict[str, Any]:
    """Attributes as CVAT writes them, and VOC's own flags and pose where the class asks for them."""
    answers: dict[str, Any] = {}
    asked = {folded(attribute.name) for attribute in node.by_key.values()}
    for flag in _FLAGS:
        text = text_in(element, flag)
        if flag in asked and text in ("0", "1"):
            answers[flag] = text == "1"
    if "pose" in asked and text_in(element, "pose"):
        answers["pose"] = text_in(element, "pose")
    return {**answers, **attributes_in(element)}


def attributes_in(element: Element) -> dict[str, Any]:
    """<attributes> of an object, as CVAT writes them: text by name, a list where a name is repeated."""
    answers: dict[str, Any] = {}
    for attribute in element.findall("attributes/attribute"):
        name, value = text_in(attribute, "name"), text_in(attribute, "value")
        if name in answers and isinstance(answers[name], list):
            answers[name].append(value)
        else:
            answers[name] = [answers[name], value] if isinstance(answers.get(name), str) else value
    return answers


def size_in(root: Element) -> tuple[int | None, int | None]:
    """Width and height that a VOC file states, None for what is no whole number."""
    texts = [text_in(root, f"size/{side}") for side in ("width", "height")]
    width, height = (int(text) if re.fullmatch(r"\d{1,6}", text, re.ASCII) else None for text in texts)
    return width, height


def text_in(element: Element, path: str) -> str:
    """The text of a child element, "" when there is none."""
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def _number(text: str) -> float | None:
    if not _NUMBER.fullmatch(text) or not text.isascii():
        return None
    value = float(text)
    return value if abs(value) <= MAX_NUMBER else None


def write_voc(items: Iterable[ImportItem], structure: OntologyJson) -> tuple[dict[str, bytes], list[Problem]]:
    """VOC files by name, and what they cannot hold: other shapes, classifications, frames after the first."""
    ontology = Structure.of(structure)
    files: dict[str, bytes] = {}
    left_out: list[Problem] = []
    for item in items:
        if item.document is None or not item.width or not item.height:
            left_out.append(Problem(item.file, "The item has no document or no size in pixels."))
            continue
        root = Element("annotation")
        SubElement(root, "filename").text = _CONTROL.sub("", item.file)
        size = SubElement(root, "size")
        for tag, value in (("width", item.width), ("height", item.height), ("depth", 3)):
            SubElement(size, tag).text = str(value)
        for instance in item.document["objects"]:
            node = ontology.objects[instance["node"]]
            for label in instance["labels"]:
                if node.shape == "bounding_box" and label["frame"] == 0:
                    _write_object(root, node, instance, label, (item.width, item.height))
                else:
                    message = f"A {node.shape} on frame {label['frame']} cannot be written as VOC."
                    left_out.append(Problem(item.file, message))
        if item.document["classifications"]:
            left_out.append(Problem(item.file, "VOC files hold no classifications."))
        indent(root)
        files[_free_name(f"{stem(base_name(item.file))}.xml", files)] = tostring(root, encoding="utf-8")
    return files, left_out


def _write_object(
    root: Element, node: ObjectClass, instance: Mapping[str, Any], label: Mapping[str, Any], pixels: FrameSize
) -> None:
    element = SubElement(root, "object")
    SubElement(element, "name").text = _CONTROL.sub("", node.name)
    for tag, value in (("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")):
        SubElement(element, tag).text = value
    box, (width, height) = label["geometry"], pixels
    bndbox = SubElement(element, "bndbox")
    edges = {
        "xmin": box["x"] * width,
        "ymin": box["y"] * height,
        "xmax": (box["x"] + box["w"]) * width,
        "ymax": (box["y"] + box["h"]) * height,
    }
    for edge, pixel in edges.items():
        SubElement(bndbox, edge).text = f"{pixel:.6f}".rstrip("0").rstrip(".")
    answers = answers_by_name(node.attributes, {**instance.get("answers", {}), **label.get("answers", {})})
    holder = SubElement(element, "attributes") if answers else element
    for name, value in answers.items():
        for single in value if isinstance(value, list) else [value]:
            attribute = SubElement(holder, "attribute")
            SubElement(attribute, "name").text = _CONTROL.sub("", name)
            SubElement(attribute, "value").text = _CONTROL.sub("", str(single))


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    attempt, free = 1, name
    while free in taken:
        attempt += 1
        free = f"{stem(name)}-{attempt}.xml"
    return free
