import assert from "node:assert/strict";
import test from "node:test";
import { addObject, deleteObjects, setGeometry } from "../../../static/js/editor/actions.js";
import { diffOf } from "../../../static/js/editor/diff.js";
import { completeDocument, objectById } from "../../../static/js/editor/document.js";
import { between, sameShape } from "../../../static/js/editor/interpolate.js";
import { createSession } from "../../../static/js/editor/session.js";
import * as track from "../../../static/js/editor/track_actions.js";
import { isKey, keyBeside, labelAt, pulledRun, recomputed, runsOf, without } from "../../../static/js/editor/tracks.js";
import { ONTOLOGY } from "../harness/task.mjs";

const box = (x, y = 0.2) => ({ type: "bounding_box", x, y, w: 0.1, h: 0.2 });
const label = (frame, x, keyframe = true, answers = {}) => ({ frame, geometry: box(x), keyframe, answers });
const documentOf = (...labels) =>
  completeDocument({ objects: [{ id: "a", node: "rbc00001", answers: {}, labels }], classifications: [] });
const labelsOf = (document, id = "a") => objectById(document, id)?.labels ?? [];
const xs = (document, id) => labelsOf(document, id).map(({ geometry }) => geometry.x);
const frames = (document, id) => labelsOf(document, id).map(({ frame }) => frame);
const keys = (document, id) =>
  labelsOf(document, id)
    .filter(isKey)
    .map(({ frame }) => frame);
/** Key frames 0 (x 0.1) and 4 (x 0.5), the frames between them on the line. */
const moving = () =>
  documentOf(label(0, 0.1), label(1, 0.2, false), label(2, 0.3, false), label(3, 0.4, false), label(4, 0.5));

test("a box moves and grows in a straight line", () => {
  const half = between(box(0.1), { ...box(0.3, 0.6), w: 0.3 }, 0.5);
  assert.deepEqual(half, { type: "bounding_box", x: 0.2, y: 0.4, w: 0.2, h: 0.2 });
});

test("an angle takes the shorter way round", () => {
  const turned = (theta) => ({ ...box(0.1), type: "rotatable_bounding_box", theta });
  assert.equal(between(turned(170), turned(-170), 0.5).theta, 180);
  assert.equal(between(turned(170), turned(-170), 0.75).theta, -175);
  assert.equal(between(turned(-10), turned(30), 0.25).theta, 0);
});

test("outlines move point by point when they have the same points, and hold their shape otherwise", () => {
  const ring = (x, extra = []) => [[x, 0.1], [x + 0.2, 0.1], [x, 0.3], ...extra];
  const polygon = (...parts) => ({ type: "polygon", parts });
  const middle = between(polygon([ring(0.1)]), polygon([ring(0.3)]), 0.5);
  assert.deepEqual(middle.parts[0][0], [
    [0.2, 0.1],
    [0.4, 0.1],
    [0.2, 0.3],
  ]);
  const first = polygon([ring(0.1)]);
  assert.equal(between(first, polygon([ring(0.3, [[0.5, 0.5]])]), 0.5), first);
  assert.equal(between(first, polygon([ring(0.3)], [ring(0.6)]), 0.5), first);
  const line = (...points) => ({ type: "polyline", points });
  assert.deepEqual(between(line([0, 0], [1, 0]), line([0, 1], [1, 1]), 0.3).points, [
    [0, 0.3],
    [1, 0.3],
  ]);
  const mask = { type: "bitmask", size: [2, 2], counts: "04" };
  assert.equal(between(mask, { ...mask, counts: "13" }, 0.5), mask);
});

test("a skeleton's vertices keep the visibility of the earlier key frame; one out of the picture does not move", () => {
  const skeleton = (head, tail) => ({ type: "skeleton", points: { head, tail } });
  const a = skeleton({ x: 0.1, y: 0.1, v: 2 }, { x: 0.5, y: 0.5, v: 0 });
  const b = skeleton({ x: 0.3, y: 0.1, v: 1 }, { x: 0.9, y: 0.5, v: 2 });
  assert.deepEqual(between(a, b, 0.5).points, {
    head: { x: 0.2, y: 0.1, v: 2 },
    tail: { x: 0.5, y: 0.5, v: 0 },
  });
});

