"""The permission matrix of organisations (spec/organisation.md), as data."""

from enum import StrEnum

from accounts.models import Membership, OrganisationRole

OWNER, ADMIN, MEMBER = (
    OrganisationRole.OWNER,
    OrganisationRole.ADMIN,
    OrganisationRole.MEMBER,
)


class OrganisationPermission(StrEnum):
    """What somebody may do with an organisation as a whole."""

    SEE = "see"
    MANAGE_ORGANISATION = "manage_organisation"
    MANAGE_PEOPLE = "manage_people"
    CREATE = "create"


MATRIX: dict[OrganisationPermission, frozenset[OrganisationRole]] = {
    OrganisationPermission.SEE: frozenset({OWNER, ADMIN, MEMBER}),
    # Rename or delete the organisation, make owners and admins.
    OrganisationPermission.MANAGE_ORGANISATION: frozenset({OWNER}),
    # Invite and remove members, groups, tags, storage connections, audit page; join a project as its admin.
    OrganisationPermission.MANAGE_PEOPLE: frozenset({OWNER, ADMIN}),
    # Create projects, datasets, ontologies, folders. Members with the flag `may_create` too.
    OrganisationPermission.CREATE: frozenset({OWNER, ADMIN}),
}


def organisation_permissions(
    membership: Membership,
) -> frozenset[OrganisationPermission]:
    """Everything this membership allows."""
    granted = {permission for permission, roles in MATRIX.items() if membership.role in roles}
    if membership.may_create:
        granted.add(OrganisationPermission.CREATE)
    return frozenset(granted)
