"""Who works in a project: role rows per person and origin, begun and ended, never deleted.

Everything here locks the project row first, so that two admins cannot both stop being the last one.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.events import InvitationAccepted, MemberRemoved, announce
from accounts.models import Group, Membership, OrganisationRole, User
from projects.events import ProjectRolesChanged, RoleChange
from projects.models import Project, ProjectRole, Role, Task
from projects.permissions import ROLES, Permission, effective_role, permissions_of, role_in, roles_in
from projects.workflow import Move, advance_many, moves_from


class TeamRefused(Exception):
    """A rule of teams forbids it; the message says which, for people."""


@dataclass(frozen=True)
class Added:
    """Who got a role, and who had one from the same origin already."""

    users: tuple[User, ...]
    already: tuple[User, ...]


def grantable_roles(project: Project, actor: User) -> tuple[Role, ...]:
    """The roles that the person may give to others in this project, in the order of forms."""
    allowed = permissions_of(project.kind, role_in(project, actor))
    if Permission.MANAGE_ADMINS in allowed:
        return ROLES[project.kind]
    if Permission.MANAGE_TEAM in allowed:
        return tuple(role for role in ROLES[project.kind] if role is not Role.ADMIN)
    return (Role.ANNOTATOR,) if Permission.INVITE in allowed else ()


@contextmanager
def _changing(project: Project, actor: User | None, *, people: Collection[User]) -> Iterator[None]:
    """Lock the team, and afterwards release what was lost and announce whose effective role is another one."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        before = roles_in(project, people)
        yield
        after = roles_in(project, people)
        changes = tuple(
            RoleChange(user=user, before=before.get(user.pk), after=after.get(user.pk))
            for user in people
            if before.get(user.pk) != after.get(user.pk)
        )
        for change in changes:
            if Permission.ANNOTATE not in permissions_of(project.kind, change.after):
                release_held_tasks(project, change.user, actor=actor)
        if changes:
            announce(ProjectRolesChanged(project=project, changes=changes, actor=actor))


def release_held_tasks(project: Project, user: User, *, actor: User | None) -> int:
    """Put everything the person holds back into the pool; drafts stay. Returns how many tasks."""
    held = Task.objects.filter(project=project, assignee=user).select_related("file", "project")
    releasable = [task for task in held if Move.RELEASE in moves_from(task)]
    return len(advance_many(releasable, Move.RELEASE, actor=actor, note="left the project"))


def require_grantable(project: Project, role: str, actor: User) -> Role:
    """The role, if the actor may give it. Raises TeamRefused."""
    if role not in ROLES[project.kind]:
        raise TeamRefused("This kind of project has no such role.")
    if role not in grantable_roles(project, actor):
        raise TeamRefused(f"Your role does not allow you to make somebody {Role(role).label.lower()}.")
    return Role(role)


def _present_members(project: Project, users: Iterable[User]) -> list[User]:
    """Those of the people who belong to the organisation now and can log in."""
    wanted = {user.pk: user for user in users}
    present = Membership.objects.filter(
        organisation=project.organisation_id, user__in=wanted, user__is_active=True, ended_at=None
    ).values_list("user_id", flat=True)
    return [wanted[pk] for pk in sorted(present)]


def _begin_roles(
    project: Project, users: Iterable[User], role: str, *, actor: User | None, group: Group | None = None
) -> Added:
    """Begin a role row of one origin for each person that has none open from it."""
    people = list(users)
    open_rows = ProjectRole.objects.filter(project=project, user__in=people, group=group, ended_at=None)
    if group is None:
        open_rows = open_rows.filter(group_name="")  # rows of a deleted group have lost it, but not its name
    having = set(open_rows.values_list("user_id", flat=True))
    new = [user for user in people if user.pk not in having]
    ProjectRole.objects.bulk_create(
        ProjectRole(
            project=project,
            user=user,
            role=role,
            group=group,
            group_name=group.name if group else "",
            started_by=actor,
        )
        for user in new
    )
    return Added(tuple(new), tuple(user for user in people if user.pk in having))


