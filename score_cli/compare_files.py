"""Pair the images of two label files and let the engine compare them: the numbers are the server's."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formats import FormatError
from formats.compared import FoundFile, FoundImage, open_compared
from formats.compared_documents import compared_document
from formats.geometry import quoted
from formats.joint_ontology import JointOntology, joint_ontology
from formats.records import FrameSize, Problem
from score_cli.function_file import named_attributes, with_added_classes, with_hashes, with_names
from scoring import (
    Facts,
    Function,
    InvalidFunction,
    LabelFact,
    Ontology,
    OntologyError,
    Outcome,
    compare_many,
    label_points,
    score,
)
from scoring.explain import Explanation, explain_fact
from scoring.sides import Side
from scoring.totals import add_totals

BATCH = 100
"""Images compared together. More is hardly faster, and a crowded frame should not have to wait for others' memory."""


class UnusableInput(Exception):
    """A file cannot be used; the message says which, where, and what to do about it."""


@dataclass(frozen=True)
class ComparedImage:
    """One image with everything that its comparison needed and found."""

    file: str
    gold: Mapping[str, Any]
    submitted: Mapping[str, Any]
    frames: list[FrameSize]
    facts: Facts


@dataclass
class Comparison:
    """All images of gold. `warnings` are sentences about what was repaired, ignored or is invalid."""

    ontology: Ontology
    function: Function
    images: list[ComparedImage] = field(default_factory=list)
    unscored: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def facts(self) -> Iterator[LabelFact]:
        """The evaluation labels of all images."""
        for image in self.images:
            yield from image.facts.labels

    def explained(self) -> Iterator[tuple[ComparedImage, LabelFact, list[Explanation]]]:
        """Every evaluation label with its score card."""
        for image in self.images:
            gold = Side(self.ontology, image.gold, image.frames)
            own = Side(self.ontology, image.submitted, image.frames)
            for fact in image.facts.labels:
                yield image, fact, explain_fact(fact, self.function, gold, own, reveal_gold=True)

    def summary(self) -> dict[str, Any]:
        """Points and counts of all labels together, and under `classes` those of each class by name.

        A pair counts under gold's class, an extra or duplicate label under its own. A class list that gold has is
        there as a whole.
        """
        everything = _Tally()
        classes = {item.name: _Tally() for item in (*self.ontology.objects, *self.ontology.classifications)}
        for fact in self.facts():
            node = fact.gold_node or fact.submitted_node or ""
            rows = label_points(fact, self.function)
            points = sum(row.points for row in rows), sum(row.weight for row in rows)
            everything.add(fact, *points)
            classes.setdefault(self.ontology.name_of(node), _Tally()).add(fact, *points)
        # The one sum that the server shows: weights times totals.
        totals = add_totals(image.facts.totals for image in self.images)
        everything.earned, everything.available = score(totals, self.function)
        return everything.figures() | {"classes": {name: one.figures() for name, one in classes.items()}}


class _Tally:
    """Points and counts of some evaluation labels."""

    def __init__(self) -> None:
        self.earned = self.available = 0.0
        self.counts: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        self.similarities: list[float] = []

    def add(self, fact: LabelFact, earned: float, available: float) -> None:
        self.earned += earned
        self.available += available
        self.counts[fact.outcome] += 1
        if fact.outcome in (Outcome.MATCHED, Outcome.WRONG_CATEGORY) and fact.similarity is not None:
            self.similarities.append(fact.similarity)

    def figures(self) -> dict[str, Any]:
        pairs = len(self.similarities)
        return {
            "earned": self.earned,
            "available": self.available,
            "score": self.earned / self.available if self.available > 0 else None,
            "matched": self.counts[Outcome.MATCHED],
            "wrong_category": self.counts[Outcome.WRONG_CATEGORY],
            "imprecise": self.counts[Outcome.IMPRECISE],
            "missing": self.counts[Outcome.MISSING],
            "duplicate": self.counts[Outcome.DUPLICATE],
            "extra": self.counts[Outcome.EXTRA],
            "mean_iou": sum(self.similarities) / pairs if pairs else None,
        }


