"""What the product adds to parsing, comparing and storing: whole jobs against the three bare steps.

Figure: the body of a re-evaluation over submissions of 20 boxes (claim, read, parse, compare, labels, totals, outcomes,
marked done, chunk by chunk), and the job of one submission, of 20 and of 1,000 boxes, as a worker runs it (without the
fork). Peer: `orjson.loads` of the same documents, the kernel, and COPY of the very bytes that these rows are
(executemany on SQLite).

    ./dev bench job [--check] [--rounds N] [--submissions 1000]
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.support.databases import on_each_database
from bench.support.report import Figure, finish, median_of, options

HELD_SLOWER = 2.5
BOXES = 20
MANY = 1_000
TABLES = ("benchmarks_evaluationlabel", "benchmarks_criteriontotal", "benchmarks_outcometotal")


def main() -> int:
    chosen = options(__doc__, submissions=1_000)
    found = on_each_database("bench.job", lambda: measure(chosen.submissions, chosen.rounds))
    if found is None:
        return 0
    figures = []
    for kind, cases in found.items():
        for name, one in cases.items():
            figures.append(
                Figure(
                    f"{name}, {kind}",
                    one["ms"],
                    "ms",
                    peer=one["peer_ms"],
                    ratio=one["ms"] / one["peer_ms"],
                    at_most=HELD_SLOWER if one["held"] else None,
                    note=f"{1000 * one['labels'] / one['ms']:,.0f} labels/s; parse {one['parse_ms']:.1f}, "
                    f"kernel {one['kernel_ms']:.1f}, store {one['store_ms']:.1f} ms",
                )
            )
    return finish("job", figures, check=chosen.check)


def measure(submissions: int, rounds: int) -> dict[str, Any]:
    from bench.support import crowd as crowds

    annotators = 20
    crowd = crowds.make_crowd(tasks=submissions // annotators, annotators=annotators, boxes=BOXES)
    crowds.add_copies(crowd)
    crowds.submit_copies(crowd, labels=BOXES, with_documents=True)
    cases = {
        f"{submissions} submissions of {BOXES} boxes compared again": many(crowd, rounds) | {"held": True}
    }
    cases[f"one submission of {BOXES} boxes"] = one(rounds) | {"held": False}
    more_boxes()
    cases[f"one submission of {MANY} boxes"] = one(rounds) | {"held": True}
    return cases


def many(crowd: Any, rounds: int) -> dict[str, float]:
    """All submissions in chunks, under comparison settings that nobody has published yet."""
    from benchmarks.evaluation import evaluations_of
    from benchmarks.models import Publication
    from benchmarks.operations.functions import save_function
    from benchmarks.publications import request_missing
    from benchmarks.reevaluation import Waiting
    from jobs.models import Job, RowState

    published = crowd.training.publication
    function = save_function(
        training=crowd.training,
        actor=crowd.admin,
        settings={"min_overlap": {"area": 0.41}},
        reason="bench",
        base=1,
    )
    target = Publication(
        training=crowd.training,
        function=function,
        gold_version=published.gold_version,
        comparison_key=function.comparison_key,
        engine_version=published.engine_version,
    )
    job = Job.objects.create(
        organisation=crowd.organisation, kind="bench", title="bench", state=RowState.RUNNING, run=1, starts=1
    )
    request_missing(target)
    pks = list(evaluations_of(target).order_by("pk").values_list("pk", flat=True))

    def work() -> None:
        Waiting(job, target, time.monotonic() + 600).in_chunks()

    return against_bare_steps(pks, work, rounds)


def one(rounds: int) -> dict[str, float]:
    """The first submission alone, under what is published: with its score and the sums."""
    from benchmarks.evaluation import evaluate
    from benchmarks.models import Evaluation

    pk = Evaluation.objects.order_by("pk").values_list("pk", flat=True)[0]

    def work() -> None:
        assert evaluate(pk)

    return against_bare_steps([pk], work, 10 * rounds)


def against_bare_steps(pks: list[int], work: Callable[[], None], rounds: int) -> dict[str, float]:
    """Milliseconds of the work and of the bare steps over the same rows."""
    import orjson

    import scoring
    from benchmarks.kernel_input import comparison_function, frames_of, kernel_tasks, rows_to_compare
    from benchmarks.models import Evaluation, EvaluationLabel
    from benchmarks.reevaluation import no_collections

    forget(pks)
    work()
    labels = EvaluationLabel.objects.filter(evaluation__in=pks).count()
    stored = {table: rows_of(table, pks) for table in TABLES}
    rows = list(rows_to_compare().filter(pk__in=pks).order_by("gold_task_id", "pk"))
    texts = [row.submitted_text for row in rows]
    function = comparison_function(rows[0])
    gold = {}
    for row in rows:
        if row.gold_task_id not in gold:
            gold[row.gold_task_id] = kernel_tasks([row], function.ontology)[0][0]
    frames = [frames_of(row) for row in rows]
    parts: dict[str, list[float]] = {"parse": [], "kernel": [], "store": []}

    def ours() -> float:
        forget(pks)
        began = time.perf_counter()
        work()
        spent = time.perf_counter() - began
        assert Evaluation.objects.filter(pk__in=pks, state="done").count() == len(pks)
        return 1000 * spent

    def peer() -> float:
        forget(pks)
        marks = [time.perf_counter()]
        documents = [orjson.loads(text) for text in texts]
        marks.append(time.perf_counter())
        tasks = [
            (gold[row.gold_task_id], document, sizes)
            for row, document, sizes in zip(rows, documents, frames, strict=True)
        ]
        for facts in scoring.compare_many(function.ontology, function, tasks):
            for _ in facts.rows():
                pass
        marks.append(time.perf_counter())
        store(stored)
        marks.append(time.perf_counter())
        for name, start, end in zip(parts, marks, marks[1:], strict=False):
            parts[name].append(1000 * (end - start))
        return 1000 * (marks[-1] - marks[0])

    def bare() -> float:
        with no_collections():  # as the product does for many documents
            return peer()

    fast, slow = median_of(rounds, ours, bare if len(pks) > 1 else peer)
    return {"ms": fast, "peer_ms": slow, "labels": labels} | {
        f"{name}_ms": statistics.median(spent) for name, spent in parts.items()
    }


def forget(pks: list[int]) -> None:
    """The evaluations as they were before they were worked on; what one job costs is timed without this."""
    from benchmarks.models import Evaluation
    from benchmarks.storage import forget_rows

    forget_rows(pks)
    Evaluation.objects.filter(pk__in=pks).update(state="pending", run=0, starts=0)


def rows_of(table: str, pks: list[int]) -> Any:
    """The stored rows of a table without their keys: COPY's bytes on PostgreSQL, tuples on SQLite."""
    from django.db import connection

    ids = ", ".join(map(str, pks))
    with connection.cursor() as cursor:
        names = [
            column.name
            for column in connection.introspection.get_table_description(cursor, table)
            if column.name != "id"
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        query = f"SELECT {columns} FROM {table} WHERE evaluation_id IN ({ids}) ORDER BY id"
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
                return columns, b"".join(copy)
        cursor.execute(query)
        return columns, cursor.fetchall()


def store(stored: dict[str, Any]) -> None:
    """The same rows again, in one transaction, by the quickest statement that the database has."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, rows) in stored.items():
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    copy.write(rows)
            else:
                marks = ", ".join(["%s"] * (columns.count(",") + 1))
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def more_boxes() -> None:
    """Gold and submission of the first evaluation get a thousand boxes."""
    from benchmarks.models import Evaluation
    from tests.factories import box_document

    row = Evaluation.objects.select_related("gold_task", "submission").order_by("pk")[0]
    grid = [(0.025 * (n % 40), 0.04 * (n // 40), 0.02, 0.03) for n in range(MANY)]
    row.gold_task.document = box_document(*grid)
    row.submission.document = box_document(*[(x + 0.001, y, w, h) for x, y, w, h in grid])
    row.gold_task.save()
    row.submission.save()


if __name__ == "__main__":
    raise SystemExit(main())
