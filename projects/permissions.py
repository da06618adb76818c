"""The permission door: who may do what in a project, as data, and the only way to fetch one for a person.

The two matrices are the tables of spec/manual_qa.md section 2 and spec/training.md section 7.
"""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.access import OrganisationRequest, organisation_for
from accounts.models import Organisation, User
from projects.models import Project, ProjectKind, ProjectRole, Role, Task, TaskEvent, TaskKind


class Permission(StrEnum):
    """One row of a permission table."""

    SEE = "see"
    ATTACH_DATASETS = "attach_datasets"
    SWITCH_ONTOLOGY = "switch_ontology"
    DELETE_PROJECT = "delete_project"
    MANAGE_ADMINS = "manage_admins"
    MANAGE_TEAM = "manage_team"
    INVITE = "invite"
    SEE_TEAM = "see_team"
    EDIT_SETTINGS = "edit_settings"
    READ_QUALITY = "read_quality"
    IMPORT_LABELS = "import_labels"
    EXPORT_LABELS = "export_labels"
    ANNOTATE = "annotate"
    REVIEW = "review"
    CONFIRM_LABELS = "confirm_labels"
    CONTROL_TASKS = "control_tasks"
    SEE_ACTIVITY = "see_activity"
    SEE_DATA = "see_data"
    SEE_PERFORMANCE = "see_performance"
    USE_AS_SOURCE = "use_as_source"
    SEE_RESULTS = "see_results"
    READ_FUNCTION = "read_function"
    EDIT_FUNCTION = "edit_function"
    OWN_PROGRESS = "own_progress"


_ADMIN = frozenset({Role.ADMIN})
_LEADS = frozenset({Role.ADMIN, Role.TEAM_MANAGER})
_EVERYBODY = frozenset(Role)
_ANNOTATORS = frozenset({Role.ANNOTATOR, Role.ANNOTATOR_REVIEWER})
_REVIEWERS = frozenset({Role.REVIEWER, Role.ANNOTATOR_REVIEWER})

MANUAL_QA: dict[Permission, frozenset[Role]] = {
    Permission.SEE: _EVERYBODY,
    Permission.ATTACH_DATASETS: _ADMIN,
    Permission.SWITCH_ONTOLOGY: _ADMIN,
    Permission.DELETE_PROJECT: _ADMIN,
    Permission.MANAGE_ADMINS: _ADMIN,
    Permission.EDIT_SETTINGS: _ADMIN,
    Permission.IMPORT_LABELS: _ADMIN,
    Permission.EXPORT_LABELS: _ADMIN,
    Permission.USE_AS_SOURCE: _ADMIN,
    Permission.READ_QUALITY: _LEADS,
    Permission.INVITE: _LEADS,
    Permission.MANAGE_TEAM: _LEADS,
    Permission.SEE_TEAM: _LEADS,
    Permission.CONFIRM_LABELS: _LEADS,
    Permission.CONTROL_TASKS: _LEADS,
    Permission.SEE_DATA: _LEADS,
    Permission.SEE_PERFORMANCE: _LEADS,
    Permission.ANNOTATE: _LEADS | _ANNOTATORS,
    Permission.REVIEW: _LEADS | _REVIEWERS,
    Permission.SEE_ACTIVITY: _EVERYBODY,
}

TRAINING: dict[Permission, frozenset[Role]] = {
    Permission.SEE: _LEADS | {Role.ANNOTATOR},
    Permission.SEE_RESULTS: _LEADS,
    Permission.SEE_ACTIVITY: _LEADS,
    Permission.SEE_DATA: _LEADS,
    Permission.SEE_TEAM: _LEADS,
    Permission.READ_FUNCTION: _LEADS,
    Permission.INVITE: _LEADS,
    Permission.CONTROL_TASKS: _LEADS,
    Permission.EDIT_FUNCTION: _ADMIN,
    Permission.EDIT_SETTINGS: _ADMIN,
    Permission.DELETE_PROJECT: _ADMIN,
    Permission.MANAGE_TEAM: _ADMIN,
    Permission.MANAGE_ADMINS: _ADMIN,
    Permission.ANNOTATE: frozenset({Role.ANNOTATOR}),
    Permission.OWN_PROGRESS: frozenset({Role.ANNOTATOR}),
}

MATRIX: dict[str, dict[Permission, frozenset[Role]]] = {
    ProjectKind.MANUAL_QA: MANUAL_QA,
    ProjectKind.TRAINING: TRAINING,
}

# Roles that exist in a project of each kind, in the order of forms.
ROLES: dict[str, tuple[Role, ...]] = {
    ProjectKind.MANUAL_QA: (
        Role.ANNOTATOR,
        Role.REVIEWER,
        Role.ANNOTATOR_REVIEWER,
        Role.TEAM_MANAGER,
        Role.ADMIN,
    ),
    ProjectKind.TRAINING: (Role.ANNOTATOR, Role.TEAM_MANAGER, Role.ADMIN),
}


def effective_role(granted: frozenset[str] | set[str]) -> Role | None:
    """The one role that a person's open role rows add up to; None without any."""
    if Role.ADMIN in granted:
        return Role.ADMIN
    if Role.TEAM_MANAGER in granted:
        return Role.TEAM_MANAGER
    if Role.ANNOTATOR_REVIEWER in granted or {Role.ANNOTATOR, Role.REVIEWER} <= granted:
        return Role.ANNOTATOR_REVIEWER
    return next(
        (Role(role) for role in (Role.REVIEWER, Role.ANNOTATOR) if role in granted),
        None,
    )


def role_in(project: Project, user: User) -> Role | None:
    """The person's effective role in the project now; None for outsiders."""
    return effective_role(
        set(
            ProjectRole.objects.filter(project=project, user=user, ended_at=None).values_list(
                "role", flat=True
            )
        )
    )


