"""Pairing and outcomes: sections 2 and 4 of the contract, by hand."""

import itertools
import json

import pytest

from scoring import Function, Outcome, compare, label_points, prepare, score
from tests.scoring.builders import (
    FRAME,
    answer,
    attribute,
    box,
    classification,
    copy_of,
    document,
    facts_of,
    line,
    object_class,
    ontology,
    outcomes_of,
    point,
    skeleton,
    template,
    thing,
)

ITEMS = ontology(
    object_class("red", "bounding_box", attribute("kind", "radio", "a", "b")),
    object_class("white", "polygon"),
    object_class("spot", "point"),
    object_class("road", "polyline"),
    object_class("cat", "skeleton"),
    object_class("dog", "skeleton"),
    object_class("fly", "skeleton"),
    object_class("cube", "cuboid"),
    classifications=(classification("scene", attribute("weather", "radio", "sun", "rain")),),
    templates=(
        template("Cat", "nose", "tail"),
        template("Dog", "nose", "tail"),
        template("Fly", "nose", "wing"),
    ),
)


def wide(width: float):
    """A box whose IoU with box(0, 0, 50, 50) is width / 50."""
    return box(0, 0, width, 50)


GOLD = document(thing(1, "red", wide(50)))


def one(submitted: dict, **settings):
    return facts_of(ITEMS, GOLD, submitted, **settings).labels


@pytest.mark.parametrize(
    ("node", "width", "outcome", "values"),
    [
        ("red", 50, "matched", (1, 1)),
        ("red", 30, "matched", (0.6, 1)),
        ("red", 20, "matched", (0.4, 1)),  # exactly the minimum overlap
        ("white", 30, "wrong_category", (0.6, 0)),
        ("red", 19.9, "imprecise", (0, 0)),
        ("white", 19.9, "imprecise", (0, 0)),
        ("red", 5, "imprecise", (0, 0)),  # exactly the near miss
    ],
)
def test_the_outcome_of_one_pair(node, width, outcome, values):
    (fact,) = one(document(thing(7, node, wide(width))))

    assert fact.outcome == outcome
    assert (fact.iou_value, fact.category_value) == pytest.approx(values)
    assert fact.similarity == pytest.approx(width / 50)
    assert (fact.gold_id, fact.submitted_id, fact.gold_node, fact.submitted_node) == ("1", "7", "red", node)


def test_what_is_not_even_near_is_missing_and_extra():
    facts = one(document(thing(7, "red", wide(4.9))))

    assert [(fact.outcome, fact.gold_id, fact.submitted_id) for fact in facts] == [
        ("missing", "1", None),
        ("extra", None, "7"),
    ]
    assert [fact.similarity for fact in facts] == [None, None]


def test_without_near_miss_an_imprecise_label_is_missing_and_a_duplicate():
    facts = one(document(thing(7, "red", wide(10))), near_miss=0)

    assert [fact.outcome for fact in facts] == ["missing", "duplicate"]
    assert facts[1].similarity == pytest.approx(0.2)


def test_a_second_box_on_a_matched_object_is_a_duplicate_of_any_class():
    facts = one(
        document(thing(7, "red", wide(50)), thing(8, "white", wide(48)), thing(9, "red", box(60, 60, 9, 9)))
    )

    assert [(fact.outcome, fact.submitted_id) for fact in facts] == [
        ("matched", "7"),
        ("duplicate", "8"),
        ("extra", "9"),
    ]
    assert facts[1].similarity == pytest.approx(0.96)


@pytest.mark.parametrize(("width", "outcome"), [(5, "duplicate"), (4.9, "extra")])
def test_a_duplicate_needs_a_tenth_of_overlap_whatever_the_near_miss(width, outcome):
    own = document(thing(7, "red", wide(50)), thing(8, "red", wide(width)))

    for near_miss in (0, 0.05, 0.3):
        assert outcomes_of(facts_of(ITEMS, GOLD, own, near_miss=near_miss)) == ["matched", outcome]


