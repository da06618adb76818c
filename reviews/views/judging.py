"""The editor's endpoints while reviewing, and the annotator's for issues; JSON in, JSON out."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import organisation_for
from formats import Problem
from labels.errors import InvalidLabels, NotYours
from labels.requests import editor_endpoint, json_body
from projects.permissions import Permission, ProjectRequest, task_for
from reviews.editing import edit_in_review
from reviews.models import Issue
from reviews.operations import ReviewRefused, judge, next_review, report_missing, resolve_issue
from reviews.queries import review_block
from reviews.views.opening import review_for

MOST_AT_ONCE = 2_000


@require_POST
@editor_endpoint
def judge_labels(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Approve or reject labels; after the last one, `next_url` opens the next review."""
    review, body = review_for(request, org_slug, task_id), json_body(request)
    try:
        judge(
            review=review,
            actor=request.user,
            identifiers=_identifiers(body),
            verdict=_text(body, "verdict"),
            reason=_text(body, "reason"),
            frame=_frame(body),
        )
    except ReviewRefused as refused:
        raise NotYours(str(refused)) from None
    answer: dict[str, Any] = {"review": review_block(review), "next_url": None}
    if review.task.state != "assigned":
        following = next_review(review.task.project, request.user)
        name, at = (
            ("reviews:review", following.task.uuid) if following else ("reviews:start", request.project.uuid)
        )
        answer["next_url"] = reverse(name, args=[org_slug, at])
    return JsonResponse(answer)


@require_POST
@editor_endpoint
def missing(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Report that labels are missing on a frame."""
    review, body = review_for(request, org_slug, task_id), json_body(request)
    try:
        report_missing(review=review, actor=request.user, frame=_frame(body), reason=_text(body, "reason"))
    except ReviewRefused as refused:
        raise NotYours(str(refused)) from None
    return JsonResponse({"review": review_block(review)})


@require_POST
@editor_endpoint
def save(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Write a reviewer's corrections."""
    review, body = review_for(request, org_slug, task_id), json_body(request)
    try:
        row = edit_in_review(
            review=review,
            actor=request.user,
            revision=body.get("revision"),  # type: ignore[arg-type]
            upserts=body.get("upserts", {}),
            deletes=body.get("deletes", {}),
        )
    except ReviewRefused as refused:
        raise NotYours(str(refused)) from None
    return JsonResponse({"revision": row.revision, "saved_at": row.updated_at.isoformat()})


@require_POST
@editor_endpoint
def resolve(request: ProjectRequest, org_slug: str, issue_id: UUID) -> HttpResponse:
    """Mark an issue as resolved, or take that back with `resolved: false`."""
    # Another tenant's issue is looked for in this organisation only: as absent as one that never was.
    issues = Issue.objects.filter(task__project__organisation=organisation_for(request, org_slug))
    issue = issues.select_related("task").filter(uuid=issue_id).first()
    if issue is None:
        raise Http404
    task_for(request, org_slug, issue.task.uuid, Permission.ANNOTATE)
    try:
        resolve_issue(
            issue=issue, actor=request.user, is_resolved=json_body(request).get("resolved") is not False
        )
    except ReviewRefused as refused:
        raise NotYours(str(refused)) from None
    return JsonResponse({"id": str(issue.uuid), "resolved": issue.resolved_at is not None})


def _identifiers(body: dict[str, Any]) -> list[str]:
    named = body.get("labels")
    if (
        not isinstance(named, list)
        or not all(isinstance(one, str) for one in named)
        or len(named) > MOST_AT_ONCE
    ):
        raise InvalidLabels([Problem("labels", f"This must be a list of up to {MOST_AT_ONCE} identifiers.")])
    return named


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key, "")
    if not isinstance(value, str):
        raise InvalidLabels([Problem(key, "This must be text.")])
    return value


def _frame(body: dict[str, Any]) -> int:
    value = body.get("frame", 0)
    if type(value) is not int or not 0 <= value < 2**31:
        raise InvalidLabels([Problem("frame", "This must be the number of a frame.")])
    return value
