"""What training projects listen to and which background work they do; connected once, when Django is ready."""

from labels.events import TaskSubmitted

from accounts.events import listen
from benchmarks.evaluation import evaluate, request_evaluation
from benchmarks.models import Evaluation
from benchmarks.publications import RECALCULATE, recalculate
from jobs.registry import register_job, register_rows


def connect() -> None:
    """Register job bodies, swept tables and event handlers."""
    register_rows(Evaluation, evaluate)
    register_job(RECALCULATE, recalculate)
    listen(TaskSubmitted, _evaluate_submission)


def _evaluate_submission(event: TaskSubmitted) -> None:
    request_evaluation(event.submission)
