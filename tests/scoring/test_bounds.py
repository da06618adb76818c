"""Whatever comes in: no exception, no NaN, and memory that is bounded. Memory is counted, not timed."""

import math
import random
import tracemalloc
import warnings
from itertools import pairwise

import numpy as np
import pytest

from scoring import Function, compare, explain_all, score
from scoring.run_strings import write_runs
from tests.scoring.builders import (
    answer,
    attribute,
    bitmask,
    box,
    classification,
    document,
    line,
    object_class,
    ontology,
    point,
    polygon,
    ring,
    skeleton,
    template,
    thing,
)
from tests.scoring.naive_shapes import decoded

ITEMS = ontology(
    object_class(
        "cell",
        "polygon",
        attribute("kind", "radio", "x", "y"),
        attribute("tags", "checklist", "p", "q"),
        attribute("count", "numeric"),
        attribute("note"),
    ),
    object_class("road", "polyline"),
    object_class("spot", "point"),
    object_class("cat", "skeleton"),
    classifications=(classification("scene", attribute("sky", "checklist", "u")),),
    templates=(template("Cat", "nose", "tail"),),
)
FUNCTION = Function.from_dict(ITEMS, {})
SQUARE = polygon([ring(10, 10, 20, 20)])
GOOD = document(thing(1, "cell", SQUARE, kind="x"), classifications=(answer(1, "scene", sky=["u"]),))


def nested(depth=5000):
    found: list = []
    for _ in range(depth):
        found = [found]
    return found


def endless():
    found: dict = {}
    found["a"] = found
    return found


def with_frames(*frames):
    labels = [{"frame": frame, "geometry": SQUARE} for frame in frames]
    return document({"id": "1", "node": "cell", "answers": {}, "labels": labels})