test("only the frames next to what was touched are recomputed", () => {
  const labels = [
    label(0, 0.1),
    label(1, 0.9, false),
    label(2, 0.3),
    label(3, 0.9, false),
    label(4, 0.5),
    label(5, 0.9, false),
    label(6, 0.7),
  ];
  const after = recomputed(labels, [4]);
  assert.deepEqual(
    after.map(({ geometry }) => geometry.x),
    [0.1, 0.9, 0.3, 0.4, 0.5, 0.6, 0.7],
  );
  assert.equal(after[1], labels[1]);
});

test("frames before the first and after the last key frame hold its shape, a gap is never bridged", () => {
  const labels = [label(0, 0, false), label(1, 0.2), label(2, 0, false), label(5, 0.4), label(6, 0, false)];
  assert.deepEqual(
    recomputed(labels, [1]).map(({ geometry }) => geometry.x),
    [0.2, 0.2, 0.2, 0.4, 0],
  );
});

test("rounding alone changes nothing, so nothing is sent for it", () => {
  const document = moving();
  const after = track.settled(document, track.addKeyframe(document, ["a"], 2, { fills: true }));
  const { upserts, deletes } = diffOf(document, after);
  assert.deepEqual(
    upserts.labels.map(({ frame }) => frame),
    [2],
  );
  assert.equal(deletes.labels.length, 0);
  assert.ok(sameShape(box(0.1), box(0.1 + 3e-7)));
  assert.ok(!sameShape(box(0.1), box(0.1 + 1e-5)));
});

test("moving an interpolated label makes it a key frame and bends the way on both sides", () => {
  const document = moving();
  const after = track.settled(document, setGeometry(document, "a", 2, box(0.5)));
  assert.deepEqual(xs(after), [0.1, 0.3, 0.5, 0.5, 0.5]);
  assert.deepEqual(keys(after), [0, 2, 4]);
});

test("a shape placed beyond the end is reached from the last frame; inside a gap it stands alone", () => {
  let document = documentOf(label(0, 0.1, true, { mood: "calm" }));
  document = track.placeShape(document, "a", 4, box(0.5), { fills: true });
  assert.deepEqual(xs(document), [0.1, 0.2, 0.3, 0.4, 0.5]);
  assert.deepEqual(keys(document), [0, 4]);
  assert.deepEqual(labelsOf(document)[4].answers, { mood: "calm" });
  const gap = documentOf(label(0, 0.1), label(9, 0.5));
  assert.deepEqual(frames(track.placeShape(gap, "a", 4, box(0.5), { fills: true })), [0, 4, 9]);
  assert.deepEqual(
    frames(track.placeShape(documentOf(label(0, 0.1)), "a", 4, box(0.5), { fills: false })),
    [0, 4],
  );
});

test("a removed key frame follows its neighbours; the last one stays", () => {
  const document = track.settled(moving(), setGeometry(moving(), "a", 2, box(0.5)));
  const after = track.settled(document, track.removeKeyframe(document, ["a"], 2));
  assert.deepEqual(xs(after), [0.1, 0.2, 0.3, 0.4, 0.5]);
  const held = track.settled(after, track.removeKeyframe(after, ["a"], 4));
  assert.deepEqual(xs(held), [0.1, 0.1, 0.1, 0.1, 0.1]);
  assert.equal(track.removeKeyframe(held, ["a"], 0), held);
});

