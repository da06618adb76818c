"""Buttons on rows and on selections of rows: assign, release, reopen, approve, add a review."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import User
from labels.operations import approve_task
from labels.review_tasks import review_room
from labels.task_rows import tasks_listed
from projects.assignments import IllegalAssignee, assign_tasks, release_tasks, reopen_tasks
from projects.models import Project, ProjectKind, Task, TaskKind
from projects.permissions import Permission, ProjectRequest, project_for, tasks_visible_to
from projects.workflow import IllegalMove, StaleTask

MOST_AT_ONCE = 500
NEEDS = {
    "assign": Permission.CONTROL_TASKS,
    "release": Permission.CONTROL_TASKS,
    "reopen": Permission.CONTROL_TASKS,
    "approve": Permission.REVIEW,
    "add_review": Permission.CONTROL_TASKS,
}
DONE = {
    "assign": "assigned",
    "release": "released",
    "reopen": "reopened",
    "approve": "approved",
    "add_review": "given another review",
}


@require_POST
def move_tasks(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Do `action` with the ticked tasks, or what the button of one row says (`one` = action:task); tells how many."""
    project = project_for(request, org_slug, project_id, Permission.SEE, kind=ProjectKind.MANUAL_QA)
    action, _, task_id = request.POST.get("one", request.POST.get("action", "")).partition(":")
    if NEEDS.get(action) not in request.permissions:
        raise PermissionDenied
    tasks = _chosen(request, project, [task_id] if task_id else request.POST.getlist("task"))
    try:
        moved = _work(request, project, action)(tasks)
    except IllegalAssignee as refused:
        messages.error(request, str(refused))
    else:
        _tell(request, action, len(moved), len(tasks))
    return redirect(_way_back(request, project))


def _chosen(request: ProjectRequest, project: Project, named: list[str]) -> list[Task]:
    """The tasks named in the form that the person may know of; others are as good as absent."""
    wanted = []
    for text in named[:MOST_AT_ONCE]:
        try:
            wanted.append(UUID(text))
        except ValueError:
            continue
    visible = tasks_visible_to(request.user, project, request.permissions)
    tasks = (
        tasks_listed(project, request.user, (TaskKind.ANNOTATE, TaskKind.REVIEW))
        .filter(uuid__in=wanted, pk__in=visible.values("pk"))
        .order_by("pk")
    )
    for task in tasks:
        task.project = project
    return list(tasks)


def _work(request: ProjectRequest, project: Project, action: str) -> Callable[[list[Task]], list[Task]]:
    actor = request.user
    if action == "assign":
        team = User.objects.filter(project_roles__project=project, project_roles__ended_at=None).distinct()
        assignee = get_object_or_404(team, uuid=_uuid(request.POST.get("assignee", "")))
        return lambda tasks: _assigned(tasks, assignee, actor, project)
    if action == "release":
        return lambda tasks: release_tasks(tasks=tasks, actor=actor, project=project)
    if action == "reopen":
        return lambda tasks: reopen_tasks(tasks=tasks, actor=actor, project=project)
    if action == "add_review":
        return lambda tasks: review_room().add(tasks, actor)
    return lambda tasks: _approved(tasks, actor)


def _assigned(tasks: list[Task], assignee: User, actor: User, project: Project) -> list[Task]:
    """Give tasks and reviews to somebody, each through its own door."""
    reviews = [task for task in tasks if task.kind == TaskKind.REVIEW]
    others = [task for task in tasks if task.kind != TaskKind.REVIEW]
    moved = assign_tasks(tasks=others, assignee=assignee, actor=actor, project=project) if others else []
    return moved + review_room().assign(reviews, assignee, actor, project)


def _approved(tasks: list[Task], actor: User) -> list[Task]:
    moved = []
    for task in tasks:
        try:
            moved.append(approve_task(task=task, actor=actor))
        except (IllegalMove, StaleTask):
            continue
    return moved


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _tell(request: ProjectRequest, action: str, moved: int, chosen: int) -> None:
    left = chosen - moved
    text = f"{moved} {'task' if moved == 1 else 'tasks'} {DONE[action]}."
    if left:
        text += f" {left} left alone: somebody else was faster, or the status does not allow it."
    (messages.success if moved else messages.warning)(request, text)


def _way_back(request: ProjectRequest, project: Project) -> str:
    """The list with its filters, when the form names an address of ours; else the queue."""
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return reverse("labels:queue", args=[project.organisation.slug, project.uuid])