def compare_files(
    gold_path: Path,
    submitted_path: Path,
    function: Mapping[str, Any] | None = None,
    *,
    function_name: str = "the function",
) -> Comparison:
    """Compare a submission with gold, image by image. Raises UnusableInput.

    `function` is a function file's JSON, with names; `function_name` is what messages call it.
    """
    gold = _opened(gold_path)
    submitted = _opened(submitted_path, gold)
    settings = dict(function or {})
    joint = joint_ontology(gold, submitted, named_attributes(settings))
    warnings = [_sentence(f"gold {gold_path.name}", one) for one in gold.problems]
    warnings += [_sentence(f"submission {submitted_path.name}", one) for one in submitted.problems]
    warnings += [one.message for one in joint.problems]
    try:
        ontology = Ontology.from_structure(joint.for_defaults())
    except OntologyError as reason:
        owner = gold_path if gold.ontology else submitted_path
        raise UnusableInput(f"{owner}: ontology: {reason}.") from None
    kernel_function = _function(settings, joint, ontology, function_name, warnings)
    found = Comparison(ontology, kernel_function, warnings=warnings)
    found.unscored = [image.file for key, image in submitted.images.items() if key not in gold.images]
    if gold.images and submitted.images and not gold.images.keys() & submitted.images.keys():
        first = [next(iter(side.images.values())).file for side in (gold, submitted)]
        warnings.append(
            f"No image of gold is in the submission: {quoted(first[0])} is one of gold's, {quoted(first[1])} of "
            "the submission's. Images are paired by file name without ending."
        )
    read = (
        _read(image, submitted.images.get(key), gold, submitted, joint) for key, image in gold.images.items()
    )
    while batch := list(itertools.islice(read, BATCH)):
        _compare(batch, found)
    return found


def _opened(path: Path, beside: FoundFile | None = None) -> FoundFile:
    try:
        return open_compared(path, beside=beside)
    except FormatError as reason:
        raise UnusableInput(f"{path}: {reason}") from None


def _function(
    settings: Mapping[str, Any], joint: JointOntology, ontology: Ontology, name: str, warnings: list[str]
) -> Function:
    translated, unknown = with_hashes(settings, ontology)
    known = ", ".join(item.name for item in ontology.items.values())
    for place, wanted in unknown:
        sentence = f"{name}: {place}: neither file has {quoted(wanted)}"
        if joint.is_complete:
            raise UnusableInput(f"{sentence}; the classes are: {known or 'none'}.")
        warnings.append(f"{sentence}, so it changes nothing.")
    try:
        return Function.from_dict(ontology, with_added_classes(translated, joint, ontology))
    except InvalidFunction as error:
        first, *others = error.problems
        more = f" (and {len(others)} more)" if others else ""
        place = f"{with_names(first['path'], ontology)} " if first["path"] else ""
        raise UnusableInput(f"{name}: {place}{first['message']}{more}.") from None


@dataclass(frozen=True)
class _Read:
    """The two documents of an image, ready for the engine, and what was left out of them."""

    file: str
    gold: Mapping[str, Any]
    submitted: Mapping[str, Any]
    frames: list[FrameSize]
    problems: list[Problem]


def _read(
    image: FoundImage, own: FoundImage | None, gold: FoundFile, submitted: FoundFile, joint: JointOntology
) -> _Read:
    size = _size_of(image) or (_size_of(own) if own else None)
    if size is None:
        raise UnusableInput(
            f"{quoted(image.file)}: gold does not state the width and height of this image in pixels, nor does the "
            "submission. Add them to gold."
        )
    problems: list[Problem] = []
    return _Read(
        image.file,
        compared_document(image, gold, joint, size, problems),
        compared_document(own or FoundImage(image.file, None), submitted, joint, size, problems),
        list(image.sizes or [size] * max(image.frame_count, own.frame_count if own else 1)),
        problems,
    )


def _compare(batch: Sequence[_Read], found: Comparison) -> None:
    """Compare some images together, which is several times faster than one by one, and note what was found."""
    tasks = [(one.gold, one.submitted, one.frames) for one in batch]
    for one, facts in zip(batch, compare_many(found.ontology, found.function, tasks), strict=True):
        found.warnings += [_sentence(one.file, problem) for problem in one.problems]
        found.warnings += [f"{one.file}: {problem}" for problem in facts.problems]
        found.warnings += [f"{one.file}: {sentence}" for fact in facts.labels if (sentence := _invalid(fact))]
        found.images.append(ComparedImage(one.file, one.gold, one.submitted, one.frames, facts))


def _size_of(image: FoundImage) -> FrameSize | None:
    return image.sizes[0] if image.sizes else image.size


def _invalid(fact: LabelFact) -> str:
    """What is wrong with the geometry of a label, "" when nothing is."""
    side, _, reason = fact.reason.partition(": ")
    if not reason:
        return ""
    identifier = fact.gold_id if side == "gold" else fact.submitted_id
    place = f", frame {fact.frame}" if fact.frame else ""
    counts = "missing" if side == "gold" else "extra"
    owner = "gold's" if side == "gold" else "the submission's"
    return f"{owner} label {identifier}{place} is invalid ({reason}) and counts as {counts}."


def _sentence(where: str, problem: Problem) -> str:
    return f"{where}: {problem.path}: {problem.message}" if problem.path else f"{where}: {problem.message}"
