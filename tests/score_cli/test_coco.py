"""COCO JSON on the command line: section 7 of the scoring contract."""

import math

import pytest

from tests.score_cli.files import KEYS, bbox, coco, counts, run, scored, write


@pytest.fixture
def compare(tmp_path):
    """Score two COCO files (or a bare list) with options."""

    def score(gold, submitted, *options):
        return scored(write(tmp_path / "gold.json", gold), write(tmp_path / "own.json", submitted), *options)

    return score


def test_the_json_has_exactly_the_promised_keys(compare):
    result = compare(coco([bbox(0, 0, 50, 50)]), coco([bbox(0, 0, 50, 40)]))

    assert list(result) == [*KEYS, "classes"]
    assert list(result["classes"]) == ["cell"]
    assert list(result["classes"]["cell"]) == KEYS
    assert result["mean_iou"] == pytest.approx(0.8)
    # one class: nothing to confuse, so category is worth nothing
    assert (result["earned"], result["available"]) == (pytest.approx(80), 100)
    assert result["score"] == pytest.approx(0.8)


def test_every_outcome_is_counted_under_its_class(compare):
    gold = coco(
        [
            bbox(0, 0, 20, 20),
            bbox(0, 30, 20, 20),
            bbox(0, 60, 20, 20),
            bbox(40, 0, 20, 20),
            bbox(40, 30, 20, 20, category_id=2),
        ],
        categories=["cell", "dirt"],
    )
    submitted = coco(
        [
            bbox(0, 0, 20, 20),  # matched
            bbox(0, 2, 20, 18),  # duplicate
            bbox(0, 30, 20, 20, category_id=2),  # wrong category: counts under gold's cell
            bbox(0, 60, 20, 6),  # imprecise, 0.3
            bbox(80, 80, 10, 10, category_id=2),  # extra
        ],
        categories=["cell", "dirt"],
    )
    result = compare(gold, submitted)

    assert counts(result) == (1, 1, 1, 2, 1, 1)
    assert counts(result["classes"]["cell"]) == (1, 1, 1, 1, 1, 0)
    assert counts(result["classes"]["dirt"]) == (0, 0, 0, 1, 0, 1)
    # matched 200, wrong category keeps 100 for the shape; five gold labels, a duplicate and an extra at 200
    assert (result["earned"], result["available"]) == (300, 1400)
    assert result["mean_iou"] == 1.0
    for key in ("earned", "available"):
        assert sum(one[key] for one in result["classes"].values()) == pytest.approx(result[key])


def test_nothing_available_is_no_score_and_no_pairs_no_mean(compare):
    empty = coco([])
    result = compare(empty, empty)

    assert (result["score"], result["mean_iou"], result["available"]) == (None, None, 0)
    assert result["classes"]["cell"]["score"] is None
    assert compare(coco([bbox(0, 0, 9, 9)]), empty)["mean_iou"] is None
    assert compare(coco([bbox(0, 0, 9, 9)]), empty)["score"] == 0


def test_defaults_come_from_golds_class_list_also_where_no_label_uses_it(compare):
    gold = coco([bbox(0, 0, 50, 50)], categories=["cell", "never drawn"])
    submitted = coco([bbox(0, 0, 50, 50)], categories=["cell"])

    assert compare(gold, submitted)["available"] == 200  # IoU and category
    assert compare(submitted, gold)["available"] == 100
    assert compare(gold, submitted)["classes"]["never drawn"]["score"] is None


def test_a_class_that_only_the_submission_has_changes_no_default_and_costs_as_others_do(compare):
    one_class, two = coco([bbox(0, 0, 50, 50)]), coco([bbox(0, 0, 50, 50)], categories=["cell", "dirt"])
    bark = [bbox(0, 0, 50, 50), bbox(60, 60, 20, 20, category_id=2)]

    single = compare(one_class, coco(bark, categories=["cell", "bark"]))
    assert (single["earned"], single["available"]) == (100, 200)
    assert counts(single["classes"]["bark"]) == (0, 0, 0, 0, 0, 1)
    both = compare(two, coco(bark, categories=["cell", "bark"]))
    assert (both["earned"], both["available"]) == (200, 400)


