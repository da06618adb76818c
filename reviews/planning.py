"""From a submission to its reviews: what is sampled, who gets it, and what becomes of the rest."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from labels.events import TaskSubmitted
from labels.models import Instance, ReviewStatus, Submission
from projects.assignments import may_annotate
from projects.models import Project, Task, TaskKind, TaskState
from projects.workflow import Move, advance
from reviews.models import Issue, IssueKind, Judgement, Review
from reviews.quality import Quality, quality_of, reviewers_in
from reviews.sampling import Candidate, Pool, drawn, grouped, reviewer_for

OPEN = (TaskState.QUEUED, TaskState.ASSIGNED)


def plan_reviews(event: TaskSubmitted) -> None:
    """Draw what is reviewed of a submission that was just handed in; nothing drawn completes the task."""
    submission = event.submission
    task = submission.task
    if task.kind != TaskKind.ANNOTATE:
        return
    quality = quality_of(task.project)
    waiting = list(
        Instance.objects.filter(row__task=task, review_status=ReviewStatus.IN_REVIEW)
        .annotate(on_frames=Count("labels"))
        .order_by("pk")
    )
    sampled = _sampled(waiting, submission, quality)
    keys = {instance.pk for instance in sampled}
    Instance.objects.filter(pk__in=[one.pk for one in waiting if one.pk not in keys]).update(
        review_status=ReviewStatus.NOT_SAMPLED
    )
    if not sampled:
        advance(task, Move.COMPLETE, actor=None, note="nothing to review")
        return
    candidates = [Candidate(one.pk, one.node, max(one.on_frames, 1)) for one in sampled]
    author = submission.submitted_by_id
    for pool, part in grouped(candidates, quality.pools, author, one_review=quality.one_review):
        make_review(submission, part, pool=pool)


def _sampled(instances: Sequence[Instance], submission: Submission, quality: Quality) -> list[Instance]:
    """Those that were returned before or drawn after a report of missing labels, always; of the others a share."""
    task, author = submission.task, submission.submitted_by_id
    always = set(Issue.objects.filter(task=task, kind=IssueKind.REJECTED).values_list("instance", flat=True))
    reported = (
        Issue.objects.filter(task=task, kind=IssueKind.MISSING)
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    return [
        one
        for one in instances
        if one.pk in always
        or (reported is not None and one.created_at > reported)
        or drawn(quality.rates.rate_of(one.node, author), task.uuid, one.identifier)
    ]


def make_review(
    submission: Submission, instances: Iterable[int], *, pool: Pool, is_expert: bool = False
) -> Review:
    """A review task for these instances; one of a mapped pool gets it, everybody's waits in the queue."""
    subject = submission.task
    project = subject.project
    task = Task.objects.create(
        project=project, file=subject.file, kind=TaskKind.REVIEW, queue_rank=subject.queue_rank
    )
    review = Review.objects.create(task=task, subject=subject, submission=submission, is_expert=is_expert)
    review.pool.set(pool)
    Judgement.objects.bulk_create(Judgement(review=review, instance_id=pk) for pk in instances)
    if not is_expert:
        _give_to_one_of(pool, review)
    return review


def _give_to_one_of(pool: Pool, review: Review) -> None:
    project = review.task.project
    able = reviewers_in(project) & pool - {review.submission.submitted_by_id}
    if not able:
        return
    chosen = reviewer_for(pool, able, open_reviews_of(project, able))
    advance(review.task, Move.ASSIGN, actor=None, assignee=User.objects.get(pk=chosen), note="by mapping")


def open_reviews_of(project: Project, people: Collection[int]) -> dict[int, int]:
    """How many unfinished reviews each of these people holds."""
    held = Task.objects.filter(project=project, kind=TaskKind.REVIEW, state__in=OPEN, assignee__in=people)
    return dict(held.values_list("assignee").annotate(count=Count("pk")).order_by())


def cancel_reviews(subject: Task, *, actor: User | None, note: str) -> int:
    """Cancel the unfinished reviews of a task; judgements that were made stay on record. Returns how many."""
    tasks = Task.objects.filter(review__subject=subject, state__in=OPEN).select_related("project", "file")
    cancelled = list(tasks)
    for task in cancelled:
        advance(task, Move.CANCEL, actor=actor, note=note)
    return len(cancelled)


def has_open_reviews(subject: Task) -> bool:
    """Whether anything of the task still waits for a reviewer."""
    return Task.objects.filter(review__subject=subject, state__in=OPEN).exists()


def open_issues(task: Task) -> int:
    """Issues of the task that are not resolved."""
    return Issue.objects.filter(task=task, resolved_at=None).count()


def settle(subject: Task, *, actor: User | None) -> Task:
    """When the last review is done: Returned to the submitter (free if they left) with issues, else Completed."""
    if has_open_reviews(subject) or subject.state != TaskState.IN_REVIEW:
        return subject
    returned = Instance.objects.filter(row__task=subject, review_status=ReviewStatus.RETURNED)
    if not returned.exists() and not open_issues(subject):
        return advance(subject, Move.COMPLETE, actor=actor)
    submitter = subject.submitted_by
    back_to = submitter if submitter is not None and may_annotate(subject.project, submitter) else None
    return advance(subject, Move.RETURN, actor=actor, assignee=back_to)


def close_issues(task: Task, *, actor: User) -> int:
    """Mark all open issues of a task as resolved (the whole task was approved); returns how many."""
    issues = Issue.objects.filter(task=task, resolved_at=None)
    return issues.update(resolved_at=timezone.now(), resolved_by=actor)