def test_an_imprecise_label_is_not_charged():
    function = Function.from_dict(ITEMS, {})
    own = document(thing(7, "red", wide(10)))

    assert score(compare(ITEMS, function, GOLD, own, [FRAME]).totals, function) == (0, 200)


def test_labels_of_another_family_never_pair():
    facts = one(document(thing(7, "spot", point(25, 25)), thing(8, "road", line((0, 0), (50, 50)))))

    assert [fact.outcome for fact in facts] == ["missing", "extra", "extra"]


def test_skeletons_pair_only_within_the_same_template():
    shape = skeleton(nose=(10, 10), tail=(40, 40))
    gold = document(thing(1, "cat", shape))

    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "dog", shape)))) == ["wrong_category"]
    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "fly", shape)))) == ["missing", "extra"]


def test_labels_of_different_frames_never_pair():
    gold, own = document(thing(1, "red", {0: wide(50)})), document(thing(1, "red", {1: wide(50)}))

    assert outcomes_of(facts_of(ITEMS, gold, own, frames=2)) == ["missing", "extra"]


def test_labels_of_shapes_that_cannot_be_scored_are_left_out():
    cube = thing(1, "cube", {"type": "cuboid"})

    assert facts_of(ITEMS, document(cube), document()).labels == []
    assert facts_of(ITEMS, document(), document(cube)).labels == []


# --- the assignment


def test_the_sum_of_similarities_decides_not_the_best_single_pair():
    # gold 1 fits a (0.9) and b (0.8), gold 2 fits only a (0.7): greedy would leave gold 2 without
    gold = document(thing(1, "red", box(0, 0, 50, 50)), thing(2, "red", box(0, 0, 50, 31.5)))
    own = document(thing("a", "red", box(0, 0, 50, 45)), thing("b", "red", box(0, 10, 50, 40)))
    facts = facts_of(ITEMS, gold, own)

    # a with gold 1: 45 / 50 = 0.9, b with gold 1: 0.8, a with gold 2: 31.5 / 45 = 0.7, b with gold 2: 21.5 / 50 = 0.43
    assert [(fact.submitted_id, fact.similarity) for fact in facts.labels] == [
        ("b", pytest.approx(0.8)),
        ("a", pytest.approx(0.7)),
    ]


@pytest.mark.parametrize(
    ("right_width", "partner"),
    [(46, "right"), (44, "wrong")],  # 0.92 + 0.1 > 1, 0.88 + 0.1 < 1
)
def test_the_right_class_is_worth_a_tenth_of_overlap(right_width, partner):
    own = document(thing("right", "red", wide(right_width)), thing("wrong", "white", wide(50)))

    assert one(own)[0].submitted_id == partner


def test_equal_partners_go_to_the_lowest_identifier():
    for names, expected in (
        (["10", "9", "b", "a"], "9"),  # whole numbers first, by value
        (["b", "a", "B"], "B"),  # then by code point
        (["-1", "0"], "-1"),
        (["x", "007", "8"], "007"),
    ):
        own = document(*(thing(name, "red", wide(50)) for name in names))
        assert one(own)[0].submitted_id == expected


def test_equal_golds_take_their_partners_in_order_of_identifiers():
    gold = document(*(thing(name, "red", wide(50)) for name in ("b", "10", "9")))
    own = document(*(thing(name, "red", wide(50)) for name in ("z", "2", "y")))

    pairs = [(fact.gold_id, fact.submitted_id) for fact in facts_of(ITEMS, gold, own).labels]

    assert pairs == [("9", "2"), ("10", "y"), ("b", "z")]


def test_the_order_of_the_documents_never_matters():
    gold = [thing(n, "red" if n % 2 else "white", box(7 * n, 7 * n, 30, 30), kind="a") for n in range(4)]
    own = [thing(n, "red", box(7 * n + 3, 7 * n, 30, 30), kind="b") for n in range(4)]
    expected = [fact.to_dict() for fact in facts_of(ITEMS, document(*gold), document(*own)).labels]

    for shuffled in itertools.permutations(range(4)):
        facts = facts_of(
            ITEMS, document(*(gold[n] for n in shuffled)), document(*(own[-n - 1] for n in shuffled))
        )
        assert [fact.to_dict() for fact in facts.labels] == expected


