"""A submission that was acknowledged is scored once, whatever happens to Redis, to tabs and to sessions."""

import time
import uuid

import pytest
from django.contrib.sessions.models import Session

from benchmarks.models import Evaluation, TaskScore
from benchmarks.operations.enrolment import restore_copy, withdraw_copy
from jobs.models import RowState
from jobs.sweeper import sweep
from labels.documents import document_of_task
from labels.models import Submission
from tests.benchmarks.worlds import make_world
from tests.reliability.conftest import at_once, body, browser_of, send

BOX = (0.1, 0.1, 0.2, 0.2)  # the gold of every item in `make_world`
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return make_world(items=4)


@pytest.mark.alone
def test_with_redis_killed_a_submit_answers_within_a_second_and_is_scored_when_it_is_back(
    world, own_redis, work_off, settings
):
    trainee = world.join()
    browser = browser_of(trainee)
    first, *others = [copy.task for copy in world.copies(trainee)]
    assert send(browser, "submit", first, body(BOX)).status_code == 200
    own_redis.process.kill()
    own_redis.process.wait()
    for task in others:
        began = time.monotonic()
        answer = send(browser, "submit", task, body(BOX))
        assert time.monotonic() - began < 1
        assert answer.status_code == 200
    assert Evaluation.objects.filter(state=RowState.PENDING).count() == 4
    with own_redis:
        settings.JOB_RING_AGAIN_S = -1
        sweep()
        work_off()
    assert set(Evaluation.objects.values_list("state", flat=True)) == {RowState.DONE}
    # One gold box, found exactly: overlap 100 + category 100.
    assert [score.earned for score in TaskScore.objects.all()] == pytest.approx([200.0] * 4)


def test_a_flushed_redis_loses_no_submission(world, queue, work_off, settings):
    trainee = world.join()
    browser = browser_of(trainee)
    for copy in world.copies(trainee):
        assert send(browser, "submit", copy.task, body(BOX)).status_code == 200
    assert queue.count == 4
    queue.connection.flushall()
    settings.JOB_RING_AGAIN_S = -1
    assert sweep() == 4
    work_off()
    assert Evaluation.objects.filter(state=RowState.DONE, run=1).count() == TaskScore.objects.count() == 4


@pytest.mark.parametrize("same_key", [True, False])
def test_eight_posts_of_one_submit_are_one_submission_and_one_evaluation(world, queue, work_off, same_key):
    trainee = world.join()
    task = world.copies(trainee)[0].task
    key = uuid.uuid4()
    browsers = [browser_of(trainee) for _ in range(8)]
    content = [body(BOX, key=key if same_key else None) for _ in browsers]

    answers = at_once(
        [
            lambda n=n, browser=browser: send(browser, "submit", task, content[n])
            for n, browser in enumerate(browsers)
        ]
    )

    accepted = [answer.json()["submitted_at"] for answer in answers if answer.status_code == 200]
    refused = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert (len(accepted), len(refused)) == ((8, 0) if same_key else (1, 7))
    assert len(set(accepted)) == 1
    assert set(refused) <= {"already_submitted"}
    work_off()
    assert (Submission.objects.count(), Evaluation.objects.count(), TaskScore.objects.count()) == (1, 1, 1)


def test_a_session_that_expires_before_submit_loses_nothing_and_the_same_key_still_counts_once(world, queue):
    trainee = world.join()
    task = world.copies(trainee)[0].task
    browser = browser_of(trainee)
    assert send(browser, "save", task, body(BOX)).json()["revision"] == 1
    Session.objects.all().delete()
    last = body(revision=1)
    refused = send(browser, "submit", task, last)
    assert (refused.status_code, refused.json()["error"]) == (401, "login")
    assert not Submission.objects.exists()
    browser.force_login(trainee)
    answers = [send(browser, "submit", task, last) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(Submission.objects.get().document["objects"]) == 1


def test_a_task_withdrawn_while_its_editor_is_open_refuses_and_keeps_the_draft_for_its_return(world, queue):
    trainee = world.join()
    copy = world.copies(trainee)[0]
    browser = browser_of(trainee)
    send(browser, "save", copy.task, body(BOX))
    copy.task.refresh_from_db()
    withdraw_copy(copy=copy, actor=world.admin)
    for name in ("save", "submit"):
        refused = send(browser, name, copy.task, body((0.5, 0.5, 0.1, 0.1), revision=1))
        # A withdrawn copy does not exist for its annotator; the editor keeps the draft on 404 as it does on 409.
        assert (refused.status_code, refused.json()["error"]) == (404, "not_found")
    assert not Submission.objects.exists()
    restore_copy(copy=copy, actor=world.admin)
    document, revision = document_of_task(copy.task)
    assert (len(document["objects"]), revision) == (1, 1)
    assert send(browser, "submit", copy.task, body(revision=1)).status_code == 200


def test_a_stale_tab_cannot_submit_over_what_another_tab_saved(world, queue):
    trainee = world.join()
    task = world.copies(trainee)[0].task
    browser, other_tab = browser_of(trainee), browser_of(trainee)
    send(other_tab, "save", task, body(BOX))
    stale = send(browser, "submit", task, body((0.5, 0.5, 0.1, 0.1)))
    assert (stale.status_code, stale.json()["error"], stale.json()["revision"]) == (409, "stale", 1)
    assert len(stale.json()["document"]["objects"]) == 1
    assert not Submission.objects.exists()
