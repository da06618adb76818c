"""Summary of a Manual QA project."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from labels.pages import STATES, label_pages
from labels.queries import project_summary
from labels.task_rows import HANDED_IN
from projects.models import ProjectKind
from projects.permissions import Permission, ProjectRequest, project_for


@require_GET
def summary(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Tasks by status, labels by status, labels by class."""
    project = project_for(request, org_slug, project_id, Permission.SEE, kind=ProjectKind.MANUAL_QA)
    figures = project_summary(project)
    # (state, the list that shows it, count) in the order of a task's life
    state_order = [
        (state.value, "activity" if state in HANDED_IN else "queue", figures.tasks[state]) for state in STATES
    ]
    context = {"summary": figures, "state_order": state_order, **label_pages(request, "summary")}
    return render(request, "labels/summary.html", context)
