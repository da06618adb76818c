"""Label files as they stand, to be compared and not stored: nothing is refused, clipped or moved.

The import (``formats.reading``) makes labels fit for a project; here a broken label stays in, so that it counts as a
missed or a spurious one. Classes, attributes and pictures are known by name only. The steps:

    gold = open_compared(Path("gold.json"))                      # FormatError: a sentence
    submitted = open_compared(Path("mine.json"), beside=gold)
    joint = joint_ontology(gold, submitted)                      # formats.inferred
    compared_document(...)                                       # formats.compared_documents

Images are known by the stem of their file name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

from formats.coco import FORMAT as COCO
from formats.coco import checked_coco_root
from formats.geometry import is_clean_text, is_number, quoted
from formats.intake import base_name, stem
from formats.limits import (
    MAX_COMPARED_FILE_BYTES,
    MAX_COMPARED_SIDE,
    MAX_FRAMES,
    MAX_ITEMS,
    MAX_NAME_CHARS,
    MAX_OBJECTS_PER_FRAME,
    MAX_XML_BYTES,
)
from formats.own import FORMAT as OWN
from formats.own import checked_own_root
from formats.reading import open_label_file
from formats.records import FormatError, FrameSize, Problem
from formats.strict_json import parse_json
from formats.structure import Structure
from formats.voc import FORMAT as VOC
from formats.voc import attributes_in, size_in, text_in, voc_files, voc_root

FAMILIES: Final[Mapping[str, str]] = {
    "bounding_box": "area",
    "rotatable_bounding_box": "area",
    "polygon": "area",
    "bitmask": "area",
    "polyline": "line",
    "point": "point",
    "skeleton": "skeleton",
}
_FLAGS: Final = ("truncated", "difficult", "occluded", "pose")


@dataclass(slots=True)
class FoundLabel:
    """A label on one frame. ``raw`` is the geometry of an own file, else the annotation with its pixels."""

    frame: Any
    raw: Any
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class FoundObject:
    """An instance: its class by name (``node``: by feature hash), ``family`` as far as the file tells it."""

    id: str
    name: str
    node: str
    family: str
    shape: str
    path: str
    labels: list[FoundLabel]
    answers: Mapping[str, Any] = field(default_factory=dict)
    vertices: tuple[str, ...] | None = None


@dataclass(slots=True)
class FoundClassification:
    """A classification: by name or feature hash, with all its answers in one map."""

    id: str
    name: str
    node: str
    frames: Any
    path: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class FoundImage:
    """The labels of one picture or video. ``sizes``: of each frame, where the file tells them one by one."""

    file: str
    size: FrameSize | None
    objects: list[FoundObject] = field(default_factory=list)
    classifications: list[FoundClassification] = field(default_factory=list)
    sizes: tuple[FrameSize, ...] | None = None
    frame_count: int = 1


@dataclass(frozen=True, slots=True)
class FoundClass:
    """A class of the file's list, or one that its labels use."""

    name: str
    family: str
    shape: str
    vertices: tuple[str, ...] | None = None


@dataclass
class FoundFile:
    """A label file: images by stem; ``classes`` is its class list, which a VOC file has only by what it uses."""

    format: str
    images: dict[str, FoundImage] = field(default_factory=dict)
    classes: list[FoundClass] = field(default_factory=list)
    has_class_list: bool = False
    in_pixels: bool = True
    ontology: Mapping[str, Any] | None = None
    structure: Structure | None = None
    problems: list[Problem] = field(default_factory=list)
    root: Mapping[str, Any] | None = None

    def add(self, image: FoundImage, key: str, path: str) -> None:
        """Add an image under its stem. Raises FormatError when the stem is taken.

        Letters with accents are one character or two, by the system that wrote the name: both are the same name.
        """
        key = normalize("NFC", key)
        if key in self.images:
            raise FormatError(
                f"{path}: {quoted(image.file)} and {quoted(self.images[key].file)} have the same name without "
                "ending. Images are paired by it, so each may occur only once."
            )
        self.images[key] = image

    def instances(self) -> Iterator[FoundObject]:
        """All objects of all images."""
        for image in self.images.values():
            yield from image.objects


def open_compared(path: Path, *, beside: FoundFile | None = None) -> FoundFile:
    """Read a label file, zip archive, or folder of Pascal VOC files. Raises FormatError with a sentence.

    ``beside`` is the file that this one is compared with: COCO results, a bare list of annotations, are about its
    images and categories.
    """
    if beside is not None and path.is_dir() and not any(path.iterdir()):
        return FoundFile(VOC, problems=[Problem("", "The folder is empty: nothing was submitted.")])
    found = _voc(_folder(path), path.name) if path.is_dir() else _file(_content(path), path.name, beside)
    _check_room(found)
    return found


