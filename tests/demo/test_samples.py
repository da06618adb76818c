"""Every real sample is readable: its pictures by ingest, its labels by a converter or an importer."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets.ingest import ingest_now
from datasets.models import FileKind
from datasets.operations import upload_image
from datasets.uploads import upload_frames
from demo.catalogue import HERE, demo_sets
from demo.convert_media import (
    OCCUPIED,
    ORGANS,
    instance_mask_document,
    mask_document,
    nrrd_volume,
    polyline_document,
    seg_volume,
)
from formats import read_labels, write_own
from formats.records import ImportItem
from formats.run_length import mask_from_runs, runs_from_string
from tests.factories import OrganisationFactory, UserFactory
from tests.scoring.real_data import folder

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SETS = {demo.key: demo for demo in demo_sets()}


def structure_of(*, name: str, shape: str, node: str, texts: dict[str, str] | None = None) -> dict:
    """An ontology of one class, with text attributes: hash -> name."""
    attributes = [
        {
            "id": f"1.{place}",
            "name": words,
            "type": "text",
            "featureNodeHash": key,
            "required": False,
            "archived": False,
            "dynamic": False,
            "options": [],
        }
        for place, (key, words) in enumerate((texts or {}).items(), start=1)
    ]
    one = {"id": "1", "name": name, "color": "#000000", "shape": shape, "featureNodeHash": node}
    one |= {"required": False, "archived": False, "attributes": attributes}
    return {"objects": [one], "classifications": [], "skeleton_templates": []}


def imported(items: list[ImportItem], structure: dict, frames: dict) -> dict:
    """Documents as the product's import reads them back, without a finding."""
    labels = read_labels(write_own(items), "labels.json", structure, images=frames)
    assert [problem for item in labels.items for problem in item.problems] == []
    return {item.file: item.document for item in labels.items}


def masks_of(document: dict, node: str) -> dict[int, np.ndarray]:
    """frame -> mask of the one instance of a class."""
    (instance,) = [one for one in document["objects"] if one["node"] == node]
    return {
        label["frame"]: mask_from_runs(
            runs_from_string(label["geometry"]["counts"]), *label["geometry"]["size"]
        )
        for label in instance["labels"]
    }


def skeletons_of(gold: dict, node: str) -> dict:
    """Tracks of keypoints as label document; a keypoint that the source does not have is not in the picture."""
    tracks: dict[str, list[dict]] = {}
    for one in gold["instances"]:
        points = {
            name: {"x": point[0] / gold["width"], "y": point[1] / gold["height"], "v": 2}
            if point
            else {"x": 0.5, "y": 0.5, "v": 0}
            for name, point in one["keypoints"].items()
        }
        geometry = {"type": "skeleton", "points": points}
        label = {"frame": one["frame"], "geometry": geometry, "keyframe": True, "answers": {}}
        tracks.setdefault(one["track"], []).append(label)
    objects = [
        {"id": name, "node": node, "answers": {}, "labels": labels} for name, labels in sorted(tracks.items())
    ]
    return {"objects": objects, "classifications": []}


def test_the_whole_flies_clip_has_its_250_labelled_frames():
    source = json.loads(folder("flies-video/gold.json").read_text())
    structure = structure_of(name="Fly", shape="skeleton", node="fly00000")
    structure["objects"][0]["skeletonTemplate"] = "Fly"
    names = list(source["instances"][0]["keypoints"])
    vertices = {
        str(n): {"name": name, "featureHash": f"fly{n:05d}", "x": 0.5, "y": 0.5}
        for n, name in enumerate(names)
    }
    structure["skeleton_templates"] = [
        {"name": "Fly", "shape": "skeleton", "width": 1, "height": 1, "skeleton": vertices}
        | {"skeletonEdges": {}}
    ]
    found = imported(
        [ImportItem("clip.mp4", skeletons_of(source, "fly00000"), 1024, 1024)],
        structure,
        {"clip.mp4": [(1024, 1024)] * 1500},
    )
    objects = found["clip.mp4"]["objects"]
    assert [(one["id"], len(one["labels"])) for one in objects] == [("female", 250), ("male", 250)]
    head = objects[1]["labels"][0]["geometry"]["points"]["head"]
    assert (head["x"] * 1024, head["y"] * 1024) == pytest.approx((335.25, 444.75), abs=0.01)


def test_the_parking_lot_has_40_spaces_on_every_frame():
    for item in json.loads(SETS["parking"].gold.content)["items"]:
        spaces = item["document"]["objects"]
        frames = {"parking_0": 2, "parking_1": 5}[item["file"]]
        assert len(spaces) == 40
        assert all(len(one["labels"]) == frames for one in spaces)
        first = spaces[0]["labels"][0]
        assert set(first["answers"]) == {OCCUPIED}
        assert 0 <= first["geometry"]["theta"] < 360


