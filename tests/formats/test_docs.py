"""docs/formats.md shows files that are really read, and shapes that are really allowed."""

import json
import re
from pathlib import Path

import pytest

from formats import read_own
from formats.geometry import KEYS, geometry_problems
from tests.formats.ontologies import FRAME, STRUCTURE

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
SHAPES = [json.loads(text) for text in re.findall(r'`(\{"type": .*?\})`:?', PAGE)]


def test_the_own_file_of_the_docs_is_read_without_a_word() -> None:
    (text,) = re.findall(r"```json own\n(.*?)```", PAGE, re.DOTALL)
    (item,) = read_own(text.encode(), STRUCTURE, images={"slide-1.jpg": [FRAME]}).items
    assert item.problems == ()
    assert item.document == json.loads(text)["items"][0]["document"]


def test_the_docs_show_every_shape_once() -> None:
    assert sorted(geometry["type"] for geometry in SHAPES) == sorted(KEYS)


@pytest.mark.parametrize("geometry", SHAPES, ids=lambda geometry: geometry["type"])
def test_the_shapes_of_the_docs_are_allowed(geometry: dict[str, object]) -> None:
    vertices = ("head", "thorax")
    assert geometry_problems(geometry, str(geometry["type"]), frame=FRAME, vertices=vertices) == []
