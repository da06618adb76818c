"""When something last happened in a project: what the projects page sorts by."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from projects.models import Project

# Two hundred people saving every two seconds must not queue for one row: saves move it at most this often.
COARSE = timedelta(minutes=1)


def touch_project(project: Project, *, at_once: bool = False) -> None:
    """Note, after the commit, that something happened now; `at_once` for moves, else at most once a minute.

    Not inside the transaction: submits hold a task and would wait for the project, while changes of the team hold
    the project and wait for its tasks.
    """
    now = timezone.now()
    behind = now if at_once else now - COARSE
    rows = Project.objects.filter(pk=project.pk, last_activity_at__lt=behind)
    transaction.on_commit(lambda: rows.update(last_activity_at=now), robust=True)
