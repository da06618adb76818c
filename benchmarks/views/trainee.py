"""What a trainee sees: own tasks, one obvious button, the editor, and own scores as far as the policy allows."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Case, DateTimeField, IntegerField, Q, QuerySet, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.listing import NEVER, Choice, Filter, Listing, or_never
from benchmarks.access import copy_task_for, training_for
from benchmarks.comparison import compare_config, evaluation_of, own_score_card
from benchmarks.feedback import OwnScores, allows, own_scores, released_level
from benchmarks.models import FeedbackLevel, TaskCopy, TrainingProject
from benchmarks.navigation import training_pages
from jobs.models import RowState
from labels.documents import document_of_task
from labels.editor import ENDPOINTS, SKIP, SUBMIT, editor_config, endpoints_of
from labels.models import LabelRow
from labels.operations import may_write, open_label_row
from projects.assignments import next_task
from projects.models import Instructions, Task, TaskKind, TaskState
from projects.permissions import Permission, ProjectRequest

# The order of making is the order of the gold items, so a trainee's lists never fall back to it.
TIES = ("queue_rank", "uuid")
OPEN = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)
STATES = [
    Choice("todo", "To do"),
    Choice("submitted", "Submitted"),
]


@dataclass(frozen=True)
class OwnTask:
    """A line of "My tasks": the task and its score, None when there is none or it is not to be seen."""

    task: Task
    share: float | None

    @property
    def is_open(self) -> bool:
        return self.task.state in OPEN


def own_tasks(training: TrainingProject, request: ProjectRequest) -> QuerySet[Task]:
    """The trainee's copies, withdrawn ones left out."""
    return (
        Task.objects.filter(project=training.project, kind=TaskKind.COPY, assignee=request.user)
        .exclude(state=TaskState.WITHDRAWN)
        .select_related("file")
    )


def trainee_home(request: ProjectRequest, training: TrainingProject) -> HttpResponse:
    """Summary of a trainee: progress, Start labelling, own tasks, own scores by policy."""
    level = released_level(training, request.user)
    scores = own_scores(training, request.user, level)
    tasks = own_tasks(training, request)
    counts = {
        "all": tasks.count(),
        "submitted": tasks.filter(state=TaskState.SUBMITTED).count(),
    }
    context = _task_list(request, training, scores) | {"level": level}
    if request.htmx and request.htmx.target == "own-tasks":
        return render(request, "benchmarks/_own_tasks.html", context)
    context |= training_pages(request, "summary") | {
        "scores": scores,
        "counts": counts | {"open": counts["all"] - counts["submitted"]},
        "next": next_task(training.project, request.user, kind=TaskKind.COPY),
        "has_instructions": _has_instructions(training),
    }
    return render(request, "benchmarks/trainee_home.html", context)


def trainee_queue(request: ProjectRequest, training: TrainingProject) -> HttpResponse:
    """Labels > Queue of a trainee: own tasks only."""
    level = released_level(training, request.user)
    context = _task_list(request, training, own_scores(training, request.user, level)) | {"level": level}
    if request.htmx and request.htmx.target == "own-tasks":
        return render(request, "benchmarks/_own_tasks.html", context)
    return render(
        request, "benchmarks/trainee_queue.html", context | training_pages(request, "labels", "queue")
    )


def _task_list(request: ProjectRequest, training: TrainingProject, scores: OwnScores | None) -> dict:
    listing = Listing(
        request.GET,
        sorts={
            "order": ["is_submitted", "-submitted_when", *TIES],
            "file": ["file__title", *TIES],
            "edited": ["edited_when", *TIES],
        },
        default_sort="order",
        filters=[Filter("state", "Status", STATES, inline=True)],
        search_placeholder="File name",
    )
    tasks = _in_comparable_order(own_tasks(training, request))
    if listing.query:
        tasks = tasks.filter(file__title__icontains=listing.query)
    states = {"todo": OPEN, "submitted": (TaskState.SUBMITTED,)}
    if listing.chosen("state"):
        tasks = tasks.filter(state__in=[state for key in listing.chosen("state") for state in states[key]])
    by_task = scores.by_task if scores else {}
    rows = [OwnTask(task, by_task.get(task.pk)) for task in listing.page(tasks)]
    return {
        "training": training,
        "project": training.project,
        "listing": listing,
        "rows": rows,
        "scores": scores,
    }


