"""What is stored is what a second, naive scorer finds: after submitting, new weights, new settings, new gold, as CSV.

The naive scorer (tests/scoring/naive.py) is plain Python and shares no code with the engine or the database.
"""

import csv
import io
import json
import random
import threading
import time
from collections import defaultdict

import pytest
from django.db import connection

from benchmarks.csv_export import label_csv
from benchmarks.evaluation import evaluate, evaluations_of
from benchmarks.models import (
    CriterionTotal,
    Evaluation,
    EvaluationLabel,
    GoldTask,
    Publication,
    TaskCopy,
    TaskScore,
    TrainingProject,
)
from benchmarks.publications import start_recalculation
from benchmarks.results import overview_of
from datasets.models import FileKind
from jobs.jobs import run_job
from jobs.models import Job, RowState
from labels.models import Submission
from tests.benchmarks.scenarios import Training, make_training
from tests.factories import GoldTaskFactory, GoldVersionFactory
from tests.reliability.conftest import at_once
from tests.scoring.naive import naive_score
from tests.scoring.random_tasks import EVERY_SHAPE, SMALL, any_copy, any_function, any_side

NAMES = ["1", "2", "10", "-3", "a", "b", "B", "c1", "x9", "zz", "33", "q", "44", "p", "7"]
FRAMES = (1, 1, 3, 2, 1, 3)
COMPARISON = (
    *("min_overlap", "near_miss", "small_side", "full_marks"),
    *("ordered", "tolerance", "line_width", "point_tolerance"),
)


def storable(document):
    """No database stores NaN; the engine's own tests have it."""
    return json.loads(json.dumps(document).replace("NaN", "0.3"))


def gold_document(rng, frames):
    return storable(any_side(rng, frames, NAMES))


def submitted_document(rng, gold, frames):
    return storable(any_copy(rng, gold, frames, NAMES))


def settings_of(seed):
    """A random function file, as the naive scorer and the product read it."""
    return any_function(random.Random(seed))


class Recomputed:
    """A training project of every shape, whose function files are kept beside it for the naive scorer."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        gold = [gold_document(self.rng, frames) for frames in FRAMES]
        tracks = {"track:red": 30, "track:mask": 10, "attribute:kind=k1": 80}
        self.settings = {1: {"line_width": 0.05, "full_marks": {"mask": 0.8}, "weights": tracks}}
        self.made = make_training(
            *gold, settings=self.settings[1], project__ontology_version__structure=EVERY_SHAPE
        )
        for item, frames in zip(self.made.items, FRAMES, strict=True):
            item.file.width, item.file.height = SMALL
            item.file.kind = FileKind.IMAGE if frames == 1 else FileKind.VIDEO
            item.file.frame_count = frames
            item.file.save()

    def hand_in(self, people: int) -> None:
        for _ in range(people):
            person = self.made.trainee()
            for item, frames in zip(self.made.items, FRAMES, strict=True):
                gold = GoldTask.objects.get(item=item, version__number=1).document
                self.made.submit(person, item, submitted_document(self.rng, gold, frames))

    def new_function(self, settings):
        function = self.made.new_function(**settings)
        self.settings[function.number] = settings
        return function

    def new_gold(self):
        """Another expert's gold for every item, as a version of its own."""
        version = GoldVersionFactory(training=self.made.row, number=2)
        for item, frames in zip(self.made.items, FRAMES, strict=True):
            GoldTaskFactory(version=version, item=item, document=gold_document(self.rng, frames))
        return version

    def publish(self, **asked) -> None:
        job = start_recalculation(training=self.made.row, actor=self.made.admin, **asked)
        run_job(job.pk)
        job.refresh_from_db()
        assert job.state == RowState.DONE, job.error
        self.made.row = TrainingProject.objects.get(pk=self.made.row.pk)

    def naive(self, evaluation: Evaluation, function_number: int):
        sizes = [SMALL] * evaluation.submission.task.file.frame_count
        return naive_score(
            EVERY_SHAPE,
            self.settings[function_number],
            evaluation.gold_task.document,
            evaluation.submission.document,
            sizes,
        )


