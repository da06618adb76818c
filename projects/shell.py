"""Tabs, crumbs and sections around a project's page, drawn from permissions; each kind of project has its own."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from projects.models import ProjectKind
from projects.permissions import Permission, ProjectRequest

Pages = Callable[[ProjectRequest, str, str], dict[str, Any]]

# (key, label, url name, permission that shows it)
Entry = tuple[str, str, str, Permission]
TABS: tuple[Entry, ...] = (
    ("summary", "Summary", "labels:summary", Permission.SEE),
    ("labels", "Labels", "labels:queue", Permission.SEE),
    ("team", "Team", "projects:team", Permission.SEE_TEAM),
    ("settings", "Settings", "projects:settings", Permission.EDIT_SETTINGS),
    # Who may read one section only finds that one.
    ("settings", "Settings", "reviews:quality", Permission.READ_QUALITY),
)
SECTIONS: dict[str, tuple[Entry, ...]] = {
    "labels": (
        ("activity", "Activity", "labels:activity", Permission.SEE_ACTIVITY),
        ("queue", "Queue", "labels:queue", Permission.SEE),
        ("data", "Data", "labels:data", Permission.SEE_DATA),
        ("import", "Import", "labels:imports", Permission.IMPORT_LABELS),
    ),
    "settings": (
        ("general", "General", "projects:settings", Permission.EDIT_SETTINGS),
        ("instructions", "Instructions", "projects:settings_instructions", Permission.EDIT_SETTINGS),
        ("ontology", "Ontology", "projects:settings_ontology", Permission.EDIT_SETTINGS),
        ("datasets", "Datasets", "projects:settings_datasets", Permission.ATTACH_DATASETS),
        ("quality", "Quality", "reviews:quality", Permission.READ_QUALITY),
        ("danger", "Danger zone", "projects:settings_danger", Permission.DELETE_PROJECT),
    ),
}
_builders: dict[str, Pages] = {}


def register_pages(kind: ProjectKind, builder: Pages) -> None:
    """Name the builder of a kind; a higher room's kind keeps its own tabs on the pages that this room shares."""
    _builders[kind] = builder


def project_pages(request: ProjectRequest, tab: str, section: str = "") -> dict[str, Any]:
    """Context of project_shell.html: `project`, `project_crumbs`, `project_tabs`, `segments`, `permissions`."""
    return _builders[request.project.kind](request, tab, section)


def manual_qa_pages(request: ProjectRequest, tab: str, section: str = "") -> dict[str, Any]:
    """The builder for Manual QA projects."""
    projects_url = reverse("projects:manual_qa", args=[request.organisation.slug])
    return {
        "project": request.project,
        "project_crumbs": [
            {"label": "Projects", "url": projects_url},
            {"label": "Manual QA", "url": projects_url},
        ],
        "project_tabs": _entries(request, TABS, tab),
        "segments": _entries(request, SECTIONS.get(tab, ()), section),
        "permissions": request.permissions,
    }


def _entries(request: ProjectRequest, entries: tuple[Entry, ...], current: str) -> list[dict[str, Any]]:
    place = [request.organisation.slug, request.project.uuid]
    found: dict[str, dict[str, Any]] = {}
    for key, label, name, permission in entries:
        if permission in request.permissions and key not in found:
            found[key] = {"label": label, "url": reverse(name, args=place), "current": key == current}
    return list(found.values())
