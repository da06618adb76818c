"""Draft saves are diffs with a revision: nothing is overwritten, nothing invalid is stored."""

import pytest

from labels.documents import document_of, document_of_task, documents_of_rows
from labels.errors import AlreadySubmitted, InvalidLabels, NotYours, StaleRevision
from labels.models import Instance, Label, LabelRow, ReviewStatus
from labels.operations import open_label_row, save_labels
from projects.models import Role, TaskKind, TaskState
from tests.factories import (
    BLURRED,
    CELL,
    CELL_TYPE,
    LOBES,
    LYMPHOCYTE,
    NEUTROPHIL,
    PLATELET,
    QUALITY,
    QUALITY_ROOT,
    SHARP,
    FileFactory,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    box,
)

pytestmark = pytest.mark.django_db
NOTHING = {"instances": [], "labels": []}


def cell(name="o1", answers=None, node=CELL):
    return {"id": name, "kind": "object", "node": node, "answers": answers or {}}


def label(name="o1", frame=0, geometry=None, **more):
    return {"instance": name, "frame": frame, "geometry": geometry or box(0.1, 0.1, 0.2, 0.2), **more}


def quality(name="c1", frames=(0,), option=SHARP):
    where = None if frames is None else list(frames)
    return {
        "id": name,
        "kind": "classification",
        "node": QUALITY,
        "answers": {QUALITY_ROOT: option},
        "frames": where,
    }


@pytest.fixture
def task():
    user = UserFactory()
    task = TaskFactory(held_by=user)
    ProjectRoleFactory(project=task.project, user=user)
    return task


def save(task, revision=0, instances=(), labels=(), gone=(), gone_labels=(), actor=None):
    return save_labels(
        task=task,
        actor=actor or task.assignee,
        revision=revision,
        upserts={"instances": list(instances), "labels": list(labels)},
        deletes={"instances": list(gone), "labels": [list(pair) for pair in gone_labels]},
    )


def paths(error):
    return [problem.path for problem in error.value.problems]


def test_a_first_save_makes_the_row_and_is_read_back_as_it_was_sent(task):
    row = save(
        task,
        instances=[cell(answers={CELL_TYPE: NEUTROPHIL, LOBES: 3}), quality()],
        labels=[label(keyframe=True, answers={})],
    )
    assert row.revision == 1
    document, revision = document_of_task(task)
    assert revision == 1
    assert document == {
        "objects": [
            {
                "id": "o1",
                "node": CELL,
                "answers": {CELL_TYPE: NEUTROPHIL, LOBES: 3},
                "labels": [
                    {"frame": 0, "geometry": box(0.1, 0.1, 0.2, 0.2), "keyframe": True, "answers": {}}
                ],
            }
        ],
        "classifications": [{"id": "c1", "node": QUALITY, "frames": [0], "answers": {QUALITY_ROOT: SHARP}}],
    }


def test_a_task_that_was_never_opened_has_an_empty_document_and_no_row(task):
    assert document_of_task(task) == ({"objects": [], "classifications": []}, 0)
    assert not LabelRow.objects.exists()


def test_a_save_changes_only_what_it_names(task):
    save(task, instances=[cell("o1"), cell("o2")], labels=[label("o1"), label("o2")])
    save(task, revision=1, labels=[label("o2", geometry=box(0.5, 0.5, 0.1, 0.1))])
    document, revision = document_of_task(task)
    assert revision == 2
    assert [one["labels"][0]["geometry"]["x"] for one in document["objects"]] == [0.1, 0.5]


def test_deleting_is_repeatable_and_removes_what_was_never_submitted(task):
    save(task, instances=[cell("o1"), cell("o2")], labels=[label("o1"), label("o2")])
    save(task, revision=1, gone=["o1", "never existed"], gone_labels=[("o2", 0), ("o9", 4)])
    assert list(Instance.objects.values_list("identifier", flat=True)) == ["o2"]
    assert not Label.objects.exists()


def test_a_submitted_label_that_is_deleted_is_kept_as_deleted_and_may_come_back(task):
    save(task, instances=[cell()], labels=[label()])
    Instance.objects.update(review_status=ReviewStatus.RETURNED)
    row = save(task, revision=1, gone=["o1"])
    assert Instance.objects.get().review_status == ReviewStatus.DELETED
    assert document_of(row)["objects"] == []
    with pytest.raises(InvalidLabels) as error:
        save(task, revision=2, labels=[label()])
    assert paths(error) == ["upserts.labels[0].instance"]
    row = save(task, revision=2, instances=[cell()], labels=[label()])
    assert Instance.objects.get().review_status == ReviewStatus.NOT_SUBMITTED
    assert len(document_of(row)["objects"]) == 1


