"""Benchmark functions: default weights, derived costs, reading, writing, problems."""

import json
import math

import pytest

from scoring import (
    Function,
    InvalidFunction,
    balanced_answers,
    balanced_classes,
    compare,
    default_function,
    score,
)
from tests.scoring.builders import (
    FRAME,
    answer,
    attribute,
    box,
    classification,
    document,
    object_class,
    ontology,
    option,
    template,
    thing,
)

CELLS = ontology(
    object_class(
        "white",
        "bounding_box",
        attribute("kind", "radio", option("neutrophil", attribute("lobes", "numeric")), "lymphocyte"),
        attribute("whole", "radio", "yes", "no", dynamic=True),
    ),
    object_class("platelet", "polygon"),
    classifications=(
        classification(
            "smear", attribute("quality", "radio", "good", option("bad", attribute("why", "checklist", "a")))
        ),
    ),
)


def test_default_weights_share_a_hundred_points_over_the_attributes_of_an_object():
    weights = default_function(CELLS).weights

    # two top attributes: 50 each; kind has one child: 50 / 2 for itself, 50 / 2 for lobes
    assert weights["iou:white"] == weights["category:white"] == 100
    assert (weights["attribute:kind"], weights["attribute:lobes"], weights["attribute:whole"]) == (25, 25, 50)
    # a classification has 100 for the root and 100 shared by what is nested
    assert (weights["classification:smear"], weights["attribute:why"]) == (100, 100)
    assert weights["track:white"] == 0
    assert "attribute:quality" not in weights


def test_three_levels_split_each_part_between_the_attribute_and_its_direct_children():
    third = attribute("third")
    second = attribute("second", "radio", option("b", third))
    first = attribute("first", "radio", option("a1", second, attribute("sister")), "a2")
    weights = default_function(ontology(object_class("o", "point", first))).weights

    # first: 100 / (1 + 2 children); second's part 100 / 3 is split with third
    assert weights["attribute:first"] == pytest.approx(100 / 3)
    assert weights["attribute:sister"] == pytest.approx(100 / 3)
    assert weights["attribute:second"] == weights["attribute:third"] == pytest.approx(100 / 6)
    assert sum(points for name, points in weights.items() if name.startswith("attribute:")) == pytest.approx(
        100
    )


def test_category_is_worth_nothing_when_no_other_class_of_the_family_could_be_confused():
    items = ontology(
        object_class("cell", "bounding_box"),
        object_class("mask", "bitmask"),
        object_class("road", "polyline"),
        object_class("cat", "skeleton"),
        object_class("fly", "skeleton"),
        templates=(template("Cat", "nose"), template("Fly", "wing")),
    )
    weights = default_function(items).weights

    assert weights["category:cell"] == weights["category:mask"] == 100  # both areas
    assert weights["category:road"] == weights["category:cat"] == weights["category:fly"] == 0


def test_archived_nodes_start_without_points_and_rival_nobody():
    items = ontology(
        object_class("cell", "point", attribute("old", archived=True), attribute("new")),
        object_class("gone", "point", archived=True),
    )
    weights = default_function(items).weights

    assert (weights["attribute:old"], weights["attribute:new"]) == (0, 100)
    assert (weights["iou:gone"], weights["category:cell"]) == (0, 0)


def test_an_extra_label_costs_what_a_missed_one_offers_with_static_attributes_apart():
    function = default_function(CELLS)

    # IoU 100 + category 100 + whole (dynamic) 50 on every frame; kind 25 + lobes 25 are static
    assert function.weight("extra:white") == function.weight("duplicate:white") == 250
    assert function.weight("extra:white=static") == function.weight("duplicate:white=static") == 50
    assert function.weight("extra:platelet") == 200
    assert function.weight("extra:smear") == 200
    assert "duplicate:smear" not in function.weights
    assert function.derived >= {"extra:white", "duplicate:white", "extra:smear"}


