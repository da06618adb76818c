"""The demo data: complete, valid, as good as its sources say, and the simulated annotators err as they should."""

import itertools
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image
from shapely import make_valid
from shapely.geometry import Polygon

from demo.catalogue import HERE, SEED, DemoSet, blood_cells, car_polygons, demo_sets, muscle_cells
from demo.error_generator import ErrorProfile, with_errors
from formats import Structure, document_problems, missing_required, read_labels
from formats.records import Document
from formats.run_length import mask_from_runs, runs_from_string

SETS = demo_sets()
BOX = {"type": "bounding_box", "x": 0.4, "y": 0.4, "w": 0.2, "h": 0.1}


def gold_documents(demo: DemoSet) -> dict[str, Document]:
    labels = read_labels(
        demo.gold.content, demo.gold.name, demo.structure, class_map=demo.class_map, images=demo.frames
    )
    assert [problem for item in labels.items for problem in item.problems] == []
    return {item.file: item.document for item in labels.items if item.document is not None}


@pytest.mark.parametrize("demo", SETS, ids=lambda demo: demo.key)
def test_every_set_is_complete_and_valid(demo: DemoSet) -> None:
    gold = gold_documents(demo)
    titles = list(demo.frames)
    assert sorted(gold) == sorted(titles)
    for image in demo.images:
        with Image.open(image) as opened:
            assert opened.size == demo.size
    Structure.of(demo.structure)
    drawn = itertools.chain(gold.items(), *(trainee.documents.items() for trainee in demo.trainees))
    for title, document in drawn:
        assert document_problems(document, demo.structure, frames=demo.frames[title]) == []
        assert missing_required(document, demo.structure) == []
    for trainee in demo.trainees:
        assert set(trainee.documents) <= set(titles)
        assert trainee.is_simulated == trainee.about.startswith("Simulated: ")
    assert len({trainee.email for trainee in demo.trainees}) == len(demo.trainees)
    assert demo.instructions.startswith("# ")


def test_every_folder_has_its_licence_and_a_line_in_the_notice() -> None:
    notice = (HERE / "NOTICE.md").read_text(encoding="utf-8")
    for demo in SETS:
        assert f"| `{demo.key}` |" in notice
        licence = (HERE / demo.key / "LICENSE.txt").read_text(encoding="utf-8").lower()
        assert "copyright" in licence or "creative commons attribution" in licence
    assert "This product includes software developed by the Boston University." in notice
    assert "annotator-b" not in {path.name for path in HERE.rglob("*")}


def test_the_repository_stays_small() -> None:
    assert (
        sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file() and path.suffix != ".pyc")
        < 6_000_000  # 5 MB before the clips, sequences and slices came
    )


def test_the_gold_of_the_blood_cells_is_what_the_source_counts() -> None:
    demo = blood_cells()
    names = {node["featureNodeHash"]: node["name"] for node in demo.structure["objects"]}
    found = [
        names[each["node"]] for document in gold_documents(demo).values() for each in document["objects"]
    ]
    counts = {name: found.count(name) for name in names.values()}
    assert counts == {"Red blood cell": 660, "White blood cell": 45, "Platelet": 55}  # counted in the XML


def outlines(documents: dict[str, Document] | Any) -> dict[str, Any]:
    rings = {
        title: document["objects"][0]["labels"][0]["geometry"]["parts"][0][0]
        for title, document in documents.items()
    }
    return {title: make_valid(Polygon(ring)) for title, ring in rings.items()}


def test_the_cars_agree_as_published() -> None:
    demo = car_polygons()
    people = {"3": outlines(gold_documents(demo))}
    people |= {trainee.name[-1]: outlines(trainee.documents) for trainee in demo.trainees}
    published = {"12": 0.906, "13": 0.918, "14": 0.926, "23": 0.927, "24": 0.916, "34": 0.908}
    for pair, expected in published.items():
        one, other = people[pair[0]], people[pair[1]]
        ious = [one[t].intersection(other[t]).area / one[t].union(other[t]).area for t in one]
        assert np.mean(ious) == pytest.approx(expected, abs=0.0005), pair
    trucks = {
        trainee.name
        for trainee in demo.trainees
        for document in trainee.documents.values()
        if document["objects"][0]["node"] == "cp0trk02"
    }
    assert trucks == {"Car annotator 2"}


