"""COCO run lengths, against the reference implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from formats.run_length import (
    RunLengthError,
    area_px,
    box_from_runs,
    checked_runs,
    mask_from_runs,
    runs_from_mask,
    runs_from_string,
    string_from_runs,
)

MASKS = arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS)
def test_masks_are_written_and_read_as_the_reference_does(mask: np.ndarray) -> None:
    reference = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    runs = runs_from_mask(mask)
    counts = string_from_runs(runs)
    assert counts == reference["counts"].decode()
    assert runs_from_string(counts).tolist() == runs.tolist()
    assert (mask_from_runs(runs, *mask.shape) == mask).all()
    assert area_px(runs) == coco_mask.area(reference)
    if mask.any():
        assert list(box_from_runs(runs, mask.shape[0])) == coco_mask.toBbox(reference).tolist()


def test_long_runs_of_a_large_mask_survive() -> None:
    mask = np.zeros((3000, 4000), dtype=bool)
    mask[10:2900, 500:3500] = True
    mask[1500, 2000] = False
    counts = string_from_runs(runs_from_mask(mask))
    assert counts == coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    assert checked_runs(counts, 3000, 4000).tolist() == runs_from_mask(mask).tolist()


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=40))
def test_any_text_is_either_runs_or_a_clear_refusal(text: str) -> None:
    try:
        runs = runs_from_string(text)
    except RunLengthError as reason:
        assert str(reason).startswith(("has ", "is "))
    else:
        assert runs.min() >= 0


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ("", "no runs"),
        ("44é0", "characters"),
        ("44 0", "characters"),
        ("44h", "cut off"),
        ("oooooooo0", "far too long"),
        ("O", "negative"),  # 79 - 48 = 31: five ones, which is -1
        ("44g0", "needed"),  # 4 + 4 + 23
        ("P1", "empty"),
        ([4, 4, 23], "needed"),
        ([4, True, 27], "whole numbers"),
        ([4, 4.0, 24], "whole numbers"),
        ([4, -4, 32], "whole numbers"),
        ([4, 10**30, 24], "whole numbers"),
        ([], "needed"),
        ([32], "empty"),
    ],
)
def test_what_does_not_fill_a_mask_of_8_by_4_is_refused(counts: str | list[int], reason: str) -> None:
    assert checked_runs("44h0", 4, 8).tolist() == [4, 4, 24]
    with pytest.raises(RunLengthError, match=reason):
        checked_runs(counts, 4, 8)


@pytest.mark.parametrize("size", [(0, 8), (-4, -8), (100_000, 100_000), (10**30, 1)])
def test_a_size_beyond_the_pixel_cap_is_refused_before_anything_is_made(size: tuple[int, int]) -> None:
    with pytest.raises(RunLengthError, match="not allowed"):
        checked_runs("44h0", *size)
