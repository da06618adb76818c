"""The organisation itself."""

from django.db import transaction
from django.utils.text import slugify

from accounts.audit import record
from accounts.models import Membership, Organisation, OrganisationRole, User


@transaction.atomic
def create_organisation(*, actor: User, name: str, slug: str = "") -> Organisation:
    """Make an organisation with its first owner; for the command line and the demo, sign-up is closed.

    Raises IntegrityError when the slug is taken.
    """
    organisation = Organisation.objects.create(name=name, slug=slug or slugify(name)[:60] or "organisation")
    Membership.objects.create(organisation=organisation, user=actor, role=OrganisationRole.OWNER)
    record(organisation=organisation, actor=actor, action="create organisation", target=organisation)
    return organisation


@transaction.atomic
def rename_organisation(*, organisation: Organisation, actor: User, name: str) -> Organisation:
    """Change the name; the address keeps its slug, so that links go on working."""
    before = Organisation.objects.values_list("name", flat=True).get(pk=organisation.pk)
    if name == before:
        return organisation
    Organisation.objects.filter(pk=organisation.pk).update(name=name)
    organisation.name = name
    record(
        organisation=organisation,
        actor=actor,
        action="rename organisation",
        target=organisation,
        before={"name": before},
        after={"name": name},
    )
    return organisation
