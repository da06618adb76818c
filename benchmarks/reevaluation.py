"""Comparing many submissions again, in chunks of at least half a second of work, each stored in one transaction.

Rows go by gold task, so that the gold of a task is prepared once for all of its trainees. A chunk that dies with its
worker (kill -9, memory) leaves its rows marked as started; they are done one by one when the job goes on, so that the
one that killed it is found and fails alone. Rows that are done stay done: a job that starts again goes on.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import structlog
from django.db.models import Q
from rq.timeouts import JobTimeoutException

import scoring
from benchmarks.evaluation import evaluate, evaluations_of
from benchmarks.kernel_input import kernel_function, kernel_tasks, rows_to_compare
from benchmarks.models import Evaluation, Publication
from benchmarks.storage import Found, store_many
from jobs.models import Job, RowState
from jobs.operations import report_progress
from jobs.queue import claim_many, database_now, extend, finishing_many, give_up
from jobs.running import ToBeContinued, fail_with

log = structlog.get_logger()

CHUNK_S = 0.75
"""A chunk is made larger while it takes less, and smaller when it takes twice as long."""
FIRST_ROWS, MOST_ROWS = 32, 2_000
MOST_LABELS = 20_000
"""Submitted labels of one chunk, so that its documents fit into memory."""
STARTS_ALONE = 2
"""A row that was started so often without an end fails: it kills its workers."""
WAIT_S = 0.2
OPEN = (RowState.PENDING, RowState.RUNNING)


def compare_waiting(job: Job, target: Publication, *, stop_at: float) -> None:
    """Compare every evaluation of the target that waits; those that others work on are waited for.

    Raises ToBeContinued after `stop_at` (monotonic clock), with everything stored that was done.
    """
    waiting = Waiting(job, target, stop_at)
    waiting.in_chunks()
    waiting.one_by_one()


class Waiting:
    """The evaluations of one target that are not done, and how far a job is with them."""

    def __init__(self, job: Job, target: Publication, stop_at: float) -> None:
        self.job, self.target, self.stop_at = job, target, stop_at
        self.function = kernel_function(target.function)
        self.total = evaluations_of(target).count()
        self.left = evaluations_of(target).filter(state__in=OPEN).count()

    def in_chunks(self) -> None:
        """Those that were never started."""
        fresh = evaluations_of(self.target).filter(state=RowState.PENDING, starts=0)
        found = list(
            fresh.order_by("gold_task_id", "pk").values_list("pk", "submission__label_count").iterator()
        )
        start, rows = 0, FIRST_ROWS
        while start < len(found):
            self._stop_in_time()
            size = _fitting([labels for _, labels in islice(found, start, start + rows)])
            began = time.monotonic()
            with no_collections():
                done = self._chunk([pk for pk, _ in found[start : start + size]])
            spent = time.monotonic() - began
            start += size
            if spent < CHUNK_S:
                rows = min(2 * rows, MOST_ROWS)
            elif spent > 2 * CHUNK_S:
                rows = max(rows // 2, 1)
            self._tell(done)

    def one_by_one(self) -> None:
        """Those that were started before and did not end, and those that somebody else is working on."""
        while open_rows := list(evaluations_of(self.target).filter(state__in=OPEN).order_by("pk")):
            done = 0
            for row in open_rows:
                self._stop_in_time()
                kills = row.starts >= STARTS_ALONE
                done += _fail_for_good(row) if kills else evaluate(row.pk)
            self.left = len(open_rows)
            self._tell(done)
            if not done:
                time.sleep(WAIT_S)

    def _chunk(self, pks: list[int]) -> int:
        rows = claim_many(rows_to_compare(), pks)
        if not rows:
            return 0
        order = {pk: number for number, pk in enumerate(pks)}
        rows.sort(key=lambda row: order[row.pk])
        try:
            found = self._compare(rows)
        except JobTimeoutException as error:
            # One of them takes too long; each is given a job's time of its own.
            give_up(rows)
            raise ToBeContinued from error
        if found:
            with finishing_many([row for row, _ in found]) as mine:
                kept = {row.pk for row in mine}
                if stored := [one for one in found if one[0].pk in kept]:
                    store_many(stored)
        return len(rows)

    def _compare(self, rows: list[Evaluation]) -> list[Found]:
        ontology = self.function.ontology
        try:
            tasks = kernel_tasks(rows, ontology)
            facts = scoring.compare_many(ontology, self.function, tasks)
            return list(zip(rows, facts, strict=True))
        except JobTimeoutException:
            raise
        except Exception as error:
            log.warning("chunk_failed", rows=len(rows), error=repr(error))
        return [one for row in rows if (one := self._compare_alone(row)) is not None]

    def _compare_alone(self, row: Evaluation) -> Found | None:
        """One row of a chunk in which something was raised; what this one raises is its own failure."""
        ontology = self.function.ontology
        try:
            [(gold, submitted, frames)] = kernel_tasks([row], ontology)
            return row, scoring.compare(ontology, self.function, gold, submitted, frames)
        except JobTimeoutException:
            raise
        except Exception as error:
            fail_with(row, error)
            return None

    def _stop_in_time(self) -> None:
        if time.monotonic() > self.stop_at:
            raise ToBeContinued

    def _tell(self, done: int) -> None:
        """Progress for the pages; a job that gets on is not one that kills its workers."""
        self.left = max(0, self.left - done)
        report_progress(self.job, self.total - self.left, self.total)
        if done:
            extend(self.job, starts=1)


@contextmanager
def no_collections() -> Iterator[None]:
    """No search for cycles while documents by the thousand are parsed: it finds none and costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _fitting(labels: list[int]) -> int:
    """How many of the next rows fit into a chunk; at least one."""
    total = 0
    for number, count in enumerate(labels):
        total += count
        if total > MOST_LABELS and number:
            return number
    return len(labels)


def _fail_for_good(row: Evaluation) -> bool:
    """Mark a row failed that nobody works on now; whether it was this call that did."""
    now = database_now()
    idle = Evaluation.objects.filter(pk=row.pk, run=row.run).filter(
        Q(state=RowState.PENDING) | Q(state=RowState.RUNNING, lease_until__lt=now)
    )
    error = f"Stopped {row.starts} times before it finished. It may need more memory or time than a job has."
    return bool(idle.update(state=RowState.FAILED, finished_at=now, lease_until=None, error=error))
