"""Facts as rows: what an evaluation found is replaced in one transaction, by bulk statements, and added to the sums.

Call everything here inside the transaction that marks the evaluations done (`jobs.queue.finishing`, or the chunk of a
re-evaluation): a run that lost its row writes nothing, and one that dies in between leaves what was there.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet

import scoring
from benchmarks.bulk import insert_rows
from benchmarks.models import (
    CriterionTotal,
    Evaluation,
    EvaluationLabel,
    OutcomeTotal,
    Publication,
    SampleRow,
    TaskScore,
    TrainingProject,
)
from benchmarks.sums import add_evaluations, recount
from jobs.models import RowState

LABEL_COLUMNS = ("evaluation_id", "position", *scoring.FACT_COLUMNS)
_TOTAL_COLUMNS = ("evaluation_id", "criterion", "value_sum", "count")
_OUTCOME_COLUMNS = ("evaluation_id", "node", "outcome", "gold_value", "submitted_value", "count")
_REASON = scoring.FACT_COLUMNS.index("reason")
assert len(scoring.FACT_COLUMNS) - 1 == _REASON, "a row is cut and put together there"

Found = tuple[Evaluation, scoring.Facts]


def store_facts(row: Evaluation, facts: scoring.Facts) -> None:
    """Replace everything an earlier run of the row stored, and score it under the published function."""
    store_many([(row, facts)])


def store_many(found: Sequence[Found]) -> None:
    """`store_facts` for evaluations of one project: a statement per table, however many they are.

    The shared lock on the training project lets a re-calculation either see these totals or be seen by them
    (scoring.md section 6).
    """
    publication = lock_publication(found[0][0].training_id, exclusive=False)
    replaced = [row for row, _ in found if _forget(row)]
    insert_rows(EvaluationLabel, LABEL_COLUMNS, label_rows(found))
    insert_rows(
        CriterionTotal,
        _TOTAL_COLUMNS,
        (
            (row.pk, key, value_sum, count)
            for row, facts in found
            for key, (value_sum, count) in facts.totals.items()
        ),
    )
    insert_rows(
        OutcomeTotal,
        _OUTCOME_COLUMNS,
        (
            (row.pk, node, str(outcome), gold or "", submitted or "", count)
            for row, facts in found
            for (node, outcome, gold, submitted), count in facts.outcomes.items()
        ),
    )
    published = [row.pk for row, _ in found if _is_of(row, publication)]
    if published:
        insert_scores(publication.function_id, Evaluation.objects.filter(pk__in=published))
        again = {row.pk for row in replaced}
        if fresh := [pk for pk in published if pk not in again]:
            add_evaluations(publication, fresh)
        for row in replaced:
            recount(publication, annotator_id=row.copy.annotator_id, item_id=row.copy.item_id)


def _forget(row: Evaluation) -> bool:
    """Delete what an earlier run stored; whether there was anything. A first run needs no look."""
    return row.run > 1 and forget_rows([row.pk]) > 0


def forget_rows(evaluations: Collection[int]) -> int:
    """Delete all facts and scores of evaluations; returns how many rows these were."""
    SampleRow.objects.filter(label__evaluation__in=evaluations)._raw_delete(DEFAULT_DB_ALIAS)
    return sum(
        model.objects.filter(evaluation__in=evaluations)._raw_delete(DEFAULT_DB_ALIAS)
        for model in (EvaluationLabel, CriterionTotal, OutcomeTotal, TaskScore)
    )


def _is_of(row: Evaluation, publication: Publication) -> bool:
    """Whether the evaluation is one of those that the publication is made of."""
    return (row.gold_version_id, row.comparison_key, row.engine_version) == (
        publication.gold_version_id,
        publication.comparison_key,
        publication.engine_version,
    )


def label_rows(found: Sequence[Found]) -> Iterator[tuple[Any, ...]]:
    """Rows of EvaluationLabel in the order of LABEL_COLUMNS."""
    for row, facts in found:
        pk = row.pk
        for position, fact in enumerate(facts.rows()):
            if len(fact[_REASON]) > 200:
                fact = (*fact[:_REASON], fact[_REASON][:200])
            yield (pk, position, *fact)


def lock_publication(training_id: int, *, exclusive: bool) -> Publication:
    """Lock the training project's row until commit and read its publication.

    Writers of facts share the lock, a re-calculation takes it alone. SQLite needs none: its transactions are
    IMMEDIATE, so there is one writer at a time.
    """
    if connection.vendor == "postgresql":
        mode = "FOR NO KEY UPDATE" if exclusive else "FOR SHARE"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM benchmarks_trainingproject WHERE id = %s {mode}",  # noqa: S608 two constants
                [training_id],
            )
    return Publication.objects.get(
        pk=TrainingProject.objects.values_list("publication_id").get(pk=training_id)[0]
    )


def insert_scores(function_id: int, evaluations: QuerySet[Evaluation]) -> int:
    """Insert the TaskScores of evaluations that have none under a function: one statement over totals, no labels.

    Returns how many were inserted.
    """
    wanted, parameters = evaluations.filter(state=RowState.DONE).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO benchmarks_taskscore (evaluation_id, function_id, earned, available)
            SELECT e.id, %s, COALESCE(SUM(t.value_sum * w.weight), 0), COALESCE(SUM(t.count * w.weight), 0)
            FROM benchmarks_evaluation e
            LEFT JOIN benchmarks_criteriontotal t ON t.evaluation_id = e.id
            LEFT JOIN benchmarks_functionweight w ON w.function_id = %s AND w.criterion = t.criterion
            WHERE e.id IN ({wanted})
              AND NOT EXISTS (
                SELECT 1 FROM benchmarks_taskscore s WHERE s.evaluation_id = e.id AND s.function_id = %s)
            GROUP BY e.id
            """,  # noqa: S608 the inner query is the ORM's, with its values as parameters
            [function_id, function_id, *parameters, function_id],
        )
        return cursor.rowcount
