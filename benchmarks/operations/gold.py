"""Gold versions: the labels of the sources, frozen, so that later edits there change nobody's score silently."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from benchmarks.gold import gold_of_tasks
from benchmarks.models import GoldItem, GoldTask, GoldVersion, TrainingProject
from benchmarks.sources import gold_tasks
from projects.models import Project

TASKS_AT_ONCE = 200


@transaction.atomic
def freeze_first_gold(*, training: TrainingProject, sources: Sequence[Project], actor: User) -> GoldVersion:
    """Version 1: an item for every file with usable gold, in the order of the sources, with its labels."""
    version = GoldVersion.objects.create(
        training=training, number=1, reason="Made with the project", created_by=actor
    )
    tasks = gold_tasks(sources)
    items = GoldItem.objects.bulk_create(
        [
            GoldItem(training=training, file_id=task.file_id, source_task=task, position=position)
            for position, task in enumerate(tasks)
        ],
        batch_size=TASKS_AT_ONCE,
    )
    for start in range(0, len(tasks), TASKS_AT_ONCE):
        gold = gold_of_tasks(tasks[start : start + TASKS_AT_ONCE])
        GoldTask.objects.bulk_create(
            GoldTask(
                version=version,
                item=item,
                document=one.document,
                label_count=one.label_count,
                reviewed_count=one.reviewed_count,
            )
            for item, one in zip(items[start : start + TASKS_AT_ONCE], gold, strict=True)
        )
    return version
