"""Real worker processes, and the bodies they know."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from jobs.queue import forget_failed_rings
from tests.jobs.bodies import register

PATIENCE_S = 30


@pytest.fixture(autouse=True)
def bodies() -> Iterator[None]:
    """The misbehaving bodies in this process, and no silence left from a test with Redis away."""
    from jobs import registry

    known = dict(registry._bodies)
    register()
    forget_failed_rings()
    yield
    registry._bodies.clear()
    registry._bodies.update(known)
    forget_failed_rings()


@pytest.fixture
def start_worker(redis_server, transactional_db) -> Iterator[Callable[..., subprocess.Popen]]:
    """A function that starts `manage.py work` on the test's database and Redis; all are killed at the end."""
    started: list[subprocess.Popen] = []

    def start(**variables: str) -> subprocess.Popen:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.jobs.worker_settings",
            "TEST_WORKER_DATABASE": str(connection.settings_dict["NAME"]),
            "ANNOTRAIN_TEST_STATE_DIR": str(django_settings.TEST_STATE_DIR),
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "work"],
            cwd=django_settings.BASE_DIR,
            env=environment | variables,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Return as soon as `condition()` is true; fails the test after `patience_s`."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """Where `hang_the_first_time` says who runs it."""
    path = tmp_path / "diary"
    path.touch()
    return path
