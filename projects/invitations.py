"""Inviting people to a project by e-mail: members are added at once, everybody else gets a bound invitation."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Invitation, User
from accounts.operations import invite_person
from projects.models import Project, Role
from projects.team import add_people, require_grantable


@transaction.atomic
def invite_people(
    *, project: Project, emails: Sequence[str], role: str, actor: User, link_of: Callable[[str], str]
) -> tuple[int, int]:
    """Add those addresses that are members, invite the others; returns how many of each. Raises TeamRefused."""
    require_grantable(project, role, actor)
    members = {
        user.email.lower(): user
        for user in User.objects.filter(
            memberships__organisation=project.organisation, memberships__ended_at=None
        )
        if user.email.lower() in emails
    }
    added = add_people(project=project, users=list(members.values()), role=role, actor=actor)
    unknown = [email for email in emails if email not in members]
    for email in unknown:
        invite_person(
            organisation=project.organisation,
            actor=actor,
            email=email,
            grant={"project": str(project.uuid), "role": role},
            link_of=link_of,
        )
    return len(added.users), len(unknown)


def waiting_invitations(project: Project) -> list[Invitation]:
    """Open invitations that are bound to the project, newest first, with `role_label` of what they give."""
    waiting = Invitation.objects.filter(
        organisation=project.organisation,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=timezone.now(),
        grant__project=str(project.uuid),
    )
    found = list(waiting.select_related("invited_by").order_by("-created_at"))
    for invitation in found:
        invitation.role_label = Role(invitation.grant["role"]).label  # type: ignore[attr-defined]
    return found
