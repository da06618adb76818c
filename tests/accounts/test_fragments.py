"""HTMX: a fragment is the same region as on the full page; redirects, sessions and messages reach scripts."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Group
from tests.factories import GroupFactory, InvitationFactory, TagFactory

HTMX = {"HX-Request": "true"}
LISTS = {
    "members": "member-list",
    "groups": "group-list",
    "invitations": "invitation-list",
    "tags": "tag-list",
    "audit": "audit-list",
}


def plain(html: str) -> str:
    """Without the masked CSRF tokens, which differ in every answer."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html).strip()


@pytest.mark.parametrize("query", ["", "?q=co", "?sort=-name&page=1", "?q=nothing-like-this"])
@pytest.mark.parametrize("name", LISTS)
def test_a_fragment_equals_the_region_of_the_full_page(lab, client_of, name, query):
    GroupFactory(organisation=lab.organisation)
    TagFactory(organisation=lab.organisation)
    InvitationFactory(organisation=lab.organisation)
    client = client_of(lab.owner)
    url = reverse(f"accounts:{name}", args=["meridian"]) + query
    page, fragment = client.get(url), client.get(url, headers=HTMX)
    assert "<html" not in fragment.content.decode()
    assert f'id="{LISTS[name]}"' in fragment.content.decode()
    assert plain(fragment.content.decode()) in plain(page.content.decode())


def test_pages_vary_by_who_asks(lab, client_of):
    response = client_of(lab.owner).get(reverse("accounts:groups", args=["meridian"]))
    assert "HX-Request" in response["Vary"]


def test_a_redirect_becomes_one_of_the_whole_page(lab, client_of):
    response = client_of(lab.owner).post(
        reverse("accounts:new_group", args=["meridian"]), {"name": "Cohort 8"}, headers=HTMX
    )
    assert response.status_code == 200
    assert response["HX-Redirect"] == reverse("accounts:group", args=["meridian", Group.objects.get().uuid])


def test_an_ended_session_is_said_to_htmx_without_leaving_the_page(lab, client):
    response = client.post(reverse("accounts:new_group", args=["meridian"]), {"name": "x"}, headers=HTMX)
    assert response.status_code == 401
    assert "HX-Redirect" not in response


def test_an_ended_session_is_said_to_scripts_in_json(lab, client):
    response = client.post(
        reverse("accounts:new_group", args=["meridian"]),
        {"name": "x"},
        headers={"Accept": "application/json"},
    )
    assert response.status_code == 401
    assert response.json() == {"error": "login", "login_url": "/login/"}


def test_messages_of_a_fragment_become_toasts_once(lab, client_of):
    client = client_of(lab.owner)
    url = reverse("accounts:may_create", args=["meridian", lab.member.uuid])
    response = client.post(url, {"may_create": "on"}, headers=HTMX)
    (toast,) = json.loads(response["HX-Trigger"])["toasts"]["items"]
    assert toast == {
        "text": "Amara Okafor may now create projects, datasets and ontologies.",
        "level": "success",
    }
    assert "may now create" not in client.get(reverse("accounts:members", args=["meridian"])).content.decode()


def test_messages_survive_a_redirect_and_are_shown_on_the_next_page(lab, client_of):
    client = client_of(lab.owner)
    client.post(reverse("accounts:new_group", args=["meridian"]), {"name": "Cohort 8"}, headers=HTMX)
    page = client.get(reverse("accounts:groups", args=["meridian"])).content.decode()
    assert "Cohort 8 was made." in page


@pytest.mark.parametrize("headers", [HTMX, {"Accept": "application/json"}])
def test_an_expired_session_is_401_even_where_its_token_fails_first(lab, headers):
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("accounts:new_group", args=["meridian"]), {"name": "x"}, headers=headers)
    assert response.status_code == 401
    assert response.json() == {"error": "login", "login_url": "/login/"}


@pytest.mark.parametrize("headers", [HTMX, {"Accept": "application/json"}])
def test_a_stale_token_of_somebody_logged_in_is_403(lab, headers):
    client = Client(enforce_csrf_checks=True)
    client.force_login(lab.owner)
    response = client.post(reverse("accounts:new_group", args=["meridian"]), {"name": "x"}, headers=headers)
    assert response.status_code == 403
    assert response.json()["error"] == "csrf"


def test_a_stale_form_gets_a_page_that_says_what_to_do(lab):
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "reload the page" in response.content.decode()
