"""Fixtures for people: a logged-in client per person, and one organisation with somebody in each role."""

from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import OrganisationRole
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory


@pytest.fixture
def client_of():
    """A function from a user (or None) to a client of their own."""

    def make(user) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def lab(db):
    """An organisation with an owner, an admin, a member, and an outsider who belongs elsewhere."""
    organisation = OrganisationFactory(name="Meridian Imaging", slug="meridian")
    return SimpleNamespace(
        organisation=organisation,
        owner=MembershipFactory(organisation=organisation, owner=True, user__name="Ines Calder").user,
        admin=MembershipFactory(organisation=organisation, admin=True, user__name="Marta Lindgren").user,
        member=MembershipFactory(
            organisation=organisation, role=OrganisationRole.MEMBER, user__name="Amara Okafor"
        ).user,
        outsider=MembershipFactory(owner=True, user__name="Noor Said").user,
        stranger=UserFactory(name="Bo Li"),
    )
