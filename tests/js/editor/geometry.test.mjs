import assert from "node:assert/strict";
import test from "node:test";
import * as geometry from "../../../static/js/editor/geometry.js";
import {
  contains,
  hitHandle,
  hitShape,
  outlineDistancePx,
  shapesInside,
} from "../../../static/js/editor/hit_test.js";
import { geometryProblem, ringCrossesItself } from "../../../static/js/editor/validity.js";
import { handlesOf, insertVertex, moveHandle, removeVertex } from "../../../static/js/editor/vertices.js";

const FRAME = { width: 200, height: 100 };
const box = (x, y, w, h) => ({ type: "bounding_box", x, y, w, h });
const polygon = (...rings) => ({ type: "polygon", parts: [rings] });
const SQUARE = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
  [0.1, 0.5],
];
const near = (actual, expected) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

test("a box between two corners is the same from any corner and stays in the frame", () => {
  const expected = { x: 0.2, y: 0.3, w: 0.4, h: 0.2 };
  assert.deepEqual(geometry.boxBetween({ x: 0.2, y: 0.3 }, { x: 0.6, y: 0.5 }), expected);
  assert.deepEqual(geometry.boxBetween({ x: 0.6, y: 0.5 }, { x: 0.2, y: 0.3 }), expected);
  assert.deepEqual(geometry.boxBetween({ x: -1, y: 0.5 }, { x: 0.25, y: 9 }), {
    x: 0,
    y: 0.5,
    w: 0.25,
    h: 0.5,
  });
});

test("a rotated box turns in pixels, not in relative units", () => {
  // 40 x 20 px around (100, 50): turned by 90 degrees it covers x 90..110 and y 30..70.
  const turned = { type: "rotatable_bounding_box", x: 0.4, y: 0.4, w: 0.2, h: 0.2, theta: 90 };
  const bounds = geometry.boundsOf(turned, FRAME);
  near(bounds.x, 90 / 200);
  near(bounds.w, 20 / 200);
  near(bounds.y, 30 / 100);
  near(bounds.h, 40 / 100);
});

test("moving stops at the frame and keeps the form", () => {
  const moved = geometry.translate(polygon(SQUARE), 0.9, -0.9, FRAME);
  const { x, y, w, h } = geometry.boundsOf(moved, FRAME);
  near(x + w, 1);
  near(y, 0);
  near(w, 0.4);
  near(h, 0.4);
  const still = box(0, 0, 1, 1);
  assert.equal(geometry.translate(still, 0.3, 0.3, FRAME), still);
});

test("areas are in square pixels and leave holes out", () => {
  const hole = [
    [0.2, 0.2],
    [0.3, 0.2],
    [0.3, 0.3],
    [0.2, 0.3],
  ];
  // 80 x 40 px minus 20 x 10 px
  near(geometry.areaPx(polygon(SQUARE, hole), FRAME), 3000);
  near(geometry.areaPx(box(0.1, 0.1, 0.5, 0.5), FRAME), 5000);
});

test("a size is described in pixels or points", () => {
  assert.equal(geometry.describe(box(0, 0, 0.5, 0.25), FRAME), "100 × 25 px");
  assert.equal(geometry.describe(polygon(SQUARE), FRAME), "4 points");
});

test("dragging a corner over the opposite one turns the box inside out, never negative", () => {
  const start = box(0.2, 0.2, 0.2, 0.2);
  const corner = handlesOf(start, FRAME).find(({ path }) => path === "nw");
  const over = moveHandle(start, corner, { x: 0.6, y: 0.7 }, FRAME);
  near(over.x, 0.4);
  near(over.y, 0.4);
  near(over.w, 0.2);
  near(over.h, 0.3);
  const flat = moveHandle(start, corner, { x: 0.4, y: 0.4 }, FRAME);
  near(flat.w, 1 / 200);
  near(flat.h, 1 / 100);
});

test("an edge of a turned box moves while the opposite one stays", () => {
  const start = { type: "rotatable_bounding_box", x: 0.4, y: 0.4, w: 0.2, h: 0.2, theta: 90 };
  // The "e" edge of the unturned box looks down after a quarter turn; it is pulled from y = 70 px to y = 90 px.
  const edge = handlesOf(start, FRAME).find(({ path }) => path === "e");
  near(edge.y, 0.7);
  const pulled = geometry.boundsOf(moveHandle(start, edge, { x: 0.5, y: 0.9 }, FRAME), FRAME);
  near(pulled.y, 0.3);
  near(pulled.y + pulled.h, 0.9);
  near(pulled.x, 90 / 200);
});

