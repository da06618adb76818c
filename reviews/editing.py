"""What a reviewer may change: move a shape or its vertices, and answers. Nothing is added, deleted or retyped."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from accounts.models import User
from formats import Problem
from labels.changes import Change, read_change
from labels.errors import InvalidLabels
from labels.models import Instance, Label, LabelRow
from labels.operations import correct_labels
from reviews.models import Review
from reviews.operations import require_held


def edit_in_review(*, review: Review, actor: User, revision: int, upserts: Any, deletes: Any) -> LabelRow:
    """Write a reviewer's corrections of the labels in their review.

    Raises ReviewRefused when the review is not theirs, InvalidLabels with the paths of what a reviewer may not
    change, and StaleRevision.
    """
    require_held(review, actor)
    change = read_change(upserts, deletes)
    problems = list(_problems(review, change))
    if problems:
        raise InvalidLabels(problems)
    return correct_labels(
        task=review.subject, actor=actor, revision=revision, upserts=upserts, deletes=deletes
    )


def _problems(review: Review, change: Change) -> Iterator[Problem]:
    if change.deleted_instances or change.deleted_labels:
        yield Problem("deletes", "A reviewer does not delete labels: reject them with a reason.")
    own = {
        one.identifier: one
        for one in Instance.objects.filter(judgements__review=review, identifier__in=change.identifiers)
    }
    for index, entry in enumerate(change.instances):
        known = own.get(entry["id"])
        if known is None:
            yield Problem(f"upserts.instances[{index}].id", "This label is not in the review.")
        elif entry.get("node") != known.node or entry.get("kind") != known.kind:
            yield Problem(
                f"upserts.instances[{index}].node", "A reviewer does not change the class: reject it."
            )
    shapes = {
        (label.instance.identifier, label.frame): label.geometry
        for label in Label.objects.filter(instance__in=own.values()).select_related("instance")
    }
    for index, entry in enumerate(change.labels):
        path = f"upserts.labels[{index}]"
        place = (entry["instance"], entry.get("frame"))
        if place not in shapes:
            yield Problem(path, "A reviewer does not add labels: report the frame as missing labels.")
        elif not _is_moved_only(shapes[place], entry.get("geometry")):
            yield Problem(f"{path}.geometry", "A reviewer moves a shape or its vertices, nothing else.")


def _is_moved_only(before: object, after: object) -> bool:
    """Whether two geometries have the same type and the same number of points in each part."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return before is None and after is None
    if before.get("type") != after.get("type"):
        return False
    return all(_counts(before.get(key)) == _counts(after.get(key)) for key in ("parts", "points"))


def _counts(value: object) -> object:
    """The shape of nested lists of points: how many there are, without where they are."""
    if isinstance(value, Mapping):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) == 2 and all(isinstance(one, int | float) for one in value):
            return "point"
        return [_counts(one) for one in value]
    return None
