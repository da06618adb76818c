"""What higher rooms know about people of a team: a mark beside the name, and what somebody would leave behind."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from accounts.models import Group, User
from projects.models import Project, ProjectKind

USUAL_LEAVING = (
    "Their open tasks go back to the queue with their drafts. What they submitted stays, under their name."
)


USUAL_GROUP_LEAVING = (
    "Everybody loses the role that came from this group; roles given directly or by other groups stay. Open tasks "
    "of people who may not annotate any more go back to the queue."
)


@dataclass(frozen=True)
class MemberNote:
    """Said about one person; `leaving` is the text of the question before a role is taken from them."""

    mark: str = ""
    mark_help: str = ""
    leaving: str = USUAL_LEAVING


NO_NOTE = MemberNote()


@dataclass(frozen=True)
class NoteMakers:
    """What a kind of project says: notes by user id, and the question before a group goes; constant query counts."""

    members: Callable[[Project, Collection[User]], dict[int, MemberNote]]
    group_leaving: Callable[[Project, Group], str]


_makers: dict[str, NoteMakers] = {}


def register_team_notes(kind: ProjectKind, makers: NoteMakers) -> None:
    """Name what makes the notes of a kind of project."""
    _makers[kind] = makers


def team_notes(project: Project, people: Collection[User]) -> dict[int, MemberNote]:
    """The notes about these people; whoever has none gets the usual one."""
    makers = _makers.get(project.kind)
    made = makers.members(project, people) if makers else {}
    return {person.pk: made.get(person.pk, NO_NOTE) for person in people}


def group_leaving(project: Project, group: Group) -> str:
    """What happens to work when the group's roles end, as a sentence."""
    makers = _makers.get(project.kind)
    return makers.group_leaving(project, group) if makers else USUAL_GROUP_LEAVING