test("deleting a range leaves the shapes at its edges as they were", () => {
  const document = moving();
  const after = track.settled(document, track.deleteRange(document, ["a"], [2, 2]));
  assert.deepEqual(frames(after), [0, 1, 3, 4]);
  assert.deepEqual(keys(after), [0, 1, 3, 4]);
  assert.deepEqual(xs(after), [0.1, 0.2, 0.4, 0.5]);
  assert.equal(objectById(track.deleteRange(document, ["a"], [0, 9]), "a"), null);
  assert.equal(track.deleteRange(document, ["a"], [7, 9]), document);
});

test("a run pulled inwards loses what is outside and keeps its shapes", () => {
  const before = moving();
  const after = track.settled(before, track.trimRun(before, "a", [0, 4], [1, 3]));
  assert.deepEqual(frames(after), [1, 2, 3]);
  assert.deepEqual(xs(after), [0.2, 0.3, 0.4]);
  assert.deepEqual(keys(after), [1, 3]);
});

test("a run pulled outwards holds the shapes of its ends, the other runs stay", () => {
  const before = documentOf(label(3, 0.1), label(4, 0.2), label(9, 0.7));
  const after = track.settled(before, track.trimRun(before, "a", [3, 4], [1, 6]));
  assert.deepEqual(frames(after), [1, 2, 3, 4, 5, 6, 9]);
  assert.deepEqual(xs(after), [0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.7]);
  assert.deepEqual(keys(after), [3, 4, 9]);
  assert.equal(track.trimRun(before, "a", [3, 4], [3, 4]), before);
});

test("an end is pulled as far as one frame before the next run, and never past the other end", () => {
  const runs = [
    [2, 5],
    [10, 20],
    [30, 31],
  ];
  assert.deepEqual(pulledRun(runs, runs[1], 0, 4, 100), [7, 20]);
  assert.deepEqual(pulledRun(runs, runs[1], 1, 90, 100), [10, 28]);
  assert.deepEqual(pulledRun(runs, runs[1], 0, 25, 100), [20, 20]);
  assert.deepEqual(pulledRun(runs, runs[1], 1, 3, 100), [10, 10]);
  assert.deepEqual(pulledRun(runs, runs[2], 1, 400, 100), [30, 99]);
  assert.deepEqual(pulledRun(runs, runs[0], 0, -3, 100), [0, 5]);
});

