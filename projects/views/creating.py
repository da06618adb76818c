"""New Manual QA project."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import OrganisationRequest, organisation_for
from accounts.permissions import OrganisationPermission
from projects.forms import ManualQaForm
from projects.operations import create_project


@require_http_methods(["GET", "POST"])
def new_manual_qa(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """Title, description, tags, datasets, ontology; then the project with its tasks."""
    organisation = organisation_for(request, org_slug, OrganisationPermission.CREATE)
    form = ManualQaForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        project = create_project(
            organisation=organisation,
            actor=request.user,
            title=form.cleaned_data["title"],
            description=form.cleaned_data["description"],
            tags=form.cleaned_data["tags"],
            datasets=form.cleaned_data["datasets"],
            ontology_version=form.ontology_version(),
        )
        tasks = project.tasks.count()
        messages.success(
            request, f"“{project.title}” is ready with {tasks:,} {'task' if tasks == 1 else 'tasks'}."
        )
        return redirect("labels:summary", org_slug, project.uuid)
    datasets = form.fields["datasets"].queryset.annotate(size=Count("entries"))
    chosen = set(form.data.getlist("datasets")) if form.is_bound else set()
    context = {
        "form": form,
        "datasets": [{"row": one, "ticked": str(one.uuid) in chosen} for one in datasets],
        "has_ontologies": form.fields["ontology"].queryset.exists(),
    }
    return render(request, "projects/new_manual_qa.html", context, status=422 if form.errors else 200)
