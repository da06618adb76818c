"""The queue of record: rows are the truth, RQ is rung after commit, a sweeper rings again.

The life of a row: created pending (in the transaction of the verb) -> `enqueue_on_commit` rings RQ ->
a worker `claim`s it by compare-and-swap and gets a run number and a lease -> it computes outside any
transaction, calling `extend` now and then -> it writes its result inside `finishing(row)`, which holds the row
locked and raises LostRun when the row has since been given to another run. So a body that runs twice writes once.
`jobs.running.work_on` does all of this around a body.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import django_rq
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from redis.exceptions import RedisError

from jobs.models import QueuedRow, RowState

log = structlog.get_logger()

# A row that was started so often without an end takes its workers down with it.
MAX_STARTS = 5
# After a ring that failed, further rings are not even tried for a while: a bulk verb must not wait for each.
SILENCE_S = 2.0
_silent_until = 0.0

Row = TypeVar("Row", bound=QueuedRow)


class LostRun(Exception):
    """The row belongs to another run by now: drop what was computed."""


def database_now() -> datetime:
    """The database's clock, so that web, workers and sweeper on several machines agree."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0])


def ring_id(function: Callable[..., Any], *ids: Any) -> str:
    """The name of a ring in RQ: the same work has the same name, so the sweeper knows what still waits in Redis."""
    return "-".join([function.__module__.replace(".", "_"), function.__name__, *map(str, ids)])


def ring(function: Callable[..., Any], *ids: Any, queue: str = "default") -> bool:
    """Ring RQ now; False (and a log line) when Redis is away. The row's state is in the database either way."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        django_rq.get_queue(queue).enqueue(
            function, *ids, job_id=ring_id(function, *ids), job_timeout=settings.JOB_WALL_S, failure_ttl=3600
        )
    except (RedisError, OSError) as error:
        _silent_until = time.monotonic() + SILENCE_S
        log.warning("ring_failed", job=function.__name__, ids=[str(i) for i in ids], error=str(error))
        return False
    return True


def forget_failed_rings() -> None:
    """Try the next ring at once, even if one failed a moment ago."""
    global _silent_until
    _silent_until = 0.0


def enqueue_on_commit(function: Callable[..., Any], *ids: Any, queue: str = "default") -> None:
    """Ring RQ with a job function and ids once the transaction has committed.

    A ring that fails (Redis away) is logged and swallowed: the row is committed, the sweeper rings again.
    """
    transaction.on_commit(lambda: ring(function, *ids, queue=queue), robust=True)


def claim(rows: QuerySet[Row], pk: int) -> Row | None:
    """Take a pending row, or a running one whose lease has expired; None when somebody else has it.

    A row that was started MAX_STARTS times without an end is failed for good: it kills its workers.
    """
    now = database_now()
    takeable = rows.filter(pk=pk).filter(
        Q(state=RowState.PENDING) | Q(state=RowState.RUNNING, lease_until__lt=now)
    )
    taken = takeable.filter(starts__lt=MAX_STARTS).update(
        state=RowState.RUNNING,
        run=F("run") + 1,
        starts=F("starts") + 1,
        started_at=now,
        lease_until=now + timedelta(seconds=settings.JOB_LEASE_S),
        error="",
    )
    if not taken:
        takeable.filter(starts__gte=MAX_STARTS).update(
            state=RowState.FAILED,
            finished_at=now,
            lease_until=None,
            error=f"Stopped {MAX_STARTS} times before it finished. "
            "It may need more memory or time than a job has.",
        )
        return None
    return rows.get(pk=pk)


def claim_many(rows: QuerySet[Row], pks: Collection[int]) -> list[Row]:
    """Take those of the rows that wait and were never started, for a body that works on many at once.

    A row that was started before and did not end may have killed its worker: it is left for `claim`, alone.
    """
    now = database_now()
    takeable = rows.filter(pk__in=pks, state=RowState.PENDING, starts=0)
    takeable.update(
        state=RowState.RUNNING,
        run=F("run") + 1,
        starts=1,
        started_at=now,
        lease_until=now + timedelta(seconds=settings.JOB_LEASE_S),
        error="",
    )
    return list(rows.filter(pk__in=pks, state=RowState.RUNNING, starts=1, started_at=now))


def extend(row: QueuedRow, **changes: Any) -> None:
    """Renew the lease while a long body works, writing `changes` (progress) in the same statement.

    Raises LostRun when the row belongs to another run.
    """
    lease = database_now() + timedelta(seconds=settings.JOB_LEASE_S)
    mine = type(row)._default_manager.filter(pk=row.pk, run=row.run, state=RowState.RUNNING)
    if not mine.update(lease_until=lease, **changes):
        raise LostRun(row)


@contextmanager
def finishing(row: QueuedRow) -> Iterator[None]:
    """The transaction in which a run writes its result; marks the row done at the end.

    Raises LostRun (and rolls back what was written inside) when the row is no longer this run's.
    """
    mine = type(row)._default_manager.filter(pk=row.pk, run=row.run, state=RowState.RUNNING)
    with transaction.atomic():
        # An update locks the row in every database until the transaction ends; no other run can claim it meanwhile.
        if not mine.update(state=RowState.DONE, finished_at=Now(), lease_until=None, error=""):
            raise LostRun(row)
        yield
    row.state = RowState.DONE


@contextmanager
def finishing_many(rows: Collection[Row]) -> Iterator[list[Row]]:
    """`finishing` for rows of one table that were claimed together: yields those that are still ours, marked done.

    Those that another run has by now are left out; what is written for the others is written in one transaction.
    """
    model = type(next(iter(rows)))
    with transaction.atomic():
        locked = model._default_manager.select_for_update(no_key=True).order_by("pk")
        held = dict(
            locked.filter(pk__in=[row.pk for row in rows], state=RowState.RUNNING).values_list("pk", "run")
        )
        mine = [row for row in rows if held.get(row.pk) == row.run]
        model._default_manager.filter(pk__in=[row.pk for row in mine]).update(
            state=RowState.DONE, finished_at=Now(), lease_until=None, error=""
        )
        yield mine
    for row in mine:
        row.state = RowState.DONE


def fail(row: QueuedRow, error: str) -> None:
    """Mark this run failed with a sentence for people; does nothing when the row is another run's by now."""
    type(row)._default_manager.filter(pk=row.pk, run=row.run, state=RowState.RUNNING).update(
        state=RowState.FAILED, finished_at=Now(), lease_until=None, error=error[:2000]
    )


