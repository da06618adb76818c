"""What the editor asks while reviewing and while seeing to issues."""

import json

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from labels.models import Label, LabelRow
from projects.models import TaskState
from reviews.models import Issue
from reviews.operations import judge
from tests.factories import box
from tests.reviews.test_rounds import (  # noqa: F401 the fixture
    hand_in,
    reject,
    statuses,
    submitted,
    take,
    world,
)

pytestmark = pytest.mark.django_db


def send(world, who, name, identifier, **body):  # noqa: F811
    return world.client(who).post(
        reverse(f"reviews:{name}", args=[world.organisation.slug, identifier]),
        json.dumps(body),
        content_type="application/json",
        headers={"accept": "application/json"},
    )


def config_of(response) -> dict:
    return response.context["editor_config"]


def test_starting_opens_the_editor_in_review_mode_with_what_is_to_judge(world):  # noqa: F811
    submitted(world, "a", "b")
    client = world.client("reviewer")
    page = client.post(
        reverse("reviews:start", args=[world.organisation.slug, world.project.uuid]), follow=True
    )
    config = config_of(page)
    assert config["mode"] == "review"
    assert [one["id"] for one in config["review"]["labels"]] == ["a", "b"]
    assert {one["id"] for one in config["document"]["objects"]} == {"a", "b"}


def test_an_empty_queue_says_so(world):  # noqa: F811
    page = world.client("reviewer").post(
        reverse("reviews:start", args=[world.organisation.slug, world.project.uuid]), follow=True
    )
    assert "The queue is empty" in page.content.decode()


def test_judging_answers_with_the_state_and_at_the_end_with_the_next_review(world):  # noqa: F811
    submitted(world, "a", "b")
    other = submitted(world, "c")
    review = take(world)
    first = send(world, "reviewer", "judge", review.task.uuid, labels=["a"], verdict="approved").json()
    assert first["next_url"] is None
    assert [one["verdict"] for one in first["review"]["labels"]] == ["approved", ""]
    last = send(
        world, "reviewer", "judge", review.task.uuid, labels=["b"], verdict="rejected", reason="late"
    ).json()
    assert last["next_url"] == reverse(
        "reviews:review", args=[world.organisation.slug, other.reviews.get().task.uuid]
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"labels": ["a"], "verdict": "rejected"}, 409),
        ({"labels": ["nobody's"], "verdict": "approved"}, 409),
        ({"labels": "a", "verdict": "approved"}, 422),
        ({"labels": [1], "verdict": "approved"}, 422),
        ({"labels": ["a"], "verdict": 1}, 422),
        ({"labels": ["a"], "verdict": "approved", "frame": -1}, 422),
        ({"labels": [], "verdict": "approved"}, 409),
    ],
)
def test_a_judgement_that_cannot_be_is_refused_and_nothing_changes(world, body, status):  # noqa: F811
    task = submitted(world, "a")
    answer = send(world, "reviewer", "judge", take(world).task.uuid, **body)
    assert answer.status_code == status
    assert statuses(task) == {"a": "in_review"}


def test_a_reviewer_moves_a_box_and_it_stays_in_review(world):  # noqa: F811
    task = submitted(world, "a")
    review, revision = take(world), LabelRow.objects.get(task=task).revision
    moved = {
        "instance": "a",
        "frame": 0,
        "geometry": box(0.2, 0.2, 0.3, 0.4),
        "keyframe": True,
        "answers": {},
    }
    answer = send(
        world,
        "reviewer",
        "save",
        review.task.uuid,
        revision=revision,
        upserts={"instances": [], "labels": [moved]},
        deletes={},
    )
    assert answer.status_code == 200, answer.content
    assert Label.objects.get().geometry == moved["geometry"]
    assert statuses(task) == {"a": "in_review"}
    assert AuditEvent.objects.get(action="correct labels").actor == world.people["reviewer"]


@pytest.mark.parametrize(
    "change",
    [
        {"deletes": {"instances": ["a"]}},
        {"deletes": {"labels": [["a", 0]]}},
        {"upserts": {"instances": [{"id": "new", "kind": "object", "node": "x", "answers": {}}]}},
        {"upserts": {"instances": [{"id": "a", "kind": "object", "node": "other", "answers": {}}]}},
        {
            "upserts": {
                "labels": [{"instance": "a", "frame": 0, "geometry": {"type": "point", "x": 0.5, "y": 0.5}}]
            }
        },
    ],
)
def test_a_reviewer_adds_deletes_and_retypes_nothing(world, change):  # noqa: F811
    task = submitted(world, "a")
    revision = LabelRow.objects.get(task=task).revision
    body = {"revision": revision, "upserts": {}, "deletes": {}} | change
    answer = send(world, "reviewer", "save", take(world).task.uuid, **body)
    assert answer.status_code == 422
    assert LabelRow.objects.get(task=task).revision == revision


def test_issues_stand_in_the_annotators_editor_and_block_until_resolved(world):  # noqa: F811
    task = submitted(world, "a")
    reject(take(world), world.people["reviewer"], "a", reason="cuts off the rim")
    client = world.client("annotator")
    opened = client.get(reverse("labels:annotate", args=[world.organisation.slug, task.uuid]))
    (issue,) = config_of(opened)["issues"]
    assert (issue["reason"], issue["instance"], issue["resolved"]) == ("cuts off the rim", "a", False)
    revision = config_of(opened)["revision"]
    body = {"revision": revision, "upserts": {}, "deletes": {}, "key": "4b0d9b0e-7f0e-4f3a-9d55-0d6b1c1f0a11"}
    submit = reverse("labels:submit", args=[world.organisation.slug, task.uuid])
    refused = client.post(submit, json.dumps(body), content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (422, "unresolved")
    assert send(world, "annotator", "resolve", issue["id"], resolved=True).json()["resolved"] is True
    assert client.post(submit, json.dumps(body), content_type="application/json").status_code == 200
    task.refresh_from_db()
    assert task.state == TaskState.IN_REVIEW


def test_issues_are_told_to_nobody_while_the_task_is_not_returned(world):  # noqa: F811
    task = submitted(world, "a", "b")
    review = take(world)
    send(world, "reviewer", "missing", review.task.uuid, frame=0, reason="one at the rim")
    assert Issue.objects.get().reason == "one at the rim"
    view = world.client("manager").get(reverse("labels:view", args=[world.organisation.slug, task.uuid]))
    assert config_of(view)["issues"] == []


def test_a_free_review_can_be_initiated_once(world):  # noqa: F811
    task = submitted(world, "a")
    review_task = task.reviews.get().task
    url = reverse("reviews:initiate", args=[world.organisation.slug, review_task.uuid])
    editor = reverse("reviews:review", args=[world.organisation.slug, review_task.uuid])
    assert world.client("reviewer").post(url).url == editor
    assert world.client("manager").post(url).url != editor


def test_the_annotator_cannot_judge(world):  # noqa: F811
    submitted(world, "a")
    review = take(world)
    answer = send(world, "annotator", "judge", review.task.uuid, labels=["a"], verdict="approved")
    assert answer.status_code in (403, 404)
    judge(review=review, actor=world.people["reviewer"], identifiers=["a"], verdict="approved")
