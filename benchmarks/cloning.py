"""Copies of the gold items for many annotators at once: one or two statements per batch, however many tasks.

Label rows are made later, when a copy is first opened. A copy is unique per (project, item, annotator, attempt), so
cloning again adds only what is missing: adding somebody twice, or through two groups, adds one.
"""

from collections.abc import Collection

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.models import TrainingProject

COPIES_AT_ONCE = 20_000
"""Copies per transaction: about half a second, so that others can write in between."""

# A random version 4 UUID; SQLite stores them as 32 hexadecimal digits.
NEW_UUID = {
    "postgresql": "gen_random_uuid()",
    "sqlite": (
        "lower(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2)"
        " || substr('89ab', (random() & 3) + 1, 1) || substr(hex(randomblob(2)), 2) || hex(randomblob(6)))"
    ),
}

# The rank is random per annotator and so says nothing about the gold. `OFFSET 0` keeps PostgreSQL from making a join of
# the look-up: in a table that has just grown, it takes a nested one over everything (43 s instead of 1 s, measured).
_INSERT_TASKS = """
INSERT INTO projects_task (uuid, project_id, kind, file_id, state, assignee_id, queue_rank, round, version,
                           created_at, assigned_at)
SELECT {new_uuid}, training.project_id, 'copy', item.file_id, 'assigned', person.id,
       ROW_NUMBER() OVER (PARTITION BY person.id ORDER BY random()), 1, 0, %s, %s
FROM benchmarks_golditem item
JOIN benchmarks_trainingproject training ON training.id = item.training_id
CROSS JOIN accounts_user person
WHERE item.training_id = %s AND person.id IN ({people})
  AND NOT EXISTS (
    SELECT 1 FROM benchmarks_taskcopy existing
    WHERE existing.training_id = item.training_id AND existing.item_id = item.id
      AND existing.annotator_id = person.id AND existing.attempt = 1 LIMIT 1 OFFSET 0)
"""
_COPY_COLUMNS = """
INSERT INTO benchmarks_taskcopy (training_id, item_id, annotator_id, attempt, task_id, withdrawn_from,
                                 withdrawn_by_leaving)
SELECT item.training_id, item.id, task.assignee_id, 1, task.id, '', %s
"""
# PostgreSQL hands the new tasks straight on: joining them from the table, of which it has no statistics yet, took
# twelve times as long (1,000 x 100 copies: 60 s instead of 5 s). SQLite has no such statement, and no such trouble.
_INSERT_BOTH = (
    "WITH task AS ("
    + _INSERT_TASKS
    + " RETURNING id, file_id, assignee_id)"
    + _COPY_COLUMNS
    + "FROM task JOIN benchmarks_golditem item ON item.training_id = %s AND item.file_id = task.file_id"
)
_FROM_TASKS = """
FROM projects_task task
JOIN benchmarks_golditem item ON item.training_id = %s AND item.file_id = task.file_id
WHERE task.project_id = %s AND task.kind = 'copy' AND task.assignee_id IN ({people})
  AND NOT EXISTS (SELECT 1 FROM benchmarks_taskcopy existing WHERE existing.task_id = task.id)
"""
_INSERT_COPIES = _COPY_COLUMNS + _FROM_TASKS


@transaction.atomic
def add_missing_copies(training: TrainingProject, annotator_ids: Collection[int]) -> int:
    """Give each annotator a copy of every gold item that they have none of; returns how many were added.

    Holds the training project's row, so that two clones of the same people wait for each other.
    """
    if not annotator_ids:
        return 0
    TrainingProject.objects.select_for_update(no_key=True).get(pk=training.pk)
    people = ", ".join(str(int(pk)) for pk in annotator_ids)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    names = {"new_uuid": NEW_UUID[connection.vendor], "people": people}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_INSERT_BOTH.format(**names), [now, now, training.pk, False, training.pk])
            return cursor.rowcount
        cursor.execute(_INSERT_TASKS.format(**names), [now, now, training.pk])
        added = cursor.rowcount
        if added:
            cursor.execute(_INSERT_COPIES.format(**names), [False, training.pk, training.project_id])
    return added
