"""Boxes, rotated boxes, polygons and masks: overlap by hand, against GEOS and against COCO's reference code."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from tests.scoring.builders import (
    bitmask,
    box,
    document,
    facts_of,
    object_class,
    ontology,
    polygon,
    ring,
    rotated,
    thing,
)

ANY_AREA = ontology(object_class("thing", "polygon"))


def similarity(gold, submitted, size=(100, 100)):
    """IoU of two area shapes, 0 when they do not even come near (the engine reports nothing below 0.1)."""
    facts = facts_of(
        ANY_AREA,
        document(thing(1, "thing", gold)),
        document(thing(1, "thing", submitted)),
        size=size,
        small_side=0,
    )
    return facts.labels[0].similarity or 0.0


def reason(geometry, size=(100, 100)):
    """Why a submitted geometry is invalid."""
    facts = facts_of(ANY_AREA, document(), document(thing(1, "thing", geometry)), size=size)
    assert facts.labels[0].similarity is None
    return facts.labels[0].reason


def pixels(x, y, w, h, height=100, width=100):
    found = np.zeros((height, width), dtype=bool)
    found[y : y + h, x : x + w] = True
    return found


SQUARE = box(10, 10, 20, 20)
WITH_HOLE = polygon([ring(10, 10, 20, 20), ring(15, 15, 10, 10)])


@pytest.mark.parametrize(
    ("gold", "submitted", "expected"),
    [
        (SQUARE, SQUARE, 1),
        (SQUARE, box(15, 10, 20, 20), 300 / 500),  # 15 x 20 shared of 400 + 400 - 300
        (SQUARE, box(10, 10, 40, 20), 400 / 800),
        (SQUARE, box(30, 10, 20, 20), 0),  # only an edge in common
        (SQUARE, polygon([ring(10, 10, 20, 20)]), 1),
        (SQUARE, polygon([[(10, 10), (30, 10), (30, 30)]]), 0.5),  # a triangle is half of its square
        (SQUARE, WITH_HOLE, 300 / 400),
        (WITH_HOLE, box(15, 15, 10, 10), 0),  # exactly the hole
        (SQUARE, polygon([ring(10, 10, 20, 8)], [ring(10, 22, 20, 8)]), 320 / 400),  # two parts
        (SQUARE, polygon([ring(10, 10, 20, 15)], [ring(10, 15, 20, 15)]), 1),  # parts that overlap are united
        (box(-10, -10, 30, 30), box(0, 0, 20, 20), 1),  # clipped to the frame
        (polygon([ring(90, 90, 50, 50)]), box(90, 90, 10, 10), 1),
        (SQUARE, bitmask(pixels(10, 10, 20, 20)), 1),
        (bitmask(pixels(10, 10, 20, 20)), bitmask(pixels(15, 10, 20, 20)), 300 / 500),
        (WITH_HOLE, bitmask(pixels(10, 10, 20, 20)), 300 / 400),
        # 10 x 40 turned by 90 degrees about its centre (20, 30) is 40 x 10 at (0, 25)
        (rotated(15, 10, 10, 40, 90), box(0, 25, 40, 10), 1),
        (rotated(10, 10, 20, 20, 180), SQUARE, 1),
        # a square turned by 45 degrees inside its own square: they share an octagon of 8 (sqrt 2 - 1) r^2, r = 10
        (SQUARE, rotated(10, 10, 20, 20, 45), 800 * (math.sqrt(2) - 1) / (800 - 800 * (math.sqrt(2) - 1))),
    ],
)
def test_overlap_by_hand(gold, submitted, expected):
    assert similarity(gold, submitted) == pytest.approx(expected, abs=1e-9)
    assert similarity(submitted, gold) == pytest.approx(expected, abs=1e-9)


def test_a_rotated_box_turns_clockwise_in_pixels_not_in_relative_units():
    # frame 200 x 100: 40 px x 10 px about (100, 50); clockwise by 45 degrees its right end goes down
    turned = {"type": "rotatable_bounding_box", "x": 0.4, "y": 0.45, "w": 0.2, "h": 0.1, "theta": 45}
    reach = (20 + 5) / math.sqrt(2)
    corners = [(100 + 15 / math.sqrt(2), 50 + reach), (100 + reach, 50 + 15 / math.sqrt(2))]
    corners += [(200 - x, 100 - y) for x, y in corners]
    same = {"type": "polygon", "parts": [[[[x / 200, y / 100] for x, y in corners]]]}

    assert similarity(turned, same, size=(200, 100)) == pytest.approx(1, abs=1e-9)


def test_a_bow_tie_is_repaired_to_its_two_triangles():
    bow_tie = polygon([[(10, 10), (30, 30), (30, 10), (10, 30)]])
    triangles = polygon([[(10, 10), (20, 20), (10, 30)]], [[(30, 10), (30, 30), (20, 20)]])

    assert similarity(bow_tie, triangles) == pytest.approx(1, abs=1e-9)


def test_against_a_mask_a_shape_is_the_pixels_whose_centres_it_holds_however_small_it_is():
    tiny = box(10.4, 20.4, 0.2, 0.2)  # 0.04 square pixels around the centre of one

    assert similarity(tiny, bitmask(pixels(10, 20, 1, 1))) == 1


def test_a_hole_outside_its_ring_takes_nothing_away():
    assert similarity(polygon([ring(10, 10, 20, 20), ring(50, 50, 9, 9)]), SQUARE) == pytest.approx(1)


def test_a_closed_ring_is_the_same_as_an_open_one():
    closed = ring(10, 10, 20, 20)

    assert similarity(polygon([[*closed, closed[0]]]), SQUARE) == pytest.approx(1)


@pytest.mark.parametrize(
    ("geometry", "part_of_reason"),
    [
        (box(float("nan"), 1, 1, 1), "not a number"),
        (box(1, 1, float("inf"), 1), "not a number"),
        (box(1, 1, 1e300, 1), "not a number"),
        ({"type": "bounding_box", "x": 10**400, "y": 0, "w": 1, "h": 1}, "not a number"),
        ({"type": "bounding_box", "x": "0.1", "y": 0, "w": 1, "h": 1}, "not a number"),
        ({"type": "bounding_box", "x": True, "y": 0, "w": 1, "h": 1}, "not a number"),
        ({"type": "bounding_box", "x": 0.1}, "not a number"),
        (box(1, 1, 0, 5), "no area"),
        (box(1, 1, -5, 5), "no area"),
        (box(1, 1, 1e-12, 1e-12), "without area"),
        (box(101, 1, 5, 5), "outside the frame"),
        (rotated(1, 1, 5, 5, float("nan")), "not a number"),
        (rotated(1, 1, 0, 5, 10), "no area"),
        (rotated(300, 1, 5, 5, 10), "outside the frame"),
        ({"type": "polygon"}, "no outline"),
        ({"type": "polygon", "parts": []}, "no outline"),
        ({"type": "polygon", "parts": [[]]}, "no outline"),
        ({"type": "polygon", "parts": [[["ab", "cd", "ef"]]]}, "not two numbers"),
        ({"type": "polygon", "parts": [[[[0, 0], [1]]]]}, "not two numbers"),
        ({"type": "polygon", "parts": [[[[0, 0], [1, None], [1, 1]]]]}, "not two numbers"),
        ({"type": "polygon", "parts": [[[[0, 0, 0], [1, 1, 1], [0, 1, 0]]]]}, "not two numbers"),
        ({"type": "polygon", "parts": [[[[0, 0], [1, 10**30], [1, 1]]]]}, "number"),
        (polygon([[(0, 0), (float("nan"), 5), (5, 5)]]), "not a number"),
        (polygon([[(0, 0), (5, 5)]]), "no area"),
        (polygon([[(0, 0), (5, 5), (9, 9)]]), "no area"),
        (polygon([ring(200, 200, 5, 5)]), "outside the frame"),
        (polygon([[(math.cos(n), math.sin(n)) for n in range(1001)]]), "more than 1000 vertices"),
        (bitmask(np.zeros((100, 100))), "no area"),
        (bitmask(np.ones((50, 100))), "not of the size of the frame"),
        ({"type": "bitmask", "size": [100, 100], "counts": "~~~"}, "cannot be decoded"),
        ({"type": "bitmask", "size": [100, 100], "counts": "é"}, "cannot be decoded"),
        ({"type": "bitmask", "size": [100, 100], "counts": ""}, "cannot be decoded"),
        ({"type": "bitmask", "size": [100, 100], "counts": "o" * 50 + "0"}, "cannot be decoded"),
        ({"type": "bitmask", "size": [100, 100], "counts": 5}, "cannot be decoded"),
        ({"type": "bitmask", "size": [100, 100], "counts": "11"}, "do not add up"),
        ({"type": "bitmask", "counts": "11"}, "not of the size"),
        ({"type": "point", "x": 0, "y": 0}, "a point where"),
        ({"type": "ellipse"}, "no geometry"),
        ({"type": ["bounding_box"]}, "no geometry"),
        (None, "no geometry"),
        ("box", "no geometry"),
    ],
)
def test_a_geometry_that_cannot_be_used_scores_nothing_and_says_why(geometry, part_of_reason):
    assert part_of_reason in reason(geometry)


def test_a_frame_without_a_size_makes_its_labels_invalid():
    assert "no size" in reason(SQUARE, size=(0, 100))


def test_two_dense_combs_are_refused_before_any_geometry():
    teeth = [(n / 20, 0 if n % 4 in (0, 3) else 90) for n in range(1200)]

    assert "vertices" in reason(polygon([[*teeth, (60, 95), (0, 95)]]))


def boxes_px(draw_size=100):
    start = st.floats(0, draw_size * 0.8, allow_nan=False)
    return st.tuples(start, start, st.floats(1, draw_size), st.floats(1, draw_size))


@settings(max_examples=200, deadline=None)
@given(boxes_px(), boxes_px())
def test_box_overlap_equals_the_coco_reference(a, b):
    # COCO does not clip, so the boxes are cut at the frame first
    cut = [[x, y, min(x + w, 100) - x, min(y + h, 100) - y] for x, y, w, h in (a, b)]
    expected = coco.iou(np.array([cut[0]]), np.array([cut[1]]), [0])[0, 0]
    found = similarity(box(*a), box(*b))

    assert found == pytest.approx(expected if expected >= 0.1 else 0, abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(boxes_px(), st.floats(-360, 360), boxes_px(), st.floats(-360, 360))
def test_rotated_box_overlap_equals_geos(a, theta_a, b, theta_b):
    def outline(x, y, w, h, theta):
        turned = shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), theta, origin="center")
        return turned.intersection(shapely.box(0, 0, 100, 100))

    one, other = outline(*a, theta_a), outline(*b, theta_b)
    assume(min(one.area, other.area) > 1e-3)
    shared = one.intersection(other).area
    expected = shared / (one.area + other.area - shared)
    found = similarity(rotated(*a, theta_a), rotated(*b, theta_b))

    if abs(expected - 0.1) > 1e-6:
        assert found == pytest.approx(expected if expected > 0.1 else 0, abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=3, max_size=12), boxes_px())
def test_polygon_overlap_equals_geos_also_when_the_ring_crosses_itself(points, other):
    outline = shapely.make_valid(shapely.Polygon(points))
    square = shapely.box(*other[:2], other[0] + other[2], other[1] + other[3])
    square = square.intersection(shapely.box(0, 0, 100, 100))
    shared = outline.intersection(square).area
    expected = shared / (outline.area + square.area - shared)
    found = similarity(polygon([points]), box(*other))

    if abs(expected - 0.1) > 1e-6 and (outline.area > 1e-6 or outline.area == 0):
        assert found == pytest.approx(expected if expected > 0.1 else 0, abs=1e-6)
