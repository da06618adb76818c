"""The verbs of background jobs: ask for one, say how far it is, try it again."""

import time
from typing import Any

from django.db import models, transaction

from accounts.audit import record
from accounts.models import Organisation, User
from jobs.jobs import run_job
from jobs.models import Job
from jobs.queue import enqueue_on_commit, extend, retry

# Progress is for people's eyes: more writes a second than this only cost.
PROGRESS_EVERY_S = 0.5


@transaction.atomic
def start_job(
    *,
    organisation: Organisation,
    actor: User | None,
    kind: str,
    title: str,
    arguments: dict[str, Any],
    root: models.Model | None = None,
) -> Job:
    """Write down work to be done by a worker, and ring after the commit.

    `arguments` are ids and plain values for the registered body of `kind`; `root` is the project (or other thing
    with a uuid) whose pages list the job. The verb that starts a job writes its own audit row.
    """
    job = Job.objects.create(
        organisation=organisation,
        kind=kind,
        title=title[:200],
        root_id=str(getattr(root, "uuid", "")),
        arguments=arguments,
        created_by=actor,
    )
    enqueue_on_commit(run_job, job.pk)
    return job


def report_progress(job: Job, done: int, total: int) -> None:
    """Tell the pages how far the job is, and renew its lease; too frequent calls are skipped.

    Call it outside a transaction, else nobody sees it before the end. Raises LostRun when the job belongs to
    another run by now.
    """
    moment = time.monotonic()
    if done < total and moment - getattr(job, "_reported_at", 0.0) < PROGRESS_EVERY_S:
        return
    extend(job, progress_done=done, progress_total=total)
    job._reported_at = moment  # type: ignore[attr-defined]
    job.progress_done, job.progress_total = done, total


@transaction.atomic
def retry_job(*, job: Job, actor: User) -> bool:
    """Put a failed job back in line; False when it was not failed (somebody retried it already)."""
    error = job.error
    if not retry(job, run_job):
        return False
    Job.objects.filter(pk=job.pk).update(progress_done=0, progress_total=0, result={})
    record(
        organisation=job.organisation,
        actor=actor,
        action="retry job",
        target=job,
        before={"error": error[:300]},
    )
    job.refresh_from_db()
    return True
