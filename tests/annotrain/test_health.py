"""/healthz tells the truth about database, queue and worker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotrain import probe
from jobs.heartbeats import SWEEPER, WORKER, beat
from jobs.models import WorkerHeartbeat

pytestmark = pytest.mark.django_db


def test_with_redis_and_a_living_worker_the_product_is_usable(client, queue):
    beat(WORKER)
    beat(SWEEPER)
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json()["usable"] is True
    assert response.json()["pending_evaluations"] == 0
    assert "no-store" in response["Cache-Control"]


def test_without_a_worker_it_is_not(client, queue):
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["database"] is True
    assert response.json()["worker_heartbeat_age_s"] is None


def test_a_worker_that_was_last_seen_a_minute_ago_does_not_count(client, queue):
    beat(WORKER)
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["worker_heartbeat_age_s"] == pytest.approx(60, abs=5)


def test_without_redis_it_says_so(client, settings, monkeypatch):
    beat(WORKER)
    options = settings.RQ_QUEUES["default"]["REDIS_CLIENT_KWARGS"]
    monkeypatch.setitem(options, "unix_socket_path", "/nowhere/redis.sock")
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["queue"] is False


def test_it_needs_no_log_in_and_changes_nothing(client, queue):
    assert client.get("/healthz").status_code in (200, 503)
    assert client.post("/healthz").status_code == 405
    assert not client.cookies


@pytest.mark.django_db(transaction=True)
def test_the_probe_of_a_container_asks_whether_pages_work(live_server):
    assert probe.is_healthy(live_server.thread.port, "localhost")
    assert not probe.is_healthy(1, "localhost")
