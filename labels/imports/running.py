"""The work of an import: each item in a transaction of its own, each item once however often the work starts."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from formats import FormatError, Structure, missing_required, read_labels
from formats import ImportItem as FoundItem
from jobs.jobs import JobProblem
from jobs.models import Job
from jobs.operations import report_progress
from labels.documents import Document
from labels.errors import InvalidLabels
from labels.imports.differences import ontology_differences
from labels.models import ImportItem, ImportOutcome, ImportReport, Instance, LabelRow
from labels.operations import hand_in, write_document
from projects.activity import touch_project
from projects.models import Project, Task, TaskKind, TaskState
from projects.workflow import Move

Progress = Callable[[int, int], None]
TITLE_LENGTH = 300


def import_job(job: Job) -> dict[str, Any]:
    """Body of the job that `start_import` asks for; may start any number of times."""
    report = ImportReport.objects.filter(pk=job.arguments["report"]).first()
    if report is None:
        raise JobProblem("The project was deleted before the labels were imported.")
    try:
        run_import(report, progress=lambda done, total: report_progress(job, done, total))
    except FormatError as reason:
        raise JobProblem(str(reason)) from None
    except FileNotFoundError:
        raise JobProblem("The uploaded file is not in the storage any more. Upload it again.") from None
    place = [report.project.organisation.slug, report.project.uuid, report.uuid]
    return {"message": outcome_sentence(report), "link": reverse("labels:import_report", args=place)}


def run_import(report: ImportReport, *, progress: Progress = lambda done, total: None) -> None:
    """Import what is not imported yet and finish the report. Raises FormatError, or JobProblem when things changed."""
    if report.finished_at is not None:
        return
    run = _Run.of(report)
    with default_storage.open(report.file_key) as stored:
        content = stored.read()
    found = read_labels(
        content, report.file_name, run.ontology, class_map=report.class_map, images=run.images
    )
    report.item_count = len(found.items)
    report.problems = [problem.as_json() for problem in found.problems] + [
        _note("ontology", difference) for difference in ontology_differences(found.ontology, run.ontology)
    ]
    report.save(update_fields=["item_count", "problems"])
    finished = set(ImportItem.objects.filter(report=report).values_list("position", flat=True))
    progress(len(finished), report.item_count)
    for position, item in enumerate(found.items):
        if position not in finished:
            run.import_once(position, item)
        progress(position + 1, report.item_count)
    report.finished_at = timezone.now()
    report.save(update_fields=["finished_at"])
    touch_project(run.project, at_once=True)


def outcome_sentence(report: ImportReport) -> str:
    """What came out of an import, for the list of jobs."""
    counts: dict[str, int] = dict(
        ImportItem.objects.filter(report=report).values_list("outcome").annotate(n=Count("pk")).order_by()
    )
    labels = ImportItem.objects.filter(report=report).aggregate(n=Sum("labels_created"))["n"] or 0
    written = counts.get(ImportOutcome.CREATED, 0) + counts.get(ImportOutcome.PARTIAL, 0)
    refused = counts.get(ImportOutcome.REFUSED, 0)
    sentence = f"{labels:,} labels on {written:,} {'file' if written == 1 else 'files'}"
    return (
        f"{sentence}, {refused:,} {'item' if refused == 1 else 'items'} refused."
        if refused
        else f"{sentence}."
    )


def _note(path: str, message: str) -> dict[str, str]:
    return {"path": path, "message": message, "severity": "note"}


@dataclass(frozen=True)
class _Run:
    """What one start of an import works with: read once, for all items."""

    report: ImportReport
    project: Project
    ontology: Structure
    actor: User | None
    tasks: dict[str, list[int]]
    images: dict[str, list[tuple[int, int]]]

    @classmethod
    def of(cls, report: ImportReport) -> "_Run":
        project = Project.objects.select_related("ontology_version", "organisation").get(pk=report.project_id)
        tasks: dict[str, list[int]] = defaultdict(list)
        images: dict[str, list[tuple[int, int]]] = {}
        files = Task.objects.filter(project=project, kind=TaskKind.ANNOTATE).select_related("file")
        for task in files.order_by("queue_rank", "id").iterator():
            tasks[task.file.title].append(task.pk)
            images[task.file.title] = task.file.frame_sizes
        ontology = Structure.of(project.ontology_version.structure)
        return cls(report, project, ontology, report.created_by, dict(tasks), images)

    def import_once(self, position: int, item: FoundItem) -> None:
        """One item in one transaction; the unique (report, position) judges when two workers do the same."""
        try:
            with transaction.atomic():
                self._import(position, item)
        except IntegrityError:
            if ImportItem.objects.filter(report=self.report, position=position).exists():
                return
            if not ImportReport.objects.filter(pk=self.report.pk).exists():
                raise JobProblem("The project was deleted while its labels were imported.") from None
            raise

    def _import(self, position: int, item: FoundItem) -> None:
        task, reason = self._task_for(item)
        problems = [problem.as_json() for problem in item.problems]
        written = False
        if reason:
            problems = [{"path": "task", "message": reason, "severity": "refused"}, *problems]
        elif task and item.document is not None and (item.label_count or not item.refused):
            try:
                with transaction.atomic():
                    problems += self._write(task, item.document)
                written = True
            except InvalidLabels as refusal:
                problems += [problem.as_json() for problem in refusal.problems]
        created = item.label_count if written else 0
        ImportItem.objects.create(
            report=self.report,
            position=position,
            file_title=item.file[:TITLE_LENGTH],
            task=task,
            outcome=_outcome(written, item.labels_refused),
            labels_created=created,
            labels_refused=max(0, item.labels_found - created),
            problems=problems,
        )

    def _task_for(self, item: FoundItem) -> tuple[Task | None, str]:
        """The item's task, locked, and why nothing can be imported into it (empty when it can)."""
        ids = self.tasks.get(item.file, [])
        if len(ids) > 1:
            return (
                None,
                f"{len(ids)} files of the project have this title, so it is not clear which one is meant.",
            )
        if not ids:
            return None, ""  # the reader refused the item and said so
        if item.document is None:
            return Task.objects.filter(pk=ids[0]).first(), ""
        task = (
            Task.objects.select_for_update(of=("self",))
            .select_related("file", "assignee")
            .filter(pk=ids[0])
            .first()
        )
        if task is None:
            return None, "The file was taken out of the project while the labels were imported."
        # Not locked: who detaches data locks project and tasks in that order, and would wait for us for ever.
        version = Project.objects.values_list("ontology_version", flat=True).get(pk=self.project.pk)
        if version != self.project.ontology_version_id:
            raise JobProblem(
                "The project's ontology was switched while labels were imported. Retry the rest."
            )
        task.project = self.project
        return task, _why_not(task)

    def _write(self, task: Task, document: Document) -> list[dict[str, str]]:
        """Write the labels and, as submitted, hand them in; returns notes for the report. Raises InvalidLabels."""
        start = None if self.report.as_submitted else document
        row = LabelRow.objects.filter(task=task).first()
        if row is None:
            row = LabelRow.objects.create(task=task, updated_by=self.actor, starting_document=start)
        elif start is not None:
            LabelRow.objects.filter(pk=row.pk).update(starting_document=start)
        write_document(row, task, document, actor=self.actor, ontology=self.ontology)
        if start is not None:
            Task.objects.filter(pk=task.pk).update(edited_at=row.updated_at, edited_by=self.actor)
            return []
        hand_in(row, task, document, actor=self.actor, move=Move.IMPORT_SUBMITTED)
        missing = missing_required(document, self.ontology)
        return [_note(problem.path, problem.message) for problem in missing]


def _why_not(task: Task) -> str:
    if task.state != TaskState.QUEUED or task.assignee_id is not None:
        state = task.get_state_display()
        held = f"{state} (held by {task.assignee})" if task.assignee else state
        return f"The task is {held}. Labels can only be imported into tasks that are Queued."
    if Instance.objects.filter(row__task=task).exists():
        return "The task has labels already, from a draft or an earlier import."
    return ""


def _outcome(written: bool, refused: int) -> ImportOutcome:
    if not written:
        return ImportOutcome.REFUSED
    return ImportOutcome.PARTIAL if refused else ImportOutcome.CREATED
