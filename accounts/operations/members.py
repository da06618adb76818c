"""Changing and ending memberships. Whoever asks: only owners touch owners and admins, and one owner stays."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import record
from accounts.events import MemberRemoved, announce
from accounts.models import Group, Invitation, Membership, Organisation, OrganisationRole, User
from accounts.permissions import OrganisationPermission, organisation_permissions


class MemberRefused(Exception):
    """The change is not allowed; the message says why and what to do."""


@transaction.atomic
def change_member(
    *, organisation: Organisation, actor: User, member: User, role: str, may_create: bool
) -> Membership:
    """Give a member another role or the right to create. Raises MemberRefused."""
    membership, acting = _locked(organisation, member, actor)
    if role != membership.role:
        _only_owners(acting, membership, role)
        if membership.role == OrganisationRole.OWNER:
            _another_owner_stays(membership)
    before = {"role": membership.role, "may_create": membership.may_create}
    membership.role = role
    # Owners and admins may create anyway; the switch is kept for the day they become members.
    membership.may_create = may_create if role == OrganisationRole.MEMBER else membership.may_create
    after = {"role": membership.role, "may_create": membership.may_create}
    if after != before:
        membership.save(update_fields=["role", "may_create"])
        record(
            organisation=organisation,
            actor=actor,
            action="change member",
            target=member,
            before=before,
            after=after,
        )
    return membership


@transaction.atomic
def remove_member(*, organisation: Organisation, actor: User, member: User) -> None:
    """End a membership: roles, groups and open invitations to and from them go, finished work stays under the name.

    Higher rooms release what the person holds (MemberRemoved). Raises MemberRefused.
    """
    membership, acting = _locked(organisation, member, actor)
    if member != actor:
        _only_owners(acting, membership, membership.role)
    if membership.role == OrganisationRole.OWNER:
        _another_owner_stays(membership)
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    groups = Group.objects.filter(organisation=organisation, members=member)
    names = list(groups.values_list("name", flat=True))
    for group in groups:
        group.members.remove(member)
    # Those to the person, and those the person sent: nobody vouches for them any more.
    Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None).filter(
        Q(email__iexact=member.email) | Q(invited_by=member)
    ).update(revoked_at=membership.ended_at)
    record(
        organisation=organisation,
        actor=actor,
        action="remove member",
        target=member,
        before={"role": membership.role, "groups": names},
    )
    announce(MemberRemoved(organisation=organisation, user=member, actor=actor))


def _locked(organisation: Organisation, member: User, actor: User) -> tuple[Membership, Membership]:
    """The member's and the actor's open memberships, with the organisation locked so that two owners cannot
    demote each other at the same moment."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    open_ones = {
        row.user_id: row
        for row in Membership.objects.filter(
            organisation=organisation, user__in=[member, actor], ended_at=None
        )
    }
    if member.pk not in open_ones or actor.pk not in open_ones:
        raise MemberRefused(f"{member} is no longer a member. Reload the page.")
    return open_ones[member.pk], open_ones[actor.pk]


def _only_owners(acting: Membership, membership: Membership, role: str) -> None:
    touches_admins = {membership.role, role} != {OrganisationRole.MEMBER}
    if touches_admins and OrganisationPermission.MANAGE_ORGANISATION not in organisation_permissions(acting):
        raise MemberRefused("Only an owner can make, change or remove owners and admins.")


def _another_owner_stays(membership: Membership) -> None:
    others = Membership.objects.filter(
        organisation_id=membership.organisation_id, role=OrganisationRole.OWNER, ended_at=None
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise MemberRefused("This is the last owner. Make somebody else an owner first.")
