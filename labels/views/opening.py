"""The ways into the editor: Start labelling, Initiate, the opener itself, and View."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labels.documents import document_of_task
from labels.editor import APPROVE, SKIP, SUBMIT, editor_config, endpoints_of
from labels.operations import may_write
from labels.pages import label_pages
from labels.task_rows import offers_of
from labels.views.lists import way_along_the_list
from projects.assignments import initiate_task, next_task
from projects.instructions import instructions_of
from projects.models import Project, ProjectKind, Task, TaskKind
from projects.permissions import Permission, ProjectRequest, project_for, task_for
from projects.workflow import IllegalMove, StaleTask, held_tasks


@require_http_methods(["GET", "POST"])
def start(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Start labelling: POST opens the next task; GET says what waits (the page after the last one)."""
    project = project_for(request, org_slug, project_id, Permission.ANNOTATE, kind=ProjectKind.MANUAL_QA)
    if request.method == "POST":
        task = next_task(project, request.user)
        if task is not None:
            return redirect("labels:annotate", org_slug, task.uuid)
        return redirect("labels:start", org_slug, project.uuid)
    return render(request, "labels/start.html", label_pages(request, "labels"))


@require_POST
def initiate(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Reserve this one task and open it."""
    task = task_for(request, org_slug, task_id, Permission.ANNOTATE, kind=TaskKind.ANNOTATE)
    try:
        initiate_task(task=task, actor=request.user)
    except (IllegalMove, StaleTask):
        messages.warning(
            request, "Somebody else was faster: this task is taken. Start labelling gives you the next one."
        )
        return redirect("labels:queue", org_slug, task.project.uuid)
    return redirect("labels:annotate", org_slug, task.uuid)


@require_GET
@never_cache
def annotate(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """The editor, for the person who holds the task."""
    task = task_for(request, org_slug, task_id, Permission.ANNOTATE, kind=TaskKind.ANNOTATE)
    if not may_write(task, request.user):
        messages.info(request, "You do not hold this task. Initiate it in the queue to label it.")
        return redirect("labels:queue", org_slug, task.project.uuid)
    document, revision = document_of_task(task)
    held = list(held_tasks(task.project, request.user).values_list("pk", flat=True))
    config = editor_config(
        mode="annotate",
        task=task,
        user=request.user,
        organisation=request.organisation,
        document=document,
        revision=revision,
        endpoints=endpoints_of(
            task,
            request.organisation,
            back=reverse("labels:queue", args=[org_slug, task.project.uuid]),
            instructions=instructions_url(task.project),
        ),
        actions=[SKIP, SUBMIT],
        position=held.index(task.pk) + 1 if len(held) > 1 else None,
        total=len(held) if len(held) > 1 else None,
    )
    return render(request, "labels/editor.html", {"editor_config": config})


@require_GET
@never_cache
def view(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """The labels of a task, unchangeable; with Approve for who may review it."""
    task = task_for(request, org_slug, task_id, Permission.SEE, kind=TaskKind.ANNOTATE)
    offers = offers_of(task, request.user, request.permissions)
    if "view" not in offers:
        raise PermissionDenied
    document, revision = document_of_task(task)
    may_approve = "approve" in offers
    along = f"?{request.GET.urlencode()}" if request.GET else ""
    approve_url = reverse("labels:approve", args=[org_slug, task.uuid]) + along
    config = editor_config(
        mode="view",
        task=task,
        user=request.user,
        organisation=request.organisation,
        document=document,
        revision=revision,
        endpoints={
            **way_along_the_list(request, task),
            "instructions": instructions_url(task.project),
            "approve": approve_url if may_approve else None,
            "settings": reverse("labels:editor_settings", args=[org_slug]),
        },
        actions=[*_edit_action(request, task, revision, along), *([APPROVE] if may_approve else [])],
    )
    return render(request, "labels/editor.html", {"editor_config": config})


def _edit_action(request: ProjectRequest, task: Task, revision: int, along: str) -> list[dict[str, str]]:
    """Edit, for managers, where there is something to correct."""
    if Permission.CONFIRM_LABELS not in request.permissions or not revision:
        return []
    address = reverse("labels:correct", args=[request.organisation.slug, task.uuid])
    return [{"key": "edit", "label": "Edit", "href": f"{address}{along}"}]


def instructions_url(project: Project) -> str | None:
    """Where the editor finds the instructions; None while there are none."""
    if instructions_of(project) is None:
        return None
    return reverse("projects:instructions", args=[project.organisation.slug, project.uuid])


@require_GET
def history(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Everything that happened to a task, oldest first."""
    task: Task = task_for(request, org_slug, task_id, Permission.SEE_DATA, kind=TaskKind.ANNOTATE)
    events = task.events.select_related("actor").order_by("at", "pk")
    context = {"task": task, "events": events, **label_pages(request, "labels", "data")}
    return render(request, "labels/history.html", context)
