"""The verbs of reviewing: take a review, judge, report missing labels, resolve an issue."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from labels.errors import UnresolvedIssues
from labels.events import TaskApproved, TaskToBeSubmitted
from labels.models import Instance, ReviewStatus
from projects.activity import touch_project
from projects.events import TaskReopened
from projects.models import Project, Task, TaskKind, TaskState
from projects.workflow import (
    IllegalMove,
    Move,
    StaleTask,
    advance,
    advance_many,
    held_tasks,
    reserve_next_task,
)
from reviews.models import Issue, IssueKind, Judgement, Review, Verdict
from reviews.planning import cancel_reviews, close_issues, make_review, open_issues, settle
from reviews.quality import ExpertPolicy, quality_of, reviewers_in
from reviews.sampling import EVERYBODY, split_evenly

LONGEST_REASON = 500


class ReviewRefused(Exception):
    """The judgement was not taken; the message says why, for people. Nothing was changed."""


# ------------------------------------------------------------ taking reviews
def reviews_offered_to(user: User, project: Project) -> QuerySet[Review]:
    """The reviews a person may take: of their pool, or of everybody's, and not of their own work.

    A pool of which nobody but the submitter is present is everybody's. One's own submission is offered only to the
    project's single reviewer.
    """
    present = reviewers_in(project)
    if user.pk not in present:
        return Review.objects.none()
    member = Review.pool.through.objects.filter(review=OuterRef("pk"))
    others_of_pool = member.filter(user__in=present).exclude(user=OuterRef("submission__submitted_by"))
    # A submission without a submitter (an import) is nobody's own; comparing with NULL finds nothing.
    unclaimed = ~Exists(others_of_pool) & (
        Q(submission__submitted_by__isnull=False) | ~Exists(member.filter(user__in=present))
    )
    reviews = Review.objects.filter(task__project=project).filter(
        Q(Exists(member.filter(user=user))) | unclaimed
    )
    if present == {user.pk}:
        return reviews
    return reviews.exclude(submission__submitted_by=user)


@transaction.atomic
def next_review(project: Project, user: User) -> Review | None:
    """What "Start reviewing" opens: one's own unfinished review, else the oldest offered one, reserved now."""
    task = held_tasks(project, user, kind=TaskKind.REVIEW).first()
    if task is None:
        offered = reviews_offered_to(user, project).values("task")
        task = reserve_next_task(project, user, kind=TaskKind.REVIEW, among=Q(pk__in=offered))
    return Review.objects.select_related("task", "subject", "submission").get(task=task) if task else None


@transaction.atomic
def take_review(*, review: Review, actor: User) -> bool:
    """Reserve this one review; True when the actor holds it now."""
    if review.task.assignee_id == actor.pk:
        return review.task.state == TaskState.ASSIGNED
    if not reviews_offered_to(actor, review.task.project).filter(pk=review.pk).exists():
        return False
    try:
        advance(review.task, Move.RESERVE, actor=actor, assignee=actor)
    except (IllegalMove, StaleTask):
        return False
    return True


@transaction.atomic
def assign_reviews(*, tasks: Iterable[Task], assignee: User, actor: User, project: Project) -> list[Task]:
    """Give the free ones among these review tasks to somebody; returns those that moved.

    Left alone is what is not offered to that person: reviews of their own work, and of a pool without them.
    """
    tasks = list(tasks)
    offered = set(reviews_offered_to(assignee, project).filter(task__in=tasks).values_list("task", flat=True))
    chosen = [task for task in tasks if task.pk in offered]
    moved = advance_many(chosen, Move.ASSIGN, actor=actor, assignee=assignee)
    for task in moved:
        record(
            organisation=project.organisation,
            actor=actor,
            action="assign review",
            target=task,
            root=project,
            after={"assignee": str(assignee)},
        )
    return moved


