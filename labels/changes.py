"""A change of a label row as the save API takes it, with its outer shape checked.

`upserts` = {"instances": [...], "labels": [...]}, `deletes` = {"instances": [id], "labels": [[id, frame]]}.
What stands in the entries is checked against the ontology where they are written (labels/writing.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formats import Problem
from formats.limits import MAX_FRAMES, MAX_PROBLEMS
from formats.validation import identifier_problems
from labels.documents import Document
from labels.errors import InvalidLabels
from labels.models import InstanceKind


@dataclass(frozen=True)
class Change:
    """The four lists of a change, with the path that problems in the upserts start with."""

    instances: Sequence[Mapping[str, Any]] = ()
    labels: Sequence[Mapping[str, Any]] = ()
    deleted_instances: Sequence[str] = ()
    deleted_labels: Sequence[tuple[str, int]] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.instances or self.labels or self.deleted_instances or self.deleted_labels)

    @property
    def identifiers(self) -> set[str]:
        """Every instance that the change names; only of a change that was read by `read_change`."""
        named = {instance["id"] for instance in self.instances} | {label["instance"] for label in self.labels}
        return named | set(self.deleted_instances) | {identifier for identifier, _ in self.deleted_labels}


def read_change(upserts: object, deletes: object) -> Change:
    """The change, if its outer shape is right. Raises InvalidLabels with every path that is not."""
    problems: list[Problem] = []
    instances = _list(upserts, "upserts", "instances", problems)
    labels = _list(upserts, "upserts", "labels", problems)
    deleted_instances = _list(deletes, "deletes", "instances", problems)
    deleted_labels = _list(deletes, "deletes", "labels", problems)
    for index, identifier in enumerate(deleted_instances):
        problems += identifier_problems(identifier, path=f"deletes.instances[{index}]")
    for index, pair in enumerate(deleted_labels):
        if not _is_identifier_and_frame(pair):
            problems.append(Problem(f"deletes.labels[{index}]", "This must be [identifier, frame]."))
    gone = {identifier for identifier in deleted_instances if isinstance(identifier, str)}
    problems += _named_problems(instances, "upserts.instances", "id", gone)
    problems += _named_problems(labels, "upserts.labels", "instance", gone)
    if problems:
        raise InvalidLabels(problems[:MAX_PROBLEMS])
    return Change(instances, labels, deleted_instances, [(pair[0], pair[1]) for pair in deleted_labels])


def _list(holder: object, name: str, key: str, problems: list[Problem]) -> list[Any]:
    if not isinstance(holder, Mapping):
        if key == "instances":
            problems.append(Problem(name, "This must be an object with instances and labels."))
        return []
    unknown = [other for other in holder if other not in ("instances", "labels")]
    if unknown and key == "instances":
        problems.append(Problem(name, "There is no such value here; only instances and labels."))
    value = holder.get(key, [])
    if not isinstance(value, list):
        problems.append(Problem(f"{name}.{key}", "This must be a list."))
        return []
    return value


def _is_identifier_and_frame(pair: object) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and not identifier_problems(pair[0], path="")
        and type(pair[1]) is int
        and 0 <= pair[1] < MAX_FRAMES
    )


def _named_problems(entries: list[Any], path: str, key: str, gone: set[str]) -> list[Problem]:
    problems = []
    seen: set[tuple[str, object]] = set()
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            problems.append(Problem(f"{path}[{index}]", "This must be an object."))
            continue
        identifier = entry.get(key)
        found = identifier_problems(identifier, path=f"{path}[{index}].{key}")
        if found or not isinstance(identifier, str):
            problems += found
            continue
        frame = entry.get("frame") if key == "instance" else None
        place = (identifier, frame if type(frame) is int else None)
        if place in seen:
            problems.append(Problem(f"{path}[{index}]", "This occurs twice in one change."))
        if identifier in gone:
            problems.append(Problem(f"{path}[{index}].{key}", "This is changed and deleted at once."))
        seen.add(place)
    return problems


def change_to(document: Document) -> Change:
    """The change that leads from an empty row to a (valid) document."""
    heads: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    for instance in document["objects"]:
        heads.append(
            {
                "id": instance["id"],
                "kind": InstanceKind.OBJECT,
                "node": instance["node"],
                "answers": instance.get("answers", {}),
                "z": instance.get("z", 0),
            }
        )
        labels += [{"instance": instance["id"], **label} for label in instance["labels"]]
    heads += [{"kind": InstanceKind.CLASSIFICATION, **instance} for instance in document["classifications"]]
    return Change(heads, labels)
