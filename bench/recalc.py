"""How long a change of weights takes to be published, and to be previewed: evaluations with 20 labels each.

Figure: milliseconds of the job's body from claim to the moved pointer, no Redis in between. Not one evaluation label,
total or outcome is written. Peer patterns: an ORM loop that gives every label its new points (a tenth of the rows,
scaled), and one UPDATE that writes the new points into every row. The preview is what every annotator would have.

    ./dev bench recalc [--check] [--rounds N] [--evaluations 5000] [--labels 20] [--peer-labels 10000]
    ./dev bench recalc --evaluations 50000      # 1,000,000 labels, the size of design/performance.md
"""

import time
from typing import Any

from bench.support.databases import on_each_database
from bench.support.report import Figure, finish, median_of, options

HELD_RATIO = 100.0
HELD_PREVIEW_MS = 200.0
FACTS = (
    "benchmarks_evaluation",
    "benchmarks_evaluationlabel",
    "benchmarks_criteriontotal",
    "benchmarks_outcometotal",
)


def main() -> int:
    chosen = options(__doc__, evaluations=5000, labels=20, peer_labels=10_000)
    found = on_each_database("bench.recalc", lambda: measure(chosen))
    if found is None:
        return 0
    figures = []
    for kind, one in found.items():
        figures.append(
            Figure(
                f"{one['labels']:,} labels published under new weights, {kind}",
                one["publish_ms"],
                "ms",
                peer=one["peer_ms"],
                ratio=one["peer_ms"] / one["publish_ms"],
                at_least=HELD_RATIO,
                note=f"peer scaled from {chosen.peer_labels:,} labels",
            )
        )
        figures.append(
            Figure(
                f"the same against an UPDATE of every label, {kind}",
                one["publish_ms"],
                "ms",
                peer=one["update_ms"],
                ratio=one["update_ms"] / one["publish_ms"],
            )
        )
        figures.append(
            Figure(
                f"what-if for all annotators, {kind}",
                one["preview_ms"],
                "ms",
                at_most=HELD_PREVIEW_MS,
                note=f"{one['annotators']} annotators",
            )
        )
        figures.append(Figure(f"rows of facts written, {kind}", one["facts_written"], "rows", at_most=0))
    return finish("recalc", figures, check=chosen.check)


def measure(chosen: Any) -> dict[str, float]:
    from bench.support import crowd as crowds
    from benchmarks.kernel_input import kernel_function
    from benchmarks.models import BenchmarkFunction, Evaluation, EvaluationLabel, TaskScore, TrainingProject
    from benchmarks.operations.functions import newest_function, save_function
    from benchmarks.publications import start_recalculation
    from benchmarks.results import points_under
    from jobs.jobs import run_job
    from jobs.models import Job, RowState
    from tests.factories import CELL

    annotators = 50
    crowd = crowds.make_crowd(
        tasks=chosen.evaluations // annotators, annotators=annotators, boxes=chosen.labels
    )
    crowds.add_copies(crowd)
    evaluations = crowds.submit_copies(crowd, labels=chosen.labels)
    labels = crowds.add_label_facts(crowd, labels=chosen.labels)
    written = 0

    def new_weights() -> BenchmarkFunction:
        newest = newest_function(crowd.training)
        return save_function(
            training=crowd.training,
            actor=crowd.admin,
            settings={"weights": {f"iou:{CELL}": 100 + newest.number}},
            reason="bench",
            base=newest.number,
        )

    def publish() -> float:
        nonlocal written
        training = TrainingProject.objects.select_related("project", "publication__function").get(
            pk=crowd.training.pk
        )
        function = new_weights()
        assert function.comparison_key == training.publication.comparison_key
        before = writes()
        job = start_recalculation(training=training, actor=crowd.admin, function=function)
        began = time.perf_counter()
        run_job(job.pk)
        spent = 1000 * (time.perf_counter() - began)
        assert Job.objects.get(pk=job.pk).state == RowState.DONE, Job.objects.get(pk=job.pk).error
        assert TaskScore.objects.filter(function=function).count() == evaluations
        written += writes() - before
        return spent

    def loop() -> float:
        spent = score_in_a_loop(newest_function(crowd.training), chosen.peer_labels)
        return spent * labels / chosen.peer_labels

    def preview() -> float:
        publication = TrainingProject.objects.get(pk=crowd.training.pk).publication
        function = kernel_function(newest_function(crowd.training))
        began = time.perf_counter()
        assert len(points_under(publication, function)) == annotators
        return 1000 * (time.perf_counter() - began)

    fast, slow, rewritten, shown = median_of(
        chosen.rounds, publish, loop, lambda: update_every_row(newest_function(crowd.training).pk), preview
    )
    assert EvaluationLabel.objects.count() == labels
    assert Evaluation.objects.count() == evaluations
    return {
        "publish_ms": fast,
        "peer_ms": slow,
        "update_ms": rewritten,
        "preview_ms": shown,
        "labels": labels,
        "annotators": annotators,
        "facts_written": written,
    }


def writes() -> int:
    """Changes to the tables of facts so far, counted by the server or by triggers."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute(
                "SELECT COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables "
                "WHERE relname = ANY(%s)",
                [list(FACTS)],
            )
        else:
            cursor.execute("CREATE TABLE IF NOT EXISTS bench_writes (at TEXT)")
            for table in FACTS:
                for event in ("INSERT", "UPDATE", "DELETE"):
                    cursor.execute(
                        f"CREATE TRIGGER IF NOT EXISTS bench_{table}_{event} AFTER {event} ON {table} "
                        "BEGIN INSERT INTO bench_writes VALUES ('now'); END"
                    )
            cursor.execute("SELECT COUNT(*) FROM bench_writes")
        return int(cursor.fetchone()[0])


def update_every_row(function: int) -> float:
    """The other peer: points stored on every label, written anew by one statement; milliseconds."""
    from django.db import connection, transaction

    from benchmarks.points import available_points, earned_points

    earned, available = earned_points(function), available_points(function)
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE benchmarks_evaluationlabel SET similarity = {earned.sql}, iou_value = {available.sql}",
            [*earned.params, *available.params],
        )
        spent = 1000 * (time.perf_counter() - began)
        transaction.set_rollback(True)
    return spent


def score_in_a_loop(function: Any, count: int) -> float:
    """The peer: read each label as an object, compute its points in Python, save it; milliseconds."""
    from django.db import transaction

    from benchmarks.evaluation import kernel_function, label_points
    from benchmarks.models import EvaluationLabel

    kernel = kernel_function(function)
    began = time.perf_counter()
    with transaction.atomic():
        for label in EvaluationLabel.objects.order_by("pk")[:count].iterator():
            label.reason = str(sum(one.points for one in label_points(label, kernel)))
            label.save(update_fields=["reason"])
        transaction.set_rollback(True)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    raise SystemExit(main())
