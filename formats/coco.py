"""COCO JSON to label documents. Conventions: docs/formats.md and the scoring specification.

Classes by name; keypoints before segmentation before bbox; several rings of a segmentation are one label (their
union); run lengths compressed or not; ``iscrowd``, ``area`` and ``score`` are ignored.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from formats.geometry import is_number
from formats.intake import Intake, Place, frame_size_from, refused_item
from formats.limits import MAX_ITEMS, MAX_POLYGON_VERTICES
from formats.names import answers_from_names, classes_named, folded, unknown_class
from formats.records import FormatError, FrameSize, Geometry, Images, ImportFile, ImportItem, Problem
from formats.repair import repaired_geometry
from formats.run_length import RunLengthError, Runs, box_from_runs, checked_runs, string_from_runs
from formats.strict_json import parse_json
from formats.structure import ObjectClass, Structure
from formats.validation import OntologyJson

FORMAT: Final = "coco"
_MOST_TELLING: Final = (
    "skeleton",
    "point",
    "polygon",
    "bitmask",
    "rotatable_bounding_box",
    "bounding_box",
    "polyline",
)


class Unusable(ValueError):
    """An annotation has no geometry for a class; the message is a sentence."""


def read_coco(
    content: bytes,
    structure: OntologyJson,
    *,
    class_map: Mapping[str, str] | None = None,
    images: Images | None = None,
) -> ImportFile:
    """Read a COCO instances or keypoints file. Raises FormatError when the file as a whole is not one."""
    root = coco_root(content)
    intake = Intake(Structure.of(structure), class_map, images)
    problems: list[Problem] = []
    categories = _categories(root["categories"], problems)
    places: dict[int | str, Place] = {}
    order: list[Place | ImportItem] = []
    for index, image in enumerate(root["images"]):
        place = _place(image, index, intake, places)
        order.append(place)
        if isinstance(place, Place):
            places[image["id"]] = place
    known = {image["id"] for image in root["images"] if _has_key(image)}
    for index, annotation in enumerate(root["annotations"]):
        path = f"annotations[{index}]"
        if not isinstance(annotation, dict) or not _is_key(annotation.get("image_id")):
            problems.append(Problem(path, "An annotation must be an object with an image_id."))
        elif annotation["image_id"] in places:
            _read_annotation(annotation, path, places[annotation["image_id"]], categories, intake)
        elif annotation["image_id"] not in known:
            problems.append(Problem(path, "The annotation's image_id is not in the list of images."))
    items = (place if isinstance(place, ImportItem) else place.finished(intake.ontology) for place in order)
    found = _annotations_per_image(root["annotations"])
    counted = (
        replace(item, labels_found=found[image["id"]] if _has_key(image) else 0)
        for image, item in zip(root["images"], items, strict=True)
    )
    return ImportFile(format=FORMAT, items=tuple(counted), problems=tuple(problems))


def _annotations_per_image(annotations: list[Any]) -> Counter[int | str]:
    return Counter(
        annotation["image_id"]
        for annotation in annotations
        if isinstance(annotation, dict) and _is_key(annotation.get("image_id"))
    )


def _has_key(image: object) -> bool:
    return isinstance(image, dict) and _is_key(image.get("id"))


def coco_root(content: bytes) -> dict[str, Any]:
    """The file's outermost object, with its three lists. Raises FormatError when it is not a COCO file."""
    return checked_coco_root(parse_json(content))


def checked_coco_root(root: object) -> dict[str, Any]:
    """The same of a value that has been parsed already."""
    if not isinstance(root, dict) or not all(
        isinstance(root.get(key), list) for key in ("images", "annotations", "categories")
    ):
        raise FormatError("This is not a COCO file: it needs the lists images, annotations and categories.")
    if len(root["images"]) > MAX_ITEMS:
        raise FormatError(f"The file has more than {MAX_ITEMS:,} images.")
    return root


