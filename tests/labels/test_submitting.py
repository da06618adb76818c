"""Handing in: once, frozen, in one transaction with everything that follows from it."""

import threading
import uuid
from copy import deepcopy

import pytest
from django.db import connection

from accounts import events
from accounts.models import AuditEvent
from labels.documents import document_of_task
from labels.errors import AlreadySubmitted, InvalidLabels, LabelsRefused, MissingAnswers, StaleRevision
from labels.events import TaskSubmitted
from labels.models import Instance, LabelRow, ReviewStatus, Submission
from labels.operations import approve_task, save_labels, submit_task
from labels.queries import submitted_document
from projects.models import Role, Task, TaskEvent, TaskKind, TaskState
from projects.workflow import IllegalMove, Move, advance
from tests.factories import (
    CELL,
    CELL_TYPE,
    NEUTROPHIL,
    ProjectRoleFactory,
    TaskFactory,
    UserFactory,
    box,
)

pytestmark = pytest.mark.django_db
CHANGE = {
    "upserts": {
        "instances": [{"id": "o1", "kind": "object", "node": CELL, "answers": {}}],
        "labels": [{"instance": "o1", "frame": 0, "geometry": box(0.1, 0.1, 0.2, 0.2), "keyframe": True}],
    },
    "deletes": {},
}
NO_CHANGE = {"upserts": {}, "deletes": {}}


def make_task():
    user = UserFactory()
    task = TaskFactory(held_by=user)
    ProjectRoleFactory(project=task.project, user=user)
    return task


@pytest.fixture
def task():
    return make_task()


@pytest.fixture
def heard(monkeypatch):
    """Every TaskSubmitted announced during the test, heard through the real channel."""
    heard = []
    monkeypatch.setattr(events, "_handlers", deepcopy(events._handlers))
    events.listen(TaskSubmitted, heard.append)
    return heard


def submit(task, key=None, revision=0, change=CHANGE, actor=None):
    return submit_task(
        task=task, actor=actor or task.assignee, key=key or uuid.uuid4(), revision=revision, **change
    )


def require_cell_type(task):
    version = task.project.ontology_version
    version.structure["objects"][0]["attributes"][0]["required"] = True
    version.save()


def test_a_submit_saves_freezes_moves_and_announces_at_once(task, heard):
    holder = task.assignee
    submission = submit(task)
    assert submission.document == document_of_task(task)[0]
    assert submission.label_count == 1
    assert submission.submitted_by == holder
    task.refresh_from_db()
    assert (task.state, task.assignee, task.submitted_by) == (TaskState.IN_REVIEW, None, holder)
    assert Instance.objects.get().review_status == ReviewStatus.IN_REVIEW
    assert TaskEvent.objects.get().move == Move.SUBMIT
    assert AuditEvent.objects.get(action="submit task").root_id == str(task.project.uuid)
    assert [event.submission for event in heard] == [submission]


def test_a_copy_becomes_submitted_and_stays_its_annotators():
    copy = TaskFactory(kind=TaskKind.COPY, held_by=UserFactory())
    submit(copy)
    copy.refresh_from_db()
    assert copy.state == TaskState.SUBMITTED
    assert copy.assignee == copy.submitted_by


def test_a_copy_that_was_never_opened_can_be_submitted_empty():
    copy = TaskFactory(kind=TaskKind.COPY, held_by=UserFactory())
    assert submit(copy, change=NO_CHANGE).label_count == 0


def test_the_same_key_again_is_the_same_submission(task, heard):
    holder, key = task.assignee, uuid.uuid4()
    first = submit(task, key)
    task.refresh_from_db()
    assert submit(task, key, actor=holder) == first
    assert submit(task, key, actor=holder, revision=77) == first
    assert Submission.objects.count() == len(heard) == 1


def test_another_key_after_that_is_told_when_it_was_submitted(task):
    holder = task.assignee
    submit(task)
    task.refresh_from_db()
    with pytest.raises(AlreadySubmitted) as error:
        submit(task, actor=holder)
    assert error.value.at == task.submitted_at


def test_a_key_of_somebody_elses_submission_is_refused(task):
    key = uuid.uuid4()
    submit(make_task(), key)
    with pytest.raises(InvalidLabels) as error:
        submit(task, key)
    assert error.value.problems[0].path == "key"


