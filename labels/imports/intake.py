"""The verbs of an import: take the file, start the work, or throw the file away."""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.audit import record
from accounts.models import User
from formats import Structure, UnknownName, survey_labels
from jobs.operations import start_job
from labels.imports.running import run_import
from labels.models import ImportReport
from projects.models import Project, ProjectKind

JOB_KIND = "import_labels"
# What one form asks for: names beyond are refused in the report like names that are left out.
MAX_NAMES, MAX_NAME = 100, 120


class ImportStarted(Exception):
    """The import was started already; what it was started with cannot be changed any more."""


def import_labels(
    *,
    project: Project,
    actor: User,
    content: bytes,
    file_name: str,
    as_submitted: bool,
    class_map: Mapping[str, str] | None = None,
) -> ImportReport:
    """Store a label file and start its import as a background job; `class_map` renames (in the file -> ontology).

    Raises FormatError, whose text is for the person, when the file as a whole cannot be read; then nothing is stored.
    """
    report = upload_labels(
        project=project, actor=actor, content=content, file_name=file_name, as_submitted=as_submitted
    )
    return start_import(report=report, actor=actor, class_map=class_map)


def import_labels_now(
    *,
    project: Project,
    actor: User | None,
    content: bytes,
    file_name: str,
    as_submitted: bool,
    class_map: Mapping[str, str] | None = None,
) -> ImportReport:
    """The same without a job, in this process; returns the finished report. Raises FormatError."""
    report = upload_labels(
        project=project, actor=actor, content=content, file_name=file_name, as_submitted=as_submitted
    )
    _decide(report, actor, class_map)
    run_import(report)
    return report


def upload_labels(
    *, project: Project, actor: User | None, content: bytes, file_name: str, as_submitted: bool
) -> ImportReport:
    """Look the file over and keep it in private storage until the import is started. Raises FormatError.

    `unknown_classes` of the report are the names that a class map should explain first.
    """
    if project.kind != ProjectKind.MANUAL_QA:
        raise ValueError("labels are imported into manual-QA projects only")
    survey = survey_labels(content, file_name, Structure.of(project.ontology_version.structure))
    key = default_storage.save(
        f"organisations/{project.organisation.uuid}/imports/{uuid.uuid4().hex}", ContentFile(content)
    )
    try:
        return ImportReport.objects.create(
            project=project,
            file_name=_shown_name(file_name),
            file_key=key,
            as_submitted=as_submitted,
            format=survey.format,
            item_count=survey.items,
            unknown_classes=[
                {"name": unknown.name, "kind": unknown.kind, "labels": unknown.labels}
                for unknown in _worth_asking(survey.unknown)
            ],
            created_by=actor,
        )
    except BaseException:
        default_storage.delete(key)
        raise


def _worth_asking(unknown: Sequence[UnknownName]) -> list[UnknownName]:
    """The most frequent names that a person can read; a file of noise must not make a form of thousands of rows."""
    readable = [each for each in unknown if len(each.name) <= MAX_NAME and each.name.isprintable()]
    return readable[:MAX_NAMES]


def _shown_name(file_name: str) -> str:
    """The upload's name as pages show it: without folders and control characters, the end kept."""
    base = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in base if character.isprintable())[-200:] or "labels"


@transaction.atomic
def start_import(
    *, report: ImportReport, actor: User, class_map: Mapping[str, str] | None = None
) -> ImportReport:
    """Start the job of an uploaded file. Raises ImportStarted when somebody did so already."""
    report = _decide(report, actor, class_map)
    report.job = start_job(
        organisation=report.project.organisation,
        actor=actor,
        kind=JOB_KIND,
        title=f"Import labels from {report.file_name}",
        arguments={"report": report.pk},
        root=report.project,
    )
    report.save(update_fields=["job"])
    return report


@transaction.atomic
def _decide(report: ImportReport, actor: User | None, class_map: Mapping[str, str] | None) -> ImportReport:
    """Write down what the import is started with, once. Raises ImportStarted."""
    locked = ImportReport.objects.select_for_update().get(pk=report.pk)
    if locked.is_started:
        raise ImportStarted
    report.class_map = dict(class_map or {})
    report.save(update_fields=["class_map"])
    record(
        organisation=report.project.organisation,
        actor=actor,
        action="import labels",
        target=report,
        root=report.project,
        after={
            "file": report.file_name,
            "format": report.format,
            "items": report.item_count,
            "as_submitted": report.as_submitted,
            "class_map": report.class_map,
        },
    )
    return report


@transaction.atomic
def discard_import(*, report: ImportReport, actor: User) -> None:
    """Throw away an uploaded file whose import was not started. Raises ImportStarted when it was."""
    locked = ImportReport.objects.select_for_update().filter(pk=report.pk).first()
    if locked is None:
        return
    if locked.is_started:
        raise ImportStarted
    record(
        organisation=report.project.organisation,
        actor=actor,
        action="discard import",
        target=report,
        root=report.project,
        before={"file": report.file_name},
    )
    transaction.on_commit(partial(default_storage.delete, locked.file_key), robust=True)
    locked.delete()


def forget_imports(project: Project) -> None:
    """Delete the stored files of a project that is being deleted, once that is committed."""
    for key in ImportReport.objects.filter(project=project).values_list("file_key", flat=True):
        transaction.on_commit(partial(default_storage.delete, key), robust=True)
