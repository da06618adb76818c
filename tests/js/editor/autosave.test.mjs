import assert from "node:assert/strict";
import test from "node:test";
import { addObject } from "../../../static/js/editor/actions.js";
import { createAutosave, DELAY_MS } from "../../../static/js/editor/autosave.js";
import { draftVerdict } from "../../../static/js/editor/draft_verdict.js";
import { applied, differingFrames, diffOf, isEmptyDiff } from "../../../static/js/editor/diff.js";
import { completeDocument } from "../../../static/js/editor/document.js";
import { createTask } from "../harness/task.mjs";

const BOX = { type: "bounding_box", x: 0.1, y: 0.1, w: 0.2, h: 0.2 };

/** Time that stands still until it is told to go on. */
function handClock() {
  let now = 0;
  let timers = [];
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return timer;
    },
    cancel: (timer) => (timers = timers.filter((other) => other !== timer)),
    async pass(ms) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
  };
}

/** The harness's task behind the wire of the save API; `trouble` is answered instead of the task when set. */
async function bench() {
  const task = await createTask({ key: "t", url: new URL("http://test/") });
  task.document = { objects: [], classifications: [] };
  const wire = { trouble: null, requests: [] };
  const api = {
    async post(url, body) {
      wire.requests.push({ url, body: structuredClone(body) });
      if (wire.trouble) return wire.trouble;
      const [status, answer] = task[url](structuredClone(body));
      return { status, body: answer };
    },
  };
  const drafts = {
    kept: null,
    keep: async (draft) => void (drafts.kept = draft),
    clear: async () => void (drafts.kept = null),
  };
  const clock = handClock();
  const states = [];
  const stops = [];
  const page = { document: completeDocument(task.document) };
  const autosave = createAutosave({
    api,
    endpoints: { save: "save", submit: "submit" },
    drafts,
    getDocument: () => page.document,
    base: page.document,
    revision: task.revision,
    onState: ({ state }) => states.push(state),
    onStop: (details) => stops.push(details),
    clock,
  });
  const draw = (id) => {
    page.document = addObject(page.document, { id, node: "rbc00001", frame: 0, geometry: BOX });
    autosave.changed();
  };
  const stored = () => task.document.objects.map(({ id }) => id);
  return { task, wire, drafts, clock, states, stops, page, autosave, draw, stored };
}

test("a change is kept locally at once and sent two seconds later", async () => {
  const { drafts, clock, draw, stored, states } = await bench();
  draw("a");
  assert.equal(drafts.kept.document.objects.length, 1);
  await clock.pass(DELAY_MS - 1);
  assert.deepEqual(stored(), []);
  await clock.pass(1);
  assert.deepEqual(stored(), ["a"]);
  assert.equal(drafts.kept, null);
  assert.equal(states.at(-1), "saved");
});

test("a diff carries the revision that the answer before gave", async () => {
  const { wire, clock, draw } = await bench();
  draw("a");
  await clock.pass(DELAY_MS);
  draw("b");
  await clock.pass(DELAY_MS);
  assert.deepEqual(
    wire.requests.map(({ body }) => body.revision),
    [7, 8],
  );
  assert.deepEqual(
    wire.requests[1].body.upserts.instances.map(({ id }) => id),
    ["b"],
  );
});

test("somebody who never pauses is saved all the same", async () => {
  const { clock, draw, stored } = await bench();
  for (let step = 0; step < 12; step += 1) {
    draw(`o${step}`);
    await clock.pass(1000);
  }
  assert.ok(stored().length > 0);
});

test("nothing changed, nothing sent", async () => {
  const { wire, autosave } = await bench();
  assert.equal(await autosave.save(), "nothing");
  assert.equal(wire.requests.length, 0);
});

test("offline keeps the draft, waits longer each time and sends everything when the line is back", async () => {
  const { wire, drafts, clock, draw, stored, states } = await bench();
  wire.trouble = { status: 0, body: {} };
  draw("a");
  await clock.pass(DELAY_MS);
  draw("b");
  await clock.pass(2000);
  assert.equal(states.at(-1), "offline");
  assert.equal(drafts.kept.document.objects.length, 2);
  wire.trouble = null;
  await clock.pass(4000);
  assert.deepEqual(stored(), ["a", "b"]);
});

test("an answer that was lost on the way is no conflict", async () => {
  const { task, wire, clock, draw, stored, stops, states } = await bench();
  draw("a");
  // The request arrives, its answer does not.
  const { save } = task;
  task.save = (body) => (save.call(task, body), [0, {}]);
  await clock.pass(DELAY_MS);
  assert.equal(states.at(-1), "offline");
  task.save = save;
  draw("b");
  await clock.pass(DELAY_MS);
  assert.deepEqual(stops, []);
  assert.deepEqual(stored(), ["a", "b"]);
  assert.deepEqual(
    wire.requests.map(({ body }) => body.revision),
    [7, 7, 8],
  );
});

