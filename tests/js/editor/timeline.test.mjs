import assert from "node:assert/strict";
import test from "node:test";
import { framesOfDifferences, orderedDifferences } from "../../../static/js/editor/differences.js";
import { completeDocument } from "../../../static/js/editor/document.js";
import { createOntology } from "../../../static/js/editor/ontology.js";
import * as geometry from "../../../static/js/editor/timeline_geometry.js";
import { stopBeside, stretchAt, timelineRows, trackOf } from "../../../static/js/editor/timeline_rows.js";
import { refitted, toImage } from "../../../static/js/editor/viewport.js";
import { mediumOf, VIDEO_ONTOLOGY } from "../harness/media.mjs";

const ontology = createOntology(VIDEO_ONTOLOGY);
const video = (query = "") =>
  completeDocument(mediumOf(new URL(`http://test/?media=video${query}`)).document);
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test("all frames fit at first, and a place is the frame that is drawn there", () => {
  const view = geometry.fitView(1500, 1000);
  near(geometry.xOf(view, 0), geometry.PAD_PX);
  near(geometry.xOf(view, 1499), 1000 - geometry.PAD_PX);
  for (const frame of [0, 1, 750, 1499])
    assert.equal(geometry.frameAtX(view, geometry.xOf(view, frame), 1500), frame);
  assert.equal(geometry.frameAtX(view, -500, 1500), 0);
  assert.equal(geometry.frameAtX(view, 5000, 1500), 1499);
});

test("zooming keeps the frame under the pointer, and stops at both ends", () => {
  const view = geometry.fitView(1500, 1000);
  const at = geometry.xOf(view, 600);
  const near600 = geometry.zoomedAt(view, 8, at, 1500, 1000);
  near(geometry.xOf(near600, 600), at);
  const far = geometry.zoomedAt(near600, 1 / 1000, at, 1500, 1000);
  near(far.perFrame, view.perFrame);
  near(far.first, 0);
  const close = geometry.zoomedAt(near600, 1e6, at, 1500, 1000);
  assert.ok(close.perFrame <= 48);
});

test("a frame out of sight is scrolled to, one in sight moves nothing", () => {
  const view = geometry.zoomedAt(geometry.fitView(1500, 1000), 10, 0, 1500, 1000);
  assert.equal(geometry.showingFrame(view, 10, 1500, 1000), view);
  const moved = geometry.showingFrame(view, 1000, 1500, 1000);
  const x = geometry.xOf(moved, 1000);
  assert.ok(x > 0 && x < 1000);
});

test("ticks are whole steps that people count in, far enough apart to be read", () => {
  for (const count of [2, 24, 250, 1500, 100_000]) {
    const view = geometry.fitView(count, 1000);
    const major = geometry.ticks(view, count, 1000).filter((tick) => tick.major);
    assert.ok(major.length >= 1 && major.length <= 14, `${major.length} of ${count}`);
    for (const { frame } of major) assert.ok(Number.isInteger(frame));
  }
});

test("a frame is never as wide as the screen, and never too narrow to see", () => {
  near(geometry.barOf({ first: 0, perFrame: 500 }, [1, 1]).width, 14);
  near(geometry.barOf({ first: 0, perFrame: 0.1 }, [1, 1]).width, 3);
});

test("the ends of a bar are found under the pointer, the nearer one where bars are short or close", () => {
  const view = { first: 0, perFrame: 10 };
  const runs = [
    [2, 20],
    [23, 23],
  ];
  const at = (frame, by = 0) => geometry.endAt(view, runs, geometry.xOf(view, frame) + by);
  assert.deepEqual(at(2, -6), { run: runs[0], end: 0 });
  assert.deepEqual(at(20, 6), { run: runs[0], end: 1 });
  assert.equal(at(11), null);
  assert.equal(at(2, -30), null);
  assert.equal(at(23), null, "the middle of a single frame is free");
  assert.deepEqual(at(23, -6), { run: runs[1], end: 0 });
  assert.deepEqual(at(23, 6), { run: runs[1], end: 1 });
});

