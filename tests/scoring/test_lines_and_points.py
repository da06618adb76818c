"""Polylines, keypoints and skeletons: by hand, against GEOS and against COCO's OKS."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.cocoeval import COCOeval

from scoring.skeletons import read_skeletons, skeleton_similarity, spreads
from tests.scoring.builders import (
    document,
    facts_of,
    line,
    object_class,
    ontology,
    point,
    skeleton,
    template,
    thing,
)

ITEMS = ontology(
    object_class("road", "polyline"),
    object_class("spot", "point"),
    object_class("cat", "skeleton"),
    templates=(template("Cat", "nose", "tail", "paw"),),
)
SIZE = (300, 400)
DIAGONAL = 500.0


def compared(node, gold, submitted, **changes):
    return facts_of(
        ITEMS, document(thing(1, node, gold)), document(thing(1, node, submitted)), size=SIZE, **changes
    ).labels


def similarity(node, gold, submitted, **changes):
    return compared(node, gold, submitted, **changes)[0].similarity or 0.0


def px(*points):
    """Points in pixels of a 300 x 400 frame, as the builders' hundredths."""
    return [(x / 3, y / 4) for x, y in points]


def test_a_line_is_as_wide_as_a_hundredth_of_the_diagonal():
    # width 5 px; two parallel lines of 100 px, 2.5 px apart: they share a band of 2.5 x 100 and two lens halves.
    gold, own = line(*px((100, 100), (200, 100))), line(*px((100, 102.5), (200, 102.5)))
    r, d = 2.5, 2.5
    lens = 2 * r * r * math.acos(d / (2 * r)) - d / 2 * math.sqrt(4 * r * r - d * d)
    area = 500 + math.pi * r * r
    shared = 250 + lens

    assert similarity("road", gold, own) == pytest.approx(shared / (2 * area - shared), abs=2e-3)


def test_a_line_is_cut_at_the_frame_before_it_gets_its_width():
    inside, beyond = line(*px((0, 100), (300, 100))), line(*px((-300, 100), (600, 100)))

    assert similarity("road", inside, beyond) == 1


def test_the_direction_of_a_line_does_not_matter():
    there = px((10, 10), (100, 50), (200, 20))

    assert similarity("road", line(*there), line(*reversed(there))) == 1


def test_lines_that_touch_only_with_their_rims_still_share_something():
    # 4 px apart, 2.5 px each side: a band of 1 x 100 and the end lens of circles 4 px apart, of 520 + 520 in all
    gold, own = line(*px((100, 100), (200, 100))), line(*px((100, 104), (200, 104)))
    lens = 2 * 2.5**2 * math.acos(0.8) - 2 * math.sqrt(25 - 16)
    shared, each = 100 + lens, 500 + math.pi * 2.5**2

    assert similarity("road", gold, own) == pytest.approx(shared / (2 * each - shared), abs=2e-3)


def test_a_wider_line_forgives_more():
    gold, own = line(*px((100, 100), (200, 100))), line(*px((100, 105), (200, 105)))

    assert similarity("road", gold, own) == 0  # each reaches 2.5 px: they only touch
    assert similarity("road", gold, own, line_width=0.05) > 0.6


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 4000)), min_size=2, max_size=6),
    st.floats(-6, 6),
    st.floats(-6, 6),
)
def test_line_overlap_equals_geos_buffers(tenths, dx, dy):
    # tenths of a pixel: where the corners of a round cap lie depends on the direction even of a piece of 1e-300 px
    points = [(x / 10, y / 10) for x, y in tenths]
    moved = [(x + dx, y + dy) for x, y in points]
    frame = shapely.box(0, 0, *SIZE)
    both = [shapely.LineString(one) for one in (points, moved)]
    cut = [one if frame.covers(one) else one.intersection(frame) for one in both]
    if min(one.length for one in cut) < 1e-3:
        return
    a, b = (one.buffer(DIAGONAL * 0.01 / 2, quad_segs=16) for one in cut)
    expected = a.intersection(b).area / a.union(b).area
    found = similarity("road", line(*px(*points)), line(*px(*moved)))

    if abs(expected - 0.1) > 1e-6:
        assert found == pytest.approx(expected if expected > 0.1 else 0, abs=1e-6)


