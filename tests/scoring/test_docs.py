"""docs/scoring.md tells the truth: its figures are those of the code."""

from pathlib import Path

import pytest

import scoring
from scoring import function, matching, skeletons
from scoring.paths import MOST_VERTICES

PAGE = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", function.KEYS)
def test_every_key_of_the_function_file_is_described(key):
    assert f"`{key}`" in PAGE


def test_the_defaults_on_the_page_are_those_of_the_code():
    limits = ", ".join(f"{family} {limit:g}" for family, limit in function.MIN_OVERLAP.items())

    assert f"| {limits};" in PAGE
    assert f"| `near_miss` | {function.NEAR_MISS:g}, 0 = off" in PAGE
    assert f"| `small_side` px | {function.SMALL_SIDE_PX:g}, 0 = off" in PAGE
    assert f"{function.LINE_WIDTH:g} of the image diagonal" in PAGE
    assert f"k = {skeletons.VERTEX_TOLERANCE:g}" in PAGE
    assert f"more than {MOST_VERTICES} vertices" in PAGE
    assert matching.CLASS_BONUS == 0.1
    assert "plus 0.1 where the classes agree" in PAGE


def test_everything_public_can_be_imported():
    assert all(hasattr(scoring, name) for name in scoring.__all__)
