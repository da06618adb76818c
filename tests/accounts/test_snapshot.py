"""Figures that are read together are of one moment, also while others write."""

import threading

import pytest
from django.db import connection

from accounts.models import Tag
from accounts.snapshot import one_moment
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db(transaction=True)


def write_elsewhere(organisation) -> None:
    """A row that another connection commits before this returns."""

    def write() -> None:
        Tag.objects.create(organisation=organisation, name="urgent")
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive(), "a reader keeps writers waiting"


def test_what_is_committed_meanwhile_is_not_seen_until_afterwards():
    organisation = OrganisationFactory()
    with one_moment():
        before = Tag.objects.count()
        write_elsewhere(organisation)
        assert Tag.objects.count() == before
    assert Tag.objects.count() == before + 1


def test_writing_is_immediate_again_afterwards():
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has a mode of beginning")
    with one_moment():
        Tag.objects.count()
    assert connection.transaction_mode == "IMMEDIATE"
