"""Who may open what: every address of this room x role x method, as one table."""

import uuid

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.permissions import MATRIX, OrganisationPermission, organisation_permissions
from tests.factories import GroupFactory, InvitationFactory, JobFactory, MembershipFactory, TagFactory

# Address -> (roles that may GET, roles that may POST); None: the method does not exist there.
LEADS = {"owner", "admin"}
OWNER = {"owner"}
INSIDE = {
    "members": (LEADS, None),
    "member": (LEADS, LEADS),
    "may_create": (None, LEADS),
    "remove_member": (None, LEADS),
    "groups": (LEADS, None),
    "new_group": (LEADS, LEADS),
    "group": (LEADS, LEADS),
    "add_to_group": (None, LEADS),
    "remove_from_group": (None, LEADS),
    "delete_group": (None, LEADS),
    "invitations": (LEADS, None),
    "invite": (LEADS, LEADS),
    "renew_invitation": (None, LEADS),
    "revoke_invitation": (None, LEADS),
    "settings": (LEADS, OWNER),
    "tags": (LEADS, LEADS),
    "tag": (LEADS, LEADS),
    "delete_tag": (None, LEADS),
    "audit": (LEADS, None),
}
# Addresses outside an organisation: open to everybody, or to anybody who is logged in.
OPEN = {
    "login",
    "logout",
    "session",
    "invitation",
    "password_reset",
    "password_reset_sent",
    "password_reset_confirm",
    "password_reset_done",
    "gallery",
}
LOGGED_IN = {"home", "account", "password", "theme"}
ROLES = ("owner", "admin", "member", "outsider", "stranger", "anonymous")


def names_of_this_room() -> set[str]:
    room = next(found for name, (_, found) in get_resolver().namespace_dict.items() if name == "accounts")
    return {name for name in room.reverse_dict if isinstance(name, str)}


def addresses(organisation) -> dict[str, str]:
    """Every address inside `organisation`, with rows of its own behind the identifiers."""
    group = GroupFactory(organisation=organisation)
    tag = TagFactory(organisation=organisation)
    invitation = InvitationFactory(organisation=organisation)
    member = MembershipFactory(organisation=organisation).user
    behind = {"member": member, "may_create": member, "remove_member": member}
    behind |= dict.fromkeys(("group", "add_to_group", "remove_from_group", "delete_group"), group)
    behind |= dict.fromkeys(("renew_invitation", "revoke_invitation"), invitation)
    behind |= dict.fromkeys(("tag", "delete_tag"), tag)
    return {
        name: reverse(
            f"accounts:{name}", args=[organisation.slug, *([behind[name].uuid] if name in behind else [])]
        )
        for name in INSIDE
    }


def test_every_address_of_the_room_is_in_the_table():
    assert names_of_this_room() == set(INSIDE) | OPEN | LOGGED_IN


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", INSIDE)
def test_an_address_answers_each_role_as_the_table_says(lab, client_of, name, role):
    url = addresses(lab.organisation)[name]
    for method, allowed in zip(("get", "post"), INSIDE[name], strict=True):
        client = client_of(getattr(lab, role)) if role != "anonymous" else Client()
        status = getattr(client, method)(url).status_code
        if role == "anonymous":
            assert status == 302, (method, status)  # to the log-in page, whatever is behind the address
        elif allowed is None:
            assert status == 405, (method, status)
        elif role in ("outsider", "stranger"):
            assert status == 404, (method, status)
        elif role in allowed:
            assert status in (200, 302, 409, 422), (method, status)
        else:
            assert status == 403, (method, status)


def test_things_of_another_organisation_look_exactly_like_absent_ones(
    lab, client_of, django_assert_num_queries
):
    """An owner here, asking for foreign rows under their own organisation's address and under the foreign one."""
    client = client_of(lab.owner)
    foreign_organisation = lab.outsider.memberships.get().organisation
    foreign = {
        "group": GroupFactory(organisation=foreign_organisation).uuid,
        "tag": TagFactory(organisation=foreign_organisation).uuid,
        "member": lab.outsider.uuid,
    }
    for name, identifier in foreign.items():
        absent = client.get(reverse(f"accounts:{name}", args=["meridian", uuid.uuid4()]))
        for slug in ("meridian", foreign_organisation.slug, "no-such-organisation"):
            answer = client.get(reverse(f"accounts:{name}", args=[slug, identifier]))
            assert (answer.status_code, answer.content) == (404, absent.content), (name, slug)


@pytest.mark.parametrize("name", sorted(LOGGED_IN))
def test_personal_addresses_ask_to_log_in(db, name):
    response = Client().get(reverse(f"accounts:{name}"))
    assert response["Location"].startswith(reverse("accounts:login"))


def test_an_ended_membership_opens_nothing(lab, client_of):
    gone = MembershipFactory(organisation=lab.organisation, owner=True, ended=True).user
    assert client_of(gone).get(reverse("accounts:members", args=["meridian"])).status_code == 404


def test_every_permission_has_a_row_and_the_flag_grants_only_creating(db):
    assert set(MATRIX) == set(OrganisationPermission)
    plain = organisation_permissions(MembershipFactory())
    flagged = organisation_permissions(MembershipFactory(may_create=True))
    assert plain == {OrganisationPermission.SEE}
    assert flagged - plain == {OrganisationPermission.CREATE}


def test_a_person_in_two_organisations_switches_between_them(lab, client_of):
    second = MembershipFactory(user=lab.member, admin=True, organisation__name="Nordic Laboratory")
    client = client_of(lab.member)
    page = client.get(reverse("accounts:members", args=[second.organisation.slug])).content.decode()
    assert 'href="/o/meridian/projects/"' in page
    assert f'href="/o/{second.organisation.slug}/projects/"' in page
    # Admin there is not admin here.
    assert client.get(reverse("accounts:members", args=["meridian"])).status_code == 403


def test_the_side_bar_shows_only_what_one_may_open(lab, client_of):
    creator = MembershipFactory(may_create=True, organisation=lab.organisation).user
    expected = {
        lab.admin: {
            "projects/",
            "ontologies/",
            "datasets/",
            "files/",
            "people/",
            "jobs/",
            "audit/",
            "settings/",
        },
        creator: {"projects/", "ontologies/", "datasets/", "files/", "jobs/"},
        lab.member: {"projects/"},
    }
    for person, paths in expected.items():
        context = client_of(person).get("/_gallery/").context
        shown = {item["url"] for item in [*context["shell_rooms"], *context["shell_organisation"]]}
        assert shown == {f"/o/meridian/{path}" for path in paths}, person
        assert context["shell_has_sidebar"] == (len(paths) > 1)


def test_the_side_bar_counts_the_jobs_that_are_not_done(lab, client_of):
    JobFactory(organisation=lab.organisation, running=True)
    JobFactory(organisation=lab.organisation)
    JobFactory(organisation=lab.organisation, done=True)
    JobFactory(running=True)
    page = client_of(lab.admin).get(reverse("accounts:groups", args=["meridian"])).content.decode()
    assert '<span class="nav-count">2<span' in page
