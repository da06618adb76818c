"""Pages of projects and tasks in Chromium: what scripts do, and that everybody can use them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from labels.models import Submission
from projects.models import Instructions, Role, Task, TaskState
from projects.permissions import role_in
from tests.factories import GroupFactory, OntologyVersionFactory, TagFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def url(world, name, *rest):
    return reverse(name, args=[world.organisation.slug, *(rest or [world.project.uuid])])


def show(page, theme):
    page.evaluate("theme => document.dispatchEvent(new CustomEvent('settheme', {detail: theme}))", theme)


def fill(world):
    """A project in the middle of its life."""
    TagFactory(organisation=world.organisation)
    group = GroupFactory(organisation=world.organisation)
    group.members.add(world.people["member"])
    OntologyVersionFactory(organisation=world.organisation)
    for state in (TaskState.QUEUED, TaskState.RETURNED, TaskState.IN_REVIEW, TaskState.COMPLETED):
        world.labelled(world.task(state, submitted_by=UserFactory()))
    world.task(held_by=world.people["annotator"])


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible_and_never_wider_than_the_screen(page_as, world, axe, theme, width):
    fill(world)
    page = page_as(world.people["admin"], viewport={"width": width, "height": 900})
    task = Task.objects.filter(state=TaskState.COMPLETED).get()
    for address in (
        reverse("projects:manual_qa", args=[world.organisation.slug]),
        url(world, "labels:summary"),
        url(world, "labels:queue"),
        url(world, "labels:activity"),
        url(world, "labels:data"),
        url(world, "labels:start"),
        url(world, "labels:history", task.uuid),
        url(world, "projects:team"),
        url(world, "projects:settings"),
        url(world, "projects:settings_instructions"),
        url(world, "projects:settings_ontology"),
        url(world, "projects:settings_datasets"),
        url(world, "projects:settings_danger"),
        url(world, "projects:instructions"),
    ):
        page.goto(address)
        show(page, theme)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_of_a_new_project_and_the_dialogs_are_accessible(page_as, world, axe, theme):
    fill(world)
    page = page_as(world.people["owner"])
    page.goto(reverse("projects:new_manual_qa", args=[world.organisation.slug]))
    show(page, theme)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Choose at least one dataset")).to_be_visible()
    axe(page)
    page.problems.expect("422")
    lead = page_as(world.people["admin"])
    lead.goto(url(world, "projects:team"))
    show(lead, theme)
    for name in ("Add people", "Add group", "Invite by e-mail", "Leave project"):
        lead.get_by_role("button", name=name, exact=True).first.click()
        expect(lead.locator("dialog[open]")).to_be_visible()
        axe(lead, "dialog[open]")
        lead.keyboard.press("Escape")


def test_a_manager_assigns_the_free_ones_of_a_selection(page_as, world):
    free = [world.task(title=f"free_{number}.jpg") for number in range(3)]
    world.task(title="held.jpg", held_by=world.people["both"])
    page = page_as(world.people["manager"])
    page.goto(url(world, "labels:queue"))
    bar = page.locator("[data-bulk-bar]")
    expect(bar).to_be_hidden()
    for name in ("free_0.jpg", "free_1.jpg", "held.jpg"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    expect(bar.get_by_role("button", name="Assign 2 free")).to_be_enabled()
    expect(bar.get_by_role("button", name="Release 1")).to_be_enabled()
    bar.get_by_label("Assign to", exact=True).select_option(label=world.people["annotator"].name)
    bar.get_by_role("button", name="Assign 2 free").click()
    expect(page.get_by_text("2 tasks assigned. 1 left alone")).to_be_visible()
    held = Task.objects.filter(assignee=world.people["annotator"])
    assert set(held) == set(free[:2])


def test_assign_on_a_row_ticks_only_that_row_and_goes_to_the_choice_of_a_person(page_as, world):
    for number in range(3):
        world.task(title=f"free_{number}.jpg")
    page = page_as(world.people["manager"])
    page.goto(url(world, "labels:queue"))
    page.get_by_role("checkbox", name="Select free_0.jpg").check()
    page.get_by_role("row", name="free_2.jpg").get_by_role("button", name="Assign").click()
    expect(page.get_by_role("checkbox", name="Select free_2.jpg")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Select free_0.jpg")).not_to_be_checked()
    expect(page.get_by_label("Assign to", exact=True)).to_be_focused()


def test_enter_in_a_check_box_moves_nothing(page_as, world):
    world.task(title="free.jpg")
    page = page_as(world.people["manager"])
    page.goto(url(world, "labels:queue"))
    page.get_by_role("checkbox", name="Select free.jpg").check()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert Task.objects.get().assignee is None


def test_searching_swaps_the_list_and_going_back_restores_it(page_as, world):
    for name in ("smear_1.jpg", "smear_2.jpg", "slide_3.jpg"):
        world.task(title=name)
    page = page_as(world.people["annotator"])
    page.goto(url(world, "labels:queue"))
    page.get_by_placeholder("Search by file name").fill("smear")
    expect(page.get_by_text("2 tasks found")).to_be_visible()
    assert "q=smear" in page.url
    page.go_back()
    expect(page.get_by_text("slide_3.jpg")).to_be_visible()


def test_another_role_is_given_by_the_drop_down_and_an_admin_is_confirmed(page_as, world):
    person = world.people["annotator"]
    page = page_as(world.people["admin"])
    page.goto(url(world, "projects:team"))
    choice = page.get_by_label(f"Role of {person.name}")
    choice.select_option("reviewer")
    page.locator("#leave-role").get_by_role("button").last.click()  # their open tasks go back to the queue
    expect(page.get_by_text(f"{person.name} is reviewer now.")).to_be_visible()
    assert role_in(world.project, person) == Role.REVIEWER
    choice.select_option("admin")
    page.locator("#make-admin").get_by_role("button", name="Cancel").click()
    expect(choice).to_have_value("reviewer")
    assert role_in(world.project, person) == Role.REVIEWER
    choice.select_option("admin")
    page.locator("#make-admin").get_by_role("button", name="Make admin").click()
    expect(page.get_by_text(f"{person.name} is admin now.")).to_be_visible()
    assert role_in(world.project, person) == Role.ADMIN


def test_the_list_of_people_to_add_narrows_while_typing(page_as, world):
    page = page_as(world.people["admin"])
    page.goto(url(world, "projects:team"))
    page.get_by_role("button", name="Add people").click()
    member, owner = world.people["member"], world.people["owner"]
    page.get_by_placeholder("Find a person").fill(member.email)
    expect(page.locator("#candidate-list").get_by_text(owner.email)).to_be_hidden()
    page.locator("#candidate-list").get_by_text(member.email).click()
    page.locator("dialog[open]").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("1 person added as annotator.")).to_be_visible()


def test_an_annotator_works_through_the_queue_and_a_reviewer_approves(page_as, world):
    first, second = world.task(title="one.jpg"), world.task(title="two.jpg")
    world.labelled(first)
    page = page_as(world.people["annotator"])
    page.goto(url(world, "labels:summary"))
    page.get_by_role("button", name="Start labelling").click()
    for task in (first, second):
        page.locator("#editor[data-ready]").wait_for()
        assert str(task.uuid) in page.url
        here = page.url  # read before the key: the next page may be there at once
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda address, here=here: address != here)
    expect(page.get_by_text("The queue is empty")).to_be_visible()
    assert Submission.objects.count() == 2
    reviewer = page_as(world.people["reviewer"])
    reviewer.goto(url(world, "labels:activity"))
    reviewer.get_by_role("row", name="one.jpg").get_by_role("link", name="View", exact=True).click()
    reviewer.locator("#editor[data-ready]").wait_for()
    reviewer.get_by_role("button", name="Approve").click()
    reviewer.wait_for_url("**/labels/activity/")
    expect(reviewer.get_by_role("row", name="one.jpg").get_by_text("Completed")).to_be_visible()
    assert Task.objects.get(pk=first.pk).state == TaskState.COMPLETED


def test_instructions_open_beside_the_picture(page_as, world):
    Instructions.objects.create(project=world.project, markdown="# Cells\n\nDraw **tight** boxes.")
    task = world.task(held_by=world.people["annotator"])
    page = page_as(world.people["annotator"])
    page.goto(url(world, "labels:annotate", task.uuid))
    page.locator("#editor[data-ready]").wait_for()
    page.get_by_role("button", name="Instructions").click()
    expect(page.frame_locator("iframe").get_by_text("Draw tight boxes.")).to_be_visible()
