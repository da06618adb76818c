"""Crowded frames of every shape: similarities against GEOS and COCO's code, sums against scipy on the padded matrix.

Forty labels a side lie in heaps, so that whole columns of pairs go through the engine at once: a result that lands in
the wrong row shows. Similarities come from shapely and pycocotools used directly, one pair after the other.
"""

import math
import random
from functools import cache

import numpy as np
import pytest
import shapely
import shapely.affinity
from pycocotools import mask as coco
from pycocotools.cocoeval import COCOeval
from scipy.optimize import linear_sum_assignment

from scoring import Function, Ontology, Outcome, compare
from tests.scoring.builders import bitmask, document, object_class, template, thing

SIZE = (200, 150)
DIAGONAL = 250.0
FRAME = shapely.box(0, 0, *SIZE)
VERTICES = [f"v{number:02d}" for number in range(17)]  # COCO has 17
AREAS = ("box", "cell", "turned", "outline", "mask")
ITEMS = Ontology.from_structure(
    {
        "objects": [
            object_class("box", "bounding_box"),
            object_class("cell", "bounding_box"),
            object_class("turned", "rotatable_bounding_box"),
            object_class("outline", "polygon"),
            object_class("mask", "bitmask"),
            object_class("road", "polyline"),
            object_class("lane", "polyline"),
            object_class("spot", "point"),
            object_class("mark", "point"),
            object_class("cat", "skeleton"),
            object_class("dog", "skeleton"),
        ],
        "classifications": [],
        "skeleton_templates": [template("Cat", *VERTICES), template("Dog", *VERTICES)],
    }
)
GROUPS = (AREAS, ("road", "lane"), ("spot", "mark"), ("cat", "dog"))
LIMIT = {"area": 0.4, "line": 0.25, "point": 0.25, "skeleton": 0.25}


def px(geometry_type, **lengths):
    """A geometry from lengths in pixels."""
    scale = {"x": SIZE[0], "w": SIZE[0], "y": SIZE[1], "h": SIZE[1]}
    return {"type": geometry_type} | {key: value / scale[key] for key, value in lengths.items()}


def relative(points):
    return [[x / SIZE[0], y / SIZE[1]] for x, y in points]


class Drawn:
    """A label and the same thing for the oracles."""

    def __init__(self, rng, number, node, at):
        self.id, self.node = str(number), node
        x, y = at[0] + rng.gauss(0, 4), at[1] + rng.gauss(0, 4)
        w, h = rng.uniform(15, 45), rng.uniform(15, 40)
        box = shapely.box(x, y, x + w, y + h)
        if node in ("box", "cell"):
            self.geometry, self.outline = px("bounding_box", x=x, y=y, w=w, h=h), box
        elif node == "turned":
            theta = rng.uniform(-180, 180)
            self.geometry = px("rotatable_bounding_box", x=x, y=y, w=w, h=h) | {"theta": theta}
            self.outline = shapely.affinity.rotate(box, theta, origin="center")
        elif node == "outline":
            ring = [(x + rng.uniform(0, w), y + rng.uniform(0, h)) for _ in range(rng.randrange(3, 30))]
            around = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
            hole = [(x + w * 0.3, y + h * 0.2), (x + w * 0.8, y + h * 0.4), (x + w * 0.5, y + h * 0.8)]
            parts = rng.choice([[[ring]], [[around, hole]], [[around], [ring]], [[around]]])
            self.geometry = {"type": "polygon", "parts": [[relative(one) for one in part] for part in parts]}
            shapes = [[repaired(one) for one in part] for part in parts]
            self.outline = shapely.union_all(
                [outer.difference(shapely.union_all(rest)) for outer, *rest in shapes]
            )
        elif node == "mask":
            noise = np.random.default_rng(rng.randrange(2**32)).random(SIZE[::-1]) < 0.05
            self.pixels = covered(box) ^ (noise & covered(box.buffer(3)))
            self.geometry = bitmask(self.pixels)
        elif node in ("road", "lane"):
            points = [(x, y)] + [
                (x + rng.uniform(10, 80), y + rng.uniform(-5, 5)) for _ in range(rng.randrange(1, 5))
            ]
            self.geometry = {"type": "polyline", "points": relative(points)}
            self.outline = shapely.LineString(points).intersection(FRAME).buffer(DIAGONAL / 200, quad_segs=16)
        elif node in ("spot", "mark"):
            self.geometry, self.point = px("point", x=x, y=y), (x, y)
        else:
            self.vertices = [
                (x + rng.uniform(0, w), y + rng.uniform(0, h), rng.choice([0, 1, 2, 2])) for _ in VERTICES
            ]
            self.vertices[:2] = [(x, y, 2), (x + w, y + h, 2)]
            self.geometry = {
                "type": "skeleton",
                "points": {
                    name: px("", x=a, y=b) | {"v": v}
                    for name, (a, b, v) in zip(VERTICES, self.vertices, strict=True)
                },
            }
        if node in AREAS and node != "mask":
            self.outline = self.outline.intersection(FRAME)
            self.pixels = None

    def mask(self):
        if self.pixels is None:
            self.pixels = covered(self.outline)
        return self.pixels

    def area(self):
        return self.mask().sum() if self.node == "mask" else self.outline.area


