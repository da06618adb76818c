"""Versions of an ontology: edited in place while unused, then the next one; two tabs; deleting."""

import json

import pytest

from accounts.models import AuditEvent
from ontologies.models import Ontology, OntologyVersion
from ontologies.operations import (
    BadStructure,
    OntologyInUse,
    StaleOntology,
    create_ontology,
    delete_ontology,
    freeze_version,
    import_ontology,
    latest_version,
    save_ontology,
    stamp_of,
)
from tests.factories import CELL, OrganisationFactory, ProjectFactory, UserFactory, simple_structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return UserFactory()


@pytest.fixture
def version(actor):
    return create_ontology(
        organisation=OrganisationFactory(), actor=actor, title=" Blood  cells ", structure=simple_structure()
    )


def save(version: OntologyVersion, actor, structure, **more) -> OntologyVersion:
    given = {"title": "Blood cells", "description": "", "stamp": stamp_of(version)} | more
    return save_ontology(ontology=version.ontology, actor=actor, structure=structure, **given)


def with_a_new_class() -> dict:
    structure = simple_structure()
    structure["objects"].append({"name": "Red blood cell", "shape": "bounding_box"})
    return structure


def test_creating_writes_the_first_version_and_an_audit_row(version):
    assert (version.number, version.ontology.title, version.frozen_at) == (1, "Blood cells", None)
    assert AuditEvent.objects.get().action == "create ontology"


def test_a_bad_structure_creates_nothing(actor):
    with pytest.raises(BadStructure):
        create_ontology(
            organisation=OrganisationFactory(), actor=actor, title="x", structure={"objects": [1]}
        )
    with pytest.raises(BadStructure, match="title"):
        create_ontology(
            organisation=OrganisationFactory(), actor=actor, title=" ", structure=simple_structure()
        )
    assert not Ontology.objects.exists()


def test_an_unused_version_is_edited_in_place(version, actor):
    saved = save(version, actor, with_a_new_class())
    assert (saved.number, saved.pk) == (1, version.pk)
    assert saved.canonical_digest != version.canonical_digest


def test_an_edit_of_a_used_version_makes_the_next_one_and_leaves_it_as_it_was(version, actor):
    freeze_version(version=version)
    digest = version.canonical_digest
    saved = save(version, actor, with_a_new_class())
    version.refresh_from_db()
    assert (saved.number, saved.frozen_at, version.canonical_digest) == (2, None, digest)
    again = save(saved, actor, simple_structure())  # v2 is unused: in place, and its new class may go
    assert again.number == 2
    assert latest_version(version.ontology).canonical_digest == digest


def test_deleting_a_used_class_archives_it(version, actor):
    freeze_version(version=version)
    structure = simple_structure()
    del structure["objects"][0]
    saved = save(version, actor, structure)
    assert {node["featureNodeHash"]: node["archived"] for node in saved.structure["objects"]}[CELL] is True


def test_retyping_a_used_class_is_refused_and_saves_nothing(version, actor):
    freeze_version(version=version)
    structure = simple_structure()
    structure["objects"][0]["shape"] = "polygon"
    with pytest.raises(BadStructure, match=r"objects\[0\]"):
        save(version, actor, structure, title="Other")
    assert latest_version(version.ontology) == version
    assert Ontology.objects.get().title == "Blood cells"


def test_a_new_title_alone_makes_no_new_version(version, actor):
    freeze_version(version=version)
    saved = save(version, actor, version.structure, title="Smears")
    assert (saved.number, Ontology.objects.get().title) == (1, "Smears")


@pytest.mark.parametrize("used", [True, False])
def test_the_second_of_two_tabs_is_told_and_overwrites_nothing(version, actor, used):
    if used:
        freeze_version(version=version)
    stamp = stamp_of(version)
    first = save(version, actor, with_a_new_class(), stamp=stamp)
    with pytest.raises(StaleOntology) as stale:
        save(version, actor, simple_structure(), stamp=stamp)
    assert stale.value.latest == first
    assert latest_version(version.ontology).canonical_digest == first.canonical_digest


def test_a_change_of_colour_alone_is_a_change_for_another_tab(version, actor):
    stamp = stamp_of(version)
    structure = simple_structure()
    structure["objects"][0]["color"] = "#000000"
    saved = save(version, actor, structure, stamp=stamp)
    assert saved.canonical_digest == version.canonical_digest
    with pytest.raises(StaleOntology):
        save(version, actor, simple_structure(), stamp=stamp)


def test_a_version_that_came_into_use_while_it_was_edited_is_not_touched(version, actor, monkeypatch):
    """Frozen between reading the latest version and writing it: the compare-and-swap makes the next version."""
    from ontologies import operations

    def freeze_first(ontology):
        found = latest_version(ontology)
        OntologyVersion.objects.filter(pk=found.pk).update(frozen_at="2026-01-01T00:00:00Z")
        return found

    stamp = stamp_of(version)
    monkeypatch.setattr(operations, "latest_version", freeze_first)
    assert save(version, actor, with_a_new_class(), stamp=stamp).number == 2


def test_freezing_twice_keeps_the_first_moment(version):
    first = freeze_version(version=version).frozen_at
    assert first is not None
    assert freeze_version(version=version).frozen_at == first


def test_export_and_import_give_exactly_the_same_ontology(version, actor):
    imported = import_ontology(
        organisation=OrganisationFactory(), actor=actor, title="Copy", text=json.dumps(version.structure)
    )
    assert imported.canonical_digest == version.canonical_digest


def test_an_ontology_in_use_cannot_be_deleted(version, actor):
    ProjectFactory(ontology_version=version, organisation=version.ontology.organisation)
    with pytest.raises(OntologyInUse, match="One project uses"):
        delete_ontology(ontology=version.ontology, actor=actor)
    assert OntologyVersion.objects.filter(pk=version.pk).exists()


def test_an_unused_ontology_goes_with_its_versions(version, actor):
    delete_ontology(ontology=version.ontology, actor=actor)
    assert not OntologyVersion.objects.exists()
