"""Rotated boxes: cut at the frame, and their overlap, against GEOS on thousands of pairs, degenerate ones too."""

import numpy as np
import pytest
import shapely

from scoring import Function, compare, compare_many, prepare
from scoring.overlap import edges_of_corners, outline_iou, sorted_edges
from scoring.rotated import areas, cut_to_frames, polygons_of, read_rotated_boxes
from tests.scoring.builders import box, object_class, ontology, polygon, rotated, thing

SIZE = np.array([[1920.0, 1080.0]])


def random_boxes(rng: np.random.Generator, count: int, spread: float) -> list[dict]:
    """Boxes of all proportions; many turned by whole quarters, so that edges lie on edges."""
    found = []
    for _ in range(count):
        x, y = rng.uniform(-spread, 1 + spread, 2) - 0.1
        w, h = rng.choice([0.001, 0.05, 0.1, 0.2, 0.7], 2)
        theta = rng.choice([0.0, 90.0, -180.0, 45.0, float(rng.uniform(-360, 360))])
        found.append(
            {"type": "rotatable_bounding_box", "x": x, "y": y, "w": w, "h": h, "theta": float(theta)}
        )
    return found


def geos_outline(box: dict) -> shapely.Geometry:
    """The same box by shapely's own rotation and overlay."""
    width, height = SIZE[0]
    left, top = box["x"] * width, box["y"] * height
    plain = shapely.box(left, top, left + box["w"] * width, top + box["h"] * height)
    return shapely.affinity.rotate(plain, box["theta"], origin="center")


def test_outlines_cut_at_the_frame_equal_geos_on_thousands_of_boxes():
    rng = np.random.default_rng(1)
    boxes = random_boxes(rng, 3000, 0.4)

    corners, bounds, area, reasons = read_rotated_boxes(boxes, np.repeat(SIZE, len(boxes), axis=0))
    outlines = polygons_of(corners, np.arange(len(boxes)))

    expected = shapely.intersection([geos_outline(box) for box in boxes], shapely.box(0, 0, *SIZE[0]))
    assert area == pytest.approx(shapely.area(outlines), rel=1e-9, abs=1e-9)
    usable = np.flatnonzero(area > 1e-6)
    assert bounds[usable] == pytest.approx(shapely.bounds(outlines[usable]), abs=1e-9)
    assert shapely.area(outlines) == pytest.approx(shapely.area(expected), rel=1e-12, abs=1e-7)
    wrong = shapely.area(shapely.symmetric_difference(outlines, expected))
    assert wrong.max() < 1e-6
    assert {row for row, one in enumerate(expected) if one.area < 1e-9} == set(reasons)
    assert set(reasons.values()) == {"outside the frame"}


def test_the_overlap_equals_geos_on_thousands_of_pairs():
    rng = np.random.default_rng(2)
    a = random_boxes(rng, 4000, 0.0)
    b = [
        # the same, contained, moved by its own width, turned by a hair, or any other
        one
        if kind == 0
        else one | {"w": one["w"] / 2, "h": one["h"] / 2}
        if kind == 1
        else one | {"x": one["x"] + one["w"]}
        if kind == 2
        else one | {"theta": one["theta"] + 1e-9}
        if kind == 3
        else other
        for one, other, kind in zip(
            a, random_boxes(rng, 4000, 0.0), rng.integers(0, 5, 4000).tolist(), strict=True
        )
    ]
    sizes = np.repeat(SIZE, len(a), axis=0)
    sides = [read_rotated_boxes(boxes, sizes) for boxes in (a, b)]
    ours, theirs = (polygons_of(corners, np.arange(len(a))) for corners, *_ in sides)
    edges = [
        sorted_edges([edges_of_corners(*one) for one in corners], area, bounds)
        for corners, bounds, area, _ in sides
    ]
    usable = np.flatnonzero((shapely.area(ours) > 1e-6) & (shapely.area(theirs) > 1e-6))

    found = outline_iou(*edges, usable, usable)

    shared = shapely.area(shapely.intersection(ours[usable], theirs[usable]))
    union = shapely.area(ours[usable]) + shapely.area(theirs[usable]) - shared
    assert found == pytest.approx(shared / union, abs=1e-9)
    assert np.abs(found - shared / union).mean() < 1e-12
    assert len(usable) > 3000


def test_cutting_leaves_what_is_inside_and_nothing_of_what_is_outside():
    square = np.array(
        [[[10.0, 10], [20, 10], [20, 20], [10, 20]], [[-30.0, 5], [-20, 5], [-20, 15], [-30, 15]]]
    )

    cut = cut_to_frames(square, np.full((2, 2), 100.0))

    assert areas(cut).tolist() == [100.0, 0.0]


def test_a_box_turned_by_a_quarter_is_the_box_with_its_sides_swapped():
    items = ontology(object_class("van", "rotatable_bounding_box"), object_class("car"))
    gold = {"objects": [thing("1", "van", rotated(20, 30, 40, 10, 90))], "classifications": []}
    own = {"objects": [thing("1", "van", rotated(35, 15, 10, 40, 0))], "classifications": []}

    facts = compare(items, Function.from_dict(items, {}), gold, own, [(100, 100)])

    assert facts.labels[0].similarity == pytest.approx(1.0, abs=1e-12)


def test_edges_of_prepared_gold_are_made_once_for_all_batches():
    """And what is joined from tasks scores as the tasks do: rotated boxes, outlines and boxes in any order."""
    items = ontology(
        object_class("van", "rotatable_bounding_box"), object_class("car"), object_class("lake", "polygon")
    )
    function, frames = Function.from_dict(items, {}), [(100, 100)]
    shapes = [
        thing("1", "van", rotated(20, 30, 40, 10, 30)),
        thing("2", "van", rotated(80, 70, 40, 10, 10)),  # cut at the frame
        thing("3", "car", box(40, 20, 20, 20)),
        thing("4", "lake", polygon([[(5, 5), (60, 10), (40, 70)]])),
    ]
    sides = [{"objects": shapes[start:], "classifications": []} for start in range(4)]
    gold = [prepare(items, one, frames) for one in sides]
    tasks = [(one, own, frames) for one, own in zip(gold, [sides[0], *sides[:3]], strict=True)]

    together = compare_many(items, function, tasks)
    edges = [one.objects.shapes.edges for one in gold]
    again = compare_many(items, function, tasks)

    assert all(one is not None for one in edges)
    assert all(one.objects.shapes.edges is kept for one, kept in zip(gold, edges, strict=True))
    alone = [compare(items, function, one, own, frames) for one, own, _ in tasks]
    assert together == again == alone
