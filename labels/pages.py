"""What all pages of this room share: the project's shell with Start labelling, and the list behind a task list page."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.listing import Choice, Filter, Listing
from datasets.models import Dataset, DatasetFile
from labels.task_rows import counts_by_state, datasets_attached, waiting_for
from projects.models import Project, Task, TaskState
from projects.permissions import Permission, ProjectRequest
from projects.shell import project_pages

DOTS = {
    TaskState.QUEUED: "queued",
    TaskState.ASSIGNED: "assigned",
    TaskState.RETURNED: "returned",
    TaskState.IN_REVIEW: "review",
    TaskState.COMPLETED: "completed",
}
STATES = tuple(DOTS)
SORTS = {
    "order": ["queue_rank", "pk"],
    "file": ["file__title", "pk"],
    "state": ["state", "pk"],
    "edited": ["edited_key", "pk"],
    "holder": ["assignee__name", "pk"],
    "submitted": ["submitted_at", "pk"],
    "created": ["created_at", "pk"],
}


def label_pages(request: ProjectRequest, tab: str, section: str = "") -> dict[str, Any]:
    """Context of project_shell.html with `start`: own and free tasks, None for who does not annotate."""
    start = None
    if Permission.ANNOTATE in request.permissions:
        own, free = waiting_for(request.project, request.user)
        start = {"own": own, "free": free}
    may_import = Permission.IMPORT_LABELS in request.permissions
    return project_pages(request, tab, section) | {"start": start, "may_import": may_import}


def task_listing(
    params: QueryDict,
    project: Project,
    tasks: QuerySet[Task],
    *,
    default_sort: str,
    states: tuple[TaskState, ...],
) -> Listing:
    """Search, filters and sort of a list of tasks, with counts per state."""
    counts = counts_by_state(tasks)
    datasets = datasets_attached(project)
    return Listing(
        params,
        sorts=SORTS,
        default_sort=default_sort,
        filters=[
            Filter(
                "state",
                "Status",
                [
                    Choice(state.value, str(state.label), counts.get(state, 0), DOTS[state])
                    for state in states
                ],
                inline=True,
            ),
            Filter(
                "dataset", "Dataset", [Choice(str(one.uuid), one.title) for one in datasets], icon="database"
            ),
            Filter("holder", "Reserved by", _holders(tasks), icon="user"),
        ],
        search_placeholder="Search by file name",
    )


def _holders(tasks: QuerySet[Task]) -> list[Choice]:
    held = tasks.exclude(assignee=None).order_by("assignee__name", "assignee")
    people = held.values_list("assignee__uuid", "assignee__name").distinct()
    return [Choice(str(uuid), name) for uuid, name in people]


def found_tasks(tasks: QuerySet[Task], listing: Listing) -> QuerySet[Task]:
    """The tasks that the URL asks for."""
    if listing.query:
        tasks = tasks.filter(file__title__icontains=listing.query)
    if listing.chosen("state"):
        tasks = tasks.filter(state__in=listing.chosen("state"))
    if listing.chosen("dataset"):
        wanted = Dataset.objects.filter(uuid__in=listing.chosen("dataset"))
        tasks = tasks.filter(file__in=DatasetFile.objects.filter(dataset__in=wanted).values("file"))
    if listing.chosen("holder"):
        tasks = tasks.filter(assignee__uuid__in=listing.chosen("holder"))
    return tasks
