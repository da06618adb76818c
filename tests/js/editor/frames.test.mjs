import assert from "node:assert/strict";
import test from "node:test";
import { rememberPicture, storedPicture } from "../../../static/js/editor/adjustments.js";
import { createFrameCache } from "../../../static/js/editor/frame_cache.js";
import { clockOf, createMedia } from "../../../static/js/editor/media.js";
import { createPlayback } from "../../../static/js/editor/playback.js";
import { framesText, rangesOf, rangesText } from "../../../static/js/editor/ranges.js";
import { createSession } from "../../../static/js/editor/session.js";
import { draggedWindow, fullWindow, greyTable, paintGrey } from "../../../static/js/editor/window_level.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const VIDEO = { kind: "video", frame_count: 100, frame_url: "/f/{frame}/", sizes: [[64, 48]], rate: 25 };

/** A cache over pictures of one byte each whose loading is finished by hand. */
function cacheOf(options = {}) {
  const asked = [];
  const released = [];
  const pending = new Map();
  const cache = createFrameCache({
    count: 100,
    load: (frame, signal) =>
      new Promise((resolve, reject) => {
        asked.push(frame);
        pending.set(frame, { resolve: () => resolve({ frame }), reject });
        signal.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
      }),
    bytesOf: () => 1,
    release: ({ frame }) => released.push(frame),
    budget: 10,
    ahead: 4,
    behind: 2,
    parallel: 2,
    ...options,
  });
  const finish = async (...frames) => {
    for (const frame of frames) pending.get(frame).resolve();
    await settle();
  };
  return { cache, asked, released, finish, fail: (frame) => pending.get(frame).reject(new Error("no")) };
}

test("a video's frames have addresses, sizes and times", () => {
  const media = createMedia(VIDEO);
  assert.equal(media.url(7), "/f/7/");
  assert.deepEqual(media.size(99), { width: 64, height: 48 });
  assert.equal(media.timeMs(50), 2000);
  assert.equal(media.frameAt(1999), 49);
  assert.equal(media.frameAt(2000), 50);
  assert.equal(media.frameAt(1e9), 99);
  assert.equal(media.clampFrame(-3), 0);
  assert.equal(media.clampFrame(NaN), 0);
  assert.ok(media.isContinuous);
});

test("frames at irregular times are found by time", () => {
  const media = createMedia({ ...VIDEO, frame_count: 4, rate: null, times: [10, 50, 55, 200] });
  assert.deepEqual([0, 39, 40, 44, 46, 189, 190].map(media.frameAt), [0, 0, 1, 1, 2, 2, 3]);
});

test("a group is many frames without an order", () => {
  const group = createMedia({
    ...VIDEO,
    kind: "image_group",
    frame_count: 2,
    sizes: [
      [1, 2],
      [3, 4],
    ],
    rate: null,
  });
  assert.ok(group.isMany && !group.isContinuous);
  assert.deepEqual(group.size(1), { width: 3, height: 4 });
});

test("times and ranges in words", () => {
  assert.equal(clockOf(4480), "00:04.48");
  assert.equal(clockOf(3_725_000), "1:02:05.00");
  assert.deepEqual(rangesOf([0, 1, 2, 5, 7, 8]), [
    [0, 2],
    [5, 5],
    [7, 8],
  ]);
  assert.equal(
    rangesText([
      [0, 2],
      [5, 5],
      [7, 8],
    ]),
    "0–2, 5 and 1 more",
  );
  assert.equal(framesText([[5, 5]]), "frame 5");
  assert.equal(framesText([[0, 2]]), "frames 0–2");
});

test("the frame asked for is fetched first, then those ahead and behind by turns", async () => {
  const { cache, asked, finish } = cacheOf();
  const picture = cache.get(50);
  cache.aim(50, 1);
  assert.deepEqual(asked, [50, 51]);
  await finish(50);
  assert.deepEqual(await picture, { frame: 50 });
  await finish(51, 49);
  await finish(52, 48);
  assert.deepEqual(asked.slice(0, 6), [50, 51, 49, 52, 48, 53]);
});

test("going backwards turns the fetching round, and what is far away is given up", async () => {
  const { cache, asked, finish } = cacheOf();
  const left = cache.get(50);
  cache.aim(50, 1);
  cache.get(20);
  cache.aim(20, -1);
  await assert.rejects(left, { name: "AbortError" });
  await finish(20);
  await finish(19);
  assert.ok(asked.includes(19) && asked.includes(21));
  assert.equal(cache.peek(50), null);
});

