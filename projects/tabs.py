"""The tabs of the projects page. Each kind of project registers its own; no room knows the others'."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.access import OrganisationRequest
from accounts.models import Organisation, User
from accounts.permissions import OrganisationPermission


@dataclass(frozen=True)
class Tab:
    """One tab: its address by name (reversed with the organisation's slug) and how many projects are in it."""

    key: str
    label: str
    url_name: str
    count: Callable[[User, Organisation], int]
    position: int


_tabs: dict[str, Tab] = {}


def register_tab(tab: Tab) -> None:
    """Add a tab; called from AppConfig.ready."""
    _tabs[tab.key] = tab


def tabs_for(request: OrganisationRequest, current: str) -> list[dict[str, Any]]:
    """The tabs to show, as `components/tabs.html` wants them.

    Who may create projects sees all; others only those that have something for them, and the current one.
    """
    may_create = OrganisationPermission.CREATE in request.organisation_permissions
    shown = []
    for tab in sorted(_tabs.values(), key=lambda tab: tab.position):
        count = tab.count(request.user, request.organisation)
        if may_create or count or tab.key == current:
            shown.append(
                {
                    "label": tab.label,
                    "url": reverse(tab.url_name, args=[request.organisation.slug]),
                    "current": tab.key == current,
                    "count": count,
                }
            )
    return shown


def better_tab(request: OrganisationRequest, current: str) -> str | None:
    """The address of a tab that has something, when the current one has nothing for somebody who cannot create."""
    if OrganisationPermission.CREATE in request.organisation_permissions:
        return None
    counts = {key: tab.count(request.user, request.organisation) for key, tab in _tabs.items()}
    if counts.get(current):
        return None
    filled = [tab for tab in sorted(_tabs.values(), key=lambda tab: tab.position) if counts[tab.key]]
    return reverse(filled[0].url_name, args=[request.organisation.slug]) if filled else None
