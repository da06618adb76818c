import assert from "node:assert/strict";
import test from "node:test";
import { extentOfRuns, geometryFromMask, maskFromGeometry } from "../../../static/js/editor/run_length.js";
import { createShapeEditing } from "../../../static/js/editor/shape_editing.js";
import { completed } from "../../../static/js/editor/skeletons.js";
import { bench, FRAME } from "../harness/bench.mjs";
import { FLY, ONTOLOGY } from "../harness/task.mjs";

const classOf = (shape, hash, more = {}) => ({
  id: "1",
  name: "Thing",
  shape,
  featureNodeHash: hash,
  color: "#009E73",
  attributes: [],
  ...more,
});
const FLIES = {
  ...ONTOLOGY,
  objects: [classOf("skeleton", "fly00001", { name: "Fly", skeletonTemplate: "fly" })],
  skeleton_templates: [FLY],
};
const MASKS = { ...ONTOLOGY, objects: [classOf("bitmask", "msk00001", { name: "Cell" })] };
const NAMES = Object.values(FLY.skeleton).map(({ name }) => name);

const object = (id, node, geometry, more = {}) => ({
  id,
  node,
  answers: {},
  labels: [{ frame: 0, keyframe: true, answers: {}, geometry }],
  ...more,
});
const polygon = (id, ...rings) => object(id, "art00001", { type: "polygon", parts: [rings] });
const square = (x, y, side) => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
];
const labels = (session) => session.state.history.past.map(({ label }) => label);
const shapesOf = (made) => createShapeEditing({ session: made.session, machine: made.machine });

// ------------------------------------------------------------ skeletons
const flies = (more = {}) => bench({ tool: "skeleton", cls: "fly00001", structure: FLIES, ...more });

test("clicks place the vertices of a skeleton in the order of its template", () => {
  const made = flies();
  NAMES.forEach((_, index) => made.click([100 + 10 * index, 100]));
  assert.deepEqual(Object.keys(made.shape().points), NAMES);
  assert.deepEqual(made.shape().points["left wing"], { x: 0.13, y: 0.2, v: 2 });
  assert.deepEqual(labels(made.session), ["Draw Fly"]);
});

test("a vertex can be left out, marked as hidden, taken back; Enter leaves out the rest", () => {
  const made = flies();
  made.click([100, 100]);
  made.machine.send({ type: "skip" });
  made.machine.send({ type: "hide" });
  made.click([120, 100]);
  made.click([130, 100]);
  made.machine.send({ type: "back" });
  assert.equal(made.machine.draft.next, "left wing");
  made.machine.send({ type: "enter" });
  assert.deepEqual(
    Object.values(made.shape().points).map(({ v }) => v),
    [2, 0, 1, 0, 0, 0, 0],
  );
});

test("a skeleton without any vertex is not drawn", () => {
  const made = flies();
  made.machine.send({ type: "skip" });
  made.machine.send({ type: "enter" });
  assert.equal(made.session.state.document.objects.length, 0);
  assert.match(made.session.state.announcement.text, /No vertex/);
});

test("a drag lays the whole template into a box, Enter into the middle of the view", () => {
  const made = flies();
  made.drag([100, 100], [300, 200]);
  assert.deepEqual(made.shape().points.thorax, { x: 0.2, y: 0.27, v: 2 });
  made.machine.send({ type: "enter" });
  assert.equal(made.session.state.document.objects.length, 2);
  assert.ok(Object.values(made.shape(1).points).every(({ v }) => v === 2));
});

const seenHead = () => completed({ vertices: NAMES.map((name) => ({ name })) }, { head: { x: 0.5, y: 0.5, v: 2 } });

test("a vertex that is not there is placed by a click once it is chosen", () => {
  const made = flies({ tool: "select", objects: [object("f", "fly00001", seenHead())] });
  made.session.select(["f"], ["thorax"]);
  made.click([200, 100]);
  assert.deepEqual(made.shape().points.thorax, { x: 0.2, y: 0.2, v: 2 });
  assert.deepEqual(made.session.state.vertex, ["thorax"]);
});