def test_derived_costs_follow_the_other_weights_but_not_what_is_not_scored():
    function = Function.from_dict(
        CELLS, {"weights": {"iou:white": 300, "attribute:whole": 10}, "not_scored": ["kind"]}
    )

    # 300 + 100 + 10, static: lobes 25 only
    assert (function.weight("extra:white"), function.weight("extra:white=static")) == (410, 25)


def test_an_explicit_extra_weight_is_the_whole_cost():
    function = Function.from_dict(CELLS, {"weights": {"extra:white": 30}})

    assert (function.weight("extra:white"), function.weight("extra:white=static")) == (30, 0)
    assert (function.weight("duplicate:white"), function.weight("duplicate:white=static")) == (250, 50)


def test_the_extra_label_cost_scales_extras_but_duplicates_always_cost():
    function = Function.from_dict(CELLS, {"extra_cost": 0.5})

    assert (function.weight("extra:white"), function.weight("extra:white=static")) == (125, 25)
    assert (function.weight("duplicate:white"), function.weight("extra:smear")) == (250, 100)


def test_not_scored_takes_every_criterion_of_an_item_but_only_its_own_of_an_attribute():
    function = Function.from_dict(CELLS, {"not_scored": ["white", "why"]})

    off = [
        "iou:white",
        "category:white",
        "attribute:kind",
        "attribute:lobes",
        "extra:white",
        "duplicate:white=static",
    ]
    assert all(function.weight(name) == 0 for name in [*off, "attribute:why"])
    assert function.weight("classification:smear") == 100
    assert function.weights["iou:white"] == 100  # kept, so that the switch can be turned back


def test_the_classification_type_leaves_objects_without_points():
    function = Function.from_dict(CELLS, {"type": "classification"})

    assert all(
        function.weight(name) == 0 for name in function.weights if "white" in name or "platelet" in name
    )
    assert function.weight("attribute:kind") == 0
    assert function.weight("classification:smear") == 100
    assert Function.from_dict(CELLS, {"type": "Single frame-level classification"}).type == "classification"


def test_a_weight_per_answer_falls_back_to_the_plain_one():
    function = Function.from_dict(CELLS, {"weights": {"attribute:kind=neutrophil": 7}})

    assert function.weight("attribute:kind=neutrophil") == 7
    assert function.weight("attribute:kind=lymphocyte") == function.weight("attribute:kind=none") == 25
    assert function.weight("attribute:unheard=of") == 0


def test_writing_and_reading_gives_an_equal_function():
    function = Function.from_dict(
        CELLS,
        {
            "weights": {"iou:white": 12.5, "attribute:kind=none": 3, "extra:platelet": 1},
            "not_scored": ["lobes"],
            "extra_cost": 0.25,
            "min_overlap": {"area": 0.6},
            "near_miss": 0,
            "small_side": 0,
            "full_marks": {"white": 0.9},
            "ordered": ["kind", "smear"],
            "tolerance": {"lobes": 0.5},
            "line_width": 0.02,
            "point_tolerance": 0.03,
        },
    )

    again = Function.from_dict(CELLS, function.to_dict())

    assert again == function
    assert again.to_dict() == function.to_dict()
    assert again.derived == function.derived
    assert function.comparison.ordered == {"kind", "quality"}  # a classification means its root


def test_derived_costs_are_frozen_in_what_was_written_down():
    written = default_function(CELLS).to_dict()
    written["weights"]["iou:white"] = 500

    assert Function.from_dict(CELLS, written).weight("extra:white") == 250


def test_a_practice_gives_full_marks_from_95_hundredths():
    assert set(default_function(CELLS, kind="exam").comparison.full_marks.values()) == {1.0}
    assert set(default_function(CELLS, kind="practice").comparison.full_marks.values()) == {0.95}


