"""Every address x method x person, against the table; an address without a row fails the build."""

import re
from collections.abc import Iterator
from copy import copy
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.security.house import House, build_house
from tests.security.table import ANONYMOUS, ROWS, Door, Row

# What stands for a parameter of an address unless its row says otherwise: the name of a thing of the house.
DEFAULT_IDS = {
    "org_slug": "organisation",
    "group_uuid": "group",
    "group_id": "group",
    "invitation_uuid": "invitation",
    "user_uuid": "member",
    "user_id": "member",
    "tag_uuid": "tag",
    "job_id": "job",
    "ontology_id": "ontology",
    "dataset_id": "dataset",
    "file_id": "file",
    "folder_id": "folder",
    "report_id": "report",
    "draft_id": "draft",
    "token": "token",
}
# Parameters that name no row of the database.
PLAIN = {"name": "details", "number": 1, "uidb64": "MQ"}
pytestmark = pytest.mark.django_db  # each test in a savepoint of the module's transaction
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\b(?!.*\bdjango_session\b)", re.I)
BY_KEY = {row.key: row for row in ROWS}


def addresses() -> dict[str, str]:
    """Every address of the product: name -> route."""
    return dict(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list, prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield f"{namespace}{pattern.name}", route


def parameters_of(name: str) -> list[str]:
    """Names of the parameters in an address."""
    return re.findall(r"<(?:\w+:)?(\w+)>", addresses()[name])


@pytest.fixture(scope="module")
def houses(django_db_setup, django_db_blocker) -> Iterator[tuple[House, House]]:
    """Two houses alike, built once for all cells; everything is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        ours, theirs = build_house(), build_house()
        ours.people |= {"outsider": theirs.people["chief"], "anonymous": None}
        yield ours, theirs
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(houses) -> dict[str, Client]:
    """One client for each person, logged in, its session warm."""
    made = {}
    for name, user in houses[0].people.items():
        made[name] = Client(raise_request_exception=False)
        if user is not None:
            made[name].force_login(user)
    return made


def ids_of(row: Row) -> dict[str, str]:
    """Parameter -> name of the thing that stands for it."""
    project = "training" if row.door is Door.TRAINING else "qa"
    known = DEFAULT_IDS | {"project_id": project} | dict(row.ids)
    return {each: known[each] for each in parameters_of(row.name) if each not in PLAIN}


def address(row: Row, house: House, **other: str) -> str:
    """The row's address for the things of a house, some of them replaced."""
    things = {parameter: house.things[thing] for parameter, thing in ids_of(row).items()}
    plain = {parameter: PLAIN[parameter] for parameter in parameters_of(row.name) if parameter in PLAIN}
    return reverse(row.name, kwargs=things | plain | other, query=dict(row.query))


def ask(client: Client, method: str, url: str, body: dict[str, str]):
    """One request, undone afterwards, so that the next person finds everything as it was."""
    savepoint, cookies = transaction.savepoint(), copy(client.cookies)
    try:
        response = client.generic(method, url) if method not in ("GET", "POST") else None
        if response is None:
            response = client.get(url) if method == "GET" else client.post(url, body)
        response.seen = response.getvalue() if response.streaming else response.content
        return response
    finally:
        transaction.savepoint_rollback(savepoint)
        client.cookies = cookies


def body_of(row: Row, house: House) -> dict[str, str]:
    return {key: house.things.get(value, value) for key, value in row.body.items()}


def outcome(response) -> str:
    """The class of an answer: what somebody learns from it about what they may do."""
    location = response.headers.get("Location", "")
    if response.status_code == 401 or (response.status_code == 302 and location.startswith("/login/?next=")):
        return "log in"
    # 503 is an answer of /healthz, which has neither Redis nor workers here.
    refused = response.status_code in (403, 404, 405)
    if refused or (response.status_code >= 500 and response.status_code != 503):
        return str(response.status_code)
    return "passes"


def expected(row: Row, method: str, who: str) -> str:
    """The class of answer that a person must get."""
    if row.door is not Door.EVERYBODY and who in ANONYMOUS:
        return "log in"
    if method not in row.methods:
        return "405"
    if who in row.methods[method]:
        return "passes"
    if who not in row.door.value or who in row.absent:
        return "404"
    return "403"


# ------------------------------------------------------------ the table is whole
def test_every_address_has_a_row():
    missing = sorted(set(addresses()) - {row.name for row in ROWS})
    assert not missing, f"add rows to tests/security/table.py for {missing}"


def test_every_row_has_an_address_and_is_there_once():
    gone = sorted({row.name for row in ROWS} - set(addresses()))
    assert not gone, f"remove the rows of {gone}"
    assert len(BY_KEY) == len(ROWS)


def test_every_parameter_of_an_address_stands_for_something():
    unknown = {
        parameter
        for row in ROWS
        for parameter in parameters_of(row.name)
        if parameter not in PLAIN
        and parameter not in row.ids
        and parameter not in {*DEFAULT_IDS, "project_id"}
    }
    assert not unknown


# ------------------------------------------------------------ the cells
@pytest.mark.parametrize("name", BY_KEY)
def test_who_may_ask(name, houses, clients):
    row, house = BY_KEY[name], houses[0]
    url, body = address(row, house), body_of(row, house)
    wrong = []
    for method in row.methods:
        for who, client in clients.items():
            found, wanted = outcome(ask(client, method, url, body)), expected(row, method, who)
            if found != wanted:
                wrong.append(f"{method} as {who}: {found} instead of {wanted}")
    assert not wrong, f"{url}\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", BY_KEY)
