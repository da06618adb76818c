"""Polygons: the sum over edges against GEOS overlays, the fast way of reading against the careful one, worst cases."""

import math

import numpy as np
import pytest
import shapely

from scoring import overlap
from scoring.areas import _careful_outline, read_polygons
from scoring.lines import line_iou, read_lines
from scoring.overlap import outline_iou, outlines_of, shared_area
from scoring.repair import TOO_OFTEN, odd_faces

FRAME = np.array([100.0, 80.0])


def star(rng: np.random.Generator, vertices: int, centre, radius) -> np.ndarray:
    """A ring around a centre that never crosses itself."""
    angles = np.sort(rng.uniform(0, 2 * math.pi, vertices))
    radii = radius * rng.uniform(0.3, 1, vertices)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None] + centre


def random_parts(rng: np.random.Generator, kind: int) -> list[list[np.ndarray]]:
    """A label in pixels: a simple ring, with a hole, of two parts, crossing itself, a sliver, on whole pixels."""
    centre = rng.uniform(30, 60, 2)
    ring = star(rng, int(rng.integers(5, 40)), centre, 30)
    if kind == 1:
        return [[ring, (ring - centre) * 0.3 + centre]]
    if kind == 2:
        return [[ring], [star(rng, 7, centre + 15, 12)]]
    if kind == 3:
        return [[rng.permutation(ring)[:9]]]
    if kind == 4:
        along = np.sort(rng.uniform(0, 90, 6))
        return [[np.concatenate([np.stack([along, along], 1), np.stack([along, along + 1e-3], 1)[::-1]])]]
    if kind == 5:
        return [[np.round(ring / 4) * 4]]
    return [[ring]]


def entry(parts):
    """A label as JSON has it, in parts of the frame."""
    return {"type": "polygon", "parts": [[(ring / FRAME).tolist() for ring in part] for part in parts]}


def read(labels):
    outlines, reasons = read_polygons([entry(parts) for parts in labels], np.tile(FRAME, (len(labels), 1)))
    return outlines, reasons


def geos_iou(a, b):
    shared = shapely.area(shapely.intersection(a, b))
    return shared / (shapely.area(a) + shapely.area(b) - shared)


@pytest.mark.parametrize("seed", range(3))
def test_overlaps_of_thousands_of_pairs_of_every_kind_equal_those_of_geos(seed):
    rng = np.random.default_rng(seed)
    outlines, reasons = read([random_parts(rng, kind % 6) for kind in range(600)])
    good = np.flatnonzero([not reason for reason in reasons])
    gold, own = good[rng.integers(len(good), size=(2, 3000))]
    columns = outlines_of(outlines)

    found = outline_iou(columns, columns, gold, own)

    assert len(good) > 500
    assert found == pytest.approx(geos_iou(outlines[gold], outlines[own]), abs=1e-6)
    assert outline_iou(columns, columns, own, gold) == pytest.approx(found, abs=1e-12)
    assert (outline_iou(columns, columns, good, good) == 1).all()


def test_shapes_that_share_an_edge_or_a_corner_share_exactly_nothing():
    shapes = np.array(
        [shapely.box(0.1, 0.1, 10.3, 7.7), shapely.box(10.3, 0.1, 20, 7.7), shapely.box(10.3, 7.7, 20, 20)]
    )
    turned = shapely.transform(shapes, lambda xy: xy @ np.array([[0.8, 0.6], [-0.6, 0.8]]))
    for columns in (outlines_of(shapes), outlines_of(turned)):
        assert outline_iou(columns, columns, np.array([0, 1, 0]), np.array([1, 2, 2])).tolist() == [0, 0, 0]


def test_a_long_outline_is_overlapped_in_pieces(monkeypatch):
    rng = np.random.default_rng(4)
    columns = outlines_of(np.array([shapely.Polygon(star(rng, 300, (50, 40), 30)) for _ in range(8)]))
    gold, own = (index.ravel() for index in np.indices((8, 8)))
    whole = shared_area(columns, columns, gold, own)

    monkeypatch.setattr(overlap, "TERMS_AT_ONCE", 100)
    monkeypatch.setattr(overlap, "EDGES_AT_ONCE", 700)

    assert shared_area(columns, columns, gold, own) == pytest.approx(whole, rel=1e-12)


def test_crowded_labels_get_the_same_overlaps(monkeypatch):
    rng = np.random.default_rng(6)
    some = [shapely.Polygon(star(rng, 9, (50, 40), 30)) for _ in range(5)]
    columns = outlines_of(np.array([some[number] for number in rng.integers(5, size=60)]))
    gold, own = (index.ravel() for index in np.indices((60, 60)))
    crowded = outline_iou(columns, columns, gold, own)

    monkeypatch.setattr(overlap, "CROWDED", 1e9)

    assert crowded == pytest.approx(outline_iou(columns, columns, gold, own), abs=1e-12)


def test_a_label_read_fast_is_the_label_read_carefully():
    rng = np.random.default_rng(7)
    labels = [random_parts(rng, kind % 6) for kind in range(900)]
    outlines, reasons = read(labels)

    for parts, outline, reason in zip(labels, outlines, reasons, strict=True):
        careful, fault = _careful_outline(entry(parts)["parts"], FRAME)
        inside = shapely.intersection(careful, shapely.box(0, 0, *FRAME))
        assert not fault
        assert shapely.area(outline) == pytest.approx(shapely.area(inside), abs=1e-9)
        if not reason:
            assert shapely.area(shapely.symmetric_difference(outline, inside)) < 1e-9


