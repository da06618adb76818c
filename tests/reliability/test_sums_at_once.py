"""Many workers that store at once, and retakes submitted meanwhile: no deadlock, and the sums are those of the rows."""

import random

import pytest
from django.db import connection

from benchmarks.evaluation import evaluate
from benchmarks.models import Evaluation, TaskCopy
from benchmarks.operations.enrolment import grant_retake
from jobs.models import RowState
from tests.benchmarks.scenarios import make_training
from tests.benchmarks.test_sums import BOXES, assert_sums_are_right, drawn
from tests.factories import box_document
from tests.reliability.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_that_store_the_same_annotators_and_items_at_once_lose_nothing(queue):
    rng = random.Random(2)
    training = make_training(*(box_document(*BOXES) for _ in range(4)))
    people = [training.trainee() for _ in range(3)]
    for person in people:
        for item in training.items:
            training.submit(person, item, drawn(rng), evaluated=False)
    retaken = [
        grant_retake(copy=copy, actor=training.admin)
        for copy in TaskCopy.objects.filter(item=training.items[0]).select_related(
            "task__file", "item", "annotator", "training__project__organisation"
        )
    ]
    pending = list(Evaluation.objects.values_list("pk", flat=True))
    rng.shuffle(pending)
    documents = {copy.pk: drawn(rng) for copy in retaken}

    def works(number: int):
        def run() -> None:
            for pk in pending[number::4]:
                evaluate(pk)

        return run

    def submits() -> None:
        for copy in retaken:
            training.submit_copy(copy, documents[copy.pk], evaluated=False)

    at_once([*(works(number) for number in range(4)), submits])
    for pk in Evaluation.objects.filter(state=RowState.PENDING).values_list("pk", flat=True):
        assert evaluate(pk)
    assert set(Evaluation.objects.values_list("state", flat=True)) == {RowState.DONE}
    assert_sums_are_right(training)
    connection.close()
