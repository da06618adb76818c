"""Labels of a training project: open copies (Queue), submitted ones (Activity) and the gold items (Data)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.listing import Choice, Filter, Listing, or_never
from accounts.models import User
from benchmarks.access import copies_in, training_for
from benchmarks.models import GoldItem, GoldTask, ItemScore, TaskCopy, TaskScore, TrainingProject
from benchmarks.navigation import training_pages
from benchmarks.operations.enrolment import (
    NotAnAnnotator,
    RetakeRefused,
    grant_retake,
    move_copies,
    running_clone,
)
from benchmarks.operations.evaluations import retry_evaluations
from benchmarks.results import evaluations_of
from benchmarks.views.trainee import trainee_queue
from jobs.models import RowState
from projects.models import TaskState
from projects.permissions import Permission, ProjectRequest
from projects.workflow import Move

DELAYED_AFTER = timedelta(seconds=30)
# The databases differ in where they sort nulls: no score is below every score.
NO_SCORE_LAST = Coalesce(F("share"), Value(-1.0), output_field=FloatField())
OPEN_CHOICES = [
    Choice("assigned", "Assigned", dot="assigned"),
    Choice("in_progress", "In progress", dot="assigned"),
    Choice("withdrawn", "Withdrawn"),
]
EVALUATION_CHOICES = [
    Choice(RowState.PENDING, "Waiting"),
    Choice(RowState.RUNNING, "Scoring"),
    Choice(RowState.DONE, "Scored"),
    Choice(RowState.FAILED, "Failed"),
]
MOVES = {"withdraw": Move.WITHDRAW, "restore": Move.RESTORE}


def _annotators(training: TrainingProject) -> Filter:
    having = TaskCopy.objects.filter(training=training).values("annotator")
    people = User.objects.filter(pk__in=having).order_by("name", "pk").only("uuid", "name")
    return Filter("annotator", "Annotator", [Choice(str(one.uuid), one.name) for one in people], icon="user")


def _copies(training: TrainingProject, listing: Listing) -> QuerySet[TaskCopy]:
    copies = TaskCopy.objects.filter(training=training).select_related("task", "item__file", "annotator")
    if listing.query:
        words = listing.query
        copies = copies.filter(Q(item__file__title__icontains=words) | Q(annotator__name__icontains=words))
    if listing.chosen("annotator"):
        copies = copies.filter(annotator__uuid__in=listing.chosen("annotator"))
    return copies


@require_GET
def queue(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Leads see every copy that is not submitted, without Initiate; a trainee sees their own tasks."""
    training = training_for(request, org_slug, project_id, Permission.SEE)
    if Permission.CONTROL_TASKS not in request.permissions:
        return trainee_queue(request, training)
    listing = Listing(
        request.GET,
        sorts={
            "file": ["item__file__title", "pk"],
            "annotator": ["annotator__name", "pk"],
            "edited": ["edited_when", "pk"],
        },
        default_sort="annotator",
        filters=[Filter("state", "Status", OPEN_CHOICES, inline=True), _annotators(training)],
        search_placeholder="Search file or annotator",
    )
    copies = _copies(training, listing).exclude(task__state=TaskState.SUBMITTED)
    copies = copies.annotate(edited_when=or_never("task__edited_at"))
    if listing.chosen("state"):
        copies = copies.filter(task__state__in=listing.chosen("state"))
    context = {"listing": listing, "copies": listing.page(copies), "project": training.project}
    if request.htmx:
        return render(request, "benchmarks/_queue_list.html", context)
    context |= {"training": training, "clone": running_clone(training), "permissions": request.permissions}
    pages = training_pages(request, "labels", "queue")
    return render(request, "benchmarks/queue.html", context | pages)


