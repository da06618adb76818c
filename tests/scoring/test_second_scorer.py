"""The engine and a naive second scorer agree on thousands of random tasks, points and outcomes alike."""

import ast
import os
import sys
from pathlib import Path

import pytest

from scoring import Function, Ontology, add_totals, compare, label_points, prepare, score
from tests.scoring.naive import naive_score
from tests.scoring.random_tasks import EVERY_SHAPE, STRUCTURE, random_task, task_of_every_shape

ITEMS = Ontology.from_structure(STRUCTURE)
SHAPES = Ontology.from_structure(EVERY_SHAPE)
TIMES = 20 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 1
TASKS, TASKS_OF_EVERY_SHAPE = 3000 * TIMES, 600 * TIMES


def test_the_second_scorer_shares_no_code_with_the_engine():
    """Its modules import Python's own library and each other, nothing else: no numpy, no shapely, no engine."""
    for name in ("naive.py", "naive_shapes.py"):
        tree = ast.parse(Path(__file__).with_name(name).read_text(encoding="utf-8"))
        imported = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
        imported |= {
            f"{node.module}.{node.names[0].name}" if node.module == "tests.scoring" else node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert {one.partition(".")[0] for one in imported} <= set(sys.stdlib_module_names) | {"tests"}
        assert {one for one in imported if one.startswith("tests")} <= {"tests.scoring.naive_shapes"}
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "__import__"]


def agree(ontology, structure, task, seed):
    """Compare with both; the outcomes that occurred, as (outcome, shape of gold or the submission)."""
    gold, own, sizes, settings = task
    function = Function.from_dict(ontology, settings)
    facts = compare(ontology, function, gold, own, sizes)
    earned, available, outcomes = naive_score(structure, settings, gold, own, sizes)

    found = [(one.frame, str(one.outcome), one.gold_id, one.submitted_id) for one in facts.labels]
    assert sorted(found, key=str) == outcomes, seed
    assert score(facts.totals, function) == pytest.approx((earned, available), abs=1e-6), seed
    rows = [row for fact in facts.labels for row in label_points(fact, function)]
    assert sum(row.points for row in rows) == pytest.approx(earned, abs=1e-6), seed
    assert sum(row.weight for row in rows) == pytest.approx(available, abs=1e-6), seed
    return {
        (str(one.outcome), ontology.items[one.gold_node or one.submitted_node].shape) for one in facts.labels
    }


def test_points_and_outcomes_agree_on_random_tasks():
    seen = set()
    for seed in range(TASKS):
        seen |= agree(ITEMS, STRUCTURE, random_task(seed), seed)
    outcomes = {"matched", "wrong_category", "imprecise", "missing", "duplicate", "extra"}
    assert {outcome for outcome, _ in seen} == outcomes


def test_points_and_outcomes_agree_on_random_tasks_of_every_shape():
    seen = set()
    for seed in range(TASKS_OF_EVERY_SHAPE):
        seen |= agree(SHAPES, EVERY_SHAPE, task_of_every_shape(seed), seed)
    shapes = {one["shape"] for one in EVERY_SHAPE["objects"]}
    outcomes = {"matched", "imprecise", "missing", "duplicate", "extra"}
    assert {(outcome, shape) for outcome in outcomes for shape in shapes} <= seen
    several = shapes - {"point"}  # one class of points has nothing to be confused with
    assert {("wrong_category", shape) for shape in several} <= seen


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
