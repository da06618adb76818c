"""The stored sums of a publication equal what adding up every row gives, whatever happened before."""

import random
from collections import defaultdict

import pytest

from benchmarks.bulk import insert_rows
from benchmarks.evaluation import compare_row, evaluate, kernel_function
from benchmarks.models import (
    AnnotatorScore,
    AnnotatorTotal,
    CriterionTotal,
    Evaluation,
    GoldTask,
    GoldVersion,
    ItemScore,
    Publication,
    TaskCopy,
    TaskScore,
)
from benchmarks.operations.enrolment import grant_retake, restore_copy, withdraw_copy
from benchmarks.publications import start_recalculation
from benchmarks.results import overview_of, points_under
from benchmarks.storage import store_facts
from benchmarks.sums import add_up_again, add_up_missing
from benchmarks.training_list import rows_of
from jobs.jobs import run_job
from jobs.models import Job, RowState
from jobs.queue import LostRun, claim, finishing
from projects.models import TaskState
from tests.benchmarks.scenarios import Training, make_training
from tests.factories import CELL, box_document

pytestmark = pytest.mark.django_db

BOXES = [(0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4), (0.1, 0.55, 0.3, 0.4)]


def drawn(rng: random.Random) -> dict:
    """Some of the gold boxes, moved a little; sometimes one too many."""
    chosen = [box for box in BOXES if rng.random() < 0.8]
    if rng.random() < 0.3:
        chosen.append((0.7, 0.05, 0.1, 0.1))
    return box_document(*[tuple(max(0.0, v + rng.uniform(-0.05, 0.05)) for v in box) for box in chosen])


def counting(publication: Publication) -> list[Evaluation]:
    """The evaluations that count, found the slow way: the latest submitted attempt of each annotator and item."""
    latest: dict[tuple[int, int], TaskCopy] = {}
    submitted = TaskCopy.objects.filter(training=publication.training_id, task__state=TaskState.SUBMITTED)
    for copy in submitted.order_by("attempt"):
        latest[(copy.annotator_id, copy.item_id)] = copy
    rows = Evaluation.objects.filter(
        copy__in=list(latest.values()),
        gold_version=publication.gold_version_id,
        comparison_key=publication.comparison_key,
        engine_version=publication.engine_version,
        state=RowState.DONE,
    )
    return list(rows.select_related("copy"))


