"""The engine and a naive second scorer agree on thousands of random tasks, points and outcomes alike."""

import random

import pytest

from scoring import Function, Ontology, add_totals, compare, label_points, prepare, score
from tests.scoring.builders import (
    attribute,
    classification,
    object_class,
    option,
    thing,
)
from tests.scoring.naive import naive_score

STRUCTURE = {
    "objects": [
        object_class(
            "red",
            "bounding_box",
            attribute(
                "kind",
                "radio",
                option(
                    "k1",
                    attribute("lobes", "numeric"),
                    attribute("deep", "radio", option("d1", attribute("note")), "d2"),
                ),
                option("k2", attribute("marks", "checklist", "m1", "m2", "m3")),
                "k3",
            ),
            attribute("seen", "radio", option("s1", attribute("how")), "s2", dynamic=True),
        ),
        object_class("white", "bounding_box", attribute("remark")),
        object_class("spot", "point", attribute("side", "radio", "left", "right")),
    ],
    "classifications": [
        classification(
            "scene",
            attribute("weather", "radio", option("sun"), option("rain", attribute("mm", "numeric")), "fog"),
        ),
        classification("flags", attribute("set", "checklist", "f1", "f2")),
        classification("title", attribute("words"), level="global"),
    ],
}
ITEMS = Ontology.from_structure(STRUCTURE)
TASKS = 3000


def answers(rng: random.Random) -> dict:
    """Answers to anything, also to questions whose parent is not chosen."""
    pool = {
        "kind": ["k1", "k2", "k3", None],
        "lobes": [1, 2, 2.4, None],
        "deep": ["d1", "d2"],
        "note": ["a", " A ", "b", ""],
        "marks": [[], ["m1"], ["m1", "m2"], ["m3"]],
        "remark": ["x", "y", None],
        "side": ["left", "right"],
        "weather": ["sun", "rain", "fog", None],
        "mm": [1, 5],
        "set": [[], ["f1"], ["f1", "f2"]],
        "words": ["one", "One", "two"],
    }
    return {name: rng.choice(values) for name, values in pool.items() if rng.random() < 0.6}


def geometry(rng: random.Random, node: str) -> dict:
    """On a coarse grid, so that ties, small boxes and boxes over the edge are frequent."""
    x, y = rng.randrange(-2, 9) / 10, rng.randrange(0, 4) / 10
    if node == "spot":
        return {"type": "point", "x": x + rng.choice([0, 0.004, 0.01]), "y": y}
    size = rng.choice([0.05, 0.1, 0.2, 0.3])
    return {"type": "bounding_box", "x": x, "y": y, "w": size, "h": rng.choice([size, 0.2])}


def side(rng: random.Random, frames: int, names: str) -> dict:
    objects = []
    for name in rng.sample(names, rng.randrange(0, 5)):
        node = rng.choice(["red", "red", "white", "spot"])
        shown = rng.sample(range(frames), rng.randrange(1, frames + 1))
        entry = thing(name, node, {frame: geometry(rng, node) for frame in shown}, **answers(rng))
        for label in entry["labels"]:
            label["answers"] = {
                key: value
                for key, value in {
                    "seen": rng.choice(["s1", "s2", None]),
                    "how": rng.choice(["p", "q"]),
                }.items()
                if rng.random() < 0.6
            }
        objects.append(entry)
    found = []
    for name in rng.sample(names, rng.randrange(0, 4)):
        node = rng.choice(["scene", "flags", "title"])
        shown = rng.sample(range(frames), rng.randrange(1, frames + 1))
        found.append({"id": name, "node": node, "frames": shown, "answers": answers(rng)})
    return {"objects": objects, "classifications": found}


def jittered(rng: random.Random, gold: dict, names: str) -> dict:
    """A trainee's copy of gold: moved a little, some dropped, some renamed, some doubled."""
    own = side(rng, 1, names) if rng.random() < 0.3 else {"objects": [], "classifications": []}
    for entry in gold["objects"]:
        for _ in range(rng.choice([0, 1, 1, 1, 2])):
            name = rng.choice([one for one in names if one not in [made["id"] for made in own["objects"]]])
            node = entry["node"]
            if node != "spot" and rng.random() < 0.2:
                node = "white" if node == "red" else "red"
            labels = [
                label
                | {
                    "geometry": {
                        **label["geometry"],
                        "x": label["geometry"]["x"] + rng.choice([0, 0, 0.01, 0.05]),
                    }
                }
                for label in entry["labels"]
                if rng.random() < 0.9
            ]
            mixed = {**entry["answers"], **answers(rng)} if rng.random() < 0.5 else entry["answers"]
            own["objects"].append({"id": name, "node": node, "answers": mixed, "labels": labels})
    used = [made["id"] for made in own["classifications"]]
    own["classifications"] += [
        one for one in gold["classifications"] if one["id"] not in used and rng.random() < 0.7
    ]
    return own


