"""Read models of the projects room; constant query counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Min, QuerySet

from accounts.models import Group, Organisation, Tag, User
from datasets.models import File
from projects.models import Project, ProjectKind, ProjectRole, Role, Task, TaskKind, TaskState
from projects.permissions import Permission, effective_role, permissions_of, projects_visible_to
from projects.team_notes import NO_NOTE, MemberNote, group_leaving

FINISHED = (TaskState.COMPLETED,)


@dataclass(frozen=True)
class ProjectRow:
    """One line of the projects page."""

    project: Project
    tags: list[Tag]
    role: Role | None
    counts: dict[str, int]
    picture: File | None

    @property
    def total(self) -> int:
        """All annotate tasks."""
        return sum(self.counts.values())

    @property
    def completed(self) -> int:
        """Annotate tasks that are Completed."""
        return self.counts.get(TaskState.COMPLETED, 0)

    @property
    def in_review(self) -> int:
        """Annotate tasks that wait for a review."""
        return self.counts.get(TaskState.IN_REVIEW, 0)


def manual_qa_projects(user: User, organisation: Organisation) -> QuerySet[Project]:
    """The Manual QA projects in which the person has a role."""
    return projects_visible_to(user, organisation).filter(kind=ProjectKind.MANUAL_QA)


def count_manual_qa_projects(user: User, organisation: Organisation) -> int:
    """How many the Manual QA tab holds for the person."""
    return manual_qa_projects(user, organisation).count()


def projects_with_all_tags(projects: QuerySet[Project], tag_ids: Sequence[str]) -> QuerySet[Project]:
    """Those projects that carry every one of the tags (uuids)."""
    for tag_id in tag_ids:
        projects = projects.filter(tags__uuid=tag_id)
    return projects


def project_rows(projects: Sequence[Project], user: User) -> list[ProjectRow]:
    """What the page shows of these projects; four queries however many there are."""
    ids = [project.pk for project in projects]
    granted: dict[int, set[str]] = {}
    rows = ProjectRole.objects.filter(project__in=ids, user=user, ended_at=None)
    for project_id, role in rows.values_list("project", "role"):
        granted.setdefault(project_id, set()).add(role)
    counts: dict[int, dict[str, int]] = {}
    tasks = Task.objects.filter(project__in=ids, kind=TaskKind.ANNOTATE)
    for project_id, state, count in (
        tasks.order_by().values_list("project", "state").annotate(count=Count("pk"))
    ):
        counts.setdefault(project_id, {})[state] = count
    pictures = _first_pictures(ids)
    return [
        ProjectRow(
            project=project,
            tags=sorted(project.tags.all(), key=lambda tag: tag.name.lower()),
            role=effective_role(granted.get(project.pk, set())),
            counts=counts.get(project.pk, {}),
            picture=pictures.get(project.pk),
        )
        for project in projects
    ]


def _first_pictures(project_ids: Sequence[int]) -> dict[int, File]:
    """The file of each project's oldest task."""
    first = (
        Task.objects.filter(project__in=project_ids, kind=TaskKind.ANNOTATE)
        .order_by()
        .values("project")
        .annotate(first=Min("pk"))
        .values("first")
    )
    return {task.project_id: task.file for task in Task.objects.filter(pk__in=first).select_related("file")}


# ---------------------------------------------------------------- team
@dataclass
class TeamMember:
    """One person of a project with everything the team page says about them."""

    user: User
    role: Role
    direct: bool
    groups: list[str] = field(default_factory=list)
    since: object = None
    note: MemberNote = NO_NOTE

    @property
    def is_admin(self) -> bool:
        """Admins cannot be changed by others."""
        return self.role is Role.ADMIN


def team_of(project: Project) -> list[TeamMember]:
    """Everybody with an open role, by name; one query."""
    people: dict[int, TeamMember] = {}
    granted: dict[int, set[str]] = {}
    rows = (
        ProjectRole.objects.filter(project=project, ended_at=None)
        .select_related("user", "group")
        .order_by("started_at", "pk")
    )
    for row in rows:
        member = people.setdefault(
            row.user_id,
            TeamMember(user=row.user, role=Role.ANNOTATOR, direct=False, since=row.started_at),
        )
        granted.setdefault(row.user_id, set()).add(row.role)
        if row.group_id is None and not row.group_name:
            member.direct = True
        else:
            member.groups.append(row.group.name if row.group else f"{row.group_name} (deleted group)")
    for user_id, member in people.items():
        member.role = effective_role(granted[user_id]) or Role.ANNOTATOR
    return sorted(people.values(), key=lambda member: (member.user.name.lower(), member.user.pk))


@dataclass(frozen=True)
class TeamGroup:
    """A group in a project: its role, who is in by it, and who joined the group since."""

    group: Group
    role: Role
    people: int
    waiting: int
    leaving: str


def groups_of(project: Project) -> list[TeamGroup]:
    """The groups with open rows, by name; three queries and what `group_leaving` asks."""
    rows = ProjectRole.objects.filter(project=project, ended_at=None, group__isnull=False)
    found: dict[int, list[tuple[int, str]]] = {}
    for group_id, user_id, role in rows.values_list("group", "user", "role"):
        found.setdefault(group_id, []).append((user_id, role))
    groups = Group.objects.filter(pk__in=found).prefetch_related("members")
    listed = []
    for group in groups.order_by("name"):
        own = found[group.pk]
        inside = {user_id for user_id, _ in own}
        waiting = [member for member in group.members.all() if member.pk not in inside]
        listed.append(
            TeamGroup(
                group=group,
                role=Role(own[0][1]),
                people=len(inside),
                waiting=len(waiting),
                leaving=group_leaving(project, group),
            )
        )
    return listed


def may(project: Project, role: Role | None, permission: Permission) -> bool:
    """Whether a role allows something in the project."""
    return permission in permissions_of(project.kind, role)
