"""What this room listens to; connected once, when Django is ready."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.events import listen
from accounts.models import User
from labels.editor import register_issues
from labels.events import TaskApproved, TaskSubmitted, TaskToBeSubmitted
from labels.review_tasks import ReviewRoom, register_reviews
from projects.events import TaskReopened
from projects.models import Project, Task
from projects.operations import Loss, register_losses
from reviews.models import Issue, Review
from reviews.operations import (
    add_reviews,
    assign_reviews,
    forget_reviews_of_approved,
    forget_reviews_of_reopened,
    refuse_unresolved,
    reviews_offered_to,
)
from reviews.planning import plan_reviews
from reviews.quality import reviewers_in
from reviews.queries import issues_block, reviews_waiting_for


def _offered(user: User, project: Project) -> QuerySet[Task]:
    return Task.objects.filter(pk__in=reviews_offered_to(user, project).values("task"))


def _assign(tasks: Iterable[Task], assignee: User, actor: User, project: Project) -> list[Task]:
    return assign_reviews(tasks=tasks, assignee=assignee, actor=actor, project=project)


def _add(tasks: Iterable[Task], actor: User) -> list[Task]:
    made = add_reviews(tasks=tasks, actor=actor)
    return list({review.subject_id: review.subject for review in made}.values())


ROOM = ReviewRoom(
    offered=_offered,
    experts=lambda: Review.objects.filter(is_expert=True),
    assign=_assign,
    add=_add,
    assignees=reviewers_in,
    waiting=reviews_waiting_for,
)


def connect() -> None:
    """Register the handlers of submissions, approvals and reopenings."""
    register_losses(_reviews_of)
    register_issues(issues_block)
    register_reviews(ROOM)
    listen(TaskToBeSubmitted, refuse_unresolved)
    listen(TaskSubmitted, plan_reviews)
    listen(TaskApproved, forget_reviews_of_approved)
    listen(TaskReopened, forget_reviews_of_reopened)


def _reviews_of(tasks: QuerySet[Task]) -> list[Loss]:
    return [
        Loss(Review.objects.filter(subject__in=tasks).count(), "review", "reviews"),
        Loss(Issue.objects.filter(task__in=tasks).count(), "issue", "issues"),
    ]
