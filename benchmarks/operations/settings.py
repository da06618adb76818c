"""Settings of a training project outside the function: feedback, pass mark, and what goes when it is deleted."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from benchmarks.models import (
    AnnotatorScore,
    AnnotatorTotal,
    CriterionTotal,
    Evaluation,
    EvaluationLabel,
    FeedbackMoment,
    ItemScore,
    OutcomeTotal,
    Publication,
    SampleDraw,
    SampleRow,
    TaskCopy,
    TaskScore,
    TrainingProject,
)
from projects.events import ProjectToBeDeleted


@transaction.atomic
def change_feedback(
    *,
    training: TrainingProject,
    actor: User,
    level: str,
    moment: str,
    pass_mark: Decimal | None,
    is_released: bool = False,
) -> TrainingProject:
    """Set what trainees see of their scores and when, and the pass mark (percent; None = no verdicts); audited.

    `is_released` counts for the moment "when an admin releases it" only; taking a release back hides scores again.
    """
    before = _feedback(training)
    was_released = training.feedback_released_at
    training.feedback_level, training.feedback_moment = level, moment
    training.pass_mark = pass_mark
    if moment == FeedbackMoment.WHEN_RELEASED and is_released:
        training.feedback_released_at = was_released or timezone.now()
    else:
        training.feedback_released_at = None
    training.save(update_fields=["feedback_level", "feedback_moment", "feedback_released_at", "pass_mark"])
    after = _feedback(training)
    changed = [key for key in after if after[key] != before[key]]
    if changed:
        audit.record(
            organisation=training.project.organisation,
            actor=actor,
            action="change feedback and pass mark",
            target=training.project,
            root=training.project,
            before={key: before[key] for key in changed},
            after={key: after[key] for key in changed},
        )
    return training


def _feedback(training: TrainingProject) -> dict[str, Any]:
    return {
        "feedback_level": str(training.feedback_level),
        "feedback_moment": str(training.feedback_moment),
        "released": training.feedback_released_at is not None,
        "pass_mark": None if training.pass_mark is None else float(training.pass_mark),
    }


def forget_training(event: ProjectToBeDeleted) -> None:
    """Handler: delete everything that scores of a training project are made of, leaves first, in set-based SQL."""
    training = TrainingProject.objects.filter(project=event.project).first()
    if training is None:
        return
    SampleRow.objects.filter(draw__publication__training=training).delete()
    SampleDraw.objects.filter(publication__training=training).delete()
    for model in (TaskScore, OutcomeTotal, CriterionTotal, EvaluationLabel):
        model.objects.filter(evaluation__training=training).delete()
    Evaluation.objects.filter(training=training).delete()
    TaskCopy.objects.filter(training=training).delete()
    TrainingProject.objects.filter(pk=training.pk).update(publication=None)
    for sums in (AnnotatorScore, ItemScore, AnnotatorTotal):
        sums.objects.filter(publication__training=training).delete()
    Publication.objects.filter(training=training).delete()
    training.refresh_from_db()
    training.delete()
