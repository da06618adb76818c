"""What this room listens to; connected once, when Django is ready."""

from accounts.events import listen
from labels.events import TaskApproved, TaskSubmitted, TaskToBeSubmitted
from projects.events import TaskReopened
from reviews.operations import forget_reviews_of_approved, forget_reviews_of_reopened, refuse_unresolved
from reviews.planning import plan_reviews


def connect() -> None:
    """Register the handlers of submissions, approvals and reopenings."""
    listen(TaskToBeSubmitted, refuse_unresolved)
    listen(TaskSubmitted, plan_reviews)
    listen(TaskApproved, forget_reviews_of_approved)
    listen(TaskReopened, forget_reviews_of_reopened)
