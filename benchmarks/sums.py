"""The sums per publication (AnnotatorScore, ItemScore, AnnotatorTotal), kept equal to what adding up all rows gives.

Three events change them, each in its own transaction:
- facts are stored: the evaluation's points are added to the rows of its annotator and its item (`add_evaluations`);
- a retake is submitted: it takes the place of the attempt before, and both rows are counted anew (`recount`): nothing
  is ever subtracted, so no rounding error is left where nothing is;
- scores are published: everything is added up once (`build_sums`), or, when only weights changed, the totals are
  copied.

Who locks what, in this order: the evaluation, the project (shared; publishing takes it alone), the annotator's row, the
item's row; several of a kind by key. docs/adr/0006 says why, and what it costs when many workers store at once.
"""

# ruff: noqa: S608  every statement here is built from constants of this module; values are parameters

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from benchmarks.models import (
    AnnotatorScore,
    AnnotatorTotal,
    ItemScore,
    Publication,
    TaskScore,
    TrainingProject,
)

_SCORE_SUMS = (
    *("tasks", "earned", "available", "earned_squared", "available_squared", "product"),
    *("shared_tasks", "shared_earned", "shared_available", "before_earned", "before_available"),
)
_ITEM_SUMS = ("tasks", "earned", "available")

# What counts: scored under the publication, of the latest submitted attempt. `attempt > 1` is there for the index of
# retakes.
COUNTING = """
    e.training_id = %s AND e.gold_version_id = %s AND e.comparison_key = %s AND e.engine_version = %s
    AND e.state = 'done'
    AND NOT EXISTS (
        SELECT 1 FROM benchmarks_taskcopy newer JOIN projects_task t ON t.id = newer.task_id
        WHERE newer.training_id = c.training_id AND newer.item_id = c.item_id
          AND newer.annotator_id = c.annotator_id AND newer.attempt > c.attempt AND newer.attempt > 1
          AND t.state = 'submitted')
"""
_SCORED = """
    FROM benchmarks_evaluation e
    JOIN benchmarks_taskcopy c ON c.id = e.copy_id
    JOIN benchmarks_taskscore s ON s.evaluation_id = e.id AND s.function_id = %s
"""
# The same submission under the publication before, where that scored it.
_BEFORE = """
    LEFT JOIN benchmarks_evaluation earlier
      ON earlier.submission_id = e.submission_id AND earlier.gold_version_id = %s
     AND earlier.comparison_key = %s AND earlier.engine_version = %s AND earlier.state = 'done'
    LEFT JOIN benchmarks_taskscore b ON b.evaluation_id = earlier.id AND b.function_id = %s
"""


def _adding(table: str, key: str, columns: tuple[str, ...], selected: str) -> str:
    """An upsert that adds what `selected` finds to the rows that are there, in the order of keys."""
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in columns)
    return (
        f"INSERT INTO {table} (publication_id, {key}, {', '.join(columns)}) {selected} "
        f"ON CONFLICT (publication_id, {key}) DO UPDATE SET {added}"
    )


def _add_annotator_scores(scope: str) -> str:
    return _adding(
        "benchmarks_annotatorscore",
        "annotator_id",
        _SCORE_SUMS,
        f"""SELECT %s, c.annotator_id, COUNT(*), SUM(s.earned), SUM(s.available), SUM(s.earned * s.earned),
              SUM(s.available * s.available), SUM(s.earned * s.available), COUNT(b.id),
              SUM(CASE WHEN b.id IS NULL THEN 0.0 ELSE s.earned END),
              SUM(CASE WHEN b.id IS NULL THEN 0.0 ELSE s.available END),
              COALESCE(SUM(b.earned), 0.0), COALESCE(SUM(b.available), 0.0)
            {_SCORED} {_BEFORE} WHERE {COUNTING} AND {scope}
            GROUP BY c.annotator_id ORDER BY c.annotator_id""",
    )


def _add_item_scores(scope: str) -> str:
    return _adding(
        "benchmarks_itemscore",
        "item_id",
        _ITEM_SUMS,
        f"""SELECT %s, c.item_id, COUNT(*), SUM(s.earned), SUM(s.available)
            {_SCORED} WHERE {COUNTING} AND {scope} GROUP BY c.item_id ORDER BY c.item_id""",
    )


def _add_annotator_totals(scope: str) -> str:
    return _adding(
        "benchmarks_annotatortotal",
        "annotator_id, criterion",
        ("value_sum", "count"),
        f"""SELECT %s, c.annotator_id, t.criterion, SUM(t.value_sum), SUM(t.count)
            FROM benchmarks_evaluation e
            JOIN benchmarks_taskcopy c ON c.id = e.copy_id
            JOIN benchmarks_criteriontotal t ON t.evaluation_id = e.id
            WHERE {COUNTING} AND {scope}
            GROUP BY c.annotator_id, t.criterion ORDER BY c.annotator_id, t.criterion""",
    )


def counting_parameters(publication: Publication) -> list[Any]:
    """The values of COUNTING."""
    return [
        publication.training_id,
        publication.gold_version_id,
        publication.comparison_key,
        publication.engine_version,
    ]


def _before(publication: Publication) -> list[Any]:
    before = publication_before(publication)
    if before is None:
        return [-1, "", "", -1]
    return [before.gold_version_id, before.comparison_key, before.engine_version, before.function_id]


