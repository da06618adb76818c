"""The structure JSON as typed nodes."""

import pytest

from scoring import Ontology, OntologyError
from tests.scoring.builders import attribute, classification, object_class, ontology, option, template


def test_nested_attributes_are_flat_with_parents_before_children():
    deep = attribute("lobes", "numeric")
    kind = attribute("kind", "radio", option("neutrophil", deep), "lymphocyte")
    items = ontology(object_class("cell", "bounding_box", kind))

    cell = items.items["cell"]

    assert [one.hash for one in cell.attributes] == ["kind", "lobes"]
    assert (cell.attributes[1].parent, cell.attributes[1].parent_option) == ("kind", "neutrophil")
    assert [one.hash for one in cell.top_attributes] == ["kind"]


def test_a_nested_attribute_is_dynamic_when_its_top_attribute_is():
    kind = attribute("kind", "radio", option("a", attribute("why")), dynamic=True)

    assert ontology(object_class("cell", "bounding_box", kind)).attributes["why"].dynamic


def test_a_classification_is_named_by_its_root_which_is_no_attribute_of_it():
    items = ontology(classifications=(classification("scene", attribute("weather", "radio", "sun")),))

    scene = items.items["scene"]

    assert (scene.name, scene.root.hash, scene.attributes) == ("Weather", "weather", ())
    assert items.item_of_attribute["weather"] == "scene"


def test_shapes_that_cannot_be_scored_are_listed_as_ignored():
    items = ontology(object_class("cube", "cuboid"), object_class("cell"))

    assert [one.hash for one in items.ignored] == ["cube"]
    assert [one.hash for one in items.objects] == ["cell"]


def test_skeleton_classes_are_comparable_when_their_templates_have_the_same_vertices():
    items = ontology(
        object_class("cat", "skeleton"),
        object_class("dog", "skeleton"),
        object_class("fly", "skeleton"),
        object_class("worm", "skeleton"),
        templates=(template("Cat", "nose", "tail"), template("Dog", "tail", "nose"), template("Fly", "wing")),
    )
    keys = {node: item.comparable for node, item in items.items.items()}

    assert keys["cat"] == keys["dog"]
    assert len({keys["cat"], keys["fly"], keys["worm"]}) == 3


@pytest.mark.parametrize(
    "structure",
    [
        None,
        {"objects": "no list"},
        {"objects": [{"name": "no hash", "shape": "point"}]},
        {"classifications": [{"featureNodeHash": "c", "attributes": []}]},
        {
            "objects": [
                {
                    "featureNodeHash": "o",
                    "shape": "point",
                    "attributes": [{"featureNodeHash": "a", "type": "?"}],
                }
            ]
        },
        {"objects": [{"featureNodeHash": "o", "shape": "point"}, {"featureNodeHash": "o", "shape": "point"}]},
    ],
)
def test_a_structure_that_cannot_be_read_is_refused_with_a_reason(structure):
    with pytest.raises(OntologyError):
        Ontology.from_structure(structure)
