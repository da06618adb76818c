"""Addresses of the product, what stands for their parameters, and how one is asked without leaving a trace."""

import re
from collections.abc import Iterator, Mapping
from copy import copy

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.security.house import House
from tests.security.table import Door, Row

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
PLAIN = {"name": "details", "number": 1, "uidb64": "MQ", "frame": 0}


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


def ask(client: Client, method: str, url: str, body: Mapping[str, str]) -> HttpResponse:
    """One request, undone afterwards, so that the next person finds everything as it was; `seen` is its body."""
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
    """What is posted to the row's address, with the identifiers of a house."""
    return {key: house.things.get(value, value) for key, value in row.body.items()}