ODD = {
    "nested without end": lambda: document(thing(1, "cell", {"type": "polygon", "parts": nested()})),
    "the same twice, nested without end": lambda: document(
        *[thing(1, "cell", {"type": "polygon", "parts": nested()})] * 2
    ),
    "the same twice, a circle": lambda: document(*[thing(1, "cell", endless())] * 2),
    "the same twice, keys of several types": lambda: document(*[thing(1, "cell", {1: 2, "a": 3})] * 2),
    "answers nested without end": lambda: document(
        thing(1, "cell", SQUARE, kind=nested(), tags=nested(), count=nested(), note=nested())
    ),
    "long identifiers": lambda: document(
        thing("9" * 10_000, "cell", SQUARE), thing("x" * 100_000, "cell", SQUARE)
    ),
    "odd identifiers": lambda: document(
        *(
            thing(1, "cell", SQUARE) | {"id": odd}
            for odd in (None, 1.5, math.nan, [], {}, "²", "٣", "-", "--1", "\ud800", True)
        )
    ),
    "five labels on one frame": lambda: with_frames(0, 0, 0, 0, 0),
    "odd frames": lambda: with_frames(0.0, True, "0", 10**30, None, math.nan, -1, [0]),
    "odd answers": lambda: document(
        thing(1, "cell", SQUARE, count=10**400, tags=["p"] * 10_000, note="ß" * 100_000, kind="\ud800")
    ),
    "answers that are no map": lambda: document(thing(1, "cell", SQUARE) | {"answers": [1]}),
    "keys that are no text": lambda: document(thing(1, "cell", SQUARE) | {"answers": {1: 2, None: 3}}),
    "options that are no text": lambda: document(thing(1, "cell", SQUARE, tags=[[1], {}, "p", None])),
    "nodes that are no text": lambda: {
        "objects": [{"id": 1, "node": [], "labels": []}],
        "classifications": [{"id": 1, "node": {}, "frames": [0]}],
    },
    "odd frames of classifications": lambda: document(
        classifications=(
            answer(1, "scene") | {"frames": {"a": 1}},
            answer(2, "scene") | {"frames": [[0], "a", 0, 0, 0]},
            answer(3, "scene") | {"frames": 5},
        )
    ),
    "arrays": lambda: document(
        thing(1, "cell", {"type": "polygon", "parts": [[np.array([[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]])]]})
    ),
    "a text for parts": lambda: document(thing(1, "cell", {"type": "polygon", "parts": "abc"})),
    "a number for parts": lambda: document(thing(1, "cell", {"type": "polygon", "parts": 5})),
    "an empty ring": lambda: document(thing(1, "cell", {"type": "polygon", "parts": [[[]]]})),
    "a ring of one point": lambda: document(thing(1, "cell", polygon([[(5, 5)]]))),
    "a mask of no size": lambda: document(
        thing(1, "cell", {"type": "bitmask", "size": [math.nan, 100], "counts": "`l2"})
    ),
    "a mask of zeros": lambda: document(
        thing(1, "cell", {"type": "bitmask", "size": [100, 100], "counts": "\x00" * 10})
    ),
    "points a million pictures away": lambda: document(
        thing(1, "spot", point(1e9, 1)), thing(2, "cat", skeleton(nose=(1e9, 1), tail=(1, 1)))
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_nothing_in_a_document_makes_the_engine_raise(name):
    odd = ODD[name]()
    for gold, own in ((GOOD, odd), (odd, GOOD), (odd, odd)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            facts = compare(ITEMS, FUNCTION, gold, own, [(100, 100)])
            earned, available = score(facts.totals, FUNCTION)
            explain_all(facts, FUNCTION, ITEMS, gold, own, [(100, 100)])
        assert math.isfinite(earned)
        assert 0 <= earned <= available


@pytest.mark.parametrize("odd", ["text", None, [1], 5, {"objects": 5, "classifications": "x"}])
def test_what_is_no_document_is_an_empty_one_with_a_problem(odd):
    facts = compare(ITEMS, FUNCTION, GOOD, odd, [(100, 100)])

    assert {str(fact.outcome) for fact in facts.labels} == {"missing"}
    assert facts.problems or odd is None


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (polygon([[]]), "no area"),
        (polygon([[(5, 5)]]), "no area"),
        ({"type": "polygon", "parts": 5}, "no outline"),
        ({"type": "polygon", "parts": "abc"}, "no outline"),
        ({"type": "polygon", "parts": {"a": 1}}, "no outline"),
    ],
)
def test_rings_that_are_none_have_a_reason(geometry, reason):
    facts = compare(ITEMS, FUNCTION, document(), document(thing(1, "cell", geometry)), [(100, 100)])

    assert reason in facts.labels[0].reason


def test_a_vertex_too_far_away_or_of_negative_visibility_is_absent():
    gold = document(thing(1, "cat", skeleton(nose=(10, 10), tail=(40, 50))))
    for odd in (skeleton(nose=(10, 10), tail=(1e9, 50)), skeleton(nose=(10, 10), tail=(40, 50, -1))):
        facts = compare(ITEMS, FUNCTION, gold, document(thing(1, "cat", odd)), [(100, 100)])
        assert facts.labels[0].similarity == pytest.approx(0.5)


def test_one_outline_over_the_edge_is_cut_though_the_others_are_inside():
    gold = document(thing(1, "cell", SQUARE), thing(2, "cell", polygon([ring(80, 80, 20, 20)])))
    own = document(thing(1, "cell", SQUARE), thing(2, "cell", polygon([ring(80, 80, 90, 90)])))
    facts = compare(ITEMS, FUNCTION, gold, own, [(100, 100)])

    assert [fact.similarity for fact in facts.labels] == [1, 1]


@pytest.mark.parametrize("is_upright", [True, False])
def test_lines_whose_rims_just_meet_are_candidates(is_upright):
    # 1 % of 500 px is 5 px wide; 4 px apart they share a band of 1 px: about 0.11
    ends = [[(20, 20), (20, 70)], [(20 + 4 / 3, 20), (20 + 4 / 3, 70)]]
    if not is_upright:
        ends = [[(20, 20), (70, 20)], [(20, 21), (70, 21)]]
    gold, own = (document(thing(1, "road", line(*one))) for one in ends)
    facts = compare(ITEMS, FUNCTION, gold, own, [(300, 400)])

    assert facts.labels[0].similarity == pytest.approx(0.11, abs=0.01)


# --- memory


def peak_mb(gold, own, size, items=ITEMS, frames=1, **settings):
    """The most that numpy and Python held at once during a comparison; GEOS is not counted."""
    function = Function.from_dict(items, settings)
    tracemalloc.start()
    try:
        facts = compare(items, function, gold, own, [size] * frames)
        return facts, tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def spread(count, size=0.3, seed=1):
    """Small boxes all over a frame."""
    rng = random.Random(seed)
    return document(
        *(
            thing(number, "cell", box(rng.uniform(0, 99), rng.uniform(0, 99), size, size))
            for number in range(count)
        )
    )


def test_labels_that_do_not_meet_cost_no_pairs():
    # 4,000 x 4,000 pairs would be 128 MB for a single column of numbers
    facts, peak = peak_mb(spread(4000), spread(4000, seed=2), (10_000, 10_000))

    assert len(facts.labels) >= 4000
    assert peak < 64


def test_a_heap_of_labels_stays_in_memory():
    rng = random.Random(3)
    heap = [
        document(
            *(
                thing(number, "cell", box(10 + rng.random(), 10 + rng.random(), 20, 20))
                for number in range(500)
            )
        )
        for _ in range(2)
    ]
    facts, peak = peak_mb(*heap, (1000, 1000))

    assert {str(fact.outcome) for fact in facts.labels} == {"matched"}
    assert peak < 256


def test_a_mask_of_400_million_pixels_is_never_decoded():
    side = 20_000
    left, right = np.zeros((4, 4), dtype=bool), np.zeros((4, 4), dtype=bool)
    left[:, :3] = True
    right[:, 1:] = True
    big = [scaled(bitmask(one), side) for one in (left, right)]
    facts, peak = peak_mb(*(document(thing(1, "cell", one)) for one in big), (side, side))

    assert facts.labels[0].similarity == pytest.approx(2 / 4)
    assert peak < 16


def scaled(geometry, side):
    """A mask of 4 x 4 with full columns, as a mask of side x side: its runs times (side / 4) squared."""
    counts = np.array(decoded(geometry["counts"]), dtype=np.int64) * (side // 4) ** 2
    return {"type": "bitmask", "size": [side, side], "counts": write_runs(counts)}


def test_noise_in_a_mask_stays_in_memory():
    noise = [bitmask(np.random.default_rng(seed).random((1000, 1000)) < 0.5) for seed in (1, 2)]
    facts, peak = peak_mb(*(document(thing(1, "cell", one)) for one in noise), (1000, 1000))

    assert facts.labels[0].similarity == pytest.approx(1 / 3, abs=0.01)
    assert peak < 128


def test_combs_of_a_thousand_teeth_stay_in_memory():
    # 250,000 crossings in a pair
    down = [(100 * n / 996, 100 * (n % 2)) for n in range(996)]
    across = [(y, x) for x, y in down]
    gold, own = (document(thing(1, "cell", polygon([one]))) for one in (down, across))
    facts, peak = peak_mb(gold, own, (1000, 1000))

    assert all(0 <= (fact.similarity or 0) <= 1 for fact in facts.labels)
    assert peak < 256


def test_a_comb_beside_a_wide_mask_stays_in_memory_and_is_counted_exactly():
    # 300 edges, each through all of 40,000 columns: 12 million crossings
    width, height, teeth = 40_000, 300, 150
    zigzag = [(10 + 80 * (n % 2), 10 + 80 * n / (2 * teeth)) for n in range(2 * teeth)]
    comb = [*zigzag, (95, zigzag[-1][1]), (95, 5), (5, 5)]
    whole = {"type": "bitmask", "size": [height, width], "counts": write_runs(np.array([0, width * height]))}
    gold, own = document(thing(1, "cell", whole)), document(thing(1, "cell", polygon([comb])))
    limits = {"min_overlap": {"area": 0.1}, "small_side": 0}
    facts, peak = peak_mb(gold, own, (width, height), **limits)

    assert facts.labels[0].similarity == pytest.approx(polygon_area(comb) / 100**2, rel=2e-3)
    assert peak < 128


def polygon_area(ring):
    """By the shoelace formula."""
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairwise([*ring, ring[0]]))) / 2


def test_ten_thousand_frames_cost_what_their_labels_cost():
    square = box(10, 10, 20, 20)
    track = document(thing(1, "cell", dict.fromkeys(range(10_000), square)))
    facts, peak = peak_mb(track, track, (100, 100), frames=10_000)

    assert facts.totals["track:cell"] == (10_000, 10_000)
    assert peak < 128