def test_the_muscle_cells_agree_with_gold_as_published() -> None:
    demo = muscle_cells()

    def masks(documents: Any) -> dict[str, Any]:
        geometries = {title: doc["objects"][0]["labels"][0]["geometry"] for title, doc in documents.items()}
        return {t: mask_from_runs(runs_from_string(g["counts"]), *g["size"]) for t, g in geometries.items()}

    gold = masks(gold_documents(demo))
    published = {"1": 0.8528, "3": 0.7166, "4": 0.7866, "5": 0.8120}
    for trainee in demo.trainees:
        drawn = masks(trainee.documents)
        ious = [(gold[t] & drawn[t]).sum() / (gold[t] | drawn[t]).sum() for t in gold]
        assert np.mean(ious) == pytest.approx(published[trainee.name[-1]], abs=0.00005), trainee.name


def gold_of(count: int) -> dict[str, Any]:
    label = {"frame": 0, "geometry": BOX, "keyframe": True, "answers": {}}
    objects = [{"id": f"gold-{n}", "node": "a", "answers": {}, "labels": [label]} for n in range(count)]
    return {"objects": objects, "classifications": []}


def test_the_error_generator_repeats_itself_and_leaves_gold_alone() -> None:
    gold, profile = gold_of(50), ErrorProfile(0.2, 0.2, 0.2, 0.1, 0.1)
    before = json.dumps(gold)
    first = with_errors(gold, profile, seed="s", classes=["a", "b"])
    assert first == with_errors(gold, profile, seed="s", classes=["a", "b"])
    assert first != with_errors(gold, profile, seed="t", classes=["a", "b"])
    assert json.dumps(gold) == before


def test_without_errors_only_identifiers_change() -> None:
    result = with_errors(gold_of(3), ErrorProfile(), seed="s", classes=["a", "b"])
    assert [each["id"] for each in result["objects"]] == ["1", "2", "3"]
    for each in result["objects"]:
        geometry = each["labels"][0]["geometry"]
        assert each["node"] == "a"
        assert [geometry[key] for key in "xywh"] == pytest.approx([BOX[key] for key in "xywh"], abs=2e-6)


@pytest.mark.parametrize("rate", ["drop", "duplicate", "swap"])
def test_the_rates_of_the_error_generator_are_met(rate: str) -> None:
    # 4,000 boxes at 0.25: the standard deviation of the share is sqrt(0.25 * 0.75 / 4000) = 0.0068; 5 of them allowed
    result = with_errors(gold_of(4000), ErrorProfile(**{rate: 0.25}), seed="s", classes=["a", "b"])
    count = len(result["objects"])
    swapped = sum(each["node"] == "b" for each in result["objects"])
    share = {"drop": max(0, 1 - count / 4000), "duplicate": max(0, count / 4000 - 1), "swap": swapped / count}
    expected = {"drop": 0.0, "duplicate": 0.0, "swap": 0.0, rate: 0.25}
    for name, value in share.items():
        assert value == pytest.approx(expected[name], abs=0.034 if name == rate else 1e-12)


def test_shift_and_resize_are_relative_to_the_box() -> None:
    result = with_errors(gold_of(4000), ErrorProfile(shift=0.1, resize=0.2), seed="s", classes=["a"])
    drawn = [each["labels"][0]["geometry"] for each in result["objects"]]
    centres = np.array([(g["x"] + g["w"] / 2, g["y"] + g["h"] / 2) for g in drawn])
    assert np.std(centres, axis=0) == pytest.approx([0.1 * BOX["w"], 0.1 * BOX["h"]], rel=0.06)
    sides = np.log([(g["w"] / BOX["w"], g["h"] / BOX["h"]) for g in drawn])
    assert np.std(sides, axis=0) == pytest.approx([0.2, 0.2], rel=0.06)


def test_wild_errors_still_make_boxes_inside_the_frame() -> None:
    demo = blood_cells()
    for title, gold in gold_documents(demo).items():
        classes = [node["featureNodeHash"] for node in demo.structure["objects"]]
        wild = with_errors(
            gold, ErrorProfile(0.3, 0.3, 0.5, 3.0, 3.0), seed=f"{SEED}{title}", classes=classes
        )
        assert document_problems(wild, demo.structure, frames=[demo.size]) == []
