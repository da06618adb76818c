"""Whole rounds of submitting, reviewing, returning, resolving, and experts, by the operations."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, User
from labels.errors import UnresolvedIssues
from labels.models import Instance, ReviewStatus
from labels.operations import approve_task, open_label_row, submit_task
from projects.assignments import reopen_tasks
from projects.models import ProjectRole, Role, Task, TaskKind, TaskState
from reviews.models import Issue, Review, ReviewerMapping
from reviews.operations import (
    ReviewRefused,
    add_reviews,
    judge,
    next_review,
    report_missing,
    resolve_issue,
    reviews_offered_to,
)
from reviews.quality import QualityRefused, Stage, set_experts, set_mapping, set_reasons, set_sampling
from tests.factories import CELL, ProjectRoleFactory, box
from tests.projects.world import make_world

pytestmark = pytest.mark.django_db

BOX = box(0.1, 0.1, 0.3, 0.4)


@pytest.fixture
def world():
    return make_world()


def hand_in(task: Task, person: User, *identifiers: str, deleted: tuple[str, ...] = ()) -> Task:
    """Draw (or draw again) boxes of these names and submit."""
    row = open_label_row(task, person)
    upserts = {
        "instances": [{"id": name, "kind": "object", "node": CELL, "answers": {}} for name in identifiers],
        "labels": [
            {"instance": name, "frame": 0, "geometry": BOX, "keyframe": True, "answers": {}}
            for name in identifiers
        ],
    }
    submit_task(
        task=task,
        actor=person,
        key=uuid.uuid4(),
        revision=row.revision,
        upserts=upserts,
        deletes={"instances": list(deleted)},
    )
    task.refresh_from_db()
    return task


def submitted(world, *identifiers: str) -> Task:
    return hand_in(world.task(held_by=world.people["annotator"]), world.people["annotator"], *identifiers)


def take(world, who: str = "reviewer") -> Review:
    review = next_review(world.project, world.people[who])
    assert review is not None
    return review


def approve(review: Review, person: User, *identifiers: str) -> None:
    judge(review=review, actor=person, identifiers=identifiers, verdict="approved")


def reject(review: Review, person: User, *identifiers: str, reason: str = "too loose") -> None:
    judge(review=review, actor=person, identifiers=identifiers, verdict="rejected", reason=reason)


def statuses(task: Task) -> dict[str, str]:
    return dict(Instance.objects.filter(row__task=task).values_list("identifier", "review_status"))


def resolve_all(task: Task, person: User) -> None:
    for issue in Issue.objects.filter(task=task, resolved_at=None):
        resolve_issue(issue=issue, actor=person)


# ------------------------------------------------------------ sampling and completing
def test_everything_is_reviewed_by_default_and_all_approved_completes(world):
    task, reviewer = submitted(world, "a", "b"), world.people["reviewer"]
    assert task.state == TaskState.IN_REVIEW
    review = take(world)
    approve(review, reviewer, "a")
    task.refresh_from_db()
    assert task.state == TaskState.IN_REVIEW
    approve(review, reviewer, "b")
    task.refresh_from_db()
    review.task.refresh_from_db()
    assert task.state == TaskState.COMPLETED
    assert review.task.state == TaskState.DONE
    assert statuses(task) == {"a": ReviewStatus.APPROVED, "b": ReviewStatus.APPROVED}


def test_who_finished_a_review_finds_the_task_in_activity_afterwards(world):
    task, reviewer = submitted(world, "a"), world.people["reviewer"]
    approve(take(world), reviewer, "a")
    assert task.file.title in activity(world, "reviewer")
    assert task.file.title not in activity(world, "both")


def activity(world, who: str) -> str:
    url = reverse("labels:activity", args=[world.organisation.slug, world.project.uuid])
    return world.client(who).get(url).content.decode()


def test_a_rate_of_zero_completes_at_once_without_a_review(world):
    set_sampling(
        project=world.project,
        actor=world.people["admin"],
        overall=0.0,
        by_node={},
        by_annotator={},
        one_review=False,
    )
    task = submitted(world, "a")
    assert task.state == TaskState.COMPLETED
    assert statuses(task) == {"a": ReviewStatus.NOT_SAMPLED}
    assert not Review.objects.exists()


def test_nothing_drawn_at_all_completes(world):
    assert submitted(world).state == TaskState.COMPLETED


def test_a_class_rate_overrides_and_only_what_is_drawn_is_in_the_review(world):
    set_sampling(
        project=world.project,
        actor=world.people["admin"],
        overall=0.0,
        by_node={CELL: 0.5},
        by_annotator={},
        one_review=False,
    )
    names = [f"label{n}" for n in range(60)]
    task = submitted(world, *names)
    found = statuses(task)
    waiting = {name for name, status in found.items() if status == ReviewStatus.IN_REVIEW}
    assert 10 < len(waiting) < 50
    assert {one.instance.identifier for one in take(world).judgements.all()} == waiting
    assert set(found.values()) == {ReviewStatus.IN_REVIEW, ReviewStatus.NOT_SAMPLED}


def test_more_than_fifty_labels_are_two_reviews_and_the_last_one_completes(world):
    names = [f"label{n}" for n in range(60)]
    task, reviewer = submitted(world, *names), world.people["reviewer"]
    assert Review.objects.count() == 2
    for _ in range(2):
        task.refresh_from_db()
        assert task.state == TaskState.IN_REVIEW
        review = take(world)
        approve(review, reviewer, *(one.instance.identifier for one in review.judgements.all()))
    task.refresh_from_db()
    assert task.state == TaskState.COMPLETED


# ------------------------------------------------------------ returned tasks
def test_a_rejection_returns_to_the_submitter_who_must_resolve_before_submitting_again(world):
    annotator, reviewer = world.people["annotator"], world.people["reviewer"]
    task = submitted(world, "a", "b")
    review = take(world)
    reject(review, reviewer, "a", reason="too loose")
    approve(review, reviewer, "b")
    task.refresh_from_db()
    assert (task.state, task.assignee, task.round) == (TaskState.RETURNED, annotator, 2)
    assert statuses(task) == {"a": ReviewStatus.RETURNED, "b": ReviewStatus.APPROVED}
    issue = Issue.objects.get()
    assert (issue.reason, issue.created_by, issue.instance.identifier) == ("too loose", reviewer, "a")
    with pytest.raises(UnresolvedIssues) as refused:
        hand_in(task, annotator)
    assert refused.value.count == 1
    task.refresh_from_db()
    resolve_issue(issue=issue, actor=annotator)
    task = hand_in(task, annotator)
    assert task.state == TaskState.IN_REVIEW
    second = take(world)
    assert [one.instance.identifier for one in second.judgements.all()] == ["a"]
    approve(second, reviewer, "a")
    task.refresh_from_db()
    assert task.state == TaskState.COMPLETED


def test_resolved_labels_are_reviewed_again_also_at_a_rate_of_zero(world):
    annotator, reviewer = world.people["annotator"], world.people["reviewer"]
    task = submitted(world, "a")
    reject(take(world), reviewer, "a")
    set_sampling(
        project=world.project,
        actor=world.people["admin"],
        overall=0.0,
        by_node={},
        by_annotator={},
        one_review=False,
    )
    task.refresh_from_db()
    resolve_all(task, annotator)
    task = hand_in(task, annotator, "new")
    assert task.state == TaskState.IN_REVIEW
    assert statuses(task) == {"a": ReviewStatus.IN_REVIEW, "new": ReviewStatus.NOT_SAMPLED}


def test_labels_drawn_after_a_report_of_missing_ones_are_always_reviewed(world):
    annotator, reviewer = world.people["annotator"], world.people["reviewer"]
    task = submitted(world, "a")
    review = take(world)
    report_missing(review=review, actor=reviewer, frame=0, reason="")
    approve(review, reviewer, "a")
    task.refresh_from_db()
    assert task.state == TaskState.RETURNED
    set_sampling(
        project=world.project,
        actor=world.people["admin"],
        overall=0.0,
        by_node={},
        by_annotator={},
        one_review=False,
    )
    resolve_all(task, annotator)
    assert statuses(hand_in(task, annotator, "new"))["new"] == ReviewStatus.IN_REVIEW


def test_a_returned_task_is_free_when_the_submitter_has_left(world):
    task = submitted(world, "a")
    ProjectRole.objects.filter(user=world.people["annotator"]).update(ended_at=task.submitted_at)
    reject(take(world), world.people["reviewer"], "a")
    task.refresh_from_db()
    assert (task.state, task.assignee) == (TaskState.RETURNED, None)


def test_only_the_holder_of_the_returned_task_resolves(world):
    task = submitted(world, "a")
    reject(take(world), world.people["reviewer"], "a")
    issue = Issue.objects.get()
    with pytest.raises(ReviewRefused):
        resolve_issue(issue=issue, actor=world.people["both"])
    resolve_issue(issue=issue, actor=world.people["annotator"])
    resolve_issue(issue=issue, actor=world.people["annotator"], is_resolved=False)
    with pytest.raises(UnresolvedIssues):
        hand_in(Task.objects.get(pk=task.pk), world.people["annotator"])


# ------------------------------------------------------------ judging
def test_a_rejection_needs_a_reason_and_a_judgement_the_review(world):
    submitted(world, "a")
    review, reviewer = take(world), world.people["reviewer"]
    with pytest.raises(ReviewRefused):
        reject(review, reviewer, "a", reason="   ")
    with pytest.raises(ReviewRefused):
        judge(review=review, actor=reviewer, identifiers=["a"], verdict="perhaps")
    with pytest.raises(ReviewRefused):
        approve(review, reviewer, "a", "somebody else's")
    with pytest.raises(ReviewRefused):
        approve(review, world.people["manager"], "a")
    assert statuses(review.subject) == {"a": ReviewStatus.IN_REVIEW}


def test_judging_again_before_the_end_replaces_what_was_said(world):
    task, reviewer = submitted(world, "a", "b"), world.people["reviewer"]
    review = take(world)
    reject(review, reviewer, "a")
    approve(review, reviewer, "a")
    approve(review, reviewer, "b")
    task.refresh_from_db()
    assert task.state == TaskState.COMPLETED
    assert not Issue.objects.exists()


def test_of_two_reviews_of_a_label_one_rejection_outweighs_an_approval(world):
    task, reviewer = submitted(world, "a"), world.people["reviewer"]
    add_reviews(tasks=[task], actor=world.people["manager"])
    assert Review.objects.count() == 2
    reject(take(world), reviewer, "a")
    task.refresh_from_db()
    assert task.state == TaskState.IN_REVIEW
    approve(take(world), reviewer, "a")
    task.refresh_from_db()
    assert task.state == TaskState.RETURNED
    assert statuses(task) == {"a": ReviewStatus.RETURNED}


# ------------------------------------------------------------ who reviews
def test_nobody_reviews_their_own_work_unless_no_other_reviewer_exists(world):
    both = world.people["both"]
    task = hand_in(world.task(held_by=both), both, "a")
    assert next_review(world.project, both) is None
    ProjectRole.objects.filter(project=world.project).exclude(user=both).update(ended_at=task.submitted_at)
    assert next_review(world.project, both) is not None


def test_annotators_are_offered_no_reviews(world):
    submitted(world, "a")
    assert next_review(world.project, world.people["annotator"]) is None


def test_a_mapped_class_goes_to_its_reviewer_and_to_nobody_else(world):
    manager, reviewer = world.people["manager"], world.people["reviewer"]
    set_mapping(
        project=world.project, actor=world.people["admin"], by_node={CELL: [manager]}, by_annotator={}
    )
    task = submitted(world, "a")
    review = Review.objects.get(subject=task)
    assert review.task.assignee == manager
    assert not reviews_offered_to(reviewer, world.project).exists()
    assert take(world, "manager") == review


def test_a_pool_that_has_left_is_everybodys(world):
    manager, reviewer = world.people["manager"], world.people["reviewer"]
    ReviewerMapping.objects.create(project=world.project, node=CELL, reviewer=manager)
    ProjectRole.objects.filter(user=manager).delete()
    task = submitted(world, "a")
    assert Review.objects.get(subject=task).task.assignee is None
    assert take(world).subject == task
    assert reviewer.pk is not None


def test_reviews_of_a_pool_are_shared_out_evenly(world):
    pool = [world.people["manager"], world.people["reviewer"]]
    set_mapping(project=world.project, actor=world.people["admin"], by_node={CELL: pool}, by_annotator={})
    for _ in range(4):
        submitted(world, "a")
    held = Task.objects.filter(kind=TaskKind.REVIEW).values_list("assignee", flat=True)
    assert sorted(held) == sorted([person.pk for person in pool] * 2)


# ------------------------------------------------------------ experts
def experts_on(world, *stages: Stage, after: int = 2) -> User:
    expert = world.people["manager"]
    set_experts(
        project=world.project,
        actor=world.people["admin"],
        is_on=True,
        after=after,
        experts=[expert],
        stages=stages,
    )
    return expert


def test_the_second_rejection_goes_to_an_expert_whose_approval_overrules_it(world):
    expert = experts_on(world)
    annotator, reviewer = world.people["annotator"], world.people["reviewer"]
    task = submitted(world, "a")
    reject(take(world), reviewer, "a")
    task.refresh_from_db()
    assert task.state == TaskState.RETURNED
    resolve_all(task, annotator)
    task = hand_in(task, annotator)
    reject(take(world), reviewer, "a")
    task.refresh_from_db()
    assert task.state == TaskState.IN_REVIEW
    assert next_review(world.project, reviewer) is None
    review = take(world, "manager")
    assert review.is_expert
    approve(review, expert, "a")
    task.refresh_from_db()
    assert task.state == TaskState.COMPLETED
    assert statuses(task) == {"a": ReviewStatus.APPROVED}


def test_an_experts_rejection_is_final_and_does_not_return(world):
    expert = experts_on(world, after=1)
    task = submitted(world, "a", "b")
    review = take(world)
    reject(review, world.people["reviewer"], "a")
    approve(review, world.people["reviewer"], "b")
    reject(take(world, "manager"), expert, "a", reason="not a cell")
    task.refresh_from_db()
    assert task.state == TaskState.COMPLETED
    assert statuses(task) == {"a": ReviewStatus.REJECTED, "b": ReviewStatus.APPROVED}
    assert not Issue.objects.exists()


def test_a_stage_sends_approved_labels_to_an_expert_once(world):
    expert = experts_on(world, Stage(1, 1.0, "approved"))
    task = submitted(world, "a")
    approve(take(world), world.people["reviewer"], "a")
    task.refresh_from_db()
    assert task.state == TaskState.IN_REVIEW
    approve(take(world, "manager"), expert, "a")
    task.refresh_from_db()
    assert task.state == TaskState.COMPLETED


@pytest.mark.parametrize(
    "stages",
    [
        [Stage(1, 1.0, "all")],
        [Stage(1, 1.0, "approved"), Stage(2, 0.5, "rejected")],
        [Stage(1, 1.0, "approved"), Stage(1, 0.5, "approved")],
        [Stage(0, 1.0, "approved")],
        [Stage(1, 1.5, "approved")],
    ],
)
def test_stages_that_cannot_be_are_refused(world, stages):
    with pytest.raises(QualityRefused):
        experts_on(world, *stages)


# ------------------------------------------------------------ reopening and whole-task approval
def test_reopening_cancels_open_reviews_and_keeps_approvals(world):
    task, reviewer = submitted(world, "a", "b"), world.people["reviewer"]
    review = take(world)
    approve(review, reviewer, "a")
    reopen_tasks(tasks=[task], actor=world.people["manager"], project=world.project)
    review.task.refresh_from_db()
    assert review.task.state == TaskState.CANCELLED
    assert statuses(task)["a"] == ReviewStatus.APPROVED
    with pytest.raises(ReviewRefused):
        approve(review, reviewer, "b")


def test_approving_the_whole_task_cancels_its_reviews(world):
    task = submitted(world, "a")
    review = take(world)
    approve_task(task=task, actor=world.people["manager"])
    review.task.refresh_from_db()
    assert review.task.state == TaskState.CANCELLED


# ------------------------------------------------------------ settings
def test_settings_are_audited_with_before_and_after(world):
    admin = world.people["admin"]
    set_reasons(project=world.project, actor=admin, reasons=["Too loose", " Too  loose ", "", "Wrong class"])
    set_sampling(
        project=world.project,
        actor=admin,
        overall=0.25,
        by_node={CELL: 0.5},
        by_annotator={world.people["annotator"]: 1.0},
        one_review=True,
    )
    reasons, sampling = AuditEvent.objects.filter(root_id=str(world.project.uuid)).order_by("pk")
    assert reasons.after == {"reasons": ["Too loose", "Wrong class"]}
    assert (sampling.before["overall"], sampling.after["overall"]) == (1.0, 0.25)
    assert sampling.after["rates"] == {CELL: 0.5, str(world.people["annotator"]): 1.0}


def test_only_people_who_review_can_be_mapped_or_experts(world):
    for change in (
        lambda: set_mapping(
            project=world.project,
            actor=world.people["admin"],
            by_node={CELL: [world.people["annotator"]]},
            by_annotator={},
        ),
        lambda: set_experts(
            project=world.project,
            actor=world.people["admin"],
            is_on=True,
            after=1,
            experts=[world.people["annotator"]],
            stages=[],
        ),
    ):
        with pytest.raises(QualityRefused):
            change()


def test_two_reviewers_never_get_the_same_review(world):
    other = ProjectRoleFactory(project=world.project, role=Role.REVIEWER).user
    for _ in range(2):
        submitted(world, "a")
    first = take(world)
    second = next_review(world.project, other)
    assert second is not None and second != first
