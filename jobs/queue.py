"""The queue of record: rows are the truth, RQ is rung after commit, a sweeper rings again.

The life of a row: created pending (in the transaction of the verb) -> `enqueue_on_commit` rings RQ ->
a worker `claim`s it by compare-and-swap and gets a run number and a lease -> it computes outside any
transaction, calling `extend` now and then -> it writes its result inside `finishing(row)`, which holds the row
locked and raises LostRun when the row has since been given to another run. So a body that runs twice writes once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import django_rq
import structlog
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from redis.exceptions import RedisError

from jobs.models import QueuedRow, RowState

log = structlog.get_logger()

LEASE_S = 30
# A pending row older than this is rung again: its ring was lost, or Redis was flushed.
RING_AGAIN_S = 15
MAX_RUNS = 5

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


def enqueue_on_commit(
    function: Callable[..., Any], *ids: Any, queue: str = "default"
) -> None:
    """Ring RQ with a job function and ids once the transaction has committed.

    A ring that fails (Redis away) is logged and swallowed: the row is committed, the sweeper rings again.
    """

    def ring() -> None:
        try:
            django_rq.get_queue(queue).enqueue(function, *ids)
        except (RedisError, OSError) as error:
            log.warning(
                "ring_failed",
                job=function.__name__,
                ids=[str(i) for i in ids],
                error=str(error),
            )

    transaction.on_commit(ring, robust=True)


def claim(rows: QuerySet[Row], pk: int) -> Row | None:
    """Take a pending row, or a running one whose lease has expired; None when somebody else has it.

    A row that was started MAX_RUNS times without an end is failed for good: it kills its workers.
    """
    now = database_now()
    takeable = rows.filter(pk=pk).filter(
        Q(state=RowState.PENDING) | Q(state=RowState.RUNNING, lease_until__lt=now)
    )
    taken = takeable.filter(run__lt=MAX_RUNS).update(
        state=RowState.RUNNING,
        run=F("run") + 1,
        started_at=now,
        lease_until=now + timedelta(seconds=LEASE_S),
        error="",
    )
    if not taken:
        takeable.filter(run__gte=MAX_RUNS).update(
            state=RowState.FAILED,
            finished_at=now,
            error=f"Stopped {MAX_RUNS} times before it finished. It may need more memory or time than a job has.",
        )
        return None
    return rows.get(pk=pk)


def extend(row: QueuedRow) -> None:
    """Renew the lease while a long body works. Raises LostRun when the row belongs to another run."""
    renewed = (
        type(row)
        ._default_manager.filter(pk=row.pk, run=row.run, state=RowState.RUNNING)
        .update(lease_until=database_now() + timedelta(seconds=LEASE_S))
    )
    if not renewed:
        raise LostRun(row)


@contextmanager
def finishing(row: QueuedRow) -> Iterator[None]:
    """The transaction in which a run writes its result; marks the row done at the end.

    Raises LostRun (and rolls back what was written inside) when the row is no longer this run's.
    """
    with transaction.atomic():
        still_mine = (
            type(row)
            ._default_manager.select_for_update()
            .filter(pk=row.pk, run=row.run, state=RowState.RUNNING)
            .exists()
        )
        if not still_mine:
            raise LostRun(row)
        yield
        type(row)._default_manager.filter(pk=row.pk, run=row.run).update(
            state=RowState.DONE, finished_at=Now(), lease_until=None, error=""
        )
    row.state = RowState.DONE


def fail(row: QueuedRow, error: str) -> None:
    """Mark this run failed with a sentence for people; does nothing when the row is another run's by now."""
    type(row)._default_manager.filter(
        pk=row.pk, run=row.run, state=RowState.RUNNING
    ).update(
        state=RowState.FAILED, finished_at=Now(), lease_until=None, error=error[:2000]
    )


def retry(row: QueuedRow, function: Callable[..., Any]) -> bool:
    """Put a failed row back in line and ring; False when it was not failed (somebody retried already)."""
    reset = (
        type(row)
        ._default_manager.filter(pk=row.pk, state=RowState.FAILED)
        .update(
            state=RowState.PENDING,
            run=0,
            rung_at=Now(),
            error="",
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
        Q(state=RowState.PENDING, rung_at__lt=now - timedelta(seconds=RING_AGAIN_S))
        | Q(state=RowState.RUNNING, lease_until__lt=now)
    )
