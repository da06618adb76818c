"""The form of a benchmark function: nothing typed is lost, nothing untouched changes."""

import pytest

from benchmarks.function_form import FunctionForm, typed_in, typed_of
from benchmarks.function_table import FunctionTable
from scoring import Function, Ontology, default_function
from tests.factories import (
    CELL,
    CELL_TYPE,
    LOBES,
    NEUTROPHIL,
    PLATELET,
    QUALITY,
    QUALITY_ROOT,
    simple_structure,
)

ONTOLOGY = Ontology.from_structure(simple_structure())
DEFAULTS = default_function(ONTOLOGY)


def form(base=DEFAULTS, **changes):
    typed = typed_of(base)
    for name, value in changes.items():
        name = name.replace("__", ":")
        if value is None:
            typed.pop(name, None)
        else:
            typed[name] = value
    return FunctionForm(ONTOLOGY, base, "exam", typed)


def rows(read):
    return FunctionTable(read, shows_changes=True).rows


def test_an_untouched_form_is_the_function_it_started_from():
    assert form().settings == DEFAULTS.to_dict()
    assert not form().is_changed


def test_an_untouched_weight_keeps_its_exact_value_though_shown_rounded():
    base = Function.from_dict(ONTOLOGY, {"weights": {f"iou:{CELL}": 100 / 3}})

    assert typed_of(base)[f"weight:iou:{CELL}"] == "33.33"
    assert form(base).function.weights[f"iou:{CELL}"] == 100 / 3


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("abc", "Enter a number."),
        ("", "Enter a number."),
        ("NaN", "Enter a number."),
        ("inf", "Enter a number."),
        ("1e999", "Enter a number."),
        ("9" * 5000, "Enter a number."),
        ("1_000", "Enter a number."),
        ("٣", "Enter a number."),
        ("-1", "Cannot be negative."),
        ("1e10", "At most 1,000,000,000."),
        ("9" * 39, "At most 1,000,000,000."),
    ],
)
def test_a_weight_that_is_no_weight_is_refused_beside_its_field_and_kept(text, error):
    read = form(**{f"weight__iou__{CELL}": text})

    assert not read.is_valid
    cell = next(row for row in rows(read) if row.node == CELL).iou
    assert (cell.value, cell.error) == (text, error)


@pytest.mark.parametrize(
    ("text", "points"), [("12", 12.0), ("0", 0.0), ("1,5", 1.5), (" 2.50 ", 2.5), ("1e3", 1000.0)]
)
def test_numbers_are_read_as_people_write_them(text, points):
    read = form(**{f"weight__iou__{CELL}": text})

    assert read.is_valid
    assert read.function.weights[f"iou:{CELL}"] == points


def test_extra_costs_follow_the_weights_unless_somebody_set_them():
    read = form(**{f"weight__iou__{PLATELET}": "300"})
    assert read.function.weights[f"extra:{PLATELET}"] == 300 + DEFAULTS.weights[f"category:{PLATELET}"]

    explicit = Function.from_dict(ONTOLOGY, {"weights": {f"extra:{PLATELET}": 7}})
    read = form(explicit, **{f"weight__iou__{PLATELET}": "300"})
    assert read.function.weights[f"extra:{PLATELET}"] == 7


def test_weights_per_answer_stay_until_the_plain_weight_changes():
    balanced = f"attribute:{CELL_TYPE}={NEUTROPHIL}"
    base = Function.from_dict(ONTOLOGY, {"weights": {balanced: 250}})

    assert form(base, **{f"weight__iou__{CELL}": "5"}).function.weight(balanced) == 250
    assert form(base, **{f"weight__attribute__{CELL_TYPE}": "60"}).function.weight(balanced) == 60


def test_a_switch_turns_an_item_off_and_keeps_its_weights():
    read = form(**{f"scored__{CELL}": None})

    assert read.function.not_scored == {CELL}
    assert read.function.weight(f"iou:{CELL}") == 0
    assert read.function.weights[f"iou:{CELL}"] == 100


def test_single_classification_switches_objects_off():
    read = form(type="classification")

    assert [row.is_off for row in rows(read) if row.kind == "object"] == [True, True]
    assert read.function.weight(f"iou:{CELL}") == 0
    assert read.function.weight(f"classification:{QUALITY}") == 100


def test_an_unknown_type_is_refused():
    assert form(type="magic").general_errors


def test_rows_read_like_the_ontology():
    assert [(row.name, row.depth, row.note) for row in rows(form())] == [
        ("White blood cell", 0, ""),
        ("Cell type", 1, ""),
        ("Lobes", 2, "if Neutrophil"),
        ("Platelet", 0, ""),
        ("Image quality", 0, "per frame"),
    ]


def test_a_changed_value_shows_what_it_was():
    changed = form(**{f"weight__iou__{CELL}": "300", f"scored__{LOBES}": None})
    by_node = {row.node: row for row in rows(changed)}

    assert by_node[CELL].iou.before == "100"
    assert by_node[CELL].category.before is None
    assert by_node[LOBES].scored.before is True
    assert all(row.iou.before is None for row in FunctionTable(changed).rows if row.iou)


def test_comparison_settings_need_comparing_and_weights_do_not():
    assert not form(**{f"weight__iou__{CELL}": "300"}).needs_comparing
    assert form(near_miss="0.2").needs_comparing
    assert not form(extra_cost="0.5").needs_comparing


def test_the_extra_cost_is_between_0_and_1():
    assert form(extra_cost="1.5").errors == {"extra_cost": "At most 1."}


def test_the_offer_says_what_a_weight_does():
    counts = {
        f"iou:{CELL}": 3,
        f"category:{CELL}": 3,
        f"attribute:{CELL_TYPE}={NEUTROPHIL}": 2,
        f"iou:{PLATELET}": 1,
        f"category:{PLATELET}": 1,
        f"classification:{QUALITY}": 1,
    }
    # White cells: 3 x (200 + 50) + 2 x 40 = 830; platelet: 100 + 50 = 150; quality 100; together 1,080.
    offer = form(
        **{
            f"weight__iou__{CELL}": "200",
            f"weight__category__{CELL}": "50",
            f"weight__attribute__{CELL_TYPE}": "40",
            f"weight__attribute__{LOBES}": "10",
            f"weight__category__{PLATELET}": "50",
        }
    ).offer(counts)

    assert (offer.iou, offer.category, offer.attribute, offer.total) == (700, 300, 80, 1080)
    assert offer.items[CELL].points == 300
    assert offer.items[CELL].total == 830
    assert offer.items[CELL].share == pytest.approx(830 / 1080)


def test_without_gold_no_share_is_made_up():
    assert form().offer({}).items[CELL].share is None


def test_a_posted_body_gives_only_the_fields_of_the_form():
    typed = typed_in({f"weight:iou:{CELL}": "1" * 200, "type": "dy\x00namic", "is_admin": "1"}, ONTOLOGY)

    assert typed == {f"weight:iou:{CELL}": "1" * 80, "type": "dynamic"}
    assert QUALITY_ROOT not in str(typed)
