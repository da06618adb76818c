"""Importing label files: which tasks get labels, what the report says, and starting twice."""

import io
import json
import zipfile

import pytest
from django.core.files.storage import default_storage

from accounts import events
from accounts.models import AuditEvent
from demo.catalogue import blood_cells
from formats import FormatError, ImportItem, write_coco, write_own
from jobs.models import Job, RowState
from labels.documents import document_of_task
from labels.events import TaskSubmitted
from labels.imports import running
from labels.imports.intake import (
    ImportStarted,
    discard_import,
    import_labels,
    import_labels_now,
    start_import,
    upload_labels,
)
from labels.imports.running import run_import
from labels.models import ImportOutcome, ImportReport, Instance, LabelRow, ReviewStatus, Submission
from projects.models import Role, Task, TaskEvent, TaskState
from projects.operations import delete_project
from tests.factories import (
    CELL,
    FileFactory,
    InstanceFactory,
    OntologyVersionFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    box_document,
    simple_structure,
)

pytestmark = pytest.mark.django_db
BOXES = box_document((0.1, 0.1, 0.2, 0.2), (0.5, 0.5, 0.25, 0.25))


def project_with(*titles, structure=None, **file):
    """A project with an admin (`project.admin`) and a queued task for each title."""
    project = ProjectFactory()
    if structure is not None:
        project.ontology_version = OntologyVersionFactory(
            organisation=project.organisation, structure=structure
        )
        project.save()
    project.admin = ProjectRoleFactory(project=project, role=Role.ADMIN).user
    for title in titles:
        TaskFactory(project=project, file=FileFactory(organisation=project.organisation, title=title, **file))
    return project


def task_of(project, title):
    return Task.objects.get(project=project, file__title=title, kind="annotate")


def own(*items, **root):
    entries = [{"file": title, "width": 64, "height": 48, "document": document} for title, document in items]
    return json.dumps({"format": "annotrain-labels", "version": 1, "items": entries, **root}).encode()


def voc_of(names, title="a.jpg"):
    """A VOC file of a 64 x 48 picture with one box for each class name."""
    box = "<bndbox><xmin>5</xmin><ymin>5</ymin><xmax>20</xmax><ymax>20</ymax></bndbox>"
    drawn = "".join(f"<object><name>{name}</name>{box}</object>" for name in names)
    size = "<size><width>64</width><height>48</height></size>"
    return f"<annotation><filename>{title}</filename>{size}{drawn}</annotation>".encode()


def imported(project, content, name="labels.json", *, as_submitted=False, **more):
    return import_labels_now(
        project=project,
        actor=project.admin,
        content=content,
        file_name=name,
        as_submitted=as_submitted,
        **more,
    )


def only_item(report):
    (item,) = report.items.all()
    return item


def reasons(item):
    return " ".join(problem["message"] for problem in item.problems)


@pytest.fixture
def heard(monkeypatch):
    """Every TaskSubmitted announced during the test, heard through the real channel."""
    heard = []
    monkeypatch.setitem(events._handlers, TaskSubmitted, [heard.append])
    return heard


# ------------------------------------------------------------ starting labels and submitted labels
def test_starting_labels_leave_the_task_queued_and_are_kept_as_its_start(heard):
    project = project_with("a.jpg")
    report = imported(project, own(("a.jpg", BOXES)))
    task = task_of(project, "a.jpg")
    assert (task.state, task.assignee, task.edited_by) == (TaskState.QUEUED, None, project.admin)
    assert LabelRow.objects.get(task=task).starting_document == BOXES
    assert document_of_task(task) == (BOXES, 1)
    assert not heard and not Submission.objects.exists()
    assert report.stage == "done"
    assert (only_item(report).outcome, only_item(report).labels_created) == (ImportOutcome.CREATED, 2)


def test_submitted_labels_are_handed_in_by_nobody_and_wait_for_review(heard):
    project = project_with("a.jpg")
    imported(project, own(("a.jpg", BOXES)), as_submitted=True)
    task = task_of(project, "a.jpg")
    assert (task.state, task.submitted_by, task.assignee) == (TaskState.IN_REVIEW, None, None)
    assert task.submitted_at is not None
    submission = Submission.objects.get(task=task)
    assert (submission.document, submission.label_count) == (BOXES, 2)
    assert (submission.key, submission.submitted_by) == (None, None)
    assert [event.submission for event in heard] == [submission]
    assert set(Instance.objects.values_list("review_status", flat=True)) == {ReviewStatus.IN_REVIEW}
    assert LabelRow.objects.get(task=task).starting_document is None
    event = TaskEvent.objects.get(task=task)
    assert (event.move, event.actor) == ("import_submitted", project.admin)
    assert AuditEvent.objects.filter(action="import labels as submitted", target_id=task.uuid).count() == 1


