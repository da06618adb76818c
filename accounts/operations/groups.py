"""Groups of members, such as cohorts."""

from collections.abc import Iterable

from django.db import transaction

from accounts.audit import record
from accounts.events import GroupMembersChanged, announce
from accounts.models import Group, Organisation, User


@transaction.atomic
def create_group(*, organisation: Organisation, actor: User, name: str, description: str = "") -> Group:
    """Make an empty group; the name is unique in the organisation (checked by the form, judged by a constraint)."""
    group = Group.objects.create(organisation=organisation, name=name, description=description)
    record(organisation=organisation, actor=actor, action="create group", target=group)
    return group


@transaction.atomic
def update_group(*, group: Group, actor: User, name: str, description: str) -> Group:
    """Rename or describe a group."""
    before = {"name": group.name, "description": group.description}
    Group.objects.filter(pk=group.pk).update(name=name, description=description)
    group.name, group.description = name, description
    record(
        organisation=group.organisation,
        actor=actor,
        action="update group",
        target=group,
        before=before,
        after={"name": name, "description": description},
    )
    return group


@transaction.atomic
def add_to_group(*, group: Group, actor: User, people: Iterable[User]) -> list[User]:
    """Add members of the organisation; people who are no members or already inside are left out of the result.

    They are offered to the group's projects there, not added silently.
    """
    present = User.objects.filter(
        memberships__organisation=group.organisation,
        memberships__ended_at=None,
        pk__in=[p.pk for p in people],
    )
    added = list(present.exclude(annotrain_groups=group).order_by("name", "pk"))
    if added:
        group.members.add(*added)
        _changed(group, actor, added=added, removed=[])
    return added


@transaction.atomic
def remove_from_group(*, group: Group, actor: User, people: Iterable[User]) -> list[User]:
    """Take people out of the group; what they hold in projects through it is decided there."""
    removed = list(group.members.filter(pk__in=[person.pk for person in people]).order_by("name", "pk"))
    if removed:
        group.members.remove(*removed)
        _changed(group, actor, added=[], removed=removed)
    return removed


def _changed(group: Group, actor: User, *, added: list[User], removed: list[User]) -> None:
    record(
        organisation=group.organisation,
        actor=actor,
        action="add to group" if added else "remove from group",
        target=group,
        before={"people": [str(person) for person in removed]} if removed else None,
        after={"people": [str(person) for person in added]} if added else None,
    )
    announce(GroupMembersChanged(group=group, added=tuple(added), removed=tuple(removed), actor=actor))


@transaction.atomic
def delete_group(*, group: Group, actor: User) -> None:
    """Delete the group, not its people; roles they have through it end by the event."""
    people = list(group.members.order_by("name", "pk"))
    record(
        organisation=group.organisation,
        actor=actor,
        action="delete group",
        target=group,
        before={"name": group.name, "people": [str(person) for person in people]},
    )
    announce(GroupMembersChanged(group=group, added=(), removed=tuple(people), actor=actor))
    group.delete()
