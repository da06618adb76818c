"""What counts as an ontology, when two are exactly the same, and how one may change."""

import copy
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontologies.checking import BadStructure, read_json, read_structure
from ontologies.evolution import changes_between, keep_used
from ontologies.structure import canonical_digest, nodes_of, option_value
from tests.factories import CELL, CELL_TYPE, LOBES, NEUTROPHIL, PLATELET, simple_structure


def nested(levels: int) -> dict:
    """An object class with radio attributes so many levels deep."""
    attribute: dict | None = None
    for level in range(levels, 0, -1):
        option = {"label": f"Yes {level}"} | ({"options": [attribute]} if attribute else {})
        attribute = {"name": f"Question {level}", "type": "radio", "options": [option]}
    return {"objects": [{"name": "Cell", "shape": "point", "attributes": [attribute]}]}


def problems_of(data: object) -> dict[str, str]:
    with pytest.raises(BadStructure) as bad:
        read_structure(data)
    return {problem.path: problem.message for problem in bad.value.problems}


def changed(path: list, value: object) -> dict:
    """The simple structure with one value replaced."""
    structure = simple_structure()
    place = structure
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return structure


CELL_PATH = ["objects", 0]
TYPE_PATH = [*CELL_PATH, "attributes", 0]
ROOT_PATH = ["classifications", 0, "attributes", 0]


KEYS = (
    "objects classifications skeleton_templates attributes options skeleton name label type shape level color"
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS.split(), "featureNodeHash", "archived"]), inner, max_size=4)
    ),
    max_leaves=20,
)


