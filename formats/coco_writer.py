"""Label documents to COCO JSON, and an account of what COCO cannot hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from formats.names import answers_by_name
from formats.records import FrameSize, Geometry, ImportItem, Problem
from formats.run_length import (
    Mask,
    area_px,
    box_from_runs,
    runs_from_mask,
    runs_from_string,
    string_from_runs,
)
from formats.structure import ObjectClass, Structure
from formats.validation import OntologyJson


def write_coco(items: Iterable[ImportItem], structure: OntologyJson) -> tuple[bytes, list[Problem]]:
    """The COCO file of these items, and what was left out or written in another form.

    Left out: lines, classifications, frames after the first, items without size. A polygon with holes becomes a mask.
    Instance identifiers go to ``instance_id``, since COCO's own must be unique over all images; the rotation of a
    rotated box goes to ``attributes.rotation``, as CVAT has it.
    """
    ontology = Structure.of(structure)
    numbers = {key: number for number, key in enumerate(ontology.objects, start=1)}
    root: dict[str, Any] = {
        "info": {"description": "Annotrain labels"},
        "images": [],
        "annotations": [],
        "categories": [_category(node, numbers[key]) for key, node in ontology.objects.items()],
    }
    left_out: list[Problem] = []
    for item in items:
        if item.document is None or not item.width or not item.height:
            left_out.append(Problem(item.file, "The item has no document or no size in pixels."))
            continue
        image = {
            "id": len(root["images"]) + 1,
            "file_name": item.file,
            "width": item.width,
            "height": item.height,
        }
        root["images"].append(image)
        if item.document["classifications"]:
            left_out.append(Problem(item.file, "COCO holds no classifications."))
        for instance in item.document["objects"]:
            node = ontology.objects[instance["node"]]
            for label in instance["labels"]:
                if node.shape == "polyline" or label["frame"] != 0:
                    message = f"A {node.shape} on frame {label['frame']} cannot be written as COCO."
                    left_out.append(Problem(item.file, message))
                    continue
                if node.shape == "polygon" and any(len(part) > 1 for part in label["geometry"]["parts"]):
                    message = "A polygon with holes was written as a mask: COCO's polygons have none."
                    left_out.append(Problem(item.file, message, "repaired"))
                annotation = {
                    "id": len(root["annotations"]) + 1,
                    "image_id": image["id"],
                    "category_id": numbers[node.key],
                    "instance_id": instance["id"],
                    "iscrowd": 0,
                    **_geometry(label["geometry"], (item.width, item.height)),
                }
                given = {**instance.get("answers", {}), **label.get("answers", {})}
                attributes = answers_by_name(node.attributes, given)
                if node.shape == "rotatable_bounding_box":
                    attributes["rotation"] = label["geometry"]["theta"]
                if attributes:
                    annotation["attributes"] = attributes
                root["annotations"].append(annotation)
    return json.dumps(root, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(), left_out


def _category(node: ObjectClass, number: int) -> dict[str, Any]:
    category: dict[str, Any] = {"id": number, "name": node.name, "supercategory": ""}
    if node.shape == "skeleton" and node.vertices:
        category["keypoints"] = list(node.vertices)
        category["skeleton"] = []
    if node.shape == "point":
        category["keypoints"] = ["point"]
        category["skeleton"] = []
    return category


def _geometry(geometry: Geometry, pixels: FrameSize) -> dict[str, Any]:
    width, height = pixels
    match geometry["type"]:
        case "bounding_box" | "rotatable_bounding_box":
            box = [
                geometry["x"] * width,
                geometry["y"] * height,
                geometry["w"] * width,
                geometry["h"] * height,
            ]
            return {"bbox": _rounded(box), "area": round(box[2] * box[3], 6), "segmentation": []}
        case "polygon":
            return _polygon(geometry["parts"], pixels)
        case "bitmask":
            runs = runs_from_string(geometry["counts"])
            return {
                "segmentation": {"size": list(geometry["size"]), "counts": geometry["counts"]},
                "bbox": list(box_from_runs(runs, geometry["size"][0])),
                "area": area_px(runs),
            }
        case "point":
            return _keypoints([{"x": geometry["x"], "y": geometry["y"], "v": 2}], pixels)
        case _:
            return _keypoints(list(geometry["points"].values()), pixels)


def _keypoints(points: Sequence[Mapping[str, Any]], pixels: FrameSize) -> dict[str, Any]:
    flat: list[float] = []
    for point in points:
        flat += [*_rounded([point["x"] * pixels[0], point["y"] * pixels[1]]), point["v"]]
    seen = [(x, y) for x, y, v in zip(flat[::3], flat[1::3], flat[2::3], strict=True) if v > 0]
    box = _extent(seen) if seen else [0, 0, 0, 0]
    return {
        "keypoints": flat,
        "num_keypoints": len(seen),
        "bbox": _rounded(box),
        "area": round(box[2] * box[3], 6),
    }


def _polygon(parts: list[list[list[list[float]]]], pixels: FrameSize) -> dict[str, Any]:
    scaled = [[[(x * pixels[0], y * pixels[1]) for x, y in ring] for ring in part] for part in parts]
    outline = [point for part in scaled for point in part[0]]
    segmentation: Any = [_rounded([value for point in part[0] for value in point]) for part in scaled]
    area = sum(_ring_area(part[0]) for part in scaled)
    if any(len(part) > 1 for part in scaled):
        runs = runs_from_mask(mask_from_parts(scaled, pixels))
        segmentation = {"size": [pixels[1], pixels[0]], "counts": string_from_runs(runs)}
        area = area_px(runs)
    return {"segmentation": segmentation, "bbox": _rounded(_extent(outline)), "area": round(area, 6)}


def mask_from_parts(parts: Sequence[Sequence[Sequence[tuple[float, float]]]], pixels: FrameSize) -> Mask:
    """The mask of polygon parts in pixels: a pixel belongs when its centre is in a part, by the even-odd rule."""
    width, height = pixels
    mask = np.zeros((height, width), dtype=bool)
    columns = np.arange(width) + 0.5
    for part in parts:
        ends = [
            (*ring[index - 1], *point)
            for ring in part
            for index, point in enumerate(ring)
            if ring[index - 1] != point
        ]
        edges = np.asarray(ends, dtype=float).reshape(-1, 4)
        x1, y1, x2, y2 = edges.T
        first = max(0, int(np.floor(min(y1.min(), y2.min()))))
        last = min(height, int(np.ceil(max(y1.max(), y2.max()))))
        for row in range(first, last):
            y = row + 0.5
            crossing = (y1 <= y) != (y2 <= y)
            slope = (x2[crossing] - x1[crossing]) / (y2[crossing] - y1[crossing])
            crossings = np.sort(x1[crossing] + (y - y1[crossing]) * slope)
            mask[row] |= np.searchsorted(crossings, columns) % 2 == 1
    return mask


def _ring_area(ring: Sequence[tuple[float, float]]) -> float:
    twice = sum(ring[i - 1][0] * y - x * ring[i - 1][1] for i, (x, y) in enumerate(ring))
    return abs(twice) / 2


def _extent(points: Sequence[tuple[float, float]]) -> list[float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def _rounded(values: Sequence[float]) -> list[float]:
    """Six decimals of a pixel: enough to come back as the same label, short enough to read."""
    return [round(value, 6) for value in values]
