"""The door to ontologies."""

from uuid import UUID

from django.http import Http404

from accounts.access import OrganisationRequest, organisation_for
from accounts.permissions import OrganisationPermission
from ontologies.models import Ontology, OntologyVersion

# The pages of ontologies are for those who build projects; annotators meet an ontology in the editor.
MANAGE_ONTOLOGIES = OrganisationPermission.CREATE


def ontology_for(request: OrganisationRequest, org_slug: str, ontology_id: UUID) -> Ontology:
    """The ontology for somebody who manages them. Raises Http404 or PermissionDenied."""
    organisation = organisation_for(request, org_slug, MANAGE_ONTOLOGIES)
    ontology = Ontology.objects.filter(organisation=organisation, uuid=ontology_id).first()
    if ontology is None:
        raise Http404
    return ontology


def version_for(ontology: Ontology, number: str) -> OntologyVersion:
    """The version that an address names, or the latest for an empty one. Raises Http404."""
    versions = ontology.versions.select_related("ontology", "created_by").order_by("-number")
    if number:
        if not (number.isascii() and number.isdigit() and len(number) < 9):
            raise Http404
        versions = versions.filter(number=int(number))
    version = versions.first()
    if version is None:
        raise Http404
    return version
