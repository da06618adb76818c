"""Labels > Queue, Activity and Data, and what is done with rows of them."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from labels.pages import STATES, found_tasks, label_pages, task_listing
from labels.task_rows import HANDED_IN, OPEN_STATES, activity_tasks, queue_tasks, task_rows, tasks_listed
from projects.assignments import people_who_annotate
from projects.models import Project, ProjectKind, Task, TaskState
from projects.permissions import Permission, ProjectRequest, project_for


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
    states = OPEN_STATES if Permission.ANNOTATE in permissions else ()
    return (*states, TaskState.IN_REVIEW) if Permission.REVIEW in permissions else states


def _list_page(request: ProjectRequest, org_slug: str, project_id: UUID, which: TaskList) -> HttpResponse:
    project = project_for(request, org_slug, project_id, which.permission, kind=ProjectKind.MANUAL_QA)
    tasks = which.tasks(project, request.user, request.permissions)
    listing = task_listing(
        request.GET,
        project,
        tasks,
        default_sort=which.default_sort,
        states=_states_shown(which, request.permissions),
        person=which.person,
    )
    shown = listing.page(found_tasks(tasks, listing))
    may_control = Permission.CONTROL_TASKS in request.permissions
    context = {
        "listing": listing,
        "rows": task_rows(shown, project, request.user, request.permissions),
        "may_control": may_control,
        "may_review": Permission.REVIEW in request.permissions,
        "assignees": people_who_annotate(project) if may_control and which is QUEUE else [],
        "here": request.get_full_path(),
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
