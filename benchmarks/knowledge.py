"""Who knows the gold: trainees who have, or had, a role in a source project, and what they could see there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import User
from benchmarks.models import TrainingProject
from benchmarks.sources import usable_tasks
from projects.models import Project, ProjectRole, Role

LEADS = frozenset({Role.ADMIN, Role.TEAM_MANAGER})
REVIEWERS = frozenset({Role.REVIEWER, Role.ANNOTATOR_REVIEWER})


@dataclass(frozen=True)
class Knowledge:
    """What one person has seen of the gold of one source."""

    project_title: str
    roles: frozenset[str]
    labelled: int
    is_over: bool

    def __str__(self) -> str:
        """One sentence for the warning."""
        highest = next((role for role in reversed(_BY_RANK) if role in self.roles), Role.ANNOTATOR)
        verb = "Was" if self.is_over else "Is"
        role = Role(highest).label.lower()
        article = "an" if role[0] in "aeiou" else "a"
        return f"{verb} {article} {role} of {self.project_title}: {self._seen()}."

    def _seen(self) -> str:
        if self.roles & LEADS:
            return "can see every gold label" if not self.is_over else "could see every gold label"
        own = (
            f"labelled {self.labelled:,} of its gold tasks"
            if self.labelled
            else "labelled none of its gold tasks"
        )
        if self.roles & REVIEWERS:
            return f"saw the gold labels they reviewed, {own}"
        return own


_BY_RANK = (Role.ANNOTATOR, Role.REVIEWER, Role.ANNOTATOR_REVIEWER, Role.TEAM_MANAGER, Role.ADMIN)


def knowledge_of_gold(
    sources: Iterable[Project], people: Collection[int] | None = None
) -> dict[int, list[Knowledge]]:
    """What people know of the sources' gold, by user id; only people with a role there, open or ended.

    `people` restricts to these user ids. Two queries.
    """
    projects = {project.pk: project for project in sources}
    rows = ProjectRole.objects.filter(project__in=projects)
    if people is not None:
        rows = rows.filter(user__in=people)
    roles: dict[tuple[int, int], set[str]] = {}
    open_roles: set[tuple[int, int]] = set()
    for user_id, project_id, role, ended_at in rows.order_by("project", "pk").values_list(
        "user_id", "project_id", "role", "ended_at"
    ):
        roles.setdefault((user_id, project_id), set()).add(role)
        if ended_at is None:
            open_roles.add((user_id, project_id))
    labelled = {
        (user_id, project_id): tasks
        for user_id, project_id, tasks in usable_tasks(list(projects.values()))
        .filter(submitted_by__in={user_id for user_id, _ in roles})
        .values_list("submitted_by", "project")
        .annotate(tasks=Count("pk"))
        .order_by("project")
    }
    known: dict[int, list[Knowledge]] = {}
    for (user_id, project_id), granted in roles.items():
        known.setdefault(user_id, []).append(
            Knowledge(
                project_title=projects[project_id].title,
                roles=frozenset(granted),
                labelled=labelled.get((user_id, project_id), 0),
                is_over=(user_id, project_id) not in open_roles,
            )
        )
    return known


def people_who_know_the_gold(
    training: TrainingProject, people: Collection[User] | None = None
) -> dict[int, list[Knowledge]]:
    """The same for the sources of an existing training project (those that were not deleted since)."""
    sources = Project.objects.filter(used_as_source__training=training).order_by("used_as_source__position")
    return knowledge_of_gold(sources, None if people is None else [person.pk for person in people])
