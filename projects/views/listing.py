"""Projects > Manual QA: the tab with its filters."""

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import OrganisationRequest, organisation_for
from accounts.listing import Choice, Filter, Listing
from accounts.models import Tag
from accounts.permissions import OrganisationPermission
from ontologies.models import Ontology
from projects.models import Project, ProjectKind
from projects.permissions import projects_visible_to
from projects.queries import manual_qa_projects, project_rows, projects_with_all_tags
from projects.tabs import tabs_for

SORTS = {
    "title": ["title", "pk"],
    "activity": ["last_activity_at", "pk"],
    "created": ["created_at", "pk"],
}


@require_GET
def manual_qa(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """Manual QA projects in which the person has a role."""
    organisation = organisation_for(request, org_slug)
    projects = manual_qa_projects(request.user, organisation)
    listing = Listing(
        request.GET,
        sorts=SORTS,
        default_sort="-activity",
        filters=filters_of(projects),
        search_placeholder="Search by name or description",
    )
    shown = listing.page(
        found(projects, listing).select_related("ontology_version__ontology").prefetch_related("tags")
    )
    context = {
        "listing": listing,
        "rows": project_rows(shown, request.user),
        "tabs": tabs_for(request, "manual_qa"),
        "has_tabs": True,
        "may_create": OrganisationPermission.CREATE in request.organisation_permissions,
        "others": projects_to_join(request, ProjectKind.MANUAL_QA),
    }
    template = "projects/_manual_qa_list.html" if request.htmx else "projects/manual_qa.html"
    return render(request, template, context)


def projects_to_join(request: OrganisationRequest, kind: ProjectKind) -> list[Project]:
    """Projects of the organisation in which an owner or admin of it has no role, and may make themselves admin."""
    if OrganisationPermission.MANAGE_PEOPLE not in request.organisation_permissions:
        return []
    projects = Project.objects.filter(organisation=request.organisation, kind=kind)
    own = projects_visible_to(request.user, request.organisation)
    return list(
        projects.exclude(pk__in=own.values("pk")).select_related("created_by").order_by("title", "pk")
    )


def filters_of(projects: QuerySet[Project]) -> list[Filter]:
    """Tags and ontologies that these projects have, with how many have them."""
    tags = Tag.objects.annotate(uses=Count("projects", filter=Q(projects__in=projects))).filter(uses__gt=0)
    ontologies = (
        Ontology.objects.filter(versions__projects__in=projects)
        .annotate(uses=Count("versions__projects", distinct=True))
        .order_by("title")
    )
    return [
        Filter(
            "tag",
            "Tag",
            [Choice(str(tag.uuid), tag.name, tag.uses) for tag in tags.order_by("name")],
            icon="tag",
        ),
        Filter("ontology", "Ontology", [Choice(str(one.uuid), one.title, one.uses) for one in ontologies]),
    ]


def found(projects: QuerySet[Project], listing: Listing) -> QuerySet[Project]:
    """The projects that the URL asks for: all words in title or description, every tag, any ontology."""
    for word in listing.query.split():
        projects = projects.filter(Q(title__icontains=word) | Q(description__icontains=word))
    projects = projects_with_all_tags(projects, listing.chosen("tag"))
    if listing.chosen("ontology"):
        projects = projects.filter(ontology_version__ontology__uuid__in=listing.chosen("ontology"))
    return projects
