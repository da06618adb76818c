"""Nobody gives themselves, or others, more than the tables allow by posting what a form does not show."""

import pytest

from accounts.models import Invitation, Membership, OrganisationRole, User
from projects.models import Role
from projects.permissions import role_in
from tests.security.asking import address
from tests.security.table import ROWS

pytestmark = pytest.mark.django_db
BY_KEY = {row.key: row for row in ROWS}
GREEDY = {
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "on",
    "may_create": "on",
    "role": "owner",
    "organisation_role": "owner",
    "groups": "1",
    "user_permissions": "1",
    "password": "pbkdf2_sha256$1$a$b",
}


def post(houses, clients, who, key, body):
    row = BY_KEY[key]
    return clients[who].post(address(row, houses[0]), body)


def standing(house):
    """Every role in the organisation and its projects, and what marks a user as special."""
    users = User.objects.filter(memberships__organisation=house.organisation).order_by("pk")
    return (
        sorted(
            Membership.objects.filter(organisation=house.organisation).values_list(
                "user", "role", "may_create"
            )
        ),
        [(user.pk, role_in(house.qa, user), role_in(house.world.project, user)) for user in users],
        list(users.values_list("pk", "is_active", "password")),
        [getattr(user, "is_superuser", False) for user in users],
    )


@pytest.mark.parametrize("who", ["member", "trainee", "qa_annotator", "creator"])
@pytest.mark.parametrize("key", ["accounts:account", "accounts:theme", "labels:editor_settings"])
def test_ones_own_forms_take_only_their_own_fields(houses, clients, who, key):
    before = standing(houses[0])
    person = houses[0].people[who]
    body = GREEDY | {"name": person.name, "timezone": "UTC", "theme": "dark", "email": "owner@example.org"}
    post(houses, clients, who, key, body)
    assert standing(houses[0]) == before
    assert User.objects.get(pk=person.pk).email == person.email


@pytest.mark.parametrize(
    ("who", "key", "body"),
    [
        # A team manager gives any role but admin; in a training project, annotator only, and changes nobody.
        ("qa_manager", "projects:team_change", {"role": Role.ADMIN, "confirmed": "on"}),
        ("t_manager", "projects:team_change (training)", {"role": Role.TEAM_MANAGER}),
        # Nobody is an owner, or anything that does not exist.
        ("qa_admin", "projects:team_change", {"role": "owner", "confirmed": "on"}),
        ("t_admin", "projects:team_change (training)", {"role": Role.REVIEWER}),
        # Admins of an organisation make no admins and touch no owners.
        ("org_admin", "accounts:member", {"role": OrganisationRole.ADMIN}),
        ("org_admin", "accounts:member", {"role": OrganisationRole.OWNER}),
        ("org_admin", "accounts:may_create", {"role": OrganisationRole.OWNER}),
        ("org_admin", "accounts:settings", {"name": "Mine"}),
    ],
)
def test_what_the_tables_forbid_is_refused_whatever_is_posted(houses, clients, who, key, body):
    before = standing(houses[0])
    post(houses, clients, who, key, body)
    assert standing(houses[0]) == before


@pytest.mark.parametrize(
    ("who", "key", "role"),
    [
        ("qa_manager", "projects:team_add", Role.ADMIN),
        ("t_manager", "projects:team_add (training)", Role.ADMIN),
        ("t_manager", "projects:team_add (training)", Role.TEAM_MANAGER),
        ("t_admin", "projects:team_add (training)", Role.REVIEWER),
    ],
)
def test_people_are_not_added_above_what_one_may_give(houses, clients, who, key, role):
    before = standing(houses[0])
    post(houses, clients, who, key, {"people": houses[0].things["member"], "role": role, "confirmed": "on"})
    assert standing(houses[0]) == before


@pytest.mark.parametrize(
    ("who", "key", "role"),
    [
        ("qa_manager", "projects:team_invite", Role.ADMIN),
        ("t_manager", "projects:team_invite (training)", Role.TEAM_MANAGER),
        ("org_admin", "accounts:invite", OrganisationRole.OWNER),
        ("org_admin", "accounts:invite", OrganisationRole.ADMIN),
    ],
)
def test_nobody_is_invited_above_what_one_may_give(houses, clients, who, key, role):
    before = Invitation.objects.count()
    post(houses, clients, who, key, {"emails": "new@example.org", "role": role})
    assert Invitation.objects.count() == before


def test_an_invitation_is_for_its_address_only(houses, clients):
    before = standing(houses[0])
    post(
        houses,
        clients,
        "outsider",
        "accounts:invitation",
        {"name": "Somebody", "password": "long enough 123"},
    )
    post(
        houses,
        clients,
        "ex_member",
        "accounts:invitation",
        {"name": "Somebody", "password": "long enough 123"},
    )
    assert standing(houses[0]) == before


def test_the_promotions_above_do_work_for_those_who_may(houses, clients):
    """Without this, a form that refuses everything would pass."""
    member = houses[0].people["member"]
    post(houses, clients, "owner", "accounts:member", {"role": OrganisationRole.ADMIN})
    assert (
        Membership.objects.get(organisation=houses[0].organisation, user=member).role
        == OrganisationRole.ADMIN
    )
    post(
        houses, clients, "qa_admin", "projects:team_add", {"people": str(member.uuid), "role": Role.REVIEWER}
    )
    assert role_in(houses[0].qa, member) == Role.REVIEWER
    post(
        houses,
        clients,
        "qa_admin",
        "projects:team_invite",
        {"emails": "new@example.org", "role": Role.ANNOTATOR},
    )
    assert Invitation.objects.filter(email="new@example.org").exists()