test("copying to a range replaces what is there; extending does not", () => {
  const document = track.copyToRange(moving(), ["a"], 0, [3, 6]);
  assert.deepEqual(frames(document), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(keys(document), [0, 3, 6]);
  assert.deepEqual(xs(document).slice(3), [0.1, 0.1, 0.1, 0.1]);
  const extended = track.extendTo(moving(), ["a"], 7);
  assert.deepEqual(frames(extended), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(xs(extended).slice(4), [0.5, 0.5, 0.5, 0.5]);
  const whole = moving();
  assert.equal(track.extendTo(whole, ["a"], 3), whole);
});

test("an instance is split in two at a frame, each part keeping its shapes", () => {
  const document = moving();
  const after = track.splitAt(document, "a", 2, "b");
  assert.deepEqual(
    [frames(after, "a"), frames(after, "b")],
    [
      [0, 1],
      [2, 3, 4],
    ],
  );
  assert.deepEqual(
    [keys(after, "a"), keys(after, "b")],
    [
      [0, 1],
      [2, 4],
    ],
  );
  assert.deepEqual([...xs(after, "a"), ...xs(after, "b")], xs(document));
  assert.equal(track.splitAt(document, "a", 0, "b"), document);
});

test("merging keeps the first instance's labels and answers where both have some", () => {
  let document = moving();
  document = addObject(document, {
    id: "b",
    node: "rbc00001",
    frame: 4,
    geometry: box(0.9),
    answers: { n: 2, m: 1 },
  });
  document = track.placeShape(document, "b", 6, box(0.7), { fills: true });
  document = {
    ...document,
    objects: document.objects.map((one) => (one.id === "a" ? { ...one, answers: { n: 1 } } : one)),
  };
  const after = track.mergeInto(document, "a", "b");
  assert.deepEqual(frames(after), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(xs(after), [0.1, 0.2, 0.3, 0.4, 0.5, 0.8, 0.7]);
  assert.deepEqual(keys(after), [0, 4, 5, 6]);
  assert.deepEqual(objectById(after, "a").answers, { n: 1, m: 1 });
  assert.equal(objectById(after, "b"), null);
});

test("out of view lasts until the next key frame; gaps can be filled again", () => {
  const document = track.settled(moving(), track.addKeyframe(moving(), ["a"], 3, { fills: true }));
  const after = track.leaveView(document, ["a"], 1);
  assert.deepEqual(frames(after), [0, 3, 4]);
  assert.deepEqual(xs(track.fillGaps(after, ["a"])), [0.1, 0.2, 0.3, 0.4, 0.5]);
  assert.deepEqual(frames(track.leaveView(documentOf(label(0, 0.1), label(1, 0.1, false)), ["a"], 1)), [0]);
});

test("runs, edges and neighbours of a track", () => {
  const labels = [label(0, 0), label(1, 0, false), label(4, 0), label(5, 0, false)];
  assert.deepEqual(runsOf(labels), [
    [0, 1],
    [4, 5],
  ]);
  assert.equal(keyBeside(labels, 4, -1).frame, 0);
  assert.equal(keyBeside(labels, 0, 1).frame, 4);
  assert.equal(keyBeside(labels, 4, 1), null);
  assert.equal(labelAt(labels, 5), labels[3]);
  assert.equal(labelAt(labels, 3), null);
  assert.equal(
    without(labels, () => false),
    labels,
  );
});

function videoSession(labels) {
  const config = {
    ontology: ONTOLOGY,
    document: { objects: [{ id: "a", node: "rbc00001", labels }], classifications: [] },
    media: { kind: "video", frame_count: 20, frame_url: "/f/{frame}", sizes: [[100, 100]], rate: 25 },
  };
  return createSession(config, { canEdit: true });
}

test("a step of the session interpolates, is undone as one, and goes back to its frame", () => {
  const session = videoSession([label(0, 0.1), label(1, 0.2, false), label(2, 0.3)]);
  session.go(2);
  session.commit({ label: "Move", change: (document) => setGeometry(document, "a", 2, box(0.5)) });
  assert.deepEqual(xs(session.state.document), [0.1, 0.3, 0.5]);
  session.go(11);
  session.undo();
  assert.equal(session.state.frame, 2);
  assert.deepEqual(xs(session.state.document), [0.1, 0.2, 0.3]);
  session.go(0);
  session.redo();
  assert.equal(session.state.frame, 2);
  assert.deepEqual(xs(session.state.document), [0.1, 0.3, 0.5]);
});

test("without interpolation a step changes its own frame only", () => {
  const session = videoSession([label(0, 0.1), label(1, 0.2, false), label(2, 0.3)]);
  session.store.update({ settings: { ...session.state.settings, interpolate: false } });
  session.commit({ label: "Move", change: (document) => setGeometry(document, "a", 2, box(0.5)) });
  assert.deepEqual(xs(session.state.document), [0.1, 0.2, 0.5]);
});

test("a label is deleted on this frame, the instance stays for the others", () => {
  const session = videoSession([label(0, 0.1), label(1, 0.2)]);
  session.select(["a"]);
  session.deleteHere();
  assert.deepEqual(frames(session.state.document), [1]);
  session.undo();
  session.deleteSelection();
  assert.deepEqual(session.state.document, deleteObjects(session.state.document, ["a"]));
});

test("a dense track of 1,500 frames is changed within a frame of the screen", () => {
  const many = Array.from({ length: 1500 }, (_, frame) => label(frame, 0.1 + frame / 3000, frame % 10 === 0));
  const document = documentOf(...many);
  const start = performance.now();
  track.settled(document, setGeometry(document, "a", 750, box(0.9)));
  assert.ok(performance.now() - start < 50, `${performance.now() - start} ms`);
});
