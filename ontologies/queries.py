"""Read models of the ontology pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Max, QuerySet

from accounts.models import Organisation
from ontologies.evolution import Changes, changes_between
from ontologies.models import Ontology, OntologyVersion
from ontologies.structure import Json, nodes_of


def ontologies_of(organisation: Organisation) -> QuerySet[Ontology]:
    """Ontologies with `latest_number`, `changed_at` and their newest version's moment."""
    return Ontology.objects.filter(organisation=organisation).annotate(
        latest_number=Max("versions__number"), changed_at=Max("versions__created_at")
    )


@dataclass(frozen=True)
class Counts:
    """Open (not archived) nodes of a structure, for people."""

    objects: int
    classifications: int
    attributes: int


@dataclass(frozen=True)
class OntologyRow:
    """One line of the list: the family, its latest version, what is in it."""

    ontology: Ontology
    version: OntologyVersion
    counts: Counts

    @property
    def classes(self) -> list[Json]:
        """The open object classes, in their order."""
        return [node for node in self.version.structure["objects"] if not node.get("archived")]


def ontology_rows(ontologies: Sequence[Ontology]) -> list[OntologyRow]:
    """The lines of a page of ontologies (made by `ontologies_of`); one query."""
    latest = {
        version.ontology_id: version
        for version in OntologyVersion.objects.filter(ontology__in=[one.pk for one in ontologies])
        .alias(latest=Max("ontology__versions__number"))
        .filter(number=F("latest"))
    }
    return [
        OntologyRow(one, latest[one.pk], counts_of(latest[one.pk].structure))
        for one in ontologies
        if one.pk in latest
    ]


def counts_of(structure: Json) -> Counts:
    """How many object classes, classifications and attributes are open."""
    kinds = [node.kind for node in nodes_of(structure) if not node.archived]
    classifications = kinds.count("classification")
    # The root attribute of a classification is the classification itself to people.
    return Counts(
        kinds.count("object class"), classifications, max(0, kinds.count("attribute") - classifications)
    )


@dataclass(frozen=True)
class VersionEntry:
    """One version in the list of versions, with what it changed."""

    version: OntologyVersion
    changes: Changes | None


def version_entries(ontology: Ontology) -> list[VersionEntry]:
    """All versions, newest first; the first one has no changes."""
    versions = list(ontology.versions.select_related("created_by").order_by("number"))
    before = [None, *versions[:-1]]
    entries = [
        VersionEntry(version, changes_between(earlier.structure, version.structure) if earlier else None)
        for earlier, version in zip(before, versions, strict=True)
    ]
    return entries[::-1]


def used_hashes(ontology: Ontology) -> list[str]:
    """Feature hashes of every node that a used version has: the form archives them instead of deleting."""
    frozen = ontology.versions.exclude(frozen_at=None).order_by("-number").first()
    return [node.hash for node in nodes_of(frozen.structure)] if frozen else []
