"""Import labels: choose a file, say which class unknown names mean, watch it, read what came of each item."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.listing import Choice, Filter, Listing
from formats import FormatError, Structure
from jobs.access import retry_check
from jobs.models import RowState
from labels.imports.forms import ClassesForm, UploadForm
from labels.imports.intake import ImportStarted, discard_import, start_import, upload_labels
from labels.imports.queries import Figures, figures_of, imports_of
from labels.models import ImportItem, ImportOutcome, ImportReport
from labels.pages import label_pages
from projects.models import Project, ProjectKind
from projects.permissions import Permission, ProjectRequest, project_for

# Ids of the regions inside a report that are loaded by themselves.
PROGRESS, ITEMS = "import-progress", "import-items"
DOTS = {
    ImportOutcome.CREATED: "completed",
    ImportOutcome.PARTIAL: "queued",
    ImportOutcome.REFUSED: "returned",
}
IMPORT_SORTS = {"file": ["file_name", "pk"], "created": ["created_at", "pk"]}
ITEM_SORTS = {
    "order": ["position", "pk"],
    "file": ["file_title", "pk"],
    "created": ["labels_created", "pk"],
    "refused": ["labels_refused", "pk"],
}


def _project(request: ProjectRequest, org_slug: str, project_id: UUID) -> Project:
    return project_for(request, org_slug, project_id, Permission.IMPORT_LABELS, kind=ProjectKind.MANUAL_QA)


def _report(request: ProjectRequest, org_slug: str, project_id: UUID, report_id: UUID) -> ImportReport:
    """One of the project's imports. Raises Http404 for those of other projects."""
    project = _project(request, org_slug, project_id)
    report = (
        ImportReport.objects.select_related("job", "created_by")
        .filter(project=project, uuid=report_id)
        .first()
    )
    if report is None:
        raise Http404
    report.project = project
    return report


@require_http_methods(["GET", "POST"])
def imports(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The form for a label file, and every earlier import."""
    project = _project(request, org_slug, project_id)
    if request.method == "POST":
        return _take_file(request, project)
    return render(request, *_imports_page(request, project, UploadForm()))


def _take_file(request: ProjectRequest, project: Project) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            report = upload_labels(
                project=project,
                actor=request.user,
                content=file.read(),
                file_name=file.name,
                as_submitted=form.as_submitted,
            )
        except FormatError as reason:
            form.add_error("file", str(reason))
        else:
            if not report.unknown_classes:
                start_import(report=report, actor=request.user)
            return redirect("labels:import_report", request.organisation.slug, project.uuid, report.uuid)
    if request.htmx:
        return render(request, "labels/_import_form.html", {"form": form, "project": project}, status=422)
    return render(request, *_imports_page(request, project, form), status=422)


def _imports_page(request: ProjectRequest, project: Project, form: UploadForm) -> tuple[str, dict[str, Any]]:
    listing = Listing(
        request.GET,
        sorts=IMPORT_SORTS,
        default_sort="-created",
        search_placeholder="Search imports",
        per_page=10,
    )
    reports = imports_of(project)
    if listing.query:
        reports = reports.filter(file_name__icontains=listing.query)
    context = {"listing": listing, "reports": listing.page(reports), "project": project}
    if request.htmx:
        return "labels/_import_list.html", context
    return "labels/imports.html", context | label_pages(request, "labels", "import") | {"form": form}


@require_http_methods(["GET", "POST"])
def import_report(request: ProjectRequest, org_slug: str, project_id: UUID, report_id: UUID) -> HttpResponse:
    """One import: unknown class names to explain, then its progress, then what came of each item."""
    report = _report(request, org_slug, project_id, report_id)
    if request.method == "POST":
        return _start(request, report)
    if report.stage == "uploaded":
        return render(request, *_page(request, report, {"form": _classes_form(report)}))
    if request.htmx and request.htmx.target == PROGRESS:
        return _progress(request, report)
    context = _items_context(request, report)
    if request.htmx and request.htmx.target == ITEMS:
        return render(request, "labels/_import_items.html", context)
    return render(request, *_page(request, report, context))


@require_POST
def discard(request: ProjectRequest, org_slug: str, project_id: UUID, report_id: UUID) -> HttpResponse:
    """Throw away an uploaded file that was not imported yet."""
    report = _report(request, org_slug, project_id, report_id)
    try:
        discard_import(report=report, actor=request.user)
    except ImportStarted:
        messages.error(request, "This import was started already, so it cannot be discarded.")
        return redirect("labels:import_report", org_slug, project_id, report_id)
    messages.success(request, f"“{report.file_name}” was discarded.")
    return redirect("labels:imports", org_slug, project_id)


def _start(request: ProjectRequest, report: ImportReport) -> HttpResponse:
    form = _classes_form(report, request.POST)
    if not form.is_valid():
        return render(request, *_page(request, report, {"form": form}), status=422)
    try:
        start_import(report=report, actor=request.user, class_map=form.class_map)
    except ImportStarted:
        messages.info(request, "This import was started already.")
    return redirect("labels:import_report", request.organisation.slug, report.project.uuid, report.uuid)


def _classes_form(report: ImportReport, answers: QueryDict | None = None) -> ClassesForm:
    ontology = Structure.of(report.project.ontology_version.structure)
    return ClassesForm(answers, report=report, ontology=ontology)


def _page(
    request: ProjectRequest, report: ImportReport, context: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The page, or for HTMX the region that holds all of the report."""
    context = {"project": report.project, "report": report} | context
    if request.htmx:
        return "labels/_import_report.html", context
    return "labels/import_report.html", label_pages(request, "labels", "import") | context


def _items_context(request: ProjectRequest, report: ImportReport) -> dict[str, Any]:
    figures = figures_of(report)
    listing = Listing(
        request.GET,
        sorts=ITEM_SORTS,
        default_sort="order",
        filters=[_outcome_filter(figures)],
        search_placeholder="Search by file name",
    )
    items = ImportItem.objects.filter(report=report).select_related("task")
    if listing.query:
        items = items.filter(file_title__icontains=listing.query)
    if listing.chosen("outcome"):
        items = items.filter(outcome__in=listing.chosen("outcome"))
    return {
        "project": report.project,
        "report": report,
        "figures": figures,
        "listing": listing,
        "items": listing.page(items),
        "retry_url": _retry_url(request, report),
    }


def _outcome_filter(figures: Figures) -> Filter:
    choices = [
        Choice(outcome.value, str(outcome.label), getattr(figures, outcome), DOTS[outcome])
        for outcome in ImportOutcome
    ]
    return Filter("outcome", "Outcome", choices, inline=True)


def _retry_url(request: ProjectRequest, report: ImportReport) -> str:
    """Where a failed import is tried again, for those who may import."""
    job = report.job
    if job is None or job.state != RowState.FAILED or not retry_check(request)(job):
        return ""
    return reverse("jobs:retry", args=[request.organisation.slug, job.uuid]) + "?show=panel"


def _progress(request: ProjectRequest, report: ImportReport) -> HttpResponse:
    """How far the job is; at its end the region around it is told to load the report."""
    context = {"report": report, "project": report.project, "retry_url": _retry_url(request, report)}
    response = render(request, "labels/_import_progress.html", context)
    if report.stage in (RowState.DONE, RowState.FAILED):
        trigger_client_event(response, "job-ended", {"state": report.stage})
    return response
