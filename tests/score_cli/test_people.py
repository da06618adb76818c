"""The figures of shared/data/README.md ("what a correct engine must find here"), found by the command line."""

import csv
import itertools
import math
import statistics
from pathlib import Path

import numpy as np
import pytest

from formats.run_length import runs_from_string
from tests.score_cli.files import coco, counts, own, own_item, run, scored, write
from tests.scoring import real_data

PLAIN = ("--near-miss", 0, "--small-side", 0)


def facts_of(tmp_path: Path, *given) -> list[dict[str, str]]:
    """The evaluation labels of a run, from the file of --csv."""
    path = tmp_path / "facts.csv"
    assert run(*given, "--csv", path).status == 0
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


# --- blood cells: Pascal VOC


@pytest.fixture
def blood_cells(tmp_path):
    """Folders of the 32 pictures that were drawn twice: gold, gold's red cells only, the second annotator."""
    second = real_data.folder("blood-cells/annotator-b")
    gold = real_data.folder("blood-cells/gold")
    made = [tmp_path / name for name in ("gold", "red", "own")]
    for folder in made:
        folder.mkdir()
    for name in (second.parent / "independent.txt").read_text().split():
        file = f"{Path(name).stem}.xml"
        text = (gold / file).read_text()
        write(made[0] / file, text)
        head, *objects = text.split("<object>")
        kept = [one for one in objects if "<name>RBC</name>" in one]
        end = "" if kept and kept[-1] == objects[-1] else "</annotation>"
        write(made[1] / file, "<object>".join([head, *kept]) + end)
        write(made[2] / file, (second / file).read_text())
    return made


@pytest.mark.parametrize(
    ("limit", "expected", "f1", "mean_iou", "median"),
    [(0.5, (348, 197, 49), 0.7389, 0.7928, 0.811), (0.75, (247, 298, 150), 0.5244, 0.8409, None)],
)
def test_red_cells_of_the_second_annotator(blood_cells, tmp_path, limit, expected, f1, mean_iou, median):
    _, red, second = blood_cells
    given = (red, second, "--min-overlap", limit, *PLAIN)
    result = scored(*given)
    matched, wrong, imprecise, missing, duplicate, extra = counts(result)

    assert (matched, missing, duplicate + extra) == expected
    assert (wrong, imprecise) == (0, 0)
    assert 2 * matched / (2 * matched + missing + duplicate + extra) == pytest.approx(f1, abs=5e-5)
    assert result["mean_iou"] == pytest.approx(mean_iou, abs=5e-5)
    if median is not None:
        facts = facts_of(tmp_path, *given)
        similarities = [float(fact["similarity"]) for fact in facts if fact["outcome"] == "matched"]
        assert statistics.median(similarities) == pytest.approx(median, abs=5e-4)
        assert f1_per_image(facts) == pytest.approx(0.7435, abs=5e-5)
        assert matched / (matched + duplicate + extra) == pytest.approx(0.8766, abs=5e-5)
        assert matched / (matched + missing) == pytest.approx(0.6385, abs=5e-5)


def f1_per_image(facts):
    """The mean over images of F1."""
    found = []
    for _, group in itertools.groupby(facts, key=lambda fact: fact["file"]):
        each = list(group)
        matched = sum(fact["outcome"] == "matched" for fact in each)
        found.append(2 * matched / (matched + len(each)))
    return statistics.mean(found)


def test_all_classes_of_the_blood_cells(blood_cells):
    gold, _, second = blood_cells
    result = scored(gold, second, "--min-overlap", 0.5, *PLAIN)
    classes = result["classes"]

    assert result["matched"] == classes["RBC"]["matched"] == 348
    assert [classes[name]["missing"] for name in ("RBC", "WBC", "Platelets")] == [197, 34, 38]
    assert result["wrong_category"] == 0
    assert result["duplicate"] + result["extra"] == 49
    assert pytest.approx(0.6864, abs=5e-5) == 2 * 348 / (348 + 197 + 34 + 38 + 397)


