"""The function file on the command line, where names stand for feature hashes."""

import pytest

from tests.score_cli.files import bbox, coco, counts, run, voc, write


@pytest.fixture
def score(tmp_path):
    """Score two COCO files under a function."""

    def given(gold, submitted, function, *options):
        paths = write(tmp_path / "gold.json", gold), write(tmp_path / "own.json", submitted)
        file = write(tmp_path / "function.json", function)
        return run(*paths, "--function", file, "--json", *options)

    return given


CELLS = coco(
    [
        bbox(0, 0, 40, 40, attributes={"State": "torn", "rating": 1}),
        bbox(50, 50, 40, 40, category_id=2, attributes={"State": "whole"}),
    ],
    categories=["White cell", "Red: old=new"],
)


def test_weights_are_given_by_name_and_an_attributes_name_means_it_in_every_class(score):
    weights = {"iou:White cell": 10, "iou:Red: old=new": 20, "category:white cell": 1, "attribute:State": 3}
    result = score(CELLS, CELLS, {"weights": weights}).result

    white = result["classes"]["White cell"]
    assert white["available"] == 10 + 1 + 3 + 50  # rating keeps its half of 100
    assert result["classes"]["Red: old=new"]["available"] == 20 + 100 + 3


def test_an_attribute_of_one_class_and_an_answer_of_it_have_their_own_weights(score):
    weights = {"attribute:White cell / State": 7, "attribute:Red: old=new / State=whole": 9}
    result = score(CELLS, CELLS, {"weights": weights}).result

    assert result["classes"]["White cell"]["available"] == 200 + 7 + 50
    assert result["classes"]["Red: old=new"]["available"] == 200 + 9


def test_what_is_not_scored_pairs_but_earns_nothing(score):
    result = score(CELLS, CELLS, {"not_scored": ["white cell"]}).result

    assert result["classes"]["White cell"]["available"] == 0
    assert result["classes"]["White cell"]["score"] is None
    assert result["classes"]["White cell"]["matched"] == 1


def test_ordered_makes_ratings_a_scale(score):
    def rated(*values):
        boxes = [bbox(0, 20 * index, 15, 15, attributes={"rating": one}) for index, one in enumerate(values)]
        return coco(boxes)

    gold, submitted = rated(1, 2, 5, 10), rated(2, 2, 5, 1)
    # options 1, 2, 5, 10 are three steps apart: 1 - 1/3, 1, 1, 0
    result = score(gold, submitted, {"ordered": ["rating"]}).result
    assert result["earned"] == pytest.approx(400 + 100 * (2 / 3 + 1 + 1 + 0))
    assert score(gold, submitted, {}).result["earned"] == pytest.approx(400 + 100 * 2)


def test_tolerance_is_for_numbers(score):
    gold = coco([bbox(0, 0, 40, 40, attributes={"lobes": 3})])
    submitted = coco([bbox(0, 0, 40, 40, attributes={"lobes": 3.4})])

    assert score(gold, submitted, {"tolerance": {"Lobes": 0.5}}).result["earned"] == 200
    assert score(gold, submitted, {"tolerance": {"Lobes": 0.3}}).result["earned"] == 100


def test_full_marks_and_costs_of_extra_labels(score):
    gold = coco([bbox(0, 0, 40, 40)])
    submitted = coco([bbox(0, 0, 40, 36), bbox(60, 60, 9, 9)])

    function = {"full_marks": {"cell": 0.9}, "extra_cost": 0.5}
    assert score(gold, submitted, function).result["earned"] == pytest.approx(100)
    assert score(gold, submitted, function).result["available"] == pytest.approx(150)
    set_by_hand = {"weights": {"extra:cell": 7}}
    assert score(gold, submitted, set_by_hand).result["available"] == pytest.approx(107)


def test_options_go_over_the_file_and_min_overlap_is_that_of_areas_only(score):
    spot = {"id": 1, "name": "spot", "keypoints": ["it"]}
    boxes = coco([bbox(0, 0, 40, 40)]), coco([bbox(0, 0, 40, 30)])
    # 0.75; at 0.8 it is imprecise, without near misses it is missing and a duplicate
    function = {"min_overlap": {"area": 0.1, "skeleton": 0.9}, "near_miss": 0.2, "small_side": 0}
    assert counts(score(*boxes, function).result) == (1, 0, 0, 0, 0, 0)
    assert counts(score(*boxes, function, "--min-overlap", 0.8).result) == (0, 0, 1, 0, 0, 0)
    without = score(*boxes, function, "--min-overlap", 0.8, "--near-miss", 0).result
    assert counts(without) == (0, 0, 0, 1, 1, 0)

    points = (
        coco([{"keypoints": [50, 50, 2]}], categories=[spot]),
        coco([{"keypoints": [51, 50, 2]}], categories=[spot]),
    )
    # exp(-1 / 4) = 0.78: the file's limit for skeletons stands
    assert counts(score(*points, function, "--min-overlap", 0.0).result) == (0, 0, 1, 0, 0, 0)
    assert counts(score(*points, {}, "--min-overlap", 0.99).result) == (1, 0, 0, 0, 0, 0)


def test_small_side_lowers_the_limit_of_small_areas(score):
    boxes = coco([bbox(0, 0, 10, 10)]), coco([bbox(0, 0, 10, 3)])

    assert counts(score(*boxes, {}).result) == (1, 0, 0, 0, 0, 0)  # side 10: 0.3 of 0.2
    assert counts(score(*boxes, {}, "--small-side", 0).result) == (0, 0, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ({"weights": {"iou:Platelet": 1}}, "weights.iou:Platelet: neither file has"),
        ({"weights": {"iou:White cell": -1}}, "weights.iou:White cell must be at least 0"),
        ({"weights": {"iou:White cell": 1e300}}, "weights.iou:White cell must be between 0 and"),
        ({"weights": {"attribute:State=green": 1}}, "neither file has"),
        ({"weights": 3}, "weights must be an object"),
        ({"min_overlap": {"skeleton": 0.01}}, "min_overlap.skeleton"),
        ({"ordered": ["Shape"]}, "neither file has"),
        ({"wieghts": {}}, "wieghts is not a setting"),
        ({"near_miss": "a lot"}, "near_miss must be a number"),
        ([], "must be a JSON object"),
        ("{", "not valid JSON"),
    ],
)
def test_a_function_that_is_none_is_refused_with_the_place(score, tmp_path, function, message):
    ran = score(CELLS, CELLS, function)

    assert (ran.status, ran.out) == (2, "")
    assert str(tmp_path / "function.json") in ran.err
    assert message in ran.err


def test_pictures_without_a_class_list_may_lack_a_class_that_the_function_names(tmp_path):
    gold = write(tmp_path / "a.xml", voc([("cell", 0, 0, 9, 9)]))
    function = write(tmp_path / "function.json", {"weights": {"iou:cell": 5, "iou:Platelet": 1}})
    ran = run(gold, gold, "--json", "--function", function)

    assert ran.result["available"] == 5
    assert 'weights.iou:Platelet: neither file has "Platelet", so it changes nothing.' in ran.err
