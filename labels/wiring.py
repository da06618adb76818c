"""What this room tells the rooms below; connected once, when Django is ready."""

from django.db.models import QuerySet

from accounts.events import listen
from jobs.registry import register_job
from labels.imports.intake import JOB_KIND, forget_imports
from labels.imports.running import import_job
from labels.models import Label, Submission
from projects.events import ProjectToBeDeleted
from projects.job_access import register_job_permission
from projects.models import Task
from projects.operations import Loss, register_losses
from projects.permissions import Permission


def connect() -> None:
    """Register what is lost with deleted tasks, the import's job, and what goes with a project."""
    register_losses(_labels_of)
    register_job(JOB_KIND, import_job)
    register_job_permission(JOB_KIND, Permission.IMPORT_LABELS)
    listen(ProjectToBeDeleted, _project_goes)


def _project_goes(event: ProjectToBeDeleted) -> None:
    forget_imports(event.project)


def _labels_of(tasks: QuerySet[Task]) -> list[Loss]:
    return [
        Loss(Label.objects.filter(instance__row__task__in=tasks).count(), "label", "labels"),
        Loss(Submission.objects.filter(task__in=tasks).count(), "submission", "submissions"),
    ]
