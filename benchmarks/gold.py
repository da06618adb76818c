"""Gold labels as documents and as counts: what a set of sources offers to compare with."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.models import GoldTask, GoldVersion
from datasets.models import File
from labels.documents import NOT_GOLD, Document, documents_of_rows, empty_document
from labels.models import Instance, LabelRow, ReviewStatus
from projects.models import Task
from scoring import Attribute, Ontology


@dataclass(frozen=True)
class GoldOfTask:
    """The gold labels of one picture, current or frozen."""

    file: File
    document: Document
    label_count: int
    reviewed_count: int


def gold_of_tasks(tasks: Sequence[Task]) -> list[GoldOfTask]:
    """Current labels of the tasks without Deleted, Rejected for good and Returned ones, in the tasks' order.

    A task that nobody opened, or that was submitted empty, has an empty document: it is gold too.
    """
    rows = dict(LabelRow.objects.filter(task__in=tasks).values_list("task", "pk"))
    documents = documents_of_rows(rows.values(), leave_out=NOT_GOLD)
    approved = {
        (row, identifier)
        for row, identifier in Instance.objects.filter(
            row__in=rows.values(), review_status=ReviewStatus.APPROVED
        ).values_list("row", "identifier")
    }
    found = []
    for task in tasks:
        row = rows.get(task.pk)
        document = documents[row] if row is not None else empty_document()
        sizes = dict(_labels_by_instance(document))
        found.append(
            GoldOfTask(
                file=task.file,
                document=document,
                label_count=sum(sizes.values()),
                reviewed_count=sum(n for identifier, n in sizes.items() if (row, identifier) in approved),
            )
        )
    return found


def gold_of_version(version: GoldVersion) -> list[GoldOfTask]:
    """The frozen gold of a version, in the order of its items."""
    tasks = GoldTask.objects.filter(version=version).select_related("item__file").order_by("item__position")
    return [
        GoldOfTask(task.item.file, task.document, task.label_count, task.reviewed_count) for task in tasks
    ]


def _labels_by_instance(document: Document) -> Iterable[tuple[str, int]]:
    for instance in document["objects"]:
        yield instance["id"], len(instance["labels"])
    for classification in document["classifications"]:
        frames = classification["frames"]
        yield classification["id"], 1 if frames is None else len(frames)


def gold_counts(ontology: Ontology, documents: Iterable[Document]) -> dict[str, float]:
    """How often each criterion occurs in gold, by the full keys that facts carry (scoring.md section 2).

    A static attribute of an object counts once per instance, as it does in a score.
    """
    counts: Counter[str] = Counter()
    for document in documents:
        for instance in document["objects"]:
            item = ontology.items.get(instance["node"])
            frames = len(instance["labels"])
            if item is None or item.family is None or not frames:
                continue
            counts[f"iou:{item.hash}"] += frames
            counts[f"category:{item.hash}"] += frames
            for attribute in item.attributes:
                if attribute.dynamic:
                    for label in instance["labels"]:
                        _count_answer(counts, ontology, attribute, label["answers"], 1)
                else:
                    _count_answer(counts, ontology, attribute, instance["answers"], 1)
        for classification in document["classifications"]:
            item = ontology.items.get(classification["node"])
            if item is None or item.root is None:
                continue
            frames = 1 if classification["frames"] is None else len(classification["frames"])
            plain = f"classification:{item.hash}"
            _count_answer(counts, ontology, item.root, classification["answers"], frames, plain=plain)
            for attribute in item.attributes:
                _count_answer(counts, ontology, attribute, classification["answers"], frames)
    return dict(counts)


def _count_answer(
    counts: Counter[str],
    ontology: Ontology,
    attribute: Attribute,
    answers: Mapping[str, Any],
    times: int,
    *,
    plain: str = "",
) -> None:
    answer = answers.get(attribute.hash)
    if answer is None or (isinstance(answer, str) and not answer.strip()):
        return
    if not _is_asked(ontology, attribute, answers):
        return
    key = plain or f"attribute:{attribute.hash}"
    counts[f"{key}={answer}" if attribute.type == "radio" else key] += times


def _is_asked(ontology: Ontology, attribute: Attribute, answers: Mapping[str, Any]) -> bool:
    """Whether every option on the way to a nested attribute was chosen."""
    while attribute.parent is not None:
        if answers.get(attribute.parent) != attribute.parent_option:
            return False
        attribute = ontology.attributes[attribute.parent]
    return True