@pytest.mark.parametrize(
    ("geometry", "part_of_reason"),
    [
        (line(), "no length"),
        (line((1, 1)), "no length"),
        (line((1, 1), (1, 1)), "no length"),
        (line((200, 1), (300, 1)), "outside the frame"),
        (line((100, 100), (200, 200)), "outside the frame"),  # touches a corner only
        ({"type": "polyline", "points": "abc"}, "no list"),
        (line((1, 1), (float("inf"), 1)), "not a number"),
        (line(*((n / 20, n % 2) for n in range(1001))), "vertices"),
    ],
)
def test_an_unusable_line_says_why(geometry, part_of_reason):
    assert part_of_reason in compared("road", line((1, 1), (90, 90)), geometry)[1].reason


def test_a_keypoint_loses_by_its_distance_in_hundredths_of_the_diagonal():
    # sigma = 1 % of 500 px = 5 px; 5 px away: exp(-25 / 50)
    gold, own = point(*px((100, 100))[0]), point(*px((103, 104))[0])

    assert similarity("spot", gold, own) == pytest.approx(math.exp(-0.5))
    assert similarity("spot", gold, own, point_tolerance=0.02) == pytest.approx(math.exp(-0.125))


def test_points_are_not_clipped_to_the_frame():
    assert similarity("spot", point(101, 50), point(101, 50)) == 1


@pytest.mark.parametrize("geometry", [{"type": "point", "x": 1}, point(float("nan"), 1), point(1e300, 1)])
def test_an_unusable_point_says_why(geometry):
    assert compared("spot", point(1, 1), geometry)[1].reason == "submission: not a number"


def cat(**vertices):
    return skeleton(**{name: (v[0] / 3, v[1] / 4, *v[2:]) for name, v in vertices.items()})


GOLD_CAT = cat(nose=(100, 100), tail=(180, 160), paw=(100, 160))


def test_a_skeleton_loses_by_vertex_in_parts_of_its_own_size():
    # box of the vertices 80 x 60: s^2 = (6400 + 3600) / 2 = 5000, k = 0.1: 2 s^2 k^2 = 100
    own = cat(nose=(106, 108), tail=(180, 160), paw=(100, 160))

    assert similarity("cat", GOLD_CAT, own) == pytest.approx((2 + math.exp(-100 / 100)) / 3)


def test_a_vertex_that_the_submission_lacks_or_hides_counts_nothing():
    lacking, hidden = (
        cat(nose=(100, 100), tail=(180, 160)),
        cat(nose=(100, 100), tail=(180, 160), paw=(100, 160, 0)),
    )
    no_number = copy_with_nan(GOLD_CAT, "paw")

    for own in (lacking, hidden, no_number):
        assert similarity("cat", GOLD_CAT, own) == pytest.approx(2 / 3)


def test_a_vertex_that_is_not_there_is_not_made_up_by_another_at_its_place():
    own = cat(tail=(180, 160), paw=(100, 100))  # the paw where gold has the nose, and no nose
    assert similarity("cat", cat(nose=(100, 100), tail=(180, 160), paw=(100, 160)), own) < 0.5


def copy_with_nan(geometry, name):
    points = dict(geometry["points"])
    points[name] = {"x": float("nan"), "y": 0.5, "v": 2}
    return geometry | {"points": points}


def test_vertices_that_gold_hides_are_not_asked_for_and_set_no_scale():
    gold = cat(nose=(100, 100), tail=(180, 160), paw=(0, 0, 0))
    # box of the two visible ones 80 x 60 as above; the paw may be anywhere
    own = cat(nose=(106, 108), tail=(180, 160), paw=(290, 390))

    assert similarity("cat", gold, own) == pytest.approx((1 + math.exp(-1)) / 2)
    assert similarity("cat", copy_with_nan(gold, "paw"), own) == pytest.approx((1 + math.exp(-1)) / 2)


