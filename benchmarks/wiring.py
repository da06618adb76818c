"""What training projects listen to and which background work they do; connected once, when Django is ready."""

from accounts.events import listen
from benchmarks.evaluation import evaluate, request_evaluation
from benchmarks.models import Evaluation, TrainingProject
from benchmarks.operations.enrolment import CLONE, clone, sync_enrolment
from benchmarks.operations.settings import forget_training
from benchmarks.publications import RECALCULATE, recalculate
from jobs.registry import register_job, register_rows
from labels.events import TaskSubmitted
from projects.events import ProjectRolesChanged, ProjectToBeDeleted


def connect() -> None:
    """Register job bodies, swept tables and event handlers."""
    register_rows(Evaluation, evaluate)
    register_job(RECALCULATE, recalculate)
    register_job(CLONE, clone)
    listen(TaskSubmitted, _evaluate_submission)
    listen(ProjectRolesChanged, _enrol)
    listen(ProjectToBeDeleted, forget_training)


def _evaluate_submission(event: TaskSubmitted) -> None:
    request_evaluation(event.submission)


def _enrol(event: ProjectRolesChanged) -> None:
    training = (
        TrainingProject.objects.select_related("project__organisation").filter(project=event.project).first()
    )
    if training is not None:
        sync_enrolment(training=training, people=[change.user for change in event.changes], actor=event.actor)
