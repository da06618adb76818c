"""Members: roles, the right to create, removal."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.events import MemberRemoved, _handlers, listen
from accounts.models import AuditEvent, Invitation, Membership, OrganisationRole
from accounts.operations import MemberRefused, change_member, remove_member
from tests.factories import GroupFactory, InvitationFactory, MembershipFactory, OrganisationFactory

OWNER, ADMIN, MEMBER = OrganisationRole.OWNER, OrganisationRole.ADMIN, OrganisationRole.MEMBER


@pytest.fixture
def heard():
    """The MemberRemoved events of the test, with no other listener."""
    seen, before = [], list(_handlers[MemberRemoved])
    _handlers[MemberRemoved].clear()
    listen(MemberRemoved, seen.append)
    yield seen
    _handlers[MemberRemoved][:] = before


def url(lab, name, user):
    return reverse(f"accounts:{name}", args=[lab.organisation.slug, user.uuid])


def role_of(lab, user):
    return Membership.objects.get(organisation=lab.organisation, user=user, ended_at=None).role


# ------------------------------------------------------------------ roles
def test_an_owner_makes_an_admin(lab, client_of):
    response = client_of(lab.owner).post(url(lab, "member", lab.member), {"role": ADMIN})
    assert response.status_code == 302
    assert role_of(lab, lab.member) == ADMIN
    event = AuditEvent.objects.get(action="change member")
    assert (event.before["role"], event.after["role"], event.actor) == (MEMBER, ADMIN, lab.owner)


@pytest.mark.parametrize("role", [OWNER, ADMIN])
def test_an_admin_makes_neither_owners_nor_admins(lab, client_of, role):
    response = client_of(lab.admin).post(url(lab, "member", lab.member), {"role": role})
    assert response.status_code == 409
    assert "Only an owner" in response.content.decode()
    assert role_of(lab, lab.member) == MEMBER


def test_an_admin_cannot_promote_themselves(lab, client_of):
    client_of(lab.admin).post(url(lab, "member", lab.admin), {"role": OWNER})
    assert role_of(lab, lab.admin) == ADMIN


def test_the_last_owner_stays_owner(lab, client_of):
    response = client_of(lab.owner).post(url(lab, "member", lab.owner), {"role": MEMBER})
    assert response.status_code == 409
    assert "last owner" in response.content.decode()
    assert role_of(lab, lab.owner) == OWNER


def test_an_owner_steps_down_when_there_is_another(lab):
    MembershipFactory(organisation=lab.organisation, owner=True)
    change_member(
        organisation=lab.organisation, actor=lab.owner, member=lab.owner, role=ADMIN, may_create=False
    )
    assert role_of(lab, lab.owner) == ADMIN


def test_an_owner_who_left_does_not_count(lab):
    MembershipFactory(organisation=lab.organisation, owner=True, ended=True)
    with pytest.raises(MemberRefused):
        remove_member(organisation=lab.organisation, actor=lab.owner, member=lab.owner)


def test_an_unknown_role_is_refused(lab, client_of):
    assert client_of(lab.owner).post(url(lab, "member", lab.member), {"role": "god"}).status_code == 409
    assert role_of(lab, lab.member) == MEMBER


# ------------------------------------------------------------------ the right to create
def test_the_switch_lets_a_member_create(lab, client_of):
    client = client_of(lab.admin)
    response = client.post(
        url(lab, "may_create", lab.member), {"may_create": "on"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    assert "checked" in response.content.decode()
    assert "may now create" in response.headers["HX-Trigger"]
    assert Membership.objects.get(user=lab.member).may_create
    client.post(url(lab, "may_create", lab.member), {}, headers={"HX-Request": "true"})
    assert not Membership.objects.get(user=lab.member).may_create
    assert AuditEvent.objects.filter(action="change member").count() == 2


def test_the_switch_does_not_change_the_role(lab, client_of):
    client_of(lab.admin).post(url(lab, "may_create", lab.member), {"may_create": "on", "role": "owner"})
    assert role_of(lab, lab.member) == MEMBER


# ------------------------------------------------------------------ removal
def test_removing_ends_the_membership_and_keeps_the_person(lab, client_of, heard):
    group = GroupFactory(organisation=lab.organisation)
    group.members.add(lab.member)
    waiting = InvitationFactory(organisation=lab.organisation, email=lab.member.email)
    response = client_of(lab.admin).post(url(lab, "remove_member", lab.member))
    assert response.status_code == 302
    membership = Membership.objects.get(user=lab.member)
    assert membership.ended_at is not None
    assert not group.members.exists()
    assert Invitation.objects.get(pk=waiting.pk).revoked_at is not None
    assert [(event.user, event.actor) for event in heard] == [(lab.member, lab.admin)]
    assert AuditEvent.objects.get(action="remove member").before["groups"] == [group.name]
    assert client_of(lab.member).get(f"/o/{lab.organisation.slug}/people/").status_code == 404


def test_removing_revokes_what_the_person_sent_and_nothing_else(lab, heard):
    def sent(**fields):
        return InvitationFactory(**{"organisation": lab.organisation, "invited_by": lab.admin} | fields)

    waiting, of_others, elsewhere = (
        sent(),
        sent(invited_by=lab.owner),
        sent(organisation=OrganisationFactory()),
    )
    used = sent(accepted_at=timezone.now())
    remove_member(organisation=lab.organisation, actor=lab.owner, member=lab.admin)
    revoked = Invitation.objects.exclude(revoked_at=None)
    assert set(revoked) == {waiting}, (of_others, elsewhere, used)


def test_an_admin_removes_neither_owners_nor_admins(lab, client_of, heard):
    other = MembershipFactory(organisation=lab.organisation, admin=True).user
    client_of(lab.admin).post(url(lab, "remove_member", other))
    client_of(lab.admin).post(url(lab, "remove_member", lab.owner))
    assert Membership.objects.filter(organisation=lab.organisation, ended_at=None).count() == 4
    assert heard == []


def test_an_admin_may_leave(lab, client_of, heard):
    response = client_of(lab.admin).post(url(lab, "remove_member", lab.admin))
    assert response["Location"] == "/"
    assert heard


def test_the_last_owner_cannot_be_removed(lab, heard):
    with pytest.raises(MemberRefused, match="last owner"):
        remove_member(organisation=lab.organisation, actor=lab.owner, member=lab.owner)
    assert heard == []


def test_an_error_in_a_higher_room_undoes_the_removal(lab, heard):
    def explode(event):
        raise RuntimeError

    listen(MemberRemoved, explode)
    with pytest.raises(RuntimeError):
        remove_member(organisation=lab.organisation, actor=lab.admin, member=lab.member)
    assert Membership.objects.get(user=lab.member).ended_at is None


def test_a_removed_member_can_be_invited_again(lab, heard):
    remove_member(organisation=lab.organisation, actor=lab.admin, member=lab.member)
    MembershipFactory(organisation=lab.organisation, user=lab.member)
    assert Membership.objects.filter(user=lab.member).count() == 2


# ------------------------------------------------------------------ the list
def test_the_list_shows_people_of_this_organisation_only(lab, client_of):
    page = client_of(lab.admin).get(reverse("accounts:members", args=["meridian"])).content.decode()
    for person in (lab.owner, lab.admin, lab.member):
        assert person.email in page
    assert lab.outsider.email not in page
    assert "3 members" in page


def test_the_list_is_searched_filtered_and_sorted(lab, client_of):
    group = GroupFactory(organisation=lab.organisation)
    group.members.add(lab.member)
    client, address = client_of(lab.admin), reverse("accounts:members", args=["meridian"])

    def people(**query):
        return [row.user for row in client.get(address, query).context["memberships"]]

    assert people() == [lab.member, lab.owner, lab.admin]
    assert people(sort="-name") == [lab.admin, lab.owner, lab.member]
    assert people(q="INES") == [lab.owner]
    assert people(q=lab.admin.email.upper()) == [lab.admin]
    assert people(role=["owner", "admin"]) == [lab.owner, lab.admin]
    assert people(group=str(group.uuid)) == [lab.member]
    assert people(q="%") == []


def test_the_list_costs_the_same_queries_for_three_and_for_twenty(lab, client_of):
    client, address = client_of(lab.owner), reverse("accounts:members", args=["meridian"])
    client.get(address)

    def count():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = count()
    for membership in MembershipFactory.create_batch(18, organisation=lab.organisation):
        GroupFactory(organisation=lab.organisation).members.add(membership.user)
    assert count() == few