# --- muscle cells and nuclei: run lengths in COCO JSON


def coco_of_masks(path, pictures):
    """A COCO file of documents with bitmasks; every other mask with uncompressed runs."""
    annotations, images = [], []
    for number, (document, (width, height)) in enumerate(pictures, start=1):
        images.append({"id": number, "file_name": f"{number}.png", "width": width, "height": height})
        for entry in document["objects"]:
            mask = entry["labels"][0]["geometry"]
            runs = mask["counts"] if len(annotations) % 2 else runs_from_string(mask["counts"]).tolist()
            segmentation = {"size": [height, width], "counts": runs}
            annotations.append({"image_id": number, "id": int(entry["id"]), "segmentation": segmentation})
    return write(path, coco(annotations, images=images))


def test_muscle_cell_masks_of_four_people_with_two_tools(tmp_path):
    expected = [0.7909, 0.8528, 0.7621, 0.7166, 0.8213, 0.7866, 0.7500, 0.8120]
    paths = {
        who: coco_of_masks(tmp_path / f"{who}.json", real_data.muscle_cells(who))
        for who in ("gold", *real_data.PEOPLE)
    }

    def mean_iou(one, other):
        result = scored(paths[one], paths[other], "--min-overlap", 0.1)
        assert counts(result) == (5, 0, 0, 0, 0, 0)
        return result["mean_iou"]

    assert [mean_iou("gold", who) for who in real_data.PEOPLE] == pytest.approx(expected, abs=5e-5)
    pairs = [mean_iou(*pair) for pair in itertools.combinations(real_data.PEOPLE, 2)]
    assert len(pairs) == 28
    assert statistics.mean(pairs) == pytest.approx(0.7667, abs=5e-5)


def test_nuclei_before_and_after_review(tmp_path):
    gold = coco_of_masks(tmp_path / "gold.json", real_data.nuclei("gold-corrected"))
    first = coco_of_masks(tmp_path / "first.json", real_data.nuclei("first-pass"))
    given = (gold, first, "--min-overlap", 0.5, *PLAIN)
    result = scored(*given)

    assert counts(result) == (170, 0, 0, 9, 0, 0)
    assert result["mean_iou"] == pytest.approx(0.9798, abs=5e-5)
    similarities = [float(fact["similarity"] or 0) for fact in facts_of(tmp_path, *given)]
    # four of the 148 unchanged nuclei differ by a pixel of thousands that packing gave to a neighbour
    assert sum(one > 0.999 for one in similarities) / 170 == pytest.approx(0.871, abs=5e-4)


# --- cars: polygons in COCO JSON


def coco_of_cars(path, documents):
    annotations, images = [], []
    for number, (name, document) in enumerate(sorted(documents.items()), start=1):
        images.append({"id": number, "file_name": f"{name}.jpg", "width": 64, "height": 64})
        ((outer,),) = document["objects"][0]["labels"][0]["geometry"]["parts"]
        ring = [64 * value for point in outer for value in point]
        category = 1 if document["objects"][0]["node"] == "car" else 2
        annotations.append({"image_id": number, "category_id": category, "segmentation": [ring]})
    return write(path, coco(annotations, categories=["car", "truck"], images=images))


def test_car_outlines_of_four_annotators(tmp_path):
    expected = {(1, 2): 0.906, (1, 3): 0.918, (1, 4): 0.926, (2, 3): 0.927, (2, 4): 0.916, (3, 4): 0.908}
    paths = {
        number: coco_of_cars(tmp_path / f"{number}.json", real_data.car_documents(number))
        for number in range(1, 5)
    }
    found = {pair: scored(*(paths[number] for number in pair)) for pair in expected}

    assert {pair: one["mean_iou"] for pair, one in found.items()} == pytest.approx(expected, abs=5e-4)
    # annotator 2 says truck once
    assert {pair: one["wrong_category"] for pair, one in found.items()} == {
        pair: int(2 in pair) for pair in expected
    }


# --- flies: keypoints, and a video in the product's own format


