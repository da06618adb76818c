"""Summary > Overview, the button Re-calculate scores, and the CSV files."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from accounts.listing import Choice, Filter, Listing
from accounts.models import Group
from benchmarks.access import training_for
from benchmarks.csv_export import annotator_csv, label_bytes, label_csv_with_reasons
from benchmarks.figures import AnnotatorResult, Overview, score_distribution
from benchmarks.knowledge import people_who_know_the_gold
from benchmarks.models import TrainingProject
from benchmarks.navigation import training_pages
from benchmarks.operations.enrolment import last_clone, running_clone
from benchmarks.operations.evaluations import retry_evaluations
from benchmarks.publications import recalculation_state, start_recalculation
from benchmarks.results import evaluations_failed, overview_of, overview_stamp
from benchmarks.views.trainee import trainee_home
from jobs.models import Job
from jobs.operations import retry_job
from projects.permissions import Permission, ProjectRequest

SORTS = {
    "name": lambda row: row.annotator.name.casefold(),
    "progress": lambda row: row.submitted / row.tasks if row.tasks else -1.0,
    "earned": lambda row: row.points.earned,
    "score": lambda row: -1.0 if row.points.percent is None else row.points.percent,
    "change": lambda row: row.change if row.change is not None else -1000.0,
    "activity": lambda row: row.last_activity.timestamp() if row.last_activity else 0.0,
}


@require_GET
def overview(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """All figures for leads; a trainee gets their own simplified page at the same address."""
    training = training_for(request, org_slug, project_id, Permission.SEE)
    if Permission.SEE_RESULTS not in request.permissions:
        return trainee_home(request, training)
    target = request.htmx.target if request.htmx else None
    stamp = overview_stamp(training)
    if target == "overview-figures" and request.GET.get("stamp") == stamp:
        return HttpResponse(status=204)  # nothing has changed: the poll leaves the page alone
    figures = overview_of(training)
    listing = _listing(request, figures)
    shown = listing.page(_sorted(_matching(figures.annotators, listing), listing))
    context = {
        "training": training,
        "project": training.project,
        "permissions": request.permissions,
        "overview": figures,
        "listing": listing,
        "annotators": shown,
        "knowledge": people_who_know_the_gold(training, [row.annotator for row in shown]),
        "recalculation": recalculation_state(training),
        "clone": running_clone(training),
        "ranked": _ranked(figures),
        "heat_low": _heat_low(figures),
        "bins": score_distribution(figures),
        "is_moving": figures.waiting > 0,
        "stamp": stamp,
    }
    if target == "annotator-list":
        return render(request, "benchmarks/_annotator_list.html", context)
    if target == "overview-figures":
        response = render(request, "benchmarks/_overview_figures.html", context)
        response["HX-Trigger"] = "figures-changed"
        return response
    if target == "publication-note":
        return render(request, "benchmarks/_publication_note.html", context)
    return render(
        request,
        "benchmarks/overview.html",
        context | training_pages(request, "summary", "overview"),
    )


def _listing(request: ProjectRequest, figures: Overview) -> Listing:
    groups = Group.objects.filter(organisation=request.organisation).order_by("name")
    filters = [
        Filter("group", "Group", [Choice(str(group.uuid), group.name) for group in groups], icon="users")
    ]
    if figures.pass_mark is not None:
        words = {"pass": "Pass", "open": "Not enough evidence", "fail": "Fail"}
        counts = figures.verdicts
        filters.append(
            Filter("verdict", "Verdict", [Choice(key, word, counts[key]) for key, word in words.items()])
        )
    return Listing(
        request.GET,
        sorts={key: [key] for key in SORTS},
        default_sort="-score",
        filters=filters,
        search_placeholder="Search name or e-mail",
    )


def _matching(rows: list[AnnotatorResult], listing: Listing) -> list[AnnotatorResult]:
    words = listing.query.casefold()
    if words:
        rows = [row for row in rows if words in f"{row.annotator.name} {row.annotator.email}".casefold()]
    if listing.chosen("group"):
        members = set(
            Group.members.through.objects.filter(group__uuid__in=listing.chosen("group")).values_list(
                "user_id", flat=True
            )
        )
        rows = [row for row in rows if row.annotator.pk in members]
    if any(item.key == "verdict" for item in listing.filters) and listing.chosen("verdict"):
        rows = [row for row in rows if row.verdict in listing.chosen("verdict")]
    return rows


def _sorted(rows: list[AnnotatorResult], listing: Listing) -> list[AnnotatorResult]:
    by_name = sorted(rows, key=SORTS["name"])
    return sorted(by_name, key=SORTS[listing.sort.removeprefix("-")], reverse=listing.sort.startswith("-"))


def _ranked(figures: Overview) -> list[AnnotatorResult]:
    """Columns of the heat map: annotators with a score, best first, at most as many as fit."""
    scored = [row for row in figures.annotators if row.points.percent is not None]
    return sorted(scored, key=SORTS["score"], reverse=True)[:30]


def _heat_low(figures: Overview) -> int:
    """Where the colours of the heat map start: the tens below the lowest score, at most 60."""
    shown = [points.percent for row in figures.annotators for points in row.by_class.values()]
    return int(min([60.0, *(percent for percent in shown if percent is not None)]) // 10 * 10)


@require_GET
def recalculation(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The button and its state as a region; it polls while a job runs and then reloads the figures."""
    training = training_for(request, org_slug, project_id, Permission.SEE_RESULTS)
    state = recalculation_state(training)
    response = render(
        request, "benchmarks/_recalculation.html", _recalculation_context(training, state, request)
    )
    if state.running is None:
        response["HX-Trigger"] = "scores-published"
    return response