def test_a_missing_required_answer_blocks_and_nothing_is_stored(task, heard):
    require_cell_type(task)
    with pytest.raises(MissingAnswers) as error:
        submit(task)
    assert [problem.path for problem in error.value.problems] == [f"objects[0].answers.{CELL_TYPE}"]
    assert not LabelRow.objects.exists()
    assert not heard
    answered = deepcopy(CHANGE)
    answered["upserts"]["instances"][0]["answers"] = {CELL_TYPE: NEUTROPHIL}
    assert submit(task, change=answered).label_count == 1


def test_a_stale_revision_cannot_be_submitted(task):
    save_labels(task=task, actor=task.assignee, revision=0, **CHANGE)
    with pytest.raises(StaleRevision):
        submit(task, revision=0, change=NO_CHANGE)
    assert not Submission.objects.exists()


def test_an_error_of_a_listener_undoes_the_whole_submission(task, heard):
    def refuse(event):
        raise RuntimeError("no evaluation could be made")

    events.listen(TaskSubmitted, refuse)
    with pytest.raises(RuntimeError):
        submit(task)
    assert not Submission.objects.exists()
    task.refresh_from_db()
    assert task.state == TaskState.ASSIGNED


def test_an_object_on_no_frame_is_not_handed_in(task):
    change = {"upserts": {"instances": CHANGE["upserts"]["instances"]}, "deletes": {}}
    submission = submit(task, change=change)
    assert submission.document["objects"] == []
    assert submission.label_count == 0


def test_a_later_draft_never_changes_a_submission(task):
    holder = task.assignee
    first = submit(task)
    task.refresh_from_db()
    advance(task, Move.REOPEN, actor=holder, assignee=holder)
    save_labels(task=task, actor=holder, revision=1, upserts={}, deletes={"instances": ["o1"]})
    first.refresh_from_db()
    assert len(first.document["objects"]) == 1
    assert submitted_document(task) == first.document
    second = submit(task, revision=2, change=NO_CHANGE, actor=holder)
    assert (first.round, second.round) == (1, 2)
    assert submitted_document(task) == second.document != first.document


def test_approving_completes_the_task_and_approves_every_instance(task):
    reviewer = ProjectRoleFactory(project=task.project, role=Role.REVIEWER).user
    submit(task)
    task.refresh_from_db()
    approve_task(task=task, actor=reviewer)
    assert Task.objects.get(pk=task.pk).state == TaskState.COMPLETED
    assert Instance.objects.get().review_status == ReviewStatus.APPROVED
    assert AuditEvent.objects.filter(action="approve task", actor=reviewer).exists()
    with pytest.raises(IllegalMove):
        approve_task(task=task, actor=reviewer)


def in_threads(count, work):
    """Run `work(number)` in threads that start together, each with its own connection; returns the results."""
    results, start = [None] * count, threading.Barrier(count)

    def run(number):
        start.wait()
        try:
            results[number] = work(number)
        except LabelsRefused as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_key", [True, False])
def test_posts_of_the_same_submit_at_the_same_time_are_one_submission(same_key, heard):
    task, key = make_task(), uuid.uuid4()
    holder = task.assignee

    def post(number):
        return submit(
            Task.objects.get(pk=task.pk), key if same_key else uuid.uuid4(), revision=0, actor=holder
        )

    results = in_threads(6, post)
    assert Submission.objects.count() == len(heard) == TaskEvent.objects.count() == 1
    made = [result for result in results if isinstance(result, Submission)]
    refused = [result for result in results if isinstance(result, AlreadySubmitted)]
    assert len(made) + len(refused) == 6
    assert len(made) == (6 if same_key else 1)


@pytest.mark.django_db(transaction=True)
def test_saves_of_the_same_revision_at_the_same_time_are_one_save_and_conflicts():
    task = make_task()

    def save(number):
        change = deepcopy(CHANGE)
        change["upserts"]["labels"][0]["geometry"]["x"] = number / 100
        return save_labels(task=Task.objects.get(pk=task.pk), actor=task.assignee, revision=0, **change)

    results = in_threads(6, save)
    stale = [result for result in results if isinstance(result, StaleRevision)]
    assert len(stale) == 5
    winner = next(number for number, result in enumerate(results) if isinstance(result, LabelRow))
    document, revision = document_of_task(task)
    assert revision == 1
    assert document["objects"][0]["labels"][0]["geometry"]["x"] == winner / 100
