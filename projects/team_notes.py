"""What higher rooms know about people of a team: a mark beside the name, and what somebody would leave behind."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from accounts.models import User
from projects.models import Project, ProjectKind

USUAL_LEAVING = (
    "Their open tasks go back to the queue with their drafts. What they submitted stays, under their name."
)


@dataclass(frozen=True)
class MemberNote:
    """Said about one person; `leaving` is the text of the question before a role is taken from them."""

    mark: str = ""
    mark_help: str = ""
    leaving: str = USUAL_LEAVING


NO_NOTE = MemberNote()
Maker = Callable[[Project, Collection[User]], dict[int, MemberNote]]
_makers: dict[str, Maker] = {}


def register_team_notes(kind: ProjectKind, maker: Maker) -> None:
    """Name what makes the notes of a kind of project: user id -> note, in a constant number of queries."""
    _makers[kind] = maker


def team_notes(project: Project, people: Collection[User]) -> dict[int, MemberNote]:
    """The notes about these people; whoever has none gets the usual one."""
    maker = _makers.get(project.kind)
    made = maker(project, people) if maker else {}
    return {person.pk: made.get(person.pk, NO_NOTE) for person in people}
