"""Reading in bulk equals reading carefully, a batch equals task by task, rows equal labels."""

import copy
import random
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import FACT_COLUMNS, Function, Ontology, compare, compare_many, prepare, totals_of
from scoring.careful import read_carefully
from scoring.documents import _labels, _read_in_bulk
from tests.scoring.builders import box, document, object_class, ontology, skeleton, thing
from tests.scoring.test_second_scorer import ITEMS, random_task

JUNK = [
    *(None, True, False, "x", "", "0", 3, -1, 1.5, 1e9, float("nan"), float("inf"), 10**400),
    *([], [1], {}, {"a": 1}),
]


def carefully(items: Ontology, value: object, frames: list) -> object:
    """The columns by the careful way alone, whatever the document."""
    problems: list[str] = []
    return _labels(items, read_carefully(items, value, len(frames), problems), [frames], [problems])


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Every place inside a document, as a path of keys and positions."""
    found = []
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        found += [(*path, key), *places(one, (*path, key))]
    return found


def spoilt(value: dict, rng: random.Random) -> dict:
    """The document with a few of its values replaced, removed or doubled."""
    value = copy.deepcopy(value)
    for _ in range(rng.randrange(1, 4)):
        *path, last = rng.choice([*places(value), ("objects",)])
        parent = value
        for key in path:
            parent = parent[key]
        if rng.random() < 0.7:
            parent[last] = copy.deepcopy(rng.choice(JUNK))
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        else:
            parent.pop(last, None)
    return value


def test_reading_in_bulk_is_what_happens_to_good_documents_and_equals_reading_carefully():
    for seed in range(500):
        gold, own, sizes, choices = random_task(seed)
        function = Function.from_dict(ITEMS, choices)
        assert _read_in_bulk(ITEMS, [own], [len(sizes)]) is not None

        found = compare(ITEMS, function, gold, own, sizes)

        sides = (carefully(ITEMS, side, sizes) for side in (gold, own))
        assert found == compare(ITEMS, function, *sides, sizes), seed


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_malformed_document_gives_the_facts_of_the_careful_reader_in_any_batch(seed):
    rng = random.Random(seed)
    gold, own, sizes, choices = random_task(seed % 1000)
    gold, own = spoilt(gold, rng), spoilt(own, rng)
    function = Function.from_dict(ITEMS, choices)
    expected = compare(ITEMS, function, *(carefully(ITEMS, side, sizes) for side in (gold, own)), sizes)

    assert compare(ITEMS, function, gold, own, sizes) == expected
    good = random_task(seed % 1000 + 1)[:3]
    assert compare_many(ITEMS, function, [good, (gold, own, sizes), good])[1] == expected


@pytest.mark.parametrize("is_prepared", [False, True])
def test_a_batch_gives_the_facts_of_its_tasks_one_by_one(is_prepared):
    function = Function.from_dict(ITEMS, {"weights": {"track:red": 30}, "ordered": ["kind"]})
    tasks = [random_task(seed)[:3] for seed in range(200)]
    expected = [compare(ITEMS, function, *task) for task in tasks]
    if is_prepared:
        tasks = [(prepare(ITEMS, gold, sizes), own, sizes) for gold, own, sizes in tasks]

    found = compare_many(ITEMS, function, tasks)

    assert found == expected
    assert compare_many(ITEMS, function, []) == []


def test_a_batch_of_skeletons_with_different_vertices_equals_its_tasks():
    items = ontology(object_class("cat", "skeleton"), object_class("sign"))
    function = Function.from_dict(items, {})
    cats = [
        skeleton(nose=(10, 10), tail=(40, 40)),
        skeleton(nose=(12, 10), tail=(41, 40), ear=(1, 2)),
        skeleton(tail=(40, 41), nose=(10, 10, 0)),
        {"type": "skeleton", "points": {"nose": {"x": "?"}}},
        {"type": "skeleton", "points": {"nose": {"x": 0.1, "y": 0.1}, "tail": {"x": 0.4, "y": 0.4}}},
    ]
    sides = [document(thing("1", "cat", one), thing("2", "sign", box(1, 1, 30, 30))) for one in cats]
    sides.append(document())
    tasks = [(gold, own, [(100, 100)]) for gold in sides for own in sides]

    assert compare_many(items, function, tasks) == [compare(items, function, *task) for task in tasks]


def test_rows_say_what_labels_say():
    for seed in range(200):
        gold, own, sizes, choices = random_task(seed)
        facts = compare(ITEMS, Function.from_dict(ITEMS, choices), gold, own, sizes)

        rows = [dict(zip(FACT_COLUMNS, row, strict=True)) for row in facts.rows()]

        labels = [one.to_dict() for one in facts.labels]
        plain = [{key: "" if value is None else value for key, value in one.items()} for one in labels]
        assert [
            {key: "" if value is None else value for key, value in row.items()}
            | {"attributes": {name: list(one) for name, one in row["attributes"].items()}}
            for row in rows
        ] == plain
        assert facts.totals == totals_of(facts.labels)


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_a_thousand_boxes_on_one_place_take_little_time_and_memory(spread):
    items = ontology(object_class("red"), object_class("blue"))
    rng = random.Random(3)
    sides = [
        document(
            *(
                thing(
                    n,
                    rng.choice(["red", "blue"]),
                    box(40 + rng.uniform(0, spread), 40 + rng.uniform(0, spread), 10, 10),
                )
                for n in range(1000)
            )
        )
        for _ in range(2)
    ]
    function = Function.from_dict(items, {})
    tracemalloc.start()
    began = time.perf_counter()

    facts = compare(items, function, *sides, [(1920, 1080)])

    seconds = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(fact.outcome == "matched" for fact in facts.labels) > 950
    assert seconds < 20  # 0.5 to 1 s on an idle core
    assert peak < 200 * 2**20


def test_identical_boxes_pair_in_the_order_of_their_identifiers():
    items = ontology(object_class("red"))
    sides = [document(*(thing(n, "red", box(10, 10, 20, 20)) for n in range(count))) for count in (40, 43)]

    facts = compare(items, Function.from_dict(items, {}), *sides, [(100, 100)])

    pairs = [(fact.gold_id, fact.submitted_id, str(fact.outcome)) for fact in facts.labels]
    assert pairs == [(str(n), str(n), "matched") for n in range(40)] + [
        (None, str(n), "duplicate") for n in range(40, 43)
    ]
