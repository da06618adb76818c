import assert from "node:assert/strict";
import test from "node:test";
import { createCommands } from "../../../static/js/editor/commands.js";
import { collisions, isReserved, keyWords, mayChange, ownKeys } from "../../../static/js/editor/key_bindings.js";
import { createOntology } from "../../../static/js/editor/ontology.js";
import { cleanSettings } from "../../../static/js/editor/settings.js";
import { createTouch } from "../../../static/js/editor/touch.js";

const event = (key, more = {}) => ({ key, code: "", target: {}, preventDefault() {}, ...more });

function commandsWith(ran) {
  const commands = createCommands();
  const command = (id, key, more = {}) => ({ id, group: "Tools", label: id, keys: [key], run: () => ran.push(id), ...more });
  commands.add([command("box", "b"), command("line", "l"), command("smaller", "["), command("left", "[")]);
  return commands;
}

test("a person's key replaces the usual one, an empty one takes it away", () => {
  const ran = [];
  const commands = commandsWith(ran);
  commands.rebind({ box: "q", line: "" });
  for (const key of ["b", "q", "l"]) commands.onKey(event(key));
  assert.deepEqual(ran, ["box"]);
  commands.rebind({});
  commands.onKey(event("b"));
  assert.deepEqual(ran, ["box", "box"]);
});

test("a key that is taken collides, one that is shared from the start does not", () => {
  const commands = commandsWith([]);
  const get = (id) => commands.get(id);
  assert.deepEqual(collisions(commands.list(), get("box"), "l").map(({ id }) => id), ["line"]);
  assert.deepEqual(collisions(commands.list(), get("left"), "["), []);
  assert.deepEqual(collisions(commands.list(), get("box"), "x"), []);
});

test("keys of classes, of the browser and of explanations stay as they are", () => {
  const row = (group, key) => ({ group, label: "", defaultKeys: [key] });
  assert.equal(mayChange(row("Tools", "b")), true);
  assert.equal(mayChange(row("Classes", "1")), false);
  assert.equal(mayChange(row("Draw", "shift+arrows")), false);
  assert.equal(mayChange(row(null, "b")), false);
  assert.ok(isReserved("ctrl+w") && isReserved("escape") && !isReserved("ctrl+s"));
});

test("settings keep keys and known values of the right kind only", () => {
  const clean = cleanSettings({ "key:box": "q", "key:line": 3, crosshair: false, snap: "yes", brush: NaN, other: 1 });
  assert.deepEqual(clean, { "key:box": "q", crosshair: false });
  assert.deepEqual(ownKeys(clean), { box: "q" });
});

test("keys are written as on key caps", () => {
  assert.deepEqual(keyWords("ctrl+shift+z"), ["Ctrl", "Shift", "Z"]);
  assert.deepEqual(keyWords("+"), ["+"]);
});

test("classes get the ontology's digits, letters with Alt, then the free digits; frame labels what they wish", () => {
  const object = (name, hotKey) => ({ name, featureNodeHash: name, shape: "point", hotKey });
  const { classes, classifications } = createOntology({
    objects: [object("a"), object("b", "1"), object("c", "q")],
    classifications: [{ featureNodeHash: "d", hotKey: "2", attributes: [{ name: "D" }] }],
  });
  assert.deepEqual(classes.map(({ key }) => key), ["3", "1", "alt+q"]);
  assert.deepEqual(classifications.map(({ key }) => key), ["2"]);
});

function touched() {
  const done = [];
  return {
    done,
    touch: createTouch({
      panBy: (dx, dy) => done.push(["pan", dx, dy]),
      zoomBy: (factor, at) => done.push(["zoom", factor, at.x, at.y]),
    }),
  };
}
const at = (x, y) => ({ x, y });

test("one finger draws; a second one moves and zooms, and neither draws until both are gone", () => {
  const { done, touch } = touched();
  assert.equal(touch.down({ id: 1, type: "touch", point: at(0, 0) }), false);
  assert.equal(touch.move({ id: 1, point: at(5, 0) }), false);
  assert.equal(touch.down({ id: 2, type: "touch", point: at(105, 0) }), true);
  assert.equal(touch.move({ id: 2, point: at(205, 0) }), true);
  assert.deepEqual(done, [
    ["pan", 50, 0],
    ["zoom", 2, 105, 0],
  ]);
  assert.equal(touch.up({ id: 2 }), true);
  assert.equal(touch.move({ id: 1, point: at(9, 9) }), true);
  assert.equal(touch.up({ id: 1 }), true);
  assert.equal(touch.down({ id: 3, type: "touch", point: at(0, 0) }), false);
});

test("beside a pen a finger moves the picture: the hand lies on the screen", () => {
  const { done, touch } = touched();
  assert.equal(touch.down({ id: 1, type: "pen", point: at(0, 0) }), false);
  assert.equal(touch.down({ id: 2, type: "touch", point: at(0, 0) }), true);
  touch.move({ id: 2, point: at(3, 4) });
  assert.deepEqual(done, [["pan", 3, 4]]);
  assert.equal(touch.move({ id: 1, point: at(1, 1) }), false);
});
