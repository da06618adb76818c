"""Fixtures that every app's tests share; those for Chromium are in browser_fixtures.py."""

import signal
from collections.abc import Iterator

import django_rq
import pytest
from django.conf import settings
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from annotrain.runner.redis_server import PrivateRedis
from annotrain.state import redis_socket_path

pytest_plugins = ["tests.browser_fixtures"]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[PrivateRedis]:
    """A real Redis of this test process, started by the runner's own code."""
    with PrivateRedis(settings.STATE_DIR, redis_socket_path(settings.STATE_DIR)) as server:
        yield server


@pytest.fixture
def queue(redis_server: PrivateRedis) -> django_rq.queues.Queue:
    """The default queue on a real Redis, empty."""
    queue = django_rq.get_queue()
    queue.connection.flushdb()
    return queue


@pytest.fixture
def work_off(queue):
    """A function that works off what has been enqueued, in this process, with RQ's own worker; returns the count.

    Rows committed by a `TestCase`-like test are visible to it; rings go out on commit, so use `transactional_db`
    or `django_capture_on_commit_callbacks(execute=True)`.
    """

    def work() -> int:
        waiting = queue.count
        worker = SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer)
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        worker.work(burst=True, with_scheduler=False, logging_level="WARNING")
        # RQ leaves its own handlers behind, with which Ctrl-C would not stop the tests.
        for number, handler in handlers.items():
            signal.signal(number, handler)
        failed = queue.failed_job_registry.get_job_ids()
        assert not failed, f"jobs failed: {[queue.fetch_job(job).exc_info for job in failed]}"
        return waiting

    return work
