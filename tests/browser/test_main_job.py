"""The main job, end to end: gold becomes an exam, a trainee labels, a worker scores, a lead adjusts."""

import csv
import io
import json

import pytest
from playwright.sync_api import Page, expect

from benchmarks.models import Evaluation, TaskCopy, TrainingProject
from datasets.operations import create_dataset, upload_image
from jobs.models import RowState
from labels.imports.intake import import_labels_now
from labels.models import Submission
from ontologies.operations import create_ontology
from projects.models import Task, TaskState
from projects.operations import create_project
from tests.factories import (
    CELL,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    box,
    picture_bytes,
    simple_structure,
)

pytestmark = pytest.mark.django_db(transaction=True)

WIDTH, HEIGHT = 640, 480
# Gold: one white blood cell at (160, 120), 160 x 120 px.
GOLD = box(0.25, 0.25, 0.25, 0.25)


@pytest.fixture
def lab(transactional_db):
    """An organisation with a gold project of two pictures, its admin, and a member to train."""
    organisation = OrganisationFactory(name="Meridian Imaging")
    admin = MembershipFactory(organisation=organisation, owner=True, user__name="Ines Calder").user
    trainee = MembershipFactory(organisation=organisation, user__name="Priya Nair").user
    version = create_ontology(
        organisation=organisation, actor=admin, title="Blood smear", structure=simple_structure()
    )
    dataset = create_dataset(organisation=organisation, actor=admin, title="Smears")
    for number in (1, 2):
        upload_image(
            organisation=organisation,
            actor=admin,
            title=f"smear_{number}.jpg",
            content=picture_bytes(WIDTH, HEIGHT, seed=number),
            dataset=dataset,
        )
    project = create_project(
        organisation=organisation,
        actor=admin,
        title="Blood smears, gold",
        ontology_version=version,
        datasets=[dataset],
    )
    labels = [{"frame": 0, "geometry": GOLD, "keyframe": True, "answers": {}}]
    document = {
        "objects": [{"id": "g1", "node": CELL, "answers": {}, "labels": labels}],
        "classifications": [],
    }
    items = [
        {"file": f"smear_{number}.jpg", "width": WIDTH, "height": HEIGHT, "document": document}
        for number in (1, 2)
    ]
    content = json.dumps({"format": "annotrain-labels", "version": 1, "items": items}).encode()
    import_labels_now(project=project, actor=admin, content=content, file_name="gold.json", as_submitted=True)
    assert Task.objects.filter(project=project, state=TaskState.IN_REVIEW).count() == 2
    return organisation, admin, trainee


def test_from_gold_to_a_published_change_of_weights(page_as, lab, work_off, axe):
    organisation, admin, trainee = lab
    lead = page_as(admin)
    create_the_exam(lead, organisation.slug, trainee.name)
    work_off()
    training = TrainingProject.objects.get()
    assert TaskCopy.objects.filter(training=training, annotator=trainee).count() == 2

    person = page_as(trainee)
    label_one_task(person, training, GOLD)
    watch_it_being_scored(lead, training, trainee.name, work_off)

    read_the_summary(lead, training, axe)
    change_weights_and_publish(lead, training, work_off)
    download_and_add_up(lead, training)

    # The trainee's page says Submitted and nothing of scores.
    person.goto(f"/o/{organisation.slug}/t/{training.project.uuid}/")
    expect(person.get_by_text("1 task to go")).to_be_visible()
    assert "%" not in person.locator("main").inner_text()


def create_the_exam(page: Page, slug: str, trainee: str) -> None:
    page.goto(f"/o/{slug}/projects/")
    page.get_by_role("link", name="New training project").first.click()
    page.locator("input[name=title]").fill("Blood smears, cohort 1")
    page.get_by_role("button", name="Next").click()
    page.locator("input[type=radio]").first.check()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("checkbox", name="Blood smears, gold").check()
    # A reload loses nothing that was chosen.
    expect(page.get_by_text("2 gold tasks")).to_be_visible()
    page.reload()
    expect(page.get_by_role("checkbox", name="Blood smears, gold")).to_be_checked()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name=f"Add {trainee}").click()
    page.get_by_role("button", name="Create training program").click()
    confirmation = page.get_by_role("dialog")
    expect(confirmation.locator(".product-line strong")).to_have_text(["2", "1", "2"])
    confirmation.get_by_role("button", name="Create").click()
    page.wait_for_url(f"**/o/{slug}/t/**")


