"""The editor's endpoints: one task's labels in JSON. The same ones serve manual-QA tasks and training copies."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import organisation_for
from formats import Problem
from labels.destinations import url_of_next
from labels.documents import document_of_task
from labels.errors import InvalidLabels
from labels.operations import (
    approve_task,
    may_write,
    save_editor_settings,
    save_labels,
    skip_held_task,
    submit_task,
)
from labels.requests import change_in, editor_endpoint, json_body
from labels.views.lists import way_along_the_list
from projects.assignments import next_task
from projects.permissions import Permission, ProjectRequest, task_for


@require_GET
@never_cache
@editor_endpoint
def document(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """The labels as they are, for who labels the task and for who may look at others' work."""
    task = task_for(request, org_slug, task_id, Permission.SEE)
    if not may_write(task, request.user) and Permission.SEE_DATA not in request.permissions:
        raise PermissionDenied
    labels, revision = document_of_task(task)
    return JsonResponse({"document": labels, "revision": revision})


@require_POST
@editor_endpoint
def save(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Write a change of the draft."""
    task = task_for(request, org_slug, task_id, Permission.ANNOTATE)
    row = save_labels(task=task, actor=request.user, **change_in(json_body(request)))
    return JsonResponse({"revision": row.revision, "saved_at": row.updated_at.isoformat()})


@require_POST
@editor_endpoint
def submit(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Hand the task in and say where to go next."""
    task = task_for(request, org_slug, task_id, Permission.ANNOTATE)
    body = json_body(request)
    submission = submit_task(task=task, actor=request.user, key=_key_in(body), **change_in(body))
    following = next_task(task.project, request.user, kind=task.kind)
    url = url_of_next(following, project=task.project, kind=task.kind)
    return JsonResponse({"submitted_at": submission.submitted_at.isoformat(), "next_url": url})


@require_POST
@editor_endpoint
def skip(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Put the task behind the others and say where to go next."""
    task = task_for(request, org_slug, task_id, Permission.ANNOTATE)
    skip_held_task(task=task, actor=request.user)
    following = next_task(task.project, request.user, kind=task.kind, last=task)
    return JsonResponse({"next_url": url_of_next(following, project=task.project, kind=task.kind)})


@require_POST
@editor_endpoint
def approve(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Approve the whole task from the editor, and go on along the list that it was opened from."""
    task = task_for(request, org_slug, task_id, Permission.REVIEW)
    way = way_along_the_list(request, task)  # read before: an approved task may leave the list
    approve_task(task=task, actor=request.user)
    return JsonResponse({"state": task.state, "next_url": way["next"] or way["back"]})


@require_POST
@editor_endpoint
def editor_settings(request: ProjectRequest, org_slug: str) -> HttpResponse:
    """Keep the person's own settings of the editor."""
    organisation_for(request, org_slug)
    save_editor_settings(user=request.user, settings=json_body(request))
    return JsonResponse({"saved": True})


def _key_in(body: dict[str, Any]) -> UUID:
    try:
        return UUID(str(body["key"]))
    except (KeyError, ValueError):
        raise InvalidLabels(
            [Problem("key", "A submission needs a key: a UUID made by the client.")]
        ) from None