@transaction.atomic
def add_reviews(*, tasks: Iterable[Task], actor: User) -> list[Review]:
    """An extra review, by anybody, of everything in the present submission of tasks that are In review."""
    made = []
    for task in tasks:
        submission = task.submissions.order_by("-round").first()
        if task.state != TaskState.IN_REVIEW or submission is None:
            continue
        keys = list(
            Instance.objects.filter(row__task=task)
            .exclude(review_status__in=(ReviewStatus.DELETED, ReviewStatus.REJECTED))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        made += [make_review(submission, part, pool=EVERYBODY) for part in split_evenly(keys)]
        record(
            organisation=task.project.organisation,
            actor=actor,
            action="add review",
            target=task,
            root=task.project,
        )
    return made


# ------------------------------------------------------------ judging
@transaction.atomic
def judge(
    *,
    review: Review,
    actor: User,
    identifiers: Collection[str],
    verdict: str,
    reason: str = "",
    frame: int = 0,
) -> Review:
    """Approve or reject instances of a review that the actor holds; the last judgement finishes the review.

    A rejection needs a reason. Judging again, while the review is unfinished, replaces what was said. Raises
    ReviewRefused.
    """
    reason = " ".join(reason.split())
    if verdict not in (Verdict.APPROVED, Verdict.REJECTED):
        raise ReviewRefused("A label is approved or rejected.")
    if verdict == Verdict.REJECTED and not reason:
        raise ReviewRefused("Say why: a rejection needs a reason.")
    if len(reason) > LONGEST_REASON:
        raise ReviewRefused(f"A reason has at most {LONGEST_REASON} characters.")
    _lock(review, actor)
    judged = list(
        review.judgements.select_related("instance").filter(instance__identifier__in=set(identifiers))
    )
    if not judged or len(judged) < len(set(identifiers)):
        raise ReviewRefused("Some of these labels are not in this review. Open it again.")
    for one in judged:
        one.verdict, one.frame, one.judged_by, one.judged_at = verdict, frame, actor, timezone.now()
        one.reason = reason if verdict == Verdict.REJECTED else ""
    Judgement.objects.bulk_update(judged, ["verdict", "reason", "frame", "judged_by", "judged_at"])
    _mark(review, [one.instance_id for one in judged], verdict)
    record(
        organisation=review.subject.project.organisation,
        actor=actor,
        action="approve labels" if verdict == Verdict.APPROVED else "reject labels",
        target=review.subject,
        root=review.subject.project,
        after={"labels": [one.instance.identifier for one in judged][:100], "expert": review.is_expert},
        note=reason,
    )
    if not review.judgements.filter(verdict=Verdict.PENDING).exists():
        _finish(review, actor)
    touch_project(review.subject.project)
    return review


@transaction.atomic
def report_missing(*, review: Review, actor: User, frame: int, reason: str) -> Issue:
    """Say that labels are missing on a frame; the task goes back to the annotator after its last review."""
    reason = " ".join(reason.split()) or "Labels are missing on this frame."
    if len(reason) > LONGEST_REASON:
        raise ReviewRefused(f"A reason has at most {LONGEST_REASON} characters.")
    if not 0 <= frame < review.subject.file.frame_count:
        raise ReviewRefused("There is no such frame.")
    _lock(review, actor)
    issue = Issue.objects.create(
        task=review.subject,
        kind=IssueKind.MISSING,
        review=review,
        round=review.subject.round,
        frame=frame,
        reason=reason,
        created_by=actor,
    )
    record(
        organisation=review.subject.project.organisation,
        actor=actor,
        action="report missing labels",
        target=review.subject,
        root=review.subject.project,
        after={"frame": frame},
        note=reason,
    )
    return issue


def _lock(review: Review, actor: User) -> None:
    """Lock the reviewed task, so that its reviews end one after the other. Raises ReviewRefused unless held."""
    review.subject = (
        Task.objects.select_for_update(of=("self",))
        .select_related("project__organisation", "file", "submitted_by")
        .get(pk=review.subject_id)
    )
    require_held(review, actor)


def require_held(review: Review, actor: User) -> None:
    """Raises ReviewRefused unless the actor holds this review now."""
    review.task.refresh_from_db()
    if review.task.state != TaskState.ASSIGNED or review.task.assignee_id != actor.pk:
        raise ReviewRefused("This review is not yours any more: it was finished, released or cancelled.")


def _mark(review: Review, instances: Collection[int], verdict: str) -> None:
    """Show the judgement on the labels; of several reviews in a round, one rejection outweighs approvals."""
    changed = Instance.objects.filter(pk__in=instances)
    if verdict == Verdict.REJECTED:
        changed.update(review_status=ReviewStatus.RETURNED)
        return
    if not review.is_expert:
        rejected = Judgement.objects.filter(
            review__submission=review.submission_id, review__is_expert=False, verdict=Verdict.REJECTED
        ).exclude(review=review)
        changed = changed.exclude(pk__in=rejected.values("instance"))
    changed.update(review_status=ReviewStatus.APPROVED)


def _finish(review: Review, actor: User) -> None:
    """The last label is judged: experts get what is theirs, rejections become issues, the task moves on."""
    advance(review.task, Move.FINISH, actor=actor)
    judged = list(review.judgements.select_related("instance").order_by("pk"))
    rejected = [one for one in judged if one.verdict == Verdict.REJECTED]
    if review.is_expert:
        Instance.objects.filter(pk__in=[one.instance_id for one in rejected]).update(
            review_status=ReviewStatus.REJECTED
        )
        _overrule(review, judged)
        rejected = []
    policy = None if review.is_expert else quality_of(review.subject.project).experts
    if policy is not None:
        for_experts = _for_experts(review, judged, policy)
        rejected = [one for one in rejected if one.instance_id not in for_experts]
        Instance.objects.filter(pk__in=for_experts).update(review_status=ReviewStatus.IN_REVIEW)
        for part in split_evenly(for_experts):
            make_review(review.submission, part, pool=policy.pool, is_expert=True)
    Issue.objects.bulk_create(
        Issue(
            task=review.subject,
            kind=IssueKind.REJECTED,
            instance=one.instance,
            review=review,
            round=review.subject.round,
            frame=one.frame,
            reason=one.reason,
            created_by=one.judged_by,
        )
        for one in rejected
    )
    settle(review.subject, actor=actor)


def _overrule(review: Review, judged: Iterable[Judgement]) -> None:
    """An expert has the last word: issues that another review of this round raised about the label are closed."""
    Issue.objects.filter(
        task=review.subject,
        round=review.subject.round,
        instance__in=[one.instance_id for one in judged],
        resolved_at=None,
    ).update(resolved_at=timezone.now(), resolved_by=None)


def _for_experts(review: Review, judged: Iterable[Judgement], policy: ExpertPolicy) -> list[int]:
    """The instances of a finished review that an expert sees."""
    earlier = Judgement.objects.filter(
        instance__in=[one.instance_id for one in judged], review__is_expert=False
    ).exclude(verdict=Verdict.PENDING)
    reviews: dict[int, int] = {}
    rejections: dict[int, int] = {}
    for instance, verdict in earlier.values_list("instance", "verdict"):
        reviews[instance] = reviews.get(instance, 0) + 1
        rejections[instance] = rejections.get(instance, 0) + (verdict == Verdict.REJECTED)
    return [
        one.instance_id
        for one in judged
        if policy.wants(
            verdict=one.verdict,
            rejections=rejections[one.instance_id],
            iteration=reviews[one.instance_id],
            names=(review.subject.uuid, one.instance.identifier),
        )
    ]


# ------------------------------------------------------------ issues
@transaction.atomic
def resolve_issue(*, issue: Issue, actor: User, is_resolved: bool = True) -> Issue:
    """The annotator who holds the returned task marks an issue as resolved, or takes that back.

    Raises ReviewRefused when the task is not theirs.
    """
    task = Task.objects.select_for_update(of=("self",)).get(pk=issue.task_id)
    if task.state != TaskState.RETURNED or task.assignee_id != actor.pk:
        raise ReviewRefused("Only who holds the returned task can resolve its issues.")
    issue.resolved_at = timezone.now() if is_resolved else None
    issue.resolved_by = actor if is_resolved else None
    issue.save(update_fields=["resolved_at", "resolved_by"])
    return issue


def refuse_unresolved(event: TaskToBeSubmitted) -> None:
    """A returned task is handed in only when all its issues are resolved. Raises UnresolvedIssues."""
    left = open_issues(event.task) if event.task.kind == TaskKind.ANNOTATE else 0
    if left:
        raise UnresolvedIssues(left)


def forget_reviews_of_reopened(event: TaskReopened) -> None:
    """Reopening cancels what is still being reviewed; judgements that were made stay on record."""
    cancel_reviews(event.task, actor=event.actor, note="the task was reopened")


def forget_reviews_of_approved(event: TaskApproved) -> None:
    """Approving the whole task makes its open reviews and issues pointless."""
    cancel_reviews(event.task, actor=event.actor, note="the whole task was approved")
    close_issues(event.task, actor=event.actor)