def test_the_import_itself_is_in_the_audit_trail():
    project = project_with("a.jpg")
    report = imported(project, own(("a.jpg", BOXES)), class_map={"RBC": "White blood cell"})
    event = AuditEvent.objects.get(action="import labels", target_id=report.uuid)
    assert event.actor == project.admin
    assert event.after["class_map"] == {"RBC": "White blood cell"}


def test_identifiers_of_the_file_stay_the_instances_identifiers():
    project = project_with("a.jpg")
    document = box_document((0.1, 0.1, 0.2, 0.2))
    document["objects"][0]["id"] = "cell-4711"
    imported(project, own(("a.jpg", document)))
    assert Instance.objects.get().identifier == "cell-4711"


def test_a_missing_required_answer_is_noted_and_does_not_stop_submitted_labels():
    structure = simple_structure()
    structure["objects"][0]["attributes"][0]["required"] = True
    project = project_with("a.jpg", structure=structure)
    item = only_item(imported(project, own(("a.jpg", BOXES)), as_submitted=True))
    assert item.outcome == ImportOutcome.CREATED
    assert {problem["severity"] for problem in item.problems} == {"note"}


# ------------------------------------------------------------ which tasks get labels
@pytest.mark.parametrize(
    "state",
    [TaskState.ASSIGNED, TaskState.IN_REVIEW, TaskState.RETURNED, TaskState.COMPLETED],
)
@pytest.mark.parametrize("as_submitted", [False, True])
def test_a_task_that_is_not_queued_is_refused_with_its_state(state, as_submitted):
    project = project_with("a.jpg")
    Task.objects.update(state=state)
    item = only_item(imported(project, own(("a.jpg", BOXES)), as_submitted=as_submitted))
    assert (item.outcome, item.labels_created, item.labels_refused) == (ImportOutcome.REFUSED, 0, 2)
    assert f"is {state.label}" in reasons(item)
    assert item.task == task_of(project, "a.jpg")
    assert not Instance.objects.exists()


def test_a_held_task_is_refused_with_the_name_of_its_holder():
    project = project_with()
    holder = UserFactory(name="Ada Holder")
    task = TaskFactory(project=project, held_by=holder)
    item = only_item(imported(project, own((task.file.title, BOXES))))
    assert item.outcome == ImportOutcome.REFUSED
    assert "held by Ada Holder" in reasons(item)


def test_a_task_with_labels_is_refused_and_keeps_them():
    project = project_with("a.jpg")
    kept = InstanceFactory(row__task=task_of(project, "a.jpg"), identifier="mine")
    item = only_item(imported(project, own(("a.jpg", BOXES)), as_submitted=True))
    assert "labels already" in reasons(item)
    assert list(Instance.objects.all()) == [kept]
    assert task_of(project, "a.jpg").state == TaskState.QUEUED


def test_the_second_import_of_a_file_refuses_every_item_of_the_first():
    project = project_with("a.jpg", "b.jpg")
    content = own(("a.jpg", BOXES), ("b.jpg", BOXES))
    imported(project, content)
    again = imported(project, content)
    assert set(again.items.values_list("outcome", flat=True)) == {ImportOutcome.REFUSED}
    assert Instance.objects.count() == 4


def test_a_draft_without_labels_does_not_stop_an_import():
    project = project_with("a.jpg")
    row = LabelRow.objects.create(task=task_of(project, "a.jpg"), revision=3)
    imported(project, own(("a.jpg", BOXES)))
    row.refresh_from_db()
    assert (row.starting_document, row.revision) == (BOXES, 4)


def test_two_files_of_one_title_are_refused_because_nobody_knows_which():
    project = project_with("a.jpg", "a.jpg", "b.jpg")
    report = imported(project, own(("a.jpg", BOXES), ("b.jpg", BOXES)))
    first, second = report.items.order_by("position")
    assert (first.outcome, second.outcome) == (ImportOutcome.REFUSED, ImportOutcome.CREATED)
    assert "2 files of the project have this title" in reasons(first)


def test_a_file_of_another_project_is_not_found():
    elsewhere = project_with("secret.jpg")
    project = project_with("a.jpg")
    item = only_item(imported(project, own(("secret.jpg", BOXES))))
    assert "no file called" in reasons(item)
    assert document_of_task(task_of(elsewhere, "secret.jpg")) == ({"objects": [], "classifications": []}, 0)


