"""A forgotten password."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
URL = "/password-reset/"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def link_in(message) -> str:
    return re.search(r"http://testserver(\S+)", message.body).group(1)


def test_a_link_by_email_sets_a_new_password_once(client, mailoutbox):
    user = UserFactory(email="amara@example.org")
    assert client.post(URL, {"email": "AMARA@example.org"})["Location"] == reverse(
        "accounts:password_reset_sent"
    )
    assert mailoutbox[0].to == ["amara@example.org"]
    link = link_in(mailoutbox[0])
    form_url = client.get(link)["Location"]
    passwords = {"new_password1": "a much better one", "new_password2": "a much better one"}
    assert client.post(form_url, passwords)["Location"] == reverse("accounts:password_reset_done")
    user.refresh_from_db()
    assert user.check_password("a much better one")
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_a_weak_password_is_refused_with_the_reason(client, mailoutbox):
    user = UserFactory()
    client.post(URL, {"email": user.email})
    form_url = client.get(link_in(mailoutbox[0]))["Location"]
    response = client.post(form_url, {"new_password1": "1234567", "new_password2": "1234567"})
    assert "too short" in response.content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_email(client, mailoutbox):
    known = client.post(URL, {"email": UserFactory().email})
    unknown = client.post(URL, {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mailoutbox) == 1


def test_an_inbox_cannot_be_flooded(client, mailoutbox):
    user = UserFactory()
    for _ in range(8):
        assert client.post(URL, {"email": user.email}).status_code == 302
    assert len(mailoutbox) == 5
