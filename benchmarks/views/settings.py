"""Settings of a training project: options, gold, danger zone. The benchmark function has a module of its own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.listing import Listing
from benchmarks.access import training_for
from benchmarks.forms import LEVEL_HELP, FeedbackForm
from benchmarks.models import GoldTask, TrainingProject
from benchmarks.navigation import training_pages
from benchmarks.operations.settings import change_feedback
from projects.forms import DeleteForm, DescriptionForm, InstructionsForm
from projects.instructions import (
    InstructionsRefused,
    instructions_of,
    upload_pdf,
    write_markdown,
)
from projects.operations import ProjectRefused, delete_project, describe_project, losses_with
from projects.permissions import Permission, ProjectRequest

GOLD_SORTS = {
    "file": ["item__file__title", "pk"],
    "labels": ["label_count", "pk"],
    "reviewed": ["reviewed_count", "pk"],
    "order": ["item__position", "pk"],
}


@require_GET
def options(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Title, description, tags, feedback policy, pass mark and instructions."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    return _options_page(request, training)


@require_POST
def describe(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Save title, description and tags."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    form = DescriptionForm(request.POST, organisation=training.project.organisation)
    if not form.is_valid():
        return _options_page(request, training, description=form)
    describe_project(project=training.project, actor=request.user, **form.cleaned_data)
    return _saved(request, training, "Saved.")


@require_POST
def feedback(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Save what trainees see and when, and the pass mark."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    form = FeedbackForm.of(training, request.POST)
    if not form.is_valid():
        return _options_page(request, training, feedback_form=form)
    change_feedback(training=training, actor=request.user, **form.cleaned_data)
    return _saved(request, training, "Feedback policy and pass mark saved.")


@require_POST
def instructions(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Replace the instructions by text or a PDF."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    form = InstructionsForm(request.POST, request.FILES)
    if form.is_valid():
        pdf = form.cleaned_data["pdf"]
        place = {"project": training.project, "actor": request.user}
        try:
            if pdf:
                upload_pdf(**place, content=pdf, name=pdf.name, size=pdf.size)
            else:
                write_markdown(**place, text=form.cleaned_data["markdown"])
        except InstructionsRefused as refused:
            form.add_error("pdf" if pdf else "markdown", str(refused))
        else:
            return _saved(request, training, "Instructions saved. The editor shows them from now on.")
    return _options_page(request, training, instructions_form=form)


def _saved(request: ProjectRequest, training: TrainingProject, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("benchmarks:settings", request.organisation.slug, training.project.uuid)


def _options_page(
    request: ProjectRequest,
    training: TrainingProject,
    *,
    description: DescriptionForm | None = None,
    feedback_form: FeedbackForm | None = None,
    instructions_form: InstructionsForm | None = None,
) -> HttpResponse:
    """All three forms; one of them may come back with what was typed and its errors."""
    project = training.project
    found = instructions_of(project)
    initial = {"title": project.title, "description": project.description, "tags": project.tags.all()}
    is_refused = any((description, feedback_form, instructions_form))
    form = feedback_form or FeedbackForm.of(training)
    context = {
        "description_form": description
        or DescriptionForm(organisation=project.organisation, initial=initial),
        "feedback_form": form,
        "levels": [{"choice": choice, "help": LEVEL_HELP[choice.data["value"]]} for choice in form["level"]],
        "instructions": found,
        "instructions_form": instructions_form
        or InstructionsForm(initial={"markdown": found.markdown if found else ""}),
        "training": training,
    }
    return _page(request, "options", "settings", context, status=422 if is_refused else 200)


@require_GET
def gold(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Gold versions, the sources they came from, and every gold task of the published version."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    published = training.publication.gold_version
    listing = Listing(
        request.GET,
        sorts=GOLD_SORTS,
        default_sort="order",
        per_page=50,
        search_placeholder="Search by file name",
    )
    tasks = GoldTask.objects.filter(version=published).select_related(
        "item__file", "item__source_task__project"
    )
    if listing.query:
        tasks = tasks.filter(item__file__title__icontains=listing.query)
    context = {"listing": listing, "gold_tasks": listing.page(tasks), "training": training}
    if request.htmx:
        return render(request, "benchmarks/_gold_list.html", context)
    context |= {
        "published": published,
        "sources": training.sources.select_related("project"),
        "versions": training.gold_versions.select_related("created_by")
        .annotate(
            size=Count("tasks"), labels=Sum("tasks__label_count"), reviewed=Sum("tasks__reviewed_count")
        )
        .order_by("-number"),
    }
    return _page(request, "gold", "gold", context)


@require_http_methods(["GET", "POST"])
def danger(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Delete the project after its title was typed."""
    training = training_for(request, org_slug, project_id, Permission.DELETE_PROJECT)
    project = training.project
    form = DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            delete_project(project=project, actor=request.user, typed_title=form.cleaned_data["title"])
        except ProjectRefused as refused:
            form.add_error("title", str(refused))
        else:
            messages.success(request, f"“{project.title}” is deleted. Its sources are still there.")
            return redirect("benchmarks:projects", org_slug)
    context = {"form": form, "losses": losses_with(project.tasks.all()), "training": training}
    return _page(request, "danger", "danger", context, status=422 if form.errors else 200)


def _page(
    request: ProjectRequest, template: str, section: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    context |= training_pages(request, "settings", section)
    return render(request, f"benchmarks/settings_{template}.html", context, status=status)
