"""Where a person goes next: the opener of a task and the page after the last one, per kind of task.

Training projects open copies on a page of their own room, which this room does not know: that room registers
its addresses in `AppConfig.ready`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from projects.models import Project, Task, TaskKind


@dataclass(frozen=True)
class Destinations:
    """Addresses of one kind of task: `opener(task)` opens it for labelling, `finished(project)` has no task left."""

    opener: Callable[[Task], str]
    finished: Callable[[Project], str]


def _opener(task: Task) -> str:
    return reverse("labels:annotate", args=[task.project.organisation.slug, task.uuid])


def _finished(project: Project) -> str:
    return reverse("labels:start", args=[project.organisation.slug, project.uuid])


_registered: dict[str, Destinations] = {TaskKind.ANNOTATE: Destinations(_opener, _finished)}


def register_destinations(kind: TaskKind, destinations: Destinations) -> None:
    """Name where tasks of a kind are opened."""
    _registered[kind] = destinations


def url_of_next(task: Task | None, *, project: Project, kind: str) -> str:
    """The opener of `task`, or the page that says that nothing is left."""
    known = _registered[kind]
    if task is None:
        return known.finished(project)
    task.project = project  # saves a query: the next task is always of the same project
    return known.opener(task)
