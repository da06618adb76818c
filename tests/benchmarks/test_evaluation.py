"""From submission to facts, scores, publications and CSV: rows agree with the kernel, whichever way they are read."""

import csv
import io
import json
import random

import pytest

import scoring
from benchmarks.csv_export import LABEL_COLUMNS, label_csv, neutral
from benchmarks.evaluation import compare_row, evaluate, kernel_function, ontology_of, store_facts
from benchmarks.models import CriterionTotal, Evaluation, EvaluationLabel, Publication, TaskScore
from benchmarks.points import with_points
from benchmarks.publications import (
    recalculate,
    recalculate_after_upgrade,
    recalculation_state,
    start_recalculation,
)
from benchmarks.results import overview_of
from jobs.jobs import run_job
from jobs.models import Job, RowState
from jobs.queue import LostRun, claim, finishing, retry
from tests.benchmarks.scenarios import Training, make_training
from tests.factories import (
    BLURRED,
    CELL,
    CELL_TYPE,
    LOBES,
    LYMPHOCYTE,
    NEUTROPHIL,
    QUALITY,
    QUALITY_ROOT,
    SHARP,
    box_document,
)

pytestmark = pytest.mark.django_db

LEFT, RIGHT = (0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4)


def random_document(rng: random.Random) -> dict:
    """Boxes at a few places, with attributes and a frame label, so that every outcome occurs."""
    boxes = [LEFT, RIGHT, (0.1, 0.55, 0.3, 0.4), (0.6, 0.05, 0.3, 0.35)]
    chosen = [box for box in boxes if rng.random() < 0.75]
    jittered = [tuple(max(0.0, v + rng.uniform(-0.06, 0.06)) for v in box) for box in chosen]
    document = box_document(*jittered)
    for item in document["objects"]:
        answer = rng.choice([NEUTROPHIL, LYMPHOCYTE, None])
        if answer:
            item["answers"][CELL_TYPE] = answer
        if answer == NEUTROPHIL and rng.random() < 0.8:
            item["answers"][LOBES] = rng.choice([2, 3])
    if rng.random() < 0.8:
        quality = {
            "id": "q",
            "node": QUALITY,
            "frames": [0],
            "answers": {QUALITY_ROOT: rng.choice([SHARP, BLURRED])},
        }
        document["classifications"].append(quality)
    return document


@pytest.fixture
def training() -> Training:
    """Five gold items, three trainees who submitted all of them, everything scored."""
    rng = random.Random(7)
    made = make_training(*(random_document(rng) for _ in range(5)))
    for _ in range(3):
        person = made.trainee()
        for item in made.items:
            made.submit(person, item, random_document(rng))
    return made


def test_a_perfect_submission_earns_everything():
    made = make_training(box_document(LEFT, RIGHT))
    made.submit(made.trainee(), made.items[0], box_document(LEFT, RIGHT))
    score = TaskScore.objects.get()
    # Two boxes x (IoU 100 + category 100: boxes and polygons are one family); gold has no attribute answers.
    assert (score.earned, score.available) == (pytest.approx(400), pytest.approx(400))


def test_a_missing_label_loses_its_points_by_hand():
    made = make_training(box_document(LEFT, RIGHT))
    made.submit(made.trainee(), made.items[0], box_document(LEFT))
    score = TaskScore.objects.get()
    assert (score.earned, score.available) == (pytest.approx(200), pytest.approx(400))


def test_points_in_sql_equal_the_kernels_label_by_label(training):
    function = kernel_function(training.row.publication.function)
    checked = set()
    for evaluation in Evaluation.objects.select_related(
        "gold_task", "submission__task__file", "training__project"
    ):
        facts = compare_row(evaluation)
        rows = with_points(
            EvaluationLabel.objects.filter(evaluation=evaluation), training.row.publication.function_id
        )
        for fact, row in zip(facts.labels, rows.order_by("position"), strict=True):
            points = scoring.label_points(fact, function)
            assert row.earned == pytest.approx(sum(one.points for one in points), abs=1e-9)
            assert row.available == pytest.approx(sum(one.weight for one in points), abs=1e-9)
            checked.add(row.outcome)
    assert {"matched", "missing", "extra"} <= checked


