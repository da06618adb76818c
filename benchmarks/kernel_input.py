"""What the kernel needs of evaluation rows: gold as columns, the submission as a document, frames and function.

Gold is prepared once and kept in this process by its content: its text, the ontology and the frames are the key. So
neither a restored database, which gives row numbers again, nor an edited row can be confused with another. A worker's
job is a fork of its own and starts with an empty cache, so it serves jobs with many evaluations (re-evaluation, which
goes by gold task) and the processes that stay (practice, tests). docs/adr/0007 says why nothing prepared is stored.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

import scoring
from benchmarks.models import BenchmarkFunction, Evaluation, GoldTask, TrainingProject
from ontologies.models import OntologyVersion

GOLD_KEPT = 64

Frames = tuple[tuple[int, int], ...]
Task = tuple[scoring.Labels, Any, Frames]


@lru_cache(maxsize=64)
def _ontology(project_uuid: UUID, version_id: int) -> scoring.Ontology:
    """The kernel's tree of a project's pinned version; cached, since a version in use never changes.

    The project's UUID is in the key because a database that was restored or flushed gives row numbers again.
    """
    return scoring.Ontology.from_structure(OntologyVersion.objects.get(pk=version_id).structure)


def ontology_of(training: TrainingProject) -> scoring.Ontology:
    """The kernel's ontology of a training project."""
    return _ontology(training.project.uuid, training.project.ontology_version_id)


def kernel_function(function: BenchmarkFunction) -> scoring.Function:
    """The kernel's function of a stored version."""
    return scoring.Function.from_dict(
        ontology_of(function.training), function.settings, kind=function.training.kind
    )


def comparison_function(row: Evaluation) -> scoring.Function:
    """Any function version with the row's comparison settings: facts do not depend on the weights."""
    version = (
        BenchmarkFunction.objects.filter(training_id=row.training_id, comparison_key=row.comparison_key)
        .select_related("training__project")
        .order_by("number")
        .first()
    )
    if version is None:
        raise LookupError("no function version has these comparison settings")
    return kernel_function(version)


def rows_to_compare() -> QuerySet[Evaluation]:
    """Evaluations with the text of their submission, which is parsed here and not by the ORM (a third of the time)."""
    return (
        Evaluation.objects.select_related("submission__task__file")
        .defer("submission__document")
        .annotate(submitted_text=Cast("submission__document", TextField()))
    )


class _Gold:
    """A gold document that is its own key: equal when text, ontology and frames are."""

    __slots__ = ("digest", "frames", "ontology", "text")

    def __init__(self, ontology: scoring.Ontology, text: str, frames: Frames) -> None:
        self.ontology, self.text, self.frames = ontology, text, frames
        self.digest = sha256(text.encode()).digest()

    def __hash__(self) -> int:
        return hash((id(self.ontology), self.digest, self.frames))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Gold)
            and self.ontology is other.ontology
            and self.digest == other.digest
            and self.frames == other.frames
        )


@lru_cache(maxsize=GOLD_KEPT)
def _prepared(gold: _Gold) -> scoring.Labels:
    return scoring.prepare(gold.ontology, orjson.loads(gold.text), gold.frames)


def kernel_tasks(rows: Iterable[Evaluation], ontology: scoring.Ontology) -> list[Task]:
    """(gold, submission, frames) of rows from `rows_to_compare`, in their order; gold texts are read once each."""
    rows = list(rows)
    texts: dict[int, str] = dict(
        GoldTask.objects.filter(pk__in={row.gold_task_id for row in rows})
        .annotate(text=Cast("document", TextField()))
        .values_list("pk", "text")
    )
    return [_task(row, texts[row.gold_task_id], ontology) for row in rows]


def frames_of(row: Evaluation) -> Frames:
    """(width, height) of every frame of the submission's file."""
    return tuple((width, height) for width, height in row.submission.task.file.frame_sizes)


def submitted_document(row: Evaluation) -> Any:
    """The submission's document, parsed from its text where the row has it."""
    text = getattr(row, "submitted_text", None)
    return row.submission.document if text is None else orjson.loads(text)


def _task(row: Evaluation, gold_text: str, ontology: scoring.Ontology) -> Task:
    frames = frames_of(row)
    return _prepared(_Gold(ontology, gold_text, frames)), submitted_document(row), frames