def test_point_settings_leave_the_comparison_key_alone_and_comparison_settings_change_it():
    key = default_function(CELLS).comparison_key()

    for point_setting in (
        {"weights": {"iou:white": 1}},
        {"not_scored": ["white"]},
        {"extra_cost": 0},
        {"type": "classification"},
        {"full_marks": {"white": 1.0}, "tolerance": {"lobes": 0}},  # the defaults, spelled out
    ):
        assert Function.from_dict(CELLS, point_setting).comparison_key() == key
    changed = [
        {"min_overlap": {"area": 0.5}},
        {"near_miss": 0},
        {"small_side": 10},
        {"full_marks": {"white": 0.9}},
        {"ordered": ["kind"]},
        {"tolerance": {"lobes": 1}},
        {"line_width": 0.02},
        {"point_tolerance": 0.02},
    ]
    keys = {Function.from_dict(CELLS, one).comparison_key() for one in changed}
    assert len(keys) == len(changed)
    assert key not in keys


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, ""),
        ([], ""),
        ({"colour": 1}, "colour"),
        ({"type": "magic"}, "type"),
        ({"type": 7}, "type"),
        ({"weights": []}, "weights"),
        ({"weights": {1: 2}}, "weights"),
        ({"weights": {"iou:white": "100"}}, "weights.iou:white"),
        ({"weights": {"iou:white": None}}, "weights.iou:white"),
        ({"weights": {"iou:white": True}}, "weights.iou:white"),
        ({"weights": {"iou:white": -1}}, "weights.iou:white"),
        ({"weights": {"iou:white": math.nan}}, "weights.iou:white"),
        ({"weights": {"iou:white": math.inf}}, "weights.iou:white"),
        ({"weights": {"iou:white": 10**400}}, "weights.iou:white"),
        ({"weights": {"iou:nobody": 1}}, "weights.iou:nobody"),
        ({"weights": {"iou:smear": 1}}, "weights.iou:smear"),
        ({"weights": {"classification:white": 1}}, "weights.classification:white"),
        ({"weights": {"size:white": 1}}, "weights.size:white"),
        ({"weights": {"white": 1}}, "weights.white"),
        ({"weights": {"attribute:quality": 1}}, "weights.attribute:quality"),
        ({"weights": {"attribute:kind=purple": 1}}, "weights.attribute:kind=purple"),
        ({"weights": {"attribute:lobes=none": 1}}, "weights.attribute:lobes=none"),
        ({"weights": {"duplicate:smear": 1}}, "weights.duplicate:smear"),
        ({"weights": {"extra:white=static": 1}}, "weights.extra:white=static"),
        ({"not_scored": "white"}, "not_scored"),
        ({"not_scored": ["nobody"]}, "not_scored[0]"),
        ({"extra_cost": 1.5}, "extra_cost"),
        ({"extra_cost": "1"}, "extra_cost"),
        ({"min_overlap": {"area": 2}}, "min_overlap.area"),
        ({"min_overlap": {"volume": 0.5}}, "min_overlap.volume"),
        ({"min_overlap": {"point": 0.04}}, "min_overlap.point"),
        ({"min_overlap": {"skeleton": 0}}, "min_overlap.skeleton"),
        ({"near_miss": -0.1}, "near_miss"),
        ({"small_side": -1}, "small_side"),
        ({"full_marks": {"white": 0}}, "full_marks.white"),
        ({"full_marks": {"white": 0.009}}, "full_marks.white"),
        ({"full_marks": {"nobody": 1}}, "full_marks.nobody"),
        ({"ordered": ["lobes"]}, "ordered[0]"),
        ({"tolerance": {"kind": 1}}, "tolerance.kind"),
        ({"tolerance": {"lobes": -1}}, "tolerance.lobes"),
        ({"line_width": 0}, "line_width"),
        ({"point_tolerance": 1}, "point_tolerance"),
    ],
)
def test_a_wrong_value_is_a_problem_with_its_path_and_never_a_crash(value, path):
    problems = Function.problems(CELLS, value)

    assert [one["path"] for one in problems] == [path]
    assert problems[0]["message"]
    with pytest.raises(InvalidFunction) as refused:
        Function.from_dict(CELLS, value)
    assert refused.value.problems == problems


