"""Score cards: a plain sentence for each lost point, and nothing of gold where it must not be told."""

import json

import numpy as np
import pytest

from scoring import Function, compare, explain, explain_all, headline, label_points
from scoring.explain import explain_fact
from scoring.sides import Side
from tests.scoring.builders import (
    FRAME,
    answer,
    attribute,
    bitmask,
    box,
    classification,
    document,
    line,
    object_class,
    ontology,
    option,
    point,
    polygon,
    ring,
    rotated,
    skeleton,
    template,
    thing,
)

ITEMS = ontology(
    object_class(
        "cell",
        "bounding_box",
        attribute("kind", "radio", option("neutrophil", attribute("lobes", "numeric")), "lymphocyte"),
        attribute("flags", "checklist", "clumped", "torn"),
        attribute("remark"),
    ),
    object_class("platelet", "polygon", attribute("size", "numeric")),
    object_class("road", "polyline"),
    object_class("spot", "point"),
    object_class("cat", "skeleton"),
    classifications=(
        classification(
            "scene", attribute("weather", "radio", option("rain", attribute("mm", "numeric")), "sun")
        ),
    ),
    templates=(template("Cat", "nose", "tail", "paw"),),
)
SPOT = box(20, 20, 40, 40)


def cards(gold, own, reveal=True, frames=1, **settings):
    function = Function.from_dict(ITEMS, settings)
    sizes = [FRAME] * frames
    facts = compare(ITEMS, function, gold, own, sizes)
    return [rows for _, rows in explain_all(facts, function, ITEMS, gold, own, sizes, reveal_gold=reveal)]


def shape_sentence(node, gold, own, reveal=True, **settings):
    rows = cards(document(thing(1, node, gold)), document(thing(1, node, own)), reveal, **settings)[0]
    return next(row.sentence for row in rows if row.name == "IoU")


@pytest.mark.parametrize(
    ("own", "exact", "coarse"),
    [
        (SPOT, "", ""),
        (box(12.8, 20, 47.2, 40), "box 18 % too wide on the left", "box 20 % too wide on the left"),
        (box(24, 20, 36, 40), "box 10 % too narrow on the left", "box 10 % too narrow on the left"),
        (box(20, 12, 40, 48), "box 20 % too tall at the top", "box 20 % too tall at the top"),
        (box(20, 20, 40, 36), "box 10 % too short at the bottom", "box 10 % too short at the bottom"),
        (box(24, 20, 40, 40), "box sits 10 % too far right", "box sits 10 % too far right"),
        (
            box(17, 26, 40, 40),
            "box sits 8 % too far left and 15 % too far down",
            "box sits 10 % too far left and 15 % too far down",
        ),
        (box(16, 20, 44, 44), "box 10 % too wide on the left, 10 % too tall at the bottom", None),
        (box(20, 20, 40.4, 40), "box 1 % too wide on the right", "almost right"),
    ],
)
def test_boxes_say_which_side_is_off_and_by_how_much(own, exact, coarse):
    assert shape_sentence("cell", SPOT, own) == exact
    if coarse is not None:
        assert shape_sentence("cell", SPOT, own, reveal=False) == coarse


def test_outlines_and_masks_say_how_much_is_left_out_and_taken_in():
    whole = ring(20, 20, 40, 40)
    half = polygon([ring(20, 20, 20, 40)])
    pixels = np.zeros((100, 100), dtype=bool)
    pixels[20:60, 24:70] = True

    assert (
        shape_sentence("platelet", polygon([whole]), half)
        == "outline leaves out 50 % of the object on the right"
    )
    # 36 of 40 columns shared, 10 more taken in
    assert (
        shape_sentence("platelet", polygon([whole]), bitmask(pixels))
        == "mask leaves out 10 % of the object on the left and takes in 25 % too much on the right"
    )


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ([ring(20, 20, 40, 50)], "outline takes in 25 % too much at the bottom"),
        ([ring(15, 15, 50, 50)], "outline takes in 56 % too much all around"),
        ([ring(20, 20, 40, 40), ring(35, 35, 10, 10)], "outline leaves out 6 % of the object in the middle"),
        ([ring(25, 25, 30, 30)], "outline leaves out 44 % of the object all around"),
    ],
)
def test_the_place_of_what_is_left_out_or_taken_in_is_told(own, sentence):
    gold = ring(20, 20, 40, 40)
    assert shape_sentence("platelet", polygon([gold]), polygon(own)) == sentence
    assert shape_sentence("platelet", mask_of(gold), mask_of(*own)) == sentence.replace("outline", "mask")


