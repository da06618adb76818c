"""What every reader returns: items with label documents, and problems: what was refused or repaired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Document = dict[str, Any]
Geometry = dict[str, Any]
Severity = Literal["refused", "repaired"]
FrameSize = tuple[int, int]
"""Width and height of one frame in pixels."""
Frames = Sequence[FrameSize]
Images = Mapping[str, Frames]
"""The files that labels may be imported for: title -> sizes of its frames (one for an image)."""


class FormatError(Exception):
    """The whole file cannot be read; the message is a sentence for the person who chose the file."""


@dataclass(frozen=True)
class Problem:
    """One finding: where (a path such as ``objects[3].labels[0].geometry.x``) and what, in a sentence."""

    path: str
    message: str
    severity: Severity = "refused"

    def as_json(self) -> dict[str, str]:
        """The shape that the save API and the import report answer with."""
        return {"path": self.path, "message": self.message, "severity": self.severity}


@dataclass(frozen=True)
class ImportItem:
    """The labels of one file. ``document`` is None when all of it was refused (``problems`` say why)."""

    file: str
    document: Document | None
    width: int | None = None
    height: int | None = None
    problems: tuple[Problem, ...] = ()
    labels_found: int = field(default=0, compare=False)
    """How many labels the file has for this item, readable or not."""

    @property
    def label_count(self) -> int:
        """Object labels and classifications that can be imported."""
        if self.document is None:
            return 0
        return sum(len(instance["labels"]) for instance in self.document["objects"]) + len(
            self.document["classifications"]
        )

    @property
    def labels_refused(self) -> int:
        """Labels of the file that cannot be imported."""
        return max(0, self.labels_found - self.label_count)

    @property
    def refused(self) -> tuple[Problem, ...]:
        """The findings that cost a label or the item."""
        return tuple(problem for problem in self.problems if problem.severity == "refused")

    @property
    def repaired(self) -> tuple[Problem, ...]:
        """The findings where something was changed or left out and the label kept."""
        return tuple(problem for problem in self.problems if problem.severity == "repaired")


@dataclass(frozen=True)
class ImportFile:
    """A file that was read: its format, its items in file order, and findings about the file itself."""

    format: str
    items: tuple[ImportItem, ...]
    problems: tuple[Problem, ...] = ()
    ontology: dict[str, Any] | None = None
