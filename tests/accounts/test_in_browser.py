"""The shell, the components and the people pages in a real browser."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from accounts.models import Group, Membership, Tag, User
from tests.factories import PASSWORD, GroupFactory, MembershipFactory, TagFactory

pytestmark = pytest.mark.browser


def show(page, theme: str) -> None:
    page.evaluate("theme => document.dispatchEvent(new CustomEvent('settheme', {detail: theme}))", theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_gallery_is_accessible_and_never_wider_than_the_screen(page_as, lab, axe, theme, width):
    page = page_as(lab.owner, viewport={"width": width, "height": 900})
    page.goto("/_gallery/?errors=1")
    show(page, theme)
    expect(page.locator("canvas")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_people_pages_are_accessible(page_as, lab, axe, theme):
    group = GroupFactory(organisation=lab.organisation)
    group.members.add(lab.member)
    TagFactory(organisation=lab.organisation)
    page = page_as(lab.owner)
    people = "/o/meridian/people/"
    for path in (
        people,
        f"{people}{lab.member.uuid}/",
        f"{people}groups/",
        f"{people}groups/{group.uuid}/",
        f"{people}invitations/",
        f"{people}invite/",
        "/o/meridian/settings/",
        "/o/meridian/tags/",
        "/o/meridian/audit/",
        "/account/",
    ):
        page.goto(path)
        show(page, theme)
        axe(page)


def test_the_log_in_page_is_accessible_and_works(page_as, lab, axe):
    page = page_as()
    page.goto("/account/")
    axe(page)
    page.get_by_label("E-mail").fill(lab.member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def test_searching_filters_the_list_and_the_address_and_back_undoes_it(page_as, lab):
    page = page_as(lab.owner)
    page.goto("/o/meridian/people/")
    page.keyboard.press("/")
    page.keyboard.type("amara")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=amara$"))
    expect(page.get_by_role("searchbox", name="Search by name or e-mail")).to_be_focused()
    page.get_by_role("button", name="Role").click()
    page.get_by_role("checkbox", name="Owner").check()
    expect(page.get_by_text("No members match")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No members match")).to_be_visible()
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_sorting_keeps_the_search(page_as, lab):
    page = page_as(lab.owner)
    page.goto("/o/meridian/people/?q=person")
    page.get_by_role("link", name="Name").click()
    expect(page).to_have_url(re.compile(r"\?q=person&sort=-name$"))
    expect(page.locator("tbody tr").first).to_contain_text("Marta Lindgren")
    page.get_by_role("searchbox", name="Search by name or e-mail").fill("")
    expect(page).to_have_url(re.compile(r"\?sort=-name$"))


def test_the_switch_stores_at_once_and_says_so(page_as, lab):
    page = page_as(lab.owner)
    page.goto("/o/meridian/people/")
    page.get_by_role("checkbox", name="Amara Okafor may create").check()
    expect(page.locator("#toasts")).to_contain_text("Amara Okafor may now create")
    assert Membership.objects.get(user=lab.member).may_create


def test_people_are_added_to_a_group_by_search_and_removed_in_bulk(page_as, lab):
    group = GroupFactory(organisation=lab.organisation, name="Cohort 8")
    page = page_as(lab.admin)
    page.goto(f"/o/meridian/people/groups/{group.uuid}/")
    page.get_by_role("button", name="Add people").click()
    page.get_by_role("searchbox", name="Search people").fill("okafor")
    expect(page.locator("#people-to-add label:visible")).to_have_count(1)
    page.locator("#people-to-add").get_by_text("Amara Okafor").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Amara Okafor joined Cohort 8.")).to_be_visible()
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("button", name="Remove 1 from the group").click()
    expect(page.get_by_text("Nobody is in this group yet")).to_be_visible()
    assert not Group.objects.get().members.exists()


def test_a_confirmation_can_be_cancelled_with_escape_and_gives_the_focus_back(page_as, lab):
    tag = TagFactory(organisation=lab.organisation, name="microscopy")
    page = page_as(lab.admin)
    page.goto("/o/meridian/tags/")
    button = page.get_by_role("button", name="Delete microscopy")
    button.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    assert Tag.objects.filter(pk=tag.pk).exists()
    button.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The tag “microscopy” was deleted.")).to_be_visible()
    assert not Tag.objects.exists()


def test_the_theme_is_painted_at_once_and_kept(page_as, lab):
    page = page_as(lab.member)
    page.goto("/account/")
    page.get_by_role("button", name="Account menu of Amara Okafor").click()
    with page.expect_response("**/account/theme/"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert User.objects.get(pk=lab.member.pk).theme == "dark"


def test_an_ended_session_keeps_the_page_and_goes_on_after_logging_in_again(page_as, lab):
    page = page_as(lab.owner)
    page.problems.expect("401")
    page.goto("/o/meridian/people/")
    Session.objects.all().delete()
    switch = page.get_by_role("checkbox", name="Amara Okafor may create")
    switch.click()
    dialog = page.get_by_role("dialog", name="You have been logged out")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_contain_text("You are not logged in yet")
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Log in").click()
    tab = opened.value
    tab.get_by_label("E-mail").fill(lab.owner.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Log in").click()
    tab.wait_for_url(re.compile("projects"))
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_be_hidden()
    # The click that was refused is still to be seen in the switch: off, and on again.
    switch.click()
    expect(page.locator("#toasts")).to_contain_text("may no longer create")
    switch.click()
    expect(page.locator("#toasts")).to_contain_text("may now create")
    assert Membership.objects.get(user=lab.member).may_create


def test_without_a_network_the_change_is_refused_in_words(page_as, lab):
    page = page_as(lab.owner)
    page.problems.expect("ERR_INTERNET_DISCONNECTED")
    page.problems.expect("htmx:")
    page.goto("/o/meridian/people/")
    page.context.set_offline(True)
    page.get_by_role("checkbox", name="Amara Okafor may create").click()
    expect(page.get_by_role("alert")).to_contain_text("No connection to the server")
    page.context.set_offline(False)
    page.get_by_role("searchbox", name="Search by name or e-mail").fill("amara")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_side_bar_is_a_menu_on_a_small_screen(page_as, lab):
    page = page_as(lab.owner, viewport={"width": 390, "height": 844})
    page.goto("/o/meridian/people/")
    entry = page.get_by_role("link", name="Audit log")
    expect(entry).to_be_hidden()
    page.get_by_role("button", name="Open the menu").click()
    entry.click()
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()


def test_one_switches_between_organisations(page_as, lab):
    second = MembershipFactory(user=lab.owner, admin=True, organisation__name="Nordic Laboratory")
    page = page_as(lab.owner)
    page.goto("/o/meridian/people/")
    page.get_by_role("button", name="Switch organisation, now Meridian Imaging").click()
    link = page.get_by_role("link", name="Nordic Laboratory")
    expect(link).to_have_attribute("href", f"/o/{second.organisation.slug}/projects/")


def test_typing_on_while_an_answer_is_slow_ends_with_the_last_words(page_as, lab):
    page = page_as(lab.owner)
    page.goto("/o/meridian/people/")
    slow = []

    def delay(route):
        slow.append(route.request.url)
        page.wait_for_timeout(600 if len(slow) == 1 else 0)
        route.continue_()

    page.route("**/people/?q=*", delay)
    field = page.get_by_role("searchbox", name="Search by name or e-mail")
    field.fill("no such person")
    page.wait_for_timeout(400)
    field.fill("amara")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=amara$"))
