"""Invitations by e-mail link: single use, seven days, bound to the address; only a digest of the token is stored."""

from collections.abc import Callable
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.events import InvitationAccepted, announce
from accounts.links import digest_of
from accounts.mail import send_invitation
from accounts.models import Invitation, Membership, Organisation, OrganisationRole, User

VALID_DAYS = 7
HIGHEST_FIRST = (OrganisationRole.OWNER, OrganisationRole.ADMIN, OrganisationRole.MEMBER)

LinkOf = Callable[[str], str]


class InvitationGone(Exception):
    """The link was used, revoked, replaced or has expired."""


class NotInvited(Exception):
    """The address cannot be invited, or the invitation is for somebody else; the message says which."""


@transaction.atomic
def invite_person(
    *,
    organisation: Organisation,
    actor: User,
    email: str,
    role: str = OrganisationRole.MEMBER,
    grant: dict[str, Any] | None = None,
    link_of: LinkOf,
) -> Invitation:
    """Send an address a link into the organisation; `link_of` makes the absolute address from the token.

    `grant` names what a higher room gives on acceptance, for example {"project": uuid, "role": "annotator"}.
    The same address with the same grant gets a new link instead of a second invitation; the old link dies.
    Raises NotInvited for a member.
    """
    email = email.strip().lower()
    if Membership.objects.filter(
        organisation=organisation, user__email__iexact=email, ended_at=None
    ).exists():
        raise NotInvited(f"{email} is already a member.")
    waiting = Invitation.objects.filter(
        organisation=organisation, email=email, accepted_at=None, revoked_at=None
    )
    same = next((row for row in waiting.select_for_update() if row.grant == (grant or {})), None)
    invitation = same or Invitation(organisation=organisation, email=email, grant=grant or {})
    invitation.role, invitation.invited_by = role, actor
    _issue(invitation, link_of)
    record(
        organisation=organisation,
        actor=actor,
        action="invite person",
        target=invitation,
        after={"email": email, "role": role} | invitation.grant,
    )
    return invitation


@transaction.atomic
def renew_invitation(*, invitation: Invitation, actor: User, link_of: LinkOf) -> Invitation:
    """Send the link again with a new token and seven more days; the old link dies. Raises InvitationGone."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationGone
    _issue(invitation, link_of)
    record(organisation=invitation.organisation, actor=actor, action="renew invitation", target=invitation)
    return invitation


def _issue(invitation: Invitation, link_of: LinkOf) -> None:
    """Give the invitation a fresh token, and send it once the row is committed."""
    token = token_urlsafe(32)
    invitation.token_digest = digest_of(token)
    invitation.expires_at = timezone.now() + timedelta(days=VALID_DAYS)
    invitation.save()

    def send() -> None:
        send_invitation(invitation, link_of(token))

    # A mail server that is down must not lose the invitation: the failure is logged, and it can be sent again.
    transaction.on_commit(send, robust=True)


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User) -> None:
    """Make the link useless. Raises InvitationGone when it was used or revoked already."""
    changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not changed:
        raise InvitationGone
    record(organisation=invitation.organisation, actor=actor, action="revoke invitation", target=invitation)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, actor: User) -> Membership:
    """Join by an invitation that is for the actor's address; other open ones of the address are accepted with it.

    The membership that begins gets the highest role among them; one that is open already keeps its role.
    Raises NotInvited for another person, InvitationGone when the link no longer works.
    """
    if actor.email.lower() != invitation.email.lower():
        raise NotInvited(f"This invitation is for {invitation.email}.")
    taken = _take(invitation, actor)
    organisation = invitation.organisation
    membership, joined = Membership.objects.get_or_create(
        organisation=organisation,
        user=actor,
        ended_at=None,
        defaults={"role": min((each.role for each in taken), key=HIGHEST_FIRST.index)},
    )
    if joined:
        record(
            organisation=organisation,
            actor=actor,
            action="accept invitation",
            target=invitation,
            after={"role": membership.role},
        )
    for accepted in taken:
        announce(InvitationAccepted(invitation=accepted, user=actor))
    return membership


def _take(invitation: Invitation, user: User) -> list[Invitation]:
    """Mark the invitation used, by compare-and-swap, and with it the person's others in the organisation."""
    now = timezone.now()
    working = Invitation.objects.filter(
        organisation=invitation.organisation,
        email__iexact=invitation.email,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=now,
    )
    if not working.filter(pk=invitation.pk).update(accepted_at=now, accepted_by=user):
        raise InvitationGone
    # Exactly these are used up: one that is sent in this moment stays open for its own link.
    others = list(working.exclude(pk=invitation.pk).select_for_update().order_by("pk"))
    working.filter(pk__in=[each.pk for each in others]).update(accepted_at=now, accepted_by=user)
    return [invitation, *others]


@transaction.atomic
def register_by_invitation(*, invitation: Invitation, name: str, password: str) -> User:
    """Make the account of somebody new (password already validated) and accept for them. Raises InvitationGone."""
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise NotInvited(f"There is already an account for {invitation.email}. Log in to accept.")
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name)
    except IntegrityError:  # the same form, sent twice at once
        raise InvitationGone from None
    accept_invitation(invitation=invitation, actor=user)
    return user