def test_a_tracker_of_two_flies(tmp_path):
    def thorax(seen):
        return {"type": "point", "x": seen["thorax"][0], "y": seen["thorax"][1]}

    paths = [
        write(
            tmp_path / f"{name}.json",
            own(own_item(real_data.flies(name, thorax), file="flies.mp4", size=(1024, 1024))),
        )
        for name in ("gold", "tracker")
    ]
    function = write(tmp_path / "function.json", {"weights": {"track:fly": 10}})
    result = scored(*paths, "--function", function)
    facts = facts_of(tmp_path, *paths, "--function", function)
    sigma = 0.01 * math.hypot(1024, 1024)
    distances = [sigma * math.sqrt(-2 * math.log(float(fact["similarity"]))) for fact in facts]

    assert counts(result) == (500, 0, 0, 0, 0, 0)
    assert statistics.mean(distances) == pytest.approx(5.3, abs=0.05)
    assert [fact["track_value"] for fact in facts] == ["1.0"] * 500  # no identity switch


def test_flies_as_coco_keypoints_have_the_oks_of_the_reference_implementation(tmp_path):
    """Gold's 13 keypoints against gold moved by noise, each frame an image."""
    coco_tools = pytest.importorskip("pycocotools.coco")
    cocoeval = pytest.importorskip("pycocotools.cocoeval")
    instances = real_data.fly_instances("gold")[:40]
    names = sorted({name for one in instances for name in one["keypoints"]})
    category = {"id": 1, "name": "fly", "keypoints": names}
    noise = np.random.default_rng(3)
    sides = [], []
    for number, one in enumerate(instances, start=1):
        flat = [[*one["keypoints"][name], 2] if one["keypoints"].get(name) else [0, 0, 0] for name in names]
        seen = np.array([point for point in flat if point[2]])[:, :2]
        width, height = seen.max(axis=0) - seen.min(axis=0)
        moved = [[x + noise.normal(0, 4), y + noise.normal(0, 4), v] if v else [0, 0, 0] for x, y, v in flat]
        for side, points in zip(sides, (flat, moved), strict=True):
            side.append(
                {
                    "id": number,
                    "image_id": number,
                    "keypoints": [value for point in points for value in point],
                    "num_keypoints": len(seen),
                    "area": (width**2 + height**2) / 2,
                    "bbox": [0, 0, 1, 1],
                    "iscrowd": 0,
                    "score": 1.0,
                }
            )
    images = [
        {"id": number, "file_name": f"{number}.png", "width": 1024, "height": 1024}
        for number in range(1, len(instances) + 1)
    ]
    files = [coco(side, categories=[category], images=images) for side in sides]
    ours = [
        float(fact["similarity"])
        for fact in facts_of(
            tmp_path,
            *(write(tmp_path / f"{name}.json", file) for name, file in zip("ab", files, strict=True)),
        )
    ]

    reference = coco_tools.COCO()
    reference.dataset = files[0]
    reference.createIndex()
    evaluation = cocoeval.COCOeval(reference, reference.loadRes(files[1]["annotations"]), "keypoints")
    evaluation.params.kpt_oks_sigmas = np.full(len(names), 0.05)  # COCO's k is twice its sigma
    evaluation.params.imgIds = [one["id"] for one in images]
    evaluation._prepare()
    theirs = [float(evaluation.computeOks(one["id"], 1)[0, 0]) for one in images]
    assert ours == pytest.approx(theirs, abs=1e-6)


# --- parking: rotated boxes against outlines


def test_parking_spaces_as_rotated_boxes_and_as_outlines(tmp_path):
    pictures = real_data.parking()
    paths = [
        write(
            tmp_path / f"{side}.json",
            own(
                *(own_item(pair[side], file=f"{i}.jpg", size=(1280, 720)) for i, pair in enumerate(pictures))
            ),
        )
        for side in (0, 1)
    ]
    result = scored(*paths)

    assert counts(result) == (280, 0, 0, 0, 0, 0)
    assert result["mean_iou"] == pytest.approx(0.871, abs=5e-4)
