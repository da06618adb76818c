"""The one upward channel: an operation announces inside its transaction, higher rooms listen.

A room declares an event as a frozen dataclass and calls `announce(event)`. A higher room registers its
handler in `AppConfig.ready` with `listen(EventType, handler)`. Handlers run at once, in the order of
registration, inside the announcing transaction: an error in a handler rolls the whole verb back.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from accounts.models import Group, Invitation, Organisation, User

Event = TypeVar("Event")
_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def listen(event_type: type[Event], handler: Callable[[Event], None]) -> None:
    """Register `handler` for `event_type`; registering the same pair twice is one registration."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def announce(event: object) -> None:
    """Run every handler of the event's exact type; call it inside the verb's transaction."""
    for handler in _handlers[type(event)]:
        handler(event)


@dataclass(frozen=True)
class MemberRemoved:
    """A membership ended; higher rooms release what the person holds."""

    organisation: "Organisation"
    user: "User"
    actor: "User | None"


@dataclass(frozen=True)
class InvitationAccepted:
    """A person joined by invitation; `invitation.grant` may name a project role for a higher room."""

    invitation: "Invitation"
    user: "User"


@dataclass(frozen=True)
class GroupMembersChanged:
    """People were added to or removed from a group."""

    group: "Group"
    added: "tuple[User, ...]"
    removed: "tuple[User, ...]"
    actor: "User | None"