def _recalculation_context(training: TrainingProject, state: Any, request: ProjectRequest) -> dict[str, Any]:
    return {
        "training": training,
        "project": training.project,
        "recalculation": state,
        "permissions": request.permissions,
    }


@require_POST
def recalculate(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Publish the newest function version; the answer is the region, which shows progress."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_FUNCTION)
    newest = training.functions.order_by("-number").first()
    start_recalculation(
        training=training, actor=request.user, function=newest, reason=request.POST.get("reason", "")[:300]
    )
    if not request.htmx:
        messages.success(request, "Scores are being re-calculated.")
        return redirect("benchmarks:overview", org_slug, project_id)
    state = recalculation_state(training)
    return render(request, "benchmarks/_recalculation.html", _recalculation_context(training, state, request))


@require_POST
def retry_failed(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Put every failed evaluation of the publication back in line."""
    training = training_for(request, org_slug, project_id, Permission.CONTROL_TASKS)
    again = retry_evaluations(
        training=training, actor=request.user, rows=evaluations_failed(training.publication)
    )
    messages.success(request, f"{again} submission{'' if again == 1 else 's'} will be scored again.")
    return redirect("benchmarks:overview", org_slug, project_id)


@require_GET
def clone(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The progress of the last clone as a region; when it ends, the page's figures and lists reload."""
    training = training_for(request, org_slug, project_id, Permission.CONTROL_TASKS)
    if not request.htmx:
        return redirect("benchmarks:overview", org_slug, project_id)
    job = last_clone(training)
    response = render(request, "benchmarks/_clone.html", _clone_context(training, job, request))
    if job is None or not job.is_moving:
        response["HX-Trigger"] = "clone-ended"
    return response


@require_POST
def retry_clone(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Put a failed clone back in line; a second press finds it waiting already."""
    training = training_for(request, org_slug, project_id, Permission.CONTROL_TASKS)
    job = last_clone(training)
    again = job is not None and retry_job(job=job, actor=request.user)
    if request.htmx:
        return render(request, "benchmarks/_clone.html", _clone_context(training, job, request))
    messages.success(request, "Cloning is in line again." if again else "There is no failed cloning.")
    return redirect("benchmarks:overview", org_slug, project_id)


def _clone_context(training: TrainingProject, job: Job | None, request: ProjectRequest) -> dict[str, Any]:
    return {"project": training.project, "clone": job, "permissions": request.permissions}


@require_GET
def labels_csv(request: ProjectRequest, org_slug: str, project_id: UUID) -> StreamingHttpResponse:
    """Every evaluation label, streamed."""
    training = training_for(request, org_slug, project_id, Permission.SEE_RESULTS)
    return _csv(training, "labels", label_bytes(training))


@require_GET
def reasons_csv(request: ProjectRequest, org_slug: str, project_id: UUID) -> StreamingHttpResponse:
    """Every evaluation label with a sentence for each lost point, streamed."""
    training = training_for(request, org_slug, project_id, Permission.SEE_RESULTS)
    return _csv(training, "labels-with-reasons", label_csv_with_reasons(training))


@require_GET
def annotators_csv(request: ProjectRequest, org_slug: str, project_id: UUID) -> StreamingHttpResponse:
    """One line per annotator."""
    training = training_for(request, org_slug, project_id, Permission.SEE_RESULTS)
    return _csv(training, "annotators", annotator_csv(training, overview_of(training)))


def _csv(training: TrainingProject, what: str, lines: Any) -> StreamingHttpResponse:
    name = f"{slugify(training.project.title)[:60] or 'training'}-{what}.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