def roles_in(project: Project, users: Collection[User] | None = None) -> dict[int, Role]:
    """Effective role now by user id, of everybody in the project or of some people; one query."""
    rows = ProjectRole.objects.filter(project=project, ended_at=None)
    if users is not None:
        rows = rows.filter(user__in=users)
    granted: dict[int, set[str]] = {}
    for user_id, role in rows.values_list("user_id", "role"):
        granted.setdefault(user_id, set()).add(role)
    found = {user_id: effective_role(roles) for user_id, roles in granted.items()}
    return {user_id: role for user_id, role in found.items() if role is not None}


def people_with(project: Project, permission: Permission) -> frozenset[int]:
    """The ids of everybody whose effective role in the project allows `permission` now; one query."""
    allowed = MATRIX[project.kind].get(permission, frozenset())
    return frozenset(user for user, role in roles_in(project).items() if role in allowed)


def permissions_of(kind: str, role: Role | None) -> frozenset[Permission]:
    """Everything a role allows in a project of this kind."""
    return frozenset(permission for permission, roles in MATRIX[kind].items() if role in roles)


def projects_visible_to(user: User, organisation: Organisation) -> QuerySet[Project]:
    """Projects of the organisation in which the person has an open role."""
    return Project.objects.filter(
        organisation=organisation,
        pk__in=ProjectRole.objects.filter(user=user, ended_at=None).values("project"),
    )


def projects_with(
    user: User, organisation: Organisation, permission: Permission, kind: ProjectKind
) -> QuerySet[Project]:
    """Projects of one kind in which the person's effective role allows `permission`; two queries."""
    granted: dict[int, set[str]] = {}
    rows = ProjectRole.objects.filter(
        user=user, ended_at=None, project__organisation=organisation, project__kind=kind
    )
    for project_id, role in rows.values_list("project_id", "role"):
        granted.setdefault(project_id, set()).add(role)
    allowed = [
        project_id
        for project_id, roles in granted.items()
        if permission in permissions_of(kind, effective_role(roles))
    ]
    return Project.objects.filter(pk__in=allowed)


class ProjectRequest(OrganisationRequest):
    """A request that came through the project door: in which project, as what, allowed what."""

    project: Project
    project_role: Role
    permissions: frozenset[Permission]


def _enter(request: ProjectRequest, project: Project, permission: Permission) -> None:
    """Put project, role and permissions on the request, or raise for what the person may not see or do."""
    role = role_in(project, request.user)
    if role is None:
        raise Http404
    request.project = project
    request.project_role = role
    request.permissions = permissions_of(project.kind, role)
    if permission not in request.permissions:
        raise PermissionDenied


def project_for(
    request: ProjectRequest,
    org_slug: str,
    project_id: UUID,
    permission: Permission,
    *,
    kind: ProjectKind | None = None,
) -> Project:
    """The project, scoped to the organisation in the URL and checked for `permission`.

    Sets request.organisation, request.project, request.project_role and request.permissions. Raises Http404
    for absent, foreign and invisible projects (and for a project of another `kind`), PermissionDenied for a
    visible one without the permission.
    """
    organisation = organisation_for(request, org_slug)
    project = (
        Project.objects.select_related("ontology_version__ontology", "organisation")
        .filter(organisation=organisation, uuid=project_id)
        .first()
    )
    if project is None or (kind is not None and project.kind != kind):
        raise Http404
    _enter(request, project, permission)
    return project


# What ends a review of a task: approving it as a whole, or the last judgement of its labels.
JUDGING_MOVES = ("approve", "complete", "return")


def tasks_visible_to(user: User, project: Project, permissions: frozenset[Permission]) -> QuerySet[Task]:
    """The tasks a person may know of: leads all, others free ones, their own and those they submitted.

    Reviewers also know those that wait for a review, and those they have judged.

    Training copies are private: an annotator sees only their own and never a withdrawn one.
    """
    tasks = Task.objects.filter(project=project)
    if Permission.CONTROL_TASKS in permissions:
        return tasks
    if project.kind == ProjectKind.TRAINING:
        return tasks.filter(assignee=user).exclude(state="withdrawn")
    known = Q(assignee=None, state__in=["queued", "returned"]) | Q(assignee=user) | Q(submitted_by=user)
    if Permission.REVIEW not in permissions:
        tasks = tasks.exclude(kind=TaskKind.REVIEW)
    else:
        judged = TaskEvent.objects.filter(task=OuterRef("pk"), move__in=JUDGING_MOVES, actor=user)
        known |= Q(state="in_review") | Q(Exists(judged))
    return tasks.filter(known)


def task_for(
    request: ProjectRequest,
    org_slug: str,
    task_id: UUID,
    permission: Permission,
    *,
    kind: TaskKind | None = None,
) -> Task:
    """The task, scoped to the organisation, its project's permission and what the person may know of.

    Same errors and request attributes as `project_for`. Without CONTROL_TASKS, somebody else's task is
    absent (404).
    """
    organisation = organisation_for(request, org_slug)
    task = (
        Task.objects.select_related("project__ontology_version__ontology", "file", "assignee")
        .filter(project__organisation=organisation, uuid=task_id)
        .first()
    )
    if task is None or (kind is not None and task.kind != kind):
        raise Http404
    role = role_in(task.project, request.user)
    allowed = permissions_of(task.project.kind, role)
    if role is None or not tasks_visible_to(request.user, task.project, allowed).filter(pk=task.pk).exists():
        raise Http404
    request.project, request.project_role, request.permissions = (
        task.project,
        role,
        allowed,
    )
    if permission not in allowed:
        raise PermissionDenied
    return task
