"""One label document as the score card needs it: labels by their place, shapes read when a sentence asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from scoring.differences import Shape
from scoring.ontology import FAMILY_OF_SHAPE, Ontology
from scoring.shapes import INVALID, Shapes, read_shapes

_ANYWHERE = ("", "", -1)
"""Place of the only label of a side."""


class SideLabel(NamedTuple):
    """One label of a side: its place in the columns of shapes, what it says, and the size of its frame."""

    row: int
    geometry: Mapping[str, Any] | None
    answers: Mapping[str, Any]
    frame_size: tuple[float, float] | None


class Side:
    """One label document, ready for explanations. What cannot be read is simply not spoken of; nothing raises."""

    def __init__(
        self, ontology: Ontology, document: Mapping[str, Any], frames: Sequence[tuple[int, int]]
    ) -> None:
        self.ontology = ontology
        self._labels: dict[tuple[str, str, int], SideLabel] = {}
        self._shapes: Shapes | None = None
        for row, ((node, identifier, frame), label) in enumerate(labels_by_place(document).items()):
            size = frames[frame] if isinstance(frame, int) and 0 <= frame < len(frames) else None
            self._labels[node, identifier, frame] = SideLabel(row, label["geometry"], label["answers"], size)

    @classmethod
    def of_label(
        cls, ontology: Ontology, label: Mapping[str, Any] | None, frame_size: tuple[float, float] | None
    ) -> Side:
        """A side of one label, {"geometry", "answers"}, that is found whatever its place."""
        side = cls(ontology, {}, [])
        if label:
            side._labels[_ANYWHERE] = SideLabel(
                0, label.get("geometry"), label.get("answers") or {}, frame_size
            )
        return side

    def label(self, node: str | None, identifier: str | None, frame: int) -> SideLabel | None:
        return self._labels.get((node or "", identifier or "", frame)) or self._labels.get(_ANYWHERE)

    def shape(self, label: SideLabel) -> Shape | None:
        """The geometry of a label as it was read; None where there is none or it is broken."""
        if label.geometry is None or label.frame_size is None:
            return None
        if self._shapes is None:
            self._shapes = self._read_shapes()
        if self._shapes.kind[label.row] == INVALID:
            return None
        family = FAMILY_OF_SHAPE[str(label.geometry["type"])]
        return Shape(label.geometry, self._shapes, label.row, family, label.frame_size)

    def _read_shapes(self) -> Shapes:
        labels = self._labels.values()
        sizes = np.array([label.frame_size or (0, 0) for label in labels], dtype=np.float64)
        return read_shapes(
            [label.geometry for label in labels],
            [_family(label.geometry) for label in labels],
            sizes.reshape(len(labels), 2),
        )


def _family(geometry: object) -> str:
    shape = geometry.get("type") if isinstance(geometry, Mapping) else None
    return FAMILY_OF_SHAPE.get(shape, "") if isinstance(shape, str) else ""


def labels_by_place(document: Mapping[str, Any]) -> dict[tuple[str, str, int], dict[str, Any]]:
    """{(node, identifier, frame): {"geometry", "answers"}} of a label document; global classifications at frame 0.

    What does not have the shape of a label is left out.
    """
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for node, identifier, entry in _entries(document, "objects"):
        static = _mapping(entry.get("answers"))
        for label in _list(entry.get("labels")):
            if isinstance(label, Mapping) and isinstance(label.get("frame"), int):
                answers = {**static, **_mapping(label.get("answers"))}
                geometry = label.get("geometry")
                found[node, identifier, label["frame"]] = {"geometry": geometry, "answers": answers}
    for node, identifier, entry in _entries(document, "classifications"):
        frames = [frame for frame in _list(entry.get("frames")) if isinstance(frame, int)]
        for frame in (0, *frames):
            found[node, identifier, frame] = {"geometry": None, "answers": _mapping(entry.get("answers"))}
    return found


def _entries(document: Mapping[str, Any], key: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for entry in _list(document.get(key)):
        if isinstance(entry, Mapping) and isinstance(entry.get("node"), str):
            yield entry["node"], str(entry.get("id")), entry


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
