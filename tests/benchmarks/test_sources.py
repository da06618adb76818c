"""What may become gold, and what is in it."""

import pytest

from benchmarks.gold import gold_counts, gold_of_tasks
from benchmarks.knowledge import knowledge_of_gold
from benchmarks.sources import duplicate_files, gold_tasks, ontology_options, source_options
from ontologies.structure import canonical_digest
from projects.models import Role
from scoring import Ontology
from tests.factories import (
    CELL,
    CELL_TYPE,
    LOBES,
    LYMPHOCYTE,
    NEUTROPHIL,
    QUALITY,
    QUALITY_ROOT,
    SHARP,
    FileFactory,
    InstanceFactory,
    LabelFactory,
    LabelRowFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    simple_structure,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def admin():
    return UserFactory(name="Ines Calder")


@pytest.fixture
def version(organisation):
    return OntologyVersionFactory(organisation=organisation, frozen=True)


def source(organisation, version, admin, *states, title="Blood smears"):
    project = ProjectFactory(organisation=organisation, ontology_version=version, title=title)
    ProjectRoleFactory(project=project, user=admin, role=Role.ADMIN)
    tasks = [TaskFactory(project=project, state=state) for state in states]
    return project, tasks


def labelled(task, *statuses, **instance):
    row = LabelRowFactory(task=task)
    for status in statuses:
        LabelFactory(instance=InstanceFactory(row=row, review_status=status, **instance))
    return row


def test_a_task_is_usable_when_it_is_in_review_or_completed(organisation, version, admin):
    source(organisation, version, admin, "queued", "assigned", "in_review", "returned", "completed")

    (option,) = source_options(admin, organisation, version.canonical_digest)

    assert (option.tasks, option.usable, option.left, option.progress) == (5, 2, 3, 0.4)


def test_gold_leaves_out_deleted_rejected_and_returned_labels(organisation, version, admin):
    _, (task,) = source(organisation, version, admin, "completed")
    labelled(task, "approved", "in_review", "not_sampled", "deleted", "rejected", "returned")

    (option,) = source_options(admin, organisation, version.canonical_digest)
    (gold,) = gold_of_tasks([task])

    assert (option.labels, option.reviewed) == (3, 1)
    assert (gold.label_count, gold.reviewed_count) == (3, 1)
    assert len(gold.document["objects"]) == 3


def test_a_global_classification_counts_once(organisation, version, admin):
    _, (task,) = source(organisation, version, admin, "completed")
    row = LabelRowFactory(task=task)
    InstanceFactory(row=row, kind="classification", node=QUALITY, is_global=True)
    on_frame = InstanceFactory(row=row, kind="classification", node=QUALITY)
    LabelFactory(instance=on_frame, geometry=None)

    (option,) = source_options(admin, organisation, version.canonical_digest)
    (gold,) = gold_of_tasks([task])

    assert option.labels == gold.label_count == 2


def test_a_completed_task_without_labels_is_empty_gold(organisation, version, admin):
    _, (task,) = source(organisation, version, admin, "completed")

    (gold,) = gold_of_tasks([task])

    assert gold.document == {"objects": [], "classifications": []}


@pytest.mark.parametrize("role", [Role.TEAM_MANAGER, Role.REVIEWER, Role.ANNOTATOR])
def test_only_admins_may_use_a_project_as_source(organisation, version, admin, role):
    project, _ = source(organisation, version, admin, "completed")
    other = UserFactory()
    ProjectRoleFactory(project=project, user=other, role=role)

    assert source_options(other, organisation, version.canonical_digest) == []
    assert ontology_options(other, organisation) == []


def test_sources_of_another_organisation_are_not_offered(version, organisation, admin):
    elsewhere = OrganisationFactory()
    source(elsewhere, version, admin, "completed")

    assert source_options(admin, organisation, version.canonical_digest) == []


def test_an_ontology_that_differs_in_a_name_is_another_one(organisation, version, admin):
    source(organisation, version, admin, "completed")
    changed = simple_structure()
    changed["objects"][0]["name"] = "Leucocyte"
    source(
        organisation, OntologyVersionFactory(organisation=organisation, structure=changed), admin, "completed"
    )

    options = ontology_options(admin, organisation)

    assert {option.digest for option in options} == {version.canonical_digest, canonical_digest(changed)}
    assert [option.projects for option in options] == [1, 1]


def test_ontologies_that_differ_in_colour_and_order_only_are_the_same(organisation, version, admin):
    source(organisation, version, admin, "completed")
    changed = simple_structure()
    changed["objects"].reverse()
    changed["objects"][0]["color"] = "#000000"
    source(
        organisation, OntologyVersionFactory(organisation=organisation, structure=changed), admin, "completed"
    )

    (option,) = ontology_options(admin, organisation)

    assert (option.projects, option.usable) == (2, 2)


def test_of_a_file_in_two_sources_the_first_source_counts(organisation, version, admin):
    first, (kept,) = source(organisation, version, admin, "completed", title="Gold")
    second, (other,) = source(organisation, version, admin, "completed", title="Night shift")
    again = TaskFactory(project=second, file=kept.file, state="completed")

    (duplicate,) = duplicate_files([first, second])

    assert (duplicate.file, duplicate.counts, duplicate.ignored) == (kept.file, first, (second,))
    assert gold_tasks([first, second]) == [kept, other]
    assert gold_tasks([second, first]) == [other, again]


def test_a_file_whose_other_task_is_no_gold_is_no_duplicate(organisation, version, admin):
    first, (kept,) = source(organisation, version, admin, "completed")
    second, _ = source(organisation, version, admin)
    TaskFactory(project=second, file=kept.file, state="queued")

    assert duplicate_files([first, second]) == []


def test_knowing_the_gold_says_what_somebody_has_seen(organisation, version, admin):
    project, (task, _) = source(organisation, version, admin, "completed", "completed", title="Smears")
    worker, stranger = UserFactory(), UserFactory()
    ProjectRoleFactory(project=project, user=worker, role=Role.ANNOTATOR)
    task.submitted_by = worker
    task.save()

    known = knowledge_of_gold([project])

    assert str(known[worker.pk][0]) == "Is an annotator of Smears: labelled 1 of its gold tasks."
    assert str(known[admin.pk][0]) == "Is an admin of Smears: can see every gold label."
    assert stranger.pk not in known


def test_a_role_that_has_ended_still_counts_as_knowing(organisation, version, admin):
    project, _ = source(organisation, version, admin, "completed", title="Smears")
    former = UserFactory()
    ProjectRoleFactory(project=project, user=former, role=Role.TEAM_MANAGER, ended_at=project.created_at)

    assert str(knowledge_of_gold([project], [former.pk])[former.pk][0]) == (
        "Was a team manager of Smears: could see every gold label."
    )


def test_gold_counts_follow_the_criteria_of_the_gold_labels():
    document = {
        "objects": [
            {
                "id": "a",
                "node": CELL,
                "answers": {CELL_TYPE: NEUTROPHIL, LOBES: 3},
                "labels": [
                    {"frame": 0, "geometry": {}, "keyframe": True, "answers": {}},
                    {"frame": 1, "geometry": {}, "keyframe": True, "answers": {}},
                ],
            },
            # An answer below an option that was not chosen is ignored.
            {
                "id": "b",
                "node": CELL,
                "answers": {CELL_TYPE: LYMPHOCYTE, LOBES: 3},
                "labels": [{"frame": 0, "geometry": {}, "keyframe": True, "answers": {}}],
            },
        ],
        "classifications": [
            {"id": "c", "node": QUALITY, "frames": [0, 1], "answers": {QUALITY_ROOT: SHARP}},
            {"id": "d", "node": QUALITY, "frames": [2], "answers": {}},
        ],
    }

    assert gold_counts(Ontology.from_structure(simple_structure()), [document]) == {
        f"iou:{CELL}": 3,
        f"category:{CELL}": 3,
        f"attribute:{CELL_TYPE}={NEUTROPHIL}": 1,
        f"attribute:{CELL_TYPE}={LYMPHOCYTE}": 1,
        f"attribute:{LOBES}": 1,
        f"classification:{QUALITY}={SHARP}": 2,
    }


def test_listing_sources_costs_the_same_for_two_and_for_twelve(
    organisation, version, admin, django_assert_num_queries
):
    def fill(count):
        for _ in range(count):
            _, (task,) = source(organisation, version, admin, "completed")
            labelled(task, "approved")

    fill(2)
    with django_assert_num_queries(5):
        assert len(source_options(admin, organisation, version.canonical_digest)) == 2
    fill(10)
    with django_assert_num_queries(5):
        assert len(source_options(admin, organisation, version.canonical_digest)) == 12
    assert FileFactory._meta.model.objects.count() == 12
