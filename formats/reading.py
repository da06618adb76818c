"""The door for a label file of any format: tell which it is, then read it."""

from collections.abc import Mapping
from typing import Final, Literal

from formats.archives import unpack_zip
from formats.coco import read_coco
from formats.geometry import quoted
from formats.limits import MAX_FILE_BYTES
from formats.own import FORMAT as OWN_FORMAT
from formats.own import read_own
from formats.records import FormatError, Images, ImportFile
from formats.validation import OntologyJson
from formats.voc import read_voc

Kind = Literal["own", "coco", "voc", "zip"]
_ACCEPTED: Final = (
    "Label files can be Annotrain JSON, COCO JSON, a Pascal VOC XML file, or a zip archive of VOC files or of one "
    "JSON file."
)


def sniff(content: bytes, name: str = "", *, max_bytes: int = MAX_FILE_BYTES) -> Kind:
    """Which format the content is; its name only serves the message. Raises FormatError with what would be read."""
    about = f"{quoted(name)} " if name else "The file "
    if not content.strip():
        raise FormatError(f"{about}is empty.")
    if len(content) > max_bytes:
        raise FormatError(f"{about}is larger than {max_bytes // 1_048_576} MB, the limit for label files.")
    if content.startswith(b"PK\x03\x04"):
        return "zip"
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        if b"<annotation>" in start or b"<annotation " in start:
            return "voc"
        kind = "a CVAT file" if b"<annotations" in start else "XML, but not a Pascal VOC file"
        raise FormatError(f"{about}is {kind}. {_ACCEPTED}")
    if start.startswith(b"{"):
        if f'"{OWN_FORMAT}"'.encode() in start:
            return "own"
        if b'"annotations"' in start or b'"categories"' in start:
            return "coco"
        raise FormatError(f"{about}is perhaps JSON, but neither Annotrain's labels nor COCO. {_ACCEPTED}")
    if start.startswith(b"["):
        raise FormatError(f"{about}is a bare JSON list, perhaps COCO results. {_ACCEPTED}")
    raise FormatError(f"{about}is not a label file that can be read. {_ACCEPTED}")


def read_labels(
    content: bytes,
    name: str,
    structure: OntologyJson,
    *,
    class_map: Mapping[str, str] | None = None,
    images: Images | None = None,
) -> ImportFile:
    """Read a label file of any known format into items for an ontology.

    ``class_map`` renames classes (name in the file -> name in the ontology). ``images`` (title -> sizes of its frames)
    are the files that may get labels: others are refused, sizes are checked, and every document has passed the
    strict check with the true sizes. Raises FormatError, a sentence for the person, when nothing can be read.
    """
    kind, files = open_label_file(content, name)
    if kind == "voc":
        return read_voc(files, structure, class_map=class_map, images=images)
    (document,) = files.values()
    read = read_own if kind == "own" else read_coco
    return read(document, structure, class_map=class_map, images=images)


def open_label_file(
    content: bytes, name: str, *, max_bytes: int = MAX_FILE_BYTES
) -> tuple[Literal["own", "coco", "voc"], Mapping[str, bytes]]:
    """The format and the files in it (path -> content): one JSON document, or any number of VOC files.

    A zip archive is unpacked once; an archive in an archive is refused (it may unpack for ever). Raises FormatError.
    """
    kind = sniff(content, name, max_bytes=max_bytes)
    if kind == "voc":
        return kind, {name if name.lower().endswith(".xml") else f"{name}.xml": content}
    if kind != "zip":
        return kind, {name: content}
    files = unpack_zip(content, endings=(".xml", ".json"))
    documents = [file for file in files if file.lower().endswith(".json")]
    if len(documents) == 1 and len(files) == 1:
        inner = sniff(files[documents[0]], documents[0])
        if inner == "zip":
            raise FormatError(f"The zip archive holds another archive. {_ACCEPTED}")
        return inner, files
    if not files or len(documents) == len(files):
        raise FormatError(f"The zip archive holds no label files, or several JSON files. {_ACCEPTED}")
    return "voc", files