@pytest.mark.parametrize("change", ["instance", "geometry", "label deletion"])
def test_an_edit_takes_the_approval_away_from_that_label_only(task, change):
    save(task, instances=[cell("o1"), cell("o2")], labels=[label("o1"), label("o2")])
    Instance.objects.update(review_status=ReviewStatus.APPROVED)
    changes = {
        "instance": {"instances": [cell("o1", {CELL_TYPE: LYMPHOCYTE})]},
        "geometry": {"labels": [label("o1", geometry=box(0, 0, 0.5, 0.5))]},
        "label deletion": {"gone_labels": [("o1", 0)]},
    }
    save(task, revision=1, **changes[change])
    status = dict(Instance.objects.values_list("identifier", "review_status"))
    assert status == {"o1": ReviewStatus.NOT_SUBMITTED, "o2": ReviewStatus.APPROVED}


def test_frames_of_a_classification_follow_what_is_sent(task):
    task.file.frame_count = 4
    task.file.save()
    save(task, instances=[quality(frames=[0, 1, 2])])
    row = save(task, revision=1, instances=[quality(frames=[2, 3], option=BLURRED)])
    (one,) = document_of(row)["classifications"]
    assert one["frames"] == [2, 3]
    assert one["answers"] == {QUALITY_ROOT: BLURRED}


def test_a_stale_revision_is_refused_with_the_labels_as_they_are(task):
    save(task, instances=[cell()], labels=[label()])
    with pytest.raises(StaleRevision) as stale:
        save(task, revision=0, gone=["o1"])
    assert stale.value.revision == 1
    assert [one["id"] for one in stale.value.document["objects"]] == ["o1"]
    assert stale.value.by == task.assignee.name
    assert Label.objects.count() == 1


def test_an_empty_save_does_not_move_the_revision(task):
    save(task, instances=[cell()], labels=[label()])
    assert save(task, revision=1).revision == 1


@pytest.mark.parametrize(
    ("upserts", "path"),
    [
        ({"labels": [label()]}, "upserts.labels[0].instance"),
        (
            {"instances": [cell()], "labels": [label(geometry=box(0.9, 0, 0.2, 0.1))]},
            "upserts.labels[0].geometry.w",
        ),
        (
            {"instances": [cell()], "labels": [label(geometry=box(float("nan"), 0, 0.2, 0.1))]},
            "upserts.labels[0].geometry.x",
        ),
        (
            {"instances": [cell()], "labels": [label(geometry=box(True, 0, 0.2, 0.1))]},
            "upserts.labels[0].geometry.x",
        ),
        ({"instances": [cell()], "labels": [label(frame=1)]}, "upserts.labels[0].frame"),
        ({"instances": [cell(node="nothing")]}, "upserts.instances[0].node"),
        ({"instances": [cell(node=PLATELET)], "labels": [label()]}, "upserts.labels[0].geometry.type"),
        ({"instances": [cell(answers={CELL_TYPE: "?"})]}, f"upserts.instances[0].answers.{CELL_TYPE}"),
        ({"instances": [cell("x" * 65)]}, "upserts.instances[0].id"),
        ({"instances": [cell("a\0b")]}, "upserts.instances[0].id"),
        ({"instances": [cell(), cell()]}, "upserts.instances[1]"),
        ({"instances": [{**cell(), "kind": "gold"}]}, "upserts.instances[0].kind"),
        ({"instances": [{**cell(), "review_status": "approved"}]}, "upserts.instances[0]"),
        ({"instances": [quality(frames=None)]}, "upserts.instances[0].frames"),
        ({"instances": [3]}, "upserts.instances[0]"),
        ({"instances": {}}, "upserts.instances"),
        ({"gold": []}, "upserts"),
        ([], "upserts"),
    ],
)
def test_a_bad_change_is_refused_with_its_path_and_nothing_is_stored(task, upserts, path):
    with pytest.raises(InvalidLabels) as error:
        save_labels(task=task, actor=task.assignee, revision=0, upserts=upserts, deletes={})
    assert path in paths(error)
    assert not Instance.objects.exists()
    assert not LabelRow.objects.exists()


