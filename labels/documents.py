"""Label rows as label documents, the one form in which labels travel (docs/formats.md)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from labels.models import Instance, InstanceKind, Label, LabelRow, ReviewStatus
from projects.models import Task

Document = dict[str, Any]

# Instances that gold leaves out (spec/training.md section 1).
NOT_GOLD = frozenset({ReviewStatus.DELETED, ReviewStatus.REJECTED, ReviewStatus.RETURNED})
ROWS_AT_ONCE = 500


def empty_document() -> Document:
    """The document of a task that nobody has labelled."""
    return {"objects": [], "classifications": []}


def label_count(document: Document) -> int:
    """Object labels on all frames plus classifications."""
    objects = sum(len(instance["labels"]) for instance in document["objects"])
    return objects + len(document["classifications"])


def without_empty_objects(document: Document) -> Document:
    """The document without objects that are on no frame: they say nothing and are not handed in."""
    return {**document, "objects": [instance for instance in document["objects"] if instance["labels"]]}


def document_of(row: LabelRow, *, leave_out: Collection[str] = (ReviewStatus.DELETED,)) -> Document:
    """The current labels of one row; two queries, instances in the order in which they were made."""
    return documents_of_rows([row.pk], leave_out=leave_out)[row.pk]


def document_of_task(task: Task) -> tuple[Document, int]:
    """The task's current labels and their revision; an empty document of revision 0 when it was never opened."""
    row = LabelRow.objects.filter(task=task).first()
    return (document_of(row), row.revision) if row else (empty_document(), 0)


def documents_of_rows(
    row_ids: Iterable[int], *, leave_out: Collection[str] = (ReviewStatus.DELETED,)
) -> dict[int, Document]:
    """The documents of many rows by row id; a row without instances has an empty one.

    Two queries for every 500 rows (databases limit the parameters of a statement).
    """
    documents = {row_id: empty_document() for row_id in row_ids}
    wanted = list(documents)
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        some = wanted[start : start + ROWS_AT_ONCE]
        instances = Instance.objects.filter(row__in=some).exclude(review_status__in=leave_out)
        labels = _labels_by_instance(Label.objects.filter(instance__in=instances))
        for instance in instances.order_by("pk"):
            document = documents[instance.row_id]
            own = labels.get(instance.pk, [])
            if instance.kind == InstanceKind.OBJECT:
                document["objects"].append(_object(instance, own))
            else:
                document["classifications"].append(_classification(instance, own))
    return documents


def _labels_by_instance(labels: Iterable[Label]) -> dict[int, list[Label]]:
    grouped: dict[int, list[Label]] = defaultdict(list)
    for label in labels:
        grouped[label.instance_id].append(label)
    for own in grouped.values():
        own.sort(key=lambda label: label.frame)
    return grouped


def _object(instance: Instance, labels: list[Label]) -> dict[str, Any]:
    order = {"z": instance.z} if instance.z else {}
    return order | {
        "id": instance.identifier,
        "node": instance.node,
        "answers": instance.answers,
        "labels": [
            {
                "frame": label.frame,
                "geometry": label.geometry,
                "keyframe": label.keyframe,
                "answers": label.answers,
            }
            for label in labels
        ],
    }


def _classification(instance: Instance, labels: list[Label]) -> dict[str, Any]:
    return {
        "id": instance.identifier,
        "node": instance.node,
        "frames": None if instance.is_global else [label.frame for label in labels],
        "answers": instance.answers,
    }
