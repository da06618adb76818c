"""The CSV of all evaluation labels: against COPY on PostgreSQL, a raw cursor with csv.writer on SQLite; and its memory.

The peers write the same rows with sixteen plain columns of them, in the same run: no points, no weights, no care for
names, formulas and attributes. `values() at once` is what a page without streaming does. The file with reasons is
measured on a small project of its own with real documents.

    ./dev bench csv [--check] [--rounds N] [--rows 200000]     # 1000000 is the size of design/performance.md
"""

import csv
import io
import resource
import time
import tracemalloc
from collections.abc import Iterable
from typing import Any

from bench.support.databases import on_each_database
from bench.support.report import Figure, finish, median_of, options

HELD_SLOWER = {"postgresql": 2.0, "sqlite": 1.3}
HELD_MIB = 32.0
LABELS = 20


def main() -> int:
    chosen = options(__doc__, rows=200_000)
    found = on_each_database("bench.csv", lambda: measure(chosen.rows, chosen.rounds))
    if found is None:
        return 0
    figures = []
    for kind, one in found.items():
        peer = "COPY" if kind == "postgresql" else "raw cursor"
        figures += [
            Figure(
                f"CSV of {one['rows']:,} rows against {peer}, {kind}",
                one["seconds"],
                "s",
                peer=one["peer_s"],
                ratio=one["seconds"] / one["peer_s"],
                at_most=HELD_SLOWER[kind],
                note=f"{one['rows'] / one['seconds']:,.0f} rows/s; raw cursor + csv {one['cursor_s']:.1f} s",
            ),
            Figure(
                f"Python memory above start, {kind}",
                one["grown_mib"],
                "MiB",
                at_most=HELD_MIB,
                note=f"{one['grown_small_mib']:.1f} MiB at a tenth; values() at once {one['list_mib']:.0f} MiB",
            ),
        ]
    return finish("csv", figures, check=chosen.check)


def measure(rows: int, rounds: int) -> dict[str, Any]:
    from bench.support import crowd as crowds
    from benchmarks.label_lines import label_bytes
    from benchmarks.models import EvaluationLabel, TrainingProject

    annotators = 50
    crowd = crowds.make_crowd(tasks=rows // LABELS // annotators, annotators=annotators, boxes=LABELS)
    crowds.add_copies(crowd)
    crowds.submit_copies(crowd, labels=LABELS)
    made = crowds.add_label_facts(crowd, labels=LABELS)
    training = TrainingProject.objects.select_related(
        "project__ontology_version", "publication__function", "publication__gold_version"
    ).get(pk=crowd.training.pk)

    def drain(pieces: Iterable[bytes], at_most: int | None = None) -> int:
        count = -1  # the header
        for piece in pieces:
            count += piece.count(b"\n")
            if at_most is not None and count >= at_most:
                break
        return count

    def ours() -> float:
        began = time.perf_counter()
        assert drain(label_bytes(training)) == made
        return time.perf_counter() - began

    fast, cursor, copied = median_of(
        rounds, ours, lambda: raw_cursor(training.pk), lambda: server_copy(training.pk)
    )
    return {
        "rows": made,
        "seconds": fast,
        "peer_s": copied or cursor,
        "cursor_s": cursor,
        "grown_mib": grown(lambda: drain(label_bytes(training))),
        "grown_small_mib": grown(lambda: drain(label_bytes(training), made // 10)),
        "list_mib": grown(lambda: len(list(EvaluationLabel.objects.values()))),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def grown(work: Any) -> float:
    """MiB that Python allocated at most while `work` ran, above what it had before."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (peak - before) / 1024 / 1024


# Fifteen plain columns and the points that the file promises, without any of the product's care for names,
# formulas and attributes: the least that the same file could cost.
PLAIN = """
SELECT u.name, u.email, c.attempt, t.uuid, f.title, l.frame, l.outcome, l.gold_id, l.submitted_id, l.gold_node,
       l.submitted_node, l.similarity, l.iou_value, l.category_value, l.attributes, s.submitted_at
FROM benchmarks_evaluationlabel l
JOIN benchmarks_evaluation e ON e.id = l.evaluation_id
JOIN labels_submission s ON s.id = e.submission_id
JOIN benchmarks_taskcopy c ON c.id = e.copy_id
JOIN accounts_user u ON u.id = c.annotator_id
JOIN projects_task t ON t.id = c.task_id
JOIN datasets_file f ON f.id = t.file_id
WHERE e.training_id = {training} AND e.state = 'done' ORDER BY l.evaluation_id, l.position
"""


def raw_cursor(training: int) -> float:
    """The peer on both databases: a cursor and csv.writer; seconds."""
    from django.db import connection

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(PLAIN.format(training=training))
        target = io.StringIO()
        writer = csv.writer(target)
        while batch := cursor.fetchmany(2000):
            writer.writerows(batch)
            target.seek(0)
            target.truncate()
    return time.perf_counter() - began


def server_copy(training: int) -> float:
    """PostgreSQL's own COPY ... TO STDOUT WITH CSV; 0 on SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")  # as the product does: compiling takes longer than it saves
        began = time.perf_counter()
        with cursor.copy(f"COPY ({PLAIN.format(training=training)}) TO STDOUT CSV") as copy:
            for _ in copy:
                pass
        spent = time.perf_counter() - began
        cursor.execute("SET jit = on")
    return spent


if __name__ == "__main__":
    raise SystemExit(main())
