"""What all pages of this room share: the project's shell with Start labelling, and the list behind a task list page."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict

from accounts.listing import Choice, Filter, Listing
from datasets.models import Dataset, DatasetFile
from labels.review_tasks import KIND_LABELS, review_room
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
    "order": ["own_key", "state_key", "queue_rank", "pk"],
    "file": ["file__title", "pk"],
    "state": ["state_key", "pk"],
    "edited": ["edited_key", "pk"],
    "holder": ["assignee__name", "pk"],
    "submitter": ["submitted_by__name", "pk"],
    "submitted": ["submitted_at", "pk"],
    "created": ["created_at", "pk"],
}


def label_pages(request: ProjectRequest, tab: str, section: str = "") -> dict[str, Any]:
    """Context of project_shell.html; `start` and `start_reviewing` say what waits, None for who does not do that."""
    start = None
    if Permission.ANNOTATE in request.permissions:
        own, free = waiting_for(request.project, request.user)
        start = {"own": own, "free": free}
    start_reviewing = None
    if Permission.REVIEW in request.permissions:
        own, free = review_room().waiting(request.project, request.user)
        start_reviewing = {"own": own, "free": free}
    may_import = Permission.IMPORT_LABELS in request.permissions
    return project_pages(request, tab, section) | {
        "start": start,
        "start_reviewing": start_reviewing,
        "may_import": may_import,
    }


# How a person can stand to a task, as filters: the name in the URL and its words.
PERSON_FILTERS = {"assignee": ("holder", "Reserved by"), "submitted_by": ("submitter", "Submitted by")}


def task_listing(
    params: QueryDict,
    project: Project,
    tasks: QuerySet[Task],
    *,
    default_sort: str,
    states: tuple[TaskState, ...],
    person: str,
    has_kinds: bool = False,
) -> Listing:
    """Search, filters and sort of a list of tasks, with counts per state.

    `person` is "assignee" or "submitted_by": by whom the list can be filtered. `has_kinds`: by what is to be done.
    """
    counts = counts_by_state(tasks)
    shown = [Choice(state.value, str(state.label), counts.get(state, 0), DOTS[state]) for state in states]
    filters = [Filter("state", "Status", shown, inline=True)]
    if has_kinds:
        found = dict(tasks.order_by().values_list("kind_key").annotate(count=Count("pk")))
        kinds = [Choice(key, label, found.get(key, 0)) for key, label in KIND_LABELS.items()]
        filters.append(Filter("kind", "Task", kinds, icon="list-check"))
    datasets = [Choice(str(one.uuid), one.title) for one in datasets_attached(project)]
    if len(datasets) > 1:
        filters.append(Filter("dataset", "Dataset", datasets, icon="database"))
    people = _people(tasks, person)
    if len(people) > 1:
        key, label = PERSON_FILTERS[person]
        filters.append(Filter(key, label, people, icon="user"))
    return Listing(
        params,
        sorts=SORTS,
        default_sort=default_sort,
        filters=filters,
        search_placeholder="Search by file name",
    )


def _people(tasks: QuerySet[Task], person: str) -> list[Choice]:
    named = tasks.exclude(**{person: None}).order_by(f"{person}__name", person)
    people = named.values_list(f"{person}__uuid", f"{person}__name").distinct()
    return [Choice(str(uuid), name) for uuid, name in people]


def found_tasks(tasks: QuerySet[Task], listing: Listing) -> QuerySet[Task]:
    """The tasks that the URL asks for."""
    chosen = {one.key: listing.chosen(one.key) for one in listing.filters}
    if listing.query:
        tasks = tasks.filter(file__title__icontains=listing.query)
    if chosen["state"]:
        tasks = tasks.filter(state__in=chosen["state"])
    if chosen.get("kind"):
        tasks = tasks.filter(kind_key__in=chosen["kind"])
    if chosen.get("dataset"):
        wanted = Dataset.objects.filter(uuid__in=chosen["dataset"])
        tasks = tasks.filter(file__in=DatasetFile.objects.filter(dataset__in=wanted).values("file"))
    for person, (key, _) in PERSON_FILTERS.items():
        if chosen.get(key):
            tasks = tasks.filter(**{f"{person}__uuid__in": chosen[key]})
    return tasks
