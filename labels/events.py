"""What this room announces (accounts.events: inside the announcing transaction)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User
    from labels.models import Submission
    from projects.models import Task


@dataclass(frozen=True)
class TaskToBeSubmitted:
    """Labels are about to be handed in; a handler may refuse by raising an error of labels.errors."""

    task: "Task"
    actor: "User"


@dataclass(frozen=True)
class TaskSubmitted:
    """Labels were handed in, by a person or by an import; the task has moved already."""

    submission: "Submission"
    actor: "User | None"


@dataclass(frozen=True)
class TaskApproved:
    """A reviewer approved a whole task: it is Completed and every instance Approved."""

    task: "Task"
    actor: "User"
