"""The pages of the import: who may, what is refused in place, unknown names, progress, and the report."""

import json
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from demo.catalogue import blood_cells
from jobs.models import Job
from labels.imports.intake import start_import, upload_labels
from labels.models import ImportItem, ImportOutcome, ImportReport, Instance
from projects.models import ProjectKind, Role, TaskState
from tests.factories import MembershipFactory, ProjectFactory, ProjectRoleFactory, UserFactory, box_document
from tests.labels.test_import import BOXES, imported, own, project_with, task_of, voc_of

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def page(project, name="imports", *more):
    return reverse(f"labels:{name}", args=[project.organisation.slug, project.uuid, *more])


def upload(content, name="labels.json"):
    return SimpleUploadedFile(name, content)


def send(client, project, content, name="labels.json", labels_are="starting", **headers):
    return client.post(page(project), {"file": upload(content, name), "labels_are": labels_are}, **headers)


def text(response):
    return response.content.decode()


@pytest.fixture
def project():
    return project_with("a.jpg", "b.jpg")


@pytest.fixture
def admin(client, project):
    client.force_login(project.admin)
    return client


@pytest.fixture
def report(project):
    """An import with one item of each outcome, finished."""
    report = imported(project, own(("a.jpg", BOXES)))
    for position, (title, outcome) in enumerate([("b.jpg", "partial"), ("c.jpg", "refused")], start=1):
        ImportItem.objects.create(
            report=report,
            position=position,
            file_title=title,
            outcome=outcome,
            problems=[
                {"path": "annotations[3]", "message": "The bbox has no area.", "severity": "refused"},
                {"path": "annotations[4]", "message": "The box was clipped.", "severity": "repaired"},
            ],
        )
    return report


# ------------------------------------------------------------ who may
@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_admins_of_the_project_may_import(client, project, report, role):
    client.force_login(ProjectRoleFactory(project=project, role=role).user)
    assert client.get(page(project)).status_code == 403
    assert client.get(page(project, "import_report", report.uuid)).status_code == 403
    assert send(client, project, own(("a.jpg", BOXES))).status_code == 403
    assert client.post(page(project, "discard_import", report.uuid)).status_code == 403
    assert ImportReport.objects.count() == 1


def test_another_organisation_finds_nothing(client, project, report):
    stranger = MembershipFactory(owner=True).user
    client.force_login(stranger)
    absent = client.get(page(project).replace(str(project.uuid), str(report.uuid)))
    for address in (page(project), page(project, "import_report", report.uuid)):
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (404, absent.content)


def test_a_report_of_another_project_is_not_found_through_ones_own(client, report):
    mine = project_with()
    client.force_login(mine.admin)
    assert client.get(page(mine, "import_report", report.uuid)).status_code == 404
    assert client.post(page(mine, "discard_import", report.uuid)).status_code == 404


def test_a_training_project_has_no_import(client):
    training = ProjectFactory(kind=ProjectKind.TRAINING)
    client.force_login(ProjectRoleFactory(project=training, role=Role.ADMIN).user)
    assert client.get(page(training)).status_code == 404