def mask_of(outer, *holes):
    """The same rectangles as a mask."""
    pixels = np.zeros((100, 100), dtype=bool)
    for index, one in enumerate((outer, *holes)):
        xs, ys = [x for x, _ in one], [y for _, y in one]
        pixels[min(ys) : max(ys), min(xs) : max(xs)] = index == 0
    return bitmask(pixels)


def test_a_corner_that_is_cut_off_is_found():
    gold = ring(20, 20, 40, 40)
    assert (
        shape_sentence("platelet", polygon([gold]), polygon([gold[1:]]))
        == "outline leaves out 50 % of the object at the top left"
    )


def test_lines_say_what_is_not_traced_and_what_runs_elsewhere():
    gold = line((10, 50), (90, 50))

    # 40 of 80 px traced, and the line's own width of 1.41 px beyond: 38.59 / 80
    assert (
        shape_sentence("road", gold, line((10, 50), (50, 50)))
        == "line leaves 48 % of the course untraced on the right"
    )
    # 45 px down from the right end, 1.41 px of it within the line's own width: 43.59 / 125
    assert (
        shape_sentence("road", gold, line((10, 50), (90, 50), (90, 95)))
        == "line runs elsewhere for 35 % of its length on the right"
    )
    assert (
        shape_sentence("road", gold, line((10, 50.4), (90, 50.4))) == "line runs a little beside the course"
    )


def test_points_say_the_direction_and_pixels_only_where_gold_may_be_told():
    gold, own = point(50, 50), point(51, 50.6)

    assert shape_sentence("spot", gold, own) == "point 1 px too far right and 0.6 px too far down"
    coarse = shape_sentence("spot", gold, own, reveal=False)
    assert coarse == "point too far right and too far down (closeness about 70 %)"  # exp(-1.36 / 4) = 0.71


def test_skeletons_name_the_vertices_that_are_off_or_lacking():
    gold = skeleton(nose=(10, 10), tail=(80, 80), paw=(10, 80))
    own = skeleton(nose=(10, 10), tail=(84, 80))

    assert shape_sentence("cat", gold, own) == "skeleton is off at tail (4 px) and lacks paw"
    assert shape_sentence("cat", gold, own, reveal=False) == "skeleton is off at tail and lacks paw"


def answers_card(gold, own, reveal):
    rows = cards(document(thing(1, "cell", SPOT, **gold)), document(thing(1, "cell", SPOT, **own)), reveal)[0]
    return {row.name: row.sentence for row in rows if row.name not in ("IoU", "Category")}


