"""Comparing everything again: in chunks, resumable, failures alone, and nothing published before all is there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import scoring
from accounts.models import AuditEvent
from benchmarks import kernel_input, reevaluation
from benchmarks.evaluation import compare_row, evaluate, evaluations_of
from benchmarks.models import Evaluation, EvaluationLabel, Publication, TaskScore
from benchmarks.operations.evaluations import retry_evaluations
from benchmarks.publications import start_recalculation
from benchmarks.storage import store_many
from jobs.jobs import run_job
from jobs.models import Job, RowState
from jobs.queue import claim_many, finishing_many
from tests.benchmarks.scenarios import Training, make_training
from tests.factories import CELL, box_document

pytestmark = pytest.mark.django_db

LEFT, RIGHT = (0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4)
NEAR = (0.13, 0.1, 0.3, 0.4)


@pytest.fixture
def training() -> Training:
    """Three items, four trainees, everything submitted and scored."""
    made = make_training(*(box_document(LEFT, RIGHT) for _ in range(3)))
    for _ in range(4):
        person = made.trainee()
        for item in made.items:
            made.submit(person, item, box_document(NEAR, RIGHT))
    return made


def start_comparing_again(training: Training, **settings) -> Job:
    function = training.new_function(min_overlap={"area": 0.9}, **settings)
    return start_recalculation(training=training.row, actor=training.admin, function=function)


def test_new_weights_read_and_write_no_evaluation_label(training):
    function = training.new_function(weights={f"iou:{CELL}": 300}, extra_cost=0.5)
    job = start_recalculation(training=training.row, actor=training.admin, function=function)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        run_job(job.pk)
    job.refresh_from_db()
    assert job.state == RowState.DONE, job.error
    statements = [query["sql"] for query in captured]
    assert any("benchmarks_criteriontotal" in sql for sql in statements)
    assert not [sql for sql in statements if "evaluationlabel" in sql]
    written = [sql for sql in statements if sql.startswith(("INSERT", "UPDATE", "DELETE", "COPY"))]
    for table in ("benchmarks_criteriontotal (", "benchmarks_outcometotal", 'UPDATE "benchmarks_evaluation"'):
        assert not [sql for sql in written if table in sql]


def test_every_row_is_stored_once_in_few_transactions_and_gold_is_prepared_once(training, monkeypatch):
    prepared, stored = [], []
    real_prepare, real_store = scoring.prepare, reevaluation.store_many
    monkeypatch.setattr(scoring, "prepare", lambda *a: prepared.append(1) or real_prepare(*a))
    monkeypatch.setattr(
        reevaluation, "store_many", lambda found: stored.append(len(found)) or real_store(found)
    )
    kernel_input._prepared.cache_clear()
    job = start_comparing_again(training)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == RowState.DONE, job.error
    assert stored == [12]
    # The three gold documents are word for word the same: one key, read once.
    assert len(prepared) == 1
    assert (job.progress_done, job.progress_total) == (12, 12)


def test_a_job_that_is_started_again_does_only_what_is_left(training, settings, monkeypatch):
    monkeypatch.setattr(reevaluation, "FIRST_ROWS", 5)
    monkeypatch.setattr(reevaluation, "CHUNK_S", 0.0)
    real = reevaluation.Waiting._chunk
    done = []

    def dies(self, pks):
        if done:
            raise KeyboardInterrupt  # nothing in between may catch it, as with a killed process
        done.append(pks)
        return real(self, pks)

    monkeypatch.setattr(reevaluation.Waiting, "_chunk", dies)
    job = start_comparing_again(training)
    with pytest.raises(KeyboardInterrupt):
        run_job(job.pk)
    assert Evaluation.objects.filter(run=1, state=RowState.DONE).count() == 12 + len(done[0])
    assert Publication.objects.count() == 1
    monkeypatch.setattr(reevaluation.Waiting, "_chunk", real)
    Job.objects.filter(pk=job.pk).update(lease_until="2020-01-01T00:00Z")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == RowState.DONE, job.error
    again = evaluations_of(Publication.objects.get(number=2))
    assert set(again.values_list("state", "run")) == {(RowState.DONE, 1)}
    assert TaskScore.objects.filter(function__number=2).count() == 12


def test_a_row_that_raises_fails_alone_is_shown_and_can_be_retried(training, monkeypatch):
    job = start_comparing_again(training)
    bad = Evaluation.objects.order_by("pk")[4].submission_id
    real = scoring.compare

    def picky(ontology, function, gold, submitted, frames):
        if submitted["objects"][0]["id"] == "poison":
            raise ValueError("poison")
        return real(ontology, function, gold, submitted, frames)

    submission = Evaluation.objects.get(submission=bad).submission
    submission.document["objects"][0]["id"] = "poison"
    submission.save()
    monkeypatch.setattr(scoring, "compare", picky)
    monkeypatch.setattr(scoring, "compare_many", lambda o, f, tasks: [picky(o, f, *task) for task in tasks])
    run_job(job.pk)
    job.refresh_from_db()
    training.row.refresh_from_db()
    assert job.state == RowState.DONE, job.error
    states = evaluations_of(training.row.publication).values_list("state", flat=True)
    assert sorted(states) == sorted([RowState.DONE] * 11 + [RowState.FAILED])
    failed = evaluations_of(training.row.publication).get(state=RowState.FAILED)
    assert "Retry" in failed.error
    monkeypatch.undo()
    assert retry_evaluations(training=training.row, actor=training.admin, rows=[failed]) == 1
    assert retry_evaluations(training=training.row, actor=training.admin, rows=[failed]) == 0
    event = AuditEvent.objects.get(action="retry scoring")
    assert (event.actor, event.after, event.target_id) == (
        training.admin,
        {"submissions": 1},
        str(training.row.project.uuid),
    )
    assert evaluate(failed.pk)
    assert TaskScore.objects.filter(function=training.row.publication.function).count() == 12


def test_a_row_that_killed_its_worker_twice_is_given_up_and_the_others_are_published(training):
    job = start_comparing_again(training)
    from benchmarks.publications import request_missing

    target = Publication(
        training=training.row,
        function=training.row.functions.get(number=2),
        gold_version=training.row.publication.gold_version,
        comparison_key=training.row.functions.get(number=2).comparison_key,
        engine_version=scoring.ENGINE_VERSION,
    )
    request_missing(target)
    killer, suspect = evaluations_of(target).order_by("pk")[:2]
    Evaluation.objects.filter(pk=killer.pk).update(
        state=RowState.RUNNING, run=2, starts=2, lease_until="2020-01-01T00:00Z"
    )
    Evaluation.objects.filter(pk=suspect.pk).update(
        state=RowState.RUNNING, run=1, starts=1, lease_until="2020-01-01T00:00Z"
    )
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == RowState.DONE, job.error
    killer.refresh_from_db()
    suspect.refresh_from_db()
    assert (killer.state, suspect.state) == (RowState.FAILED, RowState.DONE)
    assert "Stopped 2 times" in killer.error


def test_rows_that_another_run_has_taken_are_not_written(training):
    start_comparing_again(training)
    Evaluation.objects.update(state=RowState.PENDING, starts=0)
    pks = list(Evaluation.objects.order_by("pk").values_list("pk", flat=True)[:2])
    before = list(EvaluationLabel.objects.filter(evaluation=pks[0]).values_list("pk", flat=True))
    rows = claim_many(kernel_input.rows_to_compare(), pks)
    assert sorted(row.pk for row in rows) == pks
    assert claim_many(kernel_input.rows_to_compare(), pks) == []
    Evaluation.objects.filter(pk=pks[0]).update(run=9)
    found = [(row, compare_row(row)) for row in rows]
    with finishing_many(rows) as mine:
        store_many([one for one in found if one[0] in mine])
    assert list(EvaluationLabel.objects.filter(evaluation=pks[0]).values_list("pk", flat=True)) == before
    assert Evaluation.objects.get(pk=pks[0]).state == RowState.RUNNING
    assert Evaluation.objects.get(pk=pks[1]).state == RowState.DONE


def test_a_run_killed_between_delete_and_insert_leaves_the_old_facts(training, monkeypatch):
    row = Evaluation.objects.order_by("pk").first()
    before = list(row.labels.order_by("pk").values())
    Evaluation.objects.filter(pk=row.pk).update(state=RowState.PENDING, starts=0)

    def killed(*_args):
        assert not row.labels.exists(), "the old facts are deleted before"
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.storage.insert_rows", killed)
    with pytest.raises(KeyboardInterrupt):
        evaluate(row.pk)
    assert list(row.labels.order_by("pk").values()) == before
    assert row.scores.count() == 1


def test_gold_is_known_by_its_content_not_by_row_numbers(training):
    row = kernel_input.rows_to_compare().order_by("pk").first()
    before = compare_row(row)
    row.gold_task.document = box_document(LEFT)
    row.gold_task.save()
    after = compare_row(kernel_input.rows_to_compare().get(pk=row.pk))
    assert [fact.outcome for fact in before.labels] == ["matched", "matched"]
    assert [fact.outcome for fact in after.labels] == ["matched", "extra"]


def test_a_submission_that_arrives_during_the_comparison_is_in_the_publication(training, monkeypatch):
    late = training.trainee()
    job = start_comparing_again(training)
    real = reevaluation.Waiting.one_by_one
    handed_in = []

    def somebody_submits(self):
        real(self)
        if not handed_in:
            handed_in.append(training.submit(late, training.items[0], box_document(LEFT), evaluated=False))

    monkeypatch.setattr(reevaluation.Waiting, "one_by_one", somebody_submits)
    run_job(job.pk)
    training.row.refresh_from_db()
    rows = evaluations_of(training.row.publication)
    assert training.row.publication.number == 2
    assert rows.get(submission=handed_in[0]).state == RowState.DONE
