// The edited ontology as data.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as model from "../../static/js/ontology_model.js";

function sample() {
  return {
    objects: [
      {
        name: "Cell",
        color: "#0072B2",
        shape: "point",
        featureNodeHash: "cell",
        hotKey: "1",
        archived: false,
        attributes: [
          {
            name: "Kind",
            type: "radio",
            featureNodeHash: "kind",
            archived: false,
            options: [{ label: "Round", archived: false, options: [{ name: "Size", type: "numeric" }] }, { label: "Flat" }],
          },
        ],
      },
      { name: "Gone", shape: "polygon", archived: true, attributes: [] },
    ],
    classifications: [{ attributes: [{ name: "Quality", type: "text" }], archived: false }],
    skeleton_templates: [],
  };
}

test("every node is met once, with the path that the server uses", () => {
  const paths = [...model.walk(sample())].map((place) => place.path);
  assert.deepEqual(paths, [
    "objects[0]",
    "objects[0].attributes[0]",
    "objects[0].attributes[0].options[0]",
    "objects[0].attributes[0].options[0].options[0]",
    "objects[0].attributes[0].options[1]",
    "objects[1]",
    "classifications[0]",
    "classifications[0].attributes[0]",
  ]);
});

test("levels count attributes, not options", () => {
  const levels = Object.fromEntries([...model.walk(sample())].map((place) => [place.path, place.level]));
  assert.equal(levels["objects[0].attributes[0]"], 1);
  assert.equal(levels["objects[0].attributes[0].options[0].options[0]"], 2);
});

test("keys are given on opening and gone again on saving", () => {
  const opened = model.withKeys(sample());
  assert.equal(new Set([...model.walk(opened)].map((place) => place.node._key)).size, 8);
  assert.deepEqual(model.forSaving(opened), sample());
});

test("a problem finds its node and its field", () => {
  const opened = model.withKeys(sample());
  const option = opened.objects[0].attributes[0].options[1];
  assert.deepEqual(model.placeOf(opened, "objects[0].attributes[0].options[1].label"), { key: option._key, field: "label" });
  assert.deepEqual(model.placeOf(opened, "objects[0]"), { key: opened.objects[0]._key, field: "" });
  assert.deepEqual(model.placeOf(opened, "title"), { key: "", field: "title" });
});

test("a path that begins with the same digits is another node", () => {
  const opened = model.withKeys({ objects: Array.from({ length: 12 }, () => model.newObject("#000000")), classifications: [] });
  assert.equal(model.placeOf(opened, "objects[11].name").key, opened.objects[11]._key);
});

test("moving stays inside the list", () => {
  const list = ["a", "b", "c"];
  assert.equal(model.move(list, 0, -1), false);
  assert.equal(model.move(list, 0, 1), true);
  assert.deepEqual(list, ["b", "a", "c"]);
});

test("a change of type keeps options where the new type has them", () => {
  const attribute = model.withKeys(sample()).objects[0].attributes[0];
  model.changeType(attribute, "checklist");
  assert.equal(attribute.options.length, 2);
  assert.equal(attribute.options[0].options, undefined);
  model.changeType(attribute, "text");
  assert.equal("options" in attribute, false);
  model.changeType(attribute, "radio");
  assert.equal(attribute.options.length, 2);
});

test("new classes get the least used colour and the next free hot key", () => {
  const structure = sample();
  assert.equal(model.nextColor(structure.objects, ["#0072B2", "#D55E00"]), "#D55E00");
  assert.equal(model.nextColor([], ["#0072B2", "#D55E00"]), "#0072B2");
  assert.equal(model.nextHotKey(structure), "2");
  structure.objects = [..."123456789"].map((hotKey) => ({ hotKey }));
  assert.equal(model.nextHotKey(structure), "");
});

test("archived classes are not counted, and used nodes are known by their hash", () => {
  assert.deepEqual(model.counts(sample()), { objects: 1, classifications: 1 });
  assert.equal(model.isUsed({ featureNodeHash: "cell" }, new Set(["cell"])), true);
  assert.equal(model.isUsed({}, new Set([undefined])), false);
});
