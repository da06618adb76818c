"""What must hold for any labels: ranges, identity, order, strays, scaling, and no crash whatever comes in."""

import copy
import hashlib
import json
import math
import warnings
from collections import Counter

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scoring import Function, Ontology, compare, explain_all, label_points, score, totals_of
from tests.scoring.builders import answer, document, thing
from tests.scoring.generators import (
    FRAMES,
    FUNCTION,
    ITEMS,
    SIDE,
    SQUARE_FRAMES,
    STRUCTURE,
    documents,
    edge_place,
    examples,
    geometries,
    scenes,
    shifted,
    shifted_mask,
    tasks,
    things,
)

NODES = sorted(one.hash for one in ITEMS.objects)


def facts(gold, own, function=FUNCTION, items=ITEMS, frames=FRAMES):
    return compare(items, function, gold, own, frames)


def percent(gold, own, function=FUNCTION):
    earned, available = score(facts(gold, own, function).totals, function)
    return earned / available if available else None


def values_of(fact):
    """Every value of a fact that is there."""
    found = [
        fact.similarity,
        fact.iou_value,
        fact.category_value,
        fact.track_value,
        fact.classification_value,
    ]
    found += [part for one in fact.attributes.values() for part in one[:2]]
    return [one for one in [*found, fact.submitted_share] if one is not None]


def places(found, *, without=(None, None)):
    """Outcome and partner of every label but one submitted label, given as (identifier, frame)."""
    return Counter(
        (one.frame, one.gold_id, one.submitted_id, one.outcome)
        for one in found.labels
        if (one.submitted_id, one.frame) != without
    )


@examples(150)
@given(tasks(at=edge_place))
def test_every_value_is_between_0_and_1_and_sums_agree(task):
    gold, own = task
    found = facts(gold, own)
    earned, available = score(found.totals, FUNCTION)

    for one in found.labels:
        assert all(0 <= value <= 1 for value in values_of(one))
    assert 0 <= earned <= available + 1e-9
    assert found.totals == totals_of(found.labels)
    rows = [row for one in found.labels for row in label_points(one, FUNCTION)]
    assert math.isclose(sum(row.points for row in rows), earned, abs_tol=1e-6)
    assert math.isclose(sum(row.weight for row in rows), available, abs_tol=1e-6)


@examples(150)
@given(tasks(at=edge_place))
def test_every_label_is_accounted_for_once(task):
    gold, own = task
    found = facts(gold, own)

    for side, key in ((gold, "gold_id"), (own, "submitted_id")):
        expected = [(one["id"], label["frame"]) for one in side["objects"] for label in one["labels"]]
        is_global = {"title"}
        expected += [
            (one["id"], frame)
            for one in side["classifications"]
            for frame in ([0] if one["node"] in is_global else one["frames"])
        ]
        counted = [(getattr(one, key), one.frame) for one in found.labels if getattr(one, key) is not None]
        assert Counter(counted) == Counter(expected)


@examples(150)
@given(documents())
def test_gold_itself_earns_everything(gold):
    found = facts(gold, gold)
    assume(not any(one.reason for one in found.labels))
    earned, available = score(found.totals, FUNCTION)

    assert all(one.outcome == "matched" for one in found.labels)
    assert all(value == 1 for one in found.labels for value in values_of(one)[:5] if value != one.similarity)
    assert earned == available  # exactly: 100 must mean 100


@pytest.mark.parametrize("node", NODES)
@examples(25)
@given(data=st.data())
def test_a_label_of_any_shape_equals_itself(node, data):
    geometry = data.draw(geometries(node, FRAMES[0], edge_place))
    (fact,) = facts(document(thing(1, node, geometry)), document(thing(2, node, geometry))).labels[:1]

    assert fact.reason or (fact.similarity, fact.iou_value) == (1, 1)