@pytest.fixture
def project(db) -> Recomputed:
    made = Recomputed(29)
    made.hand_in(4)
    return made


def rows_of(training: Training) -> list[Evaluation]:
    publication = training.row.publication
    return list(
        evaluations_of(publication).select_related(
            "gold_task", "submission__task__file", "copy__annotator", "copy__item__file"
        )
    )


def assert_everything_stored_is_what_the_naive_scorer_finds(project: Recomputed) -> None:
    """Scores, outcomes of labels, totals, the annotators' table and the CSV, of the publication that pages read."""
    publication = project.made.row.publication
    number = publication.function.number
    rows = rows_of(project.made)
    assert len(rows) == Submission.objects.count()
    by_person: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    by_task: dict[tuple[str, str], tuple[float, float]] = {}
    for row in rows:
        assert row.state == RowState.DONE, row.error
        earned, available, outcomes = project.naive(row, number)
        stored = row.scores.get(function=publication.function)
        assert (stored.earned, stored.available) == pytest.approx((earned, available), abs=1e-6)
        labels = EvaluationLabel.objects.filter(evaluation=row)
        found = [(one.frame, one.outcome, one.gold_id or None, one.submitted_id or None) for one in labels]
        assert sorted(found, key=str) == outcomes
        weights = dict(publication.function.weights.values_list("criterion", "weight"))
        totals = CriterionTotal.objects.filter(evaluation=row)
        assert sum(one.value_sum * weights[one.criterion] for one in totals) == pytest.approx(
            earned, abs=1e-6
        )
        assert sum(one.count * weights[one.criterion] for one in totals) == pytest.approx(available, abs=1e-6)
        by_person[row.copy.annotator.email].append((earned, available))
        by_task[row.copy.annotator.email, str(row.copy.task.uuid)] = (earned, available)
    shown = {
        one.annotator.email: (one.points.earned, one.points.available)
        for one in overview_of(project.made.row).annotators
    }
    for person, tasks in by_person.items():
        assert shown[person] == pytest.approx(tuple(map(sum, zip(*tasks, strict=True))), abs=1e-6)
    in_file = points_in_csv(project.made.row)
    for task, points in by_task.items():
        assert in_file.get(task, (0.0, 0.0)) == pytest.approx(points, abs=1e-6)
    assert in_file.keys() <= by_task.keys()


def points_in_csv(training: TrainingProject) -> dict[tuple[str, str], tuple[float, float]]:
    """(earned, available) by (e-mail, task), from the values and weights of the downloaded file alone."""
    text = "".join(label_csv(training)).removeprefix("\ufeff")
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for line in csv.DictReader(io.StringIO(text)):
        pairs = [
            (float(line[f"{name}_value"]), float(line[f"{name}_weight"]))
            for name in ("iou", "category", "track", "classification")
            if line[f"{name}_value"]
        ]
        pairs += json.loads(line["attributes"] or "{}").values()
        pairs += [(0.0, float(line["extra_weight"]))] if line["extra_weight"] else []
        earned, available = sum(value * weight for value, weight in pairs), sum(weight for _, weight in pairs)
        assert float(line["earned"]) == pytest.approx(earned, abs=1e-9)
        assert float(line["available"]) == pytest.approx(available, abs=1e-9)
        task = found[line["email"], line["task"]]
        task[0] += earned
        task[1] += available
    return {key: (earned, available) for key, (earned, available) in found.items()}


def test_scores_of_submissions_are_the_naive_scorers(project):
    assert_everything_stored_is_what_the_naive_scorer_finds(project)
    outcomes = set(EvaluationLabel.objects.values_list("outcome", flat=True))
    assert outcomes >= {"matched", "wrong_category", "imprecise", "missing", "duplicate", "extra"}