def publication_before(publication: Publication) -> Publication | None:
    """The publication that this one replaced."""
    return (
        Publication.objects.filter(training=publication.training_id, number__lt=publication.number)
        .order_by("-number")
        .first()
    )


def add_evaluations(publication: Publication, evaluations: Collection[int]) -> None:
    """Add evaluations whose facts and scores have just been stored; call it once for each, in their transaction.

    Evaluations of another comparison, and those of an attempt that has been taken again, add nothing.
    """
    scope = f"e.id IN ({', '.join(str(int(pk)) for pk in evaluations)})"
    with connection.cursor() as cursor:
        _add_scores(cursor, publication, scope)
        cursor.execute(_add_annotator_totals(scope), [publication.pk, *counting_parameters(publication)])
        _add_items(cursor, publication, scope)


def _add_scores(cursor: Any, publication: Publication, scope: str) -> None:
    parameters = [
        publication.pk,
        publication.function_id,
        *_before(publication),
        *counting_parameters(publication),
    ]
    cursor.execute(_add_annotator_scores(scope), parameters)


def _add_items(cursor: Any, publication: Publication, scope: str) -> None:
    parameters = [publication.pk, publication.function_id, *counting_parameters(publication)]
    cursor.execute(_add_item_scores(scope), parameters)


def recount(publication: Publication, *, annotator_id: int, item_id: int) -> None:
    """Count one annotator's and one item's rows anew, after a retake took the place of an earlier attempt.

    The evaluations of the earlier attempts are locked first: one that is being stored now is waited for, or will see
    that it does not count any more.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                """SELECT e.id FROM benchmarks_evaluation e JOIN benchmarks_taskcopy c ON c.id = e.copy_id
                   WHERE c.training_id = %s AND c.item_id = %s AND c.annotator_id = %s
                   ORDER BY e.id FOR NO KEY UPDATE OF e""",
                [publication.training_id, item_id, annotator_id],
            )
        _reset(cursor, "benchmarks_annotatorscore", "annotator_id", _SCORE_SUMS, publication.pk, annotator_id)
        cursor.execute(
            "DELETE FROM benchmarks_annotatortotal WHERE publication_id = %s AND annotator_id = %s",
            [publication.pk, annotator_id],
        )
        scope = f"c.annotator_id = {int(annotator_id)}"
        _add_scores(cursor, publication, scope)
        cursor.execute(_add_annotator_totals(scope), [publication.pk, *counting_parameters(publication)])
        _reset(cursor, "benchmarks_itemscore", "item_id", _ITEM_SUMS, publication.pk, item_id)
        _add_items(cursor, publication, f"c.item_id = {int(item_id)}")


def _reset(cursor: Any, table: str, key: str, columns: tuple[str, ...], *ids: int) -> None:
    """Make a row of zeros, or set it to zeros; either way nobody else can add to it before this transaction ends."""
    names, zeros = ", ".join(columns), ", ".join("0" for _ in columns)
    emptied = ", ".join(f"{name} = 0" for name in columns)
    cursor.execute(
        f"INSERT INTO {table} (publication_id, {key}, {names}) VALUES (%s, %s, {zeros}) "
        f"ON CONFLICT (publication_id, {key}) DO UPDATE SET {emptied}",
        list(ids),
    )


def build_sums(publication: Publication, replaced: Publication | None = None) -> None:
    """The sums of a publication that has none; call it under the exclusive lock of its project, after its scores.

    With the same comparison as the publication that it replaces the totals are copied: they know no weights. Totals of
    older publications go: nothing reads them (a page that is being made may still read those of `replaced`).
    """
    with connection.cursor() as cursor:
        _add_scores(cursor, publication, "1 = 1")
        _add_items(cursor, publication, "1 = 1")
        if replaced is not None and counting_parameters(publication) == counting_parameters(replaced):
            cursor.execute(
                """INSERT INTO benchmarks_annotatortotal (publication_id, annotator_id, criterion, value_sum, count)
                   SELECT %s, annotator_id, criterion, value_sum, count FROM benchmarks_annotatortotal
                   WHERE publication_id = %s""",
                [publication.pk, replaced.pk],
            )
        else:
            cursor.execute(
                _add_annotator_totals("1 = 1"), [publication.pk, *counting_parameters(publication)]
            )
    if replaced is not None:
        old = Publication.objects.filter(training=publication.training_id, number__lt=replaced.number)
        AnnotatorTotal.objects.filter(publication__in=old).delete()


@transaction.atomic
def add_up_again(publication: Publication) -> None:
    """Throw a publication's sums away and add everything up once more; for databases from before there were sums."""
    for model in (AnnotatorScore, ItemScore, AnnotatorTotal):
        model.objects.filter(publication=publication).delete()
    build_sums(publication)


def add_up_missing() -> int:
    """Make the sums of every publication on show that has scores but no sums; returns how many."""
    scored = TaskScore.objects.filter(
        function=OuterRef("publication__function"), evaluation__training=OuterRef("pk")
    )
    has_sums = AnnotatorScore.objects.filter(publication=OuterRef("publication"))
    without = TrainingProject.objects.filter(~Exists(has_sums), Exists(scored)).select_related("publication")
    for training in without:
        add_up_again(training.publication)
    return len(without)
