"""The audit page: who did what, newest first, with filters."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import organisation_for
from accounts.listing import Choice, Filter, Listing
from accounts.models import AuditEvent, Organisation, User
from accounts.permissions import OrganisationPermission
from accounts.queries import AuditFilter, audit_events, audit_page


@require_GET
def audit_view(request: HttpRequest, org_slug: str) -> HttpResponse:
    """Everything recorded in the organisation; `?root=` narrows it to one project."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.MANAGE_PEOPLE)
    listing = Listing(
        request.GET,
        sorts={"at": ["at", "pk"]},
        default_sort="-at",
        filters=_filters(organisation),
        search_placeholder="Search what or who",
        keep=["root"],
    )
    asked = AuditFilter(
        query=listing.query,
        actor_uuids=tuple(listing.chosen("person")),
        kinds=tuple(listing.chosen("kind")),
        actions=tuple(listing.chosen("action")),
        root_id=listing.keep.get("root", "")[:40],
    )
    page = audit_page(
        audit_events(organisation, asked),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    context = {
        "listing": listing,
        "page": page,
        "newer_url": listing.link(after=page.newer) if page.newer else "",
        "older_url": listing.link(before=page.older) if page.older else "",
        "narrowed": listing.is_filtered or bool(asked.root_id),
    }
    return render(request, "accounts/_audit.html" if request.htmx else "accounts/audit.html", context)


def _filters(organisation: Organisation) -> list[Filter]:
    events = AuditEvent.objects.filter(organisation=organisation)
    actors = User.objects.filter(pk__in=events.values("actor")).order_by("name", "pk")
    kinds = events.order_by("target_kind").values_list("target_kind", flat=True).distinct()
    actions = events.order_by("action").values_list("action", flat=True).distinct()
    return [
        Filter("person", "Person", [Choice(str(user.uuid), str(user)) for user in actors], icon="user"),
        Filter("kind", "Kind", [Choice(kind, kind.capitalize()) for kind in kinds]),
        Filter("action", "Action", [Choice(action, action.capitalize()) for action in actions]),
    ]
