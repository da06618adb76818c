"""The product's own label files on the command line, with and without their ontology."""

import json
import re
from pathlib import Path

import pytest

from tests.formats.ontologies import STRUCTURE
from tests.score_cli.files import bbox, coco, counts, own, own_item, run, scored, write

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
(SHOWN,) = (json.loads(text) for text in re.findall(r"```json own\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def compare(tmp_path):
    def score(gold, submitted, *options):
        return scored(write(tmp_path / "gold.json", gold), write(tmp_path / "own.json", submitted), *options)

    return score


def changed(value, **answers):
    """A copy of the documented file with other answers of its object."""
    copied = json.loads(json.dumps(value))
    copied["items"][0]["document"]["objects"][0]["answers"].update(answers)
    return copied


def test_the_documented_file_compared_with_itself_earns_everything(compare):
    with_ontology = SHOWN | {"ontology": STRUCTURE}
    result = compare(with_ontology, with_ontology)

    assert result["score"] == 1.0
    assert counts(result) == (3, 0, 0, 0, 0, 0)  # an object and two classifications
    assert result["classes"]["White blood cell"]["matched"] == 1


def test_the_documented_ontology_is_that_of_the_documented_file(compare):
    (ontology,) = (json.loads(text) for text in re.findall(r"```json ontology\n(.*?)```", PAGE, re.DOTALL))
    points = {"head": {"x": 0.25, "y": 0.25, "v": 2}, "thorax": {"x": 0.5, "y": 0.75, "v": 1}}
    fly = {
        "id": "9",
        "node": "fly00000",
        "labels": [{"frame": 0, "geometry": {"type": "skeleton", "points": points}}],
    }
    gold = json.loads(json.dumps(SHOWN)) | {"ontology": ontology}
    gold["items"][0]["document"]["objects"].append(fly)
    result = compare(gold, gold)

    assert result["score"] == 1.0
    assert set(result["classes"]) == {"White blood cell", "Fly", "Quality", "Patient"}
    # the cell: box 100, category 0 (no other area), its attributes 100; the fly: 100; Quality and Why 100 each;
    # Patient 100
    assert result["available"] == pytest.approx(600)
    # Lobes has half of what Cell type and Stains, Remark, Moving share by four
    assert result["earned"] - compare(gold, changed(gold, lobes=2))["earned"] == pytest.approx(12.5)


def test_nested_answers_are_compared_where_their_parent_is_right(compare):
    gold = SHOWN | {"ontology": STRUCTURE}
    right = compare(gold, gold)
    wrong_number = compare(gold, changed(gold, lobes=2))
    wrong_parent = compare(gold, changed(gold, celltype="lympho"))

    assert right["available"] == wrong_number["available"] == wrong_parent["available"]
    lost = [right["earned"] - one["earned"] for one in (wrong_number, wrong_parent)]
    assert 0 < lost[0] < lost[1]


def test_one_ontology_serves_both_files(compare):
    gold = SHOWN | {"ontology": STRUCTURE}
    for pair in ((gold, SHOWN), (SHOWN, gold)):
        result = compare(*pair)
        assert result["score"] == 1.0
        assert "White blood cell" in result["classes"]


def test_without_any_ontology_hashes_are_the_names(compare):
    result = compare(SHOWN, changed(SHOWN, remark="poor"))

    assert result["classes"]["whitecel"]["matched"] == 1
    # remark is one of five attributes that share 100
    assert result["classes"]["whitecel"]["earned"] == pytest.approx(180)
    assert result["classes"]["whitecel"]["available"] == pytest.approx(200)


def test_files_written_by_hand_speak_in_names(compare):
    box = {"type": "bounding_box", "x": 0.1, "y": 0.1, "w": 0.4, "h": 0.4}

    def file(**answers):
        entry = {"name": "White blood cell", "answers": answers, "labels": [{"geometry": box}]}
        scene = {"name": "Scene", "answers": {"Scene": "Blood"}}
        return own(own_item({"objects": [entry], "classifications": [scene]}))

    result = compare(file(State="torn"), file(State="whole"))
    assert result["classes"]["White blood cell"]["earned"] == 100
    assert result["classes"]["White blood cell"]["available"] == 200
    assert result["classes"]["Scene"] == {
        "earned": 100,
        "available": 100,
        "score": 1,
        "matched": 1,
        "wrong_category": 0,
        "imprecise": 0,
        "missing": 0,
        "duplicate": 0,
        "extra": 0,
        "mean_iou": None,
    }


def test_two_ontologies_with_other_hashes_are_joined_by_name(compare):
    def file(suffix):
        option = {"featureNodeHash": f"torn{suffix}", "label": "Torn", "value": "torn", "options": []}
        state = {
            "featureNodeHash": f"state{suffix}",
            "name": "State",
            "type": "radio",
            "options": [option],
        }
        cell = {
            "featureNodeHash": f"cell{suffix}",
            "name": "Cell",
            "shape": "bounding_box",
            "attributes": [state],
        }
        box = {"type": "bounding_box", "x": 0.1, "y": 0.1, "w": 0.4, "h": 0.4}
        entry = {
            "id": "1",
            "node": f"cell{suffix}",
            "answers": {f"state{suffix}": f"torn{suffix}"},
            "labels": [{"frame": 0, "geometry": box, "answers": {}}],
        }
        ontology = {"objects": [cell], "classifications": []}
        return own(own_item({"objects": [entry], "classifications": []}), ontology=ontology)

    result = compare(file("A"), file("B"))
    assert (result["earned"], result["available"], list(result["classes"])) == (200, 200, ["Cell"])


SHAPES = {
    shape["type"]: shape
    for shape in (json.loads(text) for text in re.findall(r'`(\{"type": .*?\})`:?', PAGE))
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_every_shape_of_the_documentation_is_scored(compare, shape):
    size = (8, 4)
    entry = {"id": "1", "name": "thing", "labels": [{"geometry": SHAPES[shape]}]}
    file = own(own_item({"objects": [entry]}, size=size))
    result = compare(file, file)

    assert (result["score"], result["mean_iou"]) == (1.0, 1.0)
    nothing = compare(file, own(own_item({"objects": []}, size=size)))
    assert (nothing["score"], counts(nothing)) == (0, (0, 0, 0, 1, 0, 0))


def video(*frames, **more):
    """One track, a box on each of the given frames, moving right; a file of a video of 100 x 100."""
    labels = [
        {
            "frame": frame,
            "geometry": {"type": "bounding_box", "x": 0.01 * frame, "y": 0.1, "w": 0.2, "h": 0.2},
        }
        for frame in frames
    ]
    return own(own_item({"objects": [{"id": "t", "name": "car", "labels": labels}]}, file="v.mp4", **more))


def test_a_video_is_compared_frame_by_frame(compare):
    result = compare(video(0, 1, 2, 7), video(1, 2, 3))

    assert counts(result) == (2, 0, 0, 2, 0, 1)


def test_tracks_count_where_there_are_several_frames(compare, tmp_path):
    function = write(tmp_path / "function.json", {"weights": {"track:car": 50}})

    assert compare(video(0, 1), video(0, 1), "--function", function)["available"] == 300
    # one label of a video of many frames, as the item says
    assert compare(video(0), video(0), "--function", function)["available"] == 100
    assert compare(video(0, frame_count=250), video(0), "--function", function)["available"] == 150


def test_frames_of_different_sizes_are_listed(compare):
    sizes = {"frame_sizes": [[100, 100], [200, 100]]}
    result = compare(video(0, 1, **sizes), video(0, 1, **sizes))

    assert counts(result) == (2, 0, 0, 0, 0, 0)


def test_gold_with_an_ontology_takes_boxes_from_coco_for_a_box_class(compare):
    box = {"type": "bounding_box", "x": 0.1, "y": 0.1, "w": 0.4, "h": 0.4}
    cell = {"featureNodeHash": "cell0000", "name": "Cell", "shape": "bounding_box", "attributes": []}
    entry = {"id": "1", "node": "cell0000", "labels": [{"frame": 0, "geometry": box}]}
    gold = own(own_item({"objects": [entry]}), ontology={"objects": [cell], "classifications": []})
    outline = bbox(10, 10, 40, 40, segmentation=[[10, 10, 50, 50, 10, 50]])

    assert compare(gold, coco([outline], categories=["cell"]))["mean_iou"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (own(own_item({"objects": {}})), "items[0].document.objects: this must be a list."),
        (own({"file": "a.png"}), "items[0]: an item must be an object with file and document."),
        (own({"document": {}}), "items[0].file: the file name is missing."),
        (own(own_item({}), own_item({}, file="a.jpg")), 'items[1]: "a.jpg" and "a.png" have the same name'),
        (own(own_item({}, frame_count=0)), "items[0].frame_count: this must be a whole number"),
        (own(own_item({}, frame_sizes=[[0, 1]])), "items[0].frame_sizes: this must be a list"),
        ({"format": "annotrain-labels", "version": 2, "items": []}, "another version"),
        (own(own_item({})) | {"ontology": []}, "ontology: This is not an ontology"),
        (
            own(own_item({})) | {"ontology": {"objects": [{"name": "cell"}]}},
            'ontology: This is not an ontology: a part of it lacks "shape"',
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(tmp_path, file, message):
    path = write(tmp_path / "own.json", file)
    ran = run(path, path)

    assert ran.status == 2
    assert message in ran.err


def test_entries_that_are_no_labels_are_reported_and_the_rest_is_scored(compare, tmp_path):
    box = {"type": "bounding_box", "x": 0.1, "y": 0.1, "w": 0.4, "h": 0.4}
    good = {"id": "1", "name": "cell", "labels": [{"geometry": box}]}
    odd = [
        3,
        {"name": "cell"},
        {"name": "cell", "labels": [4, {"frame": -1, "geometry": box}, {"frame": 10**9, "geometry": box}]},
        {"id": "5", "name": "cell", "labels": [{"geometry": {"type": "bounding_box", "x": "left"}}]},
    ]
    result = compare(own(own_item({"objects": [good]})), own(own_item({"objects": [good, *odd]})))

    assert counts(result) == (1, 0, 0, 0, 0, 1)
    err = run(tmp_path / "gold.json", tmp_path / "own.json").err
    assert "items[0].document.objects[1]: An instance must be an object" in err
    assert "there is no frame" in err.lower()
