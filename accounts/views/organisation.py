"""Settings of the organisation: its name, its tags."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import organisation_for
from accounts.forms import OrganisationForm, TagForm
from accounts.listing import Listing
from accounts.models import Organisation, Tag
from accounts.operations import create_tag, delete_tag, rename_organisation, rename_tag
from accounts.permissions import OrganisationPermission
from accounts.queries import tags
from accounts.views.tabs import settings_sections


@require_http_methods(["GET", "POST"])
def settings_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """The name; admins see it, owners change it."""
    needed = (
        OrganisationPermission.MANAGE_ORGANISATION
        if request.method == "POST"
        else OrganisationPermission.MANAGE_PEOPLE
    )
    organisation = organisation_for(request, org_slug, needed)
    # The form writes into its instance: give it a copy, the page's head shows the stored name.
    form = OrganisationForm(request.POST or None, instance=Organisation.objects.get(pk=organisation.pk))
    if request.method == "POST" and form.is_valid():
        rename_organisation(organisation=organisation, actor=request.user, name=form.cleaned_data["name"])
        messages.success(request, "The name was saved.")
        return redirect("accounts:settings", org_slug)
    context = {
        "form": form,
        "may_rename": OrganisationPermission.MANAGE_ORGANISATION in request.organisation_permissions,
        "sections": settings_sections(request, "settings"),
    }
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def tags_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """All tags with their uses; POST makes one."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    form = TagForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        tag = create_tag(organisation=organisation, actor=request.user, name=form.cleaned_data["name"])
        messages.success(request, f"The tag “{tag}” was made.")
        return redirect("accounts:tags", org_slug)
    listing = Listing(
        request.GET,
        sorts={"name": ["name", "pk"], "uses": ["uses", "name", "pk"]},
        default_sort="name",
        search_placeholder="Search tags",
    )
    rows = tags(organisation)
    if listing.query:
        rows = rows.filter(name__icontains=listing.query)
    context = {
        "form": form,
        "listing": listing,
        "tags": listing.page(rows),
        "sections": settings_sections(request, "tags"),
    }
    template = "accounts/_tags.html" if request.htmx else "accounts/tags.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def tag_view(request: HttpRequest, org_slug: str, tag_uuid: UUID) -> HttpResponse:
    """Rename one tag."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    tag = get_object_or_404(tags(organisation).select_related("organisation"), uuid=tag_uuid)
    before = tag.name
    form = TagForm(request.POST or None, instance=tag, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        tag.name = before
        rename_tag(tag=tag, actor=request.user, name=form.cleaned_data["name"])
        messages.success(request, f"“{before}” is now “{tag}”.")
        return redirect("accounts:tags", org_slug)
    context = {"form": form, "tag": tag, "before": before}
    return render(request, "accounts/tag.html", context, status=422 if form.errors else 200)


@require_POST
def delete_tag_view(request: HttpRequest, org_slug: str, tag_uuid: UUID) -> HttpResponse:
    """Take a tag off everything."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    tag = get_object_or_404(
        Tag.objects.select_related("organisation"), organisation=organisation, uuid=tag_uuid
    )
    delete_tag(tag=tag, actor=request.user)
    messages.success(request, f"The tag “{tag.name}” was deleted.")
    return redirect("accounts:tags", org_slug)
