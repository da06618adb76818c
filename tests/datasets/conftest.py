"""An organisation with an admin, a member who may create, and a plain member."""

from types import SimpleNamespace

import pytest

from tests.factories import MembershipFactory, OrganisationFactory


@pytest.fixture
def people(db):
    """`.organisation`, `.admin`, `.creator` (member who may create), `.member` (who may not)."""
    organisation = OrganisationFactory()
    return SimpleNamespace(
        organisation=organisation,
        admin=MembershipFactory(organisation=organisation, admin=True).user,
        creator=MembershipFactory(organisation=organisation, may_create=True).user,
        member=MembershipFactory(organisation=organisation).user,
    )


@pytest.fixture
def organisation(people):
    return people.organisation


@pytest.fixture
def as_creator(client, people):
    """The test client, logged in as the member who may create."""
    client.force_login(people.creator)
    return client
