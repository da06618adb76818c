"""Which function does which kind of job, and which row tables the sweeper watches."""

from collections.abc import Callable
from typing import Any

from jobs.models import Job, QueuedRow

# The body of a job: gets the claimed Job, reports progress with `jobs.operations.report_progress`, returns a
# JSON result: {"message": a sentence for the jobs page, "link": the path of what came out, ...}, all optional.
# It must be idempotent: it may start twice. To write exactly once, write inside `jobs.queue.finishing(job)`.
# What people can repair is raised as `jobs.jobs.JobProblem`.
Body = Callable[[Job], dict[str, Any]]

_bodies: dict[str, Body] = {}
_swept: dict[type[QueuedRow], Callable[[int], Any]] = {}


def register_job(kind: str, body: Body) -> None:
    """Name the body of a kind of job; call it from `AppConfig.ready`."""
    _bodies[kind] = body


def body_of(kind: str) -> Body:
    """The body of a kind of job. Raises KeyError for a kind that no room registered."""
    return _bodies[kind]


def register_rows(model: type[QueuedRow], function: Callable[[int], Any]) -> None:
    """Let the sweeper ring `function(pk)` for lost rows of a table; call it from `AppConfig.ready`."""
    _swept[model] = function


def swept_tables() -> dict[type[QueuedRow], Callable[[int], Any]]:
    """Every table of queued rows with the function that works on one of its rows."""
    return dict(_swept)