def test_task_scores_are_the_sums_of_their_labels(training):
    for score in TaskScore.objects.all():
        rows = with_points(score.evaluation.labels.all(), score.function_id)
        assert score.earned == pytest.approx(sum(row.earned for row in rows))
        assert score.available == pytest.approx(sum(row.available for row in rows))


def test_a_job_that_runs_twice_writes_once(training):
    evaluation = Evaluation.objects.first()
    before = list(evaluation.labels.values_list("pk", flat=True))
    assert evaluate(evaluation.pk) is False
    assert list(evaluation.labels.values_list("pk", flat=True)) == before


def test_a_row_taken_over_by_another_run_is_not_written():
    made = make_training(box_document(LEFT))
    made.submit(made.trainee(), made.items[0], box_document(LEFT), evaluated=False)
    row = claim(
        Evaluation.objects.select_related("gold_task", "submission__task__file", "training__project"),
        Evaluation.objects.get().pk,
    )
    Evaluation.objects.update(run=row.run + 1)
    with pytest.raises(LostRun), finishing(row):
        store_facts(row, compare_row(row))
    assert not EvaluationLabel.objects.exists()
    assert not CriterionTotal.objects.exists()


def test_a_poison_submission_fails_alone_with_a_reason_and_can_be_retried():
    made = make_training(box_document(LEFT), box_document(LEFT))
    person = made.trainee()
    bad = made.submit(person, made.items[0], box_document(LEFT), evaluated=False).evaluations.get()
    good_key = bad.comparison_key
    Evaluation.objects.filter(pk=bad.pk).update(comparison_key="no function has this")
    assert evaluate(bad.pk) is False
    made.submit(person, made.items[1], box_document(LEFT))
    bad.refresh_from_db()
    assert bad.state == RowState.FAILED
    assert "Retry" in bad.error
    Evaluation.objects.filter(pk=bad.pk).update(comparison_key=good_key)
    assert retry(bad, evaluate)
    assert evaluate(bad.pk)
    assert TaskScore.objects.count() == 2


def test_a_weight_change_is_published_from_totals_and_equals_a_full_comparison(training):
    labels_before = list(EvaluationLabel.objects.order_by("pk").values_list("pk", flat=True))
    heavier = training.new_function(
        weights={f"iou:{CELL}": 200, f"attribute:{CELL_TYPE}": 30}, extra_cost=0.5
    )
    job = start_recalculation(
        training=training.row, actor=training.admin, function=heavier, reason="heavier boxes"
    )
    run_job(job.pk)
    job.refresh_from_db()
    training.row.refresh_from_db()
    assert job.state == RowState.DONE, job.error
    assert training.row.publication.function == heavier
    assert list(EvaluationLabel.objects.order_by("pk").values_list("pk", flat=True)) == labels_before
    kernel = kernel_function(heavier)
    for evaluation in Evaluation.objects.select_related(
        "gold_task", "submission__task__file", "training__project"
    ):
        earned, available = scoring.score(compare_row(evaluation).totals, kernel)
        stored = evaluation.scores.get(function=heavier)
        assert (stored.earned, stored.available) == (pytest.approx(earned), pytest.approx(available))


def test_new_comparison_settings_compare_again_before_they_publish(training):
    strict = training.new_function(min_overlap={"area": 0.9})
    assert strict.comparison_key != training.row.publication.comparison_key
    job = start_recalculation(training=training.row, actor=training.admin, function=strict)
    run_job(job.pk)
    training.row.refresh_from_db()
    assert training.row.publication.function == strict
    done = Evaluation.objects.filter(comparison_key=strict.comparison_key, state=RowState.DONE)
    assert done.count() == 15
    assert TaskScore.objects.filter(function=strict).count() == 15


def test_a_recalculation_that_runs_twice_publishes_once(training):
    function = training.new_function(extra_cost=0.5)
    job = start_recalculation(training=training.row, actor=training.admin, function=function)
    run_job(job.pk)
    recalculate(Job.objects.get(pk=job.pk))
    assert Publication.objects.filter(training=training.row).count() == 2


def test_two_presses_of_recalculate_are_one_job(training):
    function = training.new_function(extra_cost=0.5)
    first = start_recalculation(training=training.row, actor=training.admin, function=function)
    assert start_recalculation(training=training.row, actor=training.admin, function=function) == first


