"""Projects > Training: the landing page of an organisation."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.access import OrganisationRequest, organisation_for
from accounts.listing import Choice, Filter, Listing
from accounts.models import Tag
from accounts.permissions import OrganisationPermission
from benchmarks.access import training_for
from benchmarks.training_list import STATES, leads_in, matching_trainings, rows_of, visible_trainings
from benchmarks.wizard import open_drafts
from ontologies.models import Ontology
from projects.models import ProjectKind
from projects.permissions import Permission, ProjectRequest
from projects.tabs import better_tab, tabs_for
from projects.views.listing import projects_to_join

SORTS = {
    "title": ["project__title", "pk"],
    "created": ["project__created_at", "pk"],
    "activity": ["project__last_activity_at", "pk"],
}
TAB = "training"


@require_GET
def projects(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """The training projects the person has a role in; those without any see the tab that has something for them."""
    organisation = organisation_for(request, org_slug)
    other = None if request.GET or request.htmx else better_tab(request, TAB)
    if other:
        return redirect(other)
    trainings = visible_trainings(request.user, organisation)
    leads = leads_in(request.user, organisation)
    listing = _listing(request)
    found = matching_trainings(
        trainings,
        user=request.user,
        leads=leads,
        query=listing.query,
        tags=listing.chosen("tag"),
        states=listing.chosen("state"),
        ontologies=listing.chosen("ontology"),
    )
    found = found.select_related("project__ontology_version__ontology").prefetch_related("project__tags")
    context = {
        "listing": listing,
        "rows": rows_of(listing.page(found), user=request.user, leads=leads),
        "may_create": OrganisationPermission.CREATE in request.organisation_permissions,
    }
    if request.htmx:
        return render(request, "benchmarks/_project_list.html", context)
    context |= {
        "has_tabs": True,
        "tabs": tabs_for(request, TAB),
        "drafts": open_drafts(request.user, organisation),
        "others": projects_to_join(request, ProjectKind.TRAINING),
    }
    return render(request, "benchmarks/projects.html", context)


@require_GET
def project_row(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """One row of the list, which asks for itself while its copies are being made."""
    training = training_for(request, org_slug, project_id, Permission.SEE)
    leads = {training.project_id} if Permission.SEE_RESULTS in request.permissions else set()
    (row,) = rows_of([training], user=request.user, leads=leads)
    return render(request, "benchmarks/_project_row.html", {"row": row})


def _listing(request: OrganisationRequest) -> Listing:
    mine = visible_trainings(request.user, request.organisation)
    tags = Tag.objects.filter(projects__training__in=mine).distinct().order_by("name", "pk")
    ontologies = (
        Ontology.objects.filter(versions__projects__training__in=mine).distinct().order_by("title", "pk")
    )
    return Listing(
        request.GET,
        sorts=SORTS,
        default_sort="-activity",
        filters=[
            Filter("tag", "Tag", [Choice(str(tag.uuid), tag.name) for tag in tags], icon="tag"),
            Filter("state", "State", [Choice(value, label) for value, label in STATES.items()]),
            Filter("ontology", "Ontology", [Choice(str(one.uuid), one.title) for one in ontologies]),
        ],
        search_placeholder="Search by name or description",
    )
