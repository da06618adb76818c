"""Run lengths: the string codec and mask overlap against COCO's reference code, rasterising against counted pixels."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from scoring import run_strings
from scoring.raster import runs_of_outlines
from scoring.run_strings import UNREADABLE, WRONG_SUM, read_masks, read_strings
from scoring.runs import Runs, shared_px
from tests.scoring.builders import bitmask


def masks(seed: int, height: int, width: int, density: float) -> np.ndarray:
    """Blobs: noise at a coarse grid blown up, so that runs have all lengths."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((height // 3 + 1, width // 3 + 1)) < density
    noise = rng.random((height, width)) < 0.05
    return np.kron(coarse, np.ones((3, 3), dtype=bool))[:height, :width] ^ noise


def encoded(pixels: np.ndarray):
    return coco.encode(np.asfortranarray(pixels.astype(np.uint8)))


def read(*references):
    """The runs of masks as the COCO reference writes them, all of one size."""
    height, width = references[0]["size"]
    runs, faults = read_strings(
        [one["counts"] for one in references], np.full(len(references), height * width)
    )
    assert faults == [""] * len(references)
    return runs


def pixels_of(runs: Runs, mask: int, width: int, height: int) -> np.ndarray:
    """The pixels of one mask, one by one."""
    flat = np.zeros(width * height, dtype=bool)
    for start, end in zip(*runs.of_mask(mask), strict=True):
        flat[start:end] = True
    return flat.reshape(width, height).T


sides = st.integers(1, 40)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), sides, sides, st.floats(0, 1))
def test_strings_of_the_coco_reference_are_read_and_written_alike(seed, height, width, density):
    pixels = masks(seed, height, width, density)
    reference = encoded(pixels)

    runs = read(reference)

    assert runs.area_px().tolist() == [coco.area(reference)] == [pixels.sum()]
    assert bitmask(pixels)["counts"] == reference["counts"].decode()
    left, top, right, bottom = runs.bounds(np.array([height]))[0]
    assert [left, top, right - left, bottom - top] == list(coco.toBbox(reference))


