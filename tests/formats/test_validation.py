"""What may be stored as a label document, and what is refused where."""

import copy
import math
from typing import Any

import pytest

from formats import Structure, document_problems, missing_required, parse_json
from formats.records import FormatError
from formats.validation import classification_problems, instance_problems, label_problems
from tests.formats.ontologies import FRAME, GEOMETRIES, STRUCTURE, document, full_document, instance

HUGE = pytest.param(10**5000, id="5001 digits")  # str() of it raises
NOT_NUMBERS = [math.nan, math.inf, -math.inf, True, "0.5", None, [], {}, HUGE, 1e300]


def paths(value: Any, frames: Any = (FRAME,)) -> list[str]:
    return [problem.path for problem in document_problems(value, STRUCTURE, frames=frames)]


def with_geometry(key: str, **changes: Any) -> dict[str, Any]:
    one = copy.deepcopy(instance(key))
    one["labels"][0]["geometry"].update(changes)
    return document(one)


def test_a_document_with_every_shape_and_kind_of_answer_is_fine() -> None:
    assert document_problems(full_document(), STRUCTURE, frames=[FRAME]) == []
    assert document_problems(full_document(), Structure.of(STRUCTURE)) == []


@pytest.mark.parametrize("value", [None, [], "x", 3, {"objects": {}}, {"objects": [], "classifications": 1}])
def test_what_is_no_document_is_refused(value: Any) -> None:
    assert document_problems(value, STRUCTURE)


@pytest.mark.parametrize("value", NOT_NUMBERS)
@pytest.mark.parametrize(
    ("key", "name"),
    [("whitecel", "x"), ("whitecel", "h"), ("turnedbx", "theta"), ("turnedbx", "w"), ("point000", "y")],
)
def test_a_coordinate_must_be_a_finite_number(key: str, name: str, value: Any) -> None:
    assert paths(with_geometry(key, **{name: value})) == [f"objects[0].labels[0].geometry.{name}"]


@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_a_vertex_must_be_a_pair_of_finite_numbers(value: Any) -> None:
    for key, changes, path in [
        ("outline0", {"parts": [[[[0, 0], [1, value], [1, 0]]]]}, "parts[0][0][1]"),
        ("line0000", {"points": [[0, 0], [value, 1]]}, "points[1]"),
        (
            "skelet00",
            {"points": {"head": {"x": value, "y": 0, "v": 2}, "thorax": {"x": 0, "y": 0, "v": 0}}},
            "points.head.x",
        ),
    ]:
        assert paths(with_geometry(key, **changes)) == [f"objects[0].labels[0].geometry.{path}"]


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("whitecel", {"w": 0}),
        ("whitecel", {"h": -0.1}),
        ("whitecel", {"x": -0.01}),
        ("whitecel", {"x": 0.9}),  # 0.9 + 0.25 sticks out
        ("whitecel", {"extra": 1}),
        ("whitecel", {"type": "polygon"}),
        ("turnedbx", {"x": 0.9}),  # centre at 1.15
        ("turnedbx", {"theta": 1e6}),
        ("outline0", {"parts": []}),
        ("outline0", {"parts": [[]]}),
        ("outline0", {"parts": [[[[0, 0], [0.5, 0.5], [1, 1]]]]}),  # on one line
        ("outline0", {"parts": [[[[0, 0], [0.5, 0.5]]]]}),
        ("outline0", {"parts": [[[[0, 0, 0], [0.5, 0.5, 0], [1, 0, 0]]]]}),
        ("outline0", {"parts": [[[[0, 0], [0.5, 0.5], [1.1, 0]]]]}),
        ("outline0", {"parts": "ring"}),
        ("line0000", {"points": [[0.5, 0.5], [0.5, 0.5]]}),
        ("line0000", {"points": [[0, 0]]}),
        ("line0000", {"points": [[i / 2000, 0.5] for i in range(1001)]}),
        ("point000", {"x": 1.01}),
        ("mask0000", {"size": [8, 4]}),  # the frame is 8 wide and 4 high
        ("mask0000", {"size": [4.0, 8]}),
        ("mask0000", {"counts": "44"}),
        ("mask0000", {"counts": "P1"}),  # all 32 pixels background
        ("mask0000", {"counts": "44h0\0"}),
        ("mask0000", {"counts": [4, 4, 24]}),
        ("skelet00", {"points": {"head": {"x": 0, "y": 0, "v": 2}}}),
        ("skelet00", {"points": {"head": {"x": 0, "y": 0, "v": 3}, "thorax": {"x": 0, "y": 0, "v": 0}}}),
        ("skelet00", {"points": {"head": {"x": 0, "y": 0, "v": True}, "thorax": {"x": 0, "y": 0, "v": 0}}}),
        ("skelet00", {"points": {"tail": {"x": 0, "y": 0, "v": 2}, "thorax": {"x": 0, "y": 0, "v": 0}}}),
        ("skelet00", {"points": {}}),
    ],
)
def test_broken_geometry_is_refused(key: str, changes: dict[str, Any]) -> None:
    assert paths(document(instance(key))) == []
    found = paths(with_geometry(key, **changes))
    assert len(found) == 1 and found[0].startswith("objects[0].labels[0].geometry")


