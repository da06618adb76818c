"""The score door: rows in, facts out, rows again. Besides the command line, only this module calls `compare`.

An Evaluation compares one frozen submission with the gold of its task in one gold version. It is created pending in the
transaction of the submission, worked on by `evaluate` (jobs/queue.py tells how a row survives dead workers), and read
through publications only.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

import scoring
from benchmarks.bulk import insert_rows
from benchmarks.kernel_input import (
    comparison_function,
    kernel_function,
    kernel_tasks,
    ontology_of,
    rows_to_compare,
)
from benchmarks.models import (
    BenchmarkFunction,
    Evaluation,
    EvaluationLabel,
    FunctionWeight,
    GoldTask,
    Publication,
    TaskCopy,
)
from benchmarks.storage import lock_publication, store_facts
from benchmarks.sums import recount
from jobs.queue import enqueue_on_commit, finishing
from jobs.running import JobProblem, work_on
from labels.models import Submission

__all__ = [
    "compare_documents",
    "compare_row",
    "evaluate",
    "evaluations_of",
    "kernel_function",
    "label_fact",
    "label_points",
    "ontology_of",
    "request_evaluation",
    "score_cards",
    "store_facts",
    "write_function_weights",
]


def write_function_weights(function: BenchmarkFunction) -> None:
    """Store the effective weight of every criterion key that facts may carry, for scores by one SQL join."""
    kernel = kernel_function(function)
    keys = dict.fromkeys(kernel.weights)
    for attribute in kernel.ontology.attributes.values():
        owner = kernel.ontology.items[kernel.ontology.item_of_attribute[attribute.hash]]
        is_root = owner.root is not None and owner.root.hash == attribute.hash
        plain = f"classification:{owner.hash}" if is_root else f"attribute:{attribute.hash}"
        if attribute.type == "radio":
            keys |= dict.fromkeys(f"{plain}={option.hash}" for option in attribute.options)
            keys[f"{plain}=none"] = None
    insert_rows(
        FunctionWeight,
        ("function_id", "criterion", "weight"),
        ((function.pk, key, float(kernel.weight(key))) for key in keys),
    )


def evaluations_of(publication: Publication) -> QuerySet[Evaluation]:
    """The evaluations a publication is made of, whatever their state."""
    return Evaluation.objects.filter(
        training_id=publication.training_id,
        gold_version_id=publication.gold_version_id,
        comparison_key=publication.comparison_key,
        engine_version=publication.engine_version,
    )


@transaction.atomic
def request_evaluation(submission: Submission) -> Evaluation | None:
    """Create the pending evaluation of a copy's submission under what is published, and ring for it.

    Called in the transaction of the submission. None for tasks that are no training copies. After an upgrade of the
    engine it waits for the publication that `recalculate_after_upgrade` has asked for.
    """
    copy = TaskCopy.objects.select_related("training").filter(task=submission.task_id).first()
    if copy is None:
        return None
    # Shared with other submissions, not with a re-calculation: it publishes before us, and we see what it published,
    # or after our commit, and it sees this submission. Without, a publication could miss it for good.
    publication = lock_publication(copy.training_id, exclusive=False)
    gold_task = GoldTask.objects.only("pk").get(version=publication.gold_version_id, item=copy.item_id)
    evaluation, created = Evaluation.objects.get_or_create(
        submission=submission,
        gold_version_id=publication.gold_version_id,
        comparison_key=publication.comparison_key,
        engine_version=scoring.ENGINE_VERSION,
        defaults={"training": copy.training, "copy": copy, "gold_task": gold_task},
    )
    if created:
        enqueue_on_commit(evaluate, evaluation.pk)
    if created and copy.attempt > 1:
        # The attempt before does not count any more from now on, scored or not.
        recount(publication, annotator_id=copy.annotator_id, item_id=copy.item_id)
    return evaluation


def evaluate(evaluation_id: int) -> bool:
    """RQ job: compare one submission with its gold and store the facts; True when this run wrote them.

    Idempotent: a row that is done, or held by a living worker, is left alone.
    """
    return work_on(rows_to_compare(), evaluation_id, _compare_and_store)


def _compare_and_store(row: Evaluation) -> None:
    if row.engine_version != scoring.ENGINE_VERSION:
        raise JobProblem(
            f"Asked of scoring engine {row.engine_version}, which is not running any more. "
            "Re-calculate scores on Summary: everything is compared by the new one."
        )
    facts = compare_row(row)
    with finishing(row):
        store_facts(row, facts)


def compare_row(row: Evaluation) -> scoring.Facts:
    """The kernel's facts for one evaluation row; no database writes."""
    function = comparison_function(row)
    [(gold, submitted, frames)] = kernel_tasks([row], function.ontology)
    return scoring.compare(function.ontology, function, gold, submitted, frames=frames)


def compare_documents(
    function: scoring.Function,
    gold: dict[str, Any],
    submitted: dict[str, Any],
    frames: list[tuple[int, int]],
) -> scoring.Facts:
    """The kernel's facts for any two label documents; `frames` are (width, height) in pixels."""
    return scoring.compare(function.ontology, function, gold, submitted, frames=frames)


def label_fact(row: EvaluationLabel) -> scoring.LabelFact:
    """The kernel's fact of a stored row, for points and explanations."""
    return scoring.LabelFact(
        frame=row.frame,
        outcome=scoring.Outcome(row.outcome),
        gold_id=row.gold_id or None,
        submitted_id=row.submitted_id or None,
        gold_node=row.gold_node or None,
        submitted_node=row.submitted_node or None,
        similarity=row.similarity,
        iou_value=row.iou_value,
        category_value=row.category_value,
        track_value=row.track_value,
        classification_value=row.classification_value,
        classification_answer=row.classification_answer or None,
        attributes={key: scoring.AttributeFact(*found) for key, found in row.attributes.items()},
        submitted_share=row.submitted_share,
        reason=row.reason,
    )


def label_points(row: EvaluationLabel, function: scoring.Function) -> list[scoring.Points]:
    """Points of one stored label per criterion."""
    return scoring.label_points(label_fact(row), function)


def score_cards(
    evaluation: Evaluation, function: scoring.Function, *, reveal_gold: bool
) -> list[tuple[EvaluationLabel, list[scoring.Explanation]]]:
    """Every label of an evaluation with its explained criteria, in stored order."""
    rows = list(evaluation.labels.order_by("position"))
    facts = scoring.Facts(labels=[label_fact(row) for row in rows], totals={}, outcomes={}, problems=[])
    cards = scoring.explain_all(
        facts,
        function,
        function.ontology,
        evaluation.gold_task.document,
        evaluation.submission.document,
        evaluation.submission.task.file.frame_sizes,
        reveal_gold=reveal_gold,
    )
    return [(row, explained) for row, (_, explained) in zip(rows, cards, strict=True)]
