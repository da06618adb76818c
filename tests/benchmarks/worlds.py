"""A complete small training project for tests: frozen gold, a published function, people with roles."""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from benchmarks.models import BenchmarkFunction, GoldItem, GoldVersion, Publication, TaskCopy, TrainingProject
from benchmarks.operations.enrolment import sync_enrolment
from benchmarks.operations.functions import first_function
from benchmarks.publications import publish_first
from projects.models import Project, ProjectRole, Role
from tests.factories import (
    GoldItemFactory,
    GoldTaskFactory,
    GoldVersionFactory,
    ProjectRoleFactory,
    TrainingProjectFactory,
    UserFactory,
)


@dataclass
class World:
    """Handles to the rows; `admin` created the project."""

    training: TrainingProject
    admin: User
    items: list[GoldItem]
    gold_version: GoldVersion
    function: BenchmarkFunction
    publication: Publication
    people: dict[str, User] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return self.training.project

    def join(self, role: str = Role.ANNOTATOR, user: User | None = None, **fields: Any) -> User:
        """Give a (new) person a role and the copies that come with it."""
        person = user or UserFactory(**fields)
        ProjectRoleFactory(project=self.project, user=person, role=role)
        self.sync(person)
        return person

    def leave(self, user: User) -> None:
        ProjectRole.objects.filter(project=self.project, user=user).update(ended_at=self.project.created_at)
        self.sync(user)

    def sync(self, *people: User) -> Any:
        return sync_enrolment(training=self.training, people=people, actor=self.admin)

    def copies(self, user: User) -> list[TaskCopy]:
        return list(
            TaskCopy.objects.filter(annotator=user).select_related("task").order_by("task__queue_rank")
        )

    def states(self, user: User) -> list[str]:
        return [copy.task.state for copy in self.copies(user)]


def make_world(items: int = 3, **training: Any) -> World:
    """A training project with one gold box per item and the default function, published."""
    project = TrainingProjectFactory(**training)
    admin = UserFactory(name="Ines Calder")
    ProjectRoleFactory(project=project.project, user=admin, role=Role.ADMIN)
    gold_version = GoldVersionFactory(training=project)
    gold_items = GoldItemFactory.create_batch(items, training=project)
    for item in gold_items:
        GoldTaskFactory(version=gold_version, item=item)
    function = first_function(training=project, actor=admin, settings={})
    publication = publish_first(training=project, actor=admin, function=function, gold_version=gold_version)
    return World(project, admin, gold_items, gold_version, function, publication)
