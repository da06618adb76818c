"""An organisation with somebody who may create, and a plain member."""

from types import SimpleNamespace

import pytest

from ontologies.operations import create_ontology
from tests.factories import MembershipFactory, OrganisationFactory, simple_structure


@pytest.fixture
def people(db):
    """`.organisation`, `.creator` (member who may create), `.member` (who may not)."""
    organisation = OrganisationFactory()
    return SimpleNamespace(
        organisation=organisation,
        creator=MembershipFactory(organisation=organisation, may_create=True).user,
        member=MembershipFactory(organisation=organisation).user,
    )


@pytest.fixture
def organisation(people):
    return people.organisation


@pytest.fixture
def as_creator(client, people):
    client.force_login(people.creator)
    return client


@pytest.fixture
def blood(people):
    """The first version of an ontology of the organisation."""
    return create_ontology(
        organisation=people.organisation,
        actor=people.creator,
        title="Blood cells",
        structure=simple_structure(),
    )
