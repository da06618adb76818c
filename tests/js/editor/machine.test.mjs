import assert from "node:assert/strict";
import test from "node:test";
import { extentOfRuns } from "../../../static/js/editor/run_length.js";
import { TOOLS } from "../../../static/js/editor/tools/index.js";
import { bench } from "../harness/bench.mjs";
import { ONTOLOGY } from "../harness/task.mjs";

const near = (actual, expected) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
const boxAt = (id, x, y, w, h) => ({
  id,
  node: "rbc00001",
  answers: {},
  labels: [{ frame: 0, keyframe: true, answers: {}, geometry: { type: "bounding_box", x, y, w, h } }],
});
const polygonOf = (id, ring) => ({
  id,
  node: "art00001",
  answers: {},
  labels: [{ frame: 0, keyframe: true, answers: {}, geometry: { type: "polygon", parts: [[ring]] } }],
});
const SQUARE = [
  [0.1, 0.1],
  [0.3, 0.1],
  [0.3, 0.5],
  [0.1, 0.5],
];

test("a drag draws a box, selects it and is one step", () => {
  const { session, drag, shape } = bench({ tool: "box" });
  drag([100, 100], [300, 200]);
  assert.deepEqual(shape(), { type: "bounding_box", x: 0.1, y: 0.2, w: 0.2, h: 0.2 });
  assert.deepEqual(session.state.selection, ["new1"]);
  assert.deepEqual(
    session.state.history.past.map(({ label }) => label),
    ["Draw Red blood cell"],
  );
});

test("two clicks draw the same box as a drag", () => {
  const { at, click, shape } = bench({ tool: "box" });
  click([300, 200]);
  at("move", [200, 150]);
  at("down", [100, 100]);
  assert.deepEqual(shape(), { type: "bounding_box", x: 0.1, y: 0.2, w: 0.2, h: 0.2 });
});

test("a box without an area is refused with a reason", () => {
  const { session, drag } = bench({ tool: "box" });
  drag([100, 100], [300, 100]);
  assert.equal(session.state.document.objects.length, 0);
  assert.match(session.state.announcement.text, /one pixel/);
});

test("Enter drops a box in the middle of the view", () => {
  const { machine, shape } = bench({ tool: "box" });
  machine.send({ type: "enter" });
  const { x, y, w, h } = shape();
  near(x + w / 2, 0.5);
  near(y + h / 2, 0.5);
});

test("Escape in the middle of a gesture leaves nothing behind", () => {
  const { session, machine, at } = bench({ tool: "box" });
  at("down", [100, 100]);
  at("move", [300, 200]);
  assert.equal(machine.isBusy, true);
  assert.equal(machine.cancel(), true);
  at("up", [300, 200]);
  assert.equal(session.state.document.objects.length, 0);
  assert.equal(machine.draft, null);
});

test("changing the tool drops the draft", () => {
  const { machine, at } = bench({ tool: "polygon", cls: "art00001" });
  at("down", [100, 100]);
  machine.use("select");
  assert.equal(machine.draft, null);
  assert.equal(machine.state, "idle");
});

test("a drawing tool without a class of its shape says so", () => {
  const { session, at } = bench({ tool: "polygon", cls: "rbc00001" });
  at("down", [100, 100]);
  assert.match(session.state.announcement.text, /Choose a class/);
});

const CORNERS = [
  [100, 100],
  [300, 100],
  [300, 300],
  [100, 300],
];

test("clicks draw a polygon; the first point, Enter and a double click finish it", () => {
  for (const finish of ["first", "enter", "double"]) {
    const { machine, at, click, shape } = bench({ tool: "polygon", cls: "art00001" });
    CORNERS.forEach((corner) => click(corner));
    if (finish === "first") at("down", [103, 102]);
    if (finish === "enter") machine.send({ type: "enter" });
    if (finish === "double") {
      click(CORNERS[3]);
      at("double", CORNERS[3]);
    }
    assert.equal(shape().parts[0][0].length, 4, finish);
    assert.equal(machine.state, "idle");
  }
});

