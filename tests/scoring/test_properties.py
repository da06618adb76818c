"""What must hold for any labels: ranges, identity, order, strays, scaling, and no crash whatever comes in."""

import copy
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring import Function, Ontology, compare, label_points, score, totals_of
from tests.scoring.builders import (
    answer,
    attribute,
    box,
    classification,
    document,
    line,
    object_class,
    option,
    point,
    polygon,
    rotated,
    skeleton,
    template,
    thing,
)

FRAMES = [(120, 100), (100, 100)]


def structure(prefix: str = "") -> dict:
    """One class of every vector shape; all node hashes may get a prefix."""
    kind = attribute(prefix + "kind", "radio", option(prefix + "a", attribute(prefix + "why")), prefix + "b")
    classes = [
        object_class(prefix + "box", "bounding_box", kind),
        object_class(prefix + "turned", "rotatable_bounding_box"),
        object_class(prefix + "outline", "polygon"),
        object_class(prefix + "line", "polyline"),
        object_class(prefix + "point", "point"),
        object_class(prefix + "cat", "skeleton"),
    ]
    scene = classification(
        prefix + "scene", attribute(prefix + "sky", "checklist", prefix + "x", prefix + "y")
    )
    return {
        "objects": classes,
        "classifications": [scene],
        "skeleton_templates": [template((prefix + "cat").title(), "nose", "tail")],
    }


ITEMS = Ontology.from_structure(structure())
FUNCTION = Function.from_dict(ITEMS, {"weights": {"track:box": 20}})

place = st.integers(0, 70)
extent = st.integers(5, 30)
spot = st.tuples(place, place)
GEOMETRY = {
    "box": st.builds(box, place, place, extent, extent),
    "turned": st.builds(rotated, place, place, extent, extent, st.integers(-90, 90)),
    "outline": st.lists(spot, min_size=3, max_size=7).map(lambda ring: polygon([ring])),
    "line": st.lists(spot, min_size=2, max_size=5).map(lambda points: line(*points)),
    "point": st.builds(point, place, place),
    "cat": st.tuples(spot, spot).map(lambda both: skeleton(nose=both[0], tail=both[1])),
}


@st.composite
def things(draw, identifier):
    node = draw(st.sampled_from(sorted(GEOMETRY)))
    shown = draw(st.sampled_from([[0], [1], [0, 1]]))
    answers = draw(
        st.fixed_dictionaries({}, optional={"kind": st.sampled_from(["a", "b"]), "why": st.just("so")})
    )
    return thing(identifier, node, {frame: draw(GEOMETRY[node]) for frame in shown}, **answers)


@st.composite
def documents(draw):
    count = draw(st.integers(0, 5))
    objects = [draw(things(number)) for number in range(count)]
    scenes = [
        answer(9, "scene", draw(st.sampled_from([[0], [0, 1]])), sky=draw(st.sampled_from([[], ["x"]])))
    ]
    return document(*objects, classifications=tuple(scenes[: draw(st.integers(0, 1))]))


@st.composite
def tasks(draw):
    """Gold and a submission that repeats some of it exactly, some moved, and adds labels of its own."""
    gold = draw(documents())
    objects = [draw(things(20 + number)) for number in range(draw(st.integers(0, 2)))]
    for number, entry in enumerate(gold["objects"]):
        fate = draw(st.sampled_from(["kept", "kept", "moved", "other", "dropped"]))
        made = copy.deepcopy(entry) | {"id": str(40 - number)}
        if fate == "moved":
            for label in made["labels"]:
                geometry = label["geometry"]
                geometry |= {key: geometry[key] + 0.02 for key in ("x", "w") if key in geometry}
        if fate == "other" and entry["node"] in ("box", "outline"):
            made["node"] = "outline" if entry["node"] == "box" else "box"
        objects += [made] if fate != "dropped" else []
    scenes = [one for one in gold["classifications"] if draw(st.booleans())]
    return gold, document(*objects, classifications=tuple(scenes))


def facts(gold, own, function=FUNCTION, items=ITEMS):
    return compare(items, function, gold, own, FRAMES)