def size_from(width: object, height: object) -> FrameSize | None:
    """The size in pixels that a file states, None when it states none or nonsense (0 x 0 is common)."""
    sides = [int(side) if isinstance(side, float) and side.is_integer() else side for side in (width, height)]
    if not all(type(side) is int and 0 < side <= MAX_COMPARED_SIDE for side in sides):
        return None
    return sides[0], sides[1]  # type: ignore[return-value]


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_COMPARED_FILE_BYTES + 1)
    except FileNotFoundError:
        raise FormatError("There is no such file or folder.") from None
    except OSError as error:
        raise FormatError(f"It cannot be read: {error.strerror or error}.") from None
    if len(content) > MAX_COMPARED_FILE_BYTES:
        raise FormatError(
            f"The file is larger than {MAX_COMPARED_FILE_BYTES // 1_048_576} MB. Split it by images."
        )
    return content


def _folder(path: Path) -> dict[str, bytes]:
    try:
        names = sorted(
            each for each in path.rglob("[!.]*") if each.suffix.lower() == ".xml" and each.is_file()
        )
        if not names:
            raise FormatError(
                "The folder has no XML files. A folder is read as Pascal VOC, one XML file a picture; "
                "name a JSON file itself."
            )
        if len(names) > MAX_ITEMS:
            raise FormatError(f"The folder has more than {MAX_ITEMS:,} XML files.")
        files: dict[str, bytes] = {}
        for name in names:
            with name.open("rb") as stream:
                files[str(name.relative_to(path))] = stream.read(MAX_XML_BYTES + 1)
        return files
    except OSError as error:
        raise FormatError(f"The folder cannot be read: {error.strerror or error}.") from None


def _file(content: bytes, name: str, beside: FoundFile | None) -> FoundFile:
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        return _coco_results(content, beside)
    kind, files = open_label_file(content, name, max_bytes=MAX_COMPARED_FILE_BYTES)
    if kind == "voc":
        return _voc(files, name)
    (document,) = files.values()
    root = parse_json(document, max_bytes=MAX_COMPARED_FILE_BYTES, any_number=True)
    return _own(checked_own_root(root)) if kind == "own" else _coco(checked_coco_root(root))


def _coco_results(content: bytes, beside: FoundFile | None) -> FoundFile:
    if beside is None or beside.format != COCO or beside.root is None:
        raise FormatError(
            "The file is a bare list, as COCO results are. It can only be the submission, and only with gold in COCO "
            "JSON, whose images and categories it is about."
        )
    annotations = parse_json(content, max_bytes=MAX_COMPARED_FILE_BYTES, any_number=True)
    lists = {key: beside.root[key] for key in ("images", "categories")}
    return _coco({**lists, "annotations": annotations})


def _check_room(found: FoundFile) -> None:
    """Refuse more labels on a frame than any product of ours stores; comparing costs grow with their product."""
    for image in found.images.values():
        counts: dict[int, int] = {}
        for instance in image.objects:
            for label in instance.labels:
                if isinstance(label.frame, int):
                    counts[label.frame] = counts.get(label.frame, 0) + 1
        if counts and max(counts.values()) > MAX_OBJECTS_PER_FRAME:
            raise FormatError(
                f"{quoted(image.file)} has {max(counts.values()):,} labels on one frame; "
                f"{MAX_OBJECTS_PER_FRAME:,} are allowed."
            )


# --- COCO


def _coco(root: Mapping[str, Any]) -> FoundFile:
    found = FoundFile(COCO, has_class_list=True, root=root)
    categories = _categories(root["categories"], found)
    places: dict[int | str, FoundImage] = {}
    for index, image in enumerate(root["images"]):
        path = f"images[{index}]"
        if not isinstance(image, dict) or not _is_key(image.get("id")):
            raise FormatError(f"{path}: an image must be an object with an id.")
        if image["id"] in places:
            raise FormatError(f"{path}.id: {quoted(image['id'])} is the id of two images.")
        name = _file_name(image.get("file_name"), f"{path}.file_name")
        place = FoundImage(name, size_from(image.get("width"), image.get("height")))
        found.add(place, stem(base_name(name)), path)
        places[image["id"]] = place
    for index, annotation in enumerate(root["annotations"]):
        path = f"annotations[{index}]"
        key = annotation.get("image_id") if isinstance(annotation, dict) else None
        if not _is_key(key) or key not in places:
            message = "The annotation belongs to no image of the file; it is not compared."
            found.problems.append(Problem(path, message))
            continue
        category = annotation.get("category_id")
        known = categories.get(category) if _is_key(category) else None
        if known is None:
            message = "The annotation belongs to no category of the file; it is not compared."
            found.problems.append(Problem(path, message))
            continue
        places[key].objects.append(_coco_object(annotation, known, path, index))
    return found