@pytest.mark.parametrize("deletes", [{"instances": [4]}, {"labels": [["o1"]]}, {"labels": ["o1"]}, "all"])
def test_bad_deletes_are_refused_with_their_path(task, deletes):
    with pytest.raises(InvalidLabels) as error:
        save_labels(task=task, actor=task.assignee, revision=0, upserts={}, deletes=deletes)
    assert paths(error)[0].startswith("deletes")


def test_another_class_of_another_shape_needs_new_geometry_for_every_label(task):
    save(task, instances=[cell()], labels=[label()])
    with pytest.raises(InvalidLabels) as error:
        save(task, revision=1, instances=[cell(node=PLATELET)])
    assert paths(error) == ["upserts.instances[0].node"]
    triangle = {"type": "polygon", "parts": [[[[0.1, 0.1], [0.3, 0.1], [0.2, 0.4]]]]}
    row = save(task, revision=1, instances=[cell(node=PLATELET)], labels=[label(geometry=triangle)])
    assert document_of(row)["objects"][0]["node"] == PLATELET


def test_more_labels_than_a_frame_may_have_are_refused_also_over_several_saves(task):
    many = [f"o{number}" for number in range(2_000)]
    save(task, instances=[cell(one) for one in many], labels=[label(one) for one in many])
    with pytest.raises(InvalidLabels) as error:
        save(task, revision=1, instances=[cell("one more")], labels=[label("one more")])
    assert paths(error) == ["upserts.labels"]
    assert Label.objects.count() == 2_000


def test_a_flood_is_refused_before_it_is_looked_at(task):
    with pytest.raises(InvalidLabels) as error:
        save(task, instances=[cell(f"o{number}") for number in range(4_001)])
    assert "4,001 entries" in str(error.value)


def test_only_the_holder_writes(task):
    manager = ProjectRoleFactory(project=task.project, role=Role.ADMIN).user
    with pytest.raises(NotYours):
        save(task, actor=manager, instances=[cell()])


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (TaskState.QUEUED, NotYours),
        (TaskState.IN_REVIEW, AlreadySubmitted),
        (TaskState.COMPLETED, AlreadySubmitted),
    ],
)
def test_a_task_that_was_taken_away_or_handed_in_takes_no_more_changes(task, state, error):
    holder = task.assignee
    task.state, task.assignee = state, None
    task.submitted_by = holder if error is AlreadySubmitted else None
    task.save()
    with pytest.raises(error):
        save(task, actor=holder, instances=[cell()])
    assert not LabelRow.objects.exists()


def test_the_first_change_of_a_copy_makes_it_in_progress():
    copy = TaskFactory(kind=TaskKind.COPY, held_by=UserFactory())
    assert copy.state == TaskState.ASSIGNED
    save(copy, instances=[cell()], labels=[label()])
    copy.refresh_from_db()
    assert copy.state == TaskState.IN_PROGRESS


def test_opening_makes_the_row_once_and_moves_a_copy_once():
    copy = TaskFactory(kind=TaskKind.COPY, held_by=UserFactory())
    first = open_label_row(copy, copy.assignee)
    assert open_label_row(copy, copy.assignee) == first
    assert copy.events.count() == 1


def test_a_row_can_start_with_labels(task):
    document = {
        "objects": [
            {"id": "a", "node": CELL, "answers": {}, "labels": [{"frame": 0, "geometry": box(0, 0, 1, 1)}]}
        ],
        "classifications": [],
    }
    row = open_label_row(task, task.assignee, starting_document=document)
    assert document_of(row)["objects"][0]["labels"][0]["geometry"] == box(0, 0, 1, 1)
    assert row.starting_document == document


def test_somebody_elses_opening_creates_nothing(task):
    with pytest.raises(LabelRow.DoesNotExist):
        open_label_row(task, UserFactory())


def test_documents_of_many_rows_cost_the_same_queries_as_of_one(task, django_assert_num_queries):
    rows = []
    for _ in range(5):
        other = TaskFactory(
            project=task.project,
            held_by=task.assignee,
            file=FileFactory(organisation=task.project.organisation),
        )
        rows.append(save(other, instances=[cell(), quality()], labels=[label()]).pk)
    with django_assert_num_queries(2):
        documents = documents_of_rows(rows)
    assert all(len(one["objects"]) == len(one["classifications"]) == 1 for one in documents.values())
