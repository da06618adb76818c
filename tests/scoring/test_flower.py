"""The worked example of docs/scoring.md: the customer's flower, every number by hand."""

import pytest

from scoring import Function, Ontology, compare, explain_all, headline, label_points, score

STRUCTURE = {
    "objects": [
        {
            "featureNodeHash": "flower01",
            "name": "Flower",
            "shape": "bounding_box",
            "attributes": [
                {
                    "featureNodeHash": "species1",
                    "name": "Species",
                    "type": "radio",
                    "options": [
                        {"featureNodeHash": "poppy001", "label": "Poppy"},
                        {"featureNodeHash": "tulip001", "label": "Tulip"},
                    ],
                },
                {
                    "featureNodeHash": "colour01",
                    "name": "Colour",
                    "type": "radio",
                    "options": [
                        {"featureNodeHash": "red00001", "label": "Red"},
                        {"featureNodeHash": "yellow01", "label": "Yellow"},
                    ],
                },
            ],
        }
    ],
    "classifications": [
        {
            "featureNodeHash": "scene001",
            "attributes": [{"featureNodeHash": "sceneatt", "name": "Scene", "type": "text"}],
        }
    ],
}
FRAME = (1000, 800)
WEIGHTS = {"iou:flower01": 200, "attribute:species1": 100, "attribute:colour01": 10}


def flower(x0, width, species, colour):
    """A box 200 px high on a frame of 1000 x 800."""
    geometry = {"type": "bounding_box", "x": x0 / 1000, "y": 0.25, "w": width / 1000, "h": 0.25}
    return {
        "id": "1",
        "node": "flower01",
        "answers": {"species1": species, "colour01": colour},
        "labels": [{"frame": 0, "geometry": geometry, "keyframe": True, "answers": {}}],
    }


# Gold: 400 px wide from x = 300. The trainee starts 114 px late: 286 of 400 px are shared, IoU 286 / 400 = 0.715.
GOLD = {
    "objects": [flower(300, 400, "poppy001", "red00001")],
    "classifications": [{"id": "2", "node": "scene001", "frames": [0], "answers": {"sceneatt": "A meadow"}}],
}
TRAINEE = {"objects": [flower(414, 286, "tulip001", "red00001")], "classifications": []}


@pytest.fixture
def ontology():
    return Ontology.from_structure(STRUCTURE)


@pytest.fixture
def function(ontology):
    return Function.from_dict(ontology, {"weights": WEIGHTS})


def test_the_box_earns_143_of_200_and_the_label_153_of_310(ontology, function):
    facts = compare(ontology, function, GOLD, TRAINEE, [FRAME])
    points = {row.criterion: (row.points, row.weight) for row in label_points(facts.labels[0], function)}

    assert facts.labels[0].similarity == pytest.approx(0.715)
    assert points == {
        "iou:flower01": (pytest.approx(143), 200),
        "category:flower01": (0, 0),  # one class only: nothing to confuse, so no points for it
        "attribute:species1=poppy001": (0, 100),
        "attribute:colour01=red00001": (10, 10),
    }
    # 143 + 0 + 10 of 310, and the forgotten scene: 0 of 100
    assert score(facts.totals, function) == (pytest.approx(153), 410)


def test_the_score_card_says_what_was_lost(ontology, function):
    facts = compare(ontology, function, GOLD, TRAINEE, [FRAME])
    cards = [
        rows for _, rows in explain_all(facts, function, ontology, GOLD, TRAINEE, [FRAME], reveal_gold=True)
    ]

    assert [(row.name, row.sentence) for row in cards[0]] == [
        ("IoU", "box 29 % too narrow on the left"),  # 114 / 400 = 28.5 %
        ("Category", ""),
        ("Species", "wrong option for Species: you chose Tulip (expected Poppy)"),
        ("Colour", ""),
    ]
    assert headline(cards[0]).startswith("Wrong option for Species: you chose Tulip (expected Poppy); box")
    assert [(row.name, row.sentence) for row in cards[1]] == [("Scene", "missing: no submitted label fits")]


def test_a_second_flower_where_none_is_costs_what_a_missed_one_would(ontology, function):
    extra = flower(10, 100, "poppy001", "red00001") | {"id": "9"}
    own = {"objects": [*TRAINEE["objects"], extra], "classifications": []}
    facts = compare(ontology, function, GOLD, own, [FRAME])

    # IoU 200 + category 0 + species 100 + colour 10
    assert function.weight("extra:flower01") + function.weight("extra:flower01=static") == 310
    assert score(facts.totals, function) == (pytest.approx(153), 720)


def test_changing_the_weights_needs_no_new_comparison(ontology, function):
    facts = compare(ontology, function, GOLD, TRAINEE, [FRAME])
    heavier = Function.from_dict(ontology, {"weights": WEIGHTS | {"attribute:species1": 300}})

    # 143 + 0 + 10 of 200 + 300 + 10 + 100
    assert score(facts.totals, heavier) == (pytest.approx(153), 610)
    assert heavier.comparison_key() == function.comparison_key()