@examples(100)
@given(tasks(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_never_matters(task, rng):
    def shuffled(value):
        if isinstance(value, dict):
            keys = list(value)
            rng.shuffle(keys)
            return {key: shuffled(value[key]) if key != "geometry" else value[key] for key in keys}
        if isinstance(value, list):
            rng.shuffle(value)
            return [shuffled(one) for one in value]
        return value

    gold, own = task
    first, second = facts(gold, own), facts(*map(shuffled, copy.deepcopy(task)))

    assert first == second
    assert list(first.totals) == list(second.totals)
    assert list(first.outcomes) == list(second.outcomes)


VERTICES = {"nose", "tail", "paw"}


def new_name(text):
    """Another hash, of another order."""
    return hashlib.md5(text.casefold().encode()).hexdigest()[:8]


def names_of(value):
    """Every hash of a structure."""
    if isinstance(value, dict):
        own = {one for key, one in value.items() if key == "featureNodeHash"}
        return own.union(*map(names_of, value.values()))
    return set().union(*map(names_of, value)) if isinstance(value, list) else set()


HASHES = names_of(STRUCTURE)


def renamed(answers):
    """Attributes and chosen options by their new names; texts and numbers stay."""

    def new_value(value):
        if isinstance(value, list):
            return [new_name(one) for one in value]
        return new_name(value) if value in HASHES else value

    return {new_name(key): new_value(value) for key, value in answers.items()}


@examples(100)
@given(tasks())
def test_renaming_classes_attributes_and_options_changes_nothing(task):
    def other_names(side):
        objects = [
            one
            | {
                "node": new_name(one["node"]),
                "answers": renamed(one["answers"]),
                "labels": [label | {"answers": renamed(label["answers"])} for label in one["labels"]],
            }
            for one in side["objects"]
        ]
        found = [
            one | {"node": new_name(one["node"]), "answers": renamed(one["answers"])}
            for one in side["classifications"]
        ]
        return document(*objects, classifications=tuple(found))

    def other_structure(value):
        if isinstance(value, dict):
            return {
                key: new_name(one)
                if key in ("featureNodeHash", "name", "label") and one not in VERTICES
                else other_structure(one)
                for key, one in value.items()
            }
        return [other_structure(one) for one in value] if isinstance(value, list) else value

    items = Ontology.from_structure(other_structure(STRUCTURE))
    tracks = {f"track:{new_name(one.hash)}": 20 for one in ITEMS.objects}
    function = Function.from_dict(items, {"weights": tracks})
    first = facts(*task)
    other = facts(*map(other_names, task), function, items)

    assert new_name("box") in items.items
    assert "box" not in items.items
    assert places(other) == places(first)
    assert score(other.totals, function) == pytest.approx(score(first.totals, FUNCTION))


@examples(120)
@given(tasks(SQUARE_FRAMES), st.integers(-7, 14), st.integers(-7, 14))
def test_moving_both_sides_together_changes_nothing(task, right, down):
    def moved(side):
        found = copy.deepcopy(side)
        for label in [one for entry in found["objects"] for one in entry["labels"]]:
            is_mask = label["geometry"]["type"] == "bitmask"
            label["geometry"] = (
                shifted_mask(label["geometry"], right, down)
                if is_mask
                else shifted(label["geometry"], right / SIDE, down / SIDE)
            )
        return found

    first, second = (
        compare(ITEMS, FUNCTION, *sides, SQUARE_FRAMES) for sides in (task, (moved(task[0]), moved(task[1])))
    )

    assert places(first) == places(second)
    for one, other in zip(first.labels, second.labels, strict=True):
        assert values_of(other) == pytest.approx(values_of(one), abs=1e-7)


@examples(150)
@given(tasks(), things("stray", at=edge_place), st.booleans())
def test_a_stray_label_never_raises_the_score(task, stray, joins_an_instance):
    gold, own = task
    alone = facts(gold, document(stray))
    # "stray" means a similarity under 0.1 with every gold label: by itself it is nobody's duplicate and no near miss
    assume(all(one.outcome == "extra" for one in alone.labels if one.submitted_id))
    host = next((one for one in own["objects"] if one["node"] == stray["node"]), None)
    if joins_an_instance and host is not None:
        taken = [label["frame"] for label in host["labels"]]
        free = [label for label in stray["labels"] if label["frame"] not in taken]
        assume(free)
        grown = host | {"labels": host["labels"] + free}
        objects = [grown if one is host else one for one in own["objects"]]
    else:
        objects = [*own["objects"], stray]
    with_stray = document(*objects, classifications=tuple(own["classifications"]))
    first, second = percent(gold, own), percent(gold, with_stray)

    assert second is not None
    assert first is None or second <= first + 1e-12
    assert len(facts(gold, with_stray).labels) > len(facts(gold, own).labels)


@examples(60)
@given(tasks(), scenes("stray"))
def test_a_stray_classification_never_raises_the_score(task, stray):
    gold, own = task
    assume(stray["node"] not in [one["node"] for one in gold["classifications"]])
    with_stray = document(*own["objects"], classifications=(*own["classifications"], stray))
    first, second = percent(gold, own), percent(gold, with_stray)

    assert second is not None
    assert first is None or second <= first + 1e-12


@examples(120)
@given(tasks(), st.integers(0, 20))
def test_losing_a_perfect_label_never_raises_the_score(task, pick):
    gold, own = task
    before = facts(gold, own)
    perfect = [
        (one.submitted_id, one.frame)
        for one in before.labels
        if one.iou_value == one.category_value == one.track_value == 1
        and all(part.value == 1 for part in one.attributes.values())
    ]
    assume(perfect)
    name, frame = perfect[pick % len(perfect)]
    objects = [
        entry
        if entry["id"] != name
        else entry | {"labels": [label for label in entry["labels"] if label["frame"] != frame]}
        for entry in own["objects"]
    ]
    without = document(*objects, classifications=tuple(own["classifications"]))
    after = facts(gold, without)
    lost = next(one for one in before.labels if (one.submitted_id, one.frame) == (name, frame))
    others = places(after)
    others -= Counter([(frame, lost.gold_id, None, "missing")])
    assume(places(before, without=(name, frame)) == others)

    first, second = percent(gold, own), percent(gold, without)
    assert first is not None
    assert second is not None
    assert second <= first + 1e-12


@examples(60)
@given(tasks(), st.floats(1e-3, 1e3))
def test_scaling_all_weights_changes_no_score(task, factor):
    gold, own = task
    scaled = Function.from_dict(
        ITEMS, {"weights": {key: one * factor for key, one in FUNCTION.weights.items()}}
    )
    first, second = percent(gold, own), percent(gold, own, scaled)

    assert (first is None and second is None) or math.isclose(first, second, abs_tol=1e-9)


@examples(60)
@given(documents())
def test_an_empty_side_earns_nothing_and_two_have_no_score(one):
    empty = document()
    missing, extra = facts(one, empty), facts(empty, one)

    assert {str(fact.outcome) for fact in missing.labels} <= {"missing"}
    assert {str(fact.outcome) for fact in extra.labels} <= {"extra"}
    assert len(missing.labels) == len(extra.labels)
    assert score(missing.totals, FUNCTION)[0] == score(extra.totals, FUNCTION)[0] == 0
    if one["objects"]:
        assert percent(one, empty) == percent(empty, one) == 0
    assert percent(empty, empty) is None
    assert facts(empty, empty).labels == []


@examples(60)
@given(documents(), documents())
def test_a_frame_on_which_neither_side_has_a_label_changes_nothing(gold, own):
    first, second = facts(gold, own), facts(gold, own, frames=[*FRAMES, (320, 240)])

    assert first == second


@examples(60)
@given(tasks(at=edge_place))
def test_area_similarity_of_a_pair_does_not_depend_on_who_is_gold(task):
    gold, own = task
    limits = Function.from_dict(ITEMS, {"small_side": 0})
    areas = (
        "box",
        "turned",
        "outline",
        "mask",
        "line",
        "lane",
        "point",
        "spot",
    )  # not skeletons: gold's scale

    def found(one, other):
        return {
            (frozenset([f"gold {fact.gold_id}", f"own {fact.submitted_id}"]), fact.frame): fact.similarity
            for fact in facts(one, other, limits).labels
            if fact.gold_node in areas and fact.submitted_node
        }

    there, back = found(gold, own), found(own, gold)
    back = {(frozenset(map(swapped, pair)), frame): value for (pair, frame), value in back.items()}

    # ties may pair others, never at another similarity in sum
    assert math.isclose(sum(there.values()), sum(back.values()), abs_tol=0.11 * max(len(there), 1))
    assert all(math.isclose(there[key], back[key], abs_tol=1e-9) for key in there.keys() & back.keys())


def swapped(name):
    side, identifier = name.split(" ")
    return f"{'own' if side == 'gold' else 'gold'} {identifier}"


wild_number = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0, -1, 1e308, -1e308, 10**400, True, None, "1", [], {}]),
)
wild_points = st.one_of(st.lists(st.lists(wild_number, max_size=3), max_size=6), wild_number)
wild_geometry = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                ["bounding_box", "rotatable_bounding_box", "point", "polygon", "bitmask", "cube"]
            )
        },
        optional=dict.fromkeys(("x", "y", "w", "h", "theta", "size", "counts"), wild_number)
        | {"parts": st.lists(st.lists(wild_points, max_size=3), max_size=3)},
    ),
    st.fixed_dictionaries({"type": st.just("polyline"), "points": wild_points}),
    st.fixed_dictionaries(
        {
            "type": st.just("skeleton"),
            "points": st.one_of(
                wild_points,
                st.dictionaries(
                    st.sampled_from(["nose", "tail", "ear"]),
                    st.one_of(st.dictionaries(st.sampled_from(["x", "y", "v"]), wild_number), wild_number),
                ),
            ),
        }
    ),
    wild_number,
)