def test_other_methods_are_refused(name, houses, clients):
    row, house = BY_KEY[name], houses[0]
    url = address(row, house)
    for method in METHODS:
        if method not in row.methods and method not in row.also and not _in_another_row(row, method):
            assert outcome(ask(clients["chief"], method, url, {})) == "405", method
            assert outcome(ask(clients["anonymous"], method, url, {})) in ("405", "log in"), method


def _in_another_row(row: Row, method: str) -> bool:
    """The address takes the method for another kind of thing; rows of one kind only say what that kind is about."""
    return any(method in other.methods for other in ROWS if other.name == row.name)


@pytest.mark.parametrize("name", [row.key for row in ROWS if "GET" in row.methods])
def test_looking_changes_nothing(name, houses, clients):
    row = BY_KEY[name]
    url = address(row, houses[0])
    for who in sorted(row.methods["GET"] - ANONYMOUS) or ["chief"]:
        ask(clients[who], "GET", url, {})
        savepoint = transaction.savepoint()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = clients[who].get(url)
            if response.streaming:
                response.getvalue()
        transaction.savepoint_rollback(savepoint)
        written = [query["sql"] for query in queries if WRITE.match(query["sql"])]
        assert bool(written) == bool(row.writes_on_get), f"{who}: {written[:3]}"


# ------------------------------------------------------------ other tenants
def foreign_cells() -> list[tuple[str, str]]:
    """(address, parameter): every identifier of every address, replaced one at a time."""
    return [
        (row.key, parameter)
        for row in ROWS
        if row.door not in (Door.EVERYBODY, Door.PERSON)
        for parameter in ids_of(row)
    ]


@pytest.mark.parametrize(("name", "parameter"), foreign_cells())
def test_another_tenants_thing_is_as_absent_as_one_that_never_was(name, parameter, houses, clients):
    row, (ours, theirs) = BY_KEY[name], houses
    absent = "no-such-house" if parameter == "org_slug" else str(uuid4())
    foreign = theirs.things[ids_of(row)[parameter]]
    for method in row.methods:
        asker = clients[asker_of(row, method)]
        answers = {}
        for which, value in (("absent", absent), ("foreign", foreign)):
            url = address(row, ours, **{parameter: value})
            ask(asker, method, url, {})
            with CaptureQueriesContext(connection) as queries:
                response = ask(asker, method, url, body_of(row, ours))
            answers[which] = (response.status_code, response.seen, len(queries))
        assert answers["foreign"][0] == 404, f"{method}: {answers['foreign'][0]}"
        assert row.foreign_differs or answers["foreign"] == answers["absent"], method


def asker_of(row: Row, method: str) -> str:
    """Somebody who passes the door with a thing of their own; who may do everything where there is a choice."""
    able = row.methods[method]
    if "chief" in able or not able:
        return "chief" if able or row.absent == row.door.value else "trainee"
    return min(able)