def random_masks(seed: int, count: int, limit: int = 60):
    """Masks of any size and density, among them empty and full ones, stripes and single pixels."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        height, width = rng.integers(1, limit, 2).tolist()
        pixels = masks(int(rng.integers(2**31)), height, width, rng.random())
        if number % 7 == 0:
            pixels = np.full((height, width), number % 2 == 0)
        if number % 11 == 0:
            pixels = np.arange(height)[:, None] % 2 + np.zeros((height, width)) > 0
        yield pixels


def test_three_thousand_masks_read_at_once_are_those_of_the_coco_reference(monkeypatch):
    monkeypatch.setattr(run_strings, "CHARACTERS_AT_ONCE", 5_000)  # many pieces, cut between any two strings
    pixels = list(random_masks(1, 3000))
    references = [encoded(one) for one in pixels]
    heights = np.array([len(one) for one in pixels])

    runs, faults = read_strings([one["counts"] for one in references], np.array([one.size for one in pixels]))

    assert faults == [""] * 3000
    assert runs.area_px().tolist() == [coco.area(one) for one in references]
    boxes = runs.bounds(heights)
    boxes[:, 2:] -= boxes[:, :2]
    assert boxes.tolist() == [coco.toBbox(one).tolist() for one in references]
    for mask in range(0, 3000, 10):
        assert (pixels_of(runs, mask, pixels[mask].shape[1], len(pixels[mask])) == pixels[mask]).all()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31), sides, sides, st.floats(0.05, 1), st.floats(0.05, 1))
def test_mask_overlap_equals_the_coco_reference(seed, height, width, one, other):
    a, b = masks(seed, height, width, one), masks(seed + 1, height, width, other)
    references = [encoded(a), encoded(b)]
    runs = read(*references)

    both_ways = shared_px(runs, runs, np.array([0, 1]), np.array([1, 0])).tolist()
    union = runs.area_px().sum() - both_ways[0]

    assert both_ways == [(a & b).sum()] * 2
    if union:
        expected = coco.iou([references[0]], [references[1]], [0])[0, 0]
        assert both_ways[0] / union == pytest.approx(expected, abs=1e-6)


def test_overlaps_of_ten_thousand_pairs_at_once_equal_the_coco_reference():
    references = [encoded(masks(seed, 37, 53, (seed % 10) / 10)) for seed in range(200)]
    gold, own = read(*references[:100]), read(*references[100:])
    a, b = (index.ravel() for index in np.indices((100, 100)))

    shared = shared_px(gold, own, a, b)
    union = gold.area_px()[a] + own.area_px()[b] - shared

    expected = coco.iou(references[100:], references[:100], [0] * 100).T.ravel()
    assert shared / union == pytest.approx(expected, abs=1e-6)


def test_a_full_and_an_empty_mask_are_read():
    full, empty = encoded(np.ones((5, 7))), encoded(np.zeros((5, 7)))

    runs = read(full, empty)

    assert runs.area_px().tolist() == [35, 0]
    assert runs.bounds(np.array([5, 5])).tolist() == [[0, 0, 7, 5], [0, 0, 0, 0]]
    assert shared_px(runs, runs, np.array([0, 1, 1]), np.array([0, 0, 1])).tolist() == [35, 0, 0]


# --- strings that are none


def slowly_decoded(text: bytes, pixels: int) -> list[int] | str:
    """The format read character by character: run lengths, or the fault."""
    numbers: list[int] = []
    value = group = 0
    for character in text:
        code = character - 48
        if not 0 <= code <= 63 or group == 7:
            return UNREADABLE
        value |= (code & 0x1F) << (5 * group)
        group += 1
        if code & 0x20:
            continue
        if code & 0x10:
            value -= 1 << (5 * group)
        numbers.append(value + (numbers[-2] if len(numbers) > 2 else 0))
        value = group = 0
    if group or not numbers:
        return UNREADABLE
    return numbers if min(numbers) >= 0 and sum(numbers) == pixels else WRONG_SUM


def mangled(text: bytes, rng: np.random.Generator) -> bytes:
    """Cut off, with characters changed, put in, taken out, doubled; or any bytes."""
    place = int(rng.integers(len(text) + 1))
    change = bytes(rng.integers(0, 256, int(rng.integers(0, 12)), dtype=np.uint8).tolist())
    return [
        text[:place],
        text[place:],
        text[:place] + change + text[place:],
        text[:place] + text[place + 1 :],
        text + text,
        change,
        text[:place] + b"o" * int(rng.integers(12)) + b"0" + text[place:],
        text,
    ][int(rng.integers(8))]


def test_strings_malformed_in_every_way_give_a_reason_and_never_touch_their_neighbours():
    rng = np.random.default_rng(5)
    pixels = list(random_masks(2, 4000, limit=12))
    texts = [mangled(encoded(one)["counts"], rng) for one in pixels]

    runs, faults = read_strings(texts, np.array([one.size for one in pixels]))

    expected = [slowly_decoded(text, one.size) for text, one in zip(texts, pixels, strict=True)]
    assert faults == [one if isinstance(one, str) else "" for one in expected]
    assert len(set(faults)) == 3  # both faults happen, and none
    areas = [0 if isinstance(one, str) else sum(one[1::2]) for one in expected]
    assert runs.area_px().tolist() == areas


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=5))
def test_any_bytes_give_runs_or_a_reason(texts):
    runs, faults = read_strings(texts, np.full(len(texts), 1000))

    assert [fault for fault in faults if fault not in ("", UNREADABLE, WRONG_SUM)] == []
    assert all(0 <= area <= 1000 for area in runs.area_px())


@pytest.mark.parametrize(
    "counts", [None, 7, [1, 2], {"0": 1}, b"", "", "é", "\ud800", "0\n", "11", "oooooooo0"]
)
def test_a_mask_whose_counts_are_no_string_of_the_format_is_invalid(counts):
    good = bitmask(np.eye(9))

    runs, reasons = read_masks([good, {"size": [9, 9], "counts": counts}, good], np.full((3, 2), 9.0))

    assert reasons[0] == reasons[2] == ""
    assert reasons[1] != ""
    assert runs.area_px().tolist() == [9, 0, 9]


def test_a_frame_of_more_pixels_than_any_picture_has_makes_its_masks_invalid():
    size = [10**6, 10**6]

    _, reasons = read_masks([{"size": size, "counts": "11"}], np.array([size], dtype=float))

    assert reasons == ["the mask has too many pixels"]


# --- vector shapes as pixels


def rasterised(outlines, width: int, height: int) -> Runs:
    return runs_of_outlines(np.array(outlines, dtype=object), np.full((len(outlines), 2), [width, height]))


def counted(outline: shapely.Geometry, width: int, height: int) -> np.ndarray:
    """Pixels whose centres are covered, one by one."""
    found = np.zeros((height, width), dtype=bool)
    for row in range(height):
        for column in range(width):
            found[row, column] = shapely.covers(outline, shapely.Point(column + 0.5, row + 0.5))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 12), st.floats(0, 9)), min_size=3, max_size=8))
def test_a_polygon_covers_the_pixels_whose_centres_it_contains(points):
    outline = shapely.make_valid(shapely.Polygon(points))
    assume(outline.geom_type in ("Polygon", "MultiPolygon"))
    runs = rasterised([outline], 12, 9)
    near_an_edge = counted(outline.boundary.buffer(1e-6), 12, 9)

    found, expected = pixels_of(runs, 0, 12, 9), counted(outline, 12, 9)

    assert (found == expected)[~near_an_edge].all()


def test_shapes_rasterised_together_are_those_rasterised_alone():
    rng = np.random.default_rng(3)
    outlines = [
        shapely.Point(xy).buffer(radius)
        for xy, radius in zip(rng.uniform(0, 30, (50, 2)), rng.uniform(0, 9, 50), strict=True)
    ]

    together = rasterised(outlines, 30, 20)

    for number, outline in enumerate(outlines):
        alone = rasterised([outline], 30, 20)
        assert (pixels_of(together, number, 30, 20) == pixels_of(alone, 0, 30, 20)).all()


def test_a_hole_is_not_covered_and_parts_are():
    ring = shapely.Polygon([(1, 1), (9, 1), (9, 9), (1, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    both = shapely.MultiPolygon([ring, shapely.box(10, 0, 12, 2)])

    assert rasterised([both], 12, 10).area_px().tolist() == [64 - 9 + 4]


def test_neighbours_share_no_pixel_even_when_their_border_runs_through_centres():
    runs = rasterised([shapely.box(0, 0, 4.5, 10), shapely.box(4.5, 0, 10, 10)], 10, 10)

    assert shared_px(runs, runs, np.array([0]), np.array([1])).tolist() == [0]
    assert runs.area_px().sum() == 100
