"""Re-calculate: publish a function version (and gold version) so that pages never mix generations.

Point settings publish from criterion totals in one statement. New comparison settings or new gold are compared again
first (benchmarks/reevaluation.py), with progress; the pointer moves only at the end, in one transaction, and only when
no submission is left that has not been compared.
"""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

import scoring
from accounts import audit
from accounts.models import User
from benchmarks.cloning import NEW_UUID
from benchmarks.evaluation import evaluate, evaluations_of
from benchmarks.models import (
    BenchmarkFunction,
    GoldVersion,
    Publication,
    TrainingProject,
)
from benchmarks.reevaluation import compare_waiting
from benchmarks.storage import insert_scores, lock_publication
from benchmarks.sums import build_sums
from jobs.models import Job, RowState
from jobs.operations import start_job
from jobs.queue import enqueue_on_commit
from jobs.running import JobProblem, ToBeContinued
from labels.models import Submission

RECALCULATE = "recalculate"


@transaction.atomic
def publish_first(
    *, training: TrainingProject, actor: User, function: BenchmarkFunction, gold_version: GoldVersion
) -> Publication:
    """Publication 1 of a new training project, which nobody has submitted to yet."""
    publication = Publication.objects.create(
        training=training,
        number=1,
        function=function,
        gold_version=gold_version,
        comparison_key=function.comparison_key,
        engine_version=scoring.ENGINE_VERSION,
        reason="Created with the project",
        created_by=actor,
    )
    TrainingProject.objects.filter(pk=training.pk).update(publication=publication)
    training.publication = publication
    return publication


@transaction.atomic
def start_recalculation(
    *,
    training: TrainingProject,
    actor: User | None,
    function: BenchmarkFunction,
    gold_version: GoldVersion | None = None,
    reason: str = "",
) -> Job:
    """Ask for a new publication; the job shows its progress on Summary. A running one is returned, not doubled."""
    lock_publication(training.pk, exclusive=True)
    running = running_recalculation(training)
    if running is not None:
        return running
    gold = gold_version or training.publication.gold_version
    audit.record(
        organisation=training.project.organisation,
        actor=actor,
        action="re-calculate scores",
        target=training.project,
        root=training.project,
        before={"publication": training.publication.number, "function": training.publication.function.number},
        after={"function": function.number, "gold_version": gold.number},
        note=reason,
    )
    return start_job(
        organisation=training.project.organisation,
        actor=actor,
        kind=RECALCULATE,
        title=f"Re-calculate scores of {training.project.title}"[:200],
        root=training.project,
        arguments={
            "training": training.pk,
            "function": function.pk,
            "gold_version": gold.pk,
            "reason": reason,
        },
    )


def running_recalculation(training: TrainingProject) -> Job | None:
    """The re-calculation that is waiting or running for this project, if any."""
    return (
        Job.objects.filter(
            kind=RECALCULATE,
            root_id=str(training.project.uuid),
            state__in=[RowState.PENDING, RowState.RUNNING],
        )
        .order_by("-created_at")
        .first()
    )


def recalculate(job: Job) -> dict[str, int]:
    """Body of the job: compare what has to be compared, then publish; rows that are done are not redone."""
    function = BenchmarkFunction.objects.get(pk=job.arguments["function"])
    gold_version = GoldVersion.objects.get(pk=job.arguments["gold_version"])
    training = TrainingProject.objects.select_related("project", "publication").get(
        pk=job.arguments["training"]
    )
    target = Publication(
        training=training,
        function=function,
        gold_version=gold_version,
        comparison_key=function.comparison_key,
        engine_version=scoring.ENGINE_VERSION,
        reason=job.arguments["reason"],
        job=job,
        created_by_id=job.created_by_id,
    )
    stop_at = time.monotonic() + settings.JOB_WALL_S / 2
    while not _is_same_comparison(training.publication, target):
        request_missing(target)
        compare_waiting(job, target, stop_at=stop_at)
        try:
            return _publish(job, target)
        except Incomplete:
            # Somebody submitted in the meantime; the pass that takes it is a matter of milliseconds.
            if time.monotonic() > stop_at:
                raise ToBeContinued from None
    return _publish(job, target)


class Incomplete(Exception):
    """Some submission is not compared under the target yet: publishing now would take its score off the pages."""


def _is_same_comparison(one: Publication, other: Publication) -> bool:
    """Whether two publications are made of the same evaluations: only the weights differ."""
    return (one.gold_version_id, one.comparison_key, one.engine_version) == (
        other.gold_version_id,
        other.comparison_key,
        other.engine_version,
    )


def _submissions_without(target: Publication) -> QuerySet[Submission]:
    existing = evaluations_of(target).filter(submission=OuterRef("pk"))
    return Submission.objects.filter(task__copy__training=target.training).exclude(Exists(existing))


