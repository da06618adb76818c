"""What people find on the pages about reviews: the header, the queue, the activity, the quality settings."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent
from projects.models import Role, TaskState
from reviews.models import (
    ExpertStage,
    QualitySettings,
    RejectionReason,
    Review,
    ReviewerMapping,
    SamplingRate,
)
from reviews.operations import report_missing
from reviews.quality import set_mapping
from tests.factories import CELL, ProjectRoleFactory, UserFactory, box
from tests.reviews.test_rounds import reject, submitted, take, world  # noqa: F401 the fixture

pytestmark = pytest.mark.django_db


def page(world, who, name, **params):  # noqa: F811
    return world.client(who).get(reverse(name, args=[world.organisation.slug, world.project.uuid]), params)


def kinds_in(response) -> list[str]:
    return [row.kind for row in response.context["rows"]]


def move(world, who, action, *tasks, **more):  # noqa: F811
    return world.client(who).post(
        reverse("labels:move_tasks", args=[world.organisation.slug, world.project.uuid]),
        {"action": action, "task": [str(task.uuid) for task in tasks], **more},
        follow=True,
    )


def let_review(world, person):  # noqa: F811
    world.project.roles.filter(user=person).update(role=Role.ANNOTATOR_REVIEWER)


# ---------------------------------------------------------------- the header
@pytest.mark.parametrize(("who", "offered"), [("reviewer", True), ("both", True), ("annotator", False)])
def test_start_reviewing_is_offered_to_who_reviews(world, who, offered):  # noqa: F811
    submitted(world, "a")
    content = page(world, who, "labels:queue").content.decode()
    assert ("Start reviewing" in content) is offered
    assert content.count("1 free</span>") == int(offered)


# ---------------------------------------------------------------- the queue
def test_the_queue_lists_reviews_with_their_kind_and_filters_by_it(world):  # noqa: F811
    submitted(world, "a")
    assert sorted(kinds_in(page(world, "manager", "labels:queue"))) == ["Annotate", "Review"]
    assert kinds_in(page(world, "manager", "labels:queue", kind="review")) == ["Review"]
    assert kinds_in(page(world, "manager", "labels:queue", kind="expert")) == []


def test_a_review_is_initiated_from_the_queue_and_continued(world):  # noqa: F811
    submitted(world, "a")
    task = Review.objects.get().task
    content = page(world, "reviewer", "labels:queue", kind="review").content.decode()
    address = reverse("reviews:initiate", args=[world.organisation.slug, task.uuid])
    assert f'formaction="{address}"' in content
    world.client("reviewer").post(address)
    content = page(world, "reviewer", "labels:queue", kind="review").content.decode()
    assert reverse("reviews:review", args=[world.organisation.slug, task.uuid]) in content
    assert kinds_in(page(world, "both", "labels:queue", kind="review")) == []


def test_annotators_see_no_reviews_and_nobody_is_offered_their_own_work(world):  # noqa: F811
    submitted(world, "a")
    assert "Review" not in kinds_in(page(world, "annotator", "labels:queue"))
    let_review(world, world.people["annotator"])
    assert "Review" not in kinds_in(page(world, "annotator", "labels:queue"))


def test_managers_assign_and_release_tasks_and_reviews_together(world):  # noqa: F811
    submitted(world, "a")
    review, task = Review.objects.get().task, world.task()
    both = world.people["both"]
    said = move(world, "manager", "assign", task, review, assignee=str(both.uuid)).content.decode()
    assert "2 tasks assigned." in said
    for one in (task, review):
        one.refresh_from_db()
        assert (one.state, one.assignee) == (TaskState.ASSIGNED, both)
    assert "2 tasks released." in move(world, "manager", "release", task, review).content.decode()


def test_a_review_is_not_given_to_who_did_the_work_nor_outside_its_pool(world):  # noqa: F811
    submitted(world, "a")
    review = Review.objects.get().task
    annotator = world.people["annotator"]
    let_review(world, annotator)
    move(world, "manager", "assign", review, assignee=str(annotator.uuid))
    set_mapping(
        project=world.project,
        actor=world.people["admin"],
        by_node={CELL: [world.people["both"]]},
        by_annotator={},
    )
    submitted(world, "b")
    mapped = Review.objects.exclude(task=review).get().task
    move(world, "manager", "release", mapped)
    move(world, "manager", "assign", mapped, assignee=str(world.people["reviewer"].uuid))
    review.refresh_from_db()
    mapped.refresh_from_db()
    assert (review.assignee, mapped.assignee) == (None, None)


def test_adding_a_review_makes_one_for_tasks_in_review_and_leaves_others_alone(world):  # noqa: F811
    task, queued = submitted(world, "a"), world.task()
    said = move(world, "manager", "add_review", task, queued).content.decode()
    assert "1 task given another review." in said
    assert "1 left alone" in said
    assert Review.objects.filter(subject=task).count() == 2
    assert move(world, "reviewer", "add_review", task).status_code == 403


def test_the_queue_costs_the_same_for_two_reviews_and_for_ten(world, django_assert_max_num_queries):  # noqa: F811
    for number in range(2):
        submitted(world, f"a{number}")
    page(world, "manager", "labels:queue")
    with CaptureQueriesContext(connection) as few:
        page(world, "manager", "labels:queue")
    for number in range(8):
        submitted(world, f"b{number}")
    with django_assert_max_num_queries(len(few)):
        page(world, "manager", "labels:queue")


# ---------------------------------------------------------------- quality
def quality(world, who, **data):  # noqa: F811
    return world.client(who).post(
        reverse("reviews:quality", args=[world.organisation.slug, world.project.uuid]), data
    )


def test_team_managers_read_the_quality_settings_and_find_them_by_the_tab(world):  # noqa: F811
    response = page(world, "manager", "reviews:quality")
    content = response.content.decode()
    assert "Only admins of the project change these settings." in content
    assert "Save sampling" not in content
    tabs = {tab["label"]: tab["url"] for tab in response.context["project_tabs"]}
    assert tabs["Settings"] == reverse("reviews:quality", args=[world.organisation.slug, world.project.uuid])
    assert quality(world, "manager", part="sampling").status_code == 403


def test_admins_set_rates_overall_by_class_and_by_annotator(world):  # noqa: F811
    annotator = world.people["annotator"]
    answer = quality(
        world,
        "admin",
        part="sampling",
        **{
            "sampling-overall": "50",
            "sampling-one_review": "on",
            f"sampling-node_{CELL}": "12.5",
            f"sampling-user_{annotator.uuid}": "0",
        },
    )
    assert answer.status_code == 302, answer.content
    settings = QualitySettings.objects.get()
    assert (settings.sampling_rate, settings.is_multi_review) == (0.5, True)
    assert set(SamplingRate.objects.values_list("node", "annotator", "rate")) == {
        (CELL, None, 0.125),
        ("", annotator.pk, 0.0),
    }
    content = page(world, "admin", "reviews:quality").content.decode()
    assert 'value="12.5"' in content
    assert 'value="50"' in content


def test_a_rate_that_cannot_be_keeps_what_was_typed(world):  # noqa: F811
    answer = quality(
        world, "admin", part="sampling", **{"sampling-overall": "130", f"sampling-node_{CELL}": "7"}
    )
    content = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="130"' in content
    assert 'value="7"' in content
    assert not QualitySettings.objects.exists()


def test_reasons_are_kept_in_their_order_and_too_many_are_refused_with_words(world):  # noqa: F811
    quality(world, "admin", part="reasons", **{"reasons-reasons": "Too loose\n\nNot a cell\nToo loose"})
    assert list(RejectionReason.objects.values_list("text", flat=True)) == ["Too loose", "Not a cell"]
    many = "\n".join(f"Reason {number}" for number in range(60))
    answer = quality(world, "admin", part="reasons", **{"reasons-reasons": many})
    assert answer.status_code == 422
    assert "At most 50 default reasons are kept." in answer.content.decode()
    assert "Reason 59" in answer.content.decode()


def test_reviewers_are_mapped_by_class_and_by_annotator(world):  # noqa: F811
    reviewer, both, annotator = (world.people[who] for who in ("reviewer", "both", "annotator"))
    data = {f"mapping-node_{CELL}": [str(reviewer.uuid), str(both.uuid)]}
    data[f"mapping-user_{annotator.uuid}"] = str(both.uuid)
    assert quality(world, "admin", part="mapping", **data).status_code == 302
    assert set(ReviewerMapping.objects.values_list("node", "annotator", "reviewer")) == {
        (CELL, None, reviewer.pk),
        (CELL, None, both.pk),
        ("", annotator.pk, both.pk),
    }
    stranger = UserFactory()
    refused = quality(world, "admin", part="mapping", **{f"mapping-node_{CELL}": str(stranger.uuid)})
    assert refused.status_code == 422
    assert ReviewerMapping.objects.count() == 3


def test_the_last_expert_stage_takes_approved_labels_only(world):  # noqa: F811
    data = {"experts-is_on": "on", "experts-after": "3", "experts-experts": str(world.people["both"].uuid)}
    data |= {"experts-share_1": "20", "experts-action_1": "all"}
    refused = quality(world, "admin", part="experts", **data)
    assert refused.status_code == 422
    assert "The last stage takes approved labels only" in refused.content.decode()
    assert not ExpertStage.objects.exists()
    data |= {"experts-share_2": "5", "experts-action_2": "approved"}
    assert quality(world, "admin", part="experts", **data).status_code == 302
    settings = QualitySettings.objects.get()
    assert (settings.is_expert_review, settings.expert_after) == (True, 3)
    assert list(ExpertStage.objects.values_list("iteration", "share", "action")) == [
        (1, 0.2, "all"),
        (2, 0.05, "approved"),
    ]


# ---------------------------------------------------------------- what was said
def said_about(world, who, task, **params):  # noqa: F811
    return world.client(who).get(
        reverse("reviews:of_task", args=[world.organisation.slug, task.uuid]), params
    )


def test_the_reviews_of_a_task_say_the_last_action_by_whom_and_when(world):  # noqa: F811
    task = submitted(world, "a", "b")
    review, reviewer = take(world), world.people["reviewer"]
    reject(review, reviewer, "a", reason="too loose")
    report_missing(review=review, actor=reviewer, frame=0, reason="one at the edge")
    response = said_about(world, "annotator", task)
    assert [(row.name, row.action, row.count) for row in response.context["rows"]] == [
        ("White blood cell", "Rejected: too loose", 1),
        ("White blood cell", "Not judged yet", 0),
    ]
    content = response.content.decode()
    assert "one at the edge" in content
    assert "Reviewer" in content
    address = reverse("reviews:of_task", args=[world.organisation.slug, task.uuid])
    assert address in page(world, "manager", "labels:activity").content.decode()


def test_the_reviews_of_a_task_can_be_filtered_by_status(world):  # noqa: F811
    task = submitted(world, "a", "b")
    reject(take(world), world.people["reviewer"], "a")
    found = said_about(world, "manager", task, state="returned").context["rows"]
    assert [row.instance.identifier for row in found] == ["a"]
    assert not said_about(world, "manager", task, q="zzz").context["rows"]


def test_somebody_who_had_nothing_to_do_with_a_task_does_not_find_its_reviews(world):  # noqa: F811
    stranger = ProjectRoleFactory(project=world.project, role=Role.ANNOTATOR).user
    world.people["stranger"] = stranger
    assert said_about(world, "stranger", submitted(world, "a")).status_code == 404


# ---------------------------------------------------------------- correcting
def test_edit_names_who_holds_the_task_and_is_for_managers(world):  # noqa: F811
    task = submitted(world, "a")
    reject(take(world), world.people["reviewer"], "a")
    address = reverse("labels:correct", args=[world.organisation.slug, task.uuid])
    config = world.client("manager").get(address).context["editor_config"]
    assert config["notice"].startswith("Annotator holds this task")
    assert config["endpoints"]["submit"] is None
    assert world.client("annotator").get(address).status_code == 403


def test_a_correction_against_an_old_revision_is_refused_and_a_good_one_is_audited(world):  # noqa: F811
    task = submitted(world, "a")
    address = reverse("labels:save_correction", args=[world.organisation.slug, task.uuid])
    label = {
        "instance": "a",
        "frame": 0,
        "geometry": box(0.2, 0.2, 0.3, 0.3),
        "keyframe": True,
        "answers": {},
    }
    body = {
        "revision": task.label_row.revision,
        "upserts": {"instances": [], "labels": [label]},
        "deletes": {},
    }
    client = world.client("manager")
    assert client.post(address, body, content_type="application/json").status_code == 200
    again = client.post(address, body, content_type="application/json")
    assert (again.status_code, again.json()["error"]) == (409, "stale")
    assert AuditEvent.objects.filter(action="correct labels", actor=world.people["manager"]).count() == 1
