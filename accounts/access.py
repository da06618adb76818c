"""The access door of organisations: every view under /o/<org>/ comes through here."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.models import Membership, Organisation, User
from accounts.permissions import OrganisationPermission, organisation_permissions


class OrganisationRequest(HttpRequest):
    """A request that came through the door: who asks, for which organisation, allowed what."""

    user: User
    organisation: Organisation
    membership: Membership
    organisation_permissions: frozenset[OrganisationPermission]


def organisation_for(
    request: OrganisationRequest,
    org_slug: str,
    permission: OrganisationPermission = OrganisationPermission.SEE,
) -> Organisation:
    """The organisation, if the person belongs to it and may do `permission` in it.

    Sets request.organisation, request.membership and request.organisation_permissions. Raises Http404 for
    absent and foreign organisations alike (one query either way), PermissionDenied when it is visible but
    the permission is missing.
    """
    membership = (
        Membership.objects.select_related("organisation")
        .filter(organisation__slug=org_slug, user_id=request.user.pk, ended_at=None)
        .first()
    )
    if membership is None:
        raise Http404
    request.organisation = membership.organisation
    request.membership = membership
    request.organisation_permissions = organisation_permissions(membership)
    if permission not in request.organisation_permissions:
        raise PermissionDenied
    return membership.organisation