def request_missing(target: Publication) -> None:
    """Create pending evaluations for submissions that have none under the target: one statement for any number."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    key = [target.training_id, target.gold_version_id, target.comparison_key, target.engine_version]
    with connection.cursor() as cursor:
        cursor.execute(
            # A submission may make its evaluation at this moment: the unique constraint keeps one of the two.
            f"""INSERT INTO benchmarks_evaluation (uuid, state, run, starts, rung_at, created_at, error, training_id,
                    submission_id, copy_id, gold_task_id, gold_version_id, comparison_key, engine_version)
                SELECT {NEW_UUID[connection.vendor]}, 'pending', 0, 0, %s, %s, '', c.training_id, s.id, c.id, g.id,
                       g.version_id, %s, %s
                FROM benchmarks_taskcopy c
                JOIN labels_submission s ON s.task_id = c.task_id
                JOIN benchmarks_goldtask g ON g.item_id = c.item_id AND g.version_id = %s
                WHERE c.training_id = %s AND NOT EXISTS (
                    SELECT 1 FROM benchmarks_evaluation e WHERE e.submission_id = s.id AND e.training_id = %s
                      AND e.gold_version_id = %s AND e.comparison_key = %s AND e.engine_version = %s)
                ON CONFLICT DO NOTHING""",  # noqa: S608 built from constants
            [now, now, *key[2:], key[1], key[0], *key],
        )


def _is_incomplete(target: Publication) -> bool:
    is_open = evaluations_of(target).filter(state__in=[RowState.PENDING, RowState.RUNNING])
    return is_open.exists() or _submissions_without(target).exists()


@transaction.atomic
def _publish(job: Job, target: Publication) -> dict[str, int]:
    before = lock_publication(target.training_id, exclusive=True)
    already = Publication.objects.filter(job=job).first()
    if already is not None:
        return {"publication": already.number, "scores": already.function.scores.count()}
    _refuse_going_back(before, target)
    if not _is_same_comparison(before, target) and _is_incomplete(target):
        raise Incomplete
    scored = insert_scores(target.function_id, evaluations_of(target))
    target.number = before.number + 1
    target.save()
    build_sums(target, before)
    TrainingProject.objects.filter(pk=target.training_id).update(publication=target)
    request_missing(target)
    for pk in evaluations_of(target).filter(state=RowState.PENDING).values_list("pk", flat=True):
        enqueue_on_commit(evaluate, pk)
    audit.record(
        organisation=job.organisation,
        actor=target.created_by,
        action="publish scores",
        target=target.training.project,
        root=target.training.project,
        before={"publication": before.number, "function": before.function.number},
        after={"publication": target.number, "function": target.function.number},
        note=target.reason,
    )
    return {"publication": target.number, "scores": scored}


def _refuse_going_back(published: Publication, target: Publication) -> None:
    """A job that failed and is tried again later must not put older weights or gold over newer ones."""
    if (
        target.function.number < published.function.number
        or target.gold_version.number < published.gold_version.number
    ):
        raise JobProblem(
            f"Version {published.function.number} has been published since. Nothing was changed; to go back to "
            f"version {target.function.number}, restore it in Settings as a new version and re-calculate."
        )


def recalculate_after_upgrade() -> int:
    """Ask for a new publication of every project whose scores are of another engine version; returns how many.

    Called when a new release starts (manage.py prepare). Until a project's is done its pages keep the old scores,
    and new submissions wait: they are compared by the new engine for the publication to come.
    """
    outdated = TrainingProject.objects.select_related(
        "project__organisation", "publication__function"
    ).exclude(publication__engine_version=scoring.ENGINE_VERSION)
    for training in outdated:
        start_recalculation(
            training=training,
            actor=None,
            function=training.publication.function,
            reason=f"Scoring engine {scoring.ENGINE_VERSION}",
        )
    return len(outdated)


@dataclass(frozen=True)
class RecalculationState:
    """What the button on Summary says: up to date, newer weights saved, running, or failed."""

    published: BenchmarkFunction
    newest: BenchmarkFunction
    running: Job | None
    failed: Job | None

    @property
    def is_outdated(self) -> bool:
        return self.newest.number != self.published.number

    @property
    def needs_comparing(self) -> bool:
        return self.newest.comparison_key != self.published.comparison_key


def recalculation_state(training: TrainingProject) -> RecalculationState:
    """Published and newest function version, and the last job if it runs or has failed."""
    last = (
        Job.objects.filter(kind=RECALCULATE, root_id=str(training.project.uuid))
        .order_by("-created_at")
        .first()
    )
    newest = training.functions.order_by("-number").first()
    assert newest is not None, "a training project always has a function"
    return RecalculationState(
        published=training.publication.function,
        newest=newest,
        running=last if last and last.state in (RowState.PENDING, RowState.RUNNING) else None,
        failed=last if last and last.state == RowState.FAILED else None,
    )