def test_scores_after_new_weights_are_the_naive_scorers(project):
    labels = sorted(EvaluationLabel.objects.values_list("pk", flat=True))
    for seed in (101, 102, 103):
        settings = {key: one for key, one in settings_of(seed).items() if key not in COMPARISON}
        settings |= {key: one for key, one in project.settings[1].items() if key in COMPARISON}
        project.publish(function=project.new_function(settings))
        assert_everything_stored_is_what_the_naive_scorer_finds(project)
    assert len({project.settings[number].get("extra_cost") for number in project.settings}) > 1
    # From totals alone: no label was compared or written again.
    assert sorted(EvaluationLabel.objects.values_list("pk", flat=True)) == labels


def test_scores_after_new_comparison_settings_are_the_naive_scorers(project):
    for seed in (104, 105):
        project.publish(function=project.new_function(settings_of(seed)))
        assert_everything_stored_is_what_the_naive_scorer_finds(project)
    assert Evaluation.objects.count() == 3 * Submission.objects.count()


def test_scores_after_new_gold_are_the_naive_scorers(project):
    before = dict(TaskScore.objects.values_list("evaluation__submission", "earned"))
    project.publish(function=project.made.row.publication.function, gold_version=project.new_gold())
    assert_everything_stored_is_what_the_naive_scorer_finds(project)
    after = {row.submission_id: row.scores.get().earned for row in rows_of(project.made)}
    assert after.keys() == before.keys()
    assert after != before


@pytest.mark.django_db(transaction=True)
def test_scores_are_the_naive_scorers_while_submissions_arrive_and_functions_change(queue):
    """Two people submit, two workers score, somebody publishes; whatever is stored at any moment is right."""
    project = Recomputed(33)
    people = [project.made.trainee() for _ in range(2)]
    work = {
        person.pk: [
            (copy, submitted_document(project.rng, GoldTask.objects.get(item=copy.item).document, frames))
            for copy, frames in zip(copies_of(person), FRAMES, strict=True)
        ]
        for person in people
    }
    functions = [project.new_function(settings_of(seed)) for seed in (104, 106, 107)]
    over = threading.Event()
    checked: set[tuple[int, int]] = set()

    def submits(person):
        def run() -> None:
            for copy, document in work[person.pk]:
                project.made.submit_copy(copy, document, evaluated=False)
                time.sleep(0.05)

        return run

    def scores() -> None:
        while not over.is_set():
            for pk in Evaluation.objects.filter(state=RowState.PENDING).values_list("pk", flat=True)[:5]:
                evaluate(pk)
            time.sleep(0.01)

    def publishes() -> None:
        try:
            for function in functions:
                job = start_recalculation(
                    training=project.made.row, actor=project.made.admin, function=function
                )
                run_job(job.pk)
                time.sleep(0.1)
        finally:
            over.set()

    def reads() -> None:
        while not over.is_set():
            check_stored_scores(project, checked)
            time.sleep(0.02)

    at_once([*map(submits, people), scores, scores, publishes, reads])
    while waiting := list(Evaluation.objects.filter(state=RowState.PENDING).values_list("pk", flat=True)):
        for pk in waiting:
            evaluate(pk)
    check_stored_scores(project, checked)
    assert set(Job.objects.values_list("state", flat=True)) == {RowState.DONE}
    assert Publication.objects.filter(training=project.made.row).count() == 1 + len(functions)
    assert Submission.objects.count() == 2 * len(FRAMES)
    project.made.row = TrainingProject.objects.get(pk=project.made.row.pk)
    assert_everything_stored_is_what_the_naive_scorer_finds(project)
    connection.close()


def copies_of(person) -> list[TaskCopy]:
    """In the order of FRAMES."""
    return list(
        TaskCopy.objects.filter(annotator=person)
        .select_related("task__file", "item", "annotator")
        .order_by("item__position")
    )


def check_stored_scores(project: Recomputed, checked: set[tuple[int, int]]) -> None:
    """Every score that is stored now, of any publication, is the naive one; each is checked once."""
    stored = TaskScore.objects.select_related(
        "function", "evaluation__gold_task", "evaluation__submission__task__file"
    )
    for score in stored:
        key = (score.evaluation_id, score.function_id)
        if key not in checked:
            earned, available, _ = project.naive(score.evaluation, score.function.number)
            assert (score.earned, score.available) == pytest.approx((earned, available), abs=1e-6)
            checked.add(key)
