"""What RQ calls for a `Job` row."""

from jobs.models import Job, RowState
from jobs.queue import finishing
from jobs.registry import body_of
from jobs.running import JobProblem, work_on

__all__ = ["JobProblem", "run_job"]


def run_job(job_id: int) -> None:
    """Do one job by the body that its kind is registered with; safe to call any number of times."""
    work_on(Job.objects.select_related("organisation", "created_by"), job_id, _body)


def _body(job: Job) -> None:
    try:
        body = body_of(job.kind)
    except KeyError:
        raise JobProblem(
            f"This version of the product does not know jobs of the kind “{job.kind}”."
        ) from None
    result = body(job)
    if job.state == RowState.RUNNING:
        with finishing(job):
            Job.objects.filter(pk=job.pk).update(result=result)
    else:  # the body finished by itself, in one transaction with what it wrote
        Job.objects.filter(pk=job.pk, run=job.run).update(result=result)
