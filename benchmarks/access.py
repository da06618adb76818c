"""The door to training projects and copies: projects/permissions.py with the training side fetched along."""

from uuid import UUID

from django.http import Http404

from accounts.models import User
from benchmarks.models import GoldItem, TaskCopy, TrainingProject
from datasets.models import File
from projects.models import ProjectKind, Task, TaskKind
from projects.permissions import TRAINING, Permission, ProjectRequest, project_for, task_for


def training_for(
    request: ProjectRequest, org_slug: str, project_id: UUID, permission: Permission
) -> TrainingProject:
    """The training project, checked as `project_for` does; a trainee's request gets the simplified shell."""
    project = project_for(request, org_slug, project_id, permission, kind=ProjectKind.TRAINING)
    training = TrainingProject.objects.select_related(
        "publication__function", "publication__gold_version"
    ).get(project=project)
    training.project = project
    request.shell_is_trainee = Permission.OWN_PROGRESS in request.permissions
    return training


def copy_task_for(
    request: ProjectRequest, org_slug: str, project_id: UUID, task_id: UUID, permission: Permission
) -> tuple[TrainingProject, Task]:
    """A copy's task with its training project, checked as `task_for` does; 404 when it is of another project."""
    task = task_for(request, org_slug, task_id, permission, kind=TaskKind.COPY)
    if task.project.uuid != project_id:
        raise Http404
    training = TrainingProject.objects.select_related("publication__function").get(project=task.project)
    training.project = task.project
    request.shell_is_trainee = Permission.OWN_PROGRESS in request.permissions
    return training, task


def leads_with_gold_file(user: User, file: File) -> bool:
    """Whether a file is gold in a project that the person leads, also while nobody has a copy of it."""
    leads = TRAINING[Permission.SEE_RESULTS]
    return GoldItem.objects.filter(
        file=file,
        training__project__roles__user=user,
        training__project__roles__ended_at=None,
        training__project__roles__role__in=leads,
    ).exists()


def copies_in(training: TrainingProject, task_ids: list[str]) -> list[TaskCopy]:
    """The copies of the project among these task ids (of a posted selection); others are left out."""
    known = [task_id for task_id in task_ids if _is_uuid(task_id)]
    copies = TaskCopy.objects.filter(training=training, task__uuid__in=known)
    found = list(copies.select_related("task__file", "annotator").order_by("pk"))
    for copy in found:
        copy.training = training
    return found


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