def broken(parts, rng: np.random.Generator):
    """The label with one thing that is no point, ring or part."""
    ring = parts["parts"][0][0]
    wrong = [
        None,
        "ab",
        [],
        [1],
        [1, 2, 3],
        [True, "x"],
        [float("nan"), 0],
        [1e9, 0],
        [10**400, 1],
        {"x": 1},
        5,
    ]
    what = wrong[int(rng.integers(len(wrong)))]
    place = int(rng.integers(3))
    if place == 0:
        ring[int(rng.integers(len(ring)))] = what
    elif place == 1:
        parts["parts"][0][0] = what
    else:
        parts["parts"].append(what)
    return parts


def test_labels_broken_in_every_way_never_touch_their_neighbours():
    rng = np.random.default_rng(8)
    entries = [entry(random_parts(rng, kind % 6)) for kind in range(600)]
    alone = [read_polygons([one], FRAME[None]) for one in entries]
    mixed = [broken(entry(random_parts(rng, 0)), rng) if n % 3 == 0 else one for n, one in enumerate(entries)]

    outlines, reasons = read_polygons(mixed, np.tile(FRAME, (len(mixed), 1)))

    for number, (outline, reason) in enumerate(zip(outlines, reasons, strict=True)):
        if number % 3 == 0:
            expected, fault = read_polygons([mixed[number]], FRAME[None])
            assert reason == fault[0]
        else:
            expected, fault = alone[number]
            assert reason == fault[0]
        assert shapely.area(outline) == pytest.approx(shapely.area(expected[0]), abs=1e-12)


# --- worst cases: all of them took seconds to hours with overlays and make_valid


def test_the_faces_of_a_scribble_are_what_geos_makes_of_it():
    rng = np.random.default_rng(9)
    for vertices in (8, 12, 20, 30, 40):
        ring = rng.uniform(0, 100, (vertices, 2))
        expected = shapely.make_valid(shapely.Polygon(ring), method="linework")
        found = odd_faces(ring)

        assert shapely.area(found) == pytest.approx(shapely.area(expected), abs=1e-6)
        assert shapely.area(shapely.symmetric_difference(found, expected)) < 1e-6


def test_a_scribble_of_a_thousand_vertices_is_refused_before_any_geometry():
    rng = np.random.default_rng(10)

    _, reasons = read([[[rng.uniform(0, 80, (1000, 2))]], [[rng.uniform(0, 80, (100, 2))]]])

    assert reasons == [TOO_OFTEN, ""]


def test_two_combs_of_a_thousand_vertices_share_the_squares_where_their_teeth_cross():
    teeth = 240
    along = np.repeat(np.linspace(1, 79, 2 * teeth), 2)
    upright = np.stack([along, np.tile([5.0, 75.0, 75.0, 5.0], teeth)], axis=1)
    comb = np.concatenate([upright, [[79, 1], [1, 1]]])  # a back of 4 px, teeth up to y = 75
    outlines, reasons = read([[[comb]], [[comb[:, ::-1]]]])

    columns = outlines_of(outlines)
    shared = shared_area(columns, columns, np.array([0]), np.array([1]))[0]

    assert reasons == ["", ""]
    assert shared == pytest.approx(shapely.intersection(*outlines).area, rel=1e-9)


# --- lines


def test_pairs_of_lines_that_are_left_out_would_not_have_reached_the_floor(monkeypatch):
    rng = np.random.default_rng(11)
    paths = [
        np.cumsum(rng.normal(0, 0.1, (int(rng.integers(2, 15)), 2)), axis=0) + rng.uniform(0, 1, 2)
        for _ in range(50)
    ]
    paths += [np.stack([np.full(2, x), [0.1, 0.9]], axis=1) for x in rng.uniform(0, 1, 10)]  # upright
    paths += [one + rng.normal(0, 0.003, one.shape) for one in paths]
    sizes = np.tile(FRAME, (len(paths), 1))
    found, reasons = read_lines([{"points": path.tolist()} for path in paths], sizes)
    good = np.flatnonzero([not reason for reason in reasons])
    gold, own = (good[index.ravel()] for index in np.indices((len(good), len(good))))
    diagonal = np.full(len(gold), np.hypot(*FRAME))
    for width in (0.01, 0.2):
        exact = line_iou(found, found, gold, own, diagonal, width, -1.0)
        pruned = line_iou(found, found, gold, own, diagonal, width, 0.25)

        assert pruned[exact >= 0.25] == pytest.approx(exact[exact >= 0.25], abs=1e-12)
        assert (exact >= 0.25).sum() > 50
        assert (pruned == 0).sum() > len(gold) / 3 or width > 0.1


def test_scribbled_lines_are_refused_before_they_are_widened():
    rng = np.random.default_rng(12)
    scribbles = [rng.uniform(0, 1, (1000, 2)), rng.uniform(-0.2, 1.2, (50, 2)), rng.uniform(0, 1, (50, 2))]

    _, reasons = read_lines([{"points": one.tolist()} for one in scribbles], np.tile(FRAME, (3, 1)))

    assert reasons == [TOO_OFTEN, TOO_OFTEN, ""]