def label_one_task(page: Page, training: TrainingProject, shape: dict) -> None:
    slug = training.project.organisation.slug
    page.goto(f"/o/{slug}/t/{training.project.uuid}/")
    page.get_by_role("link", name="Start labelling").click()
    page.locator("#editor[data-ready]").wait_for()
    page.keyboard.press("1")
    view = page.evaluate("annotrainEditor.view.panes()[0].viewport")
    pane = page.locator(".ed-pane").bounding_box()
    left, top = pane["x"] + view["x"], pane["y"] + view["y"]
    x, y = left + shape["x"] * WIDTH * view["scale"], top + shape["y"] * HEIGHT * view["scale"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + shape["w"] * WIDTH * view["scale"], y + shape["h"] * HEIGHT * view["scale"], steps=5)
    page.mouse.up()
    first = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != first and "/annotate/" in url)
    submission = Submission.objects.get(task__project=training.project)
    geometry = submission.document["objects"][0]["labels"][0]["geometry"]
    assert geometry["x"] == pytest.approx(shape["x"], abs=0.01)
    assert geometry["w"] == pytest.approx(shape["w"], abs=0.01)


def watch_it_being_scored(page: Page, training: TrainingProject, trainee: str, work_off) -> None:
    slug = training.project.organisation.slug
    page.goto(f"/o/{slug}/t/{training.project.uuid}/labels/activity/")
    line = page.get_by_role("row").filter(has_text=trainee)
    expect(line).to_contain_text("Waiting")
    assert work_off() >= 1
    # No reload: the region asks again by itself.
    expect(line).to_contain_text("Scored")
    assert Evaluation.objects.get().state == RowState.DONE


def read_the_summary(page: Page, training: TrainingProject, axe) -> None:
    page.get_by_role("link", name="Summary").click()
    row = page.get_by_role("row").filter(has_text="Priya Nair")
    expect(row).to_contain_text("1/2")
    expect(row).to_contain_text("/ 200")
    axe(page)
    page.get_by_role("link", name="Annotator submissions").click()
    expect(page.get_by_role("row").filter(has_text="Priya Nair")).to_contain_text("Matched")
    axe(page)
    page.get_by_role("link", name="View", exact=True).first.click()
    page.locator("#editor[data-ready]").wait_for()
    expect(page.get_by_text("Gold", exact=True).first).to_be_visible()


def change_weights_and_publish(page: Page, training: TrainingProject, work_off) -> None:
    base = f"/o/{training.project.organisation.slug}/t/{training.project.uuid}"
    page.goto(f"{base}/settings/function/")
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("textbox", name="IoU").first.fill("300")
    page.get_by_label("Reason for the change").fill("outlines decide more")
    page.get_by_role("button", name="Save as v2").click()
    page.goto(f"{base}/")
    expect(page.get_by_text("Version 2 saved")).to_be_visible()
    page.get_by_role("button", name="Re-calculate scores").click()
    expect(page.get_by_text("Re-calculating")).to_be_visible()
    work_off()
    # The region follows the job and the figures follow the region: 300 + 100 points instead of 200.
    expect(page.get_by_role("row").filter(has_text="Priya Nair")).to_contain_text("/ 400")
    expect(page.get_by_text("Version 2 saved")).to_be_hidden()


def download_and_add_up(page: Page, training: TrainingProject) -> None:
    page.get_by_role("button", name="CSV").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="All evaluation labels").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["outcome"], row["available"]) for row in rows] == [("matched", "400")]
    assert float(rows[0]["iou_value"]) * 300 + 100 == pytest.approx(float(rows[0]["earned"]))
    assert float(rows[0]["iou_value"]) > 0.9
    assert rows[0]["function_version"] == "2"


def test_another_organisations_lead_finds_nothing(page_as, lab):
    organisation, _, _ = lab
    stranger = UserFactory()
    MembershipFactory(user=stranger, owner=True)
    page = page_as(stranger)
    page.problems.expect("404")
    response = page.goto(f"/o/{organisation.slug}/projects/")
    assert response is not None
    assert response.status == 404