def _record(project: Project, actor: User | None, action: str, target: object, **after: object) -> None:
    record(
        organisation=project.organisation,
        actor=actor,
        action=action,
        target=target,
        root=project,
        after=dict(after),
    )


def begin_as_admin(*, project: Project, user: User) -> None:
    """Make the creator of a new project its first admin."""
    with _changing(project, user, people=[user]):
        _begin_roles(project, [user], Role.ADMIN, actor=user)
        _record(project, user, "add to project", user, role=Role.ADMIN)


def add_people(*, project: Project, users: Collection[User], role: str, actor: User) -> Added:
    """Give members of the organisation a direct role; those who have a direct role keep it and are reported.

    Raises TeamRefused when the actor may not give the role, or somebody is no present member.
    """
    chosen = require_grantable(project, role, actor)
    people = _present_members(project, users)
    if len(people) != len({user.pk for user in users}):
        raise TeamRefused("Somebody in the list does not belong to this organisation any more.")
    with _changing(project, actor, people=people):
        added = _begin_roles(project, people, chosen, actor=actor)
        for user in added.users:
            _record(project, actor, "add to project", user, role=chosen)
    return added


def add_group(*, project: Project, group: Group, role: str, actor: User) -> Added:
    """Give everybody who is in the group now a role of that origin. Raises TeamRefused; never makes admins."""
    chosen = require_grantable(project, role, actor)
    if chosen is Role.ADMIN:
        raise TeamRefused("A group may have any role but admin; make people admins one by one.")
    if group.organisation_id != project.organisation_id:
        raise TeamRefused("This group does not belong to the organisation.")
    people = _present_members(project, group.members.all())
    with _changing(project, actor, people=people):
        added = _begin_roles(project, people, chosen, actor=actor, group=group)
        _record(project, actor, "add group to project", group, role=chosen, people=len(added.users))
    return added


def remove_group(*, project: Project, group: Group, actor: User) -> int:
    """End the roles that came from the group, nothing else; returns how many."""
    _require_manager(project, actor)
    rows = ProjectRole.objects.filter(project=project, group=group, ended_at=None)
    people = list(User.objects.filter(pk__in=rows.values("user")))
    with _changing(project, actor, people=people):
        ended = _end(rows, actor)
        _record(project, actor, "remove group from project", group, people=ended)
    return ended


def end_roles_of_group_members(*, group: Group, users: Collection[User], actor: User | None) -> None:
    """End what these people have through the group, in every project."""
    rows = ProjectRole.objects.filter(group=group, user__in=users, ended_at=None)
    for project in Project.objects.filter(pk__in=rows.values("project")):
        with _changing(project, actor, people=users):
            _end(rows.filter(project=project), actor)


def _require_manager(project: Project, actor: User) -> None:
    if Permission.MANAGE_TEAM not in permissions_of(project.kind, role_in(project, actor)):
        raise TeamRefused("Your role does not allow you to change the team.")


def _end(rows: QuerySet[ProjectRole], actor: User | None) -> int:
    return rows.update(ended_at=timezone.now(), ended_by=actor)


def _refuse_touching_an_admin(project: Project, user: User) -> None:
    if role_in(project, user) is Role.ADMIN:
        raise TeamRefused(
            f"{user} is an admin. An admin's role cannot be lowered by others; they can leave the project."
        )


def change_role(*, project: Project, user: User, role: str, actor: User) -> None:
    """Give somebody in the project another role. Raises TeamRefused, also when a group's role says otherwise."""
    chosen = require_grantable(project, role, actor)
    _require_manager(project, actor)
    with _changing(project, actor, people=[user]):
        before = role_in(project, user)
        if before is None:
            raise TeamRefused(f"{user} is not in this project any more.")
        if before is chosen:
            return
        _refuse_touching_an_admin(project, user)
        open_rows = ProjectRole.objects.filter(project=project, user=user, ended_at=None)
        from_groups = open_rows.exclude(group=None, group_name="")
        if effective_role({chosen, *from_groups.values_list("role", flat=True)}) is not chosen:
            names = ", ".join(sorted(set(from_groups.values_list("group_name", flat=True))))
            raise TeamRefused(f"{user} also has a role through {names}. Remove the group first.")
        _end(open_rows.filter(group=None, group_name=""), actor)
        _begin_roles(project, [user], chosen, actor=actor)
        record(
            organisation=project.organisation,
            actor=actor,
            action="change role",
            target=user,
            root=project,
            before={"role": before},
            after={"role": chosen},
        )