def test_left_over_labels_are_paired_a_second_time_by_the_same_rule():
    # both golds are taken out of reach of the limit; a fits gold 1 by 0.3 and gold 2 by 0.2, b only gold 2
    gold = document(thing(1, "red", wide(50)), thing(2, "red", box(0, 50, 50, 50)))
    own = document(thing("a", "red", box(0, 0, 15, 50)), thing("b", "red", box(0, 50, 10, 50)))

    facts = facts_of(ITEMS, gold, own)

    assert [(fact.outcome, fact.submitted_id) for fact in facts.labels] == [
        ("imprecise", "a"),
        ("imprecise", "b"),
    ]


# --- limits


def test_small_areas_need_less_overlap_in_proportion_to_their_side():
    # gold 10 x 10 px: the limit 0.4 becomes 0.4 x 10 / 20 = 0.2
    gold = document(thing(1, "red", box(0, 0, 10, 10)))

    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "red", box(0, 0, 2, 10))))) == ["matched"]
    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "red", box(0, 0, 1.9, 10))))) == ["imprecise"]
    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "red", box(0, 0, 2, 10))), small_side=0)) == [
        "imprecise"
    ]


def test_the_size_of_gold_decides_whether_a_label_is_small():
    gold = document(thing(1, "red", box(0, 0, 20, 20)))

    # 20 px is not small, whatever the submission's size: 0.3 is under 0.4
    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "red", box(0, 0, 6, 20))))) == ["imprecise"]


@pytest.mark.parametrize("settings", [{}, {"min_overlap": {"area": 0.05}}, {"min_overlap": {"area": 0.0}}])
def test_the_limit_of_areas_never_falls_below_a_tenth(settings):
    # gold of 2 x 2 px: 0.4 x 2 / 20 = 0.04 would be the limit
    gold = document(thing(1, "red", box(0, 0, 2, 2)))

    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "red", box(0, 0, 0.2, 2))), **settings)) == [
        "matched"
    ]
    assert outcomes_of(facts_of(ITEMS, gold, document(thing(1, "red", box(0, 0, 0.19, 2))), **settings)) == [
        "missing",
        "extra",
    ]


def test_the_minimum_overlap_is_set_per_family():
    gold = document(thing(1, "spot", point(50, 50)), thing(2, "red", wide(50)))
    own = document(thing(1, "spot", point(51, 51)), thing(2, "red", wide(30)))
    # sigma = 1.41 px and d^2 = 2: exp(-0.5) = 0.61

    assert outcomes_of(facts_of(ITEMS, gold, own, min_overlap={"point": 0.7})) == ["imprecise", "matched"]
    assert outcomes_of(facts_of(ITEMS, gold, own, min_overlap={"area": 0.7})) == ["matched", "imprecise"]


def test_no_overlap_at_all_is_no_pair_even_at_a_limit_of_zero():
    gold, own = (
        document(thing(1, "road", line((0, 0), (9, 0)))),
        document(thing(1, "road", line((0, 90), (9, 90)))),
    )

    assert outcomes_of(facts_of(ITEMS, gold, own, min_overlap={"line": 0})) == ["missing", "extra"]


def test_full_marks_are_given_from_the_similarity_that_the_class_asks_for():
    own = document(thing(1, "red", wide(45)))  # 0.9

    assert one(own, full_marks={"red": 0.9})[0].iou_value == 1
    assert one(own, full_marks={"red": 0.95})[0].iou_value == pytest.approx(0.9 / 0.95)
    assert one(own, full_marks={"red": 0.95})[0].similarity == pytest.approx(0.9)
    assert one(own, full_marks={"white": 0.5})[0].iou_value == pytest.approx(0.9)


# --- points