def test_masks_of_the_organs_are_those_of_the_volumes_and_of_the_dicom_segmentation():
    gold = SAMPLES / "ct-gold"
    volumes = {node: nrrd_volume((gold / f"{organ}_seg.nrrd").read_bytes()) for organ, node in ORGANS.items()}
    (item,) = json.loads(SETS["ct-abdomen"].gold.content)["items"]
    assert item["document"] == mask_document(volumes)
    liver = masks_of(item["document"], ORGANS["liver"])
    segment = seg_volume((gold / "liver-seg.dcm").read_bytes())
    assert all((liver[frame] == segment[frame]).all() for frame in range(3))
    assert min(int(mask.sum()) for mask in liver.values()) > 1_000


@pytest.mark.django_db
def test_the_masks_lie_on_the_organs_of_the_slices_as_ingest_orders_them():
    """The liver is brighter than fat and darker than bone on every slice: about 40 to 180 with contrast."""
    organisation, slices = OrganisationFactory(), sorted((HERE / "ct-abdomen").glob("*.dcm"))
    file = upload_frames(
        organisation=organisation,
        actor=UserFactory(),
        kind=FileKind.DICOM,
        title="ct",
        parts=[(path.name, path.open("rb")) for path in slices],
    )
    file = ingest_now(file)
    (item,) = json.loads(SETS["ct-abdomen"].gold.content)["items"]
    import gzip

    from datasets.frames import frame_bytes
    from datasets.models import Layer

    for frame, mask in masks_of(item["document"], ORGANS["liver"]).items():
        packed = frame_bytes(file, frame, Layer.PIXELS)
        values = np.frombuffer(gzip.decompress(packed), dtype="<i2").reshape(512, 512)
        assert 40 < np.median(values[mask]) < 180


def test_roads_are_lines_with_their_properties():
    folder = SAMPLES / "roads"
    source = json.loads((folder / "polylines.json").read_text())
    texts = {"road_typ": "Type", "lanes000": "Lanes"}
    structure = structure_of(name="Road", shape="polyline", node="road0000", texts=texts)
    answers = {"road_type": "road_typ", "lanes": "lanes000"}
    document = polyline_document(source, node="road0000", answers=answers)
    found = imported(
        [ImportItem("vegas.jpg", document, 1300, 1300)], structure, {"vegas.jpg": [(1300, 1300)]}
    )
    assert len(found["vegas.jpg"]["objects"]) == 9
    assert found["vegas.jpg"]["objects"][1]["answers"] == {"road_typ": "5", "lanes000": "2"}


def test_nuclei_are_masks_one_for_each_value():
    structure = structure_of(name="Nucleus", shape="bitmask", node="nucleus0")
    items, sizes, count = [], {}, 0
    for path in sorted((SAMPLES / "nuclei" / "gold-corrected").glob("*.png")):
        with Image.open(path) as picture:
            values = np.asarray(picture).astype(np.uint16)
        height, width = values.shape
        items.append(ImportItem(path.name, instance_mask_document(values, node="nucleus0"), width, height))
        sizes[path.name] = [(width, height)]
        count += len(np.unique(values)) - 1
    found = imported(items, structure, sizes)
    assert sum(len(document["objects"]) for document in found.values()) == count == 179


def test_photos_come_through_the_coco_importer():
    content = (SAMPLES / "photos" / "instances.json").read_bytes()
    source = json.loads(content)
    objects = [
        structure_of(name=one["name"], shape="polygon", node=f"photo{one['id']:03d}")["objects"][0]
        | {"id": str(place)}
        for place, one in enumerate(source["categories"], start=1)
    ]
    structure = {"objects": objects, "classifications": [], "skeleton_templates": []}
    frames = {one["file_name"]: [(one["width"], one["height"])] for one in source["images"]}
    labels = read_labels(content, "instances.json", structure, images=frames)
    assert sum(len(item.document["objects"]) for item in labels.items if item.document) == 57
    assert len(labels.items) == 14


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["photos/images", "nuclei/images", "roads"])
def test_pictures_of_the_samples_are_accepted(folder):
    organisation, actor = OrganisationFactory(), UserFactory()
    paths = [path for path in sorted((SAMPLES / folder).iterdir()) if path.suffix in (".jpg", ".png")]
    assert paths
    for path in paths[:4]:
        file = upload_image(
            organisation=organisation, actor=actor, title=path.name, content=path.read_bytes()
        )
        with Image.open(path) as picture:
            assert (file.width, file.height) == picture.size