def function_dict(rng: random.Random) -> dict:
    weights = {
        "iou:red": rng.choice([0, 40, 200]),
        "track:red": 30,
        "attribute:kind": 12.5,
        "attribute:kind=k1": 80,
        "attribute:kind=none": 5,
        "classification:scene=rain": 70,
        "extra:white": 17,
        "duplicate:red": 23,
        "extra:scene": 9,
    }
    every = {
        "weights": {name: points for name, points in weights.items() if rng.random() < 0.4},
        "not_scored": rng.sample(["red", "white", "scene", "kind", "lobes", "how"], rng.randrange(0, 3)),
        "extra_cost": rng.choice([0, 0.5, 1]),
        "min_overlap": {"area": rng.choice([0.05, 0.25, 0.5, 0.75]), "point": rng.choice([0.05, 0.5])},
        "near_miss": rng.choice([0, 0.05, 0.3]),
        "small_side": rng.choice([0, 10, 40]),
        "full_marks": {"red": rng.choice([0.5, 0.9])},
        "ordered": rng.sample(["kind", "weather", "seen"], 2),
        "tolerance": {"lobes": 0.5},
        "point_tolerance": 0.02,
        "type": rng.choice(["dynamic", "classification"]),
    }
    return {key: value for key, value in every.items() if rng.random() < 0.35}


def random_task(seed: int):
    rng = random.Random(seed)
    frames = rng.choice([1, 1, 1, 2, 4])
    names = rng.sample(["1", "2", "10", "-3", "a", "b", "B", "c1", "x9", "zz", "33", "q"], 12)
    gold = side(rng, frames, names)
    own = jittered(rng, gold, names) if rng.random() < 0.7 else side(rng, frames, names)
    sizes = [(rng.choice([100, 160]), 100) for _ in range(frames)]
    return gold, own, sizes, function_dict(rng)


def test_points_and_outcomes_agree_on_random_tasks():
    seen = set()
    for seed in range(TASKS):
        gold, own, sizes, settings = random_task(seed)
        function = Function.from_dict(ITEMS, settings)
        facts = compare(ITEMS, function, gold, own, sizes)
        earned, available, outcomes = naive_score(STRUCTURE, settings, gold, own, sizes)

        found = [(one.frame, str(one.outcome), one.gold_id, one.submitted_id) for one in facts.labels]
        assert sorted(found, key=str) == outcomes, seed
        assert score(facts.totals, function) == pytest.approx((earned, available), abs=1e-6), seed
        rows = [row for fact in facts.labels for row in label_points(fact, function)]
        assert sum(row.points for row in rows) == pytest.approx(earned, abs=1e-6), seed
        assert sum(row.weight for row in rows) == pytest.approx(available, abs=1e-6), seed
        seen |= {one[1] for one in outcomes}
    assert seen == {"matched", "wrong_category", "imprecise", "missing", "duplicate", "extra"}


def test_recalculating_from_totals_equals_comparing_again_with_the_new_weights():
    for seed in range(200):
        gold, own, sizes, settings = random_task(seed)
        points = {
            key: settings[key] for key in ("weights", "not_scored", "extra_cost", "type") if key in settings
        }
        before, after = Function.from_dict(ITEMS, {}), Function.from_dict(ITEMS, points)
        ready = prepare(ITEMS, gold, sizes)
        totals = compare(ITEMS, before, ready, own, sizes).totals

        assert before.comparison_key() == after.comparison_key()
        assert score(totals, after) == pytest.approx(
            naive_score(STRUCTURE, points, gold, own, sizes)[:2], abs=1e-6
        )
        assert totals == compare(ITEMS, after, ready, own, sizes).totals


def test_the_totals_of_many_tasks_add_up_to_their_points():
    function = Function.from_dict(ITEMS, {})
    tasks = [random_task(seed) for seed in range(100)]
    totals = [compare(ITEMS, function, gold, own, sizes).totals for gold, own, sizes, _ in tasks]
    each = [naive_score(STRUCTURE, {}, gold, own, sizes) for gold, own, sizes, _ in tasks]

    summed = score(add_totals(totals), function)

    assert summed == pytest.approx((sum(one[0] for one in each), sum(one[1] for one in each)), abs=1e-5)
