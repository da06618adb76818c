"""The command that opens a new installation, where sign-up is closed."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, Organisation, User
from tests import factories

pytestmark = pytest.mark.django_db


def create(monkeypatch, name, owner, password=""):
    """Call the command with a password on standard input; returns what it says."""
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    said = io.StringIO()
    call_command("create_organisation", name, owner=owner, stdout=said)
    return said.getvalue()


def test_a_new_installation_gets_an_organisation_and_an_owner_who_can_log_in(monkeypatch, client):
    said = create(monkeypatch, "Cell atlas", "amara@example.org", "correct horse battery")
    membership = Membership.objects.get(user__email="amara@example.org")
    assert membership.role == "owner"
    assert membership.organisation.name == "Cell atlas"
    assert f"/o/{membership.organisation.slug}/" in said
    assert User.objects.get(email="amara@example.org").check_password("correct horse battery")


def test_a_person_who_has_an_account_keeps_the_password(monkeypatch):
    person = factories.UserFactory(email="Amara@example.org")
    person.set_password("the old password")
    person.save()
    create(monkeypatch, "Second", "amara@example.org")
    person.refresh_from_db()
    assert person.check_password("the old password")
    assert Membership.objects.filter(user=person, role="owner").count() == 1


@pytest.mark.parametrize(
    ("owner", "password"), [("no address", "correct horse battery"), ("a@example.org", "12345")]
)
def test_a_bad_address_or_a_weak_password_creates_nothing(monkeypatch, owner, password):
    with pytest.raises(CommandError):
        create(monkeypatch, "Cell atlas", owner, password)
    assert not Organisation.objects.exists()
    assert not User.objects.exists()


def test_the_name_of_another_organisation_is_refused_with_a_sentence(monkeypatch):
    create(monkeypatch, "Cell atlas", "amara@example.org", "correct horse battery")
    with pytest.raises(CommandError, match="choose another name"):
        create(monkeypatch, "Cell  atlas", "ben@example.org", "correct horse battery")
    assert User.objects.count() == 1
