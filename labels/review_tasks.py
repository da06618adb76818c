"""What this room's pages need to know of reviews, which live in a higher room and register it here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When

from accounts.models import User
from projects.models import Project, Task, TaskKind

ANNOTATE, REVIEW, EXPERT = "annotate", "review", "expert"
KIND_LABELS = {ANNOTATE: "Annotate", REVIEW: "Review", EXPERT: "Expert review"}


@dataclass(frozen=True)
class ReviewRoom:
    """The reviews of a project as the task lists see them.

    `offered(user, project)` are the review tasks that a person may take; `experts()` expert reviews with their
    `task`; `assign` and `add` move tasks and return those that moved (`add` the tasks that got another review);
    `assignees` are the people a review can be given to; `waiting` is (own, free) for Start reviewing.
    """

    offered: Callable[[User, Project], QuerySet[Task]]
    experts: Callable[[], QuerySet[Any]]
    assign: Callable[[Iterable[Task], User, User, Project], list[Task]]
    add: Callable[[Iterable[Task], User], list[Task]]
    assignees: Callable[[Project], Iterable[int]]
    waiting: Callable[[Project, User], tuple[int, int]]


_rooms: list[ReviewRoom] = []


def register_reviews(room: ReviewRoom) -> None:
    """Let the task lists show reviews; there is one room of them."""
    _rooms[:] = [room]


def review_room() -> ReviewRoom:
    """The registered room. Raises IndexError when reviews are not installed."""
    return _rooms[0]


def with_kind(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Annotate each task with `kind_key`: annotate, review or expert."""
    experts = review_room().experts().filter(task=OuterRef("pk"))
    return tasks.annotate(
        kind_key=Case(
            When(kind=TaskKind.ANNOTATE, then=Value(ANNOTATE)),
            When(Exists(experts), then=Value(EXPERT)),
            default=Value(REVIEW),
            output_field=CharField(),
        )
    )
