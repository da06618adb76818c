"""What this room tells the rooms below; connected once, when Django is ready."""

from django.db.models import QuerySet

from labels.models import Label, Submission
from projects.models import Task
from projects.operations import Loss, register_losses


def connect() -> None:
    """Register what is lost with deleted tasks."""
    register_losses(_labels_of)


def _labels_of(tasks: QuerySet[Task]) -> list[Loss]:
    return [
        Loss(Label.objects.filter(instance__row__task__in=tasks).count(), "label", "labels"),
        Loss(Submission.objects.filter(task__in=tasks).count(), "submission", "submissions"),
    ]
