"""The worked example: a real gold label drawn slightly off, whatever its shape, scored by the real function."""

import copy

import pytest

from benchmarks.function_form import FunctionForm
from benchmarks.function_table import FunctionTable
from benchmarks.gold import GoldOfTask, gold_counts
from benchmarks.worked_example import worked_example
from formats.run_length import string_from_runs
from scoring import Ontology, default_function
from tests.factories import (
    CELL,
    CELL_TYPE,
    LOBES,
    NEUTROPHIL,
    PLATELET,
    FileFactory,
    box,
    box_document,
    simple_structure,
)

pytestmark = pytest.mark.django_db


def structure_of(shape):
    structure = copy.deepcopy(simple_structure())
    structure["objects"][0]["shape"] = shape
    return structure


def example_of(structure, geometry, *, node=CELL, answers=None, width=100, height=80):
    document = {
        "objects": [
            {
                "id": "1",
                "node": node,
                "answers": answers or {},
                "labels": [{"frame": 0, "geometry": geometry, "keyframe": True, "answers": {}}],
            }
        ],
        "classifications": [],
    }
    ontology = Ontology.from_structure(structure)
    form = FunctionForm(ontology, default_function(ontology), "exam")
    gold = [GoldOfTask(FileFactory.build(width=width, height=height, content=b""), document, 1, 0)]
    return worked_example(form.function, form.offer(gold_counts(ontology, [document])), gold)


SQUARE = [[[0.3, 0.3], [0.5, 0.3], [0.5, 0.6], [0.3, 0.6]]]
# 20 columns of 30 rows, 80 pixels a column, the square's first pixel in column 30, row 24.
MASK = string_from_runs([30 * 80 + 24, *([30, 50] * 19), 30, 50 * 80 + 26])


@pytest.mark.parametrize(
    ("shape", "geometry"),
    [
        ("bounding_box", box(0.3, 0.3, 0.2, 0.3)),
        (
            "rotatable_bounding_box",
            box(0.3, 0.3, 0.2, 0.3) | {"type": "rotatable_bounding_box", "theta": 20.0},
        ),
        ("polygon", {"type": "polygon", "parts": [SQUARE]}),
        ("bitmask", {"type": "bitmask", "size": [80, 100], "counts": MASK}),
        ("polyline", {"type": "polyline", "points": [[0.1, 0.1], [0.5, 0.6]]}),
        ("point", {"type": "point", "x": 0.5, "y": 0.5}),
    ],
)
def test_every_shape_is_drawn_slightly_off(shape, geometry):
    example = example_of(structure_of(shape), geometry)

    assert 0.25 < example.similarity < 0.99
    assert 0 < example.earned < example.available
    assert len(example.crop.shapes) == 2


def test_a_label_at_the_right_edge_moves_into_the_picture():
    example = example_of(simple_structure(), box(0.8, 0.3, 0.2, 0.3))

    # A box moved by 0.09 of its width: (1 - 0.09) / (1 + 0.09).
    assert example.similarity == pytest.approx(0.91 / 1.09)


def test_the_first_answer_is_wrong_and_what_hangs_below_it_earns_nothing():
    answers = {CELL_TYPE: NEUTROPHIL, LOBES: 3}
    example = example_of(simple_structure(), box(0.3, 0.3, 0.2, 0.3), answers=answers)

    lines = {line.words: line.points.points for line in example.lines}
    assert lines["Cell type wrong"] == lines["Lobes wrong"] == 0
    assert example.available == sum(line.points.weight for line in example.lines)


def test_without_a_label_that_can_earn_by_its_shape_there_is_no_example():
    ontology = Ontology.from_structure(simple_structure())
    form = FunctionForm(ontology, default_function(ontology, type="classification"), "exam")
    gold = [GoldOfTask(FileFactory.build(content=b""), box_document((0.1, 0.1, 0.2, 0.2)), 1, 0)]

    assert worked_example(form.function, form.offer({}), gold) is None
    assert worked_example(form.function, form.offer({}), []) is None


def test_items_the_engine_cannot_score_are_listed_as_ignored():
    structure = simple_structure()
    structure["objects"][1]["shape"] = "cuboid"
    ontology = Ontology.from_structure(structure)
    table = FunctionTable(FunctionForm(ontology, default_function(ontology), "exam"))

    assert [item.name for item in table.ignored] == ["Platelet"]
    assert PLATELET not in {row.node for row in table.rows}
