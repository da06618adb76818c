"""Who may open what: every address of the labels room x role x method, as one table.

The tasks behind the addresses are a free one (Queued) and one In review that somebody else submitted.
"""

import uuid

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from labels.models import ImportReport
from projects.models import TaskState
from tests.factories import UserFactory
from tests.projects.world import EVERYBODY, OUTSIDE, PROJECT_ROLES

pytestmark = pytest.mark.django_db
ALL = set(PROJECT_ROLES)
LEADS = {"admin", "manager"}
ADMIN = {"admin"}
ANNOTATE = LEADS | {"annotator", "both"}
REVIEW = LEADS | {"reviewer", "both"}
# Address -> (what stands behind it, who may GET, who may POST); None: the method does not exist there.
INSIDE = {
    "summary": ("project", ALL, None),
    "start": ("project", ANNOTATE, ANNOTATE),
    "queue": ("project", ALL, None),
    "activity": ("project", ALL, None),
    "data": ("project", LEADS, None),
    "move_tasks": ("project", None, LEADS),
    "imports": ("project", ADMIN, ADMIN),
    "import_report": ("import", ADMIN, ADMIN),
    "discard_import": ("import", None, ADMIN),
    "initiate": ("free", None, ANNOTATE),
    "annotate": ("free", ANNOTATE, None),
    "document": ("free", LEADS, None),
    "save": ("free", None, ANNOTATE),
    "submit": ("free", None, ANNOTATE),
    "skip": ("free", None, ANNOTATE),
    "view": ("in review", REVIEW, None),
    "correct": ("in review", LEADS, None),
    "save_correction": ("in review", None, LEADS),
    "history": ("in review", LEADS, None),
    "approve": ("in review", None, REVIEW),
}
OTHERS = {"editor_settings"}
# Tasks In review of others are absent for who does not review.
HIDDEN = {"in review": {"annotator"}}
JSON = {"document", "save", "save_correction", "submit", "skip", "approve"}


@pytest.fixture
def addresses(world):
    report = ImportReport.objects.create(
        project=world.project, file_name="gold.json", file_key="imports/none"
    )
    in_review = world.task(TaskState.IN_REVIEW, submitted_by=UserFactory())
    world.labelled(in_review)
    free = world.task()
    behind = {
        "project": [world.project.uuid],
        "import": [world.project.uuid, report.uuid],
        "free": [free.uuid],
        "in review": [in_review.uuid],
    }
    return {
        name: reverse(f"labels:{name}", args=[world.organisation.slug, *behind[what]])
        for name, (what, *_) in INSIDE.items()
    }


def test_every_address_of_the_room_is_in_the_table():
    room = next(found for name, (_, found) in get_resolver().namespace_dict.items() if name == "labels")
    assert {name for name in room.reverse_dict if isinstance(name, str)} == set(INSIDE) | OTHERS


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_address_answers_the_role_as_the_table_says(world, addresses, role):
    client = world.client(role)
    for name, (what, *allowed) in INSIDE.items():
        for method, roles in zip(("get", "post"), allowed, strict=True):
            with transaction.atomic():
                form = {"action": "release"} if name == "move_tasks" else {}
                status = getattr(client, method)(addresses[name], form).status_code
                transaction.set_rollback(True)
            assert status in expected(name, what, roles, role), (name, method, status)


def expected(name, what, roles, role):
    if role == "anonymous":
        return {401, 405} if name in JSON else {302}
    if roles is None:
        return {405}
    if role in OUTSIDE or role in HIDDEN.get(what, ()):
        return {404}
    if role not in roles:
        return {403}
    return {200, 302, 409, 422}


@pytest.mark.parametrize("role", ["tenant", "owner", "member"])
def test_what_is_invisible_looks_exactly_like_what_is_absent(world, addresses, role):
    client = world.client(role)
    for name, (_, get, _) in INSIDE.items():
        url = addresses[name]
        place, identifier, end = url.rsplit("/", 3)[0], *url.rsplit("/", 3)[1:3]
        absent_url = (
            f"{place}/{uuid.uuid4()}/{end}/"
            if len(identifier) == 36
            else url.replace(str(world.project.uuid), str(uuid.uuid4()))
        )
        send = client.get if get else client.post
        absent, invisible = send(absent_url), send(url)
        assert (invisible.status_code, invisible.content) == (404, absent.content), name


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        ("assign", LEADS),
        ("release", LEADS),
        ("reopen", LEADS),
        ("approve", REVIEW),
        ("submit", set()),
        ("", set()),
    ],
)
def test_each_action_on_selected_tasks_needs_its_own_permission(world, addresses, action, roles):
    for role in PROJECT_ROLES:
        form = {"action": action, "assignee": world.people["annotator"].uuid}
        status = world.client(role).post(addresses["move_tasks"], form).status_code
        assert status == (302 if role in roles else 403), role
