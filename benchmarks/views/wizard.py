"""New training project: four steps over a draft that keeps everything typed."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OrganisationRequest, organisation_for
from accounts.permissions import OrganisationPermission
from benchmarks.forms import DetailsForm
from benchmarks.function_form import typed_in
from benchmarks.function_table import FunctionTable
from benchmarks.models import WizardDraft
from benchmarks.operations.create import TrainingRefused
from benchmarks.operations.drafts import (
    attach_pdf,
    create_from_draft,
    detach_pdf,
    discard_draft,
    draft_for,
    save_answers,
    save_data,
    save_details,
)
from benchmarks.trainees import GROUP_ROLES, PERSON_ROLES, candidates
from benchmarks.wizard import STEPS, Wizard, neighbour, number_of
from benchmarks.worked_example import worked_example
from projects.instructions import InstructionsRefused
from projects.models import Role
from projects.team import TeamRefused

CREATE = OrganisationPermission.CREATE
TYPED_AT_MOST = 200_000


@require_GET
def start(request: OrganisationRequest, org_slug: str) -> HttpResponse:
    """Step 1 of a new draft; the row is made by the first save."""
    organisation = organisation_for(request, org_slug, CREATE)
    draft = WizardDraft(uuid=uuid4(), user=request.user, organisation=organisation)
    return _page(request, Wizard(draft, request.user, organisation), "details")


@require_http_methods(["GET", "POST"])
def step(request: OrganisationRequest, org_slug: str, draft_id: UUID, name: str) -> HttpResponse:
    """One step: shown, or saved and left for the next or the one before."""
    if name not in STEPS:
        raise Http404
    wizard = _wizard(request, org_slug, draft_id, make=request.method == "POST")
    if wizard.draft.project is not None:
        return redirect("benchmarks:overview", org_slug, wizard.draft.project.uuid)
    if request.method == "GET":
        earlier = wizard.first_unfinished(name)
        return _to_step(wizard, earlier) if earlier else _page(request, wizard, name)
    _save(wizard, name, request.POST)
    wizard = Wizard(wizard.draft, request.user, wizard.organisation)
    if "back" in request.POST:
        return _to_step(wizard, neighbour(name, -1) or name)
    if "stay" in request.POST:
        return _page(request, wizard, name)
    if wizard.problems(name) or (name == "details" and not _details_form(wizard, is_bound=True).is_valid()):
        return _page(request, wizard, name, is_refused=True)
    return _to_step(wizard, neighbour(name, 1) or name)


@require_POST
def autosave(request: OrganisationRequest, org_slug: str, draft_id: UUID, name: str) -> HttpResponse:
    """Keep what is typed; answers with the saved time and the figures that depend on it."""
    if name not in STEPS:
        raise Http404
    wizard = _wizard(request, org_slug, draft_id, make=True)
    _save(wizard, name, request.POST)
    wizard = Wizard(wizard.draft, request.user, wizard.organisation)
    context = {"wizard": wizard} | (_data_context(wizard) if name == "data" else {})
    response = render(
        request, f"benchmarks/_wizard_saved_{'data' if name == 'data' else 'other'}.html", context
    )
    response["HX-Replace-Url"] = _url(wizard, name)
    return response


@require_POST
def pdf(request: OrganisationRequest, org_slug: str, draft_id: UUID) -> HttpResponse:
    """Attach a PDF of instructions to the draft, or take it away."""
    wizard = _wizard(request, org_slug, draft_id, make=True)
    error = ""
    upload = request.FILES.get("pdf")
    if "remove" in request.POST:
        detach_pdf(draft=wizard.draft)
    elif upload is not None:
        try:
            attach_pdf(draft=wizard.draft, content=upload, name=upload.name or "", size=upload.size or 0)
        except InstructionsRefused as refused:
            error = str(refused)
    context = {"wizard": wizard, "pdf_error": error}
    if not request.htmx:
        return _to_step(wizard, "details")
    response = render(request, "benchmarks/_wizard_pdf.html", context, status=422 if error else 200)
    response["HX-Replace-Url"] = _url(wizard, "details")
    return response


@require_POST
def discard(request: OrganisationRequest, org_slug: str, draft_id: UUID) -> HttpResponse:
    """Delete a draft."""
    wizard = _wizard(request, org_slug, draft_id)
    discard_draft(draft=wizard.draft)
    messages.success(request, "The draft was discarded.")
    return redirect("benchmarks:projects", org_slug)


@require_POST
def create(request: OrganisationRequest, org_slug: str, draft_id: UUID) -> HttpResponse:
    """Create the training project; a second press leads to the one that was made."""
    wizard = _wizard(request, org_slug, draft_id)
    earlier = wizard.first_unfinished("trainees")
    if earlier and wizard.draft.project is None:
        return _to_step(wizard, earlier)
    try:
        project = create_from_draft(draft=wizard.draft, actor=request.user)
    except (TrainingRefused, TeamRefused, InstructionsRefused) as refused:
        return _page(request, wizard, "trainees", is_refused=True, problems=[str(refused)])
    messages.success(request, f"“{project.title}” is created.")
    return redirect("benchmarks:overview", org_slug, project.uuid)


def _wizard(request: OrganisationRequest, org_slug: str, draft_id: UUID, *, make: bool = False) -> Wizard:
    """The person's own draft; Http404 for an unknown one or somebody else's."""
    organisation = organisation_for(request, org_slug, CREATE)
    if make:
        draft = draft_for(uuid=draft_id, user=request.user, organisation=organisation)
    else:
        drafts = WizardDraft.objects.select_related("project")
        draft = drafts.filter(uuid=draft_id, user=request.user, organisation=organisation).first()
    if draft is None:
        raise Http404
    return Wizard(draft, request.user, organisation)


def _save(wizard: Wizard, name: str, post: QueryDict) -> None:
    if name == "details":
        texts = {key: _text(post, key) for key in ("title", "description", "markdown")}
        save_details(draft=wizard.draft, details=texts | {"tags": post.getlist("tags")[:100]})
    elif name == "ontology":
        save_answers(draft=wizard.draft, step=name, ontology=_text(post, "ontology")[:64])
    elif name == "data" and wizard.ontology is not None:
        save_data(
            draft=wizard.draft,
            digest=wizard.ontology.digest,
            sources=post.getlist("sources")[:500],
            function=typed_in(post, wizard.tree),
        )
    elif name == "trainees":
        save_answers(draft=wizard.draft, step=name, trainees=_chosen(post))


def _text(post: QueryDict, key: str) -> str:
    return post.get(key, "").replace("\x00", "")[:TYPED_AT_MOST]


def _chosen(post: QueryDict) -> dict[str, dict[str, str]]:
    """Roles by uuid as posted, with the row that the pressed button adds or takes away."""
    chosen: dict[str, dict[str, str]] = {"person": {}, "group": {}}
    for key, role in post.items():
        kind, _, uuid = key.partition("-role:")
        if kind in chosen and uuid:
            chosen[kind][uuid[:40]] = role[:20]
    kind, _, uuid = post.get("add", "").partition(":")
    if kind in chosen and uuid:
        chosen[kind].setdefault(uuid[:40], Role.ANNOTATOR)
    kind, _, uuid = post.get("remove", "").partition(":")
    if kind in chosen:
        chosen[kind].pop(uuid, None)
    return {"people": chosen["person"], "groups": chosen["group"]}


def _url(wizard: Wizard, name: str) -> str:
    return reverse("benchmarks:wizard_step", args=[wizard.organisation.slug, wizard.draft.uuid, name])


def _to_step(wizard: Wizard, name: str) -> HttpResponse:
    return redirect(_url(wizard, name))


# ---------------------------------------------------------------- showing
def _page(
    request: OrganisationRequest,
    wizard: Wizard,
    name: str,
    *,
    is_refused: bool = False,
    problems: list[str] | None = None,
) -> HttpResponse:
    context = {
        "wizard": wizard,
        "step": name,
        "step_number": number_of(name),
        "problems": (problems or wizard.problems(name)) if is_refused else [],
        "is_refused": is_refused,
    }
    if name == "trainees":
        context |= _trainees_context(wizard, request.POST or request.GET)
    elif name == "details":
        context |= _details_context(wizard, is_bound=is_refused)
    elif name == "data":
        context |= _data_context(wizard)
    is_region = context["is_region"] = bool(request.htmx) and name == "trainees"
    template = "benchmarks/_wizard_trainees.html" if is_region else f"benchmarks/wizard_{name}.html"
    return render(request, template, context, status=422 if is_refused else 200)


def _details_form(wizard: Wizard, *, is_bound: bool) -> DetailsForm:
    data = dict(wizard.details)
    if is_bound:
        bound = QueryDict(mutable=True)
        bound.setlist("tags", data.pop("tags", []))
        bound.update({key: value for key, value in data.items() if isinstance(value, str)})
        return DetailsForm(bound, organisation=wizard.organisation)
    return DetailsForm(initial=data, organisation=wizard.organisation)


def _details_context(wizard: Wizard, *, is_bound: bool) -> dict[str, Any]:
    return {"form": _details_form(wizard, is_bound=is_bound), "pdf_error": ""}


def _data_context(wizard: Wizard) -> dict[str, Any]:
    """Sources, the table of weights with what they are worth, and the worked example."""
    form, offer = wizard.form, wizard.offer
    return {
        "form": FunctionTable(form),
        "offer": offer,
        "colors": wizard.colors,
        "can_edit": True,
        "example": worked_example(form.function, offer, wizard.example_gold),
    }


def _trainees_context(wizard: Wizard, params: QueryDict) -> dict[str, Any]:
    query = params.get("q", "").replace("\x00", "").strip()[:100]
    trainees = wizard.trainees
    taken = {str(one.user.uuid) for one in trainees.people} | {str(wizard.user.uuid)}
    return {
        "trainees": trainees,
        "query": query,
        "candidates": candidates(
            wizard.organisation,
            query=query,
            without_people=taken,
            without_groups={str(one.group.uuid) for one in trainees.groups},
        ),
        "person_roles": PERSON_ROLES,
        "group_roles": GROUP_ROLES,
    }