test("the turning handle points the box at the pointer", () => {
  const start = { type: "rotatable_bounding_box", x: 0.4, y: 0.4, w: 0.2, h: 0.2, theta: 0 };
  const handle = handlesOf(start, FRAME).find(({ kind }) => kind === "turn");
  near(moveHandle(start, handle, { x: 0.9, y: 0.5 }, FRAME).theta, 90);
  near(geometry.normalAngle(270), -90);
  near(geometry.normalAngle(-180), 180);
});

test("vertices are inserted and removed, but never below three", () => {
  const more = insertVertex(polygon(SQUARE), [0, 0, 1], { x: 0.3, y: 0.05 });
  assert.deepEqual(more.parts[0][0][1], [0.3, 0.05]);
  assert.equal(more.parts[0][0].length, 5);
  assert.deepEqual(removeVertex(more, [0, 0, 1]), polygon(SQUARE));
  assert.equal(removeVertex(polygon(SQUARE.slice(0, 3)), [0, 0, 1]), null);
});

test("removing a corner of a triangular hole removes the hole", () => {
  const hole = [
    [0.2, 0.2],
    [0.3, 0.2],
    [0.3, 0.3],
  ];
  assert.deepEqual(removeVertex(polygon(SQUARE, hole), [0, 1, 0]), polygon(SQUARE));
});

test("self-crossing and touching outlines are found, good ones are not", () => {
  assert.equal(ringCrossesItself(SQUARE), false);
  assert.equal(ringCrossesItself([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]), true);
  assert.equal(
    ringCrossesItself([
      [0, 0],
      [1, 0],
      [1, 1],
      [0.5, 0],
      [0, 1],
    ]),
    true,
  );
});

test("what must not be stored is refused in words", () => {
  assert.match(geometryProblem(box(0, 0, 0.001, 0.5), FRAME), /one pixel/);
  assert.match(
    geometryProblem(
      polygon([
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ]),
      FRAME,
    ),
    /no area/,
  );
  assert.match(
    geometryProblem(polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]), FRAME),
    /cross itself|no area/,
  );
  assert.equal(geometryProblem(polygon(SQUARE), FRAME), null);
});

test("a hole is not inside", () => {
  const ring = polygon(SQUARE, [
    [0.2, 0.2],
    [0.4, 0.2],
    [0.4, 0.4],
    [0.2, 0.4],
  ]);
  assert.equal(contains(ring, [0.15, 0.15], FRAME), true);
  assert.equal(contains(ring, [0.3, 0.3], FRAME), false);
});

test("a bitmask is hit on its pixels", () => {
  const mask = { type: "bitmask", size: [3, 4], counts: "02110O0O0" };
  assert.equal(contains(mask, [0.1, 0.1], FRAME), true);
  assert.equal(contains(mask, [0.9, 0.1], FRAME), false);
});

test("a click means the nearest outline, else the smallest shape around it", () => {
  const shapes = [
    { id: "large", geometry: box(0, 0, 1, 1) },
    { id: "small", geometry: box(0.4, 0.4, 0.2, 0.2) },
  ];
  assert.equal(hitShape(shapes, [0.5, 0.5], FRAME, 3), "small");
  assert.equal(hitShape(shapes, [0.2, 0.2], FRAME, 3), "large");
  assert.equal(hitShape([shapes[1]], [0.2, 0.2], FRAME, 3), null);
  // 2 px left of the small box's edge
  assert.equal(hitShape(shapes, [0.39, 0.5], FRAME, 3), "small");
});

test("distances are in pixels of the frame", () => {
  near(
    outlineDistancePx(
      {
        type: "polyline",
        points: [
          [0, 0],
          [1, 0],
        ],
      },
      [0.5, 0.2],
      FRAME,
    ),
    20,
  );
  near(outlineDistancePx({ type: "point", x: 0.5, y: 0.5 }, [0.6, 0.5], FRAME), 20);
});

test("a vertex is preferred to the middle of an edge", () => {
  const handles = [
    { kind: "middle", x: 0.5, y: 0.5 },
    { kind: "vertex", x: 0.51, y: 0.5 },
  ];
  assert.equal(hitHandle(handles, [0.5, 0.5], FRAME, 6).kind, "vertex");
});

test("a box selection takes what lies wholly inside", () => {
  const shapes = [
    { id: "in", geometry: box(0.2, 0.2, 0.1, 0.1) },
    { id: "half", geometry: box(0.45, 0.2, 0.2, 0.1) },
  ];
  assert.deepEqual(shapesInside(shapes, { x: 0.1, y: 0.1, w: 0.4, h: 0.4 }, FRAME), ["in"]);
});
