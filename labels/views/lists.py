"""Labels > Queue, Activity and Data, and what is done with rows of them."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.listing import Listing
from accounts.models import User
from labels.pages import STATES, found_tasks, label_pages, task_listing
from labels.review_tasks import review_room
from labels.task_rows import HANDED_IN, OPEN_STATES, activity_tasks, queue_tasks, task_rows, tasks_listed
from projects.assignments import people_who_annotate
from projects.models import Project, ProjectKind, Task, TaskState
from projects.permissions import Permission, ProjectRequest, project_for

# Previous and next in the editor walk at most this many tasks of a list.
LONGEST_WALK = 5_000


@dataclass(frozen=True)
class TaskList:
    """One of the three pages: its tasks, its order, and the states that its filter knows."""

    section: str
    permission: Permission
    tasks: Callable[[Project, User, frozenset[Permission]], QuerySet[Task]]
    default_sort: str
    states: tuple[TaskState, ...] = STATES
    person: str = "assignee"


QUEUE = TaskList("queue", Permission.SEE, queue_tasks, "order")
ACTIVITY = TaskList("activity", Permission.SEE_ACTIVITY, activity_tasks, "-edited", HANDED_IN, "submitted_by")
DATA = TaskList(
    "data", Permission.SEE_DATA, lambda project, user, permissions: tasks_listed(project, user), "file"
)
LISTS = {which.section: which for which in (QUEUE, ACTIVITY, DATA)}


def _states_shown(which: TaskList, permissions: frozenset[Permission]) -> tuple[TaskState, ...]:
    """The states that the person's list can hold at all: who leads nothing has no finished tasks in the queue."""
    if which is not QUEUE or Permission.CONTROL_TASKS in permissions:
        return which.states
    states = OPEN_STATES if Permission.ANNOTATE in permissions else (TaskState.QUEUED, TaskState.ASSIGNED)
    return (*states, TaskState.IN_REVIEW) if Permission.REVIEW in permissions else states


def _listed(request: ProjectRequest, project: Project, which: TaskList) -> tuple[Listing, QuerySet[Task]]:
    """What the URL asks of one of the lists, and the tasks that match."""
    tasks = which.tasks(project, request.user, request.permissions)
    listing = task_listing(
        request.GET,
        project,
        tasks,
        default_sort=which.default_sort,
        states=_states_shown(which, request.permissions),
        person=which.person,
        has_kinds=which is QUEUE,
    )
    return listing, found_tasks(tasks, listing)


def way_along_the_list(request: ProjectRequest, task: Task) -> dict[str, str | None]:
    """`back`, `previous` and `next` for the editor: along the list that View was pressed in (`from` in the URL)."""
    place = [request.organisation.slug, task.project.uuid]
    which = LISTS.get(request.GET.get("from", ""))
    if which is None or which.permission not in request.permissions:
        return {"back": reverse("labels:activity", args=place), "previous": None, "next": None}
    listing, tasks = _listed(request, task.project, which)
    ids = list(tasks.order_by(*listing.ordering).values_list("uuid", flat=True)[:LONGEST_WALK])
    here = ids.index(task.uuid) if task.uuid in ids else None

    def opener(position: int | None) -> str | None:
        if position is None or not 0 <= position < len(ids):
            return None
        address = reverse("labels:view", args=[request.organisation.slug, ids[position]])
        return f"{address}{listing.link(**{'from': which.section})}"

    return {
        "back": reverse(f"labels:{which.section}", args=place) + listing.link().removesuffix("?"),
        "previous": opener(here - 1) if here else None,
        "next": opener(here + 1) if here is not None else None,
    }


def _assignees(project: Project) -> list[User]:
    """Everybody to whom a task or a review can be given, by name."""
    reviewers = User.objects.filter(pk__in=review_room().assignees(project))
    everybody = {*people_who_annotate(project), *reviewers}
    return sorted(everybody, key=lambda user: (user.name, user.pk))


def _list_page(request: ProjectRequest, org_slug: str, project_id: UUID, which: TaskList) -> HttpResponse:
    project = project_for(request, org_slug, project_id, which.permission, kind=ProjectKind.MANUAL_QA)
    listing, tasks = _listed(request, project, which)
    shown = listing.page(tasks)
    may_control = Permission.CONTROL_TASKS in request.permissions
    context = {
        "listing": listing,
        "rows": task_rows(shown, project, request.user, request.permissions),
        "may_control": may_control,
        "may_review": Permission.REVIEW in request.permissions,
        "assignees": _assignees(project) if may_control and which is QUEUE else [],
        "here": request.get_full_path(),
        "along": listing.link(**{"from": which.section}),
        **label_pages(request, "labels", which.section),
    }
    template = f"labels/_{which.section}_list.html" if request.htmx else f"labels/{which.section}.html"
    return render(request, template, context)


@require_GET
def queue(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """What is to be done, and who has it."""
    return _list_page(request, org_slug, project_id, QUEUE)


@require_GET
def activity(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """What was handed in, newest first."""
    return _list_page(request, org_slug, project_id, ACTIVITY)


@require_GET
def data(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """Every data unit of the project."""
    return _list_page(request, org_slug, project_id, DATA)
