"""The list of background jobs, one job that moves by itself, and trying again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.access import OrganisationRequest, organisation_for
from accounts.listing import Choice, Filter, Listing, or_not_yet
from jobs.access import retry_check
from jobs.models import Job, RowState
from jobs.operations import retry_job
from jobs.queries import jobs_visible_to, kinds_in

DOTS = {"pending": "queued", "running": "review", "done": "completed", "failed": "returned"}
SORTS = {
    "title": ["title", "-id"],
    "state": ["state", "-id"],
    "created": ["created_at", "id"],
    "finished": ["finished_when", "id"],
}


def job_for(request: OrganisationRequest, org_slug: str, job_id: UUID) -> Job:
    """The job, if the person may know of it. Raises Http404."""
    organisation_for(request, org_slug)
    job = jobs_visible_to(request).filter(uuid=job_id).first()
    if job is None:
        raise Http404
    return job


@require_GET
def job_list_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """Everything that runs, waits, ended or failed, newest first."""
    organisation_for(request, org_slug)
    listing = Listing(
        request.GET,
        sorts=SORTS,
        default_sort="-created",
        filters=[
            Filter(
                "state",
                "State",
                [Choice(s.value, str(s.label), dot=DOTS[s.value]) for s in RowState],
                icon="loader",
            ),
            Filter(
                "kind",
                "Kind",
                [Choice(kind, Job(kind=kind).kind_label) for kind in kinds_in(request)],
                icon="category",
            ),
        ],
        search_placeholder="Search jobs",
    )
    jobs = jobs_visible_to(request).annotate(finished_when=or_not_yet("finished_at"))
    if listing.query:
        jobs = jobs.filter(title__icontains=listing.query)
    if listing.chosen("state"):
        jobs = jobs.filter(state__in=listing.chosen("state"))
    if listing.chosen("kind"):
        jobs = jobs.filter(kind__in=listing.chosen("kind"))
    page = listing.page(jobs)
    may_retry = retry_check(request)
    context = {"listing": listing, "jobs": page, "retryable": {job.pk for job in page if may_retry(job)}}
    template = "jobs/_list.html" if request.htmx else "jobs/list.html"
    return render(request, template, context)


@require_GET
def job_view(request: OrganisationRequest, org_slug: str, job_id: UUID) -> HttpResponse:
    """One job: a page, or for scripts that poll its row in the list (`?show=panel`: the component for other pages)."""
    return _answer(request, job_for(request, org_slug, job_id))


@require_POST
def retry_view(request: OrganisationRequest, org_slug: str, job_id: UUID) -> HttpResponse:
    """Put a failed job back in line; a second press finds it waiting already. For who may do what the job does."""
    job = job_for(request, org_slug, job_id)
    if not retry_check(request)(job):
        raise PermissionDenied
    retry_job(job=job, actor=request.user)
    if request.htmx:
        return _answer(request, job)
    messages.success(request, f"“{job.title}” is in line again.")
    return redirect("jobs:list", org_slug)


def _answer(request: OrganisationRequest, job: Job) -> HttpResponse:
    retryable = {job.pk} if retry_check(request)(job) else set()
    context: dict[str, Any] = {"job": job, "retryable": retryable, "retry_url": ""}
    if retryable:
        context["retry_url"] = (
            reverse("jobs:retry", args=[request.organisation.slug, job.uuid]) + "?show=panel"
        )
    if not request.htmx:
        return render(request, "jobs/job.html", context)
    panel = request.GET.get("show") == "panel"
    response = render(request, "jobs/_panel.html" if panel else "jobs/_row.html", context)
    if panel and job.state in (RowState.DONE, RowState.FAILED):
        # Regions that show what the job changed listen to this: hx-trigger="job-ended from:body".
        trigger_client_event(response, "job-ended", {"job": str(job.uuid), "state": job.state})
    return response