@pytest.mark.parametrize(
    "value",
    [
        {"full_marks": {"white": 0.01}},
        {"min_overlap": {"point": 0.05, "skeleton": 0.05, "area": 0, "line": 1}},
        {"near_miss": 1, "small_side": 0, "extra_cost": 0},
        {"line_width": 0.5, "point_tolerance": 0.000001, "tolerance": {"lobes": 0}},
        {"weights": {"iou:white": 0, "track:white": 1e9}},
    ],
)
def test_the_ends_of_each_range_are_allowed(value):
    assert Function.problems(CELLS, value) == []


def test_the_same_function_is_written_the_same_whatever_the_order_of_its_lists():
    one = {"not_scored": ["white", "smear", "platelet"], "ordered": ["kind", "whole"]}
    other = {key: value[::-1] for key, value in reversed(one.items())}
    written = [json.dumps(Function.from_dict(CELLS, value).to_dict()) for value in (one, other)]

    assert written[0] == written[1]


def test_all_problems_are_reported_at_once():
    problems = Function.problems(CELLS, {"weights": {"iou:white": -1, "iou:x": 1}, "near_miss": "much"})

    assert {one["path"] for one in problems} == {"weights.iou:white", "weights.iou:x", "near_miss"}


def test_the_sum_of_points_per_item_is_what_a_fully_answered_label_offers():
    points = {row["node"]: row["points"] for row in default_function(CELLS).points_per_item()}

    assert points == {"white": 300, "platelet": 200, "smear": 200}


def test_balance_answers_lets_each_gold_answer_count_the_same():
    gold = document(
        *(thing(n, "white", box(20 * n, 0, 10, 10), kind="lymphocyte") for n in range(3)),
        thing(9, "white", box(0, 50, 10, 10), kind="neutrophil"),
        classifications=(answer(1, "smear", quality="good"),),
    )
    function = default_function(CELLS)
    counts = {key: count for key, (_, count) in compare(CELLS, function, gold, gold, [FRAME]).totals.items()}

    balanced = balanced_answers(CELLS, function.weights, counts)

    # 25 points x 4 labels = 100 in all, 50 per answer: 50 / 3 for each lymphocyte, 50 for the neutrophil
    assert balanced == {
        "attribute:kind=lymphocyte": pytest.approx(50 / 3, abs=1e-6),
        "attribute:kind=neutrophil": 50,
    }
    frozen = Function.from_dict(CELLS, {"weights": balanced})
    totals = compare(CELLS, frozen, gold, gold, [FRAME]).totals
    assert score(totals, frozen)[1] == pytest.approx(score(totals, function)[1], abs=1e-4)


def test_balance_classes_lets_each_class_offer_the_same_points():
    gold = document(
        *(thing(n, "white", box(20 * n, 0, 10, 10), whole="yes") for n in range(3)),
        thing(9, "platelet", box(0, 50, 10, 10)),
    )
    function = default_function(CELLS)
    counts = {key: count for key, (_, count) in compare(CELLS, function, gold, gold, [FRAME]).totals.items()}

    balanced = balanced_classes(CELLS, function.weights, counts)

    # white: 3 x (100 + 100 + whole 50) = 750, platelet: 200; each gets 475
    assert balanced["iou:white"] == pytest.approx(100 * 475 / 750, abs=1e-6)
    assert balanced["iou:platelet"] == pytest.approx(100 * 475 / 200, abs=1e-6)
    frozen = Function.from_dict(CELLS, {"weights": balanced})
    assert frozen.weight("extra:platelet") == pytest.approx(475, abs=1e-5)  # derived anew
    assert not any(name.startswith("classification") for name in balanced)