def repaired(ring):
    return shapely.make_valid(shapely.Polygon(ring), method="linework")


def covered(outline):
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
    return shapely.contains_xy(outline, columns, rows)


def oracle(gold, own):
    if gold.node in AREAS:
        if "mask" in (gold.node, own.node):
            encoded = [coco.encode(np.asfortranarray(one.mask().astype(np.uint8))) for one in (gold, own)]
            return float(coco.iou([encoded[0]], [encoded[1]], [0])[0, 0])
        if gold.node in ("box", "cell") and own.node in ("box", "cell"):
            corners = [one.outline.bounds for one in (gold, own)]
            boxes = [np.array([[x0, y0, x1 - x0, y1 - y0]]) for x0, y0, x1, y1 in corners]
            return float(coco.iou(*boxes, [0])[0, 0])
    if gold.node in (*AREAS, "road", "lane"):
        shared = gold.outline.intersection(own.outline).area
        return shared / (gold.outline.area + own.outline.area - shared)
    if gold.node in ("spot", "mark"):
        return math.exp(-(math.dist(gold.point, own.point) ** 2) / (2 * (DIAGONAL / 100) ** 2))
    return oks(gold, own)


def oks(gold, own):
    """COCO's, with the area that the design gives; a vertex the submission hides is put far away."""
    seen = [(x, y) for x, y, v in gold.vertices if v]
    extent = [max(one) - min(one) for one in zip(*seen, strict=True)]
    evaluation = COCOeval(iouType="keypoints")
    evaluation.params.kpt_oks_sigmas = np.full(17, 0.05)
    evaluation.params.imgIds, evaluation.params.catIds, evaluation.params.maxDets = [1], [1], [20]
    flat = [[part for vertex in one.vertices for part in vertex] for one in (gold, own)]
    flat[1] = [part for x, y, v in own.vertices for part in ((x, y, v) if v else (1e6, 1e6, 0))]
    evaluation._gts[1, 1] = [
        {"keypoints": flat[0], "area": (extent[0] ** 2 + extent[1] ** 2) / 2, "bbox": [0, 0, 1, 1]}
    ]
    evaluation._dts[1, 1] = [{"keypoints": flat[1], "score": 1.0}]
    return float(evaluation.computeOks(1, 1)[0, 0])


@cache
def crowd(seed):
    """(gold, submission) in three or four heaps; a third of the submission repeats gold's classes nearby."""
    rng = random.Random(seed)
    heaps = [(rng.uniform(-5, 150), rng.uniform(-5, 110)) for _ in range(4)]
    nodes = [node for group in GROUPS for node in group]
    sides = []
    for start in (0, 1000):
        drawn = [Drawn(rng, start + number, rng.choice(nodes), rng.choice(heaps)) for number in range(40)]
        sides.append(drawn)
    return sides


@cache
def similarities(seed):
    """{(gold id, submitted id): oracle's similarity} of comparable labels."""
    gold, own = crowd(seed)
    return {
        (one.id, other.id): oracle(one, other)
        for one in gold
        for other in own
        if any(one.node in group and other.node in group for group in GROUPS)
    }


SEEDS = range(6)