class TestReading:
    def test_a_good_structure_comes_back_clean_and_reads_again_to_itself(self):
        clean = read_structure(simple_structure())
        assert read_structure(clean) == clean
        assert clean["objects"][1]["attributes"] == []
        assert [node.hash for node in nodes_of(clean)][:3] == [CELL, CELL_TYPE, NEUTROPHIL]

    def test_ids_are_numbered_in_order_and_dotted(self):
        clean = read_structure(simple_structure())
        lobes = clean["objects"][0]["attributes"][0]["options"][0]["options"][0]
        assert (lobes["id"], clean["classifications"][0]["id"]) == ("1.1.1.1", "3")

    def test_new_nodes_get_hashes_colours_and_values(self):
        clean = read_structure(
            {
                "objects": [
                    {
                        "name": " Cell ",
                        "shape": "polygon",
                        "attributes": [
                            {"name": "Kind", "type": "checklist", "options": [{"label": "Big, round"}]}
                        ],
                    }
                ]
            }
        )
        (cell,) = clean["objects"]
        option = cell["attributes"][0]["options"][0]
        assert (cell["name"], cell["color"], option["value"]) == ("Cell", "#0072B2", "big_round")
        assert len({cell["featureNodeHash"], option["featureNodeHash"]}) == 2
        assert len(cell["featureNodeHash"]) == 8

    def test_what_nobody_knows_is_left_out(self):
        assert "onclick" not in json.dumps(read_structure(changed([*CELL_PATH, "onclick"], "alert(1)")))

    def test_seven_levels_are_read_and_the_eighth_is_refused_by_name(self):
        read_structure(nested(7))
        (message,) = problems_of(nested(8)).values()
        assert "“Question 8” would be on level 8" in message

    def test_two_classes_may_share_a_name_when_their_shapes_differ(self):
        read_structure(changed(["objects", 1, "name"], "White blood cell"))

    def test_an_archived_node_frees_its_name_and_its_hot_key(self):
        structure = simple_structure()
        structure["objects"][1] |= {"name": "White blood cell", "shape": "bounding_box", "hotKey": "1"}
        assert len(problems_of(structure)) == 2
        structure["objects"][1]["archived"] = True
        assert "hotKey" not in read_structure(structure)["objects"][1]

    @pytest.mark.parametrize(
        ("path", "value", "where", "said"),
        [
            ([*CELL_PATH, "name"], "", "objects[0].name", "missing"),
            ([*CELL_PATH, "name"], "x" * 201, "objects[0].name", "200"),
            ([*CELL_PATH, "name"], "a\x00b", "objects[0].name", "control"),
            ([*CELL_PATH, "name"], ["x"], "objects[0].name", "missing"),
            ([*CELL_PATH, "color"], "red", "objects[0].color", "hexadecimal"),
            ([*CELL_PATH, "color"], "#fff;background:url(x)", "objects[0].color", "hexadecimal"),
            ([*CELL_PATH, "hotKey"], "<", "objects[0].hotKey", "one letter"),
            ([*CELL_PATH, "hotKey"], "\"'x", "objects[0].hotKey", "one letter"),
            ([*CELL_PATH, "shape"], "cuboid", "objects[0].shape", "“cuboid”"),
            ([*CELL_PATH, "required"], "yes", "objects[0].required", "true or false"),
            ([*CELL_PATH, "featureNodeHash"], "a b", "objects[0].featureNodeHash", "letters"),
            ([*CELL_PATH, "featureNodeHash"], PLATELET, "objects[1].featureNodeHash", "objects[0]"),
            ([*CELL_PATH, "attributes"], {}, "objects[0].attributes", "list"),
            ([*CELL_PATH, "attributes"], [3], "objects[0].attributes[0]", "JSON object"),
            ([*TYPE_PATH, "type"], "slider", "objects[0].attributes[0].type", "“slider”"),
            ([*TYPE_PATH, "type"], "text", "objects[0].attributes[0].options", "no options"),
            ([*TYPE_PATH, "type"], "checklist", "objects[0].attributes[0].options[0].options", "checklist"),
            ([*TYPE_PATH, "options"], [], "objects[0].attributes[0].options", "at least one"),
            (
                [*TYPE_PATH, "options", 1, "label"],
                "NEUTROPHIL",
                "objects[0].attributes[0].options[1]",
                "same label",
            ),
            (
                [*TYPE_PATH, "options", 0, "options", 0, "dynamic"],
                True,
                "objects[0].attributes[0].options[0].options[0].dynamic",
                "top level",
            ),
            ([*ROOT_PATH, "dynamic"], True, "classifications[0].attributes[0].dynamic", "top level"),
            (["classifications", 0, "attributes"], [], "classifications[0].attributes", "exactly one"),
            (["classifications", 0, "level"], "video", "classifications[0].level", "global"),
            (["objects", 1, "name"], "white  BLOOD cell", None, None),
            (["objects", 1, "shape"], "skeleton", "objects[1].shape", "template"),
            (["objects"], {"0": {}}, "objects", "list"),
        ],
    )
    def test_every_problem_names_its_place(self, path, value, where, said):
        if where is None:
            read_structure(changed(path, value))
        else:
            found = problems_of(changed(path, value))
            assert said in found[where], found

    @pytest.mark.parametrize("data", [None, [], "x", 3, {}, {"version": 1}])
    def test_what_is_no_ontology_at_all_says_so(self, data):
        assert problems_of(data)

    def test_a_skeleton_with_its_template_is_read(self):
        template = {
            "name": "Person",
            "feature_node_hash": "pers0001",
            "skeleton": {"0": {"name": "head", "x": 0.5, "y": 0.1}, "1": {"name": "hip", "x": 0.5, "y": 0.6}},
            "skeletonEdges": {"0": {"1": {"color": "#000000"}}},
        }
        structure = {"objects": [{"name": "Person", "shape": "skeleton"}], "skeleton_templates": [template]}
        clean = read_structure(structure)
        assert clean["objects"][0]["skeletonTemplate"] == "Person"
        assert read_structure(clean) == clean
        template["skeletonEdges"] = {"0": {"7": {}}}
        assert "skeleton_templates[0].skeletonEdges" in problems_of(structure)

    def test_an_ontology_of_too_many_nodes_is_refused(self):
        options = [{"label": f"o{n}"} for n in range(5_001)]
        attribute = {"name": "A", "type": "checklist", "options": options}
        assert problems_of({"objects": [{"name": "x", "shape": "point", "attributes": [attribute]}]})

    @given(JSON_VALUES)
    def test_anything_is_either_read_or_refused_with_places(self, data):
        try:
            clean = read_structure(data)
        except BadStructure as bad:
            assert bad.problems
        else:
            assert read_structure(clean) == clean


class TestJson:
    @pytest.mark.parametrize(
        "text",
        ["", "{", '{"objects": [NaN]}', '{"objects": 1e999}', "[" * 5_000, b"\xff\xfe", '{"a": "\\ud800"}'],
    )
    def test_broken_json_is_refused_with_a_sentence(self, text):
        with pytest.raises(BadStructure, match="JSON"):
            read_structure(read_json(text))

    def test_too_much_json_is_refused(self):
        with pytest.raises(BadStructure, match="larger"):
            read_json(b" " * (2 * 1024 * 1024 + 1))

    def test_a_byte_order_mark_does_not_hurt(self):
        assert read_json(b'\xef\xbb\xbf{"objects": []}') == {"objects": []}

    def test_values_of_options_are_their_labels_in_snake_case(self):
        assert [option_value(label) for label in ("Neutrophil", "Big, round!", "—", "Žlutý kůň")] == [
            "neutrophil",
            "big_round",
            "option",
            "žlutý_kůň",
        ]


