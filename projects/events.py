"""What this room announces (accounts.events: inside the announcing transaction)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models import Project, Role, Task


@dataclass(frozen=True)
class RoleChange:
    """The effective role of one person before and after; None = not in the project."""

    user: "User"
    before: "Role | None"
    after: "Role | None"


@dataclass(frozen=True)
class ProjectRolesChanged:
    """Effective roles changed, of any number of people at once; those whose role is as before are not in it."""

    project: "Project"
    changes: tuple[RoleChange, ...]
    actor: "User | None"


@dataclass(frozen=True)
class ProjectToBeDeleted:
    """A project is about to go with everything in it; its rows are still there."""

    project: "Project"
    actor: "User"


@dataclass(frozen=True)
class TaskReopened:
    """A handed-in task was sent back by a manager; it has moved already."""

    task: "Task"
    actor: "User"