test("visibility changes by vertex; the last vertex that is there stays", () => {
  const made = flies({ tool: "select", objects: [object("f", "fly00001", seenHead())] });
  const shapes = shapesOf(made);
  made.session.select(["f"], ["head"]);
  shapes.toggleHidden();
  assert.equal(made.shape().points.head.v, 1);
  shapes.leaveOut();
  assert.equal(made.shape().points.head.v, 1);
  assert.match(made.session.state.announcement.text, /at least one vertex/);
  shapes.setVisibility(2, "thorax");
  assert.deepEqual(made.session.state.vertex, ["thorax"]);
  assert.match(made.session.state.announcement.text, /Click where thorax is/);
});

test("a class without a template says so instead of drawing", () => {
  const made = flies({ structure: { ...FLIES, skeleton_templates: [] } });
  made.click([100, 100]);
  assert.match(made.session.state.announcement.text, /no skeleton template/);
});

// ------------------------------------------------------------ polygons
const drawRing = (made, ring) => {
  ring.forEach(([x, y]) => made.click([x * FRAME.width, y * FRAME.height]));
  made.machine.send({ type: "enter" });
};
const inMode = (mode, ...objects) => {
  const made = bench({ tool: "polygon", cls: "art00001", objects });
  made.session.store.update({ outlineMode: mode });
  made.session.select(["p"]);
  return made;
};

test("a hole is cut inside the selected polygon, and only there", () => {
  const made = inMode("hole", polygon("p", square(0.1, 0.1, 0.5)));
  drawRing(made, square(0.2, 0.2, 0.1));
  assert.equal(made.shape().parts[0].length, 2);
  drawRing(made, square(0.5, 0.5, 0.2));
  assert.match(made.session.state.announcement.text, /inside the polygon/);
  made.machine.cancel();
  drawRing(made, square(0.25, 0.25, 0.1));
  assert.match(made.session.state.announcement.text, /touch another hole/);
  assert.deepEqual(labels(made.session), ["Cut a hole into Stain artefact (0)"]);
});

test("without a selected polygon there is nothing to cut a hole into", () => {
  const made = inMode("hole", polygon("p", square(0.1, 0.1, 0.5)));
  made.session.select([]);
  made.click([200, 100]);
  assert.match(made.session.state.announcement.text, /Select the polygon first/);
});

test("a part joins the polygon where it lies apart from the others", () => {
  const made = inMode("part", polygon("p", square(0.1, 0.1, 0.2)));
  drawRing(made, square(0.5, 0.5, 0.2));
  assert.equal(made.shape().parts.length, 2);
  drawRing(made, square(0.25, 0.25, 0.1));
  assert.match(made.session.state.announcement.text, /overlap/);
});

test("a cut makes two polygons; answers and holes go to the right side", () => {
  const made = inMode("cut", {
    ...polygon("p", square(0.2, 0.2, 0.4), square(0.3, 0.5, 0.05)),
    answers: { any: "x" },
  });
  made.click([150, 200]);
  made.click([700, 200]);
  made.machine.send({ type: "enter" });
  const [first, second] = made.session.state.document.objects;
  const areas = [first, second].map(({ labels: [label] }) => label.geometry.parts[0].length);
  assert.deepEqual(areas.sort(), [1, 2]);
  assert.deepEqual(second.answers, { any: "x" });
  assert.deepEqual(made.session.state.selection, [first.id, second.id]);
  made.session.undo();
  assert.equal(made.session.state.document.objects.length, 1);
});

test("a double click on an edge adds a vertex there", () => {
  const made = bench({ objects: [polygon("p", square(0.1, 0.1, 0.5))] });
  made.session.select(["p"]);
  made.at("double", [200, 50]);
  assert.deepEqual(made.shape().parts[0][0][1], [0.2, 0.1]);
});

test("a hole cannot be dragged out of its polygon", () => {
  const made = bench({ objects: [polygon("p", square(0.1, 0.1, 0.5), square(0.2, 0.2, 0.1))] });
  made.session.select(["p"]);
  made.drag([200, 100], [50, 30]);
  assert.deepEqual(made.shape().parts[0][1][0], [0.2, 0.2]);
  assert.match(made.session.state.announcement.text, /inside its polygon: not changed/);
});

