"""Settings of a project: general, instructions, ontology, datasets, danger zone."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datasets.models import Dataset
from projects.forms import DeleteForm, DescriptionForm, InstructionsForm
from projects.instructions import InstructionsRefused, instructions_of, upload_pdf, write_markdown
from projects.models import Project, ProjectKind
from projects.operations import (
    ProjectRefused,
    attach_dataset,
    delete_project,
    describe_project,
    detach_dataset,
    is_ontology_used,
    losses_with,
    tasks_only_in,
)
from projects.permissions import Permission, ProjectRequest, project_for
from projects.shell import project_pages


def _door(request: ProjectRequest, org_slug: str, project_id: UUID, permission: Permission) -> Project:
    """These pages are of Manual QA projects; training projects have settings of their own."""
    return project_for(request, org_slug, project_id, permission, kind=ProjectKind.MANUAL_QA)


def _page(
    request: ProjectRequest, section: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    context |= project_pages(request, "settings", section)
    return render(request, f"projects/settings_{section}.html", context, status=status)


@require_http_methods(["GET", "POST"])
def general(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Title, description and tags."""
    project = _door(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    initial = {"title": project.title, "description": project.description, "tags": project.tags.all()}
    form = DescriptionForm(request.POST or None, organisation=project.organisation, initial=initial)
    if request.method == "POST" and form.is_valid():
        describe_project(project=project, actor=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("projects:settings", org_slug, project.uuid)
    return _page(request, "general", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def instructions(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Write or upload what annotators are told."""
    project = _door(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    found = instructions_of(project)
    form = InstructionsForm(
        request.POST or None, request.FILES or None, initial={"markdown": found.markdown if found else ""}
    )
    if request.method == "POST" and form.is_valid():
        try:
            _store_instructions(project, form, request)
        except InstructionsRefused as refused:
            form.add_error("pdf" if form.cleaned_data["pdf"] else "markdown", str(refused))
        else:
            messages.success(request, "Instructions saved. The editor shows them from now on.")
            return redirect("projects:settings_instructions", org_slug, project.uuid)
    context = {"form": form, "instructions": found}
    return _page(request, "instructions", context, status=422 if form.errors else 200)


def _store_instructions(project: Project, form: InstructionsForm, request: ProjectRequest) -> None:
    pdf = form.cleaned_data["pdf"]
    if pdf:
        upload_pdf(project=project, actor=request.user, content=pdf, name=pdf.name, size=pdf.size)
    else:
        write_markdown(project=project, actor=request.user, text=form.cleaned_data["markdown"])


@require_GET
def ontology(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The ontology version that the project uses."""
    project = _door(request, org_slug, project_id, Permission.EDIT_SETTINGS)
    version = project.ontology_version
    newest = version.ontology.versions.order_by("-number").first()
    return _page(request, "ontology", {"version": version, "newest": newest, "structure": version.structure})


@require_GET
def datasets(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """What is attached, what detaching would take away, and what could be attached."""
    project = _door(request, org_slug, project_id, Permission.ATTACH_DATASETS)
    attached = project.datasets.annotate(size=Count("entries")).order_by("title")
    attachable = Dataset.objects.filter(organisation=project.organisation).exclude(projects=project)
    context = {
        "attached": [
            {"dataset": one, "losses": losses_with(tasks_only_in(project, one))} for one in attached
        ],
        "attachable": attachable.annotate(size=Count("entries")).order_by("title"),
    }
    return _page(request, "datasets", context)


@require_POST
def attach(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Attach a dataset of the organisation."""
    project = _door(request, org_slug, project_id, Permission.ATTACH_DATASETS)
    dataset = _dataset_of(request, project, request.POST.get("dataset", ""))
    made = attach_dataset(project=project, dataset=dataset, actor=request.user)
    messages.success(
        request, f"“{dataset.title}” is attached: {made:,} new {'task' if made == 1 else 'tasks'}."
    )
    return redirect("projects:settings_datasets", org_slug, project.uuid)


@require_POST
def detach(request: ProjectRequest, org_slug: str, project_id: UUID, dataset_id: UUID) -> HttpResponse:
    """Detach a dataset; the page has asked with the counts."""
    project = _door(request, org_slug, project_id, Permission.ATTACH_DATASETS)
    dataset = _dataset_of(request, project, str(dataset_id))
    try:
        losses = detach_dataset(project=project, dataset=dataset, actor=request.user)
    except ProjectRefused as refused:
        messages.error(request, str(refused))
    else:
        gone = ", ".join(f"{loss.count:,} {loss.noun if loss.count == 1 else loss.nouns}" for loss in losses)
        messages.success(request, f"“{dataset.title}” is detached{f'; deleted: {gone}' if gone else ''}.")
    return redirect("projects:settings_datasets", org_slug, project.uuid)


def _dataset_of(request: ProjectRequest, project: Project, wanted: str) -> Dataset:
    try:
        dataset_id = UUID(wanted)
    except ValueError:
        dataset_id = UUID(int=0)
    return get_object_or_404(Dataset, organisation=project.organisation, uuid=dataset_id)


@require_http_methods(["GET", "POST"])
def danger(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Delete the project after its title was typed."""
    project = _door(request, org_slug, project_id, Permission.DELETE_PROJECT)
    form = DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            delete_project(
                project=project,
                actor=request.user,
                typed_title=form.cleaned_data["title"],
                with_ontology=form.cleaned_data["with_ontology"],
            )
        except ProjectRefused as refused:
            form.add_error("title", str(refused))
        else:
            messages.success(request, f"“{project.title}” is deleted. Its datasets are still there.")
            return redirect("projects:manual_qa", org_slug)
    context = {
        "form": form,
        "losses": losses_with(project.tasks.all()),
        "ontology_stays": is_ontology_used(project.ontology_version.ontology_id, besides=project),
    }
    return _page(request, "danger", context, status=422 if form.errors else 200)
