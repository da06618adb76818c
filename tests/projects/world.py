"""One Manual QA project with somebody in each role, for tests of pages and access."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts.models import Organisation, User
from datasets.models import Dataset
from labels.models import LabelRow
from projects.models import Project, Role, Task
from tests.factories import (
    DatasetFactory,
    FileFactory,
    InstanceFactory,
    LabelFactory,
    LabelRowFactory,
    MembershipFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
)

PROJECT_ROLES = {
    "admin": Role.ADMIN,
    "manager": Role.TEAM_MANAGER,
    "reviewer": Role.REVIEWER,
    "annotator": Role.ANNOTATOR,
    "both": Role.ANNOTATOR_REVIEWER,
}
# In the organisation without a role in the project; elsewhere; nobody.
OUTSIDE = ("owner", "member", "tenant", "anonymous")
EVERYBODY = (*PROJECT_ROLES, *OUTSIDE)


@dataclass
class World:
    """The project and its people by role name."""

    organisation: Organisation
    project: Project
    dataset: Dataset
    people: dict[str, User | None]

    def client(self, role: str) -> Client:
        """A client logged in as the person with that role."""
        client = Client()
        person = self.people[role]
        if person is not None:
            client.force_login(person)
        return client

    def task(self, state: str = "", *, title: str = "", **more: Any) -> Task:
        """One more task on a new file of the dataset; Queued, or Assigned when somebody holds it."""
        file = FileFactory(organisation=self.organisation, **({"title": title} if title else {}))
        self.dataset.files.add(file)
        more |= {"state": state} if state else {}
        return TaskFactory(project=self.project, file=file, queue_rank=0, **more)

    def labelled(self, task: Task, instances: int = 1) -> LabelRow:
        """Give the task labels."""
        row = LabelRowFactory(task=task, revision=1)
        for _ in range(instances):
            LabelFactory(instance=InstanceFactory(row=row))
        return row


def make_world() -> World:
    """A project with one attached, empty dataset and a person in every role."""
    project = ProjectFactory(title="Blood smears, gold")
    dataset = DatasetFactory(organisation=project.organisation, title="Smears A")
    project.attachments.create(dataset=dataset)
    people: dict[str, User | None] = {
        name: ProjectRoleFactory(project=project, role=role, user=UserFactory(name=name.capitalize())).user
        for name, role in PROJECT_ROLES.items()
    }
    people["owner"] = MembershipFactory(organisation=project.organisation, owner=True).user
    people["member"] = MembershipFactory(organisation=project.organisation).user
    people["tenant"] = ProjectRoleFactory(project=ProjectFactory(), role=Role.ADMIN).user
    people["anonymous"] = None
    return World(project.organisation, project, dataset, people)