def test_a_label_of_a_class_that_gold_does_not_have_can_still_be_a_wrong_category(compare):
    result = compare(coco([bbox(0, 0, 50, 50)]), coco([bbox(0, 0, 50, 50)], categories=["bark"]))

    assert counts(result) == (0, 1, 0, 0, 0, 0)
    assert counts(result["classes"]["cell"]) == (0, 1, 0, 0, 0, 0)
    assert result["mean_iou"] == 1.0


def test_classes_are_known_by_name_whatever_their_numbers(compare):
    gold = coco(
        [bbox(0, 0, 50, 50, category_id=7)], categories=[{"id": 7, "name": "cell"}, {"id": 9, "name": "dirt"}]
    )
    submitted = coco(
        [bbox(0, 0, 50, 50, category_id="c")],
        categories=[{"id": "d", "name": "dirt"}, {"id": "c", "name": "Cell"}],
    )
    assert counts(compare(gold, submitted)) == (1, 0, 0, 0, 0, 0)


SQUARE = [10, 10, 50, 10, 50, 50, 10, 50]


def test_segmentation_goes_before_bbox(compare):
    wrong_box = [0, 0, 100, 100]
    gold = coco([{"bbox": wrong_box, "segmentation": [SQUARE]}])

    assert compare(gold, coco([bbox(10, 10, 40, 40)]))["mean_iou"] == pytest.approx(1)
    assert compare(gold, coco([{"bbox": [10, 10, 40, 40], "segmentation": []}]))["mean_iou"] == pytest.approx(
        1
    )


def test_several_rings_are_one_label_their_union(compare):
    rings = [[0, 0, 40, 0, 40, 40, 0, 40], [20, 0, 60, 0, 60, 40, 20, 40]]
    result = compare(coco([{"segmentation": rings}]), coco([bbox(0, 0, 60, 40)]))

    assert counts(result) == (1, 0, 0, 0, 0, 0)
    assert result["mean_iou"] == pytest.approx(1)


@pytest.mark.parametrize(
    "counts_of_rows",
    [
        # 100 columns of 100 pixels; the square's columns are 10 to 49, its rows 10 to 49
        [10 * 100 + 10, *[40, 60] * 39, 40, 100 * 50 + 50],
    ],
)
def test_run_lengths_are_read_compressed_and_not(compare, counts_of_rows):
    masks = pytest.importorskip("pycocotools.mask")
    plain = {"size": [100, 100], "counts": counts_of_rows}
    packed = masks.frPyObjects(plain, 100, 100)
    compressed = {"size": packed["size"], "counts": packed["counts"].decode()}

    for one in (plain, compressed):
        for other in ({"segmentation": one}, {"segmentation": [SQUARE]}, bbox(10, 10, 40, 40)):
            assert compare(coco([{"segmentation": one}]), coco([other]))["mean_iou"] == pytest.approx(1)


def test_crowds_are_labels_like_others(compare):
    gold = coco([bbox(0, 0, 50, 50, iscrowd=1)])

    assert compare(gold, coco([bbox(0, 0, 50, 50, iscrowd=0)])) == compare(
        coco([bbox(0, 0, 50, 50)]), coco([bbox(0, 0, 50, 50)])
    )


PERSON = {"id": 1, "name": "person", "keypoints": ["nose", "eye", "foot"]}


def test_keypoints_are_compared_by_name_with_the_oks_formula(compare):
    gold = coco([{"keypoints": [10, 10, 2, 30, 10, 1, 10, 90, 2], "bbox": [0, 0, 5, 5]}], categories=[PERSON])
    reordered = PERSON | {"keypoints": ["foot", "nose", "eye"]}
    submitted = coco(
        [{"keypoints": [10, 94, 2, 10, 10, 2, 0, 0, 0], "bbox": [80, 80, 5, 5]}], categories=[reordered]
    )
    result = compare(gold, submitted)

    scale = (20**2 + 80**2) / 2
    expected = (1 + 0 + math.exp(-(4**2) / (2 * scale * 0.1**2))) / 3
    assert result["mean_iou"] == pytest.approx(expected)
    assert result["earned"] == pytest.approx(100 * expected)


