"""Groups, tags and the organisation's settings."""

import pytest
from django.urls import reverse

from accounts.events import GroupMembersChanged, _handlers, listen
from accounts.models import AuditEvent, Group, Tag
from accounts.operations import add_to_group
from tests.factories import GroupFactory, MembershipFactory, ProjectFactory, TagFactory


@pytest.fixture
def heard():
    """The GroupMembersChanged events of the test, with no other listener."""
    seen, before = [], list(_handlers[GroupMembersChanged])
    _handlers[GroupMembersChanged].clear()
    listen(GroupMembersChanged, seen.append)
    yield seen
    _handlers[GroupMembersChanged][:] = before


def url(lab, name, *args):
    return reverse(f"accounts:{name}", args=[lab.organisation.slug, *args])


# ------------------------------------------------------------------ groups
def test_a_group_is_made_and_leads_to_its_page(lab, client_of):
    response = client_of(lab.admin).post(
        url(lab, "new_group"), {"name": "  Cohort   8 ", "description": "May"}
    )
    group = Group.objects.get()
    assert (group.name, group.description, group.organisation) == ("Cohort 8", "May", lab.organisation)
    assert response["Location"] == url(lab, "group", group.uuid)
    assert AuditEvent.objects.filter(action="create group").exists()


def test_a_second_group_of_the_name_is_refused_and_keeps_what_was_typed(lab, client_of):
    GroupFactory(organisation=lab.organisation, name="Cohort 8")
    response = client_of(lab.admin).post(url(lab, "new_group"), {"name": "cohort 8", "description": "kept"})
    assert response.status_code == 422
    assert "already a group named" in response.content.decode()
    assert 'value="kept"' in response.content.decode()
    assert Group.objects.count() == 1


def test_another_organisation_may_have_a_group_of_the_name(lab, client_of):
    GroupFactory(name="Cohort 8")
    assert client_of(lab.admin).post(url(lab, "new_group"), {"name": "Cohort 8"}).status_code == 302


def test_renaming_a_group_shows_the_old_name_until_it_is_valid(lab, client_of):
    GroupFactory(organisation=lab.organisation, name="Cohort 7")
    group = GroupFactory(organisation=lab.organisation, name="Cohort 8")
    client = client_of(lab.admin)
    refused = client.post(url(lab, "group", group.uuid), {"name": "Cohort 7"})
    assert refused.status_code == 422
    assert "<h1>Cohort 8</h1>" in refused.content.decode()
    client.post(url(lab, "group", group.uuid), {"name": "Cohort 9"})
    group.refresh_from_db()
    assert group.name == "Cohort 9"
    assert AuditEvent.objects.get(action="update group").before["name"] == "Cohort 8"


def test_only_members_of_the_organisation_join_a_group(lab, client_of, heard):
    group = GroupFactory(organisation=lab.organisation)
    gone = MembershipFactory(organisation=lab.organisation, ended=True).user
    people = [lab.member.uuid, lab.outsider.uuid, gone.uuid, "not a uuid"]
    client_of(lab.admin).post(url(lab, "add_to_group", group.uuid), {"person": people})
    assert list(group.members.all()) == [lab.member]
    assert [(event.added, event.removed) for event in heard] == [((lab.member,), ())]


def test_adding_somebody_twice_changes_nothing(lab, heard):
    group = GroupFactory(organisation=lab.organisation)
    add_to_group(group=group, actor=lab.admin, people=[lab.member])
    assert add_to_group(group=group, actor=lab.admin, people=[lab.member]) == []
    assert len(heard) == 1
    assert AuditEvent.objects.filter(action="add to group").count() == 1


def test_people_leave_a_group(lab, client_of, heard):
    group = GroupFactory(organisation=lab.organisation)
    group.members.add(lab.member, lab.admin)
    client_of(lab.admin).post(url(lab, "remove_from_group", group.uuid), {"person": [lab.member.uuid]})
    assert list(group.members.all()) == [lab.admin]
    assert heard[0].removed == (lab.member,)


def test_deleting_a_group_tells_higher_rooms_who_was_in_it(lab, client_of, heard):
    group = GroupFactory(organisation=lab.organisation)
    group.members.add(lab.member)
    client_of(lab.admin).post(url(lab, "delete_group", group.uuid))
    assert not Group.objects.exists()
    assert heard[0].removed == (lab.member,)
    assert AuditEvent.objects.get(action="delete group").before["people"] == ["Amara Okafor"]


def test_a_group_offers_only_people_who_are_not_in_it(lab, client_of):
    group = GroupFactory(organisation=lab.organisation)
    group.members.add(lab.member)
    context = client_of(lab.admin).get(url(lab, "group", group.uuid)).context
    assert list(context["outside"]) == [lab.owner, lab.admin]


# ------------------------------------------------------------------ tags
def test_a_tag_is_made_renamed_and_deleted(lab, client_of):
    client = client_of(lab.admin)
    client.post(url(lab, "tags"), {"name": "microscopy"})
    tag = Tag.objects.get()
    client.post(url(lab, "tag", tag.uuid), {"name": "histology"})
    tag.refresh_from_db()
    assert tag.name == "histology"
    client.post(url(lab, "delete_tag", tag.uuid))
    assert not Tag.objects.exists()
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["create tag", "rename tag", "delete tag"]


def test_a_tag_that_exists_is_refused(lab, client_of):
    tag, other = (
        TagFactory(organisation=lab.organisation, name="a"),
        TagFactory(organisation=lab.organisation),
    )
    client = client_of(lab.admin)
    assert client.post(url(lab, "tags"), {"name": "A"}).status_code == 422
    assert client.post(url(lab, "tag", other.uuid), {"name": "A"}).status_code == 422
    assert client.post(url(lab, "tag", tag.uuid), {"name": "A"}).status_code == 302


def test_the_tag_list_counts_uses_in_higher_rooms(lab, client_of):
    tag = TagFactory(organisation=lab.organisation)
    for _ in range(2):
        ProjectFactory(organisation=lab.organisation).tags.add(tag)
    assert client_of(lab.admin).get(url(lab, "tags")).context["tags"][0].uses == 2


# ------------------------------------------------------------------ settings
def test_an_owner_renames_the_organisation_and_its_address_stays(lab, client_of):
    client_of(lab.owner).post(url(lab, "settings"), {"name": "Meridian Labs", "slug": "evil"})
    lab.organisation.refresh_from_db()
    assert (lab.organisation.name, lab.organisation.slug) == ("Meridian Labs", "meridian")
    assert AuditEvent.objects.get(action="rename organisation").after == {"name": "Meridian Labs"}


def test_an_admin_sees_the_settings_but_cannot_rename(lab, client_of):
    client = client_of(lab.admin)
    assert "Only owners rename" in client.get(url(lab, "settings")).content.decode()
    assert client.post(url(lab, "settings"), {"name": "x"}).status_code == 403


def test_a_name_with_markup_is_shown_as_text(lab, client_of):
    client = client_of(lab.owner)
    client.post(url(lab, "settings"), {"name": "<script>alert(1)</script>"})
    for name in ("settings", "members", "audit"):
        page = client.get(url(lab, name)).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
