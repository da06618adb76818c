import assert from "node:assert/strict";
import { test } from "node:test";

import { reviewGuard } from "../../../static/js/editor/review_guard.js";

const box = (x) => ({ type: "bounding_box", x, y: 0.1, w: 0.2, h: 0.2 });
const polygon = (...outer) => ({ type: "polygon", parts: [[outer]] });
const object = (id, geometry, more = {}) => ({
  id,
  node: "cell",
  answers: {},
  labels: [{ frame: 0, geometry, keyframe: true, answers: {} }],
  ...more,
});
const document = (...objects) => ({ objects, classifications: [] });
const { refusal, covers } = reviewGuard(["a"]);

test("a label of the review may be moved and answered", () => {
  assert.equal(refusal(document(object("a", box(0.1))), document(object("a", box(0.3)))), null);
  assert.equal(refusal(document(object("a", box(0.1))), document(object("a", box(0.1), { answers: { q: "1" } }))), null);
});

for (const [what, before, after, words] of [
  ["a new label", document(), document(object("n", box(0.1))), /adds no labels/],
  ["a deletion", document(object("a", box(0.1))), document(), /deletes nothing/],
  ["another class", document(object("a", box(0.1))), document(object("a", box(0.1), { node: "x" })), /class/],
  ["a label outside the review", document(object("b", box(0.1))), document(object("b", box(0.2))), /not in your review/],
  [
    "a new vertex",
    document(object("a", polygon([0, 0], [1, 0], [1, 1]))),
    document(object("a", polygon([0, 0], [1, 0], [1, 1], [0, 1]))),
    /nothing else/,
  ],
])
  test(`${what} is refused in words`, () => assert.match(refusal(before, after), words));

test("a moved vertex is a move", () => {
  const before = document(object("a", polygon([0, 0], [1, 0], [1, 1])));
  assert.equal(refusal(before, document(object("a", polygon([0, 0], [1, 0], [0.5, 1])))), null);
});

test("what is not in the review is not covered", () => assert.deepEqual(["a", "b"].map(covers), [true, false]));