# ------------------------------------------------------------ refused in place
@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.json", "The file is empty."),
        (b"%PDF-1.4 labels", "a.json", "is not a label file that can be read"),
        (b'{"images": [', "coco.json", "neither Annotrain"),
        (b'{"annotations": [', "coco.json", "not valid JSON"),
        (b"[]", "results.json", "bare JSON list"),
        (b"<annotations></annotations>", "cvat.xml", "is a CVAT file"),
        (
            b'<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>',
            "bomb.xml",
            "document type or entities",
        ),
        (b'{"format": "annotrain-labels", "version": 1, "items": [1e999]}', "a.json", "too large"),
        (b"PK\x03\x04 and then nothing", "a.zip", "archive"),
        (b"x" * (20 * 1024 * 1024 + 1), "big.json", "at most 20 MB can be imported"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_bad_file_gets_a_sentence_in_place_and_the_choices_stay(
    admin, project, content, name, sentence, headers
):
    answer = send(admin, project, content, name, labels_are="submitted", **headers)
    assert answer.status_code == 422
    assert sentence in answer.content.decode().replace("&#x27;", "'")
    assert 'value="submitted" checked' in text(answer)
    assert ("<html" in text(answer)) == (not headers)
    assert not ImportReport.objects.exists() and not Job.objects.exists()


def test_no_file_and_a_made_up_choice_are_named(admin, project):
    answer = admin.post(page(project), {"labels_are": "approved"})
    assert answer.status_code == 422
    assert "Choose a label file first." in text(answer)
    assert "Choose starting labels or submitted labels." in text(answer)


# ------------------------------------------------------------ the way through
def test_a_good_file_starts_a_job_and_leads_to_its_report(admin, project):
    answer = send(admin, project, own(("a.jpg", BOXES)), labels_are="submitted")
    report = ImportReport.objects.get()
    assert answer.url == page(project, "import_report", report.uuid)
    assert (report.as_submitted, report.stage, report.created_by) == (True, "pending", project.admin)
    shown = text(admin.get(answer.url))
    assert 'id="import-progress"' in shown and 'hx-trigger="job-ended from:body"' in shown


def test_htmx_is_sent_to_the_report_by_a_header(admin, project):
    answer = send(admin, project, own(("a.jpg", BOXES)), **HTMX)
    assert answer.headers["HX-Redirect"] == page(project, "import_report", ImportReport.objects.get().uuid)


def test_unknown_names_are_asked_for_with_a_guess_before_anything_is_written(admin):
    demo = blood_cells()
    project = project_with(demo.images[0].name, structure=demo.structure, width=640, height=480)
    admin.force_login(project.admin)
    address = send(admin, project, demo.gold.content, demo.gold.name).url
    report = ImportReport.objects.get()
    assert (report.stage, Job.objects.count()) == ("uploaded", 0)
    shown = text(admin.get(address))
    assert "Which class is meant?" in shown
    for name, meant in demo.class_map.items():
        assert f"<code>{name}</code>" in shown
        assert f'value="{meant}" selected' in shown
    answers = {f"class-{n}": demo.class_map[each["name"]] for n, each in enumerate(report.unknown_classes)}
    assert admin.post(address, answers).url == address
    report.refresh_from_db()
    assert (report.class_map, report.stage) == (demo.class_map, "pending")


def test_a_name_that_is_left_out_is_not_in_the_map(admin, project):
    address = send(admin, project, voc_of(("RBC", "WBC")), "a.xml").url
    admin.post(address, {"class-0": "", "class-1": "White blood cell"})
    assert ImportReport.objects.get().class_map == {"WBC": "White blood cell"}


def test_a_class_that_is_not_in_the_ontology_is_refused(admin, project):
    address = send(admin, project, voc_of(("RBC",)), "a.xml").url
    answer = admin.post(address, {"class-0": "Elephant"})
    assert answer.status_code == 422
    assert "The ontology has no such class." in text(answer)
    assert ImportReport.objects.get().stage == "uploaded"


def test_pressing_import_twice_starts_one_job(admin, project):
    address = send(admin, project, voc_of(("RBC",)), "a.xml").url
    admin.post(address, {"class-0": "White blood cell"})
    assert admin.post(address, {"class-0": ""}, follow=True).status_code == 200
    assert Job.objects.count() == 1
    assert ImportReport.objects.get().class_map == {"RBC": "White blood cell"}
    assert AuditEvent.objects.filter(action="import labels").count() == 1


def test_an_upload_can_be_discarded_and_a_started_import_cannot(admin, project, report):
    address = send(admin, project, voc_of(("RBC",)), "a.xml").url
    waiting = ImportReport.objects.exclude(pk=report.pk).get()
    assert admin.post(page(project, "discard_import", waiting.uuid)).url == page(project)
    assert admin.get(address).status_code == 404
    admin.post(page(project, "discard_import", report.uuid))
    assert ImportReport.objects.get() == report


# ------------------------------------------------------------ progress and report
def test_progress_moves_by_itself_and_says_when_it_has_ended(admin, project):
    report = upload_labels(
        project=project,
        actor=project.admin,
        content=own(("a.jpg", BOXES)),
        file_name="x.json",
        as_submitted=False,
    )
    start_import(report=report, actor=project.admin)
    Job.objects.update(state="running", progress_done=1, progress_total=4)
    poll = HTMX | {"HTTP_HX_TARGET": "import-progress"}
    address = page(project, "import_report", report.uuid)
    moving = admin.get(address, **poll)
    assert "1 of 4" in text(moving) and "every 1500ms" in text(moving)
    assert "HX-Trigger" not in moving.headers
    Job.objects.update(state="done")
    ImportReport.objects.update(finished_at=timezone.now())
    ended = admin.get(address, **poll)
    assert "every 1500ms" not in text(ended)
    assert "job-ended" in json.loads(ended.headers["HX-Trigger"])


def test_a_failed_import_shows_the_reason_and_a_retry(admin, project):
    report = upload_labels(
        project=project,
        actor=project.admin,
        content=own(("a.jpg", BOXES)),
        file_name="x.json",
        as_submitted=False,
    )
    start_import(report=report, actor=project.admin)
    Job.objects.update(state="failed", error="The uploaded file is not in the storage any more.")
    shown = text(admin.get(page(project, "import_report", report.uuid)))
    assert "not in the storage any more" in shown
    assert reverse("jobs:retry", args=[project.organisation.slug, Job.objects.get().uuid]) in shown
    other = ProjectRoleFactory(project=project, role=Role.ADMIN).user
    admin.force_login(other)
    assert "/retry/" in text(admin.get(page(project, "import_report", report.uuid)))


def test_the_report_counts_filters_and_searches(admin, project, report):
    address = page(project, "import_report", report.uuid)
    everything = text(admin.get(address))
    for title in ("a.jpg", "b.jpg", "c.jpg"):
        assert f'title="{title}"' in everything
    assert "The bbox has no area." in everything and "and 1 more" in everything
    refused = text(admin.get(address, {"outcome": "refused"}))
    assert 'title="c.jpg"' in refused and 'title="a.jpg"' not in refused
    searched = text(admin.get(address, {"q": "B.j"}))
    assert 'title="b.jpg"' in searched and 'title="c.jpg"' not in searched
    nothing = text(admin.get(address, {"q": "zebra"}))
    assert 'title="a.jpg"' not in nothing and "Clear" in nothing


def test_a_long_report_has_pages(admin, project, report):
    ImportItem.objects.bulk_create(
        ImportItem(report=report, position=n, file_title=f"p{n:03}.jpg", outcome=ImportOutcome.CREATED)
        for n in range(10, 60)
    )
    second = text(admin.get(page(project, "import_report", report.uuid), {"page": 2}))
    assert 'title="p035.jpg"' in second and 'title="a.jpg"' not in second


@pytest.mark.parametrize("target", ["import-items", "import-report"])
def test_a_fragment_is_the_same_region_of_the_whole_page(admin, project, report, target):
    address = page(project, "import_report", report.uuid)
    whole = text(admin.get(address, {"sort": "-file"}))
    fragment = text(admin.get(address, {"sort": "-file"}, HTTP_HX_TARGET=target, **HTMX)).strip()
    assert "<html" not in fragment and f'id="{target}"' in fragment
    assert _without_blanks(fragment) in _without_blanks(whole)


def _without_blanks(html):
    return "".join(html.split())


def test_names_from_the_file_are_text_and_never_markup(admin, project):
    title = "<script>alert(1)</script>.jpg"
    report = imported(project, own((title, box_document((0.1, 0.1, 0.2, 0.2)))), "<b>x</b>.json")
    shown = text(admin.get(page(project, "import_report", report.uuid)))
    assert "<script>alert(1)" not in shown and "&lt;script&gt;" in shown
    assert "<b>x</b>" not in text(admin.get(page(project)))


def test_earlier_imports_are_listed_and_the_empty_list_says_what_to_do(admin, project):
    assert "No imports yet" in text(admin.get(page(project)))
    imported(project, own(("a.jpg", BOXES)), "first.json")
    shown = text(admin.get(page(project)))
    assert "No imports yet" not in shown and 'title="first.json"' in shown
    fragment = text(admin.get(page(project), {"q": "nothing"}, **HTMX))
    assert "<html" not in fragment and 'title="first.json"' not in fragment


def test_the_lists_cost_the_same_with_two_and_with_twenty_rows(
    admin, project, report, django_assert_max_num_queries
):
    def queries(address):
        with django_assert_max_num_queries(60) as counted:
            assert admin.get(address).status_code == 200
        return len(counted)

    address = page(project, "import_report", report.uuid)
    queries(address)  # the first request of a session writes it
    few = (queries(address), queries(page(project)))
    ImportItem.objects.bulk_create(
        ImportItem(
            report=report, position=n, file_title=f"p{n}", outcome="created", task=task_of(project, "a.jpg")
        )
        for n in range(10, 28)
    )
    for _ in range(7):
        ImportReport.objects.create(
            project=project, file_name="x", file_key="k", created_by=UserFactory(), finished_at=timezone.now()
        )
    assert (queries(address), queries(page(project))) == few


# ------------------------------------------------------------ in a browser
def test_an_admin_imports_voc_files_with_unknown_names(
    transactional_db, page_as, queue, work_off, axe, tmp_path
):
    demo = blood_cells()
    titles = [image.name for image in demo.images[:3]]
    project = project_with(*titles, structure=demo.structure, width=640, height=480)
    archive = tmp_path / demo.gold.name
    archive.write_bytes(demo.gold.content)
    page_ = page_as(project.admin)
    page_.goto(page(project))
    axe(page_)
    page_.get_by_label("Label file").set_input_files(archive)
    page_.get_by_text(demo.gold.name).wait_for()
    page_.get_by_text("Submitted labels").click()
    page_.get_by_role("button", name="Import", exact=True).click()
    page_.get_by_text("Which class is meant?").wait_for()
    assert page_.get_by_label("RBC").input_value() == demo.class_map["RBC"]
    axe(page_)
    page_.get_by_role("button", name="Import", exact=True).click()
    page_.locator("#import-progress").wait_for()
    work_off()
    page_.locator("#import-items").wait_for()
    assert urlsplit(page_.url).path == page(project, "import_report", ImportReport.objects.get().uuid)
    page_.get_by_text("Labels created").wait_for()
    axe(page_)
    assert {task_of(project, title).state for title in titles} == {TaskState.IN_REVIEW}
    assert Instance.objects.exists()
    page_.get_by_label("Refused", exact=False).first.check()
    page_.wait_for_url("**outcome=refused**")
