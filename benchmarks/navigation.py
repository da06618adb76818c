"""Tabs, crumbs and sections of a training project's pages; every entry is drawn from permissions, never from a role."""

from typing import Any

from django.urls import reverse

from projects.permissions import Permission, ProjectRequest


def _entry(request: ProjectRequest, label: str, name: str, current: bool, **extra: Any) -> dict[str, Any]:
    url = reverse(
        name if ":" in name else f"benchmarks:{name}", args=[request.organisation.slug, request.project.uuid]
    )
    return {"label": label, "url": url, "current": current, **extra}


# (tab, label, url name, permission that shows it)
TABS = (
    ("summary", "Summary", "overview", Permission.SEE),
    ("labels", "Labels", "queue", Permission.SEE),
    ("team", "Team", "projects:team", Permission.SEE_TEAM),
    ("settings", "Settings", "settings", Permission.READ_FUNCTION),
)
SECTIONS = {
    "summary": (
        ("overview", "Overview", Permission.SEE_RESULTS),
        ("submissions", "Annotator submissions", Permission.SEE_RESULTS),
    ),
    "labels": (
        ("queue", "Queue", Permission.SEE),
        ("activity", "Activity", Permission.SEE_ACTIVITY),
        ("data", "Data", Permission.SEE_DATA),
    ),
    "settings": (
        ("settings", "Options", Permission.EDIT_SETTINGS),
        ("gold", "Gold", Permission.EDIT_SETTINGS),
        ("function", "Benchmark scoring function", Permission.READ_FUNCTION),
        ("danger", "Danger zone", Permission.DELETE_PROJECT),
    ),
}


def _landing(tab: str, name: str, allowed: frozenset[Permission]) -> str:
    """The page a tab leads to; Settings leads to the first section that the person may see."""
    if tab != "settings":
        return name
    return next(section for section, _, permission in SECTIONS[tab] if permission in allowed)


def training_pages(request: ProjectRequest, tab: str, section: str = "") -> dict[str, Any]:
    """Context of project_shell.html for a page of a training project: `project`, crumbs, tabs and segments."""
    allowed = request.permissions
    segments = [
        _entry(request, label, name, name == section)
        for name, label, permission in SECTIONS.get(tab, ())
        if permission in allowed
    ]
    return {
        "project": request.project,
        "project_crumbs": [
            {"label": "Projects", "url": reverse("benchmarks:projects", args=[request.organisation.slug])},
            {"label": "Training", "url": reverse("benchmarks:projects", args=[request.organisation.slug])},
        ],
        "project_tabs": [
            _entry(request, label, _landing(key, name, allowed), key == tab)
            for key, label, name, permission in TABS
            if permission in allowed
        ],
        "segments": segments if len(segments) > 1 else [],
        "permissions": allowed,
    }