def remove_person(*, project: Project, user: User, actor: User) -> None:
    """End every role of a person, whatever its origin. Raises TeamRefused for admins."""
    _require_manager(project, actor)
    with _changing(project, actor, people=[user]):
        _refuse_touching_an_admin(project, user)
        _end(ProjectRole.objects.filter(project=project, user=user, ended_at=None), actor)
        _record(project, actor, "remove from project", user)


def leave_project(*, project: Project, actor: User) -> None:
    """End one's own roles. Raises TeamRefused for the last admin."""
    with _changing(project, actor, people=[actor]):
        if role_in(project, actor) is Role.ADMIN and not _other_admins(project, actor):
            raise TeamRefused("You are the last admin. Make somebody else an admin before you leave.")
        _end(ProjectRole.objects.filter(project=project, user=actor, ended_at=None), actor)
        _record(project, actor, "leave project", actor)


def _other_admins(project: Project, user: User) -> bool:
    rows = ProjectRole.objects.filter(project=project, role=Role.ADMIN, ended_at=None).exclude(user=user)
    return bool(_present_members(project, [row.user for row in rows.select_related("user")]))


def join_as_admin(*, project: Project, actor: User) -> None:
    """An owner or admin of the organisation adds themselves as project admin. Raises TeamRefused for others."""
    may = Membership.objects.filter(
        organisation=project.organisation_id,
        user=actor,
        ended_at=None,
        role__in=(OrganisationRole.OWNER, OrganisationRole.ADMIN),
    )
    if not may.exists():
        raise TeamRefused("Only owners and admins of the organisation can add themselves to a project.")
    with _changing(project, actor, people=[actor]):
        _end(
            ProjectRole.objects.filter(project=project, user=actor, group=None, group_name="", ended_at=None),
            actor,
        )
        _begin_roles(project, [actor], Role.ADMIN, actor=actor)
        _record(project, actor, "join project as admin", actor, role=Role.ADMIN)


def end_roles_of_removed_member(event: MemberRemoved) -> None:
    """Handler: somebody left the organisation; their roles end everywhere and what they hold is free again."""
    projects = Project.objects.filter(organisation=event.organisation).filter(
        pk__in=ProjectRole.objects.filter(user=event.user, ended_at=None).values("project")
    )
    for project in projects:
        with _changing(project, event.actor, people=[event.user]):
            rows = ProjectRole.objects.filter(project=project, user=event.user, ended_at=None)
            _end(rows, event.actor)


def begin_invited_role(event: InvitationAccepted) -> None:
    """Handler: somebody accepted an invitation that was bound to a project and a role.

    They get it only while the inviter may still give it; else they belong to the organisation and the audit says why.
    """
    grant = event.invitation.grant
    project = (
        Project.objects.filter(organisation=event.invitation.organisation, uuid=grant["project"]).first()
        if grant.get("project")
        else None
    )
    if project is None or grant.get("role") not in ROLES[project.kind]:
        return  # the project is gone: the membership of the organisation stands all the same
    inviter = event.invitation.invited_by
    with _changing(project, inviter, people=[event.user]):
        if _may_still_grant(project, grant["role"], inviter):
            _begin_roles(project, [event.user], grant["role"], actor=inviter)
            _record(project, inviter, "add to project", event.user, role=grant["role"])
        else:
            record(
                organisation=project.organisation,
                actor=event.user,
                action="join without project role",
                target=event.user,
                root=project,
                after={"invited as": grant["role"]},
                note=f"{inviter}, who sent the invitation, may not give this role in the project any more.",
            )


def _may_still_grant(project: Project, role: str, inviter: User) -> bool:
    """Whether the sender of an invitation could give its role now: an invitation does not outlive their right."""
    try:
        require_grantable(project, role, inviter)
    except TeamRefused:
        return False
    return bool(_present_members(project, [inviter]))