def test_a_polygon_may_cross_itself_since_the_engine_repairs_it() -> None:
    bow_tie = [[0, 0], [1, 1], [1, 0], [0, 1]]
    assert paths(with_geometry("outline0", parts=[[bow_tie]])) == []


def test_a_polygon_has_at_most_a_thousand_vertices_all_rings_together() -> None:
    def ring(count: int) -> list[list[float]]:
        turns = [2 * math.pi * i / count for i in range(count)]
        return [[0.5 + 0.4 * math.cos(turn), 0.5 + 0.4 * math.sin(turn)] for turn in turns]

    assert paths(with_geometry("outline0", parts=[[ring(1000)]])) == []
    assert paths(with_geometry("outline0", parts=[[ring(1001)]])) == [
        "objects[0].labels[0].geometry.parts[0][0]"
    ]
    assert paths(with_geometry("outline0", parts=[[ring(600)], [ring(401)]])) == [
        "objects[0].labels[0].geometry.parts[1][0]"
    ]


def test_a_frame_has_at_most_two_thousand_labels() -> None:
    assert paths(document(*(instance("redcell0", n) for n in range(2000)))) == []
    many = [instance("redcell0", n) for n in range(2001)]
    assert paths(document(*many)) == ["objects"]


def test_the_list_of_problems_is_bounded() -> None:
    bad = [instance("nonesuch", n, labels=[]) for n in range(1500)]
    assert len(document_problems(document(*bad), STRUCTURE)) == 200


@pytest.mark.parametrize("identifier", ["", "x" * 65, "a\0b", "a\nb", "\ud800", 7, None, True])
def test_an_identifier_is_short_printable_text(identifier: Any) -> None:
    assert paths(document(instance("whitecel", id=identifier))) == ["objects[0].id"]


def test_an_identifier_is_used_once_in_a_document() -> None:
    quality = {"id": "1", "node": "quality0", "frames": [0], "answers": {}}
    assert paths(document(instance("whitecel", 1), instance("redcell0", 1, labels=[]))) == ["objects[1].id"]
    assert paths(document(instance("whitecel", 1), classifications=(quality,))) == ["classifications[0].id"]


@pytest.mark.parametrize("node", ["nonesuch", "quality0", None, ["whitecel"], {"a": 1}, HUGE])
def test_an_unknown_node_is_refused(node: Any) -> None:
    assert paths(document(instance("whitecel", node=node))) == ["objects[0].node"]


def test_labels_of_archived_classes_stay_valid() -> None:
    assert paths(document(instance("whitecel", node="oldclass"))) == []


@pytest.mark.parametrize("frame", [-1, 1, 0.0, True, "0", None, 10**30])
def test_a_frame_must_exist(frame: Any) -> None:
    one = copy.deepcopy(instance("whitecel"))
    one["labels"][0]["frame"] = frame
    assert "objects[0].labels[0].frame" in paths(document(one))


def test_an_instance_has_one_label_a_frame() -> None:
    labels = instance("whitecel")["labels"]
    assert paths(document(instance("whitecel", labels=[*labels, *labels]))) == ["objects[0].labels[1].frame"]


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"celltype": "nope"}, "celltype"),
        ({"celltype": ["neutro"]}, "celltype"),
        ({"celltype": {"a": 1}}, "celltype"),
        ({"stains": "blue"}, "stains"),
        ({"stains": ["blue", "blue"]}, "stains"),
        ({"stains": ["green"]}, "stains"),
        ({"stains": [["blue"]]}, "stains"),
        ({"remark": 3}, "remark"),
        ({"remark": "a\0b"}, "remark"),
        ({"remark": "\ud800"}, "remark"),
        ({"remark": "x" * 10_001}, "remark"),
        ({"remark": None}, "remark"),
        ({"lobes": 3}, "lobes"),  # its parent is not answered
        ({"celltype": "lympho", "lobes": 3}, "lobes"),  # its parent option is not chosen
        ({"celltype": "neutro", "lobes": True}, "lobes"),
        ({"celltype": "neutro", "lobes": math.nan}, "lobes"),
        ({"celltype": "neutro", "lobes": "3"}, "lobes"),
        ({"moving": "yes"}, "moving"),  # dynamic: belongs on the label
        ({"nonesuch": "yes"}, "nonesuch"),
        ({"qualroot": "good"}, "qualroot"),  # an attribute of something else
    ],
)
def test_a_wrong_answer_is_named(answers: dict[str, Any], path: str) -> None:
    assert paths(document(instance("whitecel", answers=answers))) == [f"objects[0].answers.{path}"]


def test_static_answers_do_not_belong_on_a_label() -> None:
    one = copy.deepcopy(instance("whitecel"))
    one["labels"][0]["answers"] = {"remark": "x"}
    assert paths(document(one)) == ["objects[0].labels[0].answers.remark"]