def test_an_occluded_vertex_counts_like_a_visible_one():
    gold = cat(nose=(100, 100, 1), tail=(180, 160, 1), paw=(100, 160, 2))

    assert similarity("cat", gold, GOLD_CAT) == 1


def test_a_single_visible_vertex_is_scored_as_a_keypoint():
    gold, own = cat(nose=(100, 100)), cat(nose=(103, 104), tail=(1, 1))

    assert similarity("cat", gold, own) == pytest.approx(math.exp(-0.5))


def test_a_tiny_skeleton_is_measured_with_a_hundredth_of_the_diagonal():
    # box 2 x 2: s^2 = 4 is raised to (5 px)^2 = 25: 2 s^2 k^2 = 0.5; the nose is 0.5 px off
    gold, own = cat(nose=(100, 100), tail=(102, 102)), cat(nose=(100.5, 100), tail=(102, 102))

    assert similarity("cat", gold, own) == pytest.approx((1 + math.exp(-0.25 / 0.5)) / 2)


@pytest.mark.parametrize(
    ("geometry", "part_of_reason"),
    [
        ({"type": "skeleton"}, "no vertices"),
        ({"type": "skeleton", "points": {}}, "no visible vertex"),
        ({"type": "skeleton", "points": {"nose": None}}, "no visible vertex"),
        (skeleton(nose=(1, 1, 0)), "no visible vertex"),
        ({"type": "skeleton", "points": {str(n): {"x": 0, "y": 0} for n in range(1001)}}, "vertices"),
    ],
)
def test_an_unusable_skeleton_says_why(geometry, part_of_reason):
    assert part_of_reason in compared("cat", GOLD_CAT, geometry)[1].reason


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_skeleton_similarity_equals_coco_oks_with_the_area_given(seed):
    rng = np.random.default_rng(seed)
    gold = rng.uniform(0, 300, (17, 2))
    own = gold + rng.normal(0, 15, (17, 2))
    visible = rng.integers(0, 3, 17)
    visible[:2] = 2
    extent = gold[visible > 0].max(axis=0) - gold[visible > 0].min(axis=0)
    area = float((extent**2).sum() / 2)
    # COCO's evaluation sums over the image's labels; with one of each it is the formula itself
    evaluation = COCOeval(iouType="keypoints")
    evaluation.params.kpt_oks_sigmas = np.full(17, 0.05)
    evaluation.params.imgIds, evaluation.params.catIds, evaluation.params.maxDets = [1], [1], [20]
    flat_gold = np.concatenate([gold, visible[:, None]], axis=1).reshape(-1).tolist()
    flat_own = np.concatenate([own, np.full((17, 1), 2)], axis=1).reshape(-1).tolist()
    evaluation._gts[1, 1] = [{"keypoints": flat_gold, "area": area, "bbox": [0, 0, 1, 1]}]
    evaluation._dts[1, 1] = [{"keypoints": flat_own, "score": 1.0}]
    expected = evaluation.computeOks(1, 1)[0, 0]

    names = [str(n) for n in range(17)]
    points = [
        {"points": {n: {"x": x, "y": y, "v": int(v)} for n, (x, y), v in zip(names, xy, vs, strict=True)}}
        for xy, vs in ((gold, visible), (own, np.full(17, 2)))
    ]
    both, bounds, _ = read_skeletons(points, np.ones((2, 2)))
    spread = spreads(bounds[:1], both.visible[:1] == 1, np.array([500.0]), np.array([5.0]))
    zero = np.zeros(1, dtype=np.int64)
    found = skeleton_similarity(both, both, zero, zero + 1, spread)[0]

    assert found == pytest.approx(expected, abs=1e-6)
