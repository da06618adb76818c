"""Writes a change to a label row, after a check of every entry against the ontology and the caps."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from formats import (
    Problem,
    Structure,
    classification_problems,
    instance_problems,
    label_problems,
)
from formats.limits import MAX_OBJECTS_PER_FRAME, MAX_PROBLEMS
from labels.changes import Change
from labels.errors import InvalidLabels
from labels.models import Instance, InstanceKind, Label, LabelRow, ReviewStatus

# Classifications and objects that are on no frame do not count towards a frame's cap, so a row has its own.
MAX_INSTANCES_BESIDES = 2_000
# An edit of one of these has to be looked at again; Returned stays until the issue is resolved.
APPROVALS = (ReviewStatus.APPROVED, ReviewStatus.NOT_SAMPLED, ReviewStatus.IN_REVIEW)
KINDS = tuple(InstanceKind)
# Databases limit the parameters of a statement; longer lists are looked up in portions or as a whole.
IDENTIFIERS_AT_ONCE = 1_000


@dataclass
class Writer:
    """Applies one change to a locked row. `frames` are the (width, height) of the file's frames."""

    row: LabelRow
    ontology: Structure
    frames: Sequence[tuple[int, int]]
    actor: User | None
    # A correction by a reviewer or lead leaves the judgements on the labels alone.
    keeps_status: bool = False
    known: dict[str, Instance] = field(default_factory=dict)

    def apply(self, change: Change) -> None:
        """Check and write; raises InvalidLabels, whose transaction the caller rolls back."""
        self._refuse_floods(change)
        self.known = self._known(change.identifiers)
        problems = self._instance_problems(change) + self._label_problems(change)
        if problems:
            raise InvalidLabels(problems[:MAX_PROBLEMS])
        reshaped = self._reshaped(change)
        self._delete(change)
        self._write_instances(change)
        self._write_labels(change)
        if not self.keeps_status:
            self._mark_edited(change)
        problems = self._reshaped_problems(reshaped) + self._cap_problems(change)
        if problems:
            raise InvalidLabels(problems[:MAX_PROBLEMS])

    @property
    def _instances_allowed(self) -> int:
        return MAX_OBJECTS_PER_FRAME * len(self.frames) + MAX_INSTANCES_BESIDES

    def _refuse_floods(self, change: Change) -> None:
        """Stop before anything is checked one by one when the lists alone are beyond what a row may hold."""
        most = self._instances_allowed
        for path, entries in (("upserts.instances", change.instances), ("upserts.labels", change.labels)):
            if len(entries) > most:
                message = f"{len(entries):,} entries are more than the {most:,} that this task may have."
                raise InvalidLabels([Problem(path, message)])

    def _known(self, identifiers: set[str]) -> dict[str, Instance]:
        instances = self.row.instances.all()
        if len(identifiers) <= IDENTIFIERS_AT_ONCE:
            instances = instances.filter(identifier__in=identifiers)
        return {instance.identifier: instance for instance in instances if instance.identifier in identifiers}

    # ------------------------------------------------------------ checks
    def _instance_problems(self, change: Change) -> list[Problem]:
        problems: list[Problem] = []
        for index, instance in enumerate(change.instances):
            path = f"upserts.instances[{index}]"
            kind = instance.get("kind")
            known = self.known.get(instance["id"])
            if kind not in KINDS:
                problems.append(Problem(f"{path}.kind", 'This must be "object" or "classification".'))
            elif known is not None and known.kind != kind:
                problems.append(Problem(f"{path}.kind", f"This instance is a {known.kind}."))
            elif kind == InstanceKind.CLASSIFICATION:
                problems += classification_problems(
                    instance, self.ontology, frames=self.frames, path=path, extra=("kind",)
                )
            else:
                unknown = set(instance) - {"id", "kind", "node", "answers", "frames", "z"}
                if unknown:
                    problems.append(Problem(path, "There is a value here that an object does not have."))
                problems += instance_problems(instance, self.ontology.objects, path=path)
            if len(problems) >= MAX_PROBLEMS:
                break
        return problems

    def _label_problems(self, change: Change) -> list[Problem]:
        nodes = {
            identifier: instance.node
            for identifier, instance in self.known.items()
            if instance.kind == InstanceKind.OBJECT and instance.review_status != ReviewStatus.DELETED
        }
        nodes |= {
            instance["id"]: instance.get("node")
            for instance in change.instances
            if instance.get("kind") == InstanceKind.OBJECT
        }
        problems: list[Problem] = []
        for index, label in enumerate(change.labels):
            path = f"upserts.labels[{index}]"
            if label["instance"] not in nodes:
                problems.append(Problem(f"{path}.instance", "There is no such object to put a label on."))
                continue
            object_class = self.ontology.objects.get(nodes[label["instance"]])
            if object_class is not None:  # else the instance itself is refused with its own path
                problems += label_problems(
                    label, object_class, frames=self.frames, path=path, extra=("instance",)
                )
            if len(problems) >= MAX_PROBLEMS:
                break
        return problems

    def _reshaped(self, change: Change) -> dict[str, str]:
        """Paths of known objects that get another class, by identifier: labels not sent along must still fit."""
        return {
            instance["id"]: f"upserts.instances[{index}].node"
            for index, instance in enumerate(change.instances)
            if instance["kind"] == InstanceKind.OBJECT
            and (known := self.known.get(instance["id"])) is not None
            and known.node != instance["node"]
        }

    def _reshaped_problems(self, reshaped: Mapping[str, str]) -> list[Problem]:
        if not reshaped:
            return []
        labels = Label.objects.filter(instance__row=self.row).select_related("instance")
        if len(reshaped) <= IDENTIFIERS_AT_ONCE:
            labels = labels.filter(instance__identifier__in=reshaped)
        problems = []
        for label in labels:
            if label.instance.identifier not in reshaped:
                continue
            object_class = self.ontology.objects[label.instance.node]
            as_json = {"frame": label.frame, "geometry": label.geometry, "answers": label.answers}
            if label_problems(as_json, object_class, frames=self.frames, path=""):
                message = f"The label on frame {label.frame} does not fit the class {object_class.name}."
                problems.append(Problem(reshaped[label.instance.identifier], message))
        return problems

    def _cap_problems(self, change: Change) -> list[Problem]:
        """Hard caps on what a row holds, counted after writing (cheap: one indexed count each)."""
        problems = []
        if change.labels:
            crowded = (
                Label.objects.filter(instance__row=self.row, geometry__isnull=False)
                .exclude(instance__review_status=ReviewStatus.DELETED)
                .values("frame")
                .annotate(labels=Count("pk"))
                .filter(labels__gt=MAX_OBJECTS_PER_FRAME)
                .order_by("frame")
            )
            problems = [
                Problem(
                    "upserts.labels",
                    f"Frame {frame['frame']} would have {frame['labels']:,} labels; "
                    f"{MAX_OBJECTS_PER_FRAME:,} are allowed.",
                )
                for frame in crowded
            ]
        if change.instances:
            count = self.row.instances.count()
            if count > self._instances_allowed:
                message = f"The task would have {count:,} instances; {self._instances_allowed:,} are allowed."
                problems.append(Problem("upserts.instances", message))
        return problems

    # ------------------------------------------------------------ writing
    def _delete(self, change: Change) -> None:
        """What was never handed in disappears; what was, is kept as Deleted (its reviews point to it)."""
        gone = [self.known[name] for name in change.deleted_instances if name in self.known]
        kept = [one.pk for one in gone if one.review_status != ReviewStatus.NOT_SUBMITTED]
        for some in _portions(kept):
            Instance.objects.filter(pk__in=some).update(review_status=ReviewStatus.DELETED)
        for some in _portions([one.pk for one in gone if one.review_status == ReviewStatus.NOT_SUBMITTED]):
            Instance.objects.filter(pk__in=some).delete()
        if change.deleted_labels:
            frames_of: dict[int, set[int]] = defaultdict(set)
            for identifier, frame in change.deleted_labels:
                if identifier in self.known:
                    frames_of[self.known[identifier].pk].add(frame)
            self._delete_labels(
                frames_of, lambda instance, frame: instance in frames_of and frame in frames_of[instance]
            )

    def _delete_labels(
        self, instances: Collection[int], is_gone: Callable[[int, int], bool]
    ) -> set[tuple[int, int]]:
        """Delete the labels of these instances that `is_gone` names; returns (instance, frame) of the others."""
        rows = [
            row
            for some in _portions(list(instances))
            for row in Label.objects.filter(instance__in=some).values_list("pk", "instance", "frame")
        ]
        for some in _portions([pk for pk, instance, frame in rows if is_gone(instance, frame)]):
            Label.objects.filter(pk__in=some).delete()
        return {(instance, frame) for _, instance, frame in rows if not is_gone(instance, frame)}

    def _write_instances(self, change: Change) -> None:
        if not change.instances:
            return
        written = Instance.objects.bulk_create(
            [
                Instance(
                    row=self.row,
                    identifier=instance["id"],
                    kind=instance["kind"],
                    node=instance["node"],
                    answers=instance.get("answers") or {},
                    z=instance.get("z", 0),
                    is_global=instance["kind"] == InstanceKind.CLASSIFICATION and instance["frames"] is None,
                    created_by=self.actor,
                )
                for instance in change.instances
            ],
            update_conflicts=True,
            unique_fields=["row", "identifier"],
            update_fields=["node", "answers", "is_global", "z"],
            batch_size=500,
        )
        for instance in written:
            known = self.known.setdefault(instance.identifier, instance)
            known.node = instance.node
        self._write_frames(change)

    def _write_frames(self, change: Change) -> None:
        """Classifications: exactly one row without geometry for each of their frames."""
        frames_of = {
            self.known[instance["id"]].pk: set(instance["frames"] or ())
            for instance in change.instances
            if instance["kind"] == InstanceKind.CLASSIFICATION
        }
        if not frames_of:
            return
        present = self._delete_labels(frames_of, lambda instance, frame: frame not in frames_of[instance])
        new = [
            Label(instance_id=instance, frame=frame, updated_by=self.actor)
            for instance, frames in frames_of.items()
            for frame in sorted(frames)
            if (instance, frame) not in present
        ]
        Label.objects.bulk_create(new, batch_size=500)

    def _write_labels(self, change: Change) -> None:
        now = timezone.now()
        Label.objects.bulk_create(
            [
                Label(
                    instance_id=self.known[label["instance"]].pk,
                    frame=label["frame"],
                    geometry=label["geometry"],
                    keyframe=label.get("keyframe", True),
                    answers=label.get("answers") or {},
                    updated_at=now,
                    updated_by=self.actor,
                )
                for label in change.labels
            ],
            update_conflicts=True,
            unique_fields=["instance", "frame"],
            update_fields=["geometry", "keyframe", "answers", "updated_at", "updated_by"],
            batch_size=500,
        )

    def _mark_edited(self, change: Change) -> None:
        """An edited label loses its approval; a deleted one that is sent again starts anew."""
        sent = {instance["id"] for instance in change.instances}
        edited = change.identifiers - set(change.deleted_instances)
        stale = [
            instance.pk
            for identifier, instance in self.known.items()
            if identifier in edited
            and instance.review_status
            in ((*APPROVALS, ReviewStatus.DELETED) if identifier in sent else APPROVALS)
        ]
        for some in _portions(stale):
            Instance.objects.filter(pk__in=some).update(review_status=ReviewStatus.NOT_SUBMITTED)


def _portions(values: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(values), IDENTIFIERS_AT_ONCE):
        yield values[start : start + IDENTIFIERS_AT_ONCE]
