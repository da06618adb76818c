"""The verb on evaluations that people have: try failed ones again."""

from collections.abc import Iterable

from django.db import transaction

from accounts import audit
from accounts.models import User
from benchmarks.evaluation import evaluate
from benchmarks.models import Evaluation, TrainingProject
from jobs.queue import retry


@transaction.atomic
def retry_evaluations(*, training: TrainingProject, actor: User, rows: Iterable[Evaluation]) -> int:
    """Put failed evaluations back in line, with one audit row for all; returns how many were still failed."""
    again = [row for row in rows if retry(row, evaluate)]
    if again:
        audit.record(
            organisation=training.project.organisation,
            actor=actor,
            action="retry scoring",
            target=training.project,
            root=training.project,
            before={"errors": sorted({row.error[:200] for row in again})[:5]},
            after={"submissions": len(again)},
        )
    return len(again)
