"""Run lengths: the string codec and mask overlap against COCO's reference code, rasterising against counted pixels."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from scoring.runs import Runs, overlap_px, read_runs, runs_of_outline
from tests.scoring.builders import bitmask


def masks(seed: int, height: int, width: int, density: float) -> np.ndarray:
    """Blobs: noise at a coarse grid blown up, so that runs have all lengths."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((height // 3 + 1, width // 3 + 1)) < density
    noise = rng.random((height, width)) < 0.05
    return np.kron(coarse, np.ones((3, 3), dtype=bool))[:height, :width] ^ noise


sides = st.integers(1, 40)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), sides, sides, st.floats(0, 1))
def test_strings_of_the_coco_reference_are_read_and_written_alike(seed, height, width, density):
    pixels = masks(seed, height, width, density)
    reference = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))

    runs = read_runs(reference["counts"], height * width)

    assert isinstance(runs, Runs)
    assert runs.area_px == coco.area(reference) == pixels.sum()
    assert bitmask(pixels)["counts"] == reference["counts"].decode()
    left, top, right, bottom = runs.bounds(height)
    assert [left, top, right - left, bottom - top] == list(coco.toBbox(reference))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31), sides, sides, st.floats(0.05, 1), st.floats(0.05, 1))
def test_mask_overlap_equals_the_coco_reference(seed, height, width, one, other):
    a, b = masks(seed, height, width, one), masks(seed + 1, height, width, other)
    encoded = [coco.encode(np.asfortranarray(pixels.astype(np.uint8))) for pixels in (a, b)]
    runs = [read_runs(one["counts"], height * width) for one in encoded]

    shared = overlap_px(*runs)
    union = runs[0].area_px + runs[1].area_px - shared

    assert shared == (a & b).sum() == overlap_px(*reversed(runs))
    if union:
        assert shared / union == pytest.approx(coco.iou([encoded[0]], [encoded[1]], [0])[0, 0], abs=1e-6)


def test_a_full_and_an_empty_mask_are_read():
    full = coco.encode(np.asfortranarray(np.ones((5, 7), dtype=np.uint8)))
    empty = coco.encode(np.asfortranarray(np.zeros((5, 7), dtype=np.uint8)))

    assert read_runs(full["counts"], 35).area_px == 35
    assert read_runs(full["counts"], 35).bounds(5) == (0, 0, 7, 5)
    assert read_runs(empty["counts"], 35).area_px == 0
    assert overlap_px(read_runs(empty["counts"], 35), read_runs(full["counts"], 35)) == 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_give_runs_or_a_reason(raw):
    found = read_runs(raw, 1000)

    assert isinstance(found, str) or 0 <= found.area_px <= 1000


def counted(outline: shapely.Geometry, width: int, height: int) -> np.ndarray:
    """Pixels whose centres are covered, one by one."""
    found = np.zeros((height, width), dtype=bool)
    for row in range(height):
        for column in range(width):
            found[row, column] = shapely.covers(outline, shapely.Point(column + 0.5, row + 0.5))
    return found


def pixels_of(runs: Runs, width: int, height: int) -> np.ndarray:
    flat = np.zeros(width * height, dtype=bool)
    for start, end in zip(runs.starts, runs.ends, strict=True):
        flat[start:end] = True
    return flat.reshape(width, height).T


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 12), st.floats(0, 9)), min_size=3, max_size=8))
def test_a_polygon_covers_the_pixels_whose_centres_it_contains(points):
    outline = shapely.make_valid(shapely.Polygon(points))
    assume(outline.geom_type in ("Polygon", "MultiPolygon"))
    runs = runs_of_outline(outline, 12, 9)
    near_an_edge = counted(outline.boundary.buffer(1e-6), 12, 9)

    found, expected = pixels_of(runs, 12, 9), counted(outline, 12, 9)

    assert (found == expected)[~near_an_edge].all()


def test_a_hole_is_not_covered_and_parts_are():
    ring = shapely.Polygon([(1, 1), (9, 1), (9, 9), (1, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    both = shapely.MultiPolygon([ring, shapely.box(10, 0, 12, 2)])

    assert runs_of_outline(both, 12, 10).area_px == 64 - 9 + 4


def test_neighbours_share_no_pixel_even_when_their_border_runs_through_centres():
    left = runs_of_outline(shapely.box(0, 0, 4.5, 10), 10, 10)
    right = runs_of_outline(shapely.box(4.5, 0, 10, 10), 10, 10)

    assert overlap_px(left, right) == 0
    assert left.area_px + right.area_px == 100
