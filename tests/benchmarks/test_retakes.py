"""Another try at a task: a new copy with the next attempt number; the latest submitted attempt counts."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEvent
from benchmarks.models import TaskCopy
from benchmarks.operations.enrolment import NotAnAnnotator, RetakeRefused, grant_retake, withdraw_copy
from benchmarks.results import overview_of
from labels.models import Submission
from projects.models import Role, Task
from projects.workflow import Move, advance
from tests.benchmarks.scenarios import make_training
from tests.benchmarks.worlds import make_world
from tests.factories import box_document

pytestmark = pytest.mark.django_db

LEFT, RIGHT = (0.1, 0.1, 0.3, 0.4), (0.6, 0.5, 0.3, 0.4)


@pytest.fixture
def world():
    return make_world(items=3)


def submitted_copy(world, person):
    copy = world.copies(person)[0]
    advance(copy.task, Move.SUBMIT, actor=person)
    return copy


def address(project, name, *ids):
    return reverse(f"benchmarks:{name}", args=[project.organisation.slug, project.uuid, *ids])


def test_a_retake_is_a_new_empty_copy_at_the_end_of_the_queue(world):
    person = world.join()
    copy = submitted_copy(world, person)

    retake = grant_retake(copy=copy, actor=world.admin)

    assert (retake.item, retake.annotator, retake.attempt) == (copy.item, person, 2)
    assert (retake.task.state, retake.task.assignee, retake.task.file) == ("assigned", person, copy.task.file)
    assert world.copies(person)[-1] == retake
    assert Task.objects.get(pk=copy.task_id).state == "submitted"
    event = AuditEvent.objects.get(action="grant retake")
    assert (event.actor, event.after["attempt"]) == (world.admin, 2)


def test_every_further_retake_has_the_next_number_whichever_attempt_it_is_asked_for(world):
    person = world.join()
    first = submitted_copy(world, person)
    second = grant_retake(copy=first, actor=world.admin)
    advance(second.task, Move.SUBMIT, actor=person)

    assert grant_retake(copy=first, actor=world.admin).attempt == 3


def test_only_a_submitted_copy_can_be_taken_again(world):
    copy = world.copies(world.join())[0]
    with pytest.raises(RetakeRefused, match="Only a submitted task"):
        grant_retake(copy=copy, actor=world.admin)


def test_a_second_retake_is_refused_while_one_is_open_or_withdrawn(world):
    copy = submitted_copy(world, world.join())
    retake = grant_retake(copy=copy, actor=world.admin)

    with pytest.raises(RetakeRefused, match="already has a retake"):
        grant_retake(copy=copy, actor=world.admin)
    withdraw_copy(copy=retake, actor=world.admin)
    with pytest.raises(RetakeRefused, match="Restore it"):
        grant_retake(copy=copy, actor=world.admin)
    assert TaskCopy.objects.filter(attempt=2).count() == 1


def test_somebody_who_left_gets_no_retake(world):
    person = world.join()
    copy = submitted_copy(world, person)
    world.leave(person)
    with pytest.raises(NotAnAnnotator):
        grant_retake(copy=copy, actor=world.admin)


def test_a_sync_of_the_team_adds_no_copy_beside_a_retake(world):
    person = world.join()
    grant_retake(copy=submitted_copy(world, person), actor=world.admin)
    world.sync(person)
    assert len(world.copies(person)) == 4


def test_overview_counts_the_latest_submitted_attempt():
    training = make_training(box_document(LEFT, RIGHT), box_document(LEFT, RIGHT))
    person = training.trainee()
    first = training.submit(person, training.items[0], box_document(LEFT)).task.copy

    def figures():
        row = overview_of(training.row).annotators[0]
        return row.tasks, row.submitted, row.points.percent

    assert figures() == (2, 1, 50.0)
    retake = grant_retake(copy=first, actor=training.admin)
    assert figures() == (2, 1, 50.0)

    training.submit_copy(retake, box_document(LEFT, RIGHT))

    assert Submission.objects.count() == 2
    assert figures() == (2, 1, 100.0)


def test_lists_count_a_task_once_however_often_it_is_taken(client, world):
    person = world.join()
    copy = submitted_copy(world, person)
    advance(grant_retake(copy=copy, actor=world.admin).task, Move.SUBMIT, actor=person)
    client.force_login(world.admin)

    rows = client.get(reverse("benchmarks:projects", args=[world.project.organisation.slug]))
    data = client.get(address(world.project, "data"))

    assertContains(rows, "<strong>1</strong> of 3")
    assert sorted((item.copy_count, item.submitted or 0) for item in data.context["items"]) == [
        (1, 0),
        (1, 0),
        (1, 1),
    ]


def test_a_lead_presses_the_button_twice(client, world):
    person = world.join(name="Mei Tanaka")
    copy = submitted_copy(world, person)
    client.force_login(world.join(Role.TEAM_MANAGER))
    url = address(world.project, "grant_retake", copy.task.uuid)
    page = client.get(address(world.project, "activity"))
    assertContains(page, f'action="{url}"')
    assertContains(page, "Grant a retake?")

    assertContains(client.post(url, follow=True), "Mei Tanaka has the task again, as attempt 2.")
    again = client.post(url, follow=True)

    assertRedirects(again, address(world.project, "activity"))
    assertContains(again, "already has a retake of this task")
    assert TaskCopy.objects.filter(attempt=2).count() == 1


def test_the_trainee_starts_the_retake_and_sees_no_button(client, world):
    person = world.join()
    retake = grant_retake(copy=submitted_copy(world, person), actor=world.admin)
    client.force_login(person)
    url = address(world.project, "grant_retake", retake.task.uuid)

    assert client.post(url).status_code == 403
    assertNotContains(client.get(address(world.project, "queue")), "Grant a retake")
    assert client.get(address(world.project, "annotate", retake.task.uuid)).status_code == 200


def test_the_average_of_a_gold_item_counts_the_latest_attempt_only(client):
    training = make_training(box_document(LEFT, RIGHT))
    first = training.submit(training.trainee(), training.items[0], box_document(LEFT)).task.copy
    client.force_login(training.admin)

    def average():
        [item] = client.get(address(training.row.project, "data")).context["items"]
        return item.share

    assert average() == pytest.approx(0.5)
    training.submit_copy(grant_retake(copy=first, actor=training.admin), box_document(LEFT, RIGHT))
    assert average() == pytest.approx(1.0)
