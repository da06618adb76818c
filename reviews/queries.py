"""Read models: what the editor shows of a review and of a task's issues."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import User
from labels.models import Instance
from projects.models import Project, Task, TaskKind, TaskState
from reviews.models import Issue, IssueKind, Judgement, Review, Verdict
from reviews.operations import reviews_offered_to
from reviews.quality import reasons_of


def review_block(review: Review) -> dict[str, Any]:
    """The editor's block of mode "review": the labels to judge, what was said so far, reasons, reports."""
    judgements = review.judgements.select_related("instance", "judged_by").order_by("pk")
    return {
        "is_expert": review.is_expert,
        "round": review.submission.round,
        "by": review.submission.submitted_by.name if review.submission.submitted_by else "an import",
        "labels": [_judgement(one) for one in judgements],
        "reasons": reasons_of(review.subject.project),
        "missing": [
            {"frame": issue.frame, "reason": issue.reason}
            for issue in review.issues.filter(kind=IssueKind.MISSING).order_by("pk")
        ],
    }


def _judgement(one: Judgement) -> dict[str, Any]:
    return {"id": one.instance.identifier, "verdict": one.verdict, "reason": one.reason, "frame": one.frame}


def issues_block(task: Task) -> list[dict[str, Any]]:
    """The issues of the task's last return, for the editor's Issues panel; oldest first."""
    if task.kind != TaskKind.ANNOTATE or task.state != TaskState.RETURNED:
        return []
    issues = Issue.objects.filter(task=task).filter(Q(resolved_at=None) | Q(round=task.round - 1))
    return [
        {
            "id": str(issue.uuid),
            "kind": issue.kind,
            "instance": issue.instance.identifier if issue.instance else None,
            "frame": issue.frame,
            "reason": issue.reason,
            "by": issue.created_by.name if issue.created_by else "",
            "at": issue.created_at.isoformat(),
            "resolved": issue.resolved_at is not None,
            "resolve_url": reverse("reviews:resolve", args=[task.project.organisation.slug, issue.uuid]),
        }
        for issue in issues.select_related("instance", "created_by").order_by("pk")
    ]


def reviews_waiting_for(project: Project, user: User) -> tuple[int, int]:
    """(own unfinished reviews, free reviews on offer): what Start reviewing would open."""
    offered = reviews_offered_to(user, project).values("task")
    waiting = Task.objects.filter(
        project=project, kind=TaskKind.REVIEW, state__in=(TaskState.QUEUED, TaskState.ASSIGNED)
    ).aggregate(
        own=Count("pk", filter=Q(assignee=user)), free=Count("pk", filter=Q(assignee=None, pk__in=offered))
    )
    return waiting["own"], waiting["free"]


@dataclass(frozen=True)
class LabelReview:
    """One label of a task with its last judgement; `count` judgements were made in all."""

    instance: Instance
    name: str
    color: str
    last: Judgement | None
    count: int

    @property
    def action(self) -> str:
        """What was said last, in words."""
        if self.last is None:
            return "Not judged yet"
        who = "Expert: " if self.last.review.is_expert else ""
        reason = f": {self.last.reason}" if self.last.reason else ""
        return f"{who}{self.last.get_verdict_display()}{reason}"


def label_reviews(instances: Sequence[Instance], project: Project) -> list[LabelReview]:
    """What reviewers said about each of these labels; one query however many there are."""
    made: dict[int, list[Judgement]] = {}
    judgements = (
        Judgement.objects.filter(instance__in=instances)
        .exclude(verdict=Verdict.PENDING)
        .select_related("judged_by", "review")
        .order_by("judged_at", "pk")
    )
    for one in judgements:
        made.setdefault(one.instance_id, []).append(one)
    structure = project.ontology_version.structure
    names = {one["featureNodeHash"]: (one["name"], one.get("color", "")) for one in structure["objects"]} | {
        one["featureNodeHash"]: (one["attributes"][0]["name"], one.get("color", ""))
        for one in structure["classifications"]
    }
    return [
        LabelReview(
            instance,
            *names.get(instance.node, ("Unknown class", "")),
            last=(made.get(instance.pk) or [None])[-1],
            count=len(made.get(instance.pk, [])),
        )
        for instance in instances
    ]