test("the cache stays within its budget over a thousand steps and never drops the frame that is shown", async () => {
  const released = [];
  const cache = createFrameCache({
    count: 2000,
    load: async (frame) => ({ frame }),
    bytesOf: () => 1,
    release: ({ frame }) => released.push(frame),
    budget: 20,
  });
  let most = 0;
  for (let frame = 0; frame < 1000; frame += 1) {
    assert.deepEqual(await cache.get(frame), { frame });
    cache.aim(frame, 1);
    await settle();
    most = Math.max(most, cache.bytes);
    assert.ok(cache.has(frame));
  }
  assert.ok(most <= 20, `${most} pictures`);
  assert.ok(released.length > 900);
});

test("a step to a fetched frame needs no request", async () => {
  const { cache, asked, finish } = cacheOf();
  cache.get(0);
  cache.aim(0, 1);
  await finish(0, 1);
  const before = asked.filter((frame) => frame === 1).length;
  assert.deepEqual(cache.peek(1), { frame: 1 });
  assert.equal(asked.filter((frame) => frame === 1).length, before);
});

test("a frame that failed is asked for again; frames that do not exist yet are not", async () => {
  const { cache, asked, fail, finish } = cacheOf({ usable: () => 52 });
  const first = cache.get(50);
  cache.aim(50, 1);
  fail(50);
  await assert.rejects(first);
  const again = cache.get(50);
  await finish(50);
  assert.deepEqual(await again, { frame: 50 });
  await finish(51, 49);
  assert.ok(!asked.includes(52));
});

test("the window maps values to grey as DICOM says; inverted for MONOCHROME1", () => {
  const table = greyTable({ center: 40, width: 400 });
  const grey = (value) => table[value + 32768];
  assert.equal(grey(-161), 0);
  assert.equal(grey(240), 255);
  assert.ok(Math.abs(grey(40) - 128) <= 1);
  assert.equal(greyTable({ center: 40, width: 400 }, true)[-1000 + 32768], 255);
  const words = new Uint32Array(2);
  paintGrey(Int16Array.of(-1000, 3000), table, words);
  assert.deepEqual([...words], [0xff000000, 0xffffffff]);
});

test("dragging right widens the window, dragging down makes the picture brighter", () => {
  const range = { min: -1000, max: 3000 };
  const window = { center: 40, width: 400 };
  assert.deepEqual(draggedWindow(window, { dx: 10, dy: 0 }, range), { center: 40, width: 440 });
  assert.deepEqual(draggedWindow(window, { dx: 0, dy: 10 }, range), { center: 0, width: 400 });
  assert.equal(draggedWindow(window, { dx: -1e6, dy: 0 }, range).width, 1);
  assert.deepEqual(fullWindow(Int16Array.of(-5, 0, 10)), { center: 3, width: 16 });
});

test("playing keeps the pace by time, waits for frames and stops at the end", () => {
  const session = createSession({ ontology: {}, document: null, media: VIDEO }, { canEdit: false });
  const clock = { now: 0, next: null, there: 100 };
  const fake = {
    performance: { now: () => clock.now },
    requestAnimationFrame: (run) => (clock.next = run),
    cancelAnimationFrame: () => (clock.next = null),
  };
  const playback = createPlayback({ session, frames: { has: (frame) => frame < clock.there }, clock: fake });
  const at = (now) => {
    clock.now = now;
    session.store.update({ picture: { frame: session.state.frame, state: "ready", message: "" } });
    clock.next();
    return session.state.frame;
  };
  playback.start();
  assert.equal(at(39), 0);
  assert.equal(at(41), 1);
  assert.equal(at(200), 5);
  clock.there = 7;
  assert.equal(at(400), 6);
  assert.equal(at(480), 7);
  clock.there = 100;
  playback.setSpeed(2);
  assert.equal(at(500), 8);
  assert.equal(at(9000), 99);
  at(9001);
  assert.equal(session.state.playing, false);
});

test("a project's brightness and window are remembered for the session, nonsense is not", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const config = { ontology: {}, document: null, media: VIDEO, project: { title: "Flies" } };
  const session = createSession(config, { canEdit: true });
  session.store.update({
    settings: { ...session.state.settings, gamma: 150 },
    window: { center: 40, width: 400, invert: true },
  });
  rememberPicture(session, storage);
  assert.deepEqual(storedPicture(config, storage), {
    settings: { brightness: 100, contrast: 100, gamma: 150 },
    window: { center: 40, width: 400 },
  });
  assert.deepEqual(storedPicture({ project: { title: "Other" } }, storage), { settings: {}, window: null });
  kept.set(
    "annotrain-picture/Flies",
    '{"gamma": "x", "brightness": 9000, "window": {"center": 1, "width": 0}}',
  );
  assert.deepEqual(storedPicture(config, storage), { settings: {}, window: null });
});
