"""What all readers share: which picture an item belongs to, keeping what can be kept, a last strict check."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from formats.geometry import is_clean_text, quoted
from formats.limits import (
    MAX_FRAME_PIXELS,
    MAX_FRAME_SIDE,
    MAX_NAME_CHARS,
    MAX_OBJECTS_PER_FRAME,
    MAX_PROBLEMS,
)
from formats.names import folded
from formats.records import Document, Frames, FrameSize, Images, ImportItem, Problem
from formats.structure import Structure
from formats.validation import document_problems, identifier_problems


@dataclass
class Intake:
    """One import: the ontology and pictures it is for, and the pictures that had their labels already."""

    ontology: Structure
    class_map: Mapping[str, str] | None = None
    images: Images | None = None
    taken: set[str] = field(default_factory=set)
    titles: "Titles" = field(init=False)

    def __post_init__(self) -> None:
        self.titles = Titles(self.images or ())

    def place(self, name: object, size: FrameSize | None) -> "Place | ImportItem":
        """Where the labels of a file belong, or the refused item when there is no such place.

        ``size`` is what the label file says, None when it says nothing usable.
        """
        if not is_clean_text(name, MAX_NAME_CHARS) or not isinstance(name, str) or not name.strip():
            return refused_item("(no name)", "file", "The item does not name its file.")
        title = name if self.images is None else self.titles.find(name)
        if title is None:
            return refused_item(
                name, "file", f"There is no file called {quoted(name)} to put these labels on."
            )
        if title in self.taken:
            return refused_item(
                title, "file", "The labels of this file occur twice; only the first ones were read."
            )
        self.taken.add(title)
        frames = self.images[title] if self.images is not None else None
        place = Place(title, size, frames)
        if size and frames and size != tuple(frames[0]):
            width, height = frames[0]
            sizes = f"The label file says {size[0]} x {size[1]} pixels, the picture has {width} x {height}."
            if abs(size[0] * height - size[1] * width) > 0.01 * size[0] * height:
                return refused_item(title, "size", f"{sizes} The proportions differ.")
            place.problems.append(Problem("size", f"{sizes} The labels were scaled.", "repaired"))
        return place


@dataclass
class Place:
    """The item being read: its picture, and the document as far as it has been built."""

    file: str
    size: FrameSize | None
    frames: Frames | None
    problems: list[Problem] = field(default_factory=list)
    document: Document = field(default_factory=lambda: {"objects": [], "classifications": []})
    identifiers: set[str] = field(default_factory=set)
    labels_on: Counter[int] = field(default_factory=Counter)
    noted: set[tuple[str, str]] = field(default_factory=set)

    @property
    def pixels(self) -> FrameSize | None:
        """The size that pixel coordinates in the file refer to."""
        return self.size or (self.frames[0] if self.frames else None)

    def frame_size(self, frame: int) -> FrameSize | None:
        """The true size of a frame, when the caller told it."""
        return self.frames[frame] if self.frames and 0 <= frame < len(self.frames) else None

    def free_identifier(self, wanted: str, path: str) -> str:
        """The identifier as given, or with a number after it when it is taken (which the report says)."""
        identifier, attempt = wanted, 1
        while identifier in self.identifiers or identifier_problems(identifier, path=path):
            attempt += 1
            identifier = f"{wanted[:40] if wanted.isprintable() else 'label'}-{attempt}"
        if identifier != wanted:
            self.problems.append(
                Problem(
                    path,
                    f'The identifier {quoted(wanted)} cannot be used (again); it became "{identifier}".',
                    "repaired",
                )
            )
        self.identifiers.add(identifier)
        return identifier

    def add_answer_notes(self, notes: list[Problem]) -> None:
        """Add notes on answers, the same note on the same attribute only once: tools repeat them on every label."""
        for note in notes:
            key = (note.path.rpartition(".")[2], note.message)
            if key not in self.noted:
                self.noted.add(key)
                self.problems.append(note)

    def has_room(self, frame: int, path: str) -> bool:
        """Count a label on a frame; False, with a problem, above the cap."""
        self.labels_on[frame] += 1
        if self.labels_on[frame] <= MAX_OBJECTS_PER_FRAME:
            return True
        if self.labels_on[frame] == MAX_OBJECTS_PER_FRAME + 1:
            message = f"Only {MAX_OBJECTS_PER_FRAME:,} labels are allowed on a frame; the rest was refused."
            self.problems.append(Problem(path, message))
        return False

    def finished(self, ontology: Structure) -> ImportItem:
        """The item, after one strict check of the whole document as the database will get it."""
        left = document_problems(self.document, ontology, frames=self.frames)
        width, height = self.pixels or (None, None)
        return ImportItem(
            file=self.file,
            document=None if left else self.document,
            width=width,
            height=height,
            problems=_limited([*self.problems, *left]),
        )


def _limited(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MAX_PROBLEMS:
        return tuple(problems)
    more = len(problems) - MAX_PROBLEMS
    return (*problems[:MAX_PROBLEMS], Problem("", f"{more:,} more findings of the same item are not listed."))


def refused_item(file: str, path: str, message: str) -> ImportItem:
    """An item of which nothing can be imported."""
    return ImportItem(file=file, document=None, problems=(Problem(path, message),))


class Titles:
    """Finds the title that a file name in a label file means: the same, else without folders, case or ending.

    A looser match counts only when it is the only one.
    """

    def __init__(self, titles: Iterable[str]) -> None:
        self._titles = frozenset(titles)
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for title in self._titles:
            base = folded(base_name(title))
            self._by_name[base].append(title)
            self._by_stem[stem(base)].append(title)

    def find(self, name: str) -> str | None:
        """The title, None when there is none or more than one."""
        base = base_name(name)
        for exact in (name, base):
            if exact in self._titles:
                return exact
        found = self._by_name.get(folded(base)) or self._by_stem.get(stem(folded(base))) or []
        return found[0] if len(found) == 1 else None


def base_name(name: str) -> str:
    """A file name without folders, of either system."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def stem(name: str) -> str:
    """A file name without its ending."""
    head, dot, _ = name.rpartition(".")
    return head if dot and head else name


def frame_size_from(width: object, height: object) -> FrameSize | None:
    """The size that a file states, None when it states none or nonsense (0 x 0 is common)."""
    if type(width) is not int or type(height) is not int:
        return None
    if not (
        0 < width <= MAX_FRAME_SIDE and 0 < height <= MAX_FRAME_SIDE and width * height <= MAX_FRAME_PIXELS
    ):
        return None
    return width, height
