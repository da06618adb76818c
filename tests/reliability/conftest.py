"""People who submit over HTTP, and a Redis that can be killed."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django_rq.settings
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from annotrain.connections import queue_connection
from annotrain.runner.redis_server import PrivateRedis
from annotrain.state import redis_socket_path
from jobs.queue import forget_failed_rings
from projects.models import Task
from tests.factories import CELL, box
from tests.jobs.conftest import start_worker  # noqa: F401 a fixture


@pytest.fixture(autouse=True)
def no_silence_left() -> Iterator[None]:
    """A ring that failed in one test does not keep the next one from ringing."""
    forget_failed_rings()
    yield
    forget_failed_rings()


@pytest.fixture
def own_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PrivateRedis]:
    """A Redis of this test alone, which the product rings; the test may kill it and start it again."""
    server = PrivateRedis(tmp_path, redis_socket_path(tmp_path))
    address = queue_connection(f"unix://{server.socket_path}", timeout_s=0.5)
    monkeypatch.setitem(
        django_rq.settings.QUEUES, "default", address | {"SERIALIZER": "rq.serializers.JSONSerializer"}
    )
    with server:
        yield server


def body(*boxes: tuple[float, float, float, float], revision: int = 0, key: object = None) -> dict[str, Any]:
    """The editor's last diff with a new box per tuple, and the key that the client made."""
    instances = [
        {"id": f"o{n}", "kind": "object", "node": CELL, "answers": {}} for n, _ in enumerate(boxes, start=1)
    ]
    labels = [
        {"instance": f"o{n}", "frame": 0, "geometry": box(*corners), "keyframe": True, "answers": {}}
        for n, corners in enumerate(boxes, start=1)
    ]
    return {
        "key": str(key or uuid.uuid4()),
        "revision": revision,
        "upserts": {"instances": instances, "labels": labels},
        "deletes": {"instances": [], "labels": []},
    }


def send(client: Client, name: str, task: Task, content: dict[str, Any]) -> HttpResponse:
    """Post to one of the editor's endpoints, as the editor does."""
    address = reverse(f"labels:{name}", args=[task.project.organisation.slug, task.uuid])
    return client.post(
        address,
        json.dumps(content),
        content_type="application/json",
        headers={"Accept": "application/json"},
    )


def browser_of(user: User) -> Client:
    """A client with a session of the person."""
    client = Client()
    client.force_login(user)
    return client


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Run every function in a thread of its own, started together; their results, or the error of the first."""
    results: list[Any] = [None] * len(works)
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(number: int) -> None:
        try:
            start.wait(timeout=30)
            results[number] = works[number]()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
