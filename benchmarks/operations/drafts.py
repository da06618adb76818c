"""The verbs of the wizard: keep what was typed, and turn a finished draft into a project exactly once."""

import io
from collections.abc import Callable, Mapping
from typing import IO, Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from benchmarks.models import WizardDraft
from benchmarks.operations.create import create_training_project
from benchmarks.wizard import Wizard
from projects.instructions import read_pdf
from projects.models import Project


def draft_for(*, uuid: UUID, user: User, organisation: Organisation) -> WizardDraft | None:
    """The person's draft with this id, made when it is new; None when the id is somebody else's.

    The page makes the id, so that the first save of a wizard that was just opened finds its own draft again.
    """
    draft, _ = WizardDraft.objects.get_or_create(
        uuid=uuid, defaults={"user": user, "organisation": organisation}
    )
    return draft if draft.user_id == user.pk and draft.organisation_id == organisation.pk else None


Answers = dict[str, Any]
PDF_KEYS = ("pdf_key", "pdf_name")


def _change(draft: WizardDraft, step: str, change: Callable[[Answers], Answers]) -> WizardDraft:
    """Store what `change` makes of the stored answers: read and written under one lock, so that an upload and an
    autosave that overlap both stay."""
    with transaction.atomic():
        locked = WizardDraft.objects.select_for_update().get(pk=draft.pk)
        locked.answers = locked.answers | change(locked.answers) | {"at": step}
        locked.updated_at = timezone.now()
        locked.save(update_fields=["answers", "updated_at"])
    draft.answers, draft.updated_at = locked.answers, locked.updated_at
    return draft


def save_answers(*, draft: WizardDraft, step: str, **answers: Any) -> WizardDraft:
    """Store answers of one step beside the others, and that the person was there."""
    return _change(draft, step, lambda stored: answers)


def save_details(*, draft: WizardDraft, details: Mapping[str, Any]) -> WizardDraft:
    """Store the texts and tags of step 1; the uploaded file stays."""

    def change(stored: Answers) -> Answers:
        before = stored.get("details", {})
        return {"details": dict(details) | {key: before[key] for key in PDF_KEYS if key in before}}

    return _change(draft, "details", change)


def attach_pdf(*, draft: WizardDraft, content: IO[bytes], name: str, size: int) -> WizardDraft:
    """Keep an uploaded PDF with the draft. Raises projects.instructions.InstructionsRefused."""
    data = read_pdf(content, size)
    key = default_storage.save(f"drafts/{uuid4().hex}.pdf", ContentFile(data))
    return _replace_pdf(draft, {"pdf_key": key, "pdf_name": name[-200:].replace("\x00", "")})


def detach_pdf(*, draft: WizardDraft) -> WizardDraft:
    """Forget the draft's PDF."""
    return _replace_pdf(draft, {})


def _replace_pdf(draft: WizardDraft, pdf: Mapping[str, str]) -> WizardDraft:
    gone: list[str] = []

    def change(stored: Answers) -> Answers:
        details = stored.get("details", {})
        gone.append(details.get("pdf_key", ""))
        return {"details": {key: value for key, value in details.items() if key not in PDF_KEYS} | dict(pdf)}

    _change(draft, "details", change)
    _delete_stored_on_commit(gone[-1])
    return draft


def save_data(
    *, draft: WizardDraft, digest: str, sources: list[str], function: Mapping[str, str]
) -> WizardDraft:
    """Store sources and typed weights for one ontology; those for other ontologies stay."""
    typed = {digest: {"sources": sources, "function": dict(function)}}
    return _change(draft, "data", lambda stored: {"data": stored.get("data", {}) | typed})


def discard_draft(*, draft: WizardDraft) -> None:
    """Delete a draft with its file."""
    _delete_stored_on_commit(draft.answers.get("details", {}).get("pdf_key", ""))
    draft.delete()


@transaction.atomic
def create_from_draft(*, draft: WizardDraft, actor: User) -> Project:
    """Create the project that the draft describes; a second call returns the one that was made.

    Raises what create_training_project raises; the draft stays as it is then.
    """
    draft = (
        WizardDraft.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=draft.pk)
    )
    if draft.project is not None:
        return draft.project
    wizard = Wizard(draft, actor, draft.organisation)
    details = wizard.details
    training = create_training_project(
        organisation=draft.organisation,
        actor=actor,
        title=details["title"].strip(),
        description=details.get("description", "").strip(),
        tags=wizard.tags,
        kind=wizard.kind,
        instructions=details.get("markdown", ""),
        instructions_pdf=_stored_pdf(details),
        sources=wizard.sources,
        function=wizard.form.settings,
        people={one.user: one.role for one in wizard.trainees.people},
        groups={one.group: one.role for one in wizard.trainees.groups},
    )
    _delete_stored_on_commit(details.get("pdf_key", ""))
    draft.project = training.project
    draft.save(update_fields=["project"])
    return training.project


def _stored_pdf(details: Mapping[str, Any]) -> tuple[IO[bytes], str, int] | None:
    if not details.get("pdf_key"):
        return None
    with default_storage.open(details["pdf_key"]) as stored:
        data = stored.read()
    return io.BytesIO(data), details["pdf_name"], len(data)


def _delete_stored_on_commit(key: str) -> None:
    if key:
        transaction.on_commit(lambda: default_storage.delete(key), robust=True)