test("a stale tab stops, overwrites nothing and shows the other side", async () => {
  const { task, clock, draw, stored, stops, wire } = await bench();
  draw("a");
  await clock.pass(DELAY_MS);
  task.changeElsewhere();
  draw("b");
  await clock.pass(DELAY_MS);
  assert.equal(stops[0].reason, "stale");
  assert.deepEqual(stops[0].document.objects, []);
  assert.deepEqual(stored(), []);
  const requests = wire.requests.length;
  draw("c");
  await clock.pass(60000);
  assert.equal(wire.requests.length, requests);
});

test("keeping mine sends the difference to the other side", async () => {
  const { task, clock, draw, stored, stops, autosave } = await bench();
  draw("a");
  await clock.pass(DELAY_MS);
  task.changeElsewhere();
  draw("b");
  await clock.pass(DELAY_MS);
  await autosave.settle({ ...stops[0], mine: true });
  assert.deepEqual(stored(), ["a", "b"]);
});

test("taking theirs sends nothing and clears the draft", async () => {
  const { task, clock, draw, page, stops, autosave, drafts, wire } = await bench();
  draw("a");
  await clock.pass(DELAY_MS);
  task.changeElsewhere();
  draw("b");
  await clock.pass(DELAY_MS);
  page.document = stops[0].document;
  await autosave.settle({ ...stops[0], mine: false });
  assert.equal(drafts.kept, null);
  const requests = wire.requests.length;
  await autosave.save();
  assert.equal(wire.requests.length, requests);
});

test("an expired session waits for the log-in and goes on", async () => {
  const { wire, clock, draw, stored, stops, autosave, drafts } = await bench();
  wire.trouble = { status: 401, body: { error: "login", login_url: "/login/" } };
  draw("a");
  await clock.pass(DELAY_MS);
  assert.deepEqual(stops, [{ reason: "login", loginUrl: "/login/" }]);
  assert.ok(drafts.kept);
  wire.trouble = null;
  await autosave.resume();
  assert.deepEqual(stored(), ["a"]);
});

test("a refused change is said once and tried again after the next change", async () => {
  const { wire, clock, draw, stored, states } = await bench();
  wire.trouble = { status: 422, body: { error: "invalid", problems: [{ path: "x", message: "Too small" }] } };
  draw("a");
  await clock.pass(DELAY_MS);
  assert.equal(states.at(-1), "invalid");
  await clock.pass(60000);
  assert.equal(wire.requests.length, 1);
  wire.trouble = null;
  draw("b");
  await clock.pass(DELAY_MS);
  assert.deepEqual(stored(), ["a", "b"]);
});

test("submitting sends the last change with it, and the answer once more to the same key", async () => {
  const { task, wire, draw, autosave, stored } = await bench();
  draw("a");
  wire.trouble = { status: 0, body: {} };
  assert.equal((await autosave.submit()).result, "offline");
  wire.trouble = null;
  const { result, body } = await autosave.submit();
  assert.equal(result, "submitted");
  assert.equal(body.next_url, "/?task=2");
  assert.deepEqual(stored(), ["a"]);
  assert.equal(wire.requests[0].body.key, wire.requests[1].body.key);
  assert.equal(task.submitted.key, wire.requests[0].body.key);
});

test("changed labels are another submission", async () => {
  const { wire, draw, autosave } = await bench();
  draw("a");
  wire.trouble = { status: 0, body: {} };
  await autosave.submit();
  draw("b");
  await autosave.submit();
  assert.notEqual(wire.requests[0].body.key, wire.requests[1].body.key);
});

test("a task submitted in another tab ends here with the draft kept", async () => {
  const { task, clock, draw, autosave, stops, drafts } = await bench();
  draw("a");
  await autosave.submit();
  const second = await bench();
  second.wire.trouble = {
    status: 409,
    body: { error: "already_submitted", at: "2026-11-18T10:42:00Z", message: "Done" },
  };
  second.draw("b");
  await second.clock.pass(DELAY_MS);
  assert.equal(second.stops[0].reason, "ended");
  assert.equal(second.stops[0].submitted, true);
  assert.ok(second.drafts.kept);
  assert.ok(task.submitted);
  assert.deepEqual([stops.length, drafts.kept], [0, null]);
  await clock.pass(1);
});

