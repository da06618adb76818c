"""Members of an organisation: the list, one member's page, role and right to create, removal."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import organisation_for
from accounts.forms import RoleForm
from accounts.listing import Choice, Filter, Listing
from accounts.models import Membership, OrganisationRole
from accounts.operations import MemberRefused, change_member, remove_member
from accounts.permissions import OrganisationPermission
from accounts.queries import AuditFilter, audit_events, groups, members
from accounts.views.tabs import people_tabs

RECENT_EVENTS = 10


@require_GET
def members_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """Everybody in the organisation."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    listing = Listing(
        request.GET,
        sorts={
            "name": ["user__name", "pk"],
            "role": ["role", "user__name", "pk"],
            "joined": ["joined_at", "pk"],
        },
        default_sort="name",
        filters=[
            Filter("role", "Role", [Choice(role.value, role.label) for role in OrganisationRole]),
            Filter(
                "group",
                "Group",
                [
                    Choice(str(group.uuid), group.name, group.size)
                    for group in groups(organisation).order_by("name")
                ],
                icon="users-group",
            ),
        ],
        search_placeholder="Search by name or e-mail",
    )
    rows = members(organisation)
    if listing.query:
        rows = rows.filter(Q(user__name__icontains=listing.query) | Q(user__email__icontains=listing.query))
    if listing.chosen("role"):
        rows = rows.filter(role__in=listing.chosen("role"))
    if listing.chosen("group"):
        rows = rows.filter(user__annotrain_groups__uuid__in=listing.chosen("group")).distinct()
    context = {"listing": listing, "memberships": listing.page(rows), "tabs": people_tabs(request, "members")}
    return render(request, "accounts/_members.html" if request.htmx else "accounts/members.html", context)


@require_http_methods(["GET", "POST"])
def member_view(request: HttpRequest, org_slug: str, user_uuid: UUID) -> HttpResponse:
    """One member: role, right to create, groups, what they did lately."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    membership = get_object_or_404(members(organisation), user__uuid=user_uuid)
    refused = ""
    if request.method == "POST":
        form = RoleForm(request.POST)
        refused = _change(request, membership, form) if form.is_valid() else "That is not a role."
        if not refused:
            messages.success(request, f"{membership.user} was changed.")
            return redirect("accounts:member", org_slug, user_uuid)
    may_touch_admins = OrganisationPermission.MANAGE_ORGANISATION in request.organisation_permissions
    context = {
        "member": membership,
        "roles": OrganisationRole.choices,
        "may_change_role": may_touch_admins,
        "may_remove": may_touch_admins or membership.role == OrganisationRole.MEMBER,
        "refused": refused,
        "events": audit_events(organisation, AuditFilter(actor_uuids=(str(user_uuid),)))[:RECENT_EVENTS],
    }
    return render(request, "accounts/member.html", context, status=409 if refused else 200)


@require_POST
def may_create_view(request: HttpRequest, org_slug: str, user_uuid: UUID) -> HttpResponse:
    """The switch in the list: may this member create projects, datasets and ontologies?"""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    membership = get_object_or_404(members(organisation), user__uuid=user_uuid)
    form = RoleForm({"role": membership.role, "may_create": request.POST.get("may_create", "")})
    refused = _change(request, membership, form) if form.is_valid() else "That is not a role."
    if refused:
        messages.error(request, refused)
    elif form.cleaned_data["may_create"]:
        messages.success(request, f"{membership.user} may now create projects, datasets and ontologies.")
    else:
        messages.success(
            request, f"{membership.user} may no longer create projects, datasets and ontologies."
        )
    if not request.htmx:
        return redirect("accounts:members", org_slug)
    membership.refresh_from_db(fields=["role", "may_create"])
    return render(request, "accounts/_may_create.html", {"member": membership})


def _change(request: HttpRequest, membership: Membership, form: RoleForm) -> str:
    """Try the change; the reason when it is refused, else an empty string."""
    try:
        change_member(
            organisation=request.organisation,
            actor=request.user,
            member=membership.user,
            role=form.cleaned_data["role"],
            may_create=form.cleaned_data["may_create"],
        )
    except MemberRefused as refusal:
        return str(refusal)
    return ""


@require_POST
def remove_member_view(request: HttpRequest, org_slug: str, user_uuid: UUID) -> HttpResponse:
    """End a membership."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    membership = get_object_or_404(members(organisation), user__uuid=user_uuid)
    try:
        remove_member(organisation=organisation, actor=request.user, member=membership.user)
    except MemberRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:member", org_slug, user_uuid)
    messages.success(request, f"{membership.user} was removed. Finished work stays under their name.")
    if membership.user == request.user:
        return redirect("accounts:home")
    return redirect("accounts:members", org_slug)
