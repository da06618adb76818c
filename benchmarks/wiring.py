"""What training projects listen to and which background work they do; connected once, when Django is ready."""

from django.urls import reverse

from accounts.events import listen
from benchmarks.access import leads_with_gold_file
from benchmarks.evaluation import evaluate, request_evaluation
from benchmarks.models import Evaluation, TrainingProject
from benchmarks.navigation import training_pages
from benchmarks.operations.enrolment import CLONE, clone, sync_enrolment
from benchmarks.operations.settings import forget_training
from benchmarks.publications import RECALCULATE, recalculate
from benchmarks.team import group_leaving, notes_about
from benchmarks.training_list import count_trainings
from datasets.access import allow_file_access
from jobs.registry import register_job, register_rows
from labels.destinations import Destinations, register_destinations
from labels.events import TaskSubmitted
from projects.events import ProjectRolesChanged, ProjectToBeDeleted
from projects.job_access import register_job_permission
from projects.models import Project, ProjectKind, Task, TaskKind
from projects.permissions import Permission
from projects.shell import register_pages
from projects.tabs import Tab, register_tab
from projects.team_notes import NoteMakers, register_team_notes


def connect() -> None:
    """Register job bodies, swept tables and event handlers."""
    register_rows(Evaluation, evaluate)
    register_job(RECALCULATE, recalculate)
    register_job(CLONE, clone)
    register_job_permission(RECALCULATE, Permission.EDIT_FUNCTION)
    register_job_permission(CLONE, Permission.CONTROL_TASKS)
    listen(TaskSubmitted, _evaluate_submission)
    allow_file_access(leads_with_gold_file)
    listen(ProjectRolesChanged, _enrol)
    listen(ProjectToBeDeleted, forget_training)
    register_tab(Tab("training", "Training", "benchmarks:projects", count_trainings, position=1))
    register_pages(ProjectKind.TRAINING, training_pages)
    register_team_notes(ProjectKind.TRAINING, NoteMakers(notes_about, group_leaving))
    register_destinations(TaskKind.COPY, Destinations(opener=_opener, finished=_finished))


def _opener(task: Task) -> str:
    return reverse("benchmarks:annotate", args=[task.project.organisation.slug, task.project.uuid, task.uuid])


def _finished(project: Project) -> str:
    return reverse("benchmarks:start", args=[project.organisation.slug, project.uuid])


def _evaluate_submission(event: TaskSubmitted) -> None:
    request_evaluation(event.submission)


def _enrol(event: ProjectRolesChanged) -> None:
    training = (
        TrainingProject.objects.select_related("project__organisation").filter(project=event.project).first()
    )
    if training is not None:
        sync_enrolment(training=training, people=[change.user for change in event.changes], actor=event.actor)
