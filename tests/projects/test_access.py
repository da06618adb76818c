"""Who may open what: every address of the projects room x role x method, as one table."""

import uuid

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from projects.models import Instructions
from tests.factories import DatasetFactory, GroupFactory, UserFactory
from tests.projects.world import EVERYBODY, OUTSIDE, PROJECT_ROLES

pytestmark = pytest.mark.django_db
ALL = set(PROJECT_ROLES)
LEADS = {"admin", "manager"}
ADMIN = {"admin"}
# Address -> (who may GET, who may POST); None: the method does not exist there.
INSIDE = {
    "instructions": (ALL, None),
    "instructions_pdf": (ALL, None),
    "team": (LEADS, None),
    "team_add": (None, LEADS),
    "team_invite": (None, LEADS),
    "team_leave": (None, ALL),
    "team_add_group": (None, LEADS),
    "team_remove_group": (None, LEADS),
    "team_change": (None, LEADS),
    "team_remove": (None, LEADS),
    "settings": (ADMIN, ADMIN),
    "settings_instructions": (ADMIN, ADMIN),
    "settings_ontology": (ADMIN, None),
    "settings_datasets": (ADMIN, None),
    "settings_attach": (None, ADMIN),
    "settings_detach": (None, ADMIN),
    "settings_danger": (ADMIN, ADMIN),
}
# Of the organisation, not of one project; checked below by hand.
OTHERS = {"manual_qa", "new_manual_qa", "join"}


def address(world, name):
    behind = {
        "team_remove_group": GroupFactory(organisation=world.organisation).uuid,
        "team_change": world.people["annotator"].uuid,
        "team_remove": world.people["annotator"].uuid,
        "settings_detach": world.dataset.uuid,
    }
    rest = [behind[name]] if name in behind else []
    return reverse(f"projects:{name}", args=[world.organisation.slug, world.project.uuid, *rest])


def test_every_address_of_the_room_is_in_the_table():
    room = next(found for name, (_, found) in get_resolver().namespace_dict.items() if name == "projects")
    assert {name for name in room.reverse_dict if isinstance(name, str)} == set(INSIDE) | OTHERS


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_address_answers_the_role_as_the_table_says(world, role):
    pdf = DatasetFactory(files=1).files.get().original_key
    Instructions.objects.create(project=world.project, pdf_key=pdf)
    client = world.client(role)
    for name, allowed in INSIDE.items():
        url = address(world, name)
        for method, roles in zip(("get", "post"), allowed, strict=True):
            with transaction.atomic():
                status = getattr(client, method)(url).status_code
                transaction.set_rollback(True)  # somebody who left the project asks on
            assert status in expected(name, roles, role), (name, method, status)


def expected(name, roles, role):
    if role == "anonymous":
        return {302}  # to the log-in page, whatever is behind the address
    if roles is None:
        return {405}
    if role in OUTSIDE:
        return {404}
    if role not in roles:
        return {403}
    return {404} if name == "settings_attach" else {200, 302, 422}  # an empty form names no dataset


@pytest.mark.parametrize("role", ["tenant", "owner", "member"])
def test_an_invisible_project_looks_exactly_like_an_absent_one(world, role):
    client = world.client(role)
    for name, (get, _) in INSIDE.items():
        if get:
            url = address(world, name)
            absent = client.get(url.replace(str(world.project.uuid), str(uuid.uuid4())))
            foreign = client.get(url)
            assert (foreign.status_code, foreign.content) == (404, absent.content), name


def test_a_project_of_another_organisation_is_not_found_under_ones_own_address(world):
    owner_elsewhere = world.people["tenant"]
    own = owner_elsewhere.memberships.get().organisation
    url = reverse("projects:team", args=[own.slug, world.project.uuid])
    assert world.client("tenant").get(url).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 302), ("member", 403), ("annotator", 403), ("tenant", 404), ("anonymous", 302)],
)
def test_only_owners_and_admins_of_the_organisation_join(world, role, status):
    before = world.project.roles.count()
    url = reverse("projects:join", args=[world.organisation.slug, world.project.uuid])
    assert world.client(role).post(url).status_code == status
    assert world.project.roles.count() == before + (role == "owner")
    assert world.client(role).get(url).status_code in (405, 302)


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("member", 403), ("admin", 403), ("tenant", 404), ("anonymous", 302)]
)
def test_a_new_project_needs_the_right_to_create(world, role, status):
    url = reverse("projects:new_manual_qa", args=[world.organisation.slug])
    assert world.client(role).get(url).status_code == status


@pytest.mark.parametrize("role", [role for role in EVERYBODY if role not in ("tenant", "anonymous")])
def test_everybody_in_the_organisation_has_a_list_with_their_own_projects(world, role):
    page = world.client(role).get(reverse("projects:manual_qa", args=[world.organisation.slug]))
    assert page.status_code == 200
    assert bool(page.context["rows"]) == (role in PROJECT_ROLES)


def test_things_of_other_organisations_cannot_be_named_in_forms(world):
    client, place = world.client("admin"), [world.organisation.slug, world.project.uuid]
    foreign_dataset, foreign_group = DatasetFactory(files=1), GroupFactory()
    stranger = UserFactory()
    assert (
        client.post(
            reverse("projects:settings_attach", args=place), {"dataset": foreign_dataset.uuid}
        ).status_code
        == 404
    )
    detach = reverse("projects:settings_detach", args=[*place, foreign_dataset.uuid])
    assert client.post(detach).status_code == 404
    client.post(
        reverse("projects:team_add_group", args=place), {"group": foreign_group.uuid, "role": "annotator"}
    )
    client.post(reverse("projects:team_add", args=place), {"people": [stranger.uuid], "role": "annotator"})
    change = reverse("projects:team_change", args=[*place, stranger.uuid])
    assert client.post(change, {"role": "admin", "confirmed": "on"}).status_code == 404
    assert world.project.roles.count() == len(PROJECT_ROLES)
    assert list(world.project.datasets.all()) == [world.dataset]


@pytest.mark.parametrize(
    ("role", "wanted", "given"),
    [
        ("manager", "reviewer", True),
        ("manager", "admin", False),
        ("manager", "team_manager", True),
        ("admin", "admin", True),
        ("admin", "owner", False),
        ("admin", "", False),
    ],
)
def test_the_role_field_is_checked_on_the_server(world, role, wanted, given):
    url = reverse("projects:team_add", args=[world.organisation.slug, world.project.uuid])
    newcomer = world.people["member"]
    world.client(role).post(url, {"people": [newcomer.uuid], "role": wanted})
    assert world.project.roles.filter(user=newcomer, role=wanted).exists() == given
