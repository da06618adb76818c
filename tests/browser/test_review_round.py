"""A whole round of review by five people in the browser, until the task is gold of a training project."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import AuditEvent
from datasets.operations import create_dataset, upload_image
from labels.models import Instance, ReviewStatus
from ontologies.operations import create_ontology
from projects.models import Role, Task, TaskKind, TaskState
from projects.operations import create_project
from reviews.models import Issue, Review
from tests.editor_page import HEIGHT, WIDTH, Editor
from tests.factories import (
    CELL,
    PLATELET,
    MembershipFactory,
    OrganisationFactory,
    ProjectRoleFactory,
    picture_bytes,
    simple_structure,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROLES = {
    "annotator": Role.ANNOTATOR,
    "reviewer": Role.REVIEWER,
    "expert": Role.REVIEWER,
    "manager": Role.TEAM_MANAGER,
}


class Lab:
    """A Manual QA project of one picture, its admin and four people, each with a page of their own."""

    def __init__(self, page_as) -> None:
        self.organisation = OrganisationFactory(name="Meridian Imaging")
        admin = MembershipFactory(organisation=self.organisation, owner=True, user__name="Ines Calder").user
        version = create_ontology(
            organisation=self.organisation, actor=admin, title="Blood smear", structure=simple_structure()
        )
        dataset = create_dataset(organisation=self.organisation, actor=admin, title="Smears")
        upload_image(
            organisation=self.organisation,
            actor=admin,
            title="smear_1.jpg",
            content=picture_bytes(WIDTH, HEIGHT, seed=1),
            dataset=dataset,
        )
        self.project = create_project(
            organisation=self.organisation,
            actor=admin,
            title="Blood smears, gold",
            ontology_version=version,
            datasets=[dataset],
        )
        self.people = {"admin": admin}
        for name, role in ROLES.items():
            user = MembershipFactory(organisation=self.organisation, user__name=name.capitalize()).user
            ProjectRoleFactory(project=self.project, user=user, role=role)
            self.people[name] = user
        self.pages: dict[str, Page] = {name: page_as(user) for name, user in self.people.items()}

    @property
    def task(self) -> Task:
        return Task.objects.get(project=self.project, kind=TaskKind.ANNOTATE)

    def go(self, who: str, name: str) -> Page:
        page = self.pages[who]
        page.goto(reverse(name, args=[self.organisation.slug, self.project.uuid]))
        return page

    def start(self, who: str, button: str) -> Editor:
        page = self.go(who, "labels:queue")
        page.get_by_role("button", name=button).click()
        return Editor(page, self.task).wait()

    def statuses(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for node, status in (
            Instance.objects.filter(row__task=self.task).order_by("pk").values_list("node", "review_status")
        ):
            found.setdefault(node, []).append(status)
        return found


@pytest.fixture
def lab(transactional_db, page_as) -> Lab:
    return Lab(page_as)


def test_a_task_is_submitted_reviewed_returned_judged_by_an_expert_and_becomes_gold(lab):
    the_admin_sets_quality(lab)
    the_annotator_submits(lab)
    the_reviewer_rejects_one_label_and_reports_another(lab)
    the_annotator_sees_to_the_issues(lab)
    the_reviewer_rejects_a_second_time(lab)
    the_expert_has_the_last_word(lab)
    the_manager_reads_what_was_said(lab)
    the_admin_trains_with_it(lab)


def the_admin_sets_quality(lab: Lab) -> None:
    page = lab.go("admin", "reviews:quality")
    sampling = page.get_by_role("form", name="Sampling")
    sampling.get_by_label("Platelet").fill("0")
    sampling.get_by_role("button", name="Save sampling").click()
    page.get_by_label("Default rejection reasons").fill("Too loose\nWrong class")
    page.get_by_role("button", name="Save reasons").click()
    experts = page.get_by_role("form", name="Expert review")
    experts.get_by_role("checkbox", name="Expert review").check()
    experts.get_by_label("Rejections before an expert looks").fill("2")
    experts.get_by_role("checkbox", name="Expert", exact=True).check()
    page.get_by_role("button", name="Save expert review").click()
    chosen = page.get_by_role("form", name="Expert review").get_by_role("checkbox", name="Expert", exact=True)
    expect(chosen).to_be_checked()
    expect(page.get_by_label("Platelet").first).to_have_value("0")


def the_annotator_submits(lab: Lab) -> None:
    editor = lab.start("annotator", "Start labelling")
    editor.press("1")
    editor.drag((100, 100), (200, 200))
    editor.press("2")
    for corner in ((300, 100), (340, 100), (320, 140)):
        editor.click(corner)
    editor.press("Enter")
    hand_in(editor)
    assert lab.statuses() == {CELL: [ReviewStatus.IN_REVIEW], PLATELET: [ReviewStatus.NOT_SAMPLED]}


def hand_in(editor: Editor) -> None:
    with editor.page.expect_navigation():
        editor.press("Control+Enter")


def the_reviewer_rejects_one_label_and_reports_another(lab: Lab) -> None:
    editor = lab.start("reviewer", "Start reviewing")
    expect(editor.page.get_by_role("tab", name="Pending 1")).to_be_visible()
    editor.press("r")
    editor.page.keyboard.type("a cell at the right")
    editor.press("Enter")
    expect(editor.page.locator(".ed-reports")).to_contain_text("a cell at the right")
    editor.press("b", "1")
    with editor.page.expect_navigation():
        editor.press("Enter")
    expect(editor.page.get_by_text("The queue is empty")).to_be_visible()
    assert (lab.task.state, lab.task.assignee) == (TaskState.RETURNED, lab.people["annotator"])
    assert set(Issue.objects.values_list("kind", "reason")) == {
        ("rejected", "Too loose"),
        ("missing", "a cell at the right"),
    }


def the_annotator_sees_to_the_issues(lab: Lab) -> None:
    editor = lab.start("annotator", "Start labelling")
    issues = editor.page.get_by_role("region", name="Issues")
    expect(issues).to_contain_text("2 open")
    editor.press("1")
    editor.drag((450, 200), (550, 300))
    for count in (1, 2):
        issues.get_by_role("button", name="Mark as resolved").first.click()
        expect(issues.get_by_role("button", name="Take back")).to_have_count(count)
    hand_in(editor)
    assert lab.statuses()[CELL] == [ReviewStatus.IN_REVIEW] * 2
    assert lab.statuses()[PLATELET] == [ReviewStatus.NOT_SAMPLED]


def the_reviewer_rejects_a_second_time(lab: Lab) -> None:
    editor = lab.start("reviewer", "Start reviewing")
    expect(editor.page.get_by_role("tab", name="Pending 2")).to_be_visible()
    editor.press("b", "1", "Enter")
    expect(editor.page.get_by_role("tab", name="Completed 1")).to_be_visible()
    with editor.page.expect_navigation():
        editor.press("n")
    # The expert's review is not offered to others.
    expect(editor.page.get_by_text("The queue is empty")).to_be_visible()
    assert lab.task.state == TaskState.IN_REVIEW
    assert Review.objects.filter(is_expert=True).count() == 1


def the_expert_has_the_last_word(lab: Lab) -> None:
    editor = lab.start("expert", "Start reviewing")
    expect(editor.page.get_by_role("region", name="Judgement")).to_contain_text("Expert review")
    with editor.page.expect_navigation():
        editor.press("n")
    assert lab.task.state == TaskState.COMPLETED
    assert lab.statuses()[CELL] == [ReviewStatus.APPROVED] * 2


def the_manager_reads_what_was_said(lab: Lab) -> None:
    page = lab.go("manager", "labels:activity")
    expect(page.get_by_role("row").filter(has_text="smear_1.jpg")).to_contain_text("Completed")
    page.get_by_role("link", name="Reviews").click()
    expect(page.get_by_role("row").filter(has_text="Expert: Approved")).to_have_count(1)
    expect(page.get_by_text("a cell at the right")).to_be_visible()


def the_admin_trains_with_it(lab: Lab) -> None:
    page = lab.pages["admin"]
    page.goto(f"/o/{lab.organisation.slug}/projects/")
    page.get_by_role("link", name="New training project").first.click()
    page.locator("input[name=title]").fill("Cohort 1")
    page.get_by_role("button", name="Next").click()
    page.locator("input[type=radio]").first.check()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("checkbox", name="Blood smears, gold").check()
    expect(page.get_by_text("1 gold task")).to_be_visible()
    done = set(AuditEvent.objects.filter(root_id=str(lab.project.uuid)).values_list("action", flat=True))
    assert {"reject labels", "approve labels", "report missing labels", "change sampling"} <= done