def _is_key(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _categories(raw: list[Any], problems: list[Problem]) -> dict[int | str, dict[str, Any]]:
    categories: dict[int | str, dict[str, Any]] = {}
    for index, category in enumerate(raw):
        path = f"categories[{index}]"
        usable = (
            isinstance(category, dict)
            and _is_key(category.get("id"))
            and isinstance(category.get("name"), str)
        )
        if not usable:
            problems.append(Problem(path, "A category must be an object with an id and a name."))
        elif category["id"] in categories:
            problems.append(Problem(path, "The category's id is used twice; the first one counts."))
        else:
            categories[category["id"]] = category
    return categories


def _place(
    image: object, index: int, intake: Intake, places: Mapping[int | str, Place]
) -> Place | ImportItem:
    path = f"images[{index}]"
    if not isinstance(image, dict) or not _is_key(image.get("id")):
        return refused_item(f"(image {index + 1})", path, "An image must be an object with an id.")
    if image["id"] in places:
        return refused_item(
            f"(image {index + 1})", path, "The image's id is used twice; the first one counts."
        )
    place = intake.place(image.get("file_name"), frame_size_from(image.get("width"), image.get("height")))
    if isinstance(place, Place) and place.pixels is None:
        return refused_item(place.file, path, "The image has no width and height in whole pixels.")
    return place


def _read_annotation(
    annotation: Mapping[str, Any],
    path: str,
    place: Place,
    categories: Mapping[int | str, Mapping[str, Any]],
    intake: Intake,
) -> None:
    key = annotation.get("category_id")
    category = categories.get(key) if isinstance(key, int | str) and _is_key(key) else None
    if category is None:
        place.problems.append(Problem(f"{path}.category_id", "The file has no such category."))
        return
    candidates = classes_named(intake.ontology.objects.values(), category["name"], intake.class_map)
    if not candidates:
        place.problems.append(unknown_class(category["name"], intake.ontology, path=path))
        return
    pixels = place.pixels
    if pixels is None or not place.has_room(0, path):
        return
    try:
        node, raw, notes = _geometry(annotation, category, candidates, pixels)
    except Unusable as reason:
        place.problems.append(Problem(path, str(reason)))
        return
    place.problems += [Problem(path, note, "repaired") for note in notes]
    geometry, problems = repaired_geometry(
        raw, node.shape, frame=place.frame_size(0) or pixels, vertices=node.vertices, path=path
    )
    place.problems += problems
    if geometry is None:
        return
    named = annotation.get("attributes")
    named = dict(named) if isinstance(named, dict) else {}
    if node.shape == "rotatable_bounding_box":
        named.pop("rotation", None)
    static, dynamic, left_out = answers_from_names(named, node.attributes, path=f"{path}.attributes")
    place.add_answer_notes(left_out)
    label = {"frame": 0, "geometry": geometry, "keyframe": True, "answers": dynamic}
    identifier = place.free_identifier(_identifier(annotation, path), f"{path}.id")
    place.document["objects"].append(
        {"id": identifier, "node": node.key, "answers": static, "labels": [label]}
    )


def _identifier(annotation: Mapping[str, Any], path: str) -> str:
    given = annotation.get("instance_id", annotation.get("id"))
    return str(given) if _is_key(given) and given != "" else path.strip("]").rpartition("[")[2]


def _geometry(
    annotation: Mapping[str, Any],
    category: Mapping[str, Any],
    candidates: list[ObjectClass],
    pixels: FrameSize,
) -> tuple[ObjectClass, Geometry, list[str]]:
    """The first class of the name, in the order of how much its shape tells, for which there is a geometry."""
    first_reason: Unusable | None = None
    for node in sorted(candidates, key=lambda node: _MOST_TELLING.index(node.shape)):
        try:
            geometry, notes = _geometry_for(node, annotation, category, pixels)
            return node, geometry, notes
        except Unusable as reason:
            first_reason = first_reason or reason
    raise first_reason or Unusable("The annotation has no geometry.")


def _geometry_for(
    node: ObjectClass, annotation: Mapping[str, Any], category: Mapping[str, Any], pixels: FrameSize
) -> tuple[Geometry, list[str]]:
    width, height = pixels
    match node.shape:
        case "skeleton":
            return {"type": node.shape, "points": _skeleton(annotation, category, node, pixels)}, []
        case "point":
            seen = [point for point in _keypoints(annotation) if point[2] > 0]
            if len(seen) != 1:
                raise Unusable("A point class needs exactly one labelled keypoint.")
            return {"type": node.shape, "x": seen[0][0] / width, "y": seen[0][1] / height}, []
        case "polygon":
            rings = _rings(annotation.get("segmentation"))
            parts = [[[[x / width, y / height] for x, y in ring]] for ring in rings]
            return {"type": node.shape, "parts": parts}, []
        case "bitmask":
            runs = _runs(annotation.get("segmentation"), pixels)
            return {"type": node.shape, "size": [height, width], "counts": string_from_runs(runs)}, []
        case "bounding_box" | "rotatable_bounding_box":
            return _box(node, annotation, pixels)
        case _:
            raise Unusable("COCO has no lines, so this class cannot be imported from it.")


def _keypoints(annotation: Mapping[str, Any]) -> list[tuple[float, float, int]]:
    flat = annotation.get("keypoints")
    if not isinstance(flat, list) or not flat or len(flat) % 3:
        raise Unusable("The annotation has no keypoints (a list of x, y, v).")
    if not all(is_number(value) for value in flat):
        raise Unusable("A keypoint has a value that is not a finite number.")
    if any(value not in (0, 1, 2) for value in flat[2::3]):
        raise Unusable("The visibility of a keypoint must be 0, 1 or 2.")
    return [(flat[i], flat[i + 1], int(flat[i + 2])) for i in range(0, len(flat), 3)]


def _skeleton(
    annotation: Mapping[str, Any], category: Mapping[str, Any], node: ObjectClass, pixels: FrameSize
) -> dict[str, Any]:
    points = _keypoints(annotation)
    names = category.get("keypoints")
    if names is None and node.vertices is not None:
        names = list(node.vertices)
    if not isinstance(names, list) or len(names) != len(points):
        raise Unusable("The category does not name as many keypoints as the annotation has.")
    if not all(isinstance(name, str) for name in names):
        raise Unusable("The category has a keypoint without a name.")
    ours = {folded(vertex): vertex for vertex in node.vertices or names}
    placed = {
        ours.get(folded(name), name): {"x": x / pixels[0], "y": y / pixels[1], "v": v}
        for name, (x, y, v) in zip(names, points, strict=True)
    }
    for vertex in node.vertices or ():
        placed.setdefault(vertex, {"x": 0.0, "y": 0.0, "v": 0})
    return placed


def _rings(segmentation: object) -> list[list[tuple[float, float]]]:
    if isinstance(segmentation, dict):
        raise Unusable("The segmentation is a mask, but the class is drawn as a polygon.")
    if not isinstance(segmentation, list) or not segmentation:
        raise Unusable("The annotation has no segmentation.")
    if sum(len(ring) for ring in segmentation if isinstance(ring, list)) > 2 * MAX_POLYGON_VERTICES:
        raise Unusable(f"The outline has more than {MAX_POLYGON_VERTICES:,} points.")
    rings = []
    for ring in segmentation:
        if not isinstance(ring, list) or len(ring) < 6 or len(ring) % 2:
            raise Unusable("A ring of the segmentation must be a list of x, y for at least three points.")
        if not all(is_number(value) for value in ring):
            raise Unusable("A ring of the segmentation has a value that is not a finite number.")
        rings.append(list(zip(ring[::2], ring[1::2], strict=True)))
    return rings


def _runs(segmentation: object, pixels: FrameSize) -> Runs:
    if isinstance(segmentation, list) and segmentation:
        raise Unusable("The segmentation is an outline, but the class is drawn as a bitmask.")
    if not isinstance(segmentation, dict):
        raise Unusable("The annotation has no segmentation.")
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not (isinstance(size, list) and len(size) == 2 and all(type(side) is int for side in size)):
        raise Unusable("The size of the mask must be [height, width] in whole pixels.")
    if (size[1], size[0]) != pixels:
        raise Unusable(f"The mask is {size[1]} x {size[0]} pixels, the image {pixels[0]} x {pixels[1]}.")
    if not isinstance(counts, str | list):
        raise Unusable("The mask has no run lengths.")
    try:
        return checked_runs(counts, size[0], size[1])
    except RunLengthError as reason:
        raise Unusable(f"The mask {reason}.") from None


def _box(node: ObjectClass, annotation: Mapping[str, Any], pixels: FrameSize) -> tuple[Geometry, list[str]]:
    box, notes = annotation.get("bbox"), []
    if not box and annotation.get("segmentation"):
        box = _extent(annotation["segmentation"], pixels)
        notes.append("There was no bbox; the box is the extent of the segmentation.")
    if not isinstance(box, list) or len(box) != 4:
        raise Unusable("The annotation has no bbox of four numbers (x, y, width, height).")
    if not all(is_number(value) for value in box):
        raise Unusable("The bbox has a value that is not a finite number.")
    if box[2] <= 0 or box[3] <= 0:
        raise Unusable("The bbox has no area.")
    width, height = pixels
    geometry = dict(zip("xywh", np.divide(box, [width, height, width, height]).tolist(), strict=True))
    if node.shape == "rotatable_bounding_box":
        attributes = annotation.get("attributes")
        theta = attributes.get("rotation", 0) if isinstance(attributes, dict) else 0
        if not is_number(theta):
            raise Unusable("The attribute rotation is not a finite number of degrees.")
        return {"type": node.shape, **geometry, "theta": theta}, notes
    return {"type": node.shape, **geometry}, notes


def _extent(segmentation: object, pixels: FrameSize) -> list[float]:
    if isinstance(segmentation, dict):
        return list(box_from_runs(_runs(segmentation, pixels), pixels[1]))
    points = [point for ring in _rings(segmentation) for point in ring]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