def test_not_scored_takes_effect_after_matching():
    function = Function.from_dict(ITEMS, {"not_scored": ["red"]})
    gold = document(thing(1, "red", wide(50)), thing(2, "white", box(60, 60, 30, 30)))
    own = document(
        thing(1, "white", wide(50)),  # takes the red gold label: no criteria, and no extra white
        thing(2, "red", box(60, 60, 30, 30)),  # takes the white one: IoU earned, category lost
        thing(3, "red", box(0, 90, 5, 5)),  # an extra of a class that is not scored
    )

    facts = compare(ITEMS, function, gold, own, [FRAME])

    assert outcomes_of(facts) == ["wrong_category", "wrong_category", "extra"]
    assert score(facts.totals, function) == (100, 200)


def test_an_extra_label_with_n_frames_costs_its_static_attributes_once():
    function = Function.from_dict(ITEMS, {})
    own = document(thing(1, "red", dict.fromkeys(range(4), wide(50))))
    facts = compare(ITEMS, function, document(), own, [FRAME] * 4)

    # IoU 100 + category 100 on each of four frames, the static attribute's 100 once
    assert score(facts.totals, function) == (0, pytest.approx(900))
    assert [row.weight for fact in facts.labels for row in label_points(fact, function)] == [225] * 4
    assert [row.criterion for row in label_points(facts.labels[0], function)] == ["extra:red"]


# --- tracks


def test_on_a_single_image_there_is_no_track():
    facts = facts_of(ITEMS, GOLD, GOLD)

    assert facts.labels[0].track_value is None
    assert not any(key.startswith("track") for key in facts.totals)


def test_a_track_goes_to_the_instance_with_the_most_matched_frames():
    # gold 1 is labelled by a on frames 0-2 and by b on 3 and 4; frame 5 is missing
    gold = document(thing(1, "red", dict.fromkeys(range(6), wide(50))))
    own = document(
        thing("a", "red", dict.fromkeys(range(3), wide(50))),
        thing("b", "white", dict.fromkeys(range(3, 5), wide(50))),
    )

    facts = facts_of(ITEMS, gold, own, frames=6)

    assert [fact.track_value for fact in facts.labels] == [1, 1, 1, 0, 0, 0]
    assert facts.totals["track:red"] == (3, 6)


def test_two_objects_that_swap_their_identity_half_way_keep_half_their_track_points():
    left, right = box(0, 0, 30, 30), box(60, 60, 30, 30)
    gold = document(
        thing(1, "red", dict.fromkeys(range(4), left)), thing(2, "red", dict.fromkeys(range(4), right))
    )
    own = document(
        thing("x", "red", {0: left, 1: left, 2: right, 3: right}),
        thing("y", "red", {0: right, 1: right, 2: left, 3: left}),
    )

    facts = facts_of(ITEMS, gold, own, frames=4)

    # both pairings give 4 frames: gold 1 takes the lowest identifier, x
    assert [fact.track_value for fact in facts.labels if fact.gold_id == "1"] == [1, 1, 0, 0]
    assert facts.totals["track:red"] == (4, 8)


def test_imprecise_frames_do_not_help_to_assign_a_track():
    gold = document(thing(1, "red", dict.fromkeys(range(3), wide(50))))
    own = document(
        thing("a", "red", {0: wide(10), 1: wide(10)}),
        thing("b", "red", {2: wide(50)}),
    )

    facts = facts_of(ITEMS, gold, own, frames=3)

    assert [fact.track_value for fact in facts.labels] == [0, 0, 1]


# --- outcome totals