def hand_back(row: QueuedRow, function: Callable[..., Any]) -> None:
    """Put a row that this run holds back in line and ring: the rest of its work goes on in another job."""
    handed = (
        type(row)
        ._default_manager.filter(pk=row.pk, run=row.run, state=RowState.RUNNING)
        .update(state=RowState.PENDING, starts=0, rung_at=Now(), lease_until=None)
    )
    if handed:
        enqueue_on_commit(function, row.pk)


def give_up(rows: Collection[QueuedRow]) -> None:
    """Put rows that this run holds back in line, still counted as started: each is to be done alone next time."""
    for row in rows:
        type(row)._default_manager.filter(pk=row.pk, run=row.run, state=RowState.RUNNING).update(
            state=RowState.PENDING, rung_at=Now(), lease_until=None
        )


def retry(row: QueuedRow, function: Callable[..., Any]) -> bool:
    """Put a failed row back in line and ring; False when it was not failed (somebody retried already).

    The run number stays: a worker that was given up, but still lives, must not find its own number again.
    """
    reset = (
        type(row)
        ._default_manager.filter(pk=row.pk, state=RowState.FAILED)
        .update(
            state=RowState.PENDING,
            starts=0,
            rung_at=Now(),
            error="",
            started_at=None,
            finished_at=None,
            lease_until=None,
        )
    )
    if reset:
        enqueue_on_commit(function, row.pk)
    return bool(reset)


def rows_to_ring(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Pending rows whose ring seems lost, and running ones whose worker seems dead."""
    now = database_now()
    return rows.filter(
        Q(state=RowState.PENDING, rung_at__lt=now - timedelta(seconds=settings.JOB_RING_AGAIN_S))
        | Q(state=RowState.RUNNING, lease_until__lt=now)
    )
