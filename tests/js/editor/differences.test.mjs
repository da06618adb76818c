import assert from "node:assert/strict";
import test from "node:test";
import { lostPoints, orderedDifferences } from "../../../static/js/editor/differences.js";
import { completeDocument } from "../../../static/js/editor/document.js";

const object = (id, node = "cell") => ({ id, node, answers: {}, labels: [] });
const gold = completeDocument({ objects: [object("g0"), object("g1"), object("g2")], classifications: [] });
const submitted = completeDocument({ objects: [object("s0"), object("s9")], classifications: [] });
const difference = (more) => ({
  outcome: "matched",
  gold_id: null,
  submitted_id: null,
  class_name: "Cell",
  color: "#D55E00",
  earned: 100,
  available: 100,
  ...more,
});

test("the most points lost come first, an extra label costs what it takes away", () => {
  const differences = [
    difference({ gold_id: "g0", submitted_id: "s0", earned: 90 }),
    difference({ gold_id: "g1", outcome: "missing", earned: 0 }),
    difference({ submitted_id: "s9", outcome: "extra", earned: -25, available: 0 }),
  ];
  const ordered = orderedDifferences(differences, gold, submitted);
  assert.deepEqual(
    ordered.map(({ name }) => name),
    ["Cell (1)", "Cell (1)", "Cell (0)"],
  );
  assert.deepEqual(ordered.map(lostPoints), [100, 25, 10]);
});

test("a match that lost nothing worth a point is not listed, an extra label always is", () => {
  const differences = [
    difference({ gold_id: "g0", submitted_id: "s0", earned: 99.8 }),
    difference({ submitted_id: "s9", outcome: "extra", earned: 0, available: 0 }),
  ];
  assert.deepEqual(
    orderedDifferences(differences, gold, submitted).map(({ outcome }) => outcome),
    ["extra"],
  );
});

test("a frame label has no number", () => {
  const [only] = orderedDifferences(
    [difference({ gold_id: "c1", class_name: "Smear quality", earned: 0 })],
    gold,
    submitted,
  );
  assert.equal(only.name, "Smear quality");
});