def test_an_item_of_which_nothing_is_left_leaves_its_task_alone():
    project = project_with("a.jpg")
    item = only_item(imported(project, own(("a.jpg", box_document((0, 0, 0, 0)))), as_submitted=True))
    assert (item.outcome, item.labels_refused) == (ImportOutcome.REFUSED, 1)
    assert task_of(project, "a.jpg").state == TaskState.QUEUED
    assert not LabelRow.objects.exists()


def test_a_picture_without_labels_can_be_submitted():
    project = project_with("a.jpg")
    item = only_item(imported(project, own(("a.jpg", box_document())), as_submitted=True))
    assert (item.outcome, item.labels_created) == (ImportOutcome.CREATED, 0)
    assert task_of(project, "a.jpg").state == TaskState.COMPLETED


# ------------------------------------------------------------ real formats
def test_the_blood_cells_come_in_from_voc_through_their_class_map():
    demo = blood_cells()
    project = project_with(
        *(image.name for image in demo.images),
        structure=demo.structure,
        width=demo.size[0],
        height=demo.size[1],
    )
    report = imported(project, demo.gold.content, demo.gold.name, as_submitted=True, class_map=demo.class_map)
    assert report.format == "voc"
    assert {name["name"] for name in report.unknown_classes} == set(demo.class_map)
    assert report.items.exclude(outcome=ImportOutcome.CREATED).count() == 0
    assert Submission.objects.filter(task__project=project).count() == len(demo.images)
    boxes = sum(content.count(b"<object>") for content in _files_in(demo.gold.content))
    assert Instance.objects.count() == boxes


