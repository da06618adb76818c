"""What happens below reaches projects: data comes and goes, groups change, pictures are asked for."""

import pytest

from accounts.operations import add_to_group, create_group, delete_group, remove_from_group, remove_member
from datasets.operations import InUse, add_files, remove_file_from_dataset
from projects.data_changes import works_with_file
from projects.models import Role, TaskKind, TaskState
from projects.permissions import role_in
from projects.team import add_group, add_people
from tests.factories import (
    DatasetFactory,
    FileFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_files_added_to_an_attached_dataset_become_tasks_in_their_order(world):
    files = FileFactory.create_batch(3, organisation=world.organisation)
    add_files(dataset=world.dataset, actor=world.people["owner"], files=files)
    add_files(dataset=world.dataset, actor=world.people["owner"], files=files[:1])
    assert list(world.project.tasks.order_by("id").values_list("file", flat=True)) == [
        file.pk for file in files
    ]


def test_an_untouched_task_goes_with_its_file_unless_another_dataset_holds_it(world):
    task = world.task()
    second = DatasetFactory(organisation=world.organisation, files=[task.file])
    world.project.attachments.create(dataset=second)
    remove_file_from_dataset(dataset=world.dataset, actor=world.people["owner"], file=task.file)
    assert world.project.tasks.count() == 1
    remove_file_from_dataset(dataset=second, actor=world.people["owner"], file=task.file)
    assert world.project.tasks.count() == 0


@pytest.mark.parametrize("state", [TaskState.ASSIGNED, TaskState.IN_REVIEW, TaskState.COMPLETED, "draft"])
def test_a_file_with_work_on_it_cannot_leave(world, state):
    task = world.task(TaskState.QUEUED if state == "draft" else state)
    if state == "draft":
        world.labelled(task)
    with pytest.raises(InUse, match="Blood smears, gold"):
        remove_file_from_dataset(dataset=world.dataset, actor=world.people["owner"], file=task.file)
    assert world.project.tasks.count() == world.dataset.files.count() == 1


def test_leaving_a_group_or_its_end_takes_the_role_that_came_from_it(world):
    owner, admin = world.people["owner"], world.people["admin"]
    group = create_group(organisation=world.organisation, actor=owner, name="Cohort")
    member, annotator = world.people["member"], world.people["annotator"]
    add_to_group(group=group, actor=owner, people=[member, annotator])
    add_group(project=world.project, group=group, role=Role.REVIEWER, actor=admin)
    assert role_in(world.project, annotator) == Role.ANNOTATOR_REVIEWER
    remove_from_group(group=group, actor=owner, people=[annotator])
    assert role_in(world.project, annotator) == Role.ANNOTATOR
    task = world.task()
    delete_group(group=group, actor=owner)
    assert role_in(world.project, member) is None
    assert task.assignee is None


def test_who_joins_a_group_later_gets_nothing_by_itself(world):
    owner = world.people["owner"]
    group = create_group(organisation=world.organisation, actor=owner, name="Cohort")
    add_group(project=world.project, group=group, role=Role.ANNOTATOR, actor=world.people["admin"])
    add_to_group(group=group, actor=owner, people=[world.people["member"]])
    assert role_in(world.project, world.people["member"]) is None


def test_a_removed_member_holds_nothing_and_their_work_stays(world):
    person = world.people["annotator"]
    held = world.task(held_by=person)
    done = world.task(TaskState.IN_REVIEW, submitted_by=person)
    remove_member(organisation=world.organisation, actor=world.people["owner"], member=person)
    held.refresh_from_db()
    done.refresh_from_db()
    assert (held.state, held.assignee, done.submitted_by) == (TaskState.QUEUED, None, person)
    assert role_in(world.project, person) is None


def test_pictures_are_open_to_who_works_with_them(world):
    file = world.task().file
    for role in ("admin", "manager", "reviewer", "annotator", "both"):
        assert works_with_file(world.people[role], file), role
    for role in ("member", "tenant"):
        assert not works_with_file(world.people[role], file), role
    left = UserFactory()
    row = ProjectRoleFactory(project=world.project, user=left)
    row.ended_at = row.started_at
    row.save()
    assert not works_with_file(left, file)


def test_a_trainee_sees_only_the_pictures_of_their_own_copies():
    training = ProjectFactory(is_training=True)
    trainee, other = (ProjectRoleFactory(project=training).user for _ in range(2))
    lead = ProjectRoleFactory(project=training, role=Role.TEAM_MANAGER).user
    copy = TaskFactory(project=training, kind=TaskKind.COPY, held_by=trainee)
    assert works_with_file(trainee, copy.file)
    assert works_with_file(lead, copy.file)
    assert not works_with_file(other, copy.file)
    copy.state = TaskState.WITHDRAWN
    copy.save()
    assert not works_with_file(trainee, copy.file)


def test_many_people_are_added_with_few_queries(world, django_assert_max_num_queries):
    people = [
        ProjectRoleFactory(project=ProjectFactory(organisation=world.organisation)).user for _ in range(30)
    ]
    with django_assert_max_num_queries(60):  # one audit row each; the rest does not grow
        add_people(project=world.project, users=people, role=Role.ANNOTATOR, actor=world.people["admin"])