def _is_key(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _file_name(value: object, path: str) -> str:
    if not isinstance(value, str) or not is_clean_text(value, MAX_NAME_CHARS) or not value.strip():
        raise FormatError(f"{path}: the file name is missing. Images are paired by it.")
    return value


def _categories(raw: list[Any], found: FoundFile) -> dict[int | str, FoundClass]:
    categories: dict[int | str, FoundClass] = {}
    for index, category in enumerate(raw):
        path = f"categories[{index}]"
        if (
            not isinstance(category, dict)
            or not _is_key(category.get("id"))
            or not isinstance(category.get("name"), str)
        ):
            raise FormatError(f"{path}: a category must be an object with an id and a name.")
        if category["id"] in categories:
            raise FormatError(f"{path}.id: {quoted(category['id'])} is the id of two categories.")
        names = category.get("keypoints")
        if isinstance(names, list) and names:
            vertices = tuple(str(name) for name in names)
            one = FoundClass(category["name"], "skeleton", "skeleton", vertices)
        else:
            one = FoundClass(category["name"], "area", "polygon")
        categories[category["id"]] = one
        if one not in found.classes:
            found.classes.append(one)
    return categories


def _coco_object(annotation: Mapping[str, Any], category: FoundClass, path: str, index: int) -> FoundObject:
    given = annotation.get("instance_id", annotation.get("id"))
    attributes = annotation.get("attributes")
    attributes = dict(attributes) if isinstance(attributes, dict) else {}
    if not annotation.get("segmentation") and is_number(attributes.get("rotation")):
        del attributes["rotation"]  # of the box (as CVAT has it), not an answer
    return FoundObject(
        id=str(given) if _is_key(given) and given != "" else f"{index}",
        name=category.name,
        node="",
        family=category.family,
        shape=category.shape,
        path=path,
        labels=[FoundLabel(0, annotation)],
        answers=attributes,
        vertices=category.vertices,
    )


# --- Pascal VOC


def _voc(files: Mapping[str, bytes], archive: str) -> FoundFile:
    found = FoundFile(VOC)
    for name, content in voc_files(files).items():
        where = name if len(files) > 1 or name != archive else ""
        prefix = f"{where}: " if where else ""
        try:
            root = voc_root(content)
        except FormatError as reason:
            raise FormatError(f"{prefix}{reason}") from None
        file = text_in(root, "filename")
        # Some tools write no file name, or one without its ending.
        image = FoundImage(base_name(file) if file else stem(base_name(name)), size_from(*size_in(root)))
        found.add(image, stem(image.file) if file else image.file, name)
        for position, element in enumerate(root.findall("object"), start=1):
            edges = [_pixel(text_in(element, f"bndbox/{edge}")) for edge in ("xmin", "ymin", "xmax", "ymax")]
            x0, y0, x1, y1 = edges
            annotation = {
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "flags": {flag: text for flag in _FLAGS if (text := text_in(element, flag))},
            }
            one = FoundObject(
                id=str(position),
                name=text_in(element, "name"),
                node="",
                family="area",
                shape="bounding_box",
                path=f"{prefix}object[{position}]",
                labels=[FoundLabel(0, annotation)],
                answers=attributes_in(element),
            )
            image.objects.append(one)
    found.classes = _used_classes(found)
    return found


def _pixel(text: str) -> float:
    """A number of pixels, NaN for anything else: the engine then says what is wrong with the label."""
    try:
        return float(text) if len(text) <= 40 and text.isascii() else float("nan")
    except ValueError:
        return float("nan")


def _used_classes(found: FoundFile) -> list[FoundClass]:
    used = (FoundClass(one.name, one.family, one.shape, one.vertices) for one in found.instances())
    return list({(one.name, one.family): one for one in used}.values())


# --- Annotrain labels


def _own(root: Mapping[str, Any]) -> FoundFile:
    found = FoundFile(OWN, in_pixels=False, root=root)
    found.ontology = root.get("ontology")
    if found.ontology is not None:
        try:
            found.structure = Structure.of(found.ontology)
        except FormatError as reason:
            # Not ignored as in an import: hashes would be taken for names, and the numbers mean nothing.
            raise FormatError(f"ontology: {reason}") from None
        found.has_class_list = True
    for index, item in enumerate(root["items"]):
        path = f"items[{index}]"
        if not isinstance(item, dict) or not isinstance(item.get("document"), dict):
            raise FormatError(f"{path}: an item must be an object with file and document.")
        name = _file_name(item.get("file"), f"{path}.file")
        image = FoundImage(name, size_from(item.get("width"), item.get("height")))
        image.sizes, image.frame_count = _frames(item, path)
        found.add(image, stem(base_name(name)), path)
        document = item["document"]
        for position, raw in _entries(document, "objects", f"{path}.document", found):
            _own_object(raw, f"{path}.document.objects[{position}]", position, image, found)
        for position, raw in _entries(document, "classifications", f"{path}.document", found):
            _own_classification(raw, f"{path}.document.classifications[{position}]", position, image, found)
    if found.structure is None:
        found.classes = _used_classes(found)
    else:
        nodes = found.structure.objects.values()
        found.classes = [
            FoundClass(node.name, FAMILIES[node.shape], node.shape, node.vertices) for node in nodes
        ]
    return found


def _frames(item: Mapping[str, Any], path: str) -> tuple[tuple[FrameSize, ...] | None, int]:
    """Sizes of the frames where the item lists them (``frame_sizes``), and how many it says there are."""
    listed, count = item.get("frame_sizes"), item.get("frame_count", 1)
    if listed is not None:
        pairs = listed if isinstance(listed, list) else [None]
        sizes = [size_from(*pair) if isinstance(pair, list) and len(pair) == 2 else None for pair in pairs]
        known = tuple(size for size in sizes if size is not None)
        if not known or len(known) < len(sizes) or len(sizes) > MAX_FRAMES:
            raise FormatError(f"{path}.frame_sizes: this must be a list of [width, height] in whole pixels.")
        return known, len(known)
    if type(count) is not int or not 1 <= count <= MAX_FRAMES:
        raise FormatError(f"{path}.frame_count: this must be a whole number from 1 to {MAX_FRAMES:,}.")
    return None, count


def _entries(
    document: Mapping[str, Any], key: str, path: str, found: FoundFile
) -> Iterator[tuple[int, dict[str, Any]]]:
    entries = document.get(key, [])
    if not isinstance(entries, list):
        raise FormatError(f"{path}.{key}: this must be a list.")
    for position, entry in enumerate(entries):
        if isinstance(entry, dict):
            yield position, entry
        else:
            message = "An instance must be an object; it is not compared."
            found.problems.append(Problem(f"{path}.{key}[{position}]", message))


def _own_object(
    raw: Mapping[str, Any], path: str, position: int, image: FoundImage, found: FoundFile
) -> None:
    labels = raw.get("labels")
    kept: list[FoundLabel] = []
    for each in labels if isinstance(labels, list) else ():
        if not isinstance(each, dict):
            found.problems.append(Problem(f"{path}.labels", "A label must be an object; it is not compared."))
            continue
        frame = each.get("frame", 0)
        if type(frame) is not int or not 0 <= frame < MAX_FRAMES:
            message = f"There is no frame {quoted(frame)}; the label is not compared."
            found.problems.append(Problem(f"{path}.labels", message))
            continue
        kept.append(FoundLabel(frame, each.get("geometry"), _mapping(each.get("answers"))))
        image.frame_count = max(image.frame_count, frame + 1)
    if not kept:
        found.problems.append(Problem(f"{path}.labels", "The instance has no labels."))
        return
    shapes = (one.raw.get("type") for one in kept if isinstance(one.raw, dict))
    shape = next((one for one in shapes if isinstance(one, str) and one in FAMILIES), "bounding_box")
    node, name = _class_of(raw, found.structure.objects if found.structure else {})
    vertices = sorted({name for one in kept for name in _vertices(one.raw)}) if shape == "skeleton" else None
    image.objects.append(
        FoundObject(
            id=_identifier(raw, position),
            name=name,
            node=node,
            family=FAMILIES[shape],
            shape=shape,
            path=path,
            labels=kept,
            answers=_mapping(raw.get("answers")),
            vertices=tuple(vertices) if vertices else None,
        )
    )


def _own_classification(
    raw: Mapping[str, Any], path: str, position: int, image: FoundImage, found: FoundFile
) -> None:
    known = found.structure.classifications if found.structure else {}
    node, name = _class_of(raw, known)
    is_global = node in known and known[node].is_global
    frames = raw.get("frames", None if is_global else [0])
    if isinstance(frames, list):
        numbers = [frame for frame in frames if type(frame) is int and 0 <= frame < MAX_FRAMES]
        image.frame_count = max([image.frame_count, *(frame + 1 for frame in numbers)])
    answers = _mapping(raw.get("answers"))
    identifier = _identifier(raw, position)
    image.classifications.append(FoundClassification(identifier, name, node, frames, path, answers))


def _class_of(raw: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[str, str]:
    """Feature hash and name of an instance's class; a hash that nothing explains is its own name."""
    node, name = raw.get("node"), raw.get("name")
    node = node if isinstance(node, str) else ""
    if node in known:
        return node, known[node].name
    return node, name if isinstance(name, str) and name else node


def _identifier(raw: Mapping[str, Any], position: int) -> str:
    given = raw.get("id")
    return str(given) if _is_key(given) and given != "" else str(position + 1)


def _vertices(geometry: object) -> list[str]:
    points = geometry.get("points") if isinstance(geometry, dict) else None
    return list(points) if isinstance(points, dict) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
