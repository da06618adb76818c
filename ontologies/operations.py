"""The verbs of ontologies: create, save as the next version where the last one is in use, freeze, import, delete."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.audit import record
from accounts.models import Organisation, User
from ontologies.checking import BadStructure, Problem, read_json, read_structure
from ontologies.evolution import keep_used
from ontologies.models import Ontology, OntologyVersion
from ontologies.structure import Structure, canonical_digest

__all__ = ["BadStructure", "OntologyInUse", "StaleOntology", "create_ontology"]


class StaleOntology(Exception):
    """Somebody else saved the ontology since it was opened; nothing was changed."""

    def __init__(self, latest: OntologyVersion) -> None:
        self.latest = latest
        super().__init__("Somebody else saved this ontology in the meantime.")


class OntologyInUse(Exception):
    """Projects use the ontology, so it cannot be deleted."""


def latest_version(ontology: Ontology) -> OntologyVersion:
    """The version with the highest number; every ontology has one."""
    return ontology.versions.select_related("ontology").order_by("-number")[0]


def stamp_of(version: OntologyVersion) -> str:
    """Says whether two readers saw the same version with the same content; colours and order count too."""
    ontology = version.ontology
    seen = [version.number, ontology.title, ontology.description, version.structure]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:20]


@transaction.atomic
def create_ontology(
    *,
    organisation: Organisation,
    actor: User | None,
    title: str,
    structure: Any,
    description: str = "",
) -> OntologyVersion:
    """Make an ontology with its first version. Raises BadStructure with every problem and its path."""
    clean = read_structure(structure)
    ontology = Ontology.objects.create(
        organisation=organisation,
        title=_title(title),
        description=description.strip(),
        created_by=actor,
    )
    version = _add_version(ontology, actor, 1, clean)
    record(
        organisation=organisation,
        actor=actor,
        action="create ontology",
        target=ontology,
        after={"digest": version.canonical_digest},
    )
    return version


def import_ontology(
    *,
    organisation: Organisation,
    actor: User | None,
    title: str,
    text: str | bytes,
    description: str = "",
) -> OntologyVersion:
    """Make an ontology of JSON in Encord's structure; its feature hashes stay. Raises BadStructure."""
    return create_ontology(
        organisation=organisation,
        actor=actor,
        title=title,
        structure=read_json(text),
        description=description,
    )


@transaction.atomic
def save_ontology(
    *,
    ontology: Ontology,
    actor: User | None,
    title: str,
    description: str,
    structure: Any,
    stamp: str,
) -> OntologyVersion:
    """Save an edit: into the latest version while nothing uses it, else as the next one.

    `stamp` is `stamp_of` the version that was edited; raises StaleOntology when it is not the latest content any
    more, BadStructure with every problem. Nodes that are in use and left out come back archived.
    """
    clean = read_structure(structure)
    # Lock the family, so that two saves come one after the other (SQLite: the transaction is alone anyway).
    ontology = Ontology.objects.select_for_update().get(pk=ontology.pk)
    latest = latest_version(ontology)
    if stamp != stamp_of(latest):
        raise StaleOntology(latest)
    frozen = ontology.versions.exclude(frozen_at=None).order_by("-number").first()
    if frozen is not None:
        clean = read_structure(keep_used(frozen.structure, clean))
    before = {"title": ontology.title, "version": latest.number, "digest": latest.canonical_digest}
    ontology.title, ontology.description = _title(title), description.strip()
    ontology.save(update_fields=["title", "description"])
    version = _save_structure(latest, actor, clean)
    record(
        organisation=ontology.organisation,
        actor=actor,
        action="save ontology",
        target=ontology,
        before=before,
        after={"title": ontology.title, "version": version.number, "digest": version.canonical_digest},
    )
    return version


def _save_structure(latest: OntologyVersion, actor: User | None, clean: Structure) -> OntologyVersion:
    if clean == latest.structure:
        return latest
    in_place = OntologyVersion.objects.filter(pk=latest.pk, frozen_at=None).update(
        structure=clean, canonical_digest=canonical_digest(clean)
    )
    if in_place:  # else it is in use, perhaps since a moment ago
        latest.refresh_from_db()
        return latest
    return _add_version(latest.ontology, actor, latest.number + 1, clean)


def _add_version(ontology: Ontology, actor: User | None, number: int, clean: Structure) -> OntologyVersion:
    return OntologyVersion.objects.create(
        ontology=ontology,
        number=number,
        structure=clean,
        canonical_digest=canonical_digest(clean),
        created_by=actor,
    )


def freeze_version(*, version: OntologyVersion) -> OntologyVersion:
    """A project uses this version from now on: it never changes again. Call it in the transaction of the use."""
    OntologyVersion.objects.filter(pk=version.pk, frozen_at=None).update(frozen_at=timezone.now())
    version.refresh_from_db()
    return version


def delete_ontology(*, ontology: Ontology, actor: User) -> None:
    """Delete an ontology that no project uses. Raises OntologyInUse."""
    try:
        with transaction.atomic():
            record(organisation=ontology.organisation, actor=actor, action="delete ontology", target=ontology)
            ontology.delete()
    except ProtectedError as error:
        count = len(error.protected_objects)
        projects = "One project uses" if count == 1 else f"{count} projects use"
        raise OntologyInUse(f"{projects} “{ontology.title}”, so it cannot be deleted.") from None


def _title(title: str) -> str:
    clean = " ".join(title.split())[:120]
    if not clean:
        raise BadStructure([Problem("title", "The ontology needs a title.")])
    return clean
