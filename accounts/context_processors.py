"""What the shell of every page needs to know."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership
from accounts.navigation import ORGANISATION, ROOMS, Entry


def shell(request: HttpRequest) -> dict[str, Any]:
    """Organisation, navigation and theme; the access door has set organisation and membership on the request.

    Outside an organisation (log-in, account, error pages) `organisation` is None and the navigation empty.
    """
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    organisation = getattr(request, "organisation", None)
    membership = getattr(request, "membership", None)
    rooms, own = _entries(request, ROOMS), _entries(request, ORGANISATION)
    return {
        "organisation": organisation,
        "membership": membership,
        "organisation_url": f"/o/{organisation.slug}/" if organisation else "",
        "organisation_permissions": getattr(request, "organisation_permissions", frozenset()),
        "shell_rooms": rooms,
        "shell_organisation": own,
        # One entry alone is no navigation: people who only have projects get a top bar, as trainees do.
        "shell_has_sidebar": len(rooms) + len(own) > 1,
        "shell_memberships": SimpleLazyObject(lambda: _memberships(user)) if known else [],
        "shell_theme": user.theme if known else "auto",
        "shell_is_trainee": getattr(request, "shell_is_trainee", False),
    }


def _memberships(user: Any) -> list[Membership]:
    return list(
        Membership.objects.filter(user=user, ended_at=None)
        .select_related("organisation")
        .order_by("organisation__name")
    )


def _entries(request: HttpRequest, entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    organisation = getattr(request, "organisation", None)
    if organisation is None:
        return []
    allowed = getattr(request, "organisation_permissions", frozenset())
    base = f"/o/{organisation.slug}/"
    here = request.path.removeprefix(base)
    return [
        {"entry": entry, "url": base + entry.path, "current": here.startswith(entry.prefixes)}
        for entry in entries
        if entry.permission in allowed
    ]
