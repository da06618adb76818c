"""Answers: section 5 of the contract, by hand."""

import pytest

from scoring import Function, score
from scoring.attributes import answer_value, normalised, read_answer
from tests.scoring.builders import (
    answer,
    attribute,
    box,
    classification,
    document,
    facts_of,
    object_class,
    ontology,
    option,
    thing,
)

RATING = attribute("rating", "radio", "one", "two", "three", "four", "five")
KIND = attribute(
    "kind",
    "radio",
    option(
        "neutrophil",
        attribute("lobes", "numeric"),
        attribute("stage", "radio", option("band", attribute("note"))),
    ),
    option("lymphocyte", attribute("size", "radio", "small", "large")),
)
SEEN = attribute("seen", "radio", "yes", "no", dynamic=True)
ITEMS = ontology(
    object_class("cell", "bounding_box", RATING, KIND, attribute("flags", "checklist", "a", "b", "c"), SEEN),
    object_class("other", "bounding_box", attribute("remark")),
    classifications=(
        classification(
            "scene", attribute("weather", "radio", option("rain", attribute("mm", "numeric")), "sun")
        ),
        classification("quality", attribute("good", "checklist", "sharp", "bright"), level="global"),
        classification("title", attribute("words")),
    ),
)
SPOT = box(10, 10, 30, 30)


def attributes(gold: dict, submitted: dict, **settings) -> dict:
    facts = facts_of(
        ITEMS,
        document(thing(1, "cell", SPOT, **gold)),
        document(thing(1, "cell", SPOT, **submitted)),
        **settings,
    )
    return {name: tuple(found) for name, found in facts.labels[0].attributes.items()}


@pytest.mark.parametrize(
    ("gold", "submitted", "expected"),
    [
        ({}, {}, {}),
        ({"rating": "two"}, {"rating": "two"}, {"rating": (1, 1, "two")}),
        ({"rating": "two"}, {"rating": "three"}, {"rating": (0, 1, "two")}),
        ({"rating": "two"}, {}, {"rating": (0, 1, "two")}),
        ({}, {"rating": "two"}, {"rating": (0, 1, "none")}),
        ({"rating": None}, {"rating": ""}, {}),  # neither is an answer
        ({"rating": 5}, {"rating": ["two"]}, {}),  # values of the wrong type are none either
        ({"rating": "two"}, {"rating": "seventeen"}, {"rating": (0, 1, "two")}),
        # checklists earn the Jaccard index
        ({"flags": ["a", "b"]}, {"flags": ["b", "c"]}, {"flags": (1 / 3, 1, None)}),
        ({"flags": []}, {"flags": []}, {"flags": (1, 1, None)}),
        ({"flags": []}, {"flags": ["a"]}, {"flags": (0, 1, None)}),
        ({"flags": ["a"]}, {"flags": None}, {"flags": (0, 1, None)}),  # null is not answered, [] would be
        ({}, {"flags": []}, {"flags": (0, 1, None)}),
        ({"flags": ["a", "a"]}, {"flags": ["a"]}, {"flags": (1, 1, None)}),
        # nested: under the same parent answer the children are compared
        (
            {"kind": "neutrophil", "lobes": 3},
            {"kind": "neutrophil", "lobes": 3},
            {"kind": (1, 1, "neutrophil"), "lobes": (1, 1, None)},
        ),
        # a wrong parent makes every answered child of gold 0; the submission's own child is no criterion
        (
            {"kind": "neutrophil", "lobes": 3, "stage": "band", "note": "x"},
            {"kind": "lymphocyte", "lobes": 3, "stage": "band", "note": "x", "size": "small"},
            {
                "kind": (0, 1, "neutrophil"),
                "lobes": (0, 1, None),
                "stage": (0, 1, "band"),
                "note": (0, 1, None),
            },
        ),
        # answered only by the submission: counts where gold has the parent option
        (
            {"kind": "neutrophil"},
            {"kind": "neutrophil", "lobes": 3},
            {"kind": (1, 1, "neutrophil"), "lobes": (0, 1, None)},
        ),
        ({}, {"kind": "neutrophil", "lobes": 3}, {"kind": (0, 1, "none")}),
        # an answer whose own parent is not chosen is ignored, on either side
        ({"lobes": 3}, {"lobes": 3}, {}),
        ({"kind": "lymphocyte", "lobes": 3}, {"kind": "lymphocyte"}, {"kind": (1, 1, "lymphocyte")}),
        (
            {"kind": "neutrophil", "note": "x"},  # band is not chosen, so the note does not stand
            {"kind": "neutrophil", "note": "x"},
            {"kind": (1, 1, "neutrophil")},
        ),
    ],
)
def test_attribute_values_of_a_pair(gold, submitted, expected):
    assert attributes(gold, submitted) == expected