@require_POST
def move(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Withdraw or restore the selected copies; those it is not open to are counted, not touched."""
    training = training_for(request, org_slug, project_id, Permission.CONTROL_TASKS)
    chosen = request.POST.get("move", "")
    copies = copies_in(training, request.POST.getlist("task"))
    if chosen not in MOVES or not copies:
        messages.warning(request, "Select the tasks first.")
    else:
        moved, refused = move_copies(copies, MOVES[chosen], actor=request.user)
        words = {"withdraw": "withdrawn", "restore": "restored"}[chosen]
        text = f"{moved} task{'' if moved == 1 else 's'} {words}."
        messages.success(request, f"{text} {refused} left as they are." if refused else text)
    return redirect("benchmarks:queue", org_slug, project_id)


@require_GET
def activity(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Submitted copies, newest first, with the state of their evaluation, which moves without a reload."""
    training = training_for(request, org_slug, project_id, Permission.SEE_ACTIVITY)
    listing = Listing(
        request.GET,
        sorts={
            "submitted": ["submitted_when", "pk"],
            "file": ["item__file__title", "pk"],
            "annotator": ["annotator__name", "pk"],
            "score": ["share_or_none", "pk"],
        },
        default_sort="-submitted",
        filters=[
            Filter("state", "Evaluation", EVALUATION_CHOICES, inline=True),
            _annotators(training),
        ],
        search_placeholder="Search file or annotator",
    )
    copies = _with_scores(_copies(training, listing).filter(task__state=TaskState.SUBMITTED), training)
    copies = copies.annotate(submitted_when=or_never("task__submitted_at"))
    if listing.chosen("state"):
        copies = copies.filter(evaluation_state__in=listing.chosen("state"))
    shown = listing.page(copies)
    for copy in shown:
        copy.chip = _chip(copy)
    context = {
        "listing": listing,
        "copies": shown,
        "project": training.project,
        "permissions": request.permissions,
        "is_moving": any(copy.chip in ("waiting", "scoring", "delayed") for copy in shown),
    }
    if request.htmx:
        return render(request, "benchmarks/_activity_list.html", context)
    pages = training_pages(request, "labels", "activity")
    return render(request, "benchmarks/activity.html", context | pages | {"training": training})


def _with_scores(copies: QuerySet[TaskCopy], training: TrainingProject) -> QuerySet[TaskCopy]:
    """Copies with state, error and score of their published evaluation."""
    evaluations = evaluations_of(training.publication).filter(copy=OuterRef("pk")).order_by("-pk")
    scores = TaskScore.objects.filter(
        function=training.publication.function_id, evaluation=OuterRef("evaluation_pk"), available__gt=0
    )
    return copies.annotate(
        evaluation_pk=Subquery(evaluations.values("pk")[:1]),
        evaluation_state=Subquery(evaluations.values("state")[:1]),
        evaluation_error=Subquery(evaluations.values("error")[:1]),
        evaluation_created=Subquery(evaluations.values("created_at")[:1]),
    ).annotate(
        share=Subquery(scores.values(share=F("earned") / F("available"))[:1]), share_or_none=NO_SCORE_LAST
    )


def _chip(copy: Any) -> str:
    """The word for a submission's evaluation: Waiting, Delayed after 30 seconds, Scoring, Scored, Failed."""
    if copy.evaluation_state in (None, RowState.PENDING):
        late = copy.evaluation_created and timezone.now() - copy.evaluation_created > DELAYED_AFTER
        return "delayed" if late else "waiting"
    return {RowState.RUNNING: "scoring", RowState.DONE: "scored", RowState.FAILED: "failed"}[
        copy.evaluation_state
    ]


@require_POST
def retry_one(request: ProjectRequest, org_slug: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """Put one failed evaluation back in line."""
    training = training_for(request, org_slug, project_id, Permission.CONTROL_TASKS)
    copy = get_object_or_404(TaskCopy, training=training, task__uuid=task_id)
    failed = evaluations_of(training.publication).filter(copy=copy, state=RowState.FAILED)
    again = retry_evaluations(training=training, actor=request.user, rows=failed)
    messages.success(request, "It will be scored again." if again else "It is being scored already.")
    return redirect("benchmarks:activity", org_slug, project_id)


@require_POST
def retake(request: ProjectRequest, org_slug: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """Give the annotator of a submitted copy another try; a second press is answered with why not."""
    training = training_for(request, org_slug, project_id, Permission.CONTROL_TASKS)
    copies = TaskCopy.objects.select_related("task__file", "item", "annotator")
    copy = get_object_or_404(copies, training=training, task__uuid=task_id)
    try:
        granted = grant_retake(copy=copy, actor=request.user)
    except (RetakeRefused, NotAnAnnotator) as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, f"{copy.annotator} has the task again, as attempt {granted.attempt}.")
    return redirect("benchmarks:activity", org_slug, project_id)


@require_GET
def data(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Every gold item: its file, gold labels, how many submitted it and how well."""
    training = training_for(request, org_slug, project_id, Permission.SEE_DATA)
    listing = Listing(
        request.GET,
        sorts={
            "file": ["file__title", "pk"],
            "labels": ["gold_labels", "pk"],
            "submitted": ["submitted", "pk"],
            "score": ["share_or_none", "pk"],
        },
        default_sort="file",
        search_placeholder="Search by file name",
    )
    items = _gold_items(training)
    if listing.query:
        items = items.filter(file__title__icontains=listing.query)
    context = {"listing": listing, "items": listing.page(items), "project": training.project}
    if request.htmx:
        return render(request, "benchmarks/_data_list.html", context)
    pages = training_pages(request, "labels", "data")
    return render(request, "benchmarks/data.html", context | pages | {"training": training})


def _gold_items(training: TrainingProject) -> QuerySet[GoldItem]:
    gold = GoldTask.objects.filter(version=training.publication.gold_version_id, item=OuterRef("pk"))
    by_item = TaskCopy.objects.filter(item=OuterRef("pk")).order_by().values("item")
    # A retake is only granted of a submitted task, so first attempts count every annotator once.
    kept = by_item.filter(attempt=1).exclude(task__state=TaskState.WITHDRAWN)
    scores = ItemScore.objects.filter(
        publication=training.publication_id, item=OuterRef("pk"), available__gt=0
    ).annotate(share=F("earned") / F("available"))
    return (
        GoldItem.objects.filter(training=training)
        .select_related("file")
        .annotate(
            gold_labels=Subquery(gold.values("label_count")[:1]),
            reviewed_labels=Subquery(gold.values("reviewed_count")[:1]),
            copy_count=Subquery(kept.annotate(n=Count("pk")).values("n")[:1]),
            submitted=Subquery(
                kept.filter(task__state=TaskState.SUBMITTED).annotate(n=Count("pk")).values("n")[:1]
            ),
            share=Subquery(scores.values("share")[:1]),
            share_or_none=NO_SCORE_LAST,
        )
    )
