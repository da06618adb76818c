"""Creating, describing, feeding and deleting a project."""

import pytest

from accounts.models import AuditEvent
from datasets.models import Dataset, DatasetFile, File
from ontologies.models import Ontology
from projects.models import Project, ProjectKind, Role, Task, TaskState
from projects.operations import (
    ProjectRefused,
    add_tasks_for_new_files,
    attach_dataset,
    create_project,
    delete_project,
    describe_project,
    detach_dataset,
    losses_with,
    tasks_only_in,
)
from projects.permissions import role_in
from tests.factories import (
    DatasetFactory,
    FileFactory,
    InstanceFactory,
    LabelFactory,
    LabelRowFactory,
    MembershipFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    SourceProjectFactory,
    TagFactory,
    TaskFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def owner(organisation):
    return MembershipFactory(organisation=organisation, owner=True).user


def make(organisation, owner, **more):
    return create_project(
        organisation=organisation,
        actor=owner,
        title="Blood smears, gold",
        ontology_version=more.pop("ontology_version", None)
        or OntologyVersionFactory(organisation=organisation),
        **more,
    )


def test_a_new_project_has_its_creator_as_admin_a_frozen_ontology_and_a_task_per_file(organisation, owner):
    first = DatasetFactory(organisation=organisation, files=3)
    second = DatasetFactory(organisation=organisation, files=[first.files.first()])
    version = OntologyVersionFactory(organisation=organisation)
    tag = TagFactory(organisation=organisation)
    project = make(organisation, owner, ontology_version=version, datasets=[first, second], tags=[tag])
    assert role_in(project, owner) == Role.ADMIN
    version.refresh_from_db()
    assert version.frozen_at is not None
    tasks = Task.objects.filter(project=project).order_by("id")
    assert [task.file_id for task in tasks] == list(first.entries.values_list("file", flat=True))
    assert {task.state for task in tasks} == {TaskState.QUEUED}
    assert list(project.tags.all()) == [tag]
    assert AuditEvent.objects.filter(action="create project", root_id=str(project.uuid)).exists()


def test_things_of_another_organisation_cannot_be_used(organisation, owner):
    with pytest.raises(ProjectRefused):
        make(organisation, owner, ontology_version=OntologyVersionFactory())
    with pytest.raises(ProjectRefused):
        make(organisation, owner, datasets=[DatasetFactory()])
    assert not Project.objects.exists()


def test_files_added_later_become_tasks_in_every_project_that_has_the_dataset(organisation, owner):
    dataset = DatasetFactory(organisation=organisation, files=1)
    projects = [make(organisation, owner, datasets=[dataset]) for _ in range(2)]
    new = FileFactory(organisation=organisation)
    DatasetFile.objects.create(dataset=dataset, file=new)
    add_tasks_for_new_files(dataset, [new.pk])
    add_tasks_for_new_files(dataset, [new.pk])
    assert [project.tasks.count() for project in projects] == [2, 2]


def test_attaching_twice_makes_nothing_twice(organisation, owner):
    dataset = DatasetFactory(organisation=organisation, files=2)
    project = make(organisation, owner, datasets=[dataset])
    assert attach_dataset(project=project, dataset=dataset, actor=owner) == 0
    assert project.tasks.count() == 2
    assert AuditEvent.objects.filter(action="attach dataset").count() == 1


def test_many_tasks_are_made_in_batches(organisation, owner, django_assert_max_num_queries):
    project = make(organisation, owner)
    files = [
        File(
            organisation=organisation,
            title=f"{number}.jpg",
            width=4,
            height=3,
            bytes=1,
            sha256="0" * 64,
            original_key="x",
            display_key="x",
            thumbnail_key="x",
        )
        for number in range(2_500)
    ]
    dataset = Dataset.objects.create(organisation=organisation, title="Large")
    DatasetFile.objects.bulk_create(
        DatasetFile(dataset=dataset, file=file) for file in File.objects.bulk_create(files)
    )
    with django_assert_max_num_queries(60):  # SQLite takes 58 rows a statement, PostgreSQL 1,000
        assert attach_dataset(project=project, dataset=dataset, actor=owner) == 2_500


def test_detaching_removes_tasks_and_labels_but_keeps_files_that_another_dataset_holds(organisation, owner):
    first = DatasetFactory(organisation=organisation, files=3)
    shared = first.files.first()
    second = DatasetFactory(organisation=organisation, files=[shared])
    project = make(organisation, owner, datasets=[first, second])
    lost = project.tasks.exclude(file=shared).first()
    LabelFactory(instance=InstanceFactory(row=LabelRowFactory(task=lost)))
    losses = {loss.nouns: loss.count for loss in losses_with(tasks_only_in(project, first))}
    assert losses == {"tasks": 2, "labels": 1}
    detach_dataset(project=project, dataset=first, actor=owner)
    assert [task.file for task in project.tasks.all()] == [shared]
    assert list(project.datasets.all()) == [second]
    assert File.objects.count() == 3
    assert AuditEvent.objects.get(action="detach dataset").before == {"tasks": 2, "labels": 1}
    with pytest.raises(ProjectRefused):
        detach_dataset(project=project, dataset=first, actor=owner)


def test_a_training_project_attaches_nothing(organisation, owner):
    project = make(organisation, owner, kind=ProjectKind.TRAINING)
    with pytest.raises(ProjectRefused):
        attach_dataset(
            project=project, dataset=DatasetFactory(organisation=organisation, files=1), actor=owner
        )


def test_a_change_of_words_is_audited_with_what_changed_only(organisation, owner):
    project = make(organisation, owner)
    describe_project(project=project, actor=owner, title="New title", description="", tags=[])
    event = AuditEvent.objects.get(action="describe project")
    assert (event.before, event.after) == ({"title": "Blood smears, gold"}, {"title": "New title"})
    describe_project(project=project, actor=owner, title="New title", description="", tags=[])
    assert AuditEvent.objects.filter(action="describe project").count() == 1


def test_deleting_needs_the_title_and_takes_tasks_but_not_datasets(organisation, owner):
    dataset = DatasetFactory(organisation=organisation, files=2)
    project = make(organisation, owner, datasets=[dataset])
    with pytest.raises(ProjectRefused):
        delete_project(project=project, actor=owner, typed_title="blood smears, gold")
    delete_project(project=project, actor=owner, typed_title="Blood smears, gold ")
    assert not Task.objects.exists()
    assert dataset.files.count() == 2
    assert Ontology.objects.count() == 1
    event = AuditEvent.objects.get(action="delete project")
    assert (event.target_label, event.before["tasks"]) == ("Blood smears, gold", 2)


@pytest.mark.parametrize("used_elsewhere", [True, False])
def test_the_ontology_goes_along_only_when_nothing_else_uses_it(organisation, owner, used_elsewhere):
    version = OntologyVersionFactory(organisation=organisation)
    project = make(organisation, owner, ontology_version=version)
    if used_elsewhere:
        make(organisation, owner, ontology_version=version)
    delete_project(project=project, actor=owner, typed_title=project.title, with_ontology=True)
    assert Ontology.objects.exists() == used_elsewhere


def test_training_projects_made_from_a_deleted_source_stay():
    source = SourceProjectFactory()
    admin = ProjectRoleFactory(project=source.project, role=Role.ADMIN).user
    delete_project(project=source.project, actor=admin, typed_title=source.project.title)
    source.refresh_from_db()
    assert (source.project, source.training.project.title is not None) == (None, True)


def test_drafts_and_handed_in_work_of_others_is_not_touched_by_detaching_another_projects_dataset(
    organisation, owner
):
    dataset = DatasetFactory(organisation=organisation, files=1)
    project = make(organisation, owner, datasets=[dataset])
    other = TaskFactory(project=ProjectFactory(organisation=organisation), file=dataset.files.get())
    detach_dataset(project=project, dataset=dataset, actor=owner)
    assert Task.objects.get() == other
