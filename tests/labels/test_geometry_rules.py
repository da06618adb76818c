"""Every rule about geometry is enforced on save, with the path of the offending value, and nothing is stored."""

import math
from typing import Any

import pytest

from formats.limits import MAX_POLYGON_VERTICES, MAX_POLYLINE_VERTICES
from labels.documents import document_of_task
from labels.errors import InvalidLabels
from labels.models import Instance
from labels.operations import save_labels
from tests.factories import (
    FileFactory,
    OntologyVersionFactory,
    OrganisationFactory,
    ProjectFactory,
    TaskFactory,
    UserFactory,
    box,
)

pytestmark = pytest.mark.django_db

WIDTH, HEIGHT = 4, 3
SHAPES = ("bounding_box", "rotatable_bounding_box", "polygon", "polyline", "point", "skeleton", "bitmask")
NODES = {shape: f"shape{number:03d}" for number, shape in enumerate(SHAPES)}
VERTICES = ("head", "tail")


def structure() -> dict[str, Any]:
    """One class of each shape; the skeleton has two vertices."""
    objects = [
        {
            "id": str(number),
            "name": shape,
            "color": "#0072B2",
            "shape": shape,
            "featureNodeHash": NODES[shape],
            "required": False,
            "archived": False,
            "attributes": [],
        }
        for number, shape in enumerate(SHAPES, start=1)
    ]
    vertices = {str(key): {"name": name, "x": key, "y": 0} for key, name in enumerate(VERTICES)}
    template = {"name": "skeleton", "featureNodeHash": "templ000", "skeleton": vertices, "skeletonEdges": {}}
    return {"objects": objects, "classifications": [], "skeleton_templates": [template]}


@pytest.fixture
def task():
    organisation = OrganisationFactory()
    version = OntologyVersionFactory(organisation=organisation, structure=structure(), frozen=True)
    project = ProjectFactory(organisation=organisation, ontology_version=version)
    file = FileFactory(organisation=organisation, width=WIDTH, height=HEIGHT)
    return TaskFactory(project=project, file=file, held_by=UserFactory())


def save(task, shape: str, geometry: Any, **more: Any) -> None:
    instance = {"id": "o1", "kind": "object", "node": NODES[shape], "answers": {}, **more}
    label = {"instance": "o1", "frame": 0, "geometry": geometry, "keyframe": True}
    upserts = {"instances": [instance], "labels": [label]}
    save_labels(task=task, actor=task.assignee, revision=0, upserts=upserts, deletes={})


def turned(**changes: Any) -> dict[str, Any]:
    return {"type": "rotatable_bounding_box", "x": 0.2, "y": 0.2, "w": 0.3, "h": 0.3, "theta": 30.0} | changes


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "polygon", "parts": [list(rings)]}


def skeleton(**points: Any) -> dict[str, Any]:
    return {"type": "skeleton", "points": points}


def polyline(*points: Any) -> dict[str, Any]:
    return {"type": "polyline", "points": list(points)}


def mask(counts: Any, size: Any = (HEIGHT, WIDTH)) -> dict[str, Any]:
    return {"type": "bitmask", "size": list(size) if isinstance(size, tuple) else size, "counts": counts}


def circle(count: int) -> list[list[float]]:
    turns = [2 * math.pi * number / count for number in range(count)]
    return [[0.5 + 0.4 * math.cos(turn), 0.5 + 0.4 * math.sin(turn)] for turn in turns]


RING = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.8]]
SEEN = {"x": 0.5, "y": 0.5, "v": 2}
GONE = {"x": 0, "y": 0, "v": 0}
GOOD = {
    "bounding_box": box(0.1, 0.1, 0.2, 0.2),
    "rotatable_bounding_box": turned(),
    "polygon": polygon(RING, [[0.4, 0.2], [0.6, 0.2], [0.5, 0.4]]),
    "polyline": polyline([0, 0], [1, 1]),
    "point": {"type": "point", "x": 0, "y": 1},
    "skeleton": skeleton(head=SEEN, tail=GONE),
    # Columns of three: the first is all mask, the rest is not (runs 0, 3, 9).
    "bitmask": mask("039"),
}

