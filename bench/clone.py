"""How many copies a second "1,000 gold tasks for 100 annotators" makes, through the operation that the product calls.

Label rows are lazy: none is made here. Peer pattern: a loop that saves a task, a copy and an empty label row one by
one in one transaction, on a smaller number in the same run.

    ./dev bench clone [--check] [--rounds N] [--tasks 1000] [--annotators 100] [--peer-copies 2000]
"""

import time
from typing import Any

from bench.support.databases import on_each_database
from bench.support.report import Figure, finish, median_of, options

HELD_RATIO = 8.0


def main() -> int:
    chosen = options(__doc__, tasks=1000, annotators=100, peer_copies=2000)
    found = on_each_database("bench.clone", lambda: measure(chosen))
    if found is None:
        return 0
    figures = [
        Figure(
            f"copies of {chosen.tasks:,} tasks for {chosen.annotators}, {kind}",
            one["copies_per_s"],
            "copies/s",
            peer=one["peer_per_s"],
            ratio=one["copies_per_s"] / one["peer_per_s"],
            at_least=HELD_RATIO,
            note=f"{one['copies']:,} copies in {one['copies'] / one['copies_per_s']:.1f} s",
        )
        for kind, one in found.items()
    ]
    return finish("clone", figures, check=chosen.check)


def measure(chosen: Any) -> dict[str, float]:
    """Copies a second by the job's body and by the peer; what was made is deleted between rounds."""
    from bench.support import crowd as crowds
    from benchmarks.models import TaskCopy
    from labels.models import LabelRow
    from projects.models import Task

    crowd = crowds.make_crowd(tasks=chosen.tasks, annotators=chosen.annotators)
    copies = TaskCopy.objects.filter(training=crowd.training)

    def wipe(expected: int) -> None:
        assert copies.count() == expected, f"{copies.count()} copies, not {expected}"
        copies._raw_delete(copies.db)
        LabelRow.objects.all()._raw_delete(copies.db)
        Task.objects.filter(kind="copy")._raw_delete(copies.db)

    def ours() -> float:
        seconds = clone(crowd)
        assert not LabelRow.objects.exists()
        wipe(chosen.tasks * chosen.annotators)
        return chosen.tasks * chosen.annotators / seconds

    def peers() -> float:
        seconds = save_one_by_one(crowd, chosen.peer_copies)
        wipe(chosen.peer_copies)
        return chosen.peer_copies / seconds

    fast, slow = median_of(chosen.rounds, ours, peers)
    return {"copies_per_s": fast, "peer_per_s": slow, "copies": chosen.tasks * chosen.annotators}


def clone(crowd: Any) -> float:
    """What adding the people does, with the background job run here; seconds."""
    from benchmarks.operations.enrolment import sync_enrolment
    from jobs.jobs import run_job
    from jobs.models import Job, RowState

    began = time.perf_counter()
    job = sync_enrolment(training=crowd.training, people=crowd.annotators, actor=crowd.admin)
    if job is not None:
        run_job(job.pk)
    seconds = time.perf_counter() - began
    assert job is None or Job.objects.get(pk=job.pk).state == RowState.DONE
    return seconds


def save_one_by_one(crowd: Any, count: int) -> float:
    """The peer: one save() per task, copy and label row; seconds."""
    from django.db import transaction

    from benchmarks.models import TaskCopy
    from labels.models import LabelRow
    from projects.models import Task, TaskKind, TaskState

    began = time.perf_counter()
    made = 0
    with transaction.atomic():
        for person in crowd.annotators:
            for rank, item in enumerate(crowd.items):
                if made == count:
                    return time.perf_counter() - began
                task = Task(
                    project=crowd.training.project,
                    kind=TaskKind.COPY,
                    file_id=item.file_id,
                    state=TaskState.ASSIGNED,
                    assignee=person,
                    queue_rank=rank,
                )
                task.save()
                TaskCopy(training=crowd.training, item=item, annotator=person, task=task).save()
                LabelRow(task=task).save()
                made += 1
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
