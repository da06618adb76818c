"""Who will be in a new training project: people and groups with their roles, and what they know of the gold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Group, Organisation, User
from benchmarks.knowledge import Knowledge, knowledge_of_gold
from projects.models import Project, ProjectKind, Role
from projects.permissions import ROLES, Permission, effective_role, permissions_of

PERSON_ROLES = ROLES[ProjectKind.TRAINING]
GROUP_ROLES = tuple(role for role in PERSON_ROLES if role is not Role.ADMIN)
CANDIDATES_SHOWN = 12


@dataclass(frozen=True)
class ChosenPerson:
    """One individual with the role they will get."""

    user: User
    role: Role
    knowledge: list[Knowledge] = field(default_factory=list)


@dataclass(frozen=True)
class ChosenGroup:
    """A group with the role its present members will get, and those of them who know the gold."""

    group: Group
    role: Role
    members: list[User]
    knowing: list[tuple[User, list[Knowledge]]] = field(default_factory=list)


@dataclass(frozen=True)
class Trainees:
    """Everybody chosen; `annotators` are the people who will get copies, each once."""

    people: list[ChosenPerson]
    groups: list[ChosenGroup]
    annotators: frozenset[int]

    @property
    def annotator_count(self) -> int:
        return len(self.annotators)

    @property
    def knowing_count(self) -> int:
        """How many of those who will annotate know some of the gold."""
        known = {one.user.pk for one in self.people if one.knowledge}
        known |= {user.pk for group in self.groups for user, _ in group.knowing}
        return len(known & self.annotators)

    @property
    def is_empty(self) -> bool:
        return not self.people and not self.groups


@dataclass(frozen=True)
class Candidates:
    """What a search for people and groups found, cut to a readable number."""

    people: list[User]
    groups: list[Group]
    more_people: int
    more_groups: int


def present_members(organisation: Organisation) -> QuerySet[User]:
    """People who belong to the organisation now and can log in."""
    return User.objects.filter(
        memberships__organisation=organisation, memberships__ended_at=None, is_active=True
    )


def candidates(
    organisation: Organisation, *, query: str, without_people: set[str], without_groups: set[str]
) -> Candidates:
    """Members and groups that match the words and are not in the list already."""
    people = present_members(organisation).exclude(uuid__in=_uuids(without_people))
    groups = Group.objects.filter(organisation=organisation).exclude(uuid__in=_uuids(without_groups))
    if query:
        people = people.filter(Q(name__icontains=query) | Q(email__icontains=query))
        groups = groups.filter(name__icontains=query)
    return Candidates(
        people=list(people.order_by("name", "pk")[:CANDIDATES_SHOWN]),
        groups=list(groups.order_by("name", "pk").prefetch_related("members")[:CANDIDATES_SHOWN]),
        more_people=max(0, people.count() - CANDIDATES_SHOWN),
        more_groups=max(0, groups.count() - CANDIDATES_SHOWN),
    )


def chosen_trainees(
    organisation: Organisation,
    *,
    creator: User,
    people: Mapping[str, str],
    groups: Mapping[str, str],
    sources: Sequence[Project],
) -> Trainees:
    """Resolve chosen uuids and roles; whoever is no member (or group) of the organisation any more is left out."""
    members = {person.pk: person for person in present_members(organisation)}
    by_uuid = {str(person.uuid): person for person in members.values()}
    persons = [
        (by_uuid[uuid], Role(role))
        for uuid, role in people.items()
        if uuid in by_uuid and role in PERSON_ROLES and by_uuid[uuid] != creator
    ]
    found_groups = Group.objects.filter(organisation=organisation, uuid__in=_uuids(set(groups)))
    chosen_groups = [
        (group, Role(groups[str(group.uuid)]), [one for one in group.members.all() if one.pk in members])
        for group in found_groups.order_by("name").prefetch_related("members")
        if groups[str(group.uuid)] in GROUP_ROLES
    ]
    granted: dict[int, set[str]] = {creator.pk: {Role.ADMIN}}
    for person, role in persons:
        granted.setdefault(person.pk, set()).add(role)
    for _, role, inside in chosen_groups:
        for person in inside:
            granted.setdefault(person.pk, set()).add(role)
    known = knowledge_of_gold(sources, list(granted)) if sources else {}
    return Trainees(
        people=sorted(
            (ChosenPerson(person, role, known.get(person.pk, [])) for person, role in persons),
            key=lambda one: (one.user.name.casefold(), one.user.pk),
        ),
        groups=[
            ChosenGroup(
                group,
                role,
                inside,
                [(one, known[one.pk]) for one in inside if one.pk in known and one != creator],
            )
            for group, role, inside in chosen_groups
        ],
        annotators=frozenset(
            pk
            for pk, roles in granted.items()
            if Permission.ANNOTATE in permissions_of(ProjectKind.TRAINING, effective_role(roles))
        ),
    )


def _uuids(texts: set[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