@pytest.mark.parametrize(
    ("gold", "submitted", "expected"),
    [("one", "one", 1), ("one", "two", 0.75), ("two", "five", 0.25), ("five", "one", 0), ("one", "nine", 0)],
)
def test_an_ordered_radio_earns_by_the_distance_of_ranks(gold, submitted, expected):
    found = attributes({"rating": gold}, {"rating": submitted}, ordered=["rating"])

    assert found["rating"][0] == expected  # 1 - |difference| / (5 - 1)


def test_a_neighbouring_answer_of_an_ordered_parent_is_still_a_wrong_parent():
    found = attributes(
        {"kind": "neutrophil", "lobes": 3}, {"kind": "lymphocyte", "lobes": 3}, ordered=["kind"]
    )

    assert found["lobes"][0] == 0


@pytest.mark.parametrize(
    ("gold", "submitted", "tolerance", "expected"),
    [
        (3, 3.0, 0, 1),
        (3, 3.0000000001, 0, 1),
        (3, 3.1, 0, 0),
        (3, 3.5, 0.5, 1),
        (3, 3.51, 0.5, 0),
        (0.1 + 0.2, 0.3, 0, 1),
        (3, True, 0, 0),
        (3, "3", 0, 0),
        (3, float("nan"), 0, 0),
        (3, 10**400, 0, 0),
    ],
)
def test_a_numeric_answer_is_right_within_its_tolerance(gold, submitted, tolerance, expected):
    found = attributes(
        {"kind": "neutrophil", "lobes": gold},
        {"kind": "neutrophil", "lobes": submitted},
        tolerance={"lobes": tolerance},
    )

    assert found["lobes"][0] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("  Two   words\n", "two words"),
        ("STRASSE", "straße"),
        ("ﬁne", "fine"),  # a ligature
        ("Å", "Å"),  # the sign and the letter
        ("a\u00a0b", "a b"),
    ],
)
def test_texts_that_differ_only_in_form_are_equal(one, other):
    assert normalised(one) == normalised(other)


def test_texts_that_differ_in_letters_are_not_equal():
    assert normalised("résumé") != normalised("resume")


def test_blank_text_is_not_an_answer():
    remark = ITEMS.attributes["remark"]

    assert read_answer(remark, " \n\t") is None
    assert read_answer(remark, "x") == "x"


@pytest.mark.parametrize(
    ("name", "gold", "submitted"),
    [
        ("rating", "one", "three"),
        ("flags", frozenset("ab"), frozenset("bc")),
        ("lobes", 1.0, 2.0),
        ("remark", "a", "b"),
    ],
)
def test_values_are_symmetric(name, gold, submitted):
    comparison = Function.from_dict(ITEMS, {"ordered": ["rating"]}).comparison
    attribute_ = ITEMS.attributes[name]

    assert answer_value(attribute_, gold, submitted, comparison) == answer_value(
        attribute_, submitted, gold, comparison
    )


def test_a_wrong_category_pair_earns_nothing_on_golds_attributes_and_has_none_of_its_own():
    facts = facts_of(
        ITEMS,
        document(thing(1, "cell", SPOT, rating="one")),
        document(thing(1, "other", SPOT, remark="hello")),
    )

    assert {name: tuple(one) for name, one in facts.labels[0].attributes.items()} == {"rating": (0, 1, "one")}
    assert facts.totals["iou:cell"] == (1, 1)
    assert facts.totals["category:cell"] == (0, 1)


def test_a_missing_label_earns_nothing_on_all_of_golds_attributes():
    facts = facts_of(ITEMS, document(thing(1, "cell", SPOT, rating="one", flags=[])), document())

    assert facts.totals == {
        "iou:cell": (0, 1),
        "category:cell": (0, 1),
        "attribute:rating=one": (0, 1),
        "attribute:flags": (0, 1),
    }


def test_static_attributes_count_once_per_gold_instance_and_dynamic_ones_per_frame():
    gold, own = (
        thing(1, "cell", {0: SPOT, 1: SPOT, 2: SPOT}, rating="one"),
        thing(1, "cell", {0: SPOT, 2: SPOT}, rating="one", flags=["a"]),
    )
    for entry, answers in ((gold, ["yes", "yes", "no"]), (own, ["yes", "yes"])):
        for label, seen in zip(entry["labels"], answers, strict=True):
            label["answers"] = {"seen": seen}

    facts = facts_of(ITEMS, document(gold), document(own), frames=3)

    # rating: right on frames 0 and 2, missing on 1, a third each; flags: answered by the submission on two frames
    assert facts.totals["attribute:rating=one"] == pytest.approx((2 / 3, 1))
    assert facts.totals["attribute:flags"] == pytest.approx((0, 2 / 3))
    # seen: frame 0 yes / yes, frame 1 yes / missing, frame 2 no / yes
    assert facts.totals["attribute:seen=yes"] == (1, 2)
    assert facts.totals["attribute:seen=no"] == (0, 1)


