"""Read models of the jobs pages."""

from django.db.models import QuerySet

from accounts.access import OrganisationRequest
from accounts.permissions import OrganisationPermission
from jobs.models import Job

# Who sees the jobs of the whole organisation; everybody else sees those they asked for.
SEE_ALL = frozenset({OrganisationPermission.CREATE, OrganisationPermission.MANAGE_PEOPLE})


def jobs_visible_to(request: OrganisationRequest) -> QuerySet[Job]:
    """The jobs of the organisation that the person behind the request may know of (after the access door)."""
    jobs = Job.objects.filter(organisation=request.organisation).select_related("created_by")
    if SEE_ALL & request.organisation_permissions:
        return jobs
    return jobs.filter(created_by=request.user)


def kinds_in(request: OrganisationRequest) -> list[str]:
    """The kinds among the jobs that the person may know of, for the filter."""
    return list(jobs_visible_to(request).order_by("kind").values_list("kind", flat=True).distinct())
