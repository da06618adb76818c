"""The person's own page: name, time zone, theme, password."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    user = UserFactory(name="Amara Okafor")
    client.force_login(user)
    return user


def test_name_and_time_zone_are_stored_and_nothing_else(client, person):
    email = person.email
    posted = {"name": "Amara O.", "timezone": "Europe/Berlin", "email": "evil@example.org", "is_active": ""}
    assert client.post("/account/", posted).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.timezone, person.email, person.is_active) == (
        "Amara O.",
        "Europe/Berlin",
        email,
        True,
    )


@pytest.mark.parametrize("posted", [{"name": "", "timezone": "UTC"}, {"name": "A", "timezone": "Mars/Base"}])
def test_a_missing_name_or_unknown_zone_is_refused(client, person, posted):
    assert client.post("/account/", posted).status_code == 422
    person.refresh_from_db()
    assert person.name == "Amara Okafor"


def test_a_new_password_needs_the_old_one(client, person):
    new = {"new_password1": "tall green giraffe", "new_password2": "tall green giraffe"}
    assert client.post(reverse("accounts:password"), {"old_password": "wrong"} | new).status_code == 422
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert client.post(reverse("accounts:password"), {"old_password": PASSWORD} | new).status_code == 302
    person.refresh_from_db()
    assert person.check_password("tall green giraffe")


def test_a_new_password_ends_other_sessions_and_keeps_this_one(client, person, client_of):
    elsewhere = client_of(person)
    new = {
        "old_password": PASSWORD,
        "new_password1": "tall green giraffe",
        "new_password2": "tall green giraffe",
    }
    client.post(reverse("accounts:password"), new)
    assert client.get("/account/").status_code == 200
    assert SESSION_KEY in client.session
    assert elsewhere.get("/account/").status_code == 302


def test_the_theme_is_stored_and_painted_by_the_server(client, person):
    assert client.post("/account/theme/", {"theme": "dark"}).status_code == 204
    page = client.get("/account/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-bs-theme="dark"' in page
    assert client.post("/account/theme/", {"theme": "pink"}).status_code == 400