def percent(gold, own, function=FUNCTION):
    earned, available = score(facts(gold, own, function).totals, function)
    return earned / available if available else None


def places(found, *, without):
    """Outcome and partner of every label that has nothing to do with one submitted label."""
    return {
        (one.frame, one.gold_id, one.submitted_id, one.outcome)
        for one in found.labels
        if one.submitted_id != without
    }


@settings(max_examples=150, deadline=None)
@given(tasks())
def test_every_value_is_between_0_and_1_and_sums_agree(task):
    gold, own = task
    found = facts(gold, own)
    earned, available = score(found.totals, FUNCTION)

    for one in found.labels:
        values = [
            one.similarity,
            one.iou_value,
            one.category_value,
            one.track_value,
            one.classification_value,
        ]
        values += [part for attribute_fact in one.attributes.values() for part in attribute_fact[:2]]
        assert all(0 <= value <= 1 for value in values if value is not None)
    assert 0 <= earned <= available + 1e-9
    assert found.totals == totals_of(found.labels)
    rows = [row for one in found.labels for row in label_points(one, FUNCTION)]
    assert math.isclose(sum(row.points for row in rows), earned, abs_tol=1e-6)
    assert math.isclose(sum(row.weight for row in rows), available, abs_tol=1e-6)


@settings(max_examples=150, deadline=None)
@given(documents())
def test_gold_itself_earns_everything(gold):
    found = facts(gold, gold)
    assume(not any(one.reason for one in found.labels))
    earned, available = score(found.totals, FUNCTION)

    assert all(one.outcome == "matched" for one in found.labels)
    assert earned == available  # exactly: 100 must mean 100


