"""Groups of an organisation: the list, one group with its people."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import organisation_for
from accounts.forms import GroupForm
from accounts.listing import Listing
from accounts.models import Group
from accounts.operations import add_to_group, create_group, delete_group, remove_from_group, update_group
from accounts.permissions import OrganisationPermission
from accounts.queries import groups, people_of
from accounts.views.tabs import people_tabs


@require_GET
def groups_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """All groups with their size."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    listing = Listing(
        request.GET,
        sorts={"name": ["name", "pk"], "size": ["size", "name", "pk"], "created": ["created_at", "pk"]},
        default_sort="name",
        search_placeholder="Search groups",
    )
    rows = groups(organisation)
    if listing.query:
        rows = rows.filter(Q(name__icontains=listing.query) | Q(description__icontains=listing.query))
    context = {"listing": listing, "groups": listing.page(rows), "tabs": people_tabs(request, "groups")}
    return render(request, "accounts/_groups.html" if request.htmx else "accounts/groups.html", context)


@require_http_methods(["GET", "POST"])
def new_group_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """Name a group; its people are chosen on its page."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    form = GroupForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        group = create_group(organisation=organisation, actor=request.user, **form.cleaned_data)
        messages.success(request, f"{group} was made. Now add its people.")
        return redirect("accounts:group", org_slug, group.uuid)
    return render(request, "accounts/group_new.html", {"form": form}, status=422 if form.errors else 200)


def _group(request: HttpRequest, org_slug: str, group_uuid: UUID) -> Group:
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    return get_object_or_404(
        Group.objects.select_related("organisation"), organisation=organisation, uuid=group_uuid
    )


@require_http_methods(["GET", "POST"])
def group_view(request: HttpRequest, org_slug: str, group_uuid: UUID) -> HttpResponse:
    """One group: name, description, people."""
    group = _group(request, org_slug, group_uuid)
    form = GroupForm(request.POST or None, instance=group, organisation=request.organisation)
    if request.method == "POST" and form.is_valid():
        fresh = _group(request, org_slug, group_uuid)  # the form has written into its own instance
        update_group(group=fresh, actor=request.user, **form.cleaned_data)
        messages.success(request, "The group was saved.")
        return redirect("accounts:group", org_slug, group_uuid)
    listing = Listing(
        request.GET,
        sorts={"name": ["name", "pk"], "email": ["email", "pk"]},
        default_sort="name",
        search_placeholder="Search in this group",
    )
    inside = group.members.all()
    if listing.query:
        inside = inside.filter(Q(name__icontains=listing.query) | Q(email__icontains=listing.query))
    context = {
        "group": group,
        "title": Group.objects.values_list("name", flat=True).get(pk=group.pk),
        "form": form,
        "listing": listing,
        "people": listing.page(inside),
        "outside": people_of(request.organisation).exclude(annotrain_groups=group),
    }
    template = "accounts/_group_people.html" if request.htmx else "accounts/group.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def add_to_group_view(request: HttpRequest, org_slug: str, group_uuid: UUID) -> HttpResponse:
    """Add the ticked people."""
    group = _group(request, org_slug, group_uuid)
    chosen = people_of(request.organisation).filter(uuid__in=_uuids(request, "person"))
    added = add_to_group(group=group, actor=request.user, people=chosen)
    if added:
        messages.success(request, f"{_people(added)} joined {group}.")
    else:
        messages.warning(request, "Nobody was added: tick the people first.")
    return redirect("accounts:group", org_slug, group_uuid)


@require_POST
def remove_from_group_view(request: HttpRequest, org_slug: str, group_uuid: UUID) -> HttpResponse:
    """Take the ticked people out."""
    group = _group(request, org_slug, group_uuid)
    chosen = group.members.filter(uuid__in=_uuids(request, "person"))
    removed = remove_from_group(group=group, actor=request.user, people=chosen)
    if removed:
        messages.success(request, f"{_people(removed)} left {group}.")
    else:
        messages.warning(request, "Nobody was removed: tick the people first.")
    return redirect("accounts:group", org_slug, group_uuid)


@require_POST
def delete_group_view(request: HttpRequest, org_slug: str, group_uuid: UUID) -> HttpResponse:
    """Delete the group; its people stay members."""
    group = _group(request, org_slug, group_uuid)
    name = group.name
    delete_group(group=group, actor=request.user)
    messages.success(request, f"{name} was deleted. Its people are still members.")
    return redirect("accounts:groups", org_slug)


def _uuids(request: HttpRequest, key: str) -> list[UUID]:
    """The well-formed identifiers among the posted values."""
    found = []
    for text in request.POST.getlist(key):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _people(people: list) -> str:
    return str(people[0]) if len(people) == 1 else f"{len(people)} people"
