"""Reading and writing label files: round trips, names, repairs, and one bad label that never stops the rest."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from formats import ImportItem, document_problems, read_labels, write_coco, write_own, write_voc
from formats.coco_writer import mask_from_parts
from formats.records import ImportFile
from formats.repair import clipped_ring, repaired_geometry
from formats.run_length import runs_from_mask, string_from_runs
from tests.formats.ontologies import (
    FRAME,
    GEOMETRIES,
    STRUCTURE,
    attribute,
    document,
    full_document,
    instance,
    node,
    option,
)

IMAGES = {"a.png": [FRAME], "b.png": [FRAME]}


def own(*items: Any, **root: Any) -> bytes:
    return json.dumps({"format": "annotrain-labels", "version": 1, "items": list(items), **root}).encode()


def coco(*annotations: Any, categories: Any = None, images: Any = None) -> bytes:
    return json.dumps(
        {
            "images": images or [{"id": 1, "file_name": "a.png", "width": 8, "height": 4}],
            "annotations": [{"image_id": 1, "category_id": 1, **annotation} for annotation in annotations],
            "categories": categories or [{"id": 1, "name": "Red blood cell"}],
        }
    ).encode()


def voc(
    *objects: tuple[str, str, str, str, str], filename: str = "a.png", size: str = "", extra: str = ""
) -> bytes:
    size = size or "<size><width>8</width><height>4</height></size>"
    drawn = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax>"
        f"</bndbox>{extra}</object>"
        for name, x1, y1, x2, y2 in objects
    )
    head = f"<path>/home/pi/{filename}</path><filename>{filename}</filename>"
    return f"<annotation>{head}{size}{drawn}</annotation>".encode()


def read(content: bytes, name: str = "labels", **more: Any) -> ImportFile:
    return read_labels(content, name, more.pop("structure", STRUCTURE), **{"images": IMAGES, **more})


def notes(result: ImportFile, item: int = 0) -> list[tuple[str, str]]:
    return [(problem.path, problem.severity) for problem in result.items[item].problems]


def boxes(result: ImportFile, item: int = 0) -> list[tuple[str, str, dict[str, Any]]]:
    found = result.items[item].document
    assert found is not None
    return [(each["id"], each["node"], each["labels"][0]["geometry"]) for each in found["objects"]]


# Round trips


def test_the_own_format_loses_nothing() -> None:
    items = (ImportItem("a.png", full_document(), *FRAME), ImportItem("b.png", document(), *FRAME))
    content = write_own(items, ontology=STRUCTURE)
    result = read(content)
    assert result.items == items
    assert result.ontology == STRUCTURE
    assert write_own(result.items, ontology=result.ontology) == content


def test_the_own_format_keeps_what_lies_on_top() -> None:
    above = document(instance("whitecel", z=3), instance("whitecel", 2))
    (item,) = read(write_own([ImportItem("a.png", above, *FRAME)], ontology=STRUCTURE)).items
    assert item.document is not None
    assert [each.get("z") for each in item.document["objects"]] == [3, None]


def test_coco_loses_only_what_it_says() -> None:
    content, left_out = write_coco([ImportItem("a.png", full_document(), *FRAME)], STRUCTURE)
    assert [problem.message for problem in left_out] == [
        "COCO holds no classifications.",
        "A polygon with holes was written as a mask: COCO's polygons have none.",
        "A polyline on frame 0 cannot be written as COCO.",
    ]
    result = read(content)
    expected = {each["node"]: each for each in full_document()["objects"]}
    got = result.items[0].document
    assert got is not None
    assert [each["node"] for each in got["objects"]] == [
        "whitecel",
        "turnedbx",
        "point000",
        "mask0000",
        "skelet00",
    ]
    assert all(each == expected[each["node"]] for each in got["objects"])


def test_a_polygon_without_holes_goes_through_coco_with_all_its_parts() -> None:
    parts = [part[:1] for part in GEOMETRIES["outline0"]["parts"]]
    one = document(
        instance(
            "outline0",
            labels=[{**instance("outline0")["labels"][0], "geometry": {"type": "polygon", "parts": parts}}],
        )
    )
    content, left_out = write_coco([ImportItem("a.png", one, *FRAME)], STRUCTURE)
    assert left_out == []
    assert read(content).items[0].document == one


def test_voc_loses_only_what_it_says() -> None:
    files, left_out = write_voc([ImportItem("a.png", full_document(), *FRAME)], STRUCTURE)
    assert list(files) == ["a.xml"]
    assert len(left_out) == 7  # six other shapes, and the classifications once
    got = read(files["a.xml"], "a.xml").items[0]
    assert got.problems == ()
    assert got.document is not None
    assert got.document["objects"] == [full_document()["objects"][0]]


@given(
    st.lists(
        st.tuples(*(st.integers(0, 10_000) for _ in range(4))).filter(
            lambda b: b[2] != b[0] and b[3] != b[1]
        ),
        max_size=8,
    )
)
def test_boxes_come_back_within_a_millionth_of_a_pixel(corners: list[tuple[int, int, int, int]]) -> None:
    objects = []
    for number, (x1, y1, x2, y2) in enumerate(corners, start=1):
        geometry = {
            "type": "bounding_box",
            "x": min(x1, x2) / 10_000,
            "y": min(y1, y2) / 10_000,
            "w": abs(x2 - x1) / 10_000,
            "h": abs(y2 - y1) / 10_000,
        }
        objects.append(
            instance("redcell0", number, labels=[{**instance("redcell0")["labels"][0], "geometry": geometry}])
        )
    item = ImportItem("a.png", document(*objects), 640, 480)
    images = {"a.png": [(640, 480)]}
    voc_files, _ = write_voc([item], STRUCTURE)
    for content, name in ((write_coco([item], STRUCTURE)[0], "a.json"), (voc_files["a.xml"], "a.xml")):
        found = read(content, name, images=images)
        assert len(boxes(found)) == len(objects)
        for (identifier, _, got), wanted in zip(boxes(found), objects, strict=True):
            assert identifier == wanted["id"]
            for key in "xywh":
                assert got[key] == pytest.approx(wanted["labels"][0]["geometry"][key], abs=1e-8)


# Names


def test_voc_boxes_have_continuous_edges_and_their_position_as_identifier() -> None:
    result = read(voc(("Red blood cell", "2", "1", "6", "3"), ("WHITE  BLOOD CELL ", "0", "0", "8", "4")))
    assert boxes(result) == [
        ("1", "redcell0", {"type": "bounding_box", "x": 0.25, "y": 0.25, "w": 0.5, "h": 0.5}),
        ("2", "whitecel", {"type": "bounding_box", "x": 0.0, "y": 0.0, "w": 1.0, "h": 1.0}),
    ]
    assert result.items[0].problems == ()


def test_classes_can_be_renamed_on_the_way() -> None:
    content = voc(("RBC", "2", "1", "6", "3"))
    assert boxes(read(content, class_map={"rbc": "Red blood cell"}))[0][1] == "redcell0"


def test_an_unknown_class_is_refused_with_the_known_ones_and_the_rest_is_kept() -> None:
    for content in (
        voc(("Eosinophil", "2", "1", "6", "3"), ("Red blood cell", "2", "1", "6", "3")),
        coco(
            {"id": 1, "category_id": 2, "bbox": [2, 1, 4, 2]},
            {"id": 2, "bbox": [2, 1, 4, 2]},
            categories=[{"id": 1, "name": "Red blood cell"}, {"id": 2, "name": "Eosinophil"}],
        ),
        own(
            {
                "file": "a.png",
                "document": document(
                    {**instance("redcell0", 1), "node": "gone", "name": "Eosinophil"}, instance("redcell0", 2)
                ),
            }
        ),
    ):
        item = read(content).items[0]
        assert item.label_count == 1
        (problem,) = item.refused
        assert '"Eosinophil"' in problem.message
        assert "Red blood cell" in problem.message
        assert "Old class" not in problem.message  # archived: no choice


def test_two_classes_of_one_name_are_told_apart_by_the_geometry() -> None:
    structure = {"objects": [node("carbox00", "Car", "bounding_box"), node("carpoly0", "Car", "polygon")]}
    content = coco(
        {"id": 1, "bbox": [0, 0, 4, 4]},
        {"id": 2, "bbox": [0, 0, 4, 4], "segmentation": [[0, 0, 4, 0, 4, 4]]},
        categories=[{"id": 1, "name": "car"}],
    )
    assert [each[1] for each in boxes(read(content, structure=structure))] == ["carbox00", "carpoly0"]


def test_labels_move_between_ontologies_that_were_built_separately() -> None:
    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: f"new_{each}" if key == "featureNodeHash" else renamed(each)
                for key, each in value.items()
            }
        return [renamed(each) for each in value] if isinstance(value, list) else value

    other = renamed(STRUCTURE)
    result = read(
        write_own([ImportItem("a.png", full_document(), *FRAME)], ontology=STRUCTURE), structure=other
    )
    assert result.items[0].problems == ()
    got = result.items[0].document
    assert got is not None
    assert document_problems(got, other, frames=[FRAME]) == []
    answers = got["objects"][0]["answers"]
    assert answers == {
        "new_celltype": "new_neutro",
        "new_lobes": 3,
        "new_stains": ["new_blue", "new_red"],
        "new_remark": "Größe ok",
    }
    assert got["objects"][0]["labels"][0]["answers"] == {"new_moving": "new_no"}
    assert got["classifications"][0]["answers"] == {"new_qualroot": "new_bad", "new_why": "blurred"}


def test_an_own_file_may_speak_in_names() -> None:
    label = {"geometry": GEOMETRIES["whitecel"], "answers": {"Moving": True}}
    written_by_hand = {
        "objects": [
            {
                "name": "white blood cell",
                "answers": {"cell type": "Neutrophil", "Lobes": 3},
                "labels": [label],
            }
        ],
        "classifications": [{"name": "Quality", "answers": {"Quality": "Good"}}],
    }
    got = read(own({"file": "a.png", "document": written_by_hand})).items[0]
    assert got.problems == ()
    assert got.document is not None
    assert got.document["objects"][0]["answers"] == {"celltype": "neutro", "lobes": 3}
    assert got.document["objects"][0]["labels"][0]["answers"] == {"moving": "yes"}
    assert got.document["classifications"][0]["answers"] == {"qualroot": "good"}
    assert [got.document["objects"][0]["id"], got.document["classifications"][0]["id"]] == ["1", "2"]


def test_attributes_of_one_name_at_two_depths_keep_their_own_answers() -> None:
    inner = attribute("inner000", "Colour", "text")
    outer = attribute("outer000", "Colour", "radio", options=[option("other000", "Other", inner)])
    structure = {"objects": [node("carbox00", "Car", "bounding_box", attributes=[outer])]}
    answers = {"outer000": "other000", "inner000": "teal"}
    label = {"frame": 0, "geometry": GEOMETRIES["whitecel"], "keyframe": True, "answers": {}}
    one = document({"id": "1", "node": "carbox00", "answers": answers, "labels": [label]})
    content, _ = write_coco([ImportItem("a.png", one, *FRAME)], structure)
    assert json.loads(content)["annotations"][0]["attributes"] == {
        "Colour": "Other",
        "Colour / Other / Colour": "teal",
    }
    assert read(content, structure=structure).items[0].document == one


def test_answers_that_do_not_fit_are_left_out_and_the_label_stays() -> None:
    attributes = {
        "Cell type": "Basophil",
        "Lobes": 3,
        "Stains": ["Blue", "Green"],
        "Remark": 7,
        "occluded": False,
    }
    content = coco(
        {"id": 1, "bbox": [2, 1, 4, 2], "attributes": attributes},
        {"id": 2, "bbox": [2, 1, 4, 2], "attributes": {"occluded": False}},
        categories=[{"id": 1, "name": "White blood cell"}],
    )
    result = read(content)
    assert result.items[0].label_count == 2
    assert notes(result) == [  # "occluded" of the second label is not reported again
        (f"annotations[0].attributes.{name}", "repaired")
        for name in ("Cell type", "Stains", "Remark", "Lobes", "occluded")
    ]


def test_coco_numbers_and_flags_find_their_attributes() -> None:
    attributes = {"cell type": "neutrophil", "lobes": "3", "stains": "blue", "moving": True}
    content = coco(
        {"id": "x-1", "bbox": [2, 1, 4, 2], "attributes": attributes},
        categories=[{"id": 1, "name": "White blood cell"}],
    )
    item = read(content).items[0]
    assert item.document is not None
    (got,) = item.document["objects"]
    assert got["id"] == "x-1"
    assert got["answers"] == {"celltype": "neutro", "lobes": 3.0, "stains": ["blue"]}
    assert got["labels"][0]["answers"] == {"moving": "yes"}


# COCO's geometry


def test_coco_masks_are_read_compressed_or_not() -> None:
    content = coco(
        {"id": 1, "segmentation": {"size": [4, 8], "counts": [4, 4, 24]}, "iscrowd": 1},
        {"id": 2, "segmentation": {"size": [4, 8], "counts": "44h0"}, "iscrowd": 0},
        categories=[{"id": 1, "name": "Tissue"}],
    )
    assert [each[2] for each in boxes(read(content))] == [GEOMETRIES["mask0000"]] * 2


def test_a_box_class_takes_the_extent_of_a_segmentation_without_bbox() -> None:
    content = coco(
        {"id": 1, "segmentation": [[2, 1, 6, 1, 6, 3]]},
        {"id": 2, "segmentation": {"size": [4, 8], "counts": [4, 4, 24]}},
    )
    result = read(content)
    assert [[each[2][key] for key in "xywh"] for each in boxes(result)] == [
        [0.25, 0.25, 0.5, 0.5],
        [0.125, 0, 0.125, 1],
    ]
    assert notes(result) == [("annotations[0]", "repaired"), ("annotations[1]", "repaired")]


def test_keypoints_follow_the_categorys_names_not_the_templates_order() -> None:
    content = coco(
        {"id": 1, "keypoints": [4, 3, 1, 2, 1, 2]},
        categories=[{"id": 1, "name": "Fly", "keypoints": ["Thorax", "head"]}],
    )
    assert boxes(read(content))[0][2]["points"] == {
        "thorax": {"x": 0.5, "y": 0.75, "v": 1},
        "head": {"x": 0.25, "y": 0.25, "v": 2},
    }


BAD_COCO: list[tuple[str, dict[str, Any]]] = [
    ("Red blood cell", {}),
    ("Red blood cell", {"bbox": [1, 1, 2]}),
    ("Red blood cell", {"bbox": [1, 1, 0, 2]}),
    ("Red blood cell", {"bbox": [1, 1, -2, 2]}),
    ("Red blood cell", {"bbox": [1, 1, True, 2]}),
    ("Red blood cell", {"bbox": [1, 1, "2", 2]}),
    ("Red blood cell", {"bbox": [1, 1, 1e300, 2]}),
    ("Red blood cell", {"bbox": [20, 20, 2, 2]}),  # outside the frame
    ("Red blood cell", {"bbox": {"x": 1}}),
    ("Nucleus", {"bbox": [1, 1, 2, 2]}),
    ("Nucleus", {"segmentation": [[1, 1, 2, 2]]}),
    ("Nucleus", {"segmentation": [[1, 1, 2, 2, 3, 3]]}),  # on one line
    ("Nucleus", {"segmentation": [[1, 1, 2, 2, 3]]}),
    ("Nucleus", {"segmentation": [[1, 1, 2, 2, 3, None]]}),
    ("Nucleus", {"segmentation": [1, 1, 2, 2, 3, 1]}),
    ("Nucleus", {"segmentation": {"size": [4, 8], "counts": "44h0"}}),
    ("Nucleus", {"segmentation": [[0, 1] * 1001]}),
    ("Tissue", {"segmentation": [[1, 1, 2, 2, 3, 1]]}),
    ("Tissue", {"segmentation": {"size": [8, 4], "counts": "44h0"}}),
    ("Tissue", {"segmentation": {"size": [4, 8], "counts": "44"}}),
    ("Tissue", {"segmentation": {"size": [4, 8], "counts": [4, 4]}}),
    ("Tissue", {"segmentation": {"size": [4, 8], "counts": None}}),
    ("Tissue", {"segmentation": {"size": ["4", 8], "counts": "44h0"}}),
    ("Fly", {"keypoints": [1, 1, 2]}),
    ("Fly", {"keypoints": [1, 1, 2, 2, 2, 7]}),
    ("Fly", {"keypoints": [1, 1, 2, 2, True, 2]}),
    ("Marker", {"keypoints": [1, 1, 2, 2, 2, 2]}),
    ("Scratch", {"segmentation": [[1, 1, 2, 2, 3, 1]]}),
]


@pytest.mark.parametrize(("name", "annotation"), BAD_COCO)
def test_a_broken_annotation_is_refused_and_the_next_one_kept(name: str, annotation: dict[str, Any]) -> None:
    categories = [{"id": 1, "name": "Red blood cell"}, {"id": 2, "name": name}]
    content = coco(
        {"id": 1, "category_id": 2, **annotation}, {"id": 2, "bbox": [1, 1, 2, 2]}, categories=categories
    )
    result = read(content)
    assert [each[0] for each in boxes(result)] == ["2"]
    assert [(problem.path, problem.severity) for problem in result.items[0].problems] == [
        ("annotations[0]", "refused")
    ] or (result.items[0].refused[0].path.startswith("annotations[0]."))


@pytest.mark.parametrize(
    "broken",
    [
        voc(("Red blood cell", "6", "1", "2", "3")),
        voc(("Red blood cell", "2", "1", "2", "3")),
        voc(("Red blood cell", "nan", "1", "6", "3")),
        voc(("Red blood cell", "1e999", "1", "6", "3")),
        voc(("Red blood cell", "9" * 5000, "1", "6", "3")),
        voc(("Red blood cell", "٢", "1", "6", "3")),  # a digit, but not one of ours
        voc(("Red blood cell", "", "1", "6", "3")),
        voc(("Red blood cell", "20", "20", "30", "30")),
        voc(("Nucleus", "2", "1", "6", "3")),
        voc(("", "2", "1", "6", "3")),
        voc().replace(b"</annotation>", b"<object/></annotation>"),
    ],
)
def test_a_broken_voc_object_is_refused(broken: bytes) -> None:
    content = broken.replace(
        b"</annotation>", voc(("Red blood cell", "2", "1", "6", "3")).split(b"</size>")[1]
    )
    result = read(content)
    assert [each[0] for each in boxes(result)] == ["2"]
    assert result.items[0].refused[0].path.startswith("object[1]")


# Repairs


def test_a_box_that_sticks_out_is_clipped_and_the_report_says_so() -> None:
    for content, path in (
        (voc(("Red blood cell", "-2", "1", "6", "9")), "object[1].bndbox"),
        (coco({"id": 1, "bbox": [-2, 1, 8, 8]}), "annotations[0]"),
    ):
        result = read(content)
        assert boxes(result)[0][2] == {"type": "bounding_box", "x": 0.0, "y": 0.25, "w": 0.75, "h": 0.75}
        assert notes(result) == [(path, "repaired")]


def test_rounding_at_the_border_is_not_worth_a_word() -> None:
    result = read(coco({"id": 1, "bbox": [2, 1, 6.000001, 3]}))
    assert boxes(result)[0][2] == {"type": "bounding_box", "x": 0.25, "y": 0.25, "w": 0.75, "h": 0.75}
    assert result.items[0].problems == ()


@given(st.lists(st.tuples(st.floats(-1, 2), st.floats(-1, 2)), min_size=3, max_size=8))
def test_a_clipped_ring_covers_what_was_inside(ring: list[tuple[float, float]]) -> None:
    outline = Polygon(ring)
    if not outline.is_valid:
        return
    clipped = clipped_ring(ring)
    assert all(0 <= value <= 1 for point in clipped for value in point)
    area = Polygon(clipped).buffer(0).area if len(clipped) > 2 else 0.0
    assert area == pytest.approx(outline.intersection(box(0, 0, 1, 1)).area, abs=1e-9)


@pytest.mark.parametrize(
    ("shape", "geometry", "expected"),
    [
        ("point", {"x": 1.2, "y": 0.5}, None),
        ("polyline", {"points": [[0.5, 0.5], [1.5, 0.5]]}, {"points": [[0.5, 0.5], [1.0, 0.5]]}),
        ("polyline", {"points": [[1.5, 0.5], [1.6, 0.9]]}, None),
        ("polygon", {"parts": [[[[2, 2], [3, 2], [3, 3]]]]}, None),
        ("rotatable_bounding_box", {"x": 0.9, "y": 0.9, "w": 0.4, "h": 0.1, "theta": 3}, None),
        (
            "skeleton",
            {"points": {"a": {"x": 1.2, "y": 0.5, "v": 2}, "b": {"x": 0.5, "y": 0.5, "v": 2}}},
            {"points": {"a": {"x": 1.0, "y": 0.5, "v": 2}, "b": {"x": 0.5, "y": 0.5, "v": 2}}},
        ),
        (
            "skeleton",
            {"points": {"a": {"x": 1.2, "y": 0.5, "v": 2}, "b": {"x": 0.5, "y": 0.5, "v": 0}}},
            None,
        ),
    ],
)
def test_shapes_outside_the_frame(
    shape: str, geometry: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    got, problems = repaired_geometry({"type": shape, **geometry}, shape)
    assert got == (None if expected is None else {"type": shape, **expected})
    assert [problem.severity for problem in problems] == ["refused" if expected is None else "repaired"]


# Files and pictures


def test_a_label_file_for_an_unknown_picture_is_refused_and_the_others_are_read() -> None:
    content = own({"file": "zzz.png", "document": document()}, {"file": "b.png", "document": document()})
    result = read(content)
    assert [item.document is None for item in result.items] == [True, False]
    assert "zzz.png" in result.items[0].problems[0].message


def test_the_second_labels_of_one_picture_are_refused() -> None:
    images = [
        {"id": 1, "file_name": "a.png", "width": 8, "height": 4},
        {"id": 2, "file_name": "x/A.PNG", "width": 8, "height": 4},
    ]
    for content in (
        own({"file": "a.png", "document": document()}, {"file": "a.png", "document": document()}),
        coco(images=images),
    ):
        result = read(content)
        assert [item.document is None for item in result.items] == [False, True]
        assert "twice" in result.items[1].problems[0].message


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("a.png", "a.png"),
        ("train/2024/a.png", "a.png"),
        ("C:\\pictures\\a.png", "a.png"),
        ("A.PNG", "a.png"),
        ("a.jpg", "a.png"),
        ("a", "a.png"),
        ("c.jpg", None),  # c.png and c.tif: which one?
    ],
)
def test_a_picture_is_found_by_its_name(name: str, title: str | None) -> None:
    images = {**IMAGES, "c.png": [FRAME], "c.tif": [FRAME]}
    item = read(own({"file": name, "document": document()}), images=images).items[0]
    assert (item.file if item.document else None) == title


def test_another_size_is_scaled_when_the_proportions_agree_and_refused_otherwise() -> None:
    big = "<size><width>16</width><height>8</height></size>"
    result = read(voc(("Red blood cell", "4", "2", "12", "6"), size=big))
    assert boxes(result)[0][2] == {"type": "bounding_box", "x": 0.25, "y": 0.25, "w": 0.5, "h": 0.5}
    assert notes(result) == [("size", "repaired")]
    square = "<size><width>8</width><height>8</height></size>"
    assert read(voc(("Red blood cell", "4", "2", "8", "6"), size=square)).items[0].document is None


@pytest.mark.parametrize(
    "size",
    [
        "<size/>",
        "<size><width>0</width><height>0</height></size>",
        "<size><width>²</width><height>4</height></size>",
    ],
)
def test_a_voc_file_without_size_takes_the_pictures(size: str) -> None:
    content = voc(("Red blood cell", "2", "1", "6", "3"), size=size)
    assert boxes(read(content))[0][2]["x"] == 0.25
    assert read(content, images=None).items[0].document is None


def test_a_mask_of_another_size_than_the_picture_is_refused() -> None:
    content = own({"file": "a.png", "document": document(instance("mask0000"))})
    assert read(content).items[0].label_count == 1
    item = read(content, images={"a.png": [(16, 8)]}).items[0]
    assert item.label_count == 0
    assert item.refused[0].path == "objects[0].labels[0].geometry.size"


def test_an_identifier_that_is_taken_gets_a_number() -> None:
    result = read(
        coco({"id": 7, "bbox": [1, 1, 2, 2]}, {"id": 7, "bbox": [2, 1, 2, 2]}, {"bbox": [3, 1, 2, 2]})
    )
    assert [each[0] for each in boxes(result)] == ["7", "7-2", "2"]
    assert notes(result) == [("annotations[1].id", "repaired")]


def test_labels_above_the_cap_of_a_frame_are_refused_with_one_problem() -> None:
    result = read(coco(*({"id": n, "bbox": [1, 1, 2, 2]} for n in range(2005))))
    assert result.items[0].label_count == 2000
    assert len(result.items[0].problems) == 1


def test_broken_parts_of_an_own_item_leave_the_rest() -> None:
    good, bad = instance("whitecel", 1), copy.deepcopy(instance("whitecel", 2))
    bad["labels"][0]["geometry"]["w"] = "wide"
    mixed = copy.deepcopy(instance("redcell0", 3))
    mixed["labels"] = [bad["labels"][0], {**good["labels"][0]}, {**good["labels"][0]}, 7]
    answered = instance("whitecel", 4, answers={"celltype": "neutro", "lobes": True, "gone": 1})
    value = {
        "objects": [bad, mixed, 5, answered, good],
        "classifications": [{"node": "quality0", "frames": [9]}],
    }
    result = read(own({"file": "a.png", "document": value}))
    assert [each[0] for each in boxes(result)] == ["3", "4", "1"]
    got = result.items[0].document
    assert got is not None
    assert got["objects"][1]["answers"] == {"celltype": "neutro"}
    assert got["classifications"] == []
    assert document_problems(got, STRUCTURE, frames=[FRAME]) == []
    assert ("objects[0].labels[0].geometry.w", "refused") in notes(result)
    assert ("classifications[0].frames[0]", "refused") in notes(result)


def test_a_polygon_with_holes_becomes_a_mask_by_pixel_centres() -> None:
    outer = [(0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0)]
    hole = [(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)]
    mask = mask_from_parts([[outer, hole], [[(7.0, 0.0), (8.0, 0.0), (8.0, 4.0), (7.0, 4.0)]]], FRAME)
    assert ["".join("#" if pixel else "." for pixel in row) for row in mask] == [
        "######.#",
        "#..###.#",
        "#..###.#",
        "######.#",
    ]
    assert string_from_runs(runs_from_mask(mask))


@pytest.mark.parametrize(
    "content",
    [
        own(
            {
                "file": "gone.png",
                "document": {
                    "objects": [{"labels": [{}, {}]}, "broken"],
                    "classifications": [{"node": "nowhere0"}],
                },
            }
        ),
        coco({"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}, images=[{"id": 1, "file_name": "gone.png"}]),
        voc(*[("Elephant", "1", "1", "2", "2")] * 4, filename="gone.png"),
    ],
)
def test_labels_of_an_item_that_is_refused_are_counted(content):
    (item,) = read(content).items
    assert (item.document, item.labels_found, item.labels_refused) == (None, 4, 4)


def test_a_refused_label_counts_once_however_many_findings_it_has():
    flat = {"type": "bounding_box", "x": 0, "y": 0, "w": 0, "h": 0}
    good = {"type": "bounding_box", "x": 0, "y": 0, "w": 0.5, "h": 0.5}
    objects = [
        {"id": name, "name": "Red blood cell", "labels": [{"geometry": geometry}]}
        for name, geometry in (("a", flat), ("b", good))
    ]
    (item,) = read(own({"file": "a.png", "document": {"objects": objects}})).items
    assert len(item.refused) == 2
    assert (item.labels_found, item.label_count, item.labels_refused) == (2, 1, 1)
