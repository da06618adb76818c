"""How a worker works on one row: claim it, keep its lease, obey the limits, and say why it failed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import QuerySet
from rq.timeouts import JobTimeoutException

from jobs.models import QueuedRow, RowState
from jobs.queue import LostRun, claim, extend, fail, finishing, hand_back
from jobs.registry import swept_tables

log = structlog.get_logger()

Row = TypeVar("Row", bound=QueuedRow)

UNEXPECTED = (
    "Something went wrong on our side; what happened is in the server's log. Retry, and tell your administrator "
    "if it fails again."
)


class JobProblem(Exception):
    """What is wrong with the work itself, as a sentence that is shown to the person who asked for it."""


class ToBeContinued(Exception):
    """The body has kept what it did and wants to go on in another job, before the wall limit ends this one."""


def work_on(rows: QuerySet[Row], pk: int, body: Callable[[Row], None]) -> bool:
    """Claim a row and run `body` on it; every way it can end is written to the row.

    The body writes its result inside `finishing(row)`; when it returns without, the row is marked done.
    Returns whether this call did the work: False when somebody else has the row, it failed, or the run was lost.
    """
    row = claim(rows, pk)
    if row is None:
        return False
    try:
        with keeping_lease(row):
            body(row)
            if row.state == RowState.RUNNING:
                with finishing(row):
                    pass
        return True
    except LostRun:
        log.warning("run_lost", table=row._meta.label, pk=row.pk, run=row.run)
    except ToBeContinued:
        hand_back(row, swept_tables()[type(row)])
    except Exception as error:
        fail_with(row, error)
    return False


def fail_with(row: QueuedRow, error: Exception) -> None:
    """Mark this run failed with a sentence for people about what its body raised."""
    if isinstance(error, JobProblem):
        fail(row, str(error))
    elif isinstance(error, JobTimeoutException):
        _forget_broken_connection()
        fail(row, f"It took longer than {_minutes(settings.JOB_WALL_S)}, the most that one job may take.")
    elif isinstance(error, MemoryError):
        fail(
            row, f"It needed more than {settings.JOB_MEMORY_MB} MB of memory, the most that one job may use."
        )
    else:
        log.error("job_failed", table=row._meta.label, pk=row.pk, run=row.run, exc_info=error)
        _forget_broken_connection()
        fail(row, UNEXPECTED)


@contextmanager
def keeping_lease(row: QueuedRow) -> Iterator[None]:
    """Renew the lease from a thread while the body computes, so that no body has to think of it.

    It stops after the wall limit: a body that cannot be interrupted loses its row then, and is run elsewhere.
    """
    over = threading.Event()

    def renew() -> None:
        deadline = time.monotonic() + settings.JOB_WALL_S + settings.JOB_LEASE_S
        while time.monotonic() < deadline and not over.wait(settings.JOB_LEASE_S / 3):
            try:
                extend(row)
            except LostRun:
                return  # `finishing` will tell the body
            except DatabaseError as error:
                log.warning("lease_not_renewed", pk=row.pk, error=str(error))
            finally:
                connection.close()

    threading.Thread(target=renew, name=f"lease-{row.pk}", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _forget_broken_connection() -> None:
    """An interruption may have hit the database driver in the middle of an answer: start a new connection."""
    if not connection.in_atomic_block:
        connection.close()


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"
