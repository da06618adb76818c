"""The first look at a label file: what it is, and which class names the ontology lacks."""

import io
import json
import zipfile

import pytest

from demo.catalogue import blood_cells
from formats import FormatError, survey_labels
from formats.survey import UnknownName
from tests.formats.ontologies import STRUCTURE
from tests.formats.test_readers import coco, own, voc


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "."), body)
    return content.getvalue()


def test_voc_names_that_the_ontology_lacks_are_counted():
    content = voc(
        ("RBC", "1", "1", "3", "3"), ("RBC", "1", "1", "3", "3"), ("Red blood cell", "1", "1", "3", "3")
    )
    survey = survey_labels(content, "a.xml", STRUCTURE)
    assert (survey.format, survey.items) == ("voc", 1)
    assert survey.unknown == (UnknownName("RBC", "object", 2),)


def test_the_demo_archive_needs_its_class_map():
    demo = blood_cells()
    survey = survey_labels(demo.gold.content, demo.gold.name, demo.structure)
    assert survey.items == len(demo.images)
    assert {name.name for name in survey.unknown} == set(demo.class_map)


def test_a_broken_file_of_many_is_left_to_the_import():
    survey = survey_labels(
        zipped(a__xml=voc(("RBC", "1", "1", "3", "3")), b__xml=b"<nonsense"), "x.zip", STRUCTURE
    )
    assert survey.items == 2
    assert [name.name for name in survey.unknown] == ["RBC"]


def test_coco_counts_annotations_and_not_categories():
    content = coco(
        {"id": 1, "bbox": [0, 0, 1, 1]},
        {"id": 2, "bbox": [0, 0, 1, 1], "category_id": 3},
        categories=[
            {"id": 1, "name": "Red blood cell"},
            {"id": 2, "name": "Never used"},
            {"id": 3, "name": "WBC"},
        ],
    )
    assert survey_labels(content, "coco.json", STRUCTURE).unknown == (UnknownName("WBC", "object", 1),)


def test_own_files_are_asked_by_name_of_their_own_ontology():
    theirs = {
        "objects": [
            {
                "id": "1",
                "name": "Erythrocyte",
                "shape": "bounding_box",
                "color": "#D55E00",
                "featureNodeHash": "eryt0000",
            }
        ],
        "classifications": [],
    }
    instance = {"id": "1", "node": "eryt0000", "labels": [{"frame": 0}, {"frame": 1}]}
    nameless = {"id": "2", "node": "nowhere0", "labels": [{"frame": 0}]}
    question = {"id": "3", "name": "Weather", "answers": {}}
    item = {"file": "a.png", "document": {"objects": [instance, nameless], "classifications": [question]}}
    survey = survey_labels(own(item, ontology=theirs), "own.json", STRUCTURE)
    assert survey.unknown == (
        UnknownName("Erythrocyte", "object", 2),
        UnknownName("Weather", "classification", 1),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"<svg/>",
        b'{"annotations": 3}',
        json.dumps({"format": "annotrain-labels", "version": 2, "items": []}).encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>',
        zipped(a__txt=b"nothing"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_with_a_sentence(content):
    with pytest.raises(FormatError, match=r"\.$"):
        survey_labels(content, "labels", STRUCTURE)


def test_an_archive_in_an_archive_is_refused():
    inner = zipped(a__json=b'{"annotations": []}')
    with pytest.raises(FormatError, match="another archive"):
        survey_labels(zipped(a__json=inner), "x.zip", STRUCTURE)
