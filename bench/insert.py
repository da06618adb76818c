"""How long facts take to become rows: the product's bulk insert against `bulk_create` of model objects.

The facts are those of one comparison of 20 boxes with attributes, stored for as many evaluations as it takes. Peer
pattern: an object per label and `bulk_create` in batches, of a tenth of the rows and scaled; and the bare driver.

    ./dev bench insert [--check] [--rounds N] [--rows 200000]     # 1000000 is the size of design/performance.md
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.support.databases import on_each_database
from bench.support.report import Figure, finish, median_of, options

HELD_RATIO = 8.0
LABELS = 20


def main() -> int:
    chosen = options(__doc__, rows=200_000)
    found = on_each_database("bench.insert", lambda: measure(chosen.rows, chosen.rounds))
    if found is None:
        return 0
    figures = [
        Figure(
            f"{one['rows']:,} facts stored, {kind}",
            one["seconds"],
            "s",
            peer=one["peer_s"],
            ratio=one["peer_s"] / one["seconds"],
            at_least=HELD_RATIO,
            note=f"{one['rows'] / one['seconds']:,.0f} rows/s; bulk_create scaled from {one['peer_rows']:,}",
        )
        for kind, one in found.items()
    ]
    return finish("insert", figures, check=chosen.check)


def measure(rows: int, rounds: int) -> dict[str, Any]:
    from django.db import transaction

    from bench.support import crowd as crowds
    from benchmarks.bulk import insert_rows
    from benchmarks.models import Evaluation, EvaluationLabel
    from benchmarks.storage import LABEL_COLUMNS, label_rows

    annotators = 50
    crowd = crowds.make_crowd(tasks=rows // LABELS // annotators, annotators=annotators, boxes=LABELS)
    crowds.add_copies(crowd)
    crowds.submit_copies(crowd, labels=LABELS)
    facts = facts_of_boxes(crowd)
    found = [(row, facts) for row in Evaluation.objects.order_by("pk")]
    few = found[: len(found) // 10]

    def timed(store: Callable[[], int], scale: float = 1.0) -> float:
        began = time.perf_counter()
        with transaction.atomic():
            stored = store()
        spent = time.perf_counter() - began
        assert EvaluationLabel.objects.count() == stored
        empty()
        return spent * scale

    def ours() -> int:
        return insert_rows(EvaluationLabel, LABEL_COLUMNS, label_rows(found))

    def peer() -> int:
        return len(EvaluationLabel.objects.bulk_create(objects(few), batch_size=2_000))

    fast, slow = median_of(rounds, lambda: timed(ours), lambda: timed(peer, len(found) / len(few)))
    return {
        "rows": len(found) * LABELS,
        "peer_rows": len(few) * LABELS,
        "seconds": fast,
        "peer_s": slow,
    }


def objects(found: list[Any]) -> Iterator[Any]:
    """A model object per label, as the ORM wants them."""
    from benchmarks.models import EvaluationLabel

    for row, facts in found:
        for position, fact in enumerate(facts.labels):
            values = fact.to_dict()
            texts = ("gold_id", "submitted_id", "gold_node", "submitted_node", "classification_answer")
            values |= {name: values[name] or "" for name in texts}
            yield EvaluationLabel(evaluation=row, position=position, **values)


def facts_of_boxes(crowd: Any) -> Any:
    """What comparing twenty moved boxes with answers finds."""
    import scoring
    from bench.support.crowd import places
    from benchmarks.kernel_input import kernel_function
    from tests.factories import CELL_TYPE, NEUTROPHIL, box_document

    function = kernel_function(crowd.training.publication.function)
    gold = box_document(*places(LABELS))
    drawn = box_document(*[(x + 0.011, y, w, h) for x, y, w, h in places(LABELS)])
    for document in (gold, drawn):
        for item in document["objects"]:
            item["answers"][CELL_TYPE] = NEUTROPHIL
    facts = scoring.compare(function.ontology, function, gold, drawn, [(1920, 1080)])
    assert sum(1 for _ in facts.rows()) == LABELS
    return facts


def empty() -> None:
    """No evaluation labels any more."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("TRUNCATE benchmarks_evaluationlabel CASCADE")
        else:
            cursor.execute("DELETE FROM benchmarks_evaluationlabel")


if __name__ == "__main__":
    raise SystemExit(main())