test("leaving sends what is not under way", async () => {
  const { draw, autosave, stored } = await bench();
  draw("a");
  autosave.leave();
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  assert.deepEqual(stored(), ["a"]);
});

test("a draft found on opening is dropped, applied or asked about", () => {
  const empty = completeDocument(null);
  const one = addObject(empty, { id: "a", node: "rbc00001", frame: 0, geometry: BOX });
  const two = addObject(one, { id: "b", node: "rbc00001", frame: 0, geometry: BOX });
  const copy = JSON.parse(JSON.stringify(one));
  assert.equal(draftVerdict(null, { document: one, revision: 3 }), "none");
  assert.equal(
    draftVerdict({ document: copy, base: empty, revision: 2 }, { document: one, revision: 3 }),
    "drop",
  );
  assert.equal(
    draftVerdict({ document: two, base: one, revision: 3 }, { document: one, revision: 3 }),
    "apply",
  );
  // The save was under way when the page closed: the server has it although the revision moved on.
  assert.equal(
    draftVerdict({ document: two, base: empty, sent: copy, revision: 2 }, { document: one, revision: 3 }),
    "apply",
  );
  assert.equal(
    draftVerdict({ document: two, base: empty, sent: null, revision: 2 }, { document: one, revision: 3 }),
    "ask",
  );
});

/** A track of many frames, as copying to a range makes it. */
const track = (id, frames) => ({
  id,
  node: "rbc00001",
  answers: {},
  labels: Array.from({ length: frames }, (_, frame) => ({
    frame,
    geometry: BOX,
    keyframe: true,
    answers: {},
  })),
});

test("a dense track goes out in parts that are written one after the other", async () => {
  const { autosave, page, wire, task, states, drafts } = await bench();
  page.document = { ...page.document, objects: [track("a", 4000)] };
  autosave.changed();
  assert.equal(await autosave.save(), "saved");
  assert.deepEqual(
    wire.requests.map(({ body }) => body.upserts.labels.length),
    [1500, 1500, 1000],
  );
  assert.deepEqual(
    wire.requests.map(({ body }) => body.upserts.instances.length),
    [1, 0, 0],
  );
  assert.equal(task.document.objects[0].labels.length, 4000);
  assert.equal(states.at(-1), "saved");
  assert.equal(drafts.kept, null);
});

test("an answer lost between two parts is no conflict, and nothing is sent twice", async () => {
  const { autosave, page, wire, task, clock, stops } = await bench();
  page.document = { ...page.document, objects: [track("a", 2000)] };
  const real = task.save.bind(task);
  let calls = 0;
  task.save = (body) => {
    calls += 1;
    const answer = real(body);
    return calls === 1 ? [0, {}] : answer;
  };
  autosave.changed();
  assert.equal(await autosave.save(), "offline");
  await clock.pass(2000);
  await autosave.save();
  assert.equal(stops.length, 0);
  assert.equal(task.document.objects[0].labels.length, 2000);
  assert.equal(wire.requests.at(-1).body.upserts.labels.length, 500);
});

test("submitting a dense track saves all but the last part first", async () => {
  const { autosave, page, wire, task } = await bench();
  page.document = { ...page.document, objects: [track("a", 2000)] };
  const { result } = await autosave.submit();
  assert.equal(result, "submitted");
  assert.deepEqual(
    wire.requests.map(({ url }) => url),
    ["save", "submit"],
  );
  assert.equal(task.document.objects[0].labels.length, 2000);
});

test("what was applied from a change is what the server has then", () => {
  const before = completeDocument({
    objects: [track("a", 3), track("b", 2)],
    classifications: [{ id: "c", node: "smear001", frames: [0], answers: { a51: "o511" } }],
  });
  const after = completeDocument({
    objects: [{ ...track("a", 5), answers: { x: 1 }, labels: track("a", 5).labels.slice(1) }, track("d", 1)],
    classifications: [{ id: "e", node: "smear001", frames: [1, 2], answers: { a51: "o512" } }],
  });
  assert.ok(isEmptyDiff(diffOf(applied(before, diffOf(before, after)), after)));
});

test("the frames on which two versions differ", () => {
  const before = completeDocument({ objects: [track("a", 5), track("b", 2)], classifications: [] });
  const moved = track("a", 5);
  moved.labels[3] = { ...moved.labels[3], geometry: { ...BOX, x: 0.5 } };
  const after = completeDocument({
    objects: [moved],
    classifications: [{ id: "c", node: "smear001", frames: [8, 9], answers: {} }],
  });
  assert.deepEqual(differingFrames(before, after), [0, 1, 3, 8, 9]);
});
