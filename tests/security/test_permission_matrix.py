"""Every address x method x person, against the table; an address without a row fails the build."""

import re
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.security.asking import DEFAULT_IDS, PLAIN, address, addresses, ask, body_of, ids_of, parameters_of
from tests.security.table import ANONYMOUS, ROWS, Door, Row

pytestmark = pytest.mark.django_db  # each test in a savepoint of the module's transaction
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\b(?!.*\bdjango_session\b)", re.I)
BY_KEY = {row.key: row for row in ROWS}


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