test("the stretch of a frame label around a frame is its range, or what is free between two", () => {
  const ranges = [
    { from: 5, to: 9, text: "a" },
    { from: 12, to: 20, text: "b" },
  ];
  assert.equal(stretchAt({ ranges }, 7, [[0, 99]]), ranges[0]);
  assert.deepEqual(stretchAt({ ranges }, 10, [[0, 99]]), { from: 10, to: 11 });
  assert.deepEqual(stretchAt({ ranges }, 0, [[0, 99]]), { from: 0, to: 4 });
  assert.deepEqual(stretchAt({ ranges }, 50, [[0, 60]]), { from: 21, to: 60 });
  assert.equal(stretchAt({ ranges }, 50, [[0, 40]]), null);
});

test("key frames are drawn as far as they can be told apart, rows as far as they are in sight", () => {
  const every = Array.from({ length: 1500 }, (_, frame) => frame);
  assert.ok(geometry.visibleKeys(geometry.fitView(1500, 1000), every, 1000).length <= 120);
  assert.deepEqual(geometry.visibleRows(0, 28 + 4 * 34, 50), [0, 5]);
  assert.deepEqual(geometry.visibleRows(34 * 48, 28 + 4 * 34, 50), [48, 50]);
});

test("rows: instances with their dynamic answers, then frame labels", () => {
  const rows = timelineRows(video(), ontology);
  assert.deepEqual(
    rows.map(({ kind, name }) => [kind, name]),
    [
      ["object", "Male fly (0)"],
      ["attribute", "Wing extended"],
      ["object", "Female fly (0)"],
      ["classification", "Behaviour"],
    ],
  );
  assert.deepEqual(rows[1].ranges, [{ from: 160, to: 199, text: "Yes", tint: 0 }]);
  assert.equal(rows[0].note, "250 frames");
  assert.match(rows[0].about, /Male fly \(0\), frames 0–249, 17 key frames/);
  assert.deepEqual(
    rows[3].ranges.map(({ from, to, text }) => [from, to, text]),
    [
      [0, 37, "None"],
      [38, 73, "Orienting"],
      [74, 162, "Chasing"],
      [163, 200, "Wing extension"],
      [201, 249, "Chasing"],
    ],
  );
  const folded = timelineRows(video(), ontology, new Set(["male"]));
  assert.equal(folded.length, 3);
});

test("a track is worked out once as long as its labels stay", () => {
  const [object] = video().objects;
  assert.equal(trackOf(object), trackOf({ ...object, answers: { x: 1 } }));
});

test("the next stop is the next key frame or change of a frame label", () => {
  const rows = timelineRows(video(), ontology);
  assert.equal(stopBeside(rows, 0, 1), 16);
  assert.equal(stopBeside(rows, 30, 1), 32);
  assert.equal(stopBeside(rows, 38, -1), 32);
  assert.equal(stopBeside(rows, 0, -1), null);
  assert.equal(stopBeside(rows.slice(2, 3), 0, 1), 24);
});

test("fifty tracks over 1,500 frames are turned into rows quickly, and at once after a change of one", () => {
  const document = video("&tracks=50");
  timelineRows(document, ontology);
  const [first, ...others] = document.objects;
  const changed = { ...document, objects: [{ ...first, labels: first.labels.slice(1) }, ...others] };
  const start = performance.now();
  timelineRows(changed, ontology);
  assert.ok(performance.now() - start < 60, `${performance.now() - start} ms`);
});

test("differences stand by frame, the most points first within one", () => {
  const difference = (frame, earned) => ({
    frame,
    earned,
    available: 100,
    outcome: "matched",
    class_name: "Fly",
    color: "#56B4E9",
  });
  const empty = completeDocument(null);
  const ordered = orderedDifferences(
    [difference(9, 50), difference(2, 80), difference(2, 10), difference(null, 0)],
    empty,
    empty,
    { byFrame: true },
  );
  assert.deepEqual(
    framesOfDifferences(ordered).map(({ frame, positions, lost }) => [frame, positions, lost]),
    [
      [null, [0], 100],
      [2, [1, 2], 110],
      [9, [3], 50],
    ],
  );
});

test("a frame of another size shows the same place as large beside the whole", () => {
  const screen = { width: 1000, height: 800 };
  const viewport = { scale: 4, x: -700, y: -400 };
  const [before, after] = [
    { width: 640, height: 480 },
    { width: 320, height: 240 },
  ];
  const moved = refitted(viewport, before, after, screen);
  near(moved.scale, 8);
  const middle = { x: 500, y: 400 };
  near(toImage(moved, middle).x / 320, toImage(viewport, middle).x / 640);
});
