"""Label files for tests of the command line, and the command itself."""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from score_cli.__main__ import main

Json = dict[str, Any]
KEYS = [
    *(
        "earned",
        "available",
        "score",
        "matched",
        "wrong_category",
        "imprecise",
        "missing",
        "duplicate",
        "extra",
    ),
    "mean_iou",
]


@dataclass(frozen=True)
class Ran:
    """What a run of the command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def result(self) -> Json:
        """The object of --json."""
        return json.loads(self.out)


def run(*given: object) -> Ran:
    """The command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([str(one) for one in given])
        except SystemExit as left:
            status = int(left.code or 0)
    return Ran(status, out.getvalue(), err.getvalue())


def scored(*given: object) -> Json:
    """The result of a run that must succeed."""
    ran = run(*given, "--json")
    assert ran.status == 0, ran.err
    return ran.result


def counts(result: Json) -> tuple[int, ...]:
    """Matched, wrong category, imprecise, missing, duplicate, extra."""
    return tuple(result[key] for key in KEYS[3:9])


def write(path: Path, value: object) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def coco(
    annotations: list[Json],
    *,
    categories: list[Any] = ("cell",),
    images: list[Any] = ("a.png",),
    size: tuple[int, int] | None = (100, 100),
) -> Json:
    """A COCO file; categories are names or whole entries, an annotation's image and category default to the first."""
    width, height = size or (None, None)
    sizes = {"width": width, "height": height} if size else {}
    return {
        "images": [
            one if isinstance(one, dict) else {"id": index, "file_name": one, **sizes}
            for index, one in enumerate(images, start=1)
        ],
        "categories": [
            one if isinstance(one, dict) else {"id": index, "name": one}
            for index, one in enumerate(categories, start=1)
        ],
        "annotations": [
            {"id": index, "image_id": 1, "category_id": 1, **one}
            for index, one in enumerate(annotations, start=1)
        ],
    }


def bbox(x: float, y: float, w: float, h: float, **more: Any) -> Json:
    return {"bbox": [x, y, w, h], **more}


def voc(
    objects: list[tuple[Any, ...]], *, filename: str | None = "a.jpg", size: tuple[int, int] = (100, 100)
) -> str:
    """A VOC file of (name, xmin, ymin, xmax, ymax, attributes?)."""
    entries = []
    for name, *edges in objects:
        attributes = edges.pop() if isinstance(edges[-1], dict) else {}
        tags = "".join(
            f"<{tag}>{edge}</{tag}>"
            for tag, edge in zip(("xmin", "ymin", "xmax", "ymax"), edges, strict=True)
        )
        asked = "".join(
            f"<attribute><name>{key}</name><value>{value}</value></attribute>"
            for key, value in attributes.items()
        )
        entries.append(
            f"<object><name>{name}</name><bndbox>{tags}</bndbox><attributes>{asked}</attributes></object>"
        )
    file = f"<filename>{filename}</filename>" if filename is not None else ""
    width, height = size
    dimensions = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    return f"<annotation>{file}{dimensions}{''.join(entries)}</annotation>"


def own(*items: Json, ontology: Json | None = None) -> Json:
    root: Json = {"format": "annotrain-labels", "version": 1}
    if ontology is not None:
        root["ontology"] = ontology
    return root | {"items": list(items)}


def own_item(
    document: Json, file: str = "a.png", size: tuple[int, int] | None = (100, 100), **more: Any
) -> Json:
    sizes = {"width": size[0], "height": size[1]} if size else {}
    return {"file": file, **sizes, "document": document, **more}
