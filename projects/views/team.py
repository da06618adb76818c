"""The team of a project, of either kind: people and groups with their roles."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OrganisationRequest, organisation_for
from accounts.links import invitation_links
from accounts.listing import Choice, Filter, Listing
from accounts.models import Group, User
from accounts.operations import NotInvited
from accounts.permissions import OrganisationPermission
from accounts.queries import people_of
from projects.forms import AddGroupForm, AddPeopleForm, InviteForm, RoleForm
from projects.invitations import invite_people, waiting_invitations
from projects.models import Project, Role
from projects.permissions import ROLES, Permission, ProjectRequest, permissions_of, project_for
from projects.queries import TeamMember, groups_of, team_of
from projects.shell import project_pages
from projects.team import (
    TeamRefused,
    add_group,
    add_people,
    change_role,
    grantable_roles,
    join_as_admin,
    leave_project,
    remove_group,
    remove_person,
)
from projects.team_notes import team_notes

SORTS = {"name": ["name"], "role": ["role"], "since": ["since"]}
ORDER = {role: position for position, role in enumerate(reversed(ROLES["manual_qa"]))}


@require_GET
def team(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Everybody in the project."""
    project = project_for(request, org_slug, project_id, Permission.SEE_TEAM)
    return render_team(request, project)


def render_team(request: ProjectRequest, project: Project, *, status: int = 200) -> HttpResponse:
    """The page or its list region, after the door."""
    members = team_of(project)
    listing = Listing(
        request.GET,
        sorts=SORTS,
        default_sort="name",
        filters=[_role_filter(project, members)],
        search_placeholder="Search by name or e-mail",
    )
    grantable = grantable_roles(project, request.user)
    shown = listing.page(_found(members, listing))
    notes = team_notes(project, [member.user for member in shown])
    for member in shown:
        member.note = notes[member.user.pk]
    context = {
        "listing": listing,
        "members": shown,
        "groups": groups_of(project),
        "invitations": waiting_invitations(project),
        "roles": grantable,
        "annotating_roles": _annotating_roles(project),
        "group_roles": [role for role in grantable if role is not Role.ADMIN],
        "candidates": _candidates(project, members) if grantable else [],
        "group_candidates": Group.objects.filter(organisation=project.organisation).order_by("name"),
        "may_manage": Permission.MANAGE_TEAM in request.permissions,
        **project_pages(request, "team"),
    }
    template = (
        "projects/_team_list.html" if request.htmx and request.method == "GET" else "projects/team.html"
    )
    return render(request, template, context, status=status)


def _annotating_roles(project: Project) -> str:
    """The roles that hold tasks: who goes from one of them to another role is asked first."""
    roles = (
        role for role in ROLES[project.kind] if Permission.ANNOTATE in permissions_of(project.kind, role)
    )
    return " ".join(roles)


def _role_filter(project: Project, members: list[TeamMember]) -> Filter:
    counts = {role: sum(member.role == role for member in members) for role in ROLES[project.kind]}
    return Filter(
        "role", "Role", [Choice(role.value, str(role.label), counts[role]) for role in counts], icon="shield"
    )


def _found(members: list[TeamMember], listing: Listing) -> list[TeamMember]:
    words = listing.query.lower().split()
    kept = [
        member
        for member in members
        if all(word in f"{member.user.name} {member.user.email}".lower() for word in words)
        and (not listing.chosen("role") or member.role in listing.chosen("role"))
    ]
    keys: dict[str, Callable[[TeamMember], object]] = {
        "name": lambda member: member.user.name.lower(),
        "role": lambda member: ORDER[member.role],
        "since": lambda member: member.since,
    }
    return sorted(kept, key=keys[listing.sort.removeprefix("-")], reverse=listing.sort.startswith("-"))


def _candidates(project: Project, members: list[TeamMember]) -> list[User]:
    inside = [member.user.pk for member in members]
    return list(people_of(project.organisation).exclude(pk__in=inside))


def _answer(request: ProjectRequest, project: Project, work: Callable[[], str]) -> HttpResponse:
    """Do the work of a form and come back to the team page; a broken rule is said there."""
    try:
        messages.success(request, work())
    except (TeamRefused, NotInvited) as refused:
        messages.error(request, str(refused))
    return redirect("projects:team", project.organisation.slug, project.uuid)


def _first_error(form: "AddPeopleForm | AddGroupForm | InviteForm | RoleForm") -> str:
    return next(str(errors[0]) for errors in form.errors.values())