@examples(300)
@given(
    st.lists(st.tuples(st.sampled_from(NODES), wild_geometry, wild_number), max_size=5),
    documents(most=3),
)
@example([("box", {"type": "bounding_box", "x": 0.1, "y": 0.1, "w": -0.2, "h": 0.3}, None)], document())
@example(
    [("turned", {"type": "rotatable_bounding_box", "x": 0, "y": 0, "w": 1, "h": -1, "theta": 9}, 1)],
    document(),
)
@example([("outline", {"type": "polygon", "parts": [[[[0, 0], [1e-170, 0], [0, 1e-170]]]]}, 1)], document())
@example(
    [("outline", {"type": "polygon", "parts": [[[[0, 0], [1e6, 0], [1e6, 1e6], [0, 1e-6]]]]}, 1)], document()
)
def test_no_input_crashes_and_no_number_is_ever_nan(wild, gold):
    own = document(
        *(
            thing(number, node, {0: shape}, kind=value, why=value, depth=value, tags=value, seen=value)
            for number, (node, shape, value) in enumerate(wild)
        ),
        classifications=(answer(1, "scene", sky=wild[0][2] if wild else None, mm=wild[0][2] if wild else 1),),
    )
    for one, other in ((gold, own), (own, gold), (own, own)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy warns where it makes a NaN
            found = facts(one, other)
        earned, available = score(found.totals, FUNCTION)
        assert math.isfinite(earned)
        assert math.isfinite(available)
        assert 0 <= earned <= available + 1e-9
        assert all(0 <= value <= 1 for fact in found.labels for value in values_of(fact))
        json.dumps([fact.to_dict() for fact in found.labels], allow_nan=False)
        explain_all(found, FUNCTION, ITEMS, one, other, FRAMES)


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=3),
        st.sampled_from(["box", "mask", "cat", "scene", "kind", "bitmask"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "objects",
                    "classifications",
                    "id",
                    "node",
                    "labels",
                    "frame",
                    "frames",
                    "answers",
                    "geometry",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@examples(200)
@given(json_values, json_values)
def test_no_document_crashes_the_engine(one, other):
    found = facts({"objects": one, "classifications": other}, {"objects": other, "classifications": one})
    facts(one, other)

    assert all(math.isfinite(part) for pair in found.totals.values() for part in pair)


@examples(100)
@given(json_values)
@example({"weights": {"iou:box": float("nan")}})
@example({"extra_cost": 10**400})
def test_no_function_dict_crashes_its_reader(value):
    assert isinstance(Function.problems(ITEMS, value), list)


@examples(100)
@given(st.lists(st.tuples(st.integers(), st.integers()), max_size=3), documents(most=2))
def test_frames_of_any_size_give_facts(sizes, gold):
    found = facts(gold, gold, frames=sizes)

    assert all(0 <= value <= 1 for one in found.labels for value in values_of(one))