def test_outcomes_are_counted_per_node_with_both_sides_values():
    gold = document(
        thing(1, "red", wide(50), kind="a"),
        thing(2, "red", box(60, 0, 30, 30), kind="a"),
        thing(3, "red", box(60, 60, 30, 30), kind="b"),
        thing(4, "white", box(0, 60, 30, 30)),
        classifications=(answer(1, "scene", weather="sun"),),
    )
    own = document(
        thing(1, "red", wide(50), kind="a"),
        thing(2, "red", box(60, 0, 30, 30), kind="b"),
        thing(4, "red", box(0, 60, 30, 30), kind="b"),
        thing(5, "white", box(0, 95, 3, 3)),
        classifications=(answer(1, "scene", weather="rain"),),
    )

    facts = facts_of(ITEMS, gold, own)

    assert facts.outcomes == {
        ("red", Outcome.MATCHED, "red", "red"): 2,
        ("red", Outcome.MISSING, "red", None): 1,
        ("white", Outcome.WRONG_CATEGORY, "white", "red"): 1,
        ("white", Outcome.EXTRA, None, "white"): 1,
        ("kind", Outcome.MATCHED, "a", "a"): 1,
        ("kind", Outcome.WRONG_ANSWER, "a", "b"): 1,
        ("kind", Outcome.MISSING, "b", None): 1,
        ("scene", Outcome.WRONG_ANSWER, "sun", "rain"): 1,
    }


# --- bad documents


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "document",
        {"objects": None, "classifications": None},
        {"objects": {"a": 1}},
        {"objects": [None, 5, "x"]},
        {"objects": [{"id": 1}]},
        {"objects": [{"id": 1, "node": ["red"]}]},
        {"objects": [{"id": 1, "node": "scene", "labels": []}]},
        {"objects": [{"id": 1, "node": "red"}]},
        {"objects": [{"id": 1, "node": "red", "labels": 7}]},
        {
            "objects": [
                {"id": 1, "node": "red", "labels": [{"frame": 5}, {"frame": -1}, {"frame": True}, {}, 3]}
            ]
        },
        {"classifications": [{"id": 1, "node": "red"}, {"id": 2, "node": "scene", "frames": "all"}]},
        {"classifications": [{"id": 2, "node": "scene", "frames": [0.5, None, 9], "answers": []}]},
    ],
)
def test_what_cannot_be_read_is_a_problem_and_the_rest_is_compared(bad):
    facts = facts_of(ITEMS, GOLD, bad)

    assert outcomes_of(facts) == ["missing"]
    assert all(one.startswith("submission: ") for one in facts.problems)
    assert (
        facts.problems
        or not isinstance(bad, dict)
        or not any(bad.values())
        or bad == {"objects": [{"id": 1, "node": "red"}]}
    )


def test_a_label_with_bad_geometry_counts_as_extra_and_gold_with_bad_geometry_as_missing():
    broken = {"type": "bounding_box", "x": float("nan"), "y": 0, "w": 1, "h": 1}

    facts = facts_of(ITEMS, document(thing(1, "red", broken)), document(thing(1, "red", broken)))

    assert outcomes_of(facts) == ["missing", "extra"]
    assert [fact.reason for fact in facts.labels] == ["gold: not a number", "submission: not a number"]


def test_two_instances_with_one_identifier_are_compared_in_an_order_of_their_own():
    twins = [thing(1, "red", wide(50), kind="a"), thing(1, "red", wide(50), kind="b")]
    gold = document(thing(1, "red", wide(50), kind="b"))

    found = [facts_of(ITEMS, gold, document(*order)).totals for order in (twins, twins[::-1])]

    assert found[0] == found[1]


def test_empty_documents_give_no_facts_and_no_score():
    function = Function.from_dict(ITEMS, {})
    facts = compare(ITEMS, function, document(), document(), [FRAME])

    assert (facts.labels, facts.totals, facts.outcomes) == ([], {}, {})
    assert score(facts.totals, function) == (0, 0)


def test_facts_are_json_and_prepared_gold_gives_the_same_ones():
    own = document(thing(1, "white", wide(45)), classifications=(answer(1, "scene", weather="sun"),))
    function = Function.from_dict(ITEMS, {})
    plain = compare(ITEMS, function, GOLD, own, [FRAME])
    ready = compare(ITEMS, function, prepare(ITEMS, GOLD, [FRAME]), copy_of(own), [FRAME])

    assert plain == ready
    assert json.loads(json.dumps(plain.labels[0].to_dict()))["outcome"] == "wrong_category"
