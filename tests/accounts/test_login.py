"""Logging in and out."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

from tests.factories import PASSWORD, MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


def log_in(client, email, password=PASSWORD, **extra):
    return client.post(reverse("accounts:login"), {"username": email, "password": password, **extra})


def test_a_person_logs_in_by_email_however_it_is_typed(client):
    user = UserFactory(email="Amara.Okafor@example.org")
    response = log_in(client, " amara.okafor@EXAMPLE.org ")
    assert response.status_code == 302
    assert client.session[SESSION_KEY] == str(user.pk)


def test_logging_in_leads_to_the_projects_of_the_organisation_joined_first(client):
    first = MembershipFactory(organisation__slug="first-lab")
    MembershipFactory(user=first.user)
    response = client.post(
        reverse("accounts:login"), {"username": first.user.email, "password": PASSWORD}, follow=True
    )
    assert "/o/first-lab/projects/" in [url for url, _ in response.redirect_chain]


def test_logging_in_changes_the_session_key(client):
    user = UserFactory()
    client.get(reverse("accounts:login"))
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    log_in(client, user.email)
    assert client.session.session_key != before


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_logging_in_never_leads_to_another_site(client, target):
    response = log_in(client, UserFactory().email, next=target)
    assert response["Location"] == "/"


def test_logging_in_leads_back_to_the_page_that_asked_for_it(client):
    organisation = OrganisationFactory()
    url = reverse("accounts:members", args=[organisation.slug])
    asked = client.get(url)
    assert asked["Location"] == f"{reverse('accounts:login')}?next={url}"
    user = MembershipFactory(organisation=organisation, admin=True).user
    assert log_in(client, user.email, next=url)["Location"] == url


def test_a_wrong_password_is_refused_and_keeps_the_email(client):
    user = UserFactory()
    response = log_in(client, user.email, "wrong password")
    assert response.status_code == 422
    page = response.content.decode()
    assert "do not match an account" in page
    assert f'value="{user.email}"' in page
    assert "wrong password" not in page


def test_an_unknown_email_is_refused_with_the_same_words(client):
    known, unknown = (log_in(client, email, "wrong") for email in (UserFactory().email, "nobody@example.org"))
    assert known.status_code == unknown.status_code == 422
    assert known.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_a_switched_off_account_cannot_log_in(client):
    response = log_in(client, UserFactory(is_active=False).email)
    assert response.status_code == 422
    assert SESSION_KEY not in client.session


def test_ten_wrong_passwords_lock_the_account_for_this_address_with_a_clear_message(client):
    user = UserFactory(email="amara@example.org")
    for attempt in range(10):
        # Changing the case does not buy more attempts.
        email = user.email.upper() if attempt % 2 else user.email
        response = log_in(client, email, "wrong")
    assert response.status_code == 429
    response = log_in(client, user.email)
    assert response.status_code == 429
    page = response.content.decode()
    assert "Too many wrong passwords" in page
    assert "reset your password" in page.lower()
    assert SESSION_KEY not in client.session


def test_a_locked_account_does_not_lock_others(client):
    locked, other = UserFactory.create_batch(2)
    for _ in range(10):
        log_in(client, locked.email, "wrong")
    assert log_in(client, other.email).status_code == 302


def test_logging_out_needs_a_post(client):
    client.force_login(UserFactory())
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert SESSION_KEY in client.session
    assert client.post(reverse("accounts:logout"))["Location"] == reverse("accounts:login")
    assert SESSION_KEY not in client.session
    # Once more from an old page: no log-in page that would lead back to logging out.
    assert client.post(reverse("accounts:logout"))["Location"] == reverse("accounts:login")


def test_there_is_no_way_to_sign_up(client):
    for path in ("/signup/", "/register/", "/accounts/signup/"):
        assert client.get(path).status_code == 404


def test_a_person_without_an_organisation_is_told_what_to_do(client):
    client.force_login(UserFactory())
    response = client.get("/")
    assert response.status_code == 200
    assert "Ask an admin to invite you" in response.content.decode()


def test_scripts_can_ask_who_is_logged_in(client):
    assert client.get("/session/").json()["person"] is None
    user = UserFactory()
    client.force_login(user)
    answer = client.get("/session/")
    assert answer.json()["person"] == str(user.uuid)
    assert answer.json()["csrf"]
    assert "no-store" in answer["Cache-Control"]
