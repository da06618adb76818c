"""Invitations: sending, the link, accepting, revoking."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.urls import reverse
from django.utils import timezone

from accounts.events import InvitationAccepted, _handlers, listen
from accounts.models import AuditEvent, Invitation, Membership, OrganisationRole, User
from accounts.operations import NotInvited, accept_invitation, invite_person
from tests.factories import InvitationFactory, MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW_PERSON = {"name": "Amara Okafor", "password": "tall green giraffe"}


@pytest.fixture
def admin():
    return MembershipFactory(admin=True)


@pytest.fixture
def owner():
    return MembershipFactory(owner=True)


def invite(client, membership, emails, role="member"):
    client.force_login(membership.user)
    url = reverse("accounts:invite", args=[membership.organisation.slug])
    return client.post(url, {"emails": emails, "role": role})


def link_in(message) -> str:
    return re.search(r"http://testserver(\S+)", message.body).group(1)


def url_of(token: str) -> str:
    return reverse("accounts:invitation", args=[token])


# ------------------------------------------------------------------ sending
def test_each_address_gets_its_own_link(client, admin, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = invite(client, admin, "Amara@example.org\nzofia@example.org, amara@example.org")
    assert response["Location"] == reverse("accounts:invitations", args=[admin.organisation.slug])
    assert [message.to for message in mailoutbox] == [["amara@example.org"], ["zofia@example.org"]]
    assert link_in(mailoutbox[0]) != link_in(mailoutbox[1])
    assert AuditEvent.objects.filter(action="invite person", actor=admin.user).count() == 2


def test_the_database_does_not_know_the_token(client, admin, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invite(client, admin, "amara@example.org")
    token = link_in(mailoutbox[0]).strip("/").rpartition("/")[2]
    assert token not in str(Invitation.objects.values().get())


def test_something_that_is_no_address_is_named_and_nothing_is_sent(client, admin):
    response = invite(client, admin, "amara@example.org\nno address")
    assert response.status_code == 422
    assert "Not an e-mail address: no address." in response.content.decode()
    assert "amara@example.org\nno address" in response.content.decode()
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(client, admin):
    member = MembershipFactory(organisation=admin.organisation, user__email="amara@example.org")
    response = invite(client, admin, member.user.email.upper())
    assert response.status_code == 422
    assert "already a member" in response.content.decode()


def test_only_an_owner_invites_admins(client, admin, owner):
    assert invite(client, admin, "amara@example.org", "admin").status_code == 422
    assert not Invitation.objects.exists()
    assert invite(client, owner, "amara@example.org", "admin").status_code == 302
    assert Invitation.objects.get().role == OrganisationRole.ADMIN


def test_inviting_an_address_again_replaces_its_link(client, admin):
    old = InvitationFactory(organisation=admin.organisation, email="amara@example.org", token="old-token")
    invite(client, admin, "amara@example.org")
    assert Invitation.objects.get().pk == old.pk
    assert client.get(url_of("old-token")).status_code == 404


# ------------------------------------------------------------------ the link
def test_somebody_new_sets_name_and_password_and_is_in(client):
    invitation = InvitationFactory(email="amara@example.org", token="secret-token")
    page = client.get(url_of("secret-token")).content.decode()
    assert invitation.organisation.name in page
    response = client.post(url_of("secret-token"), NEW_PERSON)
    assert response["Location"] == f"/o/{invitation.organisation.slug}/projects/"
    user = User.objects.get(email="amara@example.org")
    assert client.session[SESSION_KEY] == str(user.pk)
    membership = Membership.objects.get(user=user)
    assert (membership.organisation, membership.role) == (invitation.organisation, OrganisationRole.MEMBER)
    assert AuditEvent.objects.filter(action="accept invitation", actor=user).exists()


def test_the_link_works_once(client, client_of):
    InvitationFactory(token="secret-token")
    client.post(url_of("secret-token"), NEW_PERSON)
    other = client_of(None)
    assert other.get(url_of("secret-token")).status_code == 404
    assert other.post(url_of("secret-token"), NEW_PERSON).status_code == 404
    assert Membership.objects.count() == 1


def test_a_new_person_cannot_choose_another_email_role_or_organisation(client):
    invitation = InvitationFactory(token="secret-token")
    extra = {"email": "evil@example.org", "role": "owner", "organisation": OrganisationFactory().pk}
    client.post(url_of("secret-token"), NEW_PERSON | extra)
    membership = Membership.objects.get()
    assert membership.user.email == invitation.email
    assert (membership.role, membership.organisation) == (OrganisationRole.MEMBER, invitation.organisation)


@pytest.mark.parametrize("password", ["short", "1234567890123", "amaraokafor", "password1234"])
def test_a_weak_password_is_refused_and_the_name_is_kept(client, password):
    InvitationFactory(token="secret-token", email="amaraokafor@example.org")
    response = client.post(url_of("secret-token"), {"name": "Amara Okafor", "password": password})
    assert response.status_code == 422
    assert 'value="Amara Okafor"' in response.content.decode()
    assert not User.objects.filter(email="amaraokafor@example.org").exists()


def test_somebody_with_an_account_logs_in_and_accepts(client):
    user = UserFactory(email="amara@example.org")
    first = MembershipFactory(user=user)
    invitation = InvitationFactory(email="Amara@example.org", token="secret-token")
    page = client.get(url_of("secret-token")).content.decode()
    assert f'href="/login/?next={quote(url_of("secret-token"), safe="")}"' in page
    assert client.post(url_of("secret-token"), NEW_PERSON).status_code == 200  # nothing happens before log-in
    client.force_login(user)
    client.post(url_of("secret-token"))
    assert set(Membership.objects.values_list("organisation", flat=True)) == {
        first.organisation_id,
        invitation.organisation_id,
    }


def test_somebody_else_cannot_use_the_link(client):
    InvitationFactory(email="amara@example.org", token="secret-token")
    client.force_login(UserFactory())
    response = client.post(url_of("secret-token"), NEW_PERSON)
    assert "logged in as somebody else" in response.content.decode()
    assert not Membership.objects.exists()


@pytest.mark.parametrize("token", ["nothing", "x" * 500, "%00", "å"])
def test_a_wrong_link_says_so(client, token):
    response = client.get(url_of(token))
    assert response.status_code == 404
    assert "no longer works" in response.content.decode()


def test_the_link_works_for_seven_days(client, admin, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invite(client, admin, "amara@example.org")
    client.logout()
    link = link_in(mailoutbox[0])
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        assert client.get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        response = client.get(link)
        assert response.status_code == 404
        assert "ran out" in response.content.decode()
        assert client.post(link, NEW_PERSON).status_code == 404


def test_the_address_of_the_link_is_not_sent_to_other_sites(client):
    InvitationFactory(token="secret-token")
    response = client.get(url_of("secret-token"))
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


# ------------------------------------------------------------------ afterwards
def test_a_revoked_link_is_dead(client, admin):
    invitation = InvitationFactory(organisation=admin.organisation, token="secret-token")
    client.force_login(admin.user)
    client.post(reverse("accounts:revoke_invitation", args=[admin.organisation.slug, invitation.uuid]))
    assert client.get(url_of("secret-token")).status_code == 404
    assert AuditEvent.objects.filter(action="revoke invitation").exists()


def test_sending_again_makes_a_new_link_and_kills_the_old_one(
    client, admin, mailoutbox, django_capture_on_commit_callbacks
):
    invitation = InvitationFactory(
        organisation=admin.organisation, token="old-token", expires_at=timezone.now() - timedelta(days=1)
    )
    client.force_login(admin.user)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("accounts:renew_invitation", args=[admin.organisation.slug, invitation.uuid]))
    client.logout()
    assert client.get(url_of("old-token")).status_code == 404
    assert client.get(link_in(mailoutbox[0])).status_code == 200


def test_an_accepted_invitation_can_be_neither_revoked_nor_sent_again(client, admin):
    invitation = InvitationFactory(organisation=admin.organisation, accepted_at=timezone.now())
    client.force_login(admin.user)
    for name in ("revoke_invitation", "renew_invitation"):
        url = reverse(f"accounts:{name}", args=[admin.organisation.slug, invitation.uuid])
        assert "in the meantime" in client.post(url, follow=True).content.decode()
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_accepting_one_invitation_accepts_those_to_projects_too():
    organisation = OrganisationFactory()
    user = UserFactory(email="amara@example.org")
    grants = [{}, {"project": "a", "role": "annotator"}, {"project": "b", "role": "annotator"}]
    rows = [InvitationFactory(organisation=organisation, email=user.email, grant=grant) for grant in grants]
    seen = []
    before = list(_handlers[InvitationAccepted])
    _handlers[InvitationAccepted].clear()
    listen(InvitationAccepted, seen.append)
    try:
        accept_invitation(invitation=rows[0], actor=user)
    finally:
        _handlers[InvitationAccepted][:] = before
    assert [event.invitation.grant for event in seen] == grants
    assert not Invitation.objects.filter(accepted_at=None).exists()


@pytest.mark.parametrize("clicked", [0, 1, 2])
def test_the_membership_gets_the_highest_role_whichever_link_is_used(clicked):
    organisation, user = OrganisationFactory(), UserFactory()
    rows = [
        InvitationFactory(organisation=organisation, email=user.email, role=role)
        for role in ("member", "owner", "admin")
    ]
    InvitationFactory(email=user.email, role="owner")  # of another organisation
    assert accept_invitation(invitation=rows[clicked], actor=user).role == OrganisationRole.OWNER
    assert Membership.objects.get(user=user).role == OrganisationRole.OWNER
    assert AuditEvent.objects.get(action="accept invitation").after == {"role": "owner"}


def test_invitations_that_no_longer_work_give_no_role():
    organisation, user, now = OrganisationFactory(), UserFactory(), timezone.now()
    clicked = InvitationFactory(organisation=organisation, email=user.email)
    InvitationFactory(organisation=organisation, email=user.email, role="owner", revoked_at=now)
    InvitationFactory(organisation=organisation, email=user.email, role="admin", expires_at=now)
    assert accept_invitation(invitation=clicked, actor=user).role == OrganisationRole.MEMBER


def test_two_projects_can_invite_the_same_new_person(admin):
    for project in ("a", "b"):
        invite_person(
            organisation=admin.organisation,
            actor=admin.user,
            email="amara@example.org",
            grant={"project": project, "role": "annotator"},
            link_of=url_of,
        )
    assert Invitation.objects.count() == 2


def test_inviting_a_member_by_the_operation_is_refused(admin):
    with pytest.raises(NotInvited):
        invite_person(
            organisation=admin.organisation, actor=admin.user, email=admin.user.email.upper(), link_of=url_of
        )


def test_a_failing_mail_server_does_not_lose_the_invitation(
    client, admin, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    with django_capture_on_commit_callbacks(execute=True):
        assert invite(client, admin, "amara@example.org").status_code == 302
    assert Invitation.objects.filter(email="amara@example.org").exists()