@pytest.mark.parametrize(
    ("gold", "own", "exact", "blind"),
    [
        (
            {"kind": "neutrophil"},
            {"kind": "lymphocyte"},
            {"Kind": "wrong option for Kind: you chose Lymphocyte (expected Neutrophil)"},
            {"Kind": "wrong option for Kind: you chose Lymphocyte"},
        ),
        (
            {"kind": "neutrophil"},
            {},
            {"Kind": "no answer for Kind (expected Neutrophil)"},
            {"Kind": "no answer for Kind"},
        ),
        ({}, {"remark": "odd"}, {"Remark": "Remark should have no answer: you entered “odd”"}, None),
        (
            {"kind": "neutrophil", "lobes": 3},
            {"kind": "neutrophil", "lobes": 4},
            {"Kind": "", "Lobes": "wrong number for Lobes: you entered 4 (expected 3; 1 too high)"},
            {"Kind": "", "Lobes": "wrong number for Lobes: you entered 4"},
        ),
        (
            {"flags": ["clumped", "torn"]},
            {"flags": ["torn"]},
            {
                "Flags": "not all the right options for Flags: you chose Torn "
                "(expected Clumped, Torn; missing: Clumped)"
            },
            {"Flags": "not all the right options for Flags: you chose Torn"},
        ),
        (
            {"remark": "fine"},
            {"remark": "odd"},
            {"Remark": "different text for Remark: you entered “odd” (expected “fine”)"},
            {"Remark": "different text for Remark: you entered “odd”"},
        ),
        (
            {"kind": "neutrophil", "lobes": 3},
            {"kind": "lymphocyte"},
            {
                "Kind": "wrong option for Kind: you chose Lymphocyte (expected Neutrophil)",
                "Lobes": "Lobes does not count, since Kind is wrong",
            },
            # the very name "Lobes" would tell that gold says neutrophil
            {
                "Kind": "wrong option for Kind: you chose Lymphocyte",
                "Other answers": "answers that depend on what is wrong do not count",
            },
        ),
    ],
)
def test_answers_say_what_is_wrong_and_the_expected_one_only_when_allowed(gold, own, exact, blind):
    assert answers_card(gold, own, reveal=True) == exact
    assert answers_card(gold, own, reveal=False) == (exact if blind is None else blind)


def test_a_wrong_class_names_golds_class_only_when_allowed():
    gold, own = document(thing(1, "cell", SPOT, kind="neutrophil")), document(thing(1, "platelet", SPOT))

    assert headline(cards(gold, own)[0]) == (
        "Wrong class: you chose Platelet (expected Cell); not counted with the wrong class"
    )
    blind = cards(gold, own, reveal=False)[0]
    assert [(row.criterion, row.name) for row in blind] == [
        ("iou", "IoU"),
        ("category", "Category"),
        ("attributes", "Other answers"),
    ]
    assert blind[1].sentence == "wrong class: you chose Platelet"


def test_missing_imprecise_extra_and_duplicate_labels_say_so():
    gold = document(thing(1, "cell", SPOT), thing(2, "cell", box(70, 70, 25, 25)))
    own = document(
        thing(1, "cell", box(20, 20, 40, 10)),
        thing(2, "cell", box(0, 90, 5, 5)),
        thing(3, "cell", box(20, 50, 40, 10)),
    )

    sentences = [headline(rows) for rows in cards(gold, own)]

    assert sentences == [
        "Too imprecise to count (overlap 25 %, 40 % needed): box 75 % too short at the bottom",
        "Missing: no submitted label fits",
        "Extra label: nothing is expected here",
        "Duplicate label: it lies on an object without being the label that counts for it",
    ]


def test_an_invalid_geometry_gives_its_reason_to_its_owner():
    own = document(thing(1, "cell", box(200, 200, 5, 5)))
    gold = document(thing(1, "cell", box(300, 300, 5, 5)))

    exact, blind = cards(gold, own), cards(gold, own, reveal=False)

    assert "outside the frame" in headline(exact[0])
    assert "outside the frame" not in headline(blind[0])
    assert "outside the frame" in headline(blind[1])


def test_full_points_need_no_words():
    gold = document(
        thing(1, "cell", SPOT, kind="neutrophil", lobes=2),
        classifications=(answer(1, "scene", weather="sun"),),
    )

    assert [headline(rows) for rows in cards(gold, gold)] == ["", ""]


