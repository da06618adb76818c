"""Settings > Benchmark scoring function: read, edit, compare and restore versions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from benchmarks.access import training_for
from benchmarks.evaluation import kernel_function, ontology_of
from benchmarks.function_form import FunctionForm, Typed, typed_in, typed_of
from benchmarks.function_table import FunctionTable
from benchmarks.gold import gold_counts, gold_of_version
from benchmarks.models import BenchmarkFunction, TrainingProject
from benchmarks.navigation import training_pages
from benchmarks.operations.functions import (
    FunctionUnchanged,
    StaleFunction,
    newest_function,
    restore_function,
    save_function,
)
from benchmarks.publications import recalculation_state
from benchmarks.worked_example import worked_example
from projects.permissions import Permission, ProjectRequest


@require_GET
def function(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The newest version, read only, with all versions."""
    training = training_for(request, org_slug, project_id, Permission.READ_FUNCTION)
    newest = newest_function(training)
    return _page(request, training, "function", newest, _form(training, newest), can_edit=False)


@require_http_methods(["GET", "POST"])
def edit(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Change the newest version; saving makes the next one, which nothing shows until it is published."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_FUNCTION)
    newest = newest_function(training)
    if request.method == "GET":
        return _edit_page(request, training, newest, _form(training, newest))
    form = _form(training, newest, typed_in(request.POST, ontology_of(training)))
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:300]
    if not form.is_valid:
        return _edit_page(request, training, newest, form, status=422, notice=WRONG_VALUES)
    try:
        saved = save_function(
            training=training,
            actor=request.user,
            settings=form.settings,
            reason=reason,
            base=_number(request.POST.get("base", "")),
        )
    except FunctionUnchanged:
        return _edit_page(request, training, newest, form, status=422, notice=NOTHING_CHANGED)
    except StaleFunction as stale:
        notice = f"{stale} Your changes are still here, now beside that version. Save again to keep them."
        return _edit_page(request, training, stale.newest, form, status=409, notice=notice)
    messages.success(
        request, f"Version {saved.number} is saved. Scores change when you re-calculate them on Summary."
    )
    return redirect("benchmarks:function", org_slug, project_id)


WRONG_VALUES = "Some values cannot be used; they are marked below. Nothing was saved."
NOTHING_CHANGED = "Nothing was changed, so there is nothing to save."


@require_POST
def preview(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The figures that depend on what is being typed; saves nothing."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_FUNCTION)
    form = _form(training, newest_function(training), typed_in(request.POST, ontology_of(training)))
    return render(request, "benchmarks/_function_preview.html", _figures(training, form, can_edit=True))


@require_GET
def compare(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Two versions in one table: the older value struck through where they differ."""
    training = training_for(request, org_slug, project_id, Permission.READ_FUNCTION)
    older, newer = sorted(
        (_version(training, request.GET.get(key, "")) for key in ("a", "b")), key=lambda one: one.number
    )
    form = _form(training, older, typed_of(_kernel(training, newer)))
    context = {"older": older, "newer": newer}
    return _page(request, training, "function_compare", older, form, can_edit=False, **context)


@require_POST
def restore(request: ProjectRequest, org_slug: str, project_id: UUID, number: int) -> HttpResponse:
    """Save an older version's values as the next version."""
    training = training_for(request, org_slug, project_id, Permission.EDIT_FUNCTION)
    old = _version(training, str(number))
    try:
        saved = restore_function(
            training=training,
            actor=request.user,
            number=old.number,
            base=_number(request.POST.get("base", "")),
        )
    except FunctionUnchanged:
        messages.info(request, f"Version {old.number} has the same values as the newest one.")
    except StaleFunction as stale:
        messages.error(request, f"{stale} Look at it before you restore an older one.")
    else:
        messages.success(request, f"Version {old.number} is restored as version {saved.number}.")
    return redirect("benchmarks:function", org_slug, project_id)


# ---------------------------------------------------------------- what the pages show
def _kernel(training: TrainingProject, version: BenchmarkFunction) -> Any:
    version.training = training
    return kernel_function(version)


def _form(training: TrainingProject, base: BenchmarkFunction, typed: Typed | None = None) -> FunctionForm:
    return FunctionForm(ontology_of(training), _kernel(training, base), training.kind, typed or {})


def _version(training: TrainingProject, number: str) -> BenchmarkFunction:
    if not _number(number):
        raise Http404
    return get_object_or_404(training.functions.select_related("created_by"), number=_number(number))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _figures(training: TrainingProject, form: FunctionForm, *, can_edit: bool) -> dict[str, Any]:
    """The table with what the published gold is worth under it, and the worked example."""
    structure = training.project.ontology_version.structure
    gold = gold_of_version(training.publication.gold_version)
    offer = form.offer(gold_counts(form.ontology, (one.document for one in gold)))
    nodes = [*structure.get("objects", []), *structure.get("classifications", [])]
    return {
        "form": FunctionTable(form, shows_changes=True),
        "offer": offer,
        "colors": {node["featureNodeHash"]: node.get("color", "") for node in nodes},
        "example": worked_example(form.function, offer, gold),
        "can_edit": can_edit,
    }


def _edit_page(
    request: ProjectRequest,
    training: TrainingProject,
    base: BenchmarkFunction,
    form: FunctionForm,
    *,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    if form.base.to_dict() != base.settings:  # somebody saved in between: show the changes against theirs
        form = _form(training, base, form.typed)
    reason = request.POST.get("reason", "").replace("\x00", "")[:300]
    return _page(
        request,
        training,
        "function_edit",
        base,
        form,
        can_edit=True,
        status=status,
        notice=notice,
        reason=reason,
    )


def _page(
    request: ProjectRequest,
    training: TrainingProject,
    template: str,
    base: BenchmarkFunction,
    form: FunctionForm,
    *,
    can_edit: bool,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    context = {
        "training": training,
        "base": base,
        "next_number": base.number + 1,
        "versions": training.functions.select_related("created_by").order_by("-number"),
        "recalculation": recalculation_state(training),
        **_figures(training, form, can_edit=can_edit),
        **extra,
        **training_pages(request, "settings", "function"),
    }
    return render(request, f"benchmarks/{template}.html", context, status=status)