def test_a_long_and_a_short_track_weigh_the_same_on_static_attributes():
    # the table of section 10: tracks of 250 and 10 frames, one answer wrong, is 50 and not 3.8 or 96.2
    left, right = box(0, 0, 30, 30), box(60, 60, 30, 30)
    gold = document(
        thing(1, "cell", dict.fromkeys(range(250), left), rating="one"),
        thing(2, "cell", dict.fromkeys(range(10), right), rating="one"),
    )
    own = document(
        thing(1, "cell", dict.fromkeys(range(250), left), rating="one"),
        thing(2, "cell", dict.fromkeys(range(10), right), rating="two"),
    )
    function = Function.from_dict(ITEMS, {"weights": {"iou:cell": 0, "category:cell": 0}})
    facts = facts_of(ITEMS, gold, own, frames=250)
    earned, available = score(facts.totals, function)

    assert earned / available == pytest.approx(0.5)


def classified(gold: tuple, submitted: tuple, frames: int = 1):
    return facts_of(ITEMS, document(classifications=gold), document(classifications=submitted), frames=frames)


@pytest.mark.parametrize(
    ("gold", "submitted", "totals"),
    [
        ({"weather": "sun"}, {"weather": "sun"}, {"classification:scene=sun": (1, 1)}),
        ({"weather": "sun"}, {"weather": "rain", "mm": 3}, {"classification:scene=sun": (0, 1)}),
        (
            {"weather": "rain", "mm": 3},
            {"weather": "rain", "mm": 4},
            {"classification:scene=rain": (1, 1), "attribute:mm": (0, 1)},
        ),
        ({"weather": "rain", "mm": 3}, {}, {"classification:scene=rain": (0, 1), "attribute:mm": (0, 1)}),
        # an unanswered root is no criterion unless the submission answers it; what hangs on it needs gold's parent
        ({}, {}, {}),
        ({}, {"weather": "rain", "mm": 3}, {"classification:scene=none": (0, 1)}),
    ],
)
def test_classifications_by_hand(gold, submitted, totals):
    facts = classified((answer(1, "scene", **gold),), (answer(2, "scene", **submitted),))

    assert facts.totals == totals
    assert [str(one.outcome) for one in facts.labels] == ["matched"]


def test_a_missing_classification_loses_its_points_and_an_extra_one_costs_them():
    missing = classified((answer(1, "scene", weather="rain", mm=2),), ())
    extra = classified((), (answer(1, "scene", weather="rain", mm=2),))

    assert missing.totals == {"classification:scene=rain": (0, 1), "attribute:mm": (0, 1)}
    assert extra.totals == {"extra:scene": (0, 1)}
    function = Function.from_dict(ITEMS, {})
    assert score(missing.totals, function) == (0, 200)
    assert score(extra.totals, function) == (0, 200)


def test_several_classifications_of_one_item_on_a_frame_pair_in_the_order_of_identifiers():
    gold = (answer(10, "title", words="ten"), answer(9, "title", words="nine"))
    own = (
        answer("b", "title", words="nine"),
        answer("a", "title", words="ten"),
        answer(3, "title", words="nine"),
    )

    facts = classified(gold, own)

    # gold 9, 10; submitted 3, a, b
    pairs = [(one.gold_id, one.submitted_id, one.classification_value) for one in facts.labels]
    assert pairs == [("9", "3", 1), ("10", "a", 1), (None, "b", None)]


def test_answers_of_classifications_count_on_every_frame_and_global_ones_once():
    gold = (answer(1, "scene", [0, 1, 2], weather="sun"), answer(2, "quality", [0, 1, 2], good=["sharp"]))
    own = (answer(1, "scene", [1, 2], weather="sun"), answer(2, "quality", None, good=["sharp", "bright"]))

    facts = classified(gold, own, frames=3)

    assert facts.totals == {"classification:scene=sun": (2, 3), "classification:quality": (0.5, 1)}


def test_text_and_ordered_roots_earn_like_attributes():
    gold, own = (answer(1, "title", words="A  b"),), (answer(1, "title", words="a B"),)
    assert classified(gold, own).totals == {"classification:title": (1, 1)}
    facts = facts_of(
        ITEMS,
        document(classifications=(answer(1, "scene", weather="sun"),)),
        document(classifications=(answer(1, "scene", weather="rain"),)),
        ordered=["scene"],
    )
    assert facts.totals == {
        "classification:scene=sun": (0, 1)
    }  # two options: the other one is as far as it gets