def test_the_rows_of_a_score_card_sum_to_the_points_of_the_label_told_or_not():
    gold = document(
        thing(1, "cell", SPOT, kind="neutrophil", lobes=2, remark="x"),
        thing(2, "platelet", box(70, 70, 20, 20), size=3),
        classifications=(answer(1, "scene", weather="rain", mm=3),),
    )
    own = document(
        thing(1, "cell", box(24, 20, 36, 40), kind="lymphocyte"),
        thing(2, "cell", box(70, 70, 20, 20)),
        classifications=(answer(1, "scene", weather="sun"),),
    )
    function = Function.from_dict(ITEMS, {})
    facts = compare(ITEMS, function, gold, own, [FRAME])

    for reveal in (True, False):
        for fact, rows in explain_all(facts, function, ITEMS, gold, own, [FRAME], reveal_gold=reveal):
            expected = label_points(fact, function)
            assert sum(row.points for row in rows) == pytest.approx(sum(row.points for row in expected))
            assert sum(row.weight for row in rows) == pytest.approx(sum(row.weight for row in expected))


def test_nothing_of_gold_is_in_a_blind_score_card():
    gold = document(
        thing("goldid1", "cell", SPOT, kind="neutrophil", lobes=7, flags=["torn"], remark="secret"),
        thing("goldid2", "platelet", polygon([ring(70, 70, 20, 20)]), size=8),
        thing("goldid3", "platelet", polygon([ring(0, 70, 20, 20)])),
        classifications=(answer("goldid4", "scene", weather="rain", mm=9),),
    )
    own = document(
        thing("a", "cell", box(22, 20, 40, 40), kind="lymphocyte", flags=["clumped"], remark="mine"),
        thing("b", "cell", box(70, 71, 20, 20)),
        classifications=(answer("c", "scene", weather="sun"),),
    )

    text = json.dumps(
        [[(r.criterion, r.name, r.sentence) for r in rows] for rows in cards(gold, own, reveal=False)]
    )

    for secret in (
        "goldid",
        "neutrophil",
        "lobes",
        "torn",
        "secret",
        "platelet",
        "size",
        "rain",
        "mm",
        " px",
    ):
        assert secret not in text.lower(), secret


def test_without_documents_the_sentences_say_what_the_fact_alone_knows():
    gold, own = (
        document(thing(1, "cell", SPOT, kind="neutrophil")),
        document(thing(1, "cell", box(20, 20, 40, 30))),
    )
    function = Function.from_dict(ITEMS, {})
    fact = compare(ITEMS, function, gold, own, [FRAME]).labels[0]

    assert explain(fact, function, ITEMS, reveal_gold=True)[0].sentence == "overlap 75 %"
    assert explain(fact, function, ITEMS)[0].sentence == "overlap about 75 %"


def test_a_track_that_was_left_is_explained():
    left, right = box(0, 0, 30, 30), box(60, 60, 30, 30)
    gold = document(
        thing(1, "cell", {0: left, 1: left, 2: left}), thing(2, "cell", {0: right, 1: right, 2: right})
    )
    own = document(
        thing(1, "cell", {0: left, 1: left, 2: right}), thing(2, "cell", {0: right, 1: right, 2: left})
    )

    rows = cards(gold, own, frames=3, weights={"track:cell": 10})

    assert [headline(card) for card in rows] == [""] * 4 + [
        "Labelled as another object than on most of its frames"
    ] * 2


TURNED = ontology(object_class("car", "rotatable_bounding_box"))