class TestExactEquality:
    def test_colours_hot_keys_order_ids_and_values_do_not_count(self):
        other = simple_structure()
        other["objects"][0] |= {"color": "#123456", "hotKey": "9", "id": "77"}
        other["objects"].reverse()
        other["objects"][1]["attributes"][0]["options"].reverse()
        other["objects"][1]["attributes"][0]["options"][0]["value"] = "else"
        assert canonical_digest(other) == canonical_digest(simple_structure())

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ([*CELL_PATH, "name"], "Cell"),
            ([*CELL_PATH, "shape"], "polygon"),
            ([*CELL_PATH, "featureNodeHash"], "other"),
            ([*CELL_PATH, "required"], True),
            ([*CELL_PATH, "archived"], True),
            ([*TYPE_PATH, "type"], "checklist"),
            ([*TYPE_PATH, "dynamic"], True),
            ([*TYPE_PATH, "options", 0, "label"], "Else"),
            ([*TYPE_PATH, "options", 0, "archived"], True),
            ([*TYPE_PATH, "options", 0, "options"], []),
            (["classifications", 0, "level"], "global"),
            (["classifications"], []),
        ],
    )
    def test_everything_else_counts(self, path, value):
        assert canonical_digest(changed(path, value)) != canonical_digest(simple_structure())

    @given(st.randoms(use_true_random=False))
    def test_no_order_of_siblings_changes_the_digest(self, chance: random.Random):
        structure = simple_structure()

        def shuffle(node: object) -> None:
            if isinstance(node, list):
                chance.shuffle(node)
            for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
                shuffle(child)

        shuffle(structure)
        assert canonical_digest(structure) == canonical_digest(simple_structure())


class TestChangingAUsedOntology:
    def used(self):
        return read_structure(simple_structure())

    def test_what_is_left_out_comes_back_archived_at_every_level(self):
        wanted = self.used()
        del wanted["objects"][1]
        del wanted["objects"][0]["attributes"][0]["options"][0]["options"][0]  # lobes of neutrophils
        del wanted["classifications"][0]["attributes"][0]["options"][1]
        kept = read_structure(keep_used(self.used(), wanted))
        archived = {node.hash for node in nodes_of(kept) if node.archived}
        assert {PLATELET, LOBES} <= archived
        assert len(archived) == 3
        assert {node.hash for node in nodes_of(kept)} == {node.hash for node in nodes_of(self.used())}

    def test_the_edit_itself_is_left_as_it_is(self):
        wanted = self.used()
        del wanted["objects"][1]
        before = copy.deepcopy(wanted)
        keep_used(self.used(), wanted)
        assert wanted == before

    @pytest.mark.parametrize(
        ("path", "value", "what"),
        [
            ([*CELL_PATH, "shape"], "polygon", "shape"),
            ([*TYPE_PATH, "type"], "checklist", "type"),
            ([*TYPE_PATH, "dynamic"], True, "dynamic flag"),
            (["classifications", 0, "level"], "global", "level"),
            ([*ROOT_PATH, "featureNodeHash"], "newroot1", "root attribute"),
        ],
    )
    def test_the_nature_of_a_used_node_cannot_change(self, path, value, what):
        with pytest.raises(BadStructure) as bad:
            keep_used(self.used(), changed(path, value))
        assert f"its {what} cannot change" in bad.value.problems[0].message

    def test_a_used_node_cannot_move_to_another_parent(self):
        wanted = self.used()
        wanted["objects"][1]["attributes"] = wanted["objects"][0].pop("attributes")
        wanted["objects"][0]["attributes"] = []
        with pytest.raises(BadStructure, match="place in the tree"):
            keep_used(self.used(), wanted)

    def test_names_colours_order_and_new_nodes_are_free_to_change(self):
        wanted = self.used()
        wanted["objects"].reverse()
        wanted["objects"][1] |= {"name": "Leukocyte", "color": "#000000"}
        wanted["objects"].append({"name": "Red blood cell", "shape": "bounding_box"})
        kept = keep_used(self.used(), read_structure(wanted))
        changes = changes_between(self.used(), kept)
        assert changes.added == ("Red blood cell",)
        assert changes.renamed == (("White blood cell", "Leukocyte"),)
        assert not changes.archived
        assert not changes.removed

    def test_archiving_and_restoring_are_told(self):
        archived = changed([*CELL_PATH, "archived"], True)
        assert changes_between(simple_structure(), archived).archived == ("White blood cell",)
        assert changes_between(archived, simple_structure()).restored == ("White blood cell",)
        assert not changes_between(simple_structure(), simple_structure())
