"""What this room listens to; connected once, when Django is ready."""

from django.db.models import QuerySet

from accounts.events import listen
from labels.editor import register_issues
from labels.events import TaskApproved, TaskSubmitted, TaskToBeSubmitted
from projects.events import TaskReopened
from projects.models import Task
from projects.operations import Loss, register_losses
from reviews.models import Issue, Review
from reviews.operations import forget_reviews_of_approved, forget_reviews_of_reopened, refuse_unresolved
from reviews.planning import plan_reviews
from reviews.queries import issues_block


def connect() -> None:
    """Register the handlers of submissions, approvals and reopenings."""
    register_losses(_reviews_of)
    register_issues(issues_block)
    listen(TaskToBeSubmitted, refuse_unresolved)
    listen(TaskSubmitted, plan_reviews)
    listen(TaskApproved, forget_reviews_of_approved)
    listen(TaskReopened, forget_reviews_of_reopened)


def _reviews_of(tasks: QuerySet[Task]) -> list[Loss]:
    return [
        Loss(Review.objects.filter(subject__in=tasks).count(), "review", "reviews"),
        Loss(Issue.objects.filter(task__in=tasks).count(), "issue", "issues"),
    ]