def test_a_submission_during_a_recalculation_is_scored_in_the_new_publication():
    made = make_training(box_document(LEFT), box_document(RIGHT))
    person = made.trainee()
    made.submit(person, made.items[0], box_document(LEFT))
    strict = made.new_function(min_overlap={"area": 0.9})
    late = made.submit(person, made.items[1], box_document(RIGHT), evaluated=False)
    job = start_recalculation(training=made.row, actor=made.admin, function=strict)
    run_job(job.pk)
    assert late.evaluations.filter(comparison_key=strict.comparison_key, state=RowState.DONE).exists()
    assert TaskScore.objects.filter(function=strict).count() == 2


def test_a_long_recalculation_goes_on_in_further_jobs(training, settings):
    strict = training.new_function(min_overlap={"area": 0.9})
    job = start_recalculation(training=training.row, actor=training.admin, function=strict)
    settings.JOB_WALL_S = 0
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.starts) == (RowState.PENDING, 0)
    assert Publication.objects.filter(training=training.row).count() == 1
    settings.JOB_WALL_S = 600
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == RowState.DONE
    assert TaskScore.objects.filter(function=strict).count() == 15


def test_an_old_job_that_is_tried_again_never_goes_back_behind_newer_weights(training):
    old, new = training.new_function(extra_cost=0.9), training.new_function(extra_cost=0.5)
    late = start_recalculation(training=training.row, actor=training.admin, function=old)
    Job.objects.filter(pk=late.pk).update(state=RowState.FAILED)
    run_job(start_recalculation(training=training.row, actor=training.admin, function=new).pk)
    retry(Job.objects.get(pk=late.pk), run_job)
    run_job(late.pk)
    late.refresh_from_db()
    training.row.refresh_from_db()
    assert training.row.publication.function == new
    assert late.state == RowState.FAILED
    assert "restore it in Settings" in late.error


def test_an_engine_upgrade_ends_in_one_publication_of_the_new_engine(training, monkeypatch):
    before = training.row.publication
    monkeypatch.setattr(scoring, "ENGINE_VERSION", "next")
    person = training.trainee()
    late = training.submit(person, training.items[0], box_document(LEFT), evaluated=False)
    assert overview_of(training.row).waiting == 1
    assert recalculate_after_upgrade() == 1
    run_job(Job.objects.get().pk)
    training.row.refresh_from_db()
    assert training.row.publication.engine_version == "next"
    assert training.row.publication.function == before.function
    assert late.evaluations.get().state == RowState.DONE
    assert overview_of(training.row).waiting == 0
    assert recalculate_after_upgrade() == 0


def test_a_row_asked_of_the_old_engine_is_not_computed_by_the_new_one(monkeypatch):
    made = make_training(box_document(LEFT))
    row = made.submit(made.trainee(), made.items[0], box_document(LEFT), evaluated=False).evaluations.get()
    monkeypatch.setattr(scoring, "ENGINE_VERSION", "next")
    assert evaluate(row.pk) is False
    assert not EvaluationLabel.objects.exists()


def test_saved_but_unpublished_weights_are_told(training):
    assert not recalculation_state(training.row).is_outdated
    training.new_function(extra_cost=0.5)
    state = recalculation_state(training.row)
    assert state.is_outdated
    assert (state.newest.number, state.published.number) == (2, 1)


def test_overview_adds_points_and_never_means_percentages(training):
    overview = overview_of(training.row)
    earned = sum(TaskScore.objects.values_list("earned", flat=True))
    available = sum(TaskScore.objects.values_list("available", flat=True))
    assert overview.points.percent == pytest.approx(100 * earned / available)
    assert (overview.tasks, overview.submitted, overview.scored, overview.failed) == (15, 15, 15, 0)
    for row in overview.annotators:
        assert sum(p.earned for p in row.by_class.values()) == pytest.approx(row.points.earned)
        assert sum(p.available for p in row.by_class.values()) == pytest.approx(row.points.available)


