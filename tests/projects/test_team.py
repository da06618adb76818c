"""Role rows per person and origin; admins are protected; leaving frees what was held."""

from copy import deepcopy

import pytest
from django.utils import timezone

from accounts import events
from accounts.events import InvitationAccepted, MemberRemoved, announce
from accounts.models import AuditEvent
from projects.events import ProjectRolesChanged
from projects.models import ProjectKind, ProjectRole, Role, TaskState
from projects.permissions import role_in
from projects.team import (
    TeamRefused,
    add_group,
    add_people,
    change_role,
    grantable_roles,
    join_as_admin,
    leave_project,
    remove_group,
    remove_person,
)
from tests.factories import (
    GroupFactory,
    InvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def admin(project):
    return ProjectRoleFactory(project=project, role=Role.ADMIN).user


@pytest.fixture
def heard(monkeypatch):
    heard = []
    monkeypatch.setattr(events, "_handlers", deepcopy(events._handlers))
    events.listen(ProjectRolesChanged, heard.append)
    return heard


def member(project, **fields):
    return MembershipFactory(organisation=project.organisation, **fields).user


def in_project(project, role=Role.ANNOTATOR):
    return ProjectRoleFactory(project=project, role=role).user


def test_people_are_added_once_and_announced_together(project, admin, heard):
    people = [member(project), member(project)]
    assert add_people(project=project, users=people, role=Role.ANNOTATOR, actor=admin).users == tuple(people)
    again = add_people(project=project, users=people, role=Role.REVIEWER, actor=admin)
    assert (again.users, set(again.already)) == ((), set(people))
    (event,) = heard
    assert {(change.user, change.before, change.after) for change in event.changes} == {
        (people[0], None, Role.ANNOTATOR),
        (people[1], None, Role.ANNOTATOR),
    }
    assert AuditEvent.objects.filter(action="add to project", root_id=str(project.uuid)).count() == 2


def test_an_outsider_or_somebody_who_left_cannot_be_added(project, admin):
    for stranger in (UserFactory(), member(project, ended=True), member(ProjectFactory())):
        with pytest.raises(TeamRefused):
            add_people(project=project, users=[stranger], role=Role.ANNOTATOR, actor=admin)


@pytest.mark.parametrize(
    ("kind", "actor_role", "grantable"),
    [
        (ProjectKind.MANUAL_QA, Role.ADMIN, set(Role)),
        (ProjectKind.MANUAL_QA, Role.TEAM_MANAGER, set(Role) - {Role.ADMIN}),
        (ProjectKind.MANUAL_QA, Role.REVIEWER, set()),
        (ProjectKind.MANUAL_QA, Role.ANNOTATOR, set()),
        (ProjectKind.TRAINING, Role.ADMIN, {Role.ADMIN, Role.TEAM_MANAGER, Role.ANNOTATOR}),
        (ProjectKind.TRAINING, Role.TEAM_MANAGER, {Role.ANNOTATOR}),
        (ProjectKind.TRAINING, Role.ANNOTATOR, set()),
    ],
)
def test_who_may_give_which_role_follows_the_tables(kind, actor_role, grantable):
    project = ProjectFactory(kind=kind)
    actor = in_project(project, actor_role)
    assert set(grantable_roles(project, actor)) == grantable
    for role in Role:
        somebody = member(project)
        if role in grantable:
            add_people(project=project, users=[somebody], role=role, actor=actor)
            assert role_in(project, somebody) == role
        else:
            with pytest.raises(TeamRefused):
                add_people(project=project, users=[somebody], role=role, actor=actor)


def test_a_group_adds_the_members_present_and_leaves_others_roles_alone(project, admin):
    group = GroupFactory(organisation=project.organisation)
    first, second, gone = member(project), member(project), member(project, ended=True)
    group.members.set([first, second, gone])
    add_people(project=project, users=[first], role=Role.REVIEWER, actor=admin)
    assert set(add_group(project=project, group=group, role=Role.ANNOTATOR, actor=admin).users) == {
        first,
        second,
    }
    assert role_in(project, first) == Role.ANNOTATOR_REVIEWER
    late = member(project)
    group.members.add(late)
    assert role_in(project, late) is None
    assert add_group(project=project, group=group, role=Role.ANNOTATOR, actor=admin).users == (late,)
    assert remove_group(project=project, group=group, actor=admin) == 3
    assert (role_in(project, first), role_in(project, second)) == (Role.REVIEWER, None)
    assert ProjectRole.objects.filter(group_name=group.name).count() == 3


def test_a_group_never_becomes_admin_and_must_be_the_organisations(project, admin):
    with pytest.raises(TeamRefused):
        add_group(
            project=project,
            group=GroupFactory(organisation=project.organisation),
            role=Role.ADMIN,
            actor=admin,
        )
    with pytest.raises(TeamRefused):
        add_group(project=project, group=GroupFactory(), role=Role.ANNOTATOR, actor=admin)


def test_a_deleted_group_leaves_roles_that_do_not_collide_with_direct_ones(project, admin):
    group = GroupFactory(organisation=project.organisation)
    person = member(project)
    group.members.add(person)
    add_group(project=project, group=group, role=Role.ANNOTATOR, actor=admin)
    add_people(project=project, users=[person], role=Role.REVIEWER, actor=admin)
    group.delete()
    assert role_in(project, person) == Role.ANNOTATOR_REVIEWER


def test_a_change_of_role_ends_the_old_row_and_keeps_it(project, admin, heard):
    person = in_project(project)
    change_role(project=project, user=person, role=Role.REVIEWER, actor=admin)
    assert role_in(project, person) == Role.REVIEWER
    assert list(ProjectRole.objects.filter(user=person).order_by("pk").values_list("role", "ended_by")) == [
        (Role.ANNOTATOR, admin.pk),
        (Role.REVIEWER, None),
    ]
    (event,) = heard
    assert [(change.before, change.after) for change in event.changes] == [(Role.ANNOTATOR, Role.REVIEWER)]


def test_an_admin_cannot_be_lowered_or_removed_by_another_admin(project, admin):
    other = in_project(project, Role.ADMIN)
    for attempt in (
        lambda: change_role(project=project, user=other, role=Role.ANNOTATOR, actor=admin),
        lambda: remove_person(project=project, user=other, actor=admin),
    ):
        with pytest.raises(TeamRefused):
            attempt()
    assert role_in(project, other) == Role.ADMIN


def test_a_team_manager_makes_no_admins_and_touches_none(project, admin):
    manager = in_project(project, Role.TEAM_MANAGER)
    with pytest.raises(TeamRefused):
        change_role(project=project, user=in_project(project), role=Role.ADMIN, actor=manager)
    with pytest.raises(TeamRefused):
        change_role(project=project, user=admin, role=Role.ANNOTATOR, actor=manager)


def test_an_admin_may_leave_unless_last(project, admin):
    with pytest.raises(TeamRefused):
        leave_project(project=project, actor=admin)
    in_project(project, Role.ADMIN)
    leave_project(project=project, actor=admin)
    assert role_in(project, admin) is None


def test_a_switched_off_account_does_not_count_as_another_admin(project, admin):
    other = in_project(project, Role.ADMIN)
    other.is_active = False
    other.save()
    with pytest.raises(TeamRefused):
        leave_project(project=project, actor=admin)


def test_a_role_that_a_group_keeps_up_cannot_be_lowered(project, admin):
    group = GroupFactory(organisation=project.organisation, name="Leads")
    person = member(project)
    group.members.add(person)
    add_group(project=project, group=group, role=Role.TEAM_MANAGER, actor=admin)
    with pytest.raises(TeamRefused, match="Leads"):
        change_role(project=project, user=person, role=Role.ANNOTATOR, actor=admin)
    change_role(project=project, user=person, role=Role.ADMIN, actor=admin)
    assert role_in(project, person) == Role.ADMIN


@pytest.mark.parametrize("how", ["removed", "made a reviewer", "left the organisation"])
def test_who_may_annotate_no_more_holds_nothing_any_more(project, admin, how):
    person = in_project(project)
    assigned = TaskFactory(project=project, held_by=person)
    returned = TaskFactory(project=project, held_by=person, state=TaskState.RETURNED)
    submitted = TaskFactory(project=project, state=TaskState.IN_REVIEW, submitted_by=person)
    if how == "removed":
        remove_person(project=project, user=person, actor=admin)
    elif how == "made a reviewer":
        change_role(project=project, user=person, role=Role.REVIEWER, actor=admin)
    else:
        announce(MemberRemoved(organisation=project.organisation, user=person, actor=admin))
        assert role_in(project, person) is None
    for task in (assigned, returned, submitted):
        task.refresh_from_db()
    assert (assigned.state, assigned.assignee) == (TaskState.QUEUED, None)
    assert (returned.state, returned.assignee) == (TaskState.RETURNED, None)
    assert (submitted.state, submitted.submitted_by) == (TaskState.IN_REVIEW, person)


def test_only_owners_and_admins_of_the_organisation_may_join_as_admin(project):
    for fields, allowed in (({"owner": True}, True), ({"admin": True}, True), ({}, False)):
        person = member(project, **fields)
        if allowed:
            join_as_admin(project=project, actor=person)
            assert role_in(project, person) == Role.ADMIN
            assert AuditEvent.objects.filter(action="join project as admin", actor=person).exists()
        else:
            with pytest.raises(TeamRefused):
                join_as_admin(project=project, actor=person)


def test_joining_as_admin_replaces_ones_own_role(project):
    person = member(project, admin=True)
    ProjectRoleFactory(project=project, user=person, role=Role.ANNOTATOR)
    join_as_admin(project=project, actor=person)
    assert list(ProjectRole.objects.filter(user=person, ended_at=None).values_list("role", flat=True)) == [
        Role.ADMIN
    ]


def test_an_accepted_invitation_gives_the_role_it_was_bound_to(project, admin):
    person = member(project)
    invitation = InvitationFactory(
        organisation=project.organisation,
        invited_by=admin,
        grant={"project": str(project.uuid), "role": "reviewer"},
    )
    announce(InvitationAccepted(invitation=invitation, user=person))
    assert role_in(project, person) == Role.REVIEWER


def accepted(project, inviter, role):
    """Somebody new, who has accepted the inviter's invitation to the project."""
    person = member(project)
    grant = {"project": str(project.uuid), "role": role}
    invitation = InvitationFactory(organisation=project.organisation, invited_by=inviter, grant=grant)
    announce(InvitationAccepted(invitation=invitation, user=person))
    return person


@pytest.mark.parametrize(
    ("now", "role", "given"),
    [
        (Role.ADMIN, Role.ADMIN, True),
        (Role.TEAM_MANAGER, Role.ADMIN, False),
        (Role.TEAM_MANAGER, Role.TEAM_MANAGER, True),
        (Role.ANNOTATOR, Role.ANNOTATOR, False),
        (None, Role.ANNOTATOR, False),
    ],
)
def test_an_invitation_gives_what_the_inviter_may_give_when_it_is_accepted(project, admin, now, role, given):
    inviter = in_project(project, now) if now else member(project, admin=True)
    person = accepted(project, inviter, role)
    assert role_in(project, person) == (role if given else None)
    assert person.memberships.filter(ended_at=None).exists()
    notes = AuditEvent.objects.filter(action="join without project role", root_id=str(project.uuid))
    if given:
        assert not notes.exists()
    else:
        assert str(inviter) in notes.get(target_id=str(person.uuid)).note
        assert not AuditEvent.objects.filter(action="add to project").exists()


def test_an_inviter_who_left_the_organisation_gives_nothing(project, admin):
    admin.memberships.update(
        ended_at=timezone.now()
    )  # the role is still open: the rule does not lean on that
    assert role_in(project, accepted(project, admin, Role.ANNOTATOR)) is None


@pytest.mark.parametrize("grant", [{}, {"project": "00000000-0000-4000-8000-000000000000", "role": "admin"}])
def test_an_invitation_whose_project_is_gone_gives_nothing(project, admin, grant):
    invitation = InvitationFactory(organisation=project.organisation, invited_by=admin, grant=grant)
    announce(InvitationAccepted(invitation=invitation, user=member(project)))
    assert ProjectRole.objects.count() == 1


def test_an_invitation_of_another_organisation_gives_nothing_here(project):
    invitation = InvitationFactory(
        organisation=OrganisationFactory(), grant={"project": str(project.uuid), "role": "admin"}
    )
    announce(InvitationAccepted(invitation=invitation, user=UserFactory()))
    assert not ProjectRole.objects.exists()
