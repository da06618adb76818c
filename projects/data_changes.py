"""Handlers of what happens below: attached data changes, groups change, pictures are asked for."""

from django.db.models import Q

from accounts.events import GroupMembersChanged
from accounts.models import User
from datasets.events import DataAdded, DataRemoved
from datasets.models import DatasetFile, File
from datasets.operations import InUse
from projects.models import Project, ProjectDataset, Role, Task, TaskKind, TaskState
from projects.operations import add_tasks_for_new_files
from projects.team import end_roles_of_group_members


def make_tasks_of_added_files(event: DataAdded) -> None:
    """Every project that has the dataset attached gets tasks for the new files, in their order."""
    add_tasks_for_new_files(event.dataset, [file.pk for file in event.files])


def drop_tasks_of_removed_files(event: DataRemoved) -> None:
    """Untouched tasks of files that leave their last attached dataset go; raises InUse where work has begun."""
    files = [file.pk for file in event.files]
    for project in Project.objects.filter(attachments__dataset=event.dataset):
        others = ProjectDataset.objects.filter(project=project).exclude(dataset=event.dataset)
        kept = DatasetFile.objects.filter(dataset__in=others.values("dataset"), file__in=files)
        tasks = Task.objects.filter(project=project, kind=TaskKind.ANNOTATE, file__in=files).exclude(
            file__in=kept.values("file")
        )
        begun = tasks.filter(~Q(state=TaskState.QUEUED) | Q(label_row__isnull=False)).select_related("file")
        if task := begun.first():
            raise InUse(
                f"“{task.file.title}” has work in the project “{project.title}”. "
                "Detach the dataset there to give that up."
            )
        tasks.delete()


def end_roles_of_people_taken_out(event: GroupMembersChanged) -> None:
    """Who leaves a group (or whose group is deleted) loses the roles that came from it; joining gives none."""
    if event.removed:
        end_roles_of_group_members(group=event.group, users=event.removed, actor=event.actor)


def works_with_file(user: User, file: File) -> bool:
    """Whether the person has a task on the file that they may know of: any in their projects, but own copies only."""
    known = Q(
        project__roles__user=user,
        project__roles__ended_at=None,
        project__roles__role__in=(Role.ADMIN, Role.TEAM_MANAGER),
    )
    inside = Q(project__roles__user=user, project__roles__ended_at=None)
    own_copy = Q(kind=TaskKind.COPY, assignee=user) & ~Q(state=TaskState.WITHDRAWN)
    return Task.objects.filter(known | inside & (~Q(kind=TaskKind.COPY) | own_copy), file=file).exists()