test("what was wrong before may be repaired step by step", () => {
  const crossing = [
    [0.1, 0.1],
    [0.5, 0.5],
    [0.5, 0.1],
    [0.1, 0.5],
    [0.05, 0.3],
  ];
  const made = bench({ objects: [polygon("p", crossing)] });
  made.session.select(["p"]);
  made.drag([50, 150], [80, 150]);
  assert.deepEqual(made.shape().parts[0][0][4], [0.08, 0.3]);
});

test("the ring of the chosen vertex goes, but never the last part", () => {
  const made = bench({ objects: [polygon("p", square(0.1, 0.1, 0.5), square(0.2, 0.2, 0.1))] });
  const shapes = shapesOf(made);
  made.session.select(["p"], [0, 1, 0]);
  shapes.deleteRing();
  assert.equal(made.shape().parts[0].length, 1);
  made.session.select(["p"], [0, 0, 0]);
  shapes.deleteRing();
  assert.match(made.session.state.announcement.text, /last part/);
});

test("polygons apart are joined into one label and separated again", () => {
  const made = bench({
    objects: [polygon("p", square(0.1, 0.1, 0.2)), polygon("q", square(0.5, 0.5, 0.2))],
  });
  const shapes = shapesOf(made);
  made.session.select(["p", "q"]);
  shapes.merge();
  assert.deepEqual(
    made.session.state.document.objects.map(({ id }) => id),
    ["p"],
  );
  assert.equal(made.shape().parts.length, 2);
  shapes.split();
  assert.equal(made.session.state.document.objects.length, 2);
});

// ------------------------------------------------------------ masks
const maskOf = (paint, size = [FRAME.height, FRAME.width]) => {
  const mask = new Uint8Array(size[0] * size[1]);
  paint((x, y, w, h, value = 1) => {
    for (let row = y; row < y + h; row += 1) mask.fill(value, row * size[1] + x, row * size[1] + x + w);
  });
  return geometryFromMask(mask, size);
};
const masked = (...geometries) =>
  bench({
    tool: "brush",
    cls: "msk00001",
    structure: MASKS,
    objects: geometries.map((geometry, index) => object(`m${index}`, "msk00001", geometry)),
  });

test("an outline is filled into the selected mask", () => {
  const made = masked();
  made.machine.use("mask_outline");
  drawRing(made, square(0.1, 0.1, 0.1));
  // 100 x 50 pixels of a frame of 1000 x 500.
  assert.equal(extentOfRuns(made.shape()).area, 5000);
  drawRing(made, square(0.2, 0.1, 0.1));
  assert.equal(made.session.state.document.objects.length, 1);
  assert.equal(extentOfRuns(made.shape()).area, 10000);
});

test("Alt turns the brush round for one stroke", () => {
  const made = masked(maskOf((fill) => fill(100, 100, 100, 100)));
  made.session.select(["m0"]);
  made.session.store.update({ settings: { ...made.session.state.settings, brush: 10 } });
  made.drag([90, 150], [210, 150], { alt: true });
  assert.equal(extentOfRuns(made.shape()).area, 100 * 100 - 20 * 100);
  assert.deepEqual(labels(made.session), ["Erase from Cell (0)"]);
});

test("holes of a mask are filled, pieces become labels and one again", () => {
  const made = masked(
    maskOf((fill) => {
      fill(100, 100, 60, 60);
      fill(120, 120, 20, 20, 0);
      fill(300, 300, 10, 10);
    }),
  );
  const shapes = shapesOf(made);
  made.session.select(["m0"]);
  shapes.fillHoles();
  assert.equal(extentOfRuns(made.shape()).area, 3600 + 100);
  shapes.split();
  assert.deepEqual(
    made.session.state.document.objects.map(({ labels: [label] }) => extentOfRuns(label.geometry).area),
    [3600, 100],
  );
  shapes.merge();
  assert.equal(extentOfRuns(made.shape()).area, 3700);
});