@pytest.mark.parametrize(
    ("own", "exact", "coarse"),
    [
        (
            rotated(30, 40, 40, 20, 42),
            "rotated box turned 12° too far clockwise",
            "rotated box turned 10° too far clockwise",
        ),
        (
            rotated(30, 40, 40, 20, 18),
            "rotated box turned 12° too far anticlockwise",
            "rotated box turned 10° too far anticlockwise",
        ),
        (
            rotated(26, 40, 48, 20, 30),
            "rotated box 20 % too long",
            "rotated box 20 % too long",
        ),
        (rotated(30, 41, 40, 18, 30), "rotated box 10 % too narrow", "rotated box 10 % too narrow"),
        # the same box, drawn with its sides exchanged; 80 degrees more are 10 degrees less
        (
            rotated(40, 30, 20, 40, 110),
            "rotated box turned 10° too far anticlockwise",
            "rotated box turned 10° too far anticlockwise",
        ),
        (
            box(30, 40, 40, 20),
            "box turned 30° too far anticlockwise",
            "box turned 30° too far anticlockwise",
        ),
    ],
)
def test_rotated_boxes_say_how_far_they_are_turned_and_which_side_is_off(own, exact, coarse):
    gold = rotated(30, 40, 40, 20, 30)
    documents = document(thing(1, "car", gold)), document(thing(1, "car", own))
    function = Function.from_dict(TURNED, {})
    facts = compare(TURNED, function, *documents, [FRAME])

    for reveal, sentence in ((True, exact), (False, coarse)):
        ((_, rows),) = explain_all(facts, function, TURNED, *documents, [FRAME], reveal_gold=reveal)
        assert rows[0].sentence == sentence


def test_a_rotated_box_that_is_only_moved_says_so_in_the_picture_s_directions():
    gold, own = rotated(30, 40, 40, 20, 90), rotated(34, 40, 40, 20, 90)
    documents = document(thing(1, "car", gold)), document(thing(1, "car", own))
    function = Function.from_dict(TURNED, {})
    facts = compare(TURNED, function, *documents, [FRAME])
    ((_, rows),) = explain_all(facts, function, TURNED, *documents, [FRAME], reveal_gold=True)

    # standing upright it is 20 px wide: 4 of 20
    assert rows[0].sentence == "rotated box sits 20 % too far right"


@pytest.mark.parametrize(
    ("node", "gold", "own", "exact", "coarse"),
    [
        (
            "road",
            line((10, 50), (90, 50)),
            line((10, 50), (27, 50)),
            "too imprecise to count (overlap 22 %, 25 % needed)",
            "too imprecise to count (overlap about 20 %, 25 % needed)",
        ),
        (
            "spot",
            point(50, 50),
            point(52.6, 50),
            "too imprecise to count (closeness 18 %, 25 % needed)",
            "too imprecise to count (closeness about 20 %, 25 % needed)",
        ),
        (
            "cat",
            skeleton(nose=(10, 10), tail=(80, 80), paw=(10, 80)),
            skeleton(nose=(24, 10), tail=(80, 66), paw=(24, 80)),
            "too imprecise to count (closeness 14 %, 25 % needed)",
            "too imprecise to count (closeness about 15 %, 25 % needed)",
        ),
    ],
)
def test_a_near_miss_names_its_measure_and_the_limit(node, gold, own, exact, coarse):
    assert shape_sentence(node, gold, own).startswith(exact)
    assert shape_sentence(node, gold, own, reveal=False).startswith(coarse)


def test_the_limit_of_a_small_area_would_tell_its_size_and_is_told_only_with_gold():
    # a side of 10 px: half of 0.4
    gold, own = box(20, 20, 10, 10), box(20, 20, 10, 1.5)

    exact = shape_sentence("cell", gold, own)
    assert exact.startswith("too imprecise to count (overlap 15 %, 20 % needed): box 85 % too short")
    blind = shape_sentence("cell", gold, own, reveal=False)
    assert blind.startswith("too imprecise to count (overlap about 15 %): box")


FRAMES = ontology(
    object_class(
        "car",
        "bounding_box",
        attribute("colour", "radio", "red", "blue"),
        attribute("moving", "radio", "yes", "no", dynamic=True),
    )
)


