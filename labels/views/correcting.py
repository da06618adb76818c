"""Edit on the View page: managers correct labels that others drew, without touching their status."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from labels.documents import document_of_task
from labels.editor import editor_config
from labels.operations import correct_labels
from labels.requests import change_in, editor_endpoint, json_body
from labels.views.lists import way_along_the_list
from labels.views.opening import instructions_url
from projects.models import Task, TaskKind, TaskState
from projects.permissions import Permission, ProjectRequest, task_for


@require_GET
@never_cache
def correct(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """The editor on somebody else's labels; a note names who holds the task and suggests Reopen."""
    task = task_for(request, org_slug, task_id, Permission.CONFIRM_LABELS, kind=TaskKind.ANNOTATE)
    document, revision = document_of_task(task)
    along = f"?{request.GET.urlencode()}" if request.GET else ""
    config = editor_config(
        mode="correct",
        task=task,
        user=request.user,
        organisation=request.organisation,
        document=document,
        revision=revision,
        endpoints={
            **way_along_the_list(request, task),
            "back": reverse("labels:view", args=[org_slug, task.uuid]) + along,
            "save": reverse("labels:save_correction", args=[org_slug, task.uuid]),
            "instructions": instructions_url(task.project),
            "settings": reverse("labels:editor_settings", args=[org_slug]),
        },
    )
    return render(request, "labels/editor.html", {"editor_config": config | {"notice": _notice(task)}})


@require_POST
@editor_endpoint
def save_correction(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Write a correction; the status of the task and of its labels stays."""
    task = task_for(request, org_slug, task_id, Permission.CONFIRM_LABELS, kind=TaskKind.ANNOTATE)
    row = correct_labels(task=task, actor=request.user, **change_in(json_body(request)))
    return JsonResponse({"revision": row.revision, "saved_at": row.updated_at.isoformat()})


def _notice(task: Task) -> str:
    """Whose work this is, in words."""
    if task.assignee is not None:
        return f"{task.assignee} holds this task: what you change here can collide with their work."
    if task.state in (TaskState.IN_REVIEW, TaskState.COMPLETED):
        return "You correct handed-in labels; their status stays. For larger work, reopen the task instead."
    return "Nobody holds this task at the moment. What you change here stays with it."