@require_POST
def add(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Add members of the organisation."""
    project = project_for(request, org_slug, project_id, Permission.INVITE)
    form = AddPeopleForm(request.POST, project=project, roles=grantable_roles(project, request.user))

    def work() -> str:
        if not form.is_valid():
            raise TeamRefused(_first_error(form))
        people, role = form.cleaned_data["people"], form.cleaned_data["role"]
        added = add_people(project=project, users=list(people), role=role, actor=request.user)
        return f"{_people(len(added.users))} added as {Role(role).label.lower()}."

    return _answer(request, project, work)


@require_POST
def add_group_view(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Add everybody who is in a group now; again for those who joined it since."""
    project = project_for(request, org_slug, project_id, Permission.INVITE)
    form = AddGroupForm(request.POST, project=project, roles=grantable_roles(project, request.user))

    def work() -> str:
        if not form.is_valid():
            raise TeamRefused(_first_error(form))
        group, role = form.cleaned_data["group"], form.cleaned_data["role"]
        added = add_group(project=project, group=group, role=role, actor=request.user)
        return f"{_people(len(added.users))} of “{group.name}” added as {Role(role).label.lower()}."

    return _answer(request, project, work)


@require_POST
def remove_group_view(
    request: ProjectRequest, org_slug: str, project_id: UUID, group_id: UUID
) -> HttpResponse:
    """End what came from a group."""
    project = project_for(request, org_slug, project_id, Permission.MANAGE_TEAM)
    group = get_object_or_404(Group, organisation=project.organisation, uuid=group_id)
    return _answer(
        request,
        project,
        lambda: (
            f"“{group.name}” removed: {_people(remove_group(project=project, group=group, actor=request.user))}."
        ),
    )


@require_POST
def invite(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Invite by e-mail: members are added at once, everybody else gets a link."""
    project = project_for(request, org_slug, project_id, Permission.INVITE)
    form = InviteForm(request.POST, roles=grantable_roles(project, request.user))

    def work() -> str:
        if not form.is_valid():
            raise TeamRefused(_first_error(form))
        added, invited = invite_people(
            project=project,
            emails=form.cleaned_data["emails"],
            role=form.cleaned_data["role"],
            actor=request.user,
            link_of=invitation_links(request),
        )
        return f"{_people(added)} added, {invited} invited by e-mail."

    return _answer(request, project, work)


@require_POST
def change(request: ProjectRequest, org_slug: str, project_id: UUID, user_id: UUID) -> HttpResponse:
    """Give somebody another role; making an admin needs the confirmation."""
    project = project_for(request, org_slug, project_id, Permission.MANAGE_TEAM)
    user = get_object_or_404(User, uuid=user_id, project_roles__project=project, project_roles__ended_at=None)
    form = RoleForm(request.POST, roles=grantable_roles(project, request.user))

    def work() -> str:
        if not form.is_valid():
            raise TeamRefused(_first_error(form))
        role = Role(form.cleaned_data["role"])
        if role is Role.ADMIN and not form.cleaned_data["confirmed"]:
            raise TeamRefused("Making somebody an admin has to be confirmed: it cannot be undone by others.")
        change_role(project=project, user=user, role=role, actor=request.user)
        return f"{user} is {role.label.lower()} now."

    return _answer(request, project, work)


@require_POST
def remove(request: ProjectRequest, org_slug: str, project_id: UUID, user_id: UUID) -> HttpResponse:
    """End all roles of a person."""
    project = project_for(request, org_slug, project_id, Permission.MANAGE_TEAM)
    user = get_object_or_404(User.objects.filter(project_roles__project=project).distinct(), uuid=user_id)

    def work() -> str:
        remove_person(project=project, user=user, actor=request.user)
        return f"{user} is not in this project any more."

    return _answer(request, project, work)


@require_POST
def leave(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """End one's own roles."""
    project = project_for(request, org_slug, project_id, Permission.SEE)
    try:
        leave_project(project=project, actor=request.user)
    except TeamRefused as refused:
        messages.error(request, str(refused))
        return redirect("projects:team", org_slug, project.uuid)
    messages.success(request, f"You have left “{project.title}”.")
    return redirect("accounts:home")


@require_POST
def join(request: OrganisationRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """An owner or admin of the organisation becomes admin of a project of it."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    project = get_object_or_404(Project, organisation=organisation, uuid=project_id)
    join_as_admin(project=project, actor=request.user)
    messages.success(request, f"You are an admin of “{project.title}” now. The audit log says so too.")
    return redirect("projects:team", org_slug, project.uuid)


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