def _in_comparable_order(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Tasks with what "My tasks" sorts by: open ones before submitted ones, and no nulls."""
    is_submitted = Q(state=TaskState.SUBMITTED)
    return tasks.annotate(
        is_submitted=Case(When(is_submitted, then=1), default=0, output_field=IntegerField()),
        submitted_when=Case(
            When(is_submitted, then=or_never("submitted_at")), default=NEVER, output_field=DateTimeField()
        ),
        edited_when=or_never("edited_at"),
    )


def _has_instructions(training: TrainingProject) -> bool:
    return Instructions.objects.filter(project=training.project).exclude(markdown="", pdf_key="").exists()


@require_GET
def start(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Start labelling: the next own task in the editor, or the page that says that all are done."""
    training = training_for(request, org_slug, project_id, Permission.ANNOTATE)
    task = next_task(training.project, request.user, kind=TaskKind.COPY)
    if task is not None:
        return redirect("benchmarks:annotate", org_slug, project_id, task.uuid)
    submitted = own_tasks(training, request).filter(state=TaskState.SUBMITTED).count()
    pages = training_pages(request, "summary")
    return render(request, "benchmarks/all_done.html", pages | {"training": training, "submitted": submitted})


@require_GET
@never_cache
def annotate(request: ProjectRequest, org_slug: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """The editor on one's own copy; a submitted one leads back with a word, never into the editor."""
    training, task = copy_task_for(request, org_slug, project_id, task_id, Permission.ANNOTATE)
    home = reverse("benchmarks:overview", args=[org_slug, project_id])
    if not may_write(task, request.user):
        if task.assignee_id != request.user.pk:
            raise PermissionDenied
        pages = training_pages(request, "summary")
        return render(request, "benchmarks/already_submitted.html", pages | {"task": task}, status=409)
    document, revision = document_of_task(task)
    tasks = own_tasks(training, request)
    ahead = tasks.filter(state__in=OPEN, queue_rank__lt=task.queue_rank).count()
    instructions = reverse("projects:instructions", args=[org_slug, project_id])
    config = editor_config(
        mode="annotate",
        task=task,
        user=request.user,
        organisation=request.organisation,
        document=document,
        revision=revision,
        endpoints=endpoints_of(
            task,
            request.organisation,
            back=home,
            instructions=instructions if _has_instructions(training) else None,
        ),
        actions=[SKIP, SUBMIT],
        position=tasks.filter(state=TaskState.SUBMITTED).count() + ahead + 1,
        total=tasks.count(),
    )
    return render(request, "labels/editor.html", {"editor_config": config})


@require_POST
def initiate(request: ProjectRequest, org_slug: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """Initiate on a row: the copy is In progress from now on, and opens."""
    _, task = copy_task_for(request, org_slug, project_id, task_id, Permission.ANNOTATE)
    if may_write(task, request.user):
        # Withdrawn since it was read: the page that it leads to says so.
        with suppress(LabelRow.DoesNotExist):
            open_label_row(task, request.user)
    return redirect("benchmarks:annotate", org_slug, project_id, task_id)


@require_GET
def result(request: ProjectRequest, org_slug: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """A trainee's own score card of one submitted task: with gold beside it only where the policy says so."""
    training, task = copy_task_for(request, org_slug, project_id, task_id, Permission.OWN_PROGRESS)
    level = released_level(training, request.user)
    if not allows(level, FeedbackLevel.PER_LABEL):
        raise PermissionDenied
    copy = TaskCopy.objects.select_related("training__publication").get(task=task)
    evaluation = evaluation_of(copy)
    pages = training_pages(request, "summary")
    if evaluation is None or evaluation.state != RowState.DONE:
        return render(
            request,
            "benchmarks/not_scored.html",
            pages | {"task": task, "evaluation": evaluation},
            status=409,
        )
    if allows(level, FeedbackLevel.PER_LABEL_WITH_GOLD):
        home = reverse("benchmarks:overview", args=[org_slug, project_id])
        config = compare_config(
            evaluation,
            user=request.user,
            organisation=request.organisation,
            endpoints=dict.fromkeys(ENDPOINTS) | {"back": home},
            next_url=None,
            previous_url=None,
            as_shares=True,
        )
        return render(request, "labels/editor.html", {"editor_config": config})
    card = own_score_card(evaluation)
    return render(request, "benchmarks/own_result.html", pages | {"task": task, "card": card})
