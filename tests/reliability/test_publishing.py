"""Re-calculate while people submit and workers score: every submission is published, no score mixes generations."""

import random
import threading
import time

import pytest
from django.db import connection, transaction

import scoring
from benchmarks.evaluation import compare_row, evaluate, evaluations_of, kernel_function
from benchmarks.models import Evaluation, Publication, TaskScore
from benchmarks.publications import start_recalculation
from benchmarks.results import overview_of
from jobs.jobs import run_job
from jobs.models import Job, RowState
from labels.models import Submission
from labels.operations import submit_task
from tests.benchmarks.scenarios import make_training
from tests.factories import CELL, box_document
from tests.reliability.conftest import at_once, body

pytestmark = pytest.mark.django_db(transaction=True)

LEFT, RIGHT = (0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4)


def jittered(rng: random.Random) -> list[tuple[float, ...]]:
    """Most of the gold boxes, moved by up to a sixth of their size."""
    return [
        tuple(value + rng.uniform(-0.05, 0.05) for value in corners)
        for corners in (LEFT, RIGHT)
        if rng.random() < 0.9
    ]


def hand_in(task, person, boxes) -> Submission:
    """Submit as the editor does, by the operation."""
    diff = body(*boxes)
    return submit_task(
        task=task,
        actor=person,
        key=diff["key"],
        revision=0,
        upserts=diff["upserts"],
        deletes=diff["deletes"],
    )


def work_off_by_hand() -> None:
    """Evaluate what is pending until nothing is."""
    while waiting := list(
        Evaluation.objects.filter(state=RowState.PENDING).order_by("pk").values_list("pk", flat=True)
    ):
        for pk in waiting:
            evaluate(pk)


def assert_published_scores_are_the_kernels(training) -> None:
    """Every submission has one score in the publication, and it is what comparing it again gives."""
    training.row.refresh_from_db()
    publication = training.row.publication
    kernel = kernel_function(publication.function)
    published = evaluations_of(publication).select_related("gold_task", "submission__task__file")
    assert sorted(row.submission_id for row in published) == sorted(
        Submission.objects.values_list("pk", flat=True)
    )
    for row in published:
        assert row.state == RowState.DONE, row.error
        earned, available = scoring.score(compare_row(row).totals, kernel)
        score = row.scores.get(function=publication.function_id)
        assert (score.earned, score.available) == (pytest.approx(earned), pytest.approx(available))
    for score in TaskScore.objects.select_related("function", "evaluation"):
        assert score.function.comparison_key == score.evaluation.comparison_key


@pytest.mark.parametrize(
    "settings_changed", [{"weights": {f"iou:{CELL}": 300}}, {"min_overlap": {"area": 0.9}}]
)
def test_a_submission_that_commits_while_scores_are_published_is_in_the_new_publication(
    queue, settings_changed
):
    training = make_training(box_document(LEFT, RIGHT), box_document(LEFT))
    person = training.trainee()
    training.submit(person, training.items[0], box_document(LEFT))
    late = person.tasks.get(file=training.items[1].file)
    job = start_recalculation(
        training=training.row, actor=training.admin, function=training.new_function(**settings_changed)
    )
    inside, published = threading.Event(), threading.Event()

    def submit_slowly() -> None:
        with transaction.atomic():
            hand_in(late, person, [LEFT])
            inside.set()
            published.wait(timeout=1.5)  # a publication that does not wait for this commit misses it

    def publish() -> None:
        assert inside.wait(timeout=20)
        run_job(job.pk)
        published.set()

    at_once([submit_slowly, publish])
    job.refresh_from_db()
    assert job.state == RowState.DONE, job.error
    work_off_by_hand()
    assert_published_scores_are_the_kernels(training)


def test_submitting_scoring_and_publishing_at_once_mixes_nothing_and_forgets_nobody(queue):
    rng = random.Random(11)
    training = make_training(*(box_document(LEFT, RIGHT) for _ in range(6)))
    people = [training.trainee() for _ in range(2)]
    work = {
        person.pk: [(task, jittered(rng)) for task in person.tasks.select_related("file")]
        for person in people
    }
    changes = [
        training.new_function(**settings)
        for settings in (
            {"weights": {f"iou:{CELL}": 300}},
            {"min_overlap": {"area": 0.8}},
            {"min_overlap": {"area": 0.8}, "extra_cost": 0.25},
            {"min_overlap": {"area": 0.5}},
        )
    ]
    over = threading.Event()

    def submits(person):
        def run() -> None:
            for task, boxes in work[person.pk]:
                hand_in(task, person, boxes)
                time.sleep(0.05)

        return run

    def scores() -> None:
        while not over.is_set():
            for pk in Evaluation.objects.filter(state=RowState.PENDING).values_list("pk", flat=True)[:5]:
                evaluate(pk)
            time.sleep(0.01)

    def publishes() -> None:
        try:
            for function in changes:
                job = start_recalculation(training=training.row, actor=training.admin, function=function)
                run_job(job.pk)
                time.sleep(0.05)
        finally:
            over.set()

    def reads() -> None:
        while not over.is_set():
            row = (
                type(training.row)
                .objects.select_related("project__ontology_version", "publication__function")
                .get(pk=training.row.pk)
            )
            overview = overview_of(row)
            assert overview.waiting >= 0
            assert overview.failed == 0
            time.sleep(0.02)

    at_once([*map(submits, people), scores, scores, publishes, reads])
    work_off_by_hand()
    assert set(Job.objects.values_list("state", flat=True)) == {RowState.DONE}
    assert Publication.objects.filter(training=training.row).count() == 1 + len(changes)
    assert Submission.objects.count() == 12
    assert_published_scores_are_the_kernels(training)
    connection.close()