test("Backspace takes points back, at last the whole drawing", () => {
  const { machine, click } = bench({ tool: "polygon", cls: "art00001" });
  CORNERS.slice(0, 2).forEach((corner) => click(corner));
  machine.send({ type: "back" });
  assert.equal(machine.draft.points.length, 1);
  machine.send({ type: "back" });
  assert.equal(machine.state, "idle");
});

test("an edge that crosses the outline is not added", () => {
  const { session, machine, click } = bench({ tool: "polygon", cls: "art00001" });
  for (const corner of [
    [100, 100],
    [300, 100],
    [300, 300],
    [200, 50],
  ])
    click(corner);
  assert.equal(machine.draft.points.length, 3);
  assert.match(session.state.announcement.text, /cross itself/);
});

test("a polygon of two points is not finished", () => {
  const { session, machine, click } = bench({ tool: "polygon", cls: "art00001" });
  CORNERS.slice(0, 2).forEach((corner) => click(corner));
  machine.send({ type: "enter" });
  assert.equal(session.state.document.objects.length, 0);
  assert.equal(machine.isBusy, true);
});

test("dragging draws a free-hand outline", () => {
  const { machine, at } = bench({ tool: "polygon", cls: "art00001" });
  at("down", [100, 100]);
  for (let x = 110; x <= 200; x += 10) at("move", [x, 100 + (x % 20)]);
  assert.ok(machine.draft.points.length > 5);
});

test("a drag moves the selected shape, stopped at the frame", () => {
  const { session, drag, shape } = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)] });
  drag([150, 150], [250, 200]);
  near(shape().x, 0.2);
  near(shape().y, 0.3);
  drag([250, 200], [2000, 200]);
  near(shape().x, 0.8);
  assert.equal(session.state.history.past.length, 2);
});

test("a click that moves less than a few pixels only selects", () => {
  const { session, drag, shape } = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)] });
  drag([150, 150], [152, 150]);
  near(shape().x, 0.1);
  assert.deepEqual(session.state.selection, ["a"]);
  assert.equal(session.state.history.past.length, 0);
});

test("a corner handle resizes", () => {
  const { session, drag, shape } = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)] });
  session.select(["a"]);
  drag([300, 200], [400, 300]);
  assert.deepEqual(
    [shape().w, shape().h].map((value) => value.toFixed(4)),
    ["0.3000", "0.4000"],
  );
});

test("a locked shape neither moves nor resizes", () => {
  const { session, drag, shape } = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)] });
  session.select(["a"]);
  session.toggle("locked", ["a"]);
  drag([150, 150], [250, 200]);
  drag([300, 200], [400, 300]);
  assert.deepEqual(shape(), { type: "bounding_box", x: 0.1, y: 0.2, w: 0.2, h: 0.2 });
});

test("a hidden shape is not hit", () => {
  const { session, click } = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)] });
  session.toggle("hidden", ["a"]);
  click([150, 150]);
  assert.deepEqual(session.state.selection, []);
});

test("a vertex is moved, a middle handle adds one, Alt takes one away", () => {
  const { session, drag, at, shape } = bench({ objects: [polygonOf("p", SQUARE)] });
  session.select(["p"]);
  drag([100, 50], [120, 60]);
  assert.deepEqual(shape().parts[0][0][0], [0.12, 0.12]);
  drag([300, 150], [350, 150]);
  assert.equal(shape().parts[0][0].length, 5);
  assert.deepEqual(shape().parts[0][0][2], [0.35, 0.3]);
  at("down", [350, 150], { alt: true });
  assert.equal(shape().parts[0][0].length, 4);
  assert.deepEqual(
    session.state.history.past.map(({ label }) => label),
    ["Reshape Stain artefact (0)", "Add point to Stain artefact (0)", "Delete point of Stain artefact (0)"],
  );
});

test("a vertex dropped where the outline would cross itself goes back", () => {
  const { session, drag, shape } = bench({ objects: [polygonOf("p", SQUARE)] });
  session.select(["p"]);
  drag([100, 50], [400, 150]);
  assert.deepEqual(shape().parts[0][0], SQUARE);
  assert.match(session.state.announcement.text, /cross itself: not changed/);
});

