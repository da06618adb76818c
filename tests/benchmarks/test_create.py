"""Create a training project: frozen gold, a published function, copies for everybody."""

import io

import pytest

from accounts.models import AuditEvent, Membership
from benchmarks.models import GoldTask, TaskCopy, TrainingProject
from benchmarks.operations.create import TrainingRefused, create_training_project
from labels.models import Instance
from projects.models import Project, ProjectRole, Role, Task
from projects.operations import delete_project
from projects.team import TeamRefused, add_group, add_people, remove_group, remove_person
from scoring import InvalidFunction
from tests.factories import (
    CELL,
    GroupFactory,
    InstanceFactory,
    LabelFactory,
    LabelRowFactory,
    MembershipFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def admin(organisation):
    return MembershipFactory(organisation=organisation, may_create=True).user


@pytest.fixture
def make_source(organisation, admin):
    version = OntologyVersionFactory(organisation=organisation)

    def make(usable=2, ontology_version=version, title="Blood smears, gold"):
        project = ProjectFactory(organisation=organisation, ontology_version=ontology_version, title=title)
        ProjectRoleFactory(project=project, user=admin, role=Role.ADMIN)
        for _ in range(usable):
            row = LabelRowFactory(task=TaskFactory(project=project, state="completed"))
            LabelFactory(instance=InstanceFactory(row=row, review_status="approved"))
        TaskFactory(project=project, state="queued")
        return project

    return make


@pytest.fixture
def member(organisation):
    return lambda **fields: MembershipFactory(organisation=organisation, user=UserFactory(**fields)).user


@pytest.fixture
def create(organisation, admin):
    def make(*sources, **fields):
        return create_training_project(
            **{
                "organisation": organisation,
                "actor": admin,
                "title": "Cohort 8",
                "sources": sources,
                "function": {},
            }
            | fields
        )

    return make


def test_four_tasks_for_four_annotators_make_sixteen_copies(create, make_source, member):
    training = create(make_source(usable=4), people={member(): Role.ANNOTATOR for _ in range(4)})

    assert TaskCopy.objects.filter(training=training).count() == 16
    assert Task.objects.filter(project=training.project, state="assigned").count() == 16


def test_gold_is_frozen(create, make_source):
    training = create(make_source(usable=1))
    Instance.objects.all().delete()

    gold = GoldTask.objects.get(version__training=training)
    assert (gold.label_count, gold.reviewed_count) == (1, 1)
    assert gold.document["objects"][0]["node"] == CELL


def test_function_1_is_published_as_publication_1(create, make_source):
    training = create(make_source(), function={"weights": {f"iou:{CELL}": 7}})

    publication = TrainingProject.objects.get(pk=training.pk).publication
    assert (publication.number, publication.function.number, publication.gold_version.number) == (1, 1, 1)
    assert publication.function.settings["weights"][f"iou:{CELL}"] == 7
    assert publication.function.weights.get(criterion=f"iou:{CELL}").weight == 7


def test_of_a_file_in_two_sources_there_is_one_item(create, make_source):
    first, second = make_source(usable=1, title="A"), make_source(usable=0, title="B")
    again = TaskFactory(
        project=second, file=Task.objects.get(project=first, state="completed").file, state="completed"
    )

    training = create(first, second)

    (item,) = training.gold_items.all()
    assert item.source_task.project == first
    assert again.file == item.file
    assert [source.title for source in training.sources.all()] == ["A", "B"]


def test_an_exam_shows_trainees_nothing_by_default_and_a_practice_does(create, make_source):
    source = make_source()

    assert create(source).feedback_level == "none"
    assert create(source, kind="practice").feedback_level == "per_label"


def test_people_and_groups_get_roles_and_nobody_gets_copies_twice(create, make_source, member, organisation):
    one, two, manager = member(), member(), member()
    group = GroupFactory(organisation=organisation)
    group.members.set([one, two])

    training = create(
        make_source(usable=2),
        people={one: Role.ANNOTATOR, manager: Role.TEAM_MANAGER},
        groups={group: Role.ANNOTATOR},
    )

    assert TaskCopy.objects.filter(annotator=one).count() == 2
    assert TaskCopy.objects.filter(annotator=two).count() == 2
    assert TaskCopy.objects.filter(annotator=manager).count() == 0
    assert ProjectRole.objects.filter(project=training.project, user=one).count() == 2


def test_the_creator_is_admin_and_has_no_tasks_though_in_a_group_of_annotators(
    create, make_source, organisation, admin
):
    group = GroupFactory(organisation=organisation)
    group.members.add(admin)

    create(make_source(), people={admin: Role.ANNOTATOR}, groups={group: Role.ANNOTATOR})

    assert not TaskCopy.objects.exists()


def test_instructions_come_along(create, make_source):
    assert create(make_source(), instructions="# Draw tight boxes").project.instructions.markdown
    pdf = b"%PDF-1.4\n1 0 obj\n%%EOF"
    training = create(make_source(), instructions_pdf=(io.BytesIO(pdf), "Guide.pdf", len(pdf)))
    assert training.project.instructions.pdf_name == "Guide.pdf"


def test_creating_is_in_the_audit_trail(create, make_source, admin):
    create(make_source(usable=3))

    event = AuditEvent.objects.get(action="create training project")
    assert (event.actor, event.after["gold_tasks"]) == (admin, 3)


def test_a_source_of_which_one_is_no_admin_is_refused(create, make_source):
    source = make_source()
    ProjectRole.objects.filter(project=source).update(role=Role.TEAM_MANAGER)

    with pytest.raises(TrainingRefused, match="not an admin"):
        create(source)


def test_sources_with_other_ontologies_are_refused(create, make_source, organisation):
    changed = OntologyVersionFactory(organisation=organisation)
    changed.structure["objects"].pop()
    changed.canonical_digest = "0" * 64
    changed.save()

    with pytest.raises(TrainingRefused, match="exactly the same ontology"):
        create(make_source(), make_source(ontology_version=changed))


@pytest.mark.parametrize("sources", [0, 1])
def test_without_usable_gold_nothing_is_made(create, make_source, sources):
    with pytest.raises(TrainingRefused):
        create(*[make_source(usable=0) for _ in range(sources)])

    assert not Project.objects.filter(kind="training").exists()


def test_an_invalid_function_makes_nothing(create, make_source):
    with pytest.raises(InvalidFunction):
        create(make_source(), function={"weights": {f"iou:{CELL}": -1}})


def test_people_of_another_organisation_are_refused(create, make_source):
    with pytest.raises(TeamRefused):
        create(make_source(), people={UserFactory(): Role.ANNOTATOR})


def test_a_group_cannot_become_admin(create, make_source, organisation):
    with pytest.raises(TeamRefused):
        create(make_source(), groups={GroupFactory(organisation=organisation): Role.ADMIN})


def test_annotators_added_later_get_copies_and_removed_ones_lose_open_ones(
    create, make_source, member, admin, organisation
):
    training = create(make_source(usable=2))
    person = member()

    add_people(project=training.project, users=[person], role=Role.ANNOTATOR, actor=admin)
    assert TaskCopy.objects.filter(annotator=person, task__state="assigned").count() == 2
    remove_person(project=training.project, user=person, actor=admin)
    assert TaskCopy.objects.filter(annotator=person, task__state="withdrawn").count() == 2
    add_people(project=training.project, users=[person], role=Role.ANNOTATOR, actor=admin)
    assert TaskCopy.objects.filter(annotator=person, task__state="assigned").count() == 2
    assert TaskCopy.objects.filter(annotator=person).count() == 2


def test_removing_a_group_leaves_copies_of_those_who_are_annotators_otherwise(
    create, make_source, member, admin, organisation
):
    both, only_group = member(), member()
    group = GroupFactory(organisation=organisation)
    group.members.set([both, only_group])
    training = create(make_source(usable=1), people={both: Role.ANNOTATOR})
    add_group(project=training.project, group=group, role=Role.ANNOTATOR, actor=admin)

    remove_group(project=training.project, group=group, actor=admin)

    assert TaskCopy.objects.get(annotator=both).task.state == "assigned"
    assert TaskCopy.objects.get(annotator=only_group).task.state == "withdrawn"


def test_somebody_who_left_the_organisation_is_refused(create, make_source, member):
    person = member()
    Membership.objects.filter(user=person).update(ended_at=person.created_at)

    with pytest.raises(TeamRefused):
        create(make_source(), people={person: Role.ANNOTATOR})


def test_a_deleted_source_leaves_the_gold(create, make_source, admin):
    source = make_source(usable=2)
    training = create(source)

    delete_project(project=source, actor=admin, typed_title=source.title)

    assert GoldTask.objects.filter(version__training=training).count() == 2
    assert training.sources.get().title == source.title


def test_a_training_project_can_be_deleted_with_everything_in_it(create, make_source, member, admin):
    training = create(make_source(usable=2), people={member(): Role.ANNOTATOR})

    delete_project(project=training.project, actor=admin, typed_title="Cohort 8")

    assert not TrainingProject.objects.exists()
    assert not Task.objects.filter(kind="copy").exists()
