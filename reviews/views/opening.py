"""The ways into a review: Start reviewing, Initiate, and the editor in review mode."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labels.documents import document_of_task
from labels.editor import editor_config
from labels.pages import label_pages
from labels.views.opening import instructions_url
from projects.models import ProjectKind, TaskKind, TaskState
from projects.permissions import Permission, ProjectRequest, project_for, task_for
from reviews.models import Review
from reviews.operations import next_review, take_review
from reviews.queries import review_block, reviews_waiting_for

ENDPOINTS = {"judge": "reviews:judge", "missing": "reviews:missing", "save": "reviews:save"}


def review_for(request: ProjectRequest, org_slug: str, task_id: UUID) -> Review:
    """The review behind a review task, through the door of tasks."""
    task = task_for(request, org_slug, task_id, Permission.REVIEW, kind=TaskKind.REVIEW)
    reviews = Review.objects.select_related(
        "task", "submission__submitted_by", "subject__file", "subject__project__ontology_version"
    )
    review = reviews.filter(task=task).first()
    if review is None:
        raise Http404
    return review


@require_http_methods(["GET", "POST"])
def start(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Start reviewing: POST opens the next review; GET says what waits (the page after the last one)."""
    project = project_for(request, org_slug, project_id, Permission.REVIEW, kind=ProjectKind.MANUAL_QA)
    if request.method == "POST":
        review = next_review(project, request.user)
        if review is not None:
            return redirect("reviews:review", org_slug, review.task.uuid)
        return redirect("reviews:start", org_slug, project.uuid)
    own, free = reviews_waiting_for(project, request.user)
    context = {"own": own, "free": free, **label_pages(request, "labels", "queue")}
    return render(request, "reviews/start.html", context)


@require_POST
def initiate(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """Take this one review and open it."""
    review = review_for(request, org_slug, task_id)
    if not take_review(review=review, actor=request.user):
        messages.warning(
            request, "This review is taken, finished or not yours to do. Start reviewing gives you the next."
        )
        return redirect("labels:queue", org_slug, request.project.uuid)
    return redirect("reviews:review", org_slug, task_id)


@require_GET
@never_cache
def review(request: ProjectRequest, org_slug: str, task_id: UUID) -> HttpResponse:
    """The editor in review mode, for the person who holds the review."""
    found = review_for(request, org_slug, task_id)
    queue = reverse("labels:queue", args=[org_slug, request.project.uuid])
    if found.task.state != TaskState.ASSIGNED or found.task.assignee_id != request.user.pk:
        messages.info(request, "You do not hold this review. Start reviewing gives you the next one.")
        return redirect(queue)
    document, revision = document_of_task(found.subject)
    addresses = {key: reverse(name, args=[org_slug, task_id]) for key, name in ENDPOINTS.items()}
    config = editor_config(
        mode="review",
        task=found.subject,
        user=request.user,
        organisation=request.organisation,
        document=document,
        revision=revision,
        endpoints={
            **addresses,
            "back": queue,
            "next": reverse("reviews:start", args=[org_slug, request.project.uuid]),
            "instructions": instructions_url(request.project),
            "settings": reverse("labels:editor_settings", args=[org_slug]),
        },
        review=review_block(found),
    )
    return render(request, "labels/editor.html", {"editor_config": config})
