"""What the health page knows."""

from datetime import timedelta

import django_rq.settings
import pytest
from django.utils import timezone

from annotrain.connections import queue_connection
from jobs.health import health
from tests.factories import JobFactory, WorkerHeartbeatFactory

pytestmark = pytest.mark.django_db


def test_everything_is_usable_with_a_live_worker(queue):
    WorkerHeartbeatFactory()
    WorkerHeartbeatFactory(role="sweeper")
    seen = health()
    assert seen.usable
    assert seen.worker_age_s < 5
    assert seen.sweeper_age_s < 5


def test_a_worker_that_went_silent_makes_it_unusable(queue):
    WorkerHeartbeatFactory(seen_at=timezone.now() - timedelta(minutes=1))
    seen = health()
    assert not seen.usable
    assert 55 < seen.worker_age_s < 65


def test_without_any_worker_nothing_is_usable(queue):
    assert health().worker_age_s is None
    assert not health().usable


def test_a_redis_that_is_away_is_told_apart_from_the_database(monkeypatch, tmp_path):
    away = queue_connection(f"unix://{tmp_path}/nobody.sock", timeout_s=0.5)
    monkeypatch.setitem(django_rq.settings.QUEUES, "default", away)
    seen = health()
    assert (seen.database, seen.redis, seen.usable) == (True, False, False)


def test_waiting_running_and_failed_rows_are_counted_per_table(queue):
    JobFactory(created_at=timezone.now() - timedelta(seconds=100))
    JobFactory()
    JobFactory(running=True)
    JobFactory(failed=True)
    JobFactory(done=True)
    rows = health().rows["jobs.job"]
    assert (rows.pending, rows.running, rows.failed) == (2, 1, 1)
    assert 95 < rows.oldest_pending_s < 105
    assert health().as_json()["rows"]["jobs.job"]["pending"] == 2