def test_a_category_with_keypoints_is_a_skeleton_class_and_a_box_is_none_of_its_labels(compare, tmp_path):
    gold = coco([{"keypoints": [10, 10, 2, 30, 10, 1, 10, 90, 2]}], categories=[PERSON])
    boxes = coco([bbox(0, 0, 50, 90)], categories=[PERSON])
    result = compare(gold, boxes)

    assert counts(result) == (0, 0, 0, 1, 0, 1)
    ran = run(tmp_path / "gold.json", tmp_path / "own.json")
    assert "the submission's label 1 is invalid" in ran.err


def test_an_image_takes_golds_size(compare):
    # in a picture of 100 px the points are 1.4 px apart as sigma is; the submission thinks it is ten times larger
    spot = {"id": 1, "name": "spot", "keypoints": ["it"]}
    gold = coco([{"keypoints": [50, 50, 2]}], categories=[spot])
    submitted = coco([{"keypoints": [51, 51, 2]}], categories=[spot], size=(1000, 1000))

    assert compare(gold, submitted)["mean_iou"] == pytest.approx(math.exp(-0.5))
    without = coco([{"keypoints": [51, 51, 2]}], categories=[spot], size=None)
    assert compare(gold, without)["mean_iou"] == pytest.approx(math.exp(-0.5))


def test_images_are_paired_by_file_name_without_folders_and_ending(compare, tmp_path):
    both = [bbox(0, 0, 50, 50), bbox(0, 0, 50, 50, image_id=2)]
    gold = coco(both, images=["train/a.png", "b.jpg"])
    submitted = coco([*both], images=["c.png", "a.jpeg"])
    result = compare(gold, submitted)

    assert counts(result) == (1, 0, 0, 1, 0, 0)  # b.jpg is all missing, c.png is not scored
    ran = run(tmp_path / "gold.json", tmp_path / "own.json")
    assert "c.png: only in the submission, not scored." in ran.err
    assert "2 images compared, 1 only in the submission and not scored." in ran.out


@pytest.mark.parametrize(
    ("expected", "given", "value"),
    [
        ("red", "red", 1),
        ("red", "Red ", 1),
        ("red", "blue", 0),
        ("red", None, 0),
        (3, 3, 1),
        (3, "3", 1),
        (3, 4, 0),
        (True, True, 1),
        (True, False, 0),
        (True, "yes", 1),
        (["a", "b"], ["b"], 0.5),
        ([], [], 1),
    ],
)
def test_attributes_are_compared_by_name(compare, expected, given, value):
    gold = coco([bbox(0, 0, 50, 50, attributes={"state": expected})])
    answers = {} if given is None else {"State": given}
    result = compare(gold, coco([bbox(0, 0, 50, 50, attributes=answers)]))

    assert (result["earned"], result["available"]) == (100 + 100 * value, 200)


def test_attributes_of_an_object_share_its_points(compare):
    gold = coco([bbox(0, 0, 50, 50, attributes={"a": 1, "b": 2, "c": 3, "d": 4})])
    result = compare(gold, coco([bbox(0, 0, 50, 50, attributes={"a": 1, "b": 2, "c": 3, "d": 5})]))

    assert (result["earned"], result["available"]) == (175, 200)


def test_an_attribute_that_gold_never_answers_is_not_compared_unless_the_function_names_it(compare, tmp_path):
    gold = coco([bbox(0, 0, 50, 50)])
    submitted = coco([bbox(0, 0, 50, 50, attributes={"note": "odd"})])

    assert compare(gold, submitted)["available"] == 100
    assert 'Gold never answers "note"' in run(tmp_path / "gold.json", tmp_path / "own.json").err
    function = write(tmp_path / "function.json", {"weights": {"attribute:note": 10}})
    # answered by the submission only: worth 0, but it counts
    result = compare(gold, submitted, "--function", function)
    assert (result["earned"], result["available"]) == (100, 110)


