"""Rings again for work that nobody seems to do: lost rings, flushed or restarted Redis, killed workers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django_rq
import structlog
from django.db.models.functions import Now
from redis.exceptions import RedisError

from jobs.models import QueuedRow, WorkerHeartbeat
from jobs.queue import database_now, forget_failed_rings, ring, ring_id, rows_to_ring
from jobs.registry import swept_tables

log = structlog.get_logger()

# Per table and sweep: faster than workers work, slow enough that a sweep stays short.
RINGS_PER_SWEEP = 500
HEARTBEATS_KEPT_DAYS = 1


def sweep() -> int:
    """Ring for every lost row of every registered table; returns how many rings went through."""
    forget_failed_rings()
    WorkerHeartbeat.objects.filter(seen_at__lt=database_now() - timedelta(days=HEARTBEATS_KEPT_DAYS)).delete()
    return sum(_sweep_table(model, function) for model, function in swept_tables().items())


def _sweep_table(model: type[QueuedRow], function: Callable[[int], Any]) -> int:
    lost = list(
        rows_to_ring(model._default_manager.all())
        .order_by("rung_at", "pk")
        .values_list("pk", flat=True)[:RINGS_PER_SWEEP]
    )
    if not lost:
        return 0
    try:
        waiting = set(django_rq.get_queue("default").get_job_ids())
    except (RedisError, OSError) as error:
        log.warning("sweep_without_redis", table=model._meta.label, rows=len(lost), error=str(error))
        return 0
    rung = [pk for pk in lost if ring_id(function, pk) not in waiting and ring(function, pk)]
    # Also rows that still wait in Redis: they are not looked at again before they could be lost again.
    model._default_manager.filter(pk__in=lost).update(rung_at=Now())
    if rung:
        log.info("rang_again", table=model._meta.label, rows=len(rung))
    return len(rung)
