"""kill -9 of a worker in the middle of an evaluation: it is done again, and written once."""

import math
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import scoring
from benchmarks.evaluation import compare_row, kernel_function
from benchmarks.models import AnnotatorScore, CriterionTotal, Evaluation, EvaluationLabel, TaskScore
from benchmarks.publications import start_recalculation
from jobs.models import Job, RowState
from jobs.sweeper import sweep
from tests.benchmarks.scenarios import make_training
from tests.factories import PLATELET
from tests.jobs.conftest import wait_until

pytestmark = [pytest.mark.alone, pytest.mark.django_db(transaction=True)]


def slow_document(count: int, shift: float = 0.0) -> dict[str, Any]:
    """Stars of a thousand vertices, all over each other: honest work for seconds."""

    def star(number: int) -> list[list[float]]:
        x, y = 0.4 + shift + 0.003 * number, 0.5
        return [
            [x + radius * math.cos(angle), y + radius * math.sin(angle)]
            for n in range(1000)
            for angle, radius in [(2 * math.pi * n / 1000, 0.3 if n % 2 else 0.1)]
        ]

    def item(number: int) -> dict[str, Any]:
        geometry = {"type": "polygon", "parts": [[star(number)]]}
        label = {"frame": 0, "geometry": geometry, "keyframe": True, "answers": {}}
        return {"id": f"o{number}", "node": PLATELET, "answers": {}, "labels": [label]}

    return {"objects": [item(number) for number in range(count)], "classifications": []}


def children_of(parent: int) -> list[int]:
    """Process ids whose parent is this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def test_a_worker_killed_during_an_evaluation_is_replaced_and_the_facts_are_written_once(
    queue, start_worker, settings
):
    settings.JOB_LEASE_S = 2
    gold, drawn = slow_document(7), slow_document(7, shift=0.001)
    training = make_training(gold)
    worker = start_worker(ANNOTRAIN_JOB_LEASE_S="2")
    training.submit(training.trainee(), training.items[0], drawn, evaluated=False)
    wait_until(lambda: Evaluation.objects.get().state == RowState.RUNNING)
    horses = children_of(worker.pid)
    for pid in (worker.pid, *horses):
        os.kill(pid, signal.SIGKILL)
    assert horses, "the evaluation was over before it could be killed"
    assert Evaluation.objects.get().state == RowState.RUNNING
    assert not EvaluationLabel.objects.exists()

    second = start_worker(ANNOTRAIN_JOB_LEASE_S="2")
    wait_until(lambda: sweep() or Evaluation.objects.get().state == RowState.DONE, patience_s=60)
    wait_until(lambda: Evaluation.objects.get().state == RowState.DONE, patience_s=60)
    wait_until(
        lambda: not children_of(second.pid)
    )  # the horse ends by itself; the fixture knows only its parent

    row = Evaluation.objects.select_related(
        "gold_task", "submission__task__file", "training__publication"
    ).get()
    assert row.run >= 2
    facts = compare_row(row)
    assert row.labels.count() == len(facts.labels)
    assert CriterionTotal.objects.count() == len(facts.totals)
    earned, available = scoring.score(facts.totals, kernel_function(row.training.publication.function))
    score = TaskScore.objects.get()
    assert (score.earned, score.available) == (pytest.approx(earned), pytest.approx(available))


def test_a_worker_killed_while_everything_is_compared_again_loses_nothing(queue, start_worker, settings):
    settings.JOB_LEASE_S = 2
    training = make_training(slow_document(5))
    submissions = [
        training.submit(training.trainee(), training.items[0], slow_document(5, shift=0.001 * number))
        for number in range(1, 4)
    ]
    before = training.row.publication
    strict = training.new_function(min_overlap={"area": 0.95})
    job = start_recalculation(training=training.row, actor=training.admin, function=strict)
    again = Evaluation.objects.filter(comparison_key=strict.comparison_key)
    worker = start_worker(ANNOTRAIN_JOB_LEASE_S="2")
    wait_until(lambda: again.filter(state=RowState.RUNNING).exists())
    for pid in (worker.pid, *children_of(worker.pid)):
        os.kill(pid, signal.SIGKILL)
    assert not Job.objects.filter(pk=job.pk, state=RowState.DONE).exists()
    training.row.refresh_from_db()
    assert training.row.publication == before
    assert TaskScore.objects.count() == len(submissions)

    second = start_worker(ANNOTRAIN_JOB_LEASE_S="2")
    wait_until(lambda: sweep() or Job.objects.get(pk=job.pk).state == RowState.DONE, patience_s=60)
    wait_until(lambda: Job.objects.get(pk=job.pk).state == RowState.DONE, patience_s=90)
    wait_until(lambda: not children_of(second.pid))

    training.row.refresh_from_db()
    published = training.row.publication
    assert published.function == strict
    assert set(again.values_list("state", flat=True)) == {RowState.DONE}
    kernel = kernel_function(strict)
    for row in again:
        earned, available = scoring.score(compare_row(row).totals, kernel)
        score = row.scores.get(function=strict)
        assert (score.earned, score.available) == (pytest.approx(earned), pytest.approx(available))
    assert sum(AnnotatorScore.objects.filter(publication=published).values_list("tasks", flat=True)) == 3
