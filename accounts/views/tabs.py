"""Tabs of the people pages and sections of the settings pages."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse


def people_tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """Members, Groups, Invitations."""
    names = {"members": "Members", "groups": "Groups", "invitations": "Invitations"}
    return [
        {
            "label": label,
            "url": reverse(f"accounts:{name}", args=[request.organisation.slug]),
            "current": name == current,
        }
        for name, label in names.items()
    ]


def settings_sections(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """General, Tags."""
    names = {"settings": "General", "tags": "Tags"}
    return [
        {
            "label": label,
            "url": reverse(f"accounts:{name}", args=[request.organisation.slug]),
            "current": name == current,
        }
        for name, label in names.items()
    ]