def test_the_change_compares_with_the_publication_before(training):
    before = {row.annotator.pk: row.points.percent for row in overview_of(training.row).annotators}
    job = start_recalculation(
        training=training.row, actor=training.admin, function=training.new_function(extra_cost=0)
    )
    run_job(job.pk)
    training.row.refresh_from_db()
    after = overview_of(training.row).annotators
    for row in after:
        assert row.change == pytest.approx(row.points.percent - before[row.annotator.pk])
    assert any(row.change > 0.1 for row in after)


def test_overview_costs_the_same_queries_for_any_number_of_people(training, django_assert_max_num_queries):
    training.row.refresh_from_db()
    with django_assert_max_num_queries(20) as first:
        overview_of(training.row)
    for _ in range(4):
        person = training.trainee()
        for item in training.items:
            training.submit(person, item, box_document(LEFT))
    training.row.refresh_from_db()
    with django_assert_max_num_queries(len(first.captured_queries)):
        overview_of(training.row)


def test_every_score_can_be_recomputed_from_the_csv_alone(training):
    text = "".join(label_csv(training.row)).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == list(LABEL_COLUMNS)
    for email in {row["email"] for row in rows}:
        earned = available = 0.0
        for row in (row for row in rows if row["email"] == email):
            for value, weight in by_hand(row):
                earned += value * weight
                available += weight
        stored = TaskScore.objects.filter(evaluation__copy__annotator__email=email)
        assert earned == pytest.approx(sum(stored.values_list("earned", flat=True)))
        assert available == pytest.approx(sum(stored.values_list("available", flat=True)))


def test_a_line_of_the_csv_has_the_points_that_the_list_shows(training):
    training.new_function(weights={f"iou:{CELL}": 70, f"attribute:{CELL_TYPE}": 30}, extra_cost=0.5)
    function = training.row.functions.order_by("-number").first()
    run_job(start_recalculation(training=training.row, actor=training.admin, function=function).pk)
    training.row.refresh_from_db()
    lines = list(csv.DictReader(io.StringIO("".join(label_csv(training.row)).removeprefix("\ufeff"))))
    shown = with_points(EvaluationLabel.objects.order_by("evaluation", "position"), function.pk)
    for line, label in zip(lines, shown, strict=True):
        assert float(line["earned"]) == pytest.approx(label.earned, abs=1e-9)
        assert float(line["available"]) == pytest.approx(label.available, abs=1e-9)
    assert {line["outcome"] for line in lines} >= {"matched", "missing", "extra"}


def by_hand(row: dict[str, str]) -> list[tuple[float, float]]:
    """(value, weight) of each criterion on one CSV line, as a reader of the file would take them."""
    found = [
        (float(row[f"{name}_value"]), float(row[f"{name}_weight"]))
        for name in ("iou", "category", "track", "classification")
        if row[f"{name}_value"]
    ]
    found += [tuple(pair) for pair in json.loads(row["attributes"] or "{}").values()]
    if row["extra_weight"]:
        found.append((0.0, float(row["extra_weight"])))
    return found


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "  ="])
def test_a_cell_that_starts_like_a_formula_is_made_neutral(start):
    assert neutral(f"{start}cmd|' /C calc'!A0").startswith("'")


BLANKS = [" ", "\u00a0", "\u3000", "\t", "\n", "\v", "\f", "\r", "\x85", "\u2028"]
UNSEEN = [*BLANKS, "\0", "\x7f", "\u200b", "\u2060", "\u202e", "\ufeff", "\ufeff \n\u200b\v"]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
@pytest.mark.parametrize("start", "=+-@")
def test_what_nobody_sees_does_not_hide_a_formula(unseen, start):
    text = f"{unseen}{start}HYPERLINK(1)"
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\ufeff", " a=b", "\u200bname", "Zo\u00eb - 1", "1-2", "_=", "x\n=1"]
)
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text


def test_a_hostile_name_is_harmless_in_the_csv():
    made = make_training(box_document(LEFT))
    made.submit(made.trainee(name="=HYPERLINK(1)"), made.items[0], box_document(LEFT))
    assert "'=HYPERLINK(1)" in "".join(label_csv(made.row))


def test_ontology_is_read_once_per_version(training, django_assert_num_queries):
    ontology_of(training.row)
    with django_assert_num_queries(0):
        ontology_of(training.row)