def _files_in(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return [files.read(name) for name in files.namelist()]


def test_coco_comes_in_and_bad_annotations_are_refused_one_by_one():
    project = project_with("a.jpg")
    item = ImportItem(file="a.jpg", document=BOXES, width=64, height=48)
    content, _ = write_coco([item], project.ontology_version.structure)
    root = json.loads(content)
    root["annotations"].append(
        {"id": 9, "image_id": 1, "category_id": root["annotations"][0]["category_id"], "bbox": [1, 1, 0, 5]}
    )
    found = only_item(imported(project, json.dumps(root).encode()))
    assert (found.outcome, found.labels_created, found.labels_refused) == (ImportOutcome.PARTIAL, 2, 1)
    assert [problem["path"] for problem in found.problems] == ["annotations[2]"]


def test_differences_of_the_files_ontology_are_reported():
    project = project_with("a.jpg")
    theirs = simple_structure()
    theirs["objects"][1]["shape"] = "bitmask"
    theirs["objects"][0]["attributes"][0]["options"].append(
        {
            "id": "9",
            "label": "Basophil",
            "value": "basophil",
            "featureNodeHash": "basoAAAA",
            "archived": False,
        }
    )
    item = ImportItem(file="a.jpg", document=BOXES, width=64, height=48)
    report = imported(project, write_own([item], ontology=theirs))
    sentences = [problem["message"] for problem in report.problems]
    assert any("no option “Basophil”" in sentence for sentence in sentences)
    assert any("“Platelet” is drawn as bitmask in the file and as polygon here" in s for s in sentences)
    assert len(sentences) == 2
    assert only_item(report).outcome == ImportOutcome.CREATED


# ------------------------------------------------------------ the job
def test_an_import_runs_as_a_job_and_the_job_says_what_came_out(
    queue, work_off, django_capture_on_commit_callbacks
):
    project = project_with("a.jpg", "b.jpg")
    with django_capture_on_commit_callbacks(execute=True):
        report = import_labels(
            project=project,
            actor=project.admin,
            content=own(("a.jpg", BOXES), ("missing.jpg", BOXES)),
            file_name="labels.json",
            as_submitted=False,
        )
    assert report.stage == "pending"
    work_off()
    report = ImportReport.objects.get()
    assert (report.stage, report.job.state) == ("done", RowState.DONE)
    assert report.job.result["message"] == "2 labels on 1 file, 1 item refused."
    assert report.job.result["link"].endswith(f"/import/{report.uuid}/")
    assert (report.job.progress_done, report.job.progress_total) == (2, 2)


def test_a_job_killed_in_the_middle_imports_the_rest_and_nothing_twice(heard, monkeypatch):
    project = project_with("a.jpg", "b.jpg", "c.jpg")
    report = upload_labels(
        project=project,
        actor=project.admin,
        content=own(("a.jpg", BOXES), ("b.jpg", BOXES), ("c.jpg", BOXES)),
        file_name="labels.json",
        as_submitted=True,
    )

    class Killed(BaseException):
        """The worker is gone: nothing below it catches this."""

    def dies_at_the_second(done, total):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        run_import(report, progress=dies_at_the_second)
    assert report.items.count() == 2 and report.stage != "done"
    run_import(ImportReport.objects.get(pk=report.pk))
    assert list(report.items.order_by("position").values_list("position", "outcome")) == [
        (0, ImportOutcome.CREATED),
        (1, ImportOutcome.CREATED),
        (2, ImportOutcome.CREATED),
    ]
    assert Submission.objects.count() == len(heard) == 3
    run_import(ImportReport.objects.get(pk=report.pk))
    assert Submission.objects.count() == 3


def test_two_workers_that_meet_at_an_item_write_it_once():
    project = project_with("a.jpg")
    report = upload_labels(
        project=project, actor=project.admin, content=own(("a.jpg", BOXES)), file_name="x", as_submitted=True
    )
    slow = running._Run.of(report)
    run_import(ImportReport.objects.get(pk=report.pk))
    before = list(report.items.values())
    slow.import_once(0, ImportItem(file="a.jpg", document=BOXES))
    assert list(report.items.values()) == before
    assert Submission.objects.count() == 1


def test_an_ontology_that_was_switched_meanwhile_stops_the_import():
    project = project_with("a.jpg")
    report = upload_labels(
        project=project, actor=project.admin, content=own(("a.jpg", BOXES)), file_name="x", as_submitted=False
    )
    run = running._Run.of(report)
    project.ontology_version = OntologyVersionFactory(organisation=project.organisation)
    project.save()
    with pytest.raises(running.JobProblem, match="switched"):
        run.import_once(0, ImportItem(file="a.jpg", document=BOXES))
    assert not Instance.objects.exists()


def test_a_project_deleted_before_its_import_fails_the_job_with_a_sentence(
    queue, work_off, django_capture_on_commit_callbacks
):
    project = project_with("a.jpg")
    with django_capture_on_commit_callbacks(execute=True):
        report = import_labels(
            project=project,
            actor=project.admin,
            content=own(("a.jpg", BOXES)),
            file_name="x",
            as_submitted=False,
        )
    with django_capture_on_commit_callbacks(execute=True):
        delete_project(project=project, actor=project.admin, typed_title=project.title)
    assert not default_storage.exists(report.file_key)
    work_off()
    job = Job.objects.get()
    assert (job.state, "deleted" in job.error) == (RowState.FAILED, True)


# ------------------------------------------------------------ uploads
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"PK\x03\x04 broken",
        b"%PDF-1.4",
        b'<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>',
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(content):
    project = project_with("a.jpg")
    before = _stored_files()
    with pytest.raises(FormatError):
        import_labels(
            project=project, actor=project.admin, content=content, file_name="x", as_submitted=False
        )
    assert not ImportReport.objects.exists() and not Job.objects.exists()
    assert _stored_files() == before


def _stored_files():
    try:
        return default_storage.listdir("organisations")
    except FileNotFoundError:
        return ([], [])


def test_a_started_import_cannot_be_started_again_or_thrown_away():
    project = project_with("a.jpg")
    report = imported(project, own(("a.jpg", BOXES)))
    with pytest.raises(ImportStarted):
        start_import(report=report, actor=project.admin)
    with pytest.raises(ImportStarted):
        discard_import(report=report, actor=project.admin)
    assert not Job.objects.exists()


def test_a_discarded_upload_is_gone_with_its_file(django_capture_on_commit_callbacks):
    project = project_with("a.jpg")
    report = upload_labels(
        project=project, actor=project.admin, content=own(("a.jpg", BOXES)), file_name="x", as_submitted=False
    )
    key = report.file_key
    assert default_storage.exists(key)
    with django_capture_on_commit_callbacks(execute=True):
        discard_import(report=report, actor=project.admin)
    assert not ImportReport.objects.exists() and not default_storage.exists(key)


def test_hostile_file_names_are_shown_without_folders_and_control_characters():
    project = project_with("a.jpg")
    report = imported(project, own(("a.jpg", BOXES)), "..\\..\\etc/la\x00bels\n.json")
    assert report.file_name == "labels.json"
    assert "etc" not in report.file_key


def test_the_text_forms_of_labels_and_cells_are_kept_as_they_are():
    project = project_with("=cmd|x.jpg")
    item = only_item(imported(project, own(("=cmd|x.jpg", box_document((0.1, 0.1, 0.2, 0.2), node=CELL)))))
    assert item.file_title == "=cmd|x.jpg"