def assert_sums_are_right(training: Training) -> None:
    """Every stored sum of what is published, against sums in Python over the rows themselves."""
    training.row.refresh_from_db()
    publication = training.row.publication
    before = Publication.objects.filter(training=training.row, number=publication.number - 1).first()
    people: dict[int, list[float]] = defaultdict(lambda: [0.0] * 11)
    items: dict[int, list[float]] = defaultdict(lambda: [0.0] * 3)
    totals: dict[tuple[int, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in counting(publication):
        score = TaskScore.objects.get(evaluation=row, function=publication.function_id)
        earned, available = score.earned, score.available
        old = (
            before
            and TaskScore.objects.filter(
                evaluation__submission=row.submission_id,
                evaluation__gold_version=before.gold_version_id,
                evaluation__comparison_key=before.comparison_key,
                evaluation__engine_version=before.engine_version,
                function=before.function_id,
            ).first()
        )
        shared = [1, earned, available, old.earned, old.available] if old else [0] * 5
        found = [1, earned, available, earned**2, available**2, earned * available, *shared]
        people[row.copy.annotator_id] = [
            a + b for a, b in zip(people[row.copy.annotator_id], found, strict=True)
        ]
        items[row.copy.item_id] = [a + b for a, b in zip(items[row.copy.item_id], found[:3], strict=True)]
        for total in CriterionTotal.objects.filter(evaluation=row):
            pair = totals[(row.copy.annotator_id, total.criterion)]
            pair[0], pair[1] = pair[0] + total.value_sum, pair[1] + total.count
    stored = AnnotatorScore.objects.filter(publication=publication, tasks__gt=0)
    assert {row.annotator_id for row in stored} == set(people)
    for row in stored:
        figures = [
            row.tasks,
            row.earned,
            row.available,
            row.earned_squared,
            row.available_squared,
            row.product,
        ]
        figures += [row.shared_tasks, row.shared_earned, row.shared_available]
        figures += [row.before_earned, row.before_available]
        assert figures == pytest.approx(people[row.annotator_id])
    by_item = ItemScore.objects.filter(publication=publication, tasks__gt=0)
    assert {row.item_id: pytest.approx([row.tasks, row.earned, row.available]) for row in by_item} == items
    by_criterion = AnnotatorTotal.objects.filter(publication=publication)
    assert {
        (row.annotator_id, row.criterion): pytest.approx([row.value_sum, row.count]) for row in by_criterion
    } == totals


@pytest.mark.parametrize("seed", range(6))
def test_sums_equal_the_sums_over_all_rows_after_random_operations(seed):
    rng = random.Random(seed)
    training = make_training(*(box_document(*BOXES) for _ in range(3)))
    people = [training.trainee() for _ in range(3)]
    done = set()

    def submit() -> None:
        waiting = TaskCopy.objects.filter(training=training.row, task__state=TaskState.ASSIGNED)
        if waiting:
            training.submit_copy(
                rng.choice(list(waiting.select_related("task", "annotator"))),
                drawn(rng),
                evaluated=rng.random() < 0.8,
            )

    def score() -> None:
        pending = list(Evaluation.objects.filter(state=RowState.PENDING).values_list("pk", flat=True))
        for pk in rng.sample(pending, k=min(2, len(pending))):
            evaluate(pk)

    def retake() -> None:
        copies = list(
            TaskCopy.objects.filter(
                annotator=rng.choice(people), task__state=TaskState.SUBMITTED
            ).select_related("task__file", "item", "annotator", "training__project__organisation")
        )
        if copies:
            copy = rng.choice(copies)
            attempts = TaskCopy.objects.filter(annotator=copy.annotator, item=copy.item)
            if not attempts.exclude(task__state=TaskState.SUBMITTED).exists():
                grant_retake(copy=copy, actor=training.admin)

    def withdraw_or_restore() -> None:
        copies = TaskCopy.objects.exclude(task__state=TaskState.SUBMITTED).select_related(
            "task__file", "annotator", "training__project__organisation"
        )
        if copies:
            copy = rng.choice(list(copies))
            move = restore_copy if copy.task.state == TaskState.WITHDRAWN else withdraw_copy
            move(copy=copy, actor=training.admin)

    def weights() -> None:
        publish(weights={f"iou:{CELL}": rng.choice([50, 200, 300])}, extra_cost=rng.random())

    def comparison() -> None:
        publish(min_overlap={"area": rng.choice([0.3, 0.5, 0.8])})

    def publish(gold: GoldVersion | None = None, **settings) -> None:
        training.row.refresh_from_db()
        function = training.new_function(**settings)
        job = start_recalculation(
            training=training.row, actor=training.admin, function=function, gold_version=gold
        )
        run_job(job.pk)
        assert Job.objects.get(pk=job.pk).state == RowState.DONE

    def gold() -> None:
        number = GoldVersion.objects.filter(training=training.row).count() + 1
        version = GoldVersion.objects.create(training=training.row, number=number)
        for item in training.items:
            boxes = rng.sample(BOXES, k=2)
            GoldTask.objects.create(version=version, item=item, document=box_document(*boxes), label_count=2)
        publish(gold=version)

    operations = [submit, score, retake, withdraw_or_restore, weights, comparison, gold]
    for operation in rng.choices(operations, weights=[10, 4, 5, 3, 2, 1, 1], k=40):
        operation()
        done.add(operation.__name__)
        assert_sums_are_right(training)
    assert {"submit", "retake", "withdraw_or_restore"} <= done
    assert Publication.objects.count() > 1
    AnnotatorScore.objects.all().delete()
    assert add_up_missing() == 1
    assert_sums_are_right(training)


@pytest.fixture
def training() -> Training:
    """Two items, two trainees, everything submitted and scored."""
    rng = random.Random(3)
    made = make_training(box_document(*BOXES), box_document(*BOXES))
    for _ in range(2):
        person = made.trainee()
        for item in made.items:
            made.submit(person, item, drawn(rng))
    return made


def test_an_attempt_that_is_scored_after_its_retake_was_submitted_adds_nothing(training):
    person = training.trainee()
    first = training.submit(person, training.items[0], box_document(), evaluated=False)
    retake = grant_retake(copy=first.task.copy, actor=training.admin)
    training.submit_copy(retake, box_document(*BOXES), evaluated=False)
    assert_sums_are_right(training)
    evaluate(first.evaluations.get().pk)
    assert_sums_are_right(training)
    assert not AnnotatorScore.objects.filter(annotator=person, tasks__gt=0).exists()
    evaluate(Evaluation.objects.get(copy=retake).pk)
    assert_sums_are_right(training)
    score = AnnotatorScore.objects.get(annotator=person)
    assert (score.tasks, score.earned) == (1, pytest.approx(score.available))


def test_after_a_retake_nothing_of_the_attempt_before_is_left_over(training):
    person = training.trainee()
    first = training.submit(person, training.items[0], drawn(random.Random(1)))
    retake = grant_retake(copy=first.task.copy, actor=training.admin)
    training.submit_copy(retake, box_document(), evaluated=False)
    assert not AnnotatorTotal.objects.filter(annotator=person).exists()
    row = next(one for one in overview_of(training.row).annotators if one.annotator == person)
    assert (row.points.percent, row.scored, row.by_class) == (None, 0, {})


def test_a_row_that_is_evaluated_again_is_counted_once(training):
    evaluation = Evaluation.objects.first()
    Evaluation.objects.filter(pk=evaluation.pk).update(state=RowState.PENDING)
    assert evaluate(evaluation.pk)
    assert_sums_are_right(training)


def test_a_run_that_lost_its_row_adds_nothing_to_the_sums(training):
    late = training.submit(training.trainee(), training.items[0], box_document(*BOXES), evaluated=False)
    rows = Evaluation.objects.select_related(
        "gold_task", "submission__task__file", "training__project", "copy"
    )
    row = claim(rows, late.evaluations.get().pk)
    Evaluation.objects.filter(pk=row.pk).update(run=row.run + 1)
    with pytest.raises(LostRun), finishing(row):
        store_facts(row, compare_row(row))
    Evaluation.objects.filter(pk=row.pk).update(state=RowState.PENDING)
    assert_sums_are_right(training)


def test_what_other_weights_would_give_equals_publishing_them(training):
    publication = training.row.publication
    function = training.new_function(weights={f"iou:{CELL}": 300}, extra_cost=0.25)
    expected = points_under(publication, kernel_function(function))
    run_job(start_recalculation(training=training.row, actor=training.admin, function=function).pk)
    training.row.refresh_from_db()
    for row in overview_of(training.row).annotators:
        assert row.points.earned == pytest.approx(expected[row.annotator.pk].earned)
        assert row.points.available == pytest.approx(expected[row.annotator.pk].available)


def test_overview_and_the_list_of_projects_read_no_score_and_no_total(
    training, django_assert_max_num_queries
):
    training.row.refresh_from_db()
    with django_assert_max_num_queries(30) as captured:
        overview_of(training.row)
        rows_of([training.row], user=training.admin, leads={training.row.project_id})
    read = " ".join(query["sql"] for query in captured.captured_queries)
    assert "benchmarks_annotatorscore" in read
    for table in ("benchmarks_taskscore", "benchmarks_criteriontotal", "benchmarks_evaluationlabel"):
        assert table not in read


def test_totals_of_publications_that_nobody_reads_any_more_are_thrown_away(training):
    for cost in (0.5, 0.6, 0.7):
        training.row.refresh_from_db()
        function = training.new_function(extra_cost=cost)
        run_job(start_recalculation(training=training.row, actor=training.admin, function=function).pk)
    kept = set(AnnotatorTotal.objects.values_list("publication__number", flat=True))
    assert kept == {3, 4}
    assert AnnotatorScore.objects.filter(publication__number=1).exists()


def test_adding_up_again_changes_nothing(training):
    add_up_again(training.row.publication)
    assert_sums_are_right(training)


def test_insert_rows_refuses_what_is_no_number(training):
    evaluation = Evaluation.objects.first()
    with pytest.raises(ValueError, match="not finite"):
        insert_rows(
            CriterionTotal,
            ("evaluation_id", "criterion", "value_sum", "count"),
            [(evaluation.pk, "x", float("nan"), 1.0)],
        )
