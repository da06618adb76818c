"""Who may know of a job, and who may try it again: one's own, the organisation's, and what higher rooms vouch for."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from accounts.access import OrganisationRequest
from accounts.models import Organisation, User
from accounts.permissions import OrganisationPermission
from jobs.models import Job

# Who leads the jobs that belong to no root; the others are for who leads the root.
SEE_ROOTLESS = OrganisationPermission.MANAGE_PEOPLE


@dataclass(frozen=True)
class JobAccess:
    """What one person may do with the jobs of a higher room's roots."""

    roots: frozenset[str]  # the root ids whose jobs the person may see
    may_retry: Callable[[Job], bool]  # asked for every row of a page: no queries


JobRule = Callable[[User, Organisation], JobAccess]
_rules: list[JobRule] = []


def allow_job_access(rule: JobRule) -> None:
    """Let a higher room say whose jobs a person may see and retry; without a rule, only who started them sees them.

    Call it from `AppConfig.ready`. The person is a member of the organisation already; a constant number of queries.
    """
    if rule not in _rules:
        _rules.append(rule)


def _asked(request: OrganisationRequest) -> list[JobAccess]:
    return [rule(request.user, request.organisation) for rule in _rules]


def known_to(request: OrganisationRequest) -> Q:
    """The condition on jobs of the organisation that the person may know of."""
    roots = frozenset().union(*(access.roots for access in _asked(request)))
    known = Q(created_by=request.user) | Q(root_id__in=roots - {""})
    if SEE_ROOTLESS in request.organisation_permissions:
        known |= Q(root_id="")
    return known


def retry_check(request: OrganisationRequest) -> Callable[[Job], bool]:
    """Whether the person may try a job again that they may see; one function for all rows of a page."""
    asked = _asked(request)
    leads_rootless = SEE_ROOTLESS in request.organisation_permissions

    def may_retry(job: Job) -> bool:
        if not job.root_id:
            return leads_rootless or job.created_by_id == request.user.pk
        # Having started it once is no right to do it now.
        return any(access.may_retry(job) for access in asked)

    return may_retry