def test_the_rotation_of_a_box_is_geometry_and_no_answer(compare):
    turned = bbox(20, 40, 60, 20, attributes={"rotation": 90.0})
    upright = bbox(40, 20, 20, 60, attributes={"rotation": 0.0})
    result = compare(coco([turned]), coco([upright]))

    assert result["mean_iou"] == pytest.approx(1)
    assert result["available"] == 100


def test_coco_results_are_a_bare_list_about_golds_images(compare):
    gold = coco([bbox(0, 0, 50, 50), bbox(0, 0, 50, 50, image_id=2)], images=["a.png", "b.png"])
    results = [{"image_id": 2, "category_id": 1, "bbox": [0, 0, 50, 50], "score": 0.9}]

    assert counts(compare(gold, results)) == (1, 0, 0, 1, 0, 0)


def test_the_order_of_annotations_never_matters(compare):
    entries = [bbox(10 * index, 5 * index, 30, 30, id=index) for index in range(6)]
    moved = [bbox(10 * index + 3, 5 * index, 30, 28, id=index) for index in range(6)]
    forwards = compare(coco(entries), coco(moved))

    assert compare(coco(entries[::-1]), coco(moved[::-1])) == forwards


@pytest.mark.parametrize(
    "broken",
    [
        bbox(10, 10, 0, 10),
        bbox(10, 10, -5, 10),
        bbox(math.nan, 0, 10, 10),
        bbox(math.inf, 0, 10, 10),
        bbox(500, 500, 10, 10),
        {"bbox": "0 0 10 10"},
        {"bbox": [1, 2, 3]},
        {},
        {"segmentation": [[1, 1, 2, 2]]},
        {"segmentation": [[1, 1, 2, 2, 3]]},
        {"segmentation": ["x"]},
        {"segmentation": {"size": [100, 100], "counts": [1, 2]}},
        {"segmentation": {"size": [100, 100], "counts": "\u007f?"}},
        {"segmentation": {"size": [10, 10], "counts": [0, 100]}},
        {"segmentation": {"size": [100, 100], "counts": [10000]}},
        {"segmentation": {}},
        {"segmentation": [[index % 7 for index in range(4000)]]},
        {"segmentation": [[0, 0, 10**17, 0, 10, 10**30]]},
    ],
)
def test_a_broken_label_counts_as_missed_or_spurious_and_its_reason_is_told(compare, tmp_path, broken):
    good = bbox(50, 50, 40, 40)
    result = compare(coco([good]), coco([good, broken]))
    assert counts(result) == (1, 0, 0, 0, 0, 1)
    assert "label 2 is invalid (" in run(tmp_path / "gold.json", tmp_path / "own.json").err

    result = compare(coco([good, broken]), coco([good]))
    assert counts(result) == (1, 0, 0, 1, 0, 0)
    assert result["score"] == pytest.approx(0.5)


def test_a_ring_that_crosses_itself_is_repaired_by_the_even_odd_rule(compare):
    bow_tie = [0, 0, 40, 40, 40, 0, 0, 40]
    triangles = [[0, 0, 20, 20, 0, 40], [40, 0, 40, 40, 20, 20]]

    assert compare(coco([{"segmentation": [bow_tie]}]), coco([{"segmentation": triangles}]))[
        "mean_iou"
    ] == pytest.approx(1)


def test_annotations_without_image_or_category_are_reported_and_not_compared(compare, tmp_path):
    good = bbox(50, 50, 40, 40)
    lost = [bbox(0, 0, 5, 5, image_id=99), bbox(0, 0, 5, 5, category_id=99)]
    result = compare(coco([good]), coco([good, *lost]))

    assert counts(result) == (1, 0, 0, 0, 0, 0)
    err = run(tmp_path / "gold.json", tmp_path / "own.json").err
    assert "annotations[1]: The annotation belongs to no image" in err
    assert "annotations[2]: The annotation belongs to no category" in err