@pytest.mark.parametrize(
    ("node", "frames", "problem"),
    [
        ("quality0", [0], None),
        ("quality0", None, "classifications[0].frames"),
        ("quality0", [], "classifications[0].frames"),
        ("quality0", [0, 0], "classifications[0].frames"),
        ("quality0", [1], "classifications[0].frames[0]"),
        ("quality0", [[0]], "classifications[0].frames[0]"),
        ("patient0", None, None),
        ("patient0", [0], "classifications[0].frames"),
        ("whitecel", [0], "classifications[0].node"),
    ],
)
def test_a_classification_lies_on_frames_unless_it_is_global(
    node: str, frames: Any, problem: str | None
) -> None:
    value = document(classifications=({"id": "1", "node": node, "frames": frames, "answers": {}},))
    assert paths(value) == ([problem] if problem else [])


def test_unknown_keys_are_refused_at_every_level() -> None:
    assert paths(document() | {"score": 1}) == [""]
    assert paths(document(instance("whitecel", created_by="me"))) == ["objects[0]"]
    label = {**instance("whitecel")["labels"][0], "points": 3}
    assert paths(document(instance("whitecel", labels=[label]))) == ["objects[0].labels[0]"]


def test_the_parts_of_a_save_diff_can_be_checked_one_by_one() -> None:
    ontology = Structure.of(STRUCTURE)
    upsert = {"id": "a", "kind": "object", "node": "whitecel", "answers": {"celltype": "nope"}}
    assert [p.path for p in instance_problems(upsert, ontology.objects, path="upserts.instances[0]")] == [
        "upserts.instances[0].answers.celltype"
    ]
    label = {"instance": "a", "frame": 0, "geometry": GEOMETRIES["whitecel"] | {"x": 2}, "answers": {}}
    found = label_problems(
        label, ontology.objects["whitecel"], frames=[FRAME], path="upserts.labels[0]", extra=("instance",)
    )
    assert [problem.path for problem in found] == ["upserts.labels[0].geometry.x"]
    whole = {
        "id": "b",
        "kind": "classification",
        "node": "quality0",
        "frames": [0],
        "answers": {"qualroot": "good"},
    }
    assert classification_problems(whole, ontology, frames=[FRAME], path="x", extra=("kind",)) == []
    assert found[0].as_json()["severity"] == "refused"


def test_required_answers_are_asked_for_only_where_their_parent_is_chosen() -> None:
    def missing(answers: dict[str, Any]) -> list[str]:
        value = document(instance("whitecel", answers=answers))
        assert paths(value) == []
        return [problem.path for problem in missing_required(value, STRUCTURE)]

    assert missing({}) == ["objects[0].answers.celltype"]
    assert missing({"celltype": "lympho"}) == []
    assert missing({"celltype": "neutro"}) == ["objects[0].answers.lobes"]
    assert missing({"celltype": "neutro", "lobes": 0}) == []


def test_a_required_classification_must_occur_and_be_answered() -> None:
    structure = copy.deepcopy(STRUCTURE)
    # Ontology JSON has no flag of its own for this: a required root means that the classification must be there.
    structure["classifications"][0]["attributes"][0]["required"] = True
    assert [p.path for p in missing_required(document(), structure)] == ["classifications"]
    empty = {"id": "1", "node": "quality0", "frames": [0], "answers": {}}
    found = missing_required(document(classifications=(empty,)), structure)
    assert [p.path for p in found] == ["classifications[0].answers.qualroot"]
    structure["classifications"][0]["archived"] = True
    assert missing_required(document(), structure) == []


def test_blank_text_is_no_answer_and_an_empty_checklist_is_one() -> None:
    structure = copy.deepcopy(STRUCTURE)
    for attribute in structure["objects"][0]["attributes"]:
        attribute["required"] = attribute["type"] in ("text", "checklist")
    value = document(instance("whitecel", answers={"remark": "  ", "stains": []}))
    assert [p.path for p in missing_required(value, structure)] == ["objects[0].answers.remark"]


def test_required_dynamic_answers_are_asked_for_on_every_label() -> None:
    structure = copy.deepcopy(STRUCTURE)
    structure["objects"][0]["attributes"] = [structure["objects"][0]["attributes"][3] | {"required": True}]
    label = instance("whitecel")["labels"][0]
    value = document(instance("whitecel", labels=[label, {**label, "frame": 1, "answers": {"moving": "no"}}]))
    assert [p.path for p in missing_required(value, structure)] == ["objects[0].labels[0].answers.moving"]


@pytest.mark.parametrize(
    "broken", [{"objects": [{}]}, {"objects": 3}, {"objects": [[]]}, {"classifications": [{}]}]
)
def test_what_is_no_ontology_is_refused_with_a_sentence(broken: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match="not an ontology"):
        Structure.of(broken)


def test_a_document_may_not_be_nested_deeper_than_twenty_levels() -> None:
    assert parse_json(b"[" * 20 + b"]" * 20, max_depth=20)
    with pytest.raises(FormatError, match="too deeply"):
        parse_json(b"[" * 21 + b"]" * 21, max_depth=20)
