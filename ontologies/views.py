"""Pages of ontologies: list, one version as a tree, the form builder and its save, import, export."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OrganisationRequest, organisation_for
from accounts.listing import Listing
from ontologies.access import MANAGE_ONTOLOGIES, ontology_for, version_for
from ontologies.checking import BadStructure, Problem, read_json
from ontologies.forms import ImportForm
from ontologies.models import OntologyVersion
from ontologies.operations import (
    OntologyInUse,
    StaleOntology,
    create_ontology,
    delete_ontology,
    import_ontology,
    latest_version,
    save_ontology,
    stamp_of,
)
from ontologies.queries import counts_of, ontologies_of, ontology_rows, used_hashes, version_entries
from ontologies.structure import MAX_LEVELS, PALETTE, empty_structure

SORTS = {
    "title": ["title", "pk"],
    "version": ["latest_number", "pk"],
    "changed": ["changed_at", "pk"],
}


@require_GET
def ontology_list_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """All ontologies of the organisation with what is in their latest version."""
    organisation = organisation_for(request, org_slug, MANAGE_ONTOLOGIES)
    listing = Listing(
        request.GET, sorts=SORTS, default_sort="-changed", search_placeholder="Search ontologies"
    )
    ontologies = ontologies_of(organisation)
    if listing.query:
        ontologies = ontologies.filter(title__icontains=listing.query)
    context = {"listing": listing, "rows": ontology_rows(listing.page(ontologies))}
    return render(request, "ontologies/_list.html" if request.htmx else "ontologies/list.html", context)


@require_GET
def ontology_view(request: OrganisationRequest, org_slug: str, ontology_id: UUID) -> HttpResponse:
    """One version as a tree (`?version=`, else the latest) beside the list of versions."""
    ontology = ontology_for(request, org_slug, ontology_id)
    version = version_for(ontology, request.GET.get("version", ""))
    entries = version_entries(ontology)
    context = {
        "ontology": ontology,
        "version": version,
        "entries": entries,
        "is_latest": entries[0].version == version,
        "counts": counts_of(version.structure),
    }
    return render(request, "ontologies/ontology.html", context)


@require_http_methods(["GET", "POST"])
def new_ontology_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """The empty form builder, and what it posts."""
    organisation = organisation_for(request, org_slug, MANAGE_ONTOLOGIES)
    if request.method == "GET":
        config = {"structure": empty_structure(), "title": "", "description": "", "stamp": "", "used": []}
        return _form(request, None, config, reverse("ontologies:new", args=[org_slug]))
    try:
        given = _posted(request)
        version = create_ontology(
            organisation=organisation,
            actor=request.user,
            title=given["title"],
            description=given["description"],
            structure=given["structure"],
        )
    except BadStructure as bad:
        return _refused(bad)
    return _saved(request, org_slug, version)


@require_http_methods(["GET", "POST"])
def edit_ontology_view(request: OrganisationRequest, org_slug: str, ontology_id: UUID) -> HttpResponse:
    """The form builder with the latest version, and what it posts: 422 with places, 409 for the second of two tabs."""
    ontology = ontology_for(request, org_slug, ontology_id)
    latest = latest_version(ontology)
    if request.method == "GET":
        config = {
            "structure": latest.structure,
            "title": ontology.title,
            "description": ontology.description,
            "stamp": stamp_of(latest),
            "used": used_hashes(ontology),
        }
        return _form(request, latest, config, reverse("ontologies:edit", args=[org_slug, ontology.uuid]))
    try:
        version = save_ontology(ontology=ontology, actor=request.user, **_posted(request))
    except BadStructure as bad:
        return _refused(bad)
    except StaleOntology as stale:
        return JsonResponse(
            {
                "error": "stale",
                "message": "Somebody else saved this ontology in the meantime. Nothing was overwritten, and your "
                "edit is still here.",
                "latest_url": reverse("ontologies:ontology", args=[org_slug, ontology.uuid]),
                "version": stale.latest.number,
            },
            status=409,
        )
    return _saved(request, org_slug, version)


def _form(
    request: OrganisationRequest, version: OntologyVersion | None, config: dict[str, Any], save_url: str
) -> HttpResponse:
    config |= {"save_url": save_url, "palette": PALETTE, "max_levels": MAX_LEVELS}
    return render(request, "ontologies/form.html", {"version": version, "config": config})


def _posted(request: OrganisationRequest) -> dict[str, Any]:
    """Title, description, structure and stamp of a posted edit. Raises BadStructure."""
    data = read_json(request.body)
    if not isinstance(data, dict):
        raise BadStructure([Problem("", "The edit did not arrive whole. Save it again.")])
    texts = {key: data.get(key) for key in ("title", "description", "stamp")}
    if not all(isinstance(text, str) and "\x00" not in text for text in texts.values()):
        raise BadStructure([Problem("title", "Title and description are texts.")])
    return {**texts, "description": str(texts["description"])[:5_000], "structure": data.get("structure")}


def _refused(bad: BadStructure) -> JsonResponse:
    problems = [{"path": problem.path, "message": problem.message} for problem in bad.problems]
    return JsonResponse({"error": "invalid", "problems": problems}, status=422)


def _saved(request: OrganisationRequest, org_slug: str, version: OntologyVersion) -> JsonResponse:
    messages.success(request, f"“{version.ontology.title}” is saved as version {version.number}.")
    url = reverse("ontologies:ontology", args=[org_slug, version.ontology.uuid])
    return JsonResponse({"url": url, "version": version.number})


@require_http_methods(["GET", "POST"])
def import_view(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """A new ontology from JSON; what is wrong is listed with its place, and what was typed stays."""
    organisation = organisation_for(request, org_slug, MANAGE_ONTOLOGIES)
    form = ImportForm(request.POST or None, request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            version = import_ontology(
                organisation=organisation,
                actor=request.user,
                title=form.cleaned_data["title"],
                text=form.cleaned_data["json"],
            )
        except BadStructure as bad:
            problems = bad.problems
        else:
            messages.success(request, f"“{version.ontology.title}” is imported.")
            return redirect("ontologies:ontology", org_slug, version.ontology.uuid)
    status = 422 if problems or form.errors else 200
    return render(request, "ontologies/import.html", {"form": form, "problems": problems}, status=status)


@require_GET
def export_view(request: OrganisationRequest, org_slug: str, ontology_id: UUID) -> HttpResponse:
    """A version as a JSON file that can be imported again, here or where the same structure is read."""
    ontology = ontology_for(request, org_slug, ontology_id)
    version = version_for(ontology, request.GET.get("version", ""))
    name = f"{slugify(ontology.title) or 'ontology'}-v{version.number}.json"
    response = JsonResponse(version.structure, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def delete_view(request: OrganisationRequest, org_slug: str, ontology_id: UUID) -> HttpResponse:
    """Delete an ontology that no project uses."""
    ontology = ontology_for(request, org_slug, ontology_id)
    try:
        delete_ontology(ontology=ontology, actor=request.user)
    except OntologyInUse as reason:
        messages.error(request, str(reason))
        return redirect("ontologies:ontology", org_slug, ontology_id)
    messages.success(request, f"“{ontology.title}” is deleted.")
    return redirect("ontologies:list", org_slug)