@pytest.fixture(params=SEEDS, ids=lambda seed: f"crowd {seed}")
def crowded(request):
    gold, own = crowd(request.param)
    sides = [document(*(thing(one.id, one.node, one.geometry) for one in side)) for side in (gold, own)]
    function = Function.from_dict(ITEMS, {"small_side": 0})
    return gold, own, similarities(request.param), compare(ITEMS, function, *sides, [SIZE])


def test_similarities_in_a_crowd_are_those_of_geos_and_coco(crowded):
    _, _, expected, facts = crowded
    pairs = {
        (fact.gold_id, fact.submitted_id): fact.similarity
        for fact in facts.labels
        if fact.gold_id and fact.submitted_id
    }

    assert len(pairs) > 10
    assert pairs == pytest.approx({pair: expected[pair] for pair in pairs}, abs=1e-6)


def test_the_best_similarity_of_each_label_left_over_is_that_of_geos_and_coco(crowded):
    _, own, expected, facts = crowded
    left = [fact for fact in facts.labels if not fact.gold_id]
    best = {
        one.id: max(value for (_, other), value in expected.items() if other == one.id)
        for one in own
        if any(other == one.id for _, other in expected)
    }

    assert left
    for fact in left:
        if best[fact.submitted_id] >= 0.1:
            assert fact.outcome is Outcome.DUPLICATE
            assert fact.similarity == pytest.approx(best[fact.submitted_id], abs=1e-6)
        else:
            assert fact.outcome is Outcome.EXTRA


def test_the_sum_over_pairs_in_a_crowd_is_scipys_on_the_padded_matrix(crowded):
    gold, own, expected, facts = crowded
    node = {one.id: one.node for one in (*gold, *own)}
    family = {
        name: kind
        for group, kind in zip(GROUPS, ("area", "line", "point", "skeleton"), strict=True)
        for name in group
    }
    for outcomes, limit_of in (
        ((Outcome.MATCHED, Outcome.WRONG_CATEGORY), lambda one: LIMIT[family[one.node]]),
        ((Outcome.IMPRECISE,), lambda one: 0.1),
    ):
        padded = np.zeros((len(gold) + len(own),) * 2)
        for row, one in enumerate(gold):
            for column, other in enumerate(own):
                similarity = expected.get((one.id, other.id), 0.0)
                if similarity >= limit_of(one):
                    padded[row, column] = similarity + (0.1 if one.node == other.node else 0.0)
        best = padded[linear_sum_assignment(padded, maximize=True)].sum()
        pairs = [(fact.gold_id, fact.submitted_id) for fact in facts.labels if fact.outcome in outcomes]
        found = sum(expected[pair] + (0.1 if node[pair[0]] == node[pair[1]] else 0.0) for pair in pairs)

        assert found == pytest.approx(best, abs=1e-9)
        taken = {one for pair in pairs for one in pair}
        gold = [one for one in gold if one.id not in taken]
        own = [one for one in own if one.id not in taken]


def test_a_crowd_compared_by_itself_pairs_every_label_with_itself(crowded):
    gold, *_ = crowded
    side = document(*(thing(one.id, one.node, one.geometry) for one in gold))
    facts = compare(ITEMS, Function.from_dict(ITEMS, {}), side, side, [SIZE])

    assert all(fact.gold_id == fact.submitted_id for fact in facts.labels if not fact.reason)
    assert all(fact.similarity == 1 for fact in facts.labels if not fact.reason)


def test_many_frames_give_what_each_frame_gives_alone():
    """Six crowds as six frames of one task, against six tasks."""
    function = Function.from_dict(ITEMS, {})
    crowds = [crowd(seed) for seed in SEEDS]
    sides = [
        document(
            *(
                thing(f"{frame} {one.id}", one.node, {frame: one.geometry})
                for frame, pair in enumerate(crowds)
                for one in pair[index]
            )
        )
        for index in (0, 1)
    ]
    together = compare(ITEMS, function, *sides, [SIZE] * len(crowds))
    apart = []
    for frame, (gold, own) in enumerate(crowds):
        one, other = (
            document(*(thing(f"{frame} {label.id}", label.node, label.geometry) for label in side))
            for side in (gold, own)
        )
        for fact in compare(ITEMS, function, one, other, [SIZE]).labels:
            fact.frame = frame
            apart.append(fact)
    for fact in together.labels:
        fact.track_value = None  # a single picture has no tracks

    assert together.labels == apart
