"""Read models of the jobs pages."""

from django.db.models import QuerySet

from accounts.access import OrganisationRequest
from jobs.access import known_to
from jobs.models import Job


def jobs_visible_to(request: OrganisationRequest) -> QuerySet[Job]:
    """The jobs of the organisation that the person behind the request may know of (after the access door)."""
    jobs = Job.objects.filter(organisation=request.organisation).select_related("created_by")
    return jobs.filter(known_to(request))


def kinds_in(request: OrganisationRequest) -> list[str]:
    """The kinds among the jobs that the person may know of, for the filter."""
    return list(jobs_visible_to(request).order_by("kind").values_list("kind", flat=True).distinct())
