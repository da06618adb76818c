"""Read models of labels for other rooms and for this room's pages."""

from labels.documents import Document
from labels.models import Submission
from projects.models import Task


def submitted_document(task: Task) -> Document | None:
    """What was handed in last for the task, word for word; None when nothing was."""
    return Submission.objects.filter(task=task).order_by("-round").values_list("document", flat=True).first()
