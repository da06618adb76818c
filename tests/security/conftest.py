"""Two houses and their people, built once for a module and rolled back at its end."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from tests.security.house import House, build_house


@pytest.fixture(scope="module")
def houses(django_db_setup, django_db_blocker) -> Iterator[tuple[House, House]]:
    """Two houses alike, built once for all cells; everything is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        ours, theirs = build_house("Heron"), build_house("Kestrel")
        ours.people |= {"outsider": theirs.people["chief"], "anonymous": None}
        yield ours, theirs
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(houses) -> dict[str, Client]:
    """One client for each person, logged in, its session warm."""
    made = {}
    for name, user in houses[0].people.items():
        made[name] = Client(raise_request_exception=False)
        if user is not None:
            made[name].force_login(user)
    return made