test("a box around shapes selects them, Shift adds and removes", () => {
  const { session, drag, click } = bench({
    objects: [boxAt("a", 0.1, 0.2, 0.1, 0.1), boxAt("b", 0.3, 0.2, 0.1, 0.1), boxAt("c", 0.8, 0.2, 0.1, 0.1)],
  });
  drag([50, 50], [500, 300]);
  assert.deepEqual(session.state.selection, ["a", "b"]);
  click([850, 125], { shift: true });
  assert.deepEqual(session.state.selection, ["a", "b", "c"]);
  click([150, 125], { shift: true });
  assert.deepEqual(session.state.selection, ["b", "c"]);
});

test("several shapes move together in one step", () => {
  const { session, drag } = bench({
    objects: [boxAt("a", 0.1, 0.2, 0.1, 0.1), boxAt("b", 0.3, 0.2, 0.1, 0.1)],
  });
  session.select(["a", "b"]);
  drag([150, 125], [250, 125]);
  assert.deepEqual(
    session.state.document.objects.map((object) => object.labels[0].geometry.x.toFixed(4)),
    ["0.2000", "0.4000"],
  );
  assert.deepEqual(
    session.state.history.past.map(({ label }) => label),
    ["Move 2 labels"],
  );
});

test("where nothing may be changed, a drag moves the picture", () => {
  const { drag, shape, panned } = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)], canEdit: false });
  drag([150, 150], [250, 200]);
  near(shape().x, 0.1);
  assert.ok(panned.length > 0);
});

test("undo takes a gesture back and selects what it changed", () => {
  const { session, drag, shape } = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)] });
  drag([150, 150], [250, 200]);
  session.select([]);
  session.undo();
  near(shape().x, 0.1);
  assert.deepEqual(session.state.selection, ["a"]);
  session.redo();
  near(shape().x, 0.2);
});

test("every tool starts and rests in a state that it has, and answers Enter or needs no drawing", () => {
  for (const tool of TOOLS) {
    assert.ok(tool.states[tool.initial], tool.name);
    assert.ok(!tool.shape || tool.states[tool.initial].enter, `${tool.name} can be used by keyboard`);
  }
  assert.equal(new Set(TOOLS.map(({ key }) => key)).size, TOOLS.length);
});

const MASKS = {
  ...ONTOLOGY,
  objects: [
    {
      id: "1",
      name: "Cell",
      shape: "bitmask",
      featureNodeHash: "msk00001",
      color: "#009E73",
      attributes: [],
    },
  ],
};

function paintBench(tool) {
  const made = bench({ tool, cls: "msk00001", structure: MASKS });
  made.session.store.update({ settings: { ...made.session.state.settings, brush: 10 } });
  return made;
}

test("a brush stroke makes a mask, the next one adds to it, the eraser takes away", () => {
  const { session, machine, drag, shape } = paintBench("brush");
  drag([100, 100], [200, 100]);
  // A capsule of radius 10 and length 100: about 100 * 20 + pi * 100 = 2,314 pixels.
  const first = extentOfRuns(shape()).area;
  assert.ok(Math.abs(first - 2314) < 30, `${first}`);
  drag([100, 200], [200, 200]);
  assert.equal(session.state.document.objects.length, 1);
  assert.equal(extentOfRuns(shape()).area, 2 * first);
  machine.use("eraser");
  drag([90, 200], [210, 200]);
  assert.equal(extentOfRuns(shape()).area, first);
  drag([90, 100], [210, 100]);
  assert.equal(session.state.document.objects.length, 0);
  assert.deepEqual(
    session.state.history.past.map(({ label }) => label),
    ["Draw Cell", "Paint Cell (0)", "Erase from Cell (0)", "Erase from Cell (0)"],
  );
});

test("without a selected mask a stroke begins a new one and the eraser says what to do", () => {
  const { session, machine, drag } = paintBench("brush");
  drag([100, 100], [200, 100]);
  session.select([]);
  drag([100, 300], [200, 300]);
  assert.equal(session.state.document.objects.length, 2);
  session.select([]);
  machine.use("eraser");
  drag([100, 300], [200, 300]);
  assert.match(session.state.announcement.text, /Select the mask/);
});