NOT_NUMBERS = [math.nan, math.inf, -math.inf, True, "0.5", None, 10**5000, [0.5]]
BAD: list[tuple[str, Any, str]] = [
    *[("bounding_box", box(value, 0, 0.2, 0.1), "x") for value in NOT_NUMBERS],
    *[("rotatable_bounding_box", turned(theta=value), "theta") for value in NOT_NUMBERS],
    *[("point", {"type": "point", "x": 0.5, "y": value}, "y") for value in NOT_NUMBERS],
    *[("polygon", polygon([*RING, [value, 0.5]]), "parts[0][0][3]") for value in NOT_NUMBERS],
    *[("polyline", polyline([0, 0], [0, value]), "points[1]") for value in NOT_NUMBERS],
    *[("skeleton", skeleton(head={**SEEN, "x": value}, tail=GONE), "points.head.x") for value in NOT_NUMBERS],
    ("bounding_box", None, ""),
    ("bounding_box", [0, 0, 1, 1], ""),
    ("bounding_box", {"x": 0, "y": 0, "w": 1, "h": 1}, "type"),
    ("bounding_box", polygon(RING), "type"),
    ("bounding_box", {"type": "bounding_box", "x": 0, "y": 0, "w": 1}, "h"),
    ("bounding_box", box(0, 0, 1, 1) | {"score": 1}, ""),
    ("bounding_box", box(-0.1, 0, 0.2, 0.1), "x"),
    ("bounding_box", box(0.9, 0, 0.2, 0.1), "w"),
    ("bounding_box", box(0, 0.9, 0.2, 0.2), "h"),
    ("bounding_box", box(0, 0, 0, 0.1), "w"),
    ("bounding_box", box(0, 0, 0.1, 0), "h"),
    ("bounding_box", box(0.5, 0, -0.1, 0.1), "w"),
    ("rotatable_bounding_box", turned(w=0), "w"),
    ("rotatable_bounding_box", turned(x=0.95), "x"),
    ("rotatable_bounding_box", turned(y=-0.5), "y"),
    ("rotatable_bounding_box", turned(w=1e6), "w"),
    ("rotatable_bounding_box", turned(theta=1e6), "theta"),
    ("polygon", {"type": "polygon", "parts": []}, "parts"),
    ("polygon", {"type": "polygon", "parts": RING[0]}, "parts[0]"),
    ("polygon", {"type": "polygon", "parts": [[]]}, "parts[0]"),
    ("polygon", polygon([]), "parts[0][0]"),
    ("polygon", polygon(RING[:2]), "parts[0][0]"),
    ("polygon", polygon([[0, 0], [0.5, 0.5], [1, 1]]), "parts[0][0]"),
    ("polygon", polygon([*RING, [0.5, 1.5]]), "parts[0][0][3]"),
    ("polygon", polygon([*RING, [0.5]]), "parts[0][0][3]"),
    ("polygon", polygon([*RING, [0.5, 0.5, 0.5]]), "parts[0][0][3]"),
    ("polygon", polygon([*RING, {"x": 0.5, "y": 0.5}]), "parts[0][0][3]"),
    ("polygon", polygon(RING, [[0.4, 0.2]]), "parts[0][1]"),
    ("polygon", polygon(circle(MAX_POLYGON_VERTICES + 1)), "parts[0][0]"),
    ("polygon", polygon(circle(MAX_POLYGON_VERTICES - 2), RING), "parts[0][1]"),
    ("polyline", polyline(), "points"),
    ("polyline", polyline([0.1, 0.1]), "points"),
    ("polyline", polyline([0.1, 0.1], [0.1, 0.1]), "points"),
    ("polyline", polyline([0.1, 0.1], [0.1, -0.1]), "points[1]"),
    ("polyline", polyline(*circle(MAX_POLYLINE_VERTICES + 1)), "points"),
    ("polyline", {"type": "polyline", "points": "0,0 1,1"}, "points"),
    ("point", {"type": "point", "x": 1.1, "y": 0}, "x"),
    ("point", {"type": "point", "x": 0.5}, "y"),
    ("skeleton", skeleton(), "points"),
    ("skeleton", {"type": "skeleton", "points": [SEEN]}, "points"),
    ("skeleton", skeleton(head=SEEN), "points"),
    ("skeleton", skeleton(head=SEEN, tail=GONE, wing=SEEN), "points.wing"),
    ("skeleton", skeleton(head={**SEEN, "v": 3}, tail=GONE), "points.head.v"),
    ("skeleton", skeleton(head={**SEEN, "v": True}, tail=GONE), "points.head.v"),
    ("skeleton", skeleton(head={**SEEN, "v": 1.0}, tail=GONE), "points.head.v"),
    ("skeleton", skeleton(head={"x": 0.5, "y": 0.5}, tail=GONE), "points.head"),
    ("skeleton", skeleton(head={**SEEN, "z": 0}, tail=GONE), "points.head"),
    ("skeleton", skeleton(head={**SEEN, "y": 1.5}, tail=GONE), "points.head.y"),
    ("bitmask", mask("039", size=(WIDTH, HEIGHT)), "size"),
    ("bitmask", mask("039", size=(HEIGHT, True)), "size"),
    ("bitmask", mask("039", size=(HEIGHT,)), "size"),
    ("bitmask", mask("039", size="3x4"), "size"),
    ("bitmask", mask([0, 3, 9]), "counts"),
    ("bitmask", mask(""), "counts"),
    ("bitmask", mask("038"), "counts"),
    ("bitmask", mask("03:"), "counts"),
    ("bitmask", mask("0\u20ac9"), "counts"),
    ("bitmask", mask("0" * 3_000_000), "counts"),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_can_be_drawn_is_stored_as_it_was_sent(task, shape):
    save(task, shape, GOOD[shape])
    (instance,) = document_of_task(task)[0]["objects"]
    assert instance["labels"][0]["geometry"] == GOOD[shape]


@pytest.mark.parametrize(("shape", "geometry", "place"), BAD)
def test_a_bad_geometry_is_refused_with_the_path_of_the_offending_value(task, shape, geometry, place):
    with pytest.raises(InvalidLabels) as error:
        save(task, shape, geometry)
    path = "upserts.labels[0].geometry" + (f".{place}" if place else "")
    assert path in [problem.path for problem in error.value.problems]
    assert not Instance.objects.exists()


def test_what_lies_on_top_is_kept_and_left_out_where_nobody_chose(task):
    save(task, "point", GOOD["point"], z=3)
    (instance,) = document_of_task(task)[0]["objects"]
    assert instance["z"] == 3
    again = {"id": "o1", "kind": "object", "node": NODES["point"], "answers": {}, "z": 0}
    save_labels(task=task, actor=task.assignee, revision=1, upserts={"instances": [again]}, deletes={})
    (instance,) = document_of_task(task)[0]["objects"]
    assert "z" not in instance


@pytest.mark.parametrize("order", [True, 1.0, "1", None, 10**7])
def test_an_order_that_is_no_whole_number_is_refused(task, order):
    with pytest.raises(InvalidLabels) as error:
        save(task, "point", GOOD["point"], z=order)
    assert [problem.path for problem in error.value.problems] == ["upserts.instances[0].z"]