@settings(max_examples=100, deadline=None)
@given(tasks(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_never_matters(task, rng):
    gold, own = task
    shuffled = [copy.deepcopy(side) for side in (gold, own)]
    for side in shuffled:
        rng.shuffle(side["objects"])
        for entry in side["objects"]:
            rng.shuffle(entry["labels"])

    assert facts(gold, own) == facts(*shuffled)


@settings(max_examples=100, deadline=None)
@given(tasks())
def test_renaming_the_nodes_changes_nothing(task):
    gold, own = task

    def renamed(value):
        if isinstance(value, dict):
            keep = {"frame", "geometry", "keyframe", "answers", "labels", "id", "node", "frames"}
            keep |= {"objects", "classifications"}
            return {
                key if key in keep else "q" + key: one if key in ("id", "geometry") else renamed(one)
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [renamed(one) for one in value]
        return "q" + value if isinstance(value, str) and value != "so" else value

    items = Ontology.from_structure(structure("q"))
    function = Function.from_dict(items, {"weights": {"track:qbox": 20}})
    other = facts(renamed(gold), renamed(own), function, items)
    first = facts(gold, own)

    assert score(other.totals, function) == pytest.approx(score(first.totals, FUNCTION))
    assert [one.outcome for one in other.labels] == [one.outcome for one in first.labels]


@settings(max_examples=100, deadline=None)
@given(tasks(), st.integers(0, 25))
def test_moving_both_sides_together_changes_nothing(task, step):
    gold, own = task

    # up to a quarter of the frame, so that boxes of 5..30 from 0..70 may leave it: those are left out
    def moved(side):
        found = copy.deepcopy(side)
        for entry in found["objects"]:
            for label in entry["labels"]:
                shift(label["geometry"], step / 100)
        return found

    def shift(geometry, by):
        if "x" in geometry:
            geometry["x"] += by
        for ring in [one for part in geometry.get("parts", []) for one in part]:
            for at in ring:
                at[0] += by
        points = geometry.get("points", [])
        for at in points.values() if isinstance(points, dict) else []:
            at["x"] += by
        for at in points if isinstance(points, list) else []:
            at[0] += by

    inside = all(
        label["geometry"].get("w", 0) + label["geometry"].get("x", 0) + step / 100 <= 0.85
        for side in (gold, own)
        for entry in side["objects"]
        for label in entry["labels"]
        if entry["node"] in ("box", "point")
    )
    assume(inside and all(entry["node"] != "turned" for side in (gold, own) for entry in side["objects"]))
    first, second = facts(gold, own), facts(moved(gold), moved(own))

    assert [one.outcome for one in first.labels] == [one.outcome for one in second.labels]
    assert score(second.totals, FUNCTION) == pytest.approx(score(first.totals, FUNCTION), abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(tasks(), things("stray"))
def test_a_stray_label_never_raises_the_score(task, stray):
    gold, own = task
    before = facts(gold, own)
    with_stray = document(*own["objects"], stray, classifications=tuple(own["classifications"]))
    after = facts(gold, with_stray)
    assume(all(one.outcome == "extra" for one in after.labels if one.submitted_id == "stray"))
    first, second = percent(gold, own), percent(gold, with_stray)

    assert second is not None
    assert first is None or second <= first + 1e-12
    assert len(after.labels) > len(before.labels)


@settings(max_examples=60, deadline=None)
@given(tasks(), st.integers(0, 10))
def test_losing_a_perfect_label_never_raises_the_score(task, pick):
    gold, own = task
    perfect = [
        one.submitted_id
        for one in facts(gold, own).labels
        if one.iou_value == one.category_value == 1
        and all(part.value == 1 for part in one.attributes.values())
    ]
    assume(perfect)
    name = perfect[pick % len(perfect)]
    shown = [label for entry in own["objects"] if entry["id"] == name for label in entry["labels"]]
    assume(len(shown) == 1)
    without = document(
        *(entry for entry in own["objects"] if entry["id"] != name),
        classifications=tuple(own["classifications"]),
    )
    before, after = facts(gold, own), facts(gold, without)
    assume(places(before, without=name) <= places(after, without=name))

    first, second = percent(gold, own), percent(gold, without)
    assert second is None or first is None or second <= first + 1e-12


@settings(max_examples=60, deadline=None)
@given(tasks(), st.floats(1e-3, 1e3))
def test_scaling_all_weights_changes_no_score(task, factor):
    gold, own = task
    scaled = Function.from_dict(
        ITEMS, {"weights": {key: one * factor for key, one in FUNCTION.weights.items()}}
    )
    first, second = percent(gold, own), percent(gold, own, scaled)

    assert (first is None and second is None) or math.isclose(first, second, abs_tol=1e-9)


@settings(max_examples=60, deadline=None)
@given(tasks())
def test_area_similarity_of_a_pair_does_not_depend_on_who_is_gold(task):
    gold, own = task
    limits = Function.from_dict(ITEMS, {"small_side": 0})
    there = {
        (one.gold_id, one.submitted_id, one.frame): one.similarity
        for one in facts(gold, own, limits).labels
        if one.gold_node in ("box", "turned", "outline") and one.submitted_node
    }
    back = {
        (one.submitted_id, one.gold_id, one.frame): one.similarity
        for one in facts(own, gold, limits).labels
        if one.gold_node in ("box", "turned", "outline") and one.submitted_node
    }

    # ties may pair others, never at another similarity in sum
    assert math.isclose(sum(there.values()), sum(back.values()), abs_tol=0.11 * max(len(there), 1))
    assert all(math.isclose(there[key], back[key], abs_tol=1e-9) for key in there.keys() & back.keys())


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


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(GEOMETRY)), wild_geometry, wild_number), max_size=5),
    documents(),
)
def test_no_input_crashes_and_no_number_is_ever_nan(wild, gold):
    own = document(
        *(
            thing(number, node, {0: shape}, kind=value, why=value)
            for number, (node, shape, value) in enumerate(wild)
        ),
        classifications=(answer(1, "scene", sky=wild[0][2] if wild else None),),
    )
    for one, other in ((gold, own), (own, gold), (own, own)):
        found = facts(one, other)
        earned, available = score(found.totals, FUNCTION)
        assert math.isfinite(earned)
        assert math.isfinite(available)
        assert 0 <= earned <= available + 1e-9


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.just("box")),
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


@settings(max_examples=200, deadline=None)
@given(json_values, json_values)
def test_no_document_crashes_the_engine(one, other):
    facts(one, other)


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_no_function_dict_crashes_its_reader(value):
    assert isinstance(Function.problems(ITEMS, value), list)
