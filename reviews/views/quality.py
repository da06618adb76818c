"""Settings > Quality: admins change it, team managers read it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from projects.models import ProjectKind
from projects.permissions import Permission, ProjectRequest, project_for
from projects.shell import project_pages
from reviews.forms import ExpertForm, MappingForm, QualityForm, ReasonsForm, SamplingForm
from reviews.quality import QualityRefused, set_experts, set_mapping, set_reasons, set_sampling

PARTS = {
    "sampling": (SamplingForm, set_sampling),
    "reasons": (ReasonsForm, set_reasons),
    "mapping": (MappingForm, set_mapping),
    "experts": (ExpertForm, set_experts),
}


@require_http_methods(["GET", "POST"])
def quality(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Sampling, reasons, reviewers and experts; each part is saved by itself."""
    needs = Permission.EDIT_SETTINGS if request.method == "POST" else Permission.READ_QUALITY
    project = project_for(request, org_slug, project_id, needs, kind=ProjectKind.MANUAL_QA)
    may_change = Permission.EDIT_SETTINGS in request.permissions
    posted = request.POST.get("part")
    if request.method == "POST" and posted not in PARTS:
        raise Http404
    forms: dict[str, QualityForm] = {
        part: form(request.POST if part == posted else None, project=project, may_change=may_change)
        for part, (form, _) in PARTS.items()
    }
    if posted in PARTS and _is_saved(request, posted, forms[posted]):
        messages.success(request, "Saved. It holds for submissions from now on.")
        return redirect("reviews:quality", org_slug, project.uuid)
    context = {"forms": forms, "may_change": may_change, **project_pages(request, "settings", "quality")}
    return render(request, "reviews/settings_quality.html", context, status=422 if posted else 200)


def _is_saved(request: ProjectRequest, part: str, form: QualityForm) -> bool:
    """Whether the form was valid and the operation took it; else the form says why."""
    if not form.is_valid():
        return False
    _, change = PARTS[part]
    try:
        change(project=request.project, actor=request.user, **form.values())  # type: ignore[attr-defined, operator]
    except QualityRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True