def test_in_a_video_an_answer_says_whether_it_is_that_of_the_frame_or_of_the_object():
    gold = document(thing(1, "car", {0: SPOT, 1: SPOT}, colour="red"))
    own = document(thing(1, "car", {0: SPOT, 1: SPOT}, colour="blue"))
    for side, answers in ((gold, ("yes", "yes")), (own, ("yes", "no"))):
        for label, answered in zip(side["objects"][0]["labels"], answers, strict=True):
            label["answers"] = {"moving": answered}
    function = Function.from_dict(FRAMES, {})
    facts = compare(FRAMES, function, gold, own, [FRAME] * 2)
    cards_of = explain_all(facts, function, FRAMES, gold, own, [FRAME] * 2, reveal_gold=True)

    sentences = [[row.sentence for row in rows if row.sentence] for _, rows in cards_of]
    colour = "wrong option for Colour (one answer for all frames): you chose Blue (expected Red)"
    assert sentences == [
        [colour],
        [colour, "wrong option for Moving on this frame: you chose No (expected Yes)"],
    ]


def test_a_number_says_how_far_it_is_off_and_what_would_be_allowed():
    gold, own = {"kind": "neutrophil", "lobes": 3}, {"kind": "neutrophil", "lobes": 1.5}
    documents = document(thing(1, "cell", SPOT, **gold)), document(thing(1, "cell", SPOT, **own))
    told = headline(cards(*documents, tolerance={"lobes": 0.5})[0])
    assert told == "Wrong number for Lobes: you entered 1.5 (expected 3; 1.5 too low, 0.5 allowed)"


def test_too_many_options_are_named_where_gold_may_be_told():
    gold, own = {"flags": ["clumped"]}, {"flags": ["clumped", "torn"]}
    assert answers_card(gold, own, reveal=True)["Flags"] == (
        "not all the right options for Flags: you chose Clumped, Torn (expected Clumped; too many: Torn)"
    )
    assert answers_card(gold, own, reveal=False)["Flags"] == (
        "not all the right options for Flags: you chose Clumped, Torn"
    )


def test_an_ordered_answer_that_is_close_says_so():
    sizes = ontology(object_class("cell", "bounding_box", attribute("size", "radio", "s", "m", "l")))
    documents = document(thing(1, "cell", SPOT, size="s")), document(thing(1, "cell", SPOT, size="m"))
    function = Function.from_dict(sizes, {"ordered": ["size"]})
    facts = compare(sizes, function, *documents, [FRAME])
    ((_, rows),) = explain_all(facts, function, sizes, *documents, [FRAME], reveal_gold=True)

    assert headline(rows) == "Close, but not the right option for Size: you chose M (expected S)"


def test_documents_read_once_explain_like_the_whole_comparison():
    gold = document(
        thing(1, "cell", SPOT, kind="neutrophil"), thing(2, "platelet", polygon([ring(70, 70, 20, 20)]))
    )
    own = document(
        thing(1, "cell", box(24, 20, 36, 40)), thing(2, "platelet", polygon([ring(70, 70, 10, 20)]))
    )
    function = Function.from_dict(ITEMS, {})
    facts = compare(ITEMS, function, gold, own, [FRAME])
    sides = Side(ITEMS, gold, [FRAME]), Side(ITEMS, own, [FRAME])

    for reveal in (True, False):
        whole = explain_all(facts, function, ITEMS, gold, own, [FRAME], reveal_gold=reveal)
        one_by_one = [
            explain_fact(fact, function, *sides, reveal_gold=reveal) for fact in reversed(facts.labels)
        ]
        assert [rows for _, rows in whole] == one_by_one[::-1]


def test_documents_that_changed_or_broke_since_are_explained_without_their_shapes():
    gold, own = document(thing(1, "cell", SPOT)), document(thing(1, "cell", box(20, 20, 40, 30)))
    function = Function.from_dict(ITEMS, {})
    (fact,) = compare(ITEMS, function, gold, own, [FRAME]).labels

    for broken in (
        {},
        {"objects": [{"id": "1", "node": "cell", "labels": [{"frame": 0, "geometry": {"type": 3}}]}]},
    ):
        sides = Side(ITEMS, gold, [FRAME]), Side(ITEMS, broken, [FRAME])
        assert explain_fact(fact, function, *sides, reveal_gold=True)[0].sentence == "overlap 75 %"