test("a mask is dragged by whole pixels and stops at the frame", () => {
  const made = masked(maskOf((fill) => fill(100, 100, 50, 40)));
  made.machine.use("select");
  made.session.select(["m0"]);
  made.drag([120, 120], [150.4, 110.2]);
  assert.deepEqual(extentOfRuns(made.shape()).bounds, { x: 130, y: 90, w: 50, h: 40 });
  made.drag([150, 110], [2000, -500]);
  assert.deepEqual(extentOfRuns(made.shape()).bounds, { x: 950, y: 0, w: 50, h: 40 });
  assert.equal(maskFromGeometry(made.shape()).reduce((sum, value) => sum + value, 0), 2000);
});

// ------------------------------------------------------------ snapping, order, moving together
test("points snap to vertices and edges; Ctrl does the opposite of the setting", () => {
  const made = bench({ tool: "polygon", cls: "art00001", objects: [polygon("p", square(0.1, 0.1, 0.4))] });
  made.at("down", [104, 52], { ctrl: true });
  assert.deepEqual(made.machine.draft.points[0], [0.1, 0.1]);
  made.machine.cancel();
  made.at("down", [104, 52]);
  assert.deepEqual(made.machine.draft.points[0], [0.104, 0.104]);
  made.machine.cancel();
  made.session.store.update({ settings: { ...made.session.state.settings, snap: true } });
  made.at("down", [300, 55]);
  assert.deepEqual(made.machine.draft.points[0], [0.3, 0.1]);
  assert.equal(made.machine.draft.mark.kind, "edge");
});

const boxAt = (id, x, y, w, h) => object(id, "rbc00001", { type: "bounding_box", x, y, w, h });

test("what is brought to the front is hit first, whatever its size", () => {
  const made = bench({ objects: [boxAt("big", 0.1, 0.1, 0.5, 0.5), boxAt("small", 0.2, 0.2, 0.1, 0.1)] });
  made.click([250, 125]);
  assert.deepEqual(made.session.state.selection, ["small"]);
  made.session.select(["big"]);
  shapesOf(made).toFront();
  made.session.select([]);
  made.click([250, 125]);
  assert.deepEqual(made.session.state.selection, ["big"]);
  assert.equal(made.session.nameOf("big"), "Red blood cell (0)");
  assert.deepEqual(
    made.session.shapes().map(({ id }) => id),
    ["small", "big"],
  );
});

test("shapes that move together keep their distance at the frame", () => {
  const made = bench({ objects: [boxAt("a", 0.1, 0.2, 0.1, 0.1), boxAt("b", 0.3, 0.2, 0.1, 0.1)] });
  made.session.select(["a", "b"]);
  made.drag([150, 125], [-400, 125]);
  assert.deepEqual([made.shape(0).x, made.shape(1).x], [0, 0.2]);
});

test("Shift keeps the proportions of a box and turns in steps of 15 degrees", () => {
  const made = bench({ objects: [boxAt("a", 0.1, 0.2, 0.2, 0.2)] });
  made.session.select(["a"]);
  made.drag([300, 200], [400, 210], { shift: true });
  assert.ok(Math.abs(made.shape().w - 0.3) < 1e-9 && Math.abs(made.shape().h - 0.3) < 1e-9);
});

test("hiding the others and showing them again", () => {
  const made = bench({ objects: [boxAt("a", 0.1, 0.2, 0.1, 0.1), boxAt("b", 0.3, 0.2, 0.1, 0.1)] });
  const shapes = shapesOf(made);
  made.session.select(["a"]);
  shapes.isolate();
  assert.deepEqual([...made.session.state.hidden], ["b"]);
  shapes.isolate();
  assert.equal(made.session.state.hidden.size, 0);
});

test("seven hundred steps are undone one by one", () => {
  const made = bench({ objects: [boxAt("a", 0, 0.2, 0.1, 0.1)] });
  for (let step = 1; step <= 700; step += 1) {
    made.session.commit({
      label: `Step ${step}`,
      change: (document) => ({
        ...document,
        objects: [boxAt("a", step / 1000, 0.2, 0.1, 0.1)],
      }),
    });
  }
  for (let step = 700; step > 0; step -= 1) made.session.undo();
  assert.equal(made.shape().x, 0);
});
