import assert from "node:assert/strict";
import test from "node:test";
import * as actions from "../../../static/js/editor/actions.js";
import { diffOf, diffSummary, isEmptyDiff } from "../../../static/js/editor/diff.js";
import {
  classificationOn,
  completeDocument,
  instanceNumbers,
  objectById,
  sameValue,
} from "../../../static/js/editor/document.js";
import { EMPTY_HISTORY, record, redo, undo } from "../../../static/js/editor/history.js";
import { createOntology, openAttributes, unanswered } from "../../../static/js/editor/ontology.js";
import { missingIn } from "../../../static/js/editor/requirements.js";
import { ONTOLOGY } from "../harness/task.mjs";

const ontology = createOntology(ONTOLOGY);
const FRAME = { width: 640, height: 480 };
const BOX = { type: "bounding_box", x: 0.1, y: 0.1, w: 0.2, h: 0.2 };
const EMPTY = completeDocument(null);
const withCell = (id = "a", node = "wbc00001") =>
  actions.addObject(EMPTY, { id, node, frame: 0, geometry: BOX });

test("an action never changes the document it was given", () => {
  const before = Object.freeze(withCell());
  Object.freeze(before.objects);
  const after = actions.setGeometry(before, "a", 0, { ...BOX, x: 0.3 });
  assert.equal(before.objects[0].labels[0].geometry.x, 0.1);
  assert.equal(after.objects[0].labels[0].geometry.x, 0.3);
});

test("an action that changes nothing returns the document itself", () => {
  const document = withCell();
  assert.equal(actions.setGeometry(document, "a", 0, { ...BOX }), document);
  assert.equal(actions.deleteObjects(document, ["other"]), document);
  assert.equal(actions.answerObject(document, "a", 0, "a13", "", ontology), document);
  assert.equal(actions.changeClass(document, ["a"], "wbc00001", ontology), document);
});

test("a shape on another frame is another label of the same object", () => {
  const document = actions.setGeometry(withCell(), "a", 4, BOX);
  assert.deepEqual(
    document.objects[0].labels.map(({ frame }) => frame),
    [0, 4],
  );
});

test("choosing another option takes the answers below the old one away", () => {
  let document = actions.answerObject(withCell(), "a", 0, "a11", "o111", ontology);
  document = actions.answerObject(document, "a", 0, "a1111", 3, ontology);
  assert.deepEqual(objectById(document, "a").answers, { a11: "o111", a1111: 3 });
  document = actions.answerObject(document, "a", 0, "a11", "o112", ontology);
  assert.deepEqual(objectById(document, "a").answers, { a11: "o112" });
});

test("a dynamic attribute is answered on the frame's label", () => {
  const structure = structuredClone(ONTOLOGY);
  structure.objects[0].attributes[2].dynamic = true;
  const dynamic = createOntology(structure);
  const { objects } = actions.answerObject(withCell(), "a", 0, "a13", "blurred", dynamic);
  assert.deepEqual(objects[0].answers, {});
  assert.deepEqual(objects[0].labels[0].answers, { a13: "blurred" });
});

test("changing the class keeps the shape and drops foreign answers; another shape is refused", () => {
  const document = actions.answerObject(withCell(), "a", 0, "a11", "o112", ontology);
  const changed = actions.changeClass(document, ["a"], "rbc00001", ontology);
  assert.equal(changed.objects[0].node, "rbc00001");
  assert.deepEqual(changed.objects[0].answers, {});
  assert.equal(actions.changeClass(document, ["a"], "art00001", ontology), document);
});

test("the first answer creates a frame label, taking the last one away removes it", () => {
  const answered = actions.answerClassification(EMPTY, "smear001", 2, "a51", "o511", ontology, "c");
  assert.deepEqual(answered.classifications, [
    { id: "c", node: "smear001", frames: [2], answers: { a51: "o511" } },
  ]);
  assert.equal(classificationOn(answered, "smear001", 3), null);
  assert.deepEqual(actions.answerClassification(answered, "smear001", 2, "a51", null, ontology), EMPTY);
});

test("copies carry class and answers but a new identifier, and do not hide the original", () => {
  const document = actions.answerObject(withCell(), "a", 0, "a11", "o112", ontology);
  const copies = actions.copiesOf(document, ["a"], 0);
  const pasted = actions.pasteCopies(document, copies, 0, ["b"], { dx: 0.05, dy: 0.05 }, FRAME);
  assert.equal(pasted.objects.length, 2);
  assert.deepEqual(pasted.objects[1].answers, { a11: "o112" });
  assert.ok(Math.abs(pasted.objects[1].labels[0].geometry.x - 0.15) < 1e-9);
});

test("instances are numbered within their class", () => {
  let document = withCell("a");
  document = actions.addObject(document, { id: "b", node: "rbc00001", frame: 0, geometry: BOX });
  document = actions.addObject(document, { id: "c", node: "wbc00001", frame: 0, geometry: BOX });
  assert.deepEqual([...instanceNumbers(document).values()], [0, 0, 1]);
});

test("a diff holds what changed and nothing else", () => {
  let base = withCell("a");
  base = actions.addObject(base, { id: "b", node: "rbc00001", frame: 0, geometry: BOX });
  let current = actions.setGeometry(base, "a", 0, { ...BOX, w: 0.5 });
  current = actions.deleteObjects(current, ["b"]);
  current = actions.answerClassification(current, "smear001", 0, "a51", "o511", ontology, "c");
  assert.deepEqual(diffOf(base, current), {
    upserts: {
      instances: [
        { id: "c", kind: "classification", node: "smear001", answers: { a51: "o511" }, frames: [0] },
      ],
      labels: [{ instance: "a", frame: 0, geometry: { ...BOX, w: 0.5 }, keyframe: true, answers: {} }],
    },
    deletes: { instances: ["b"], labels: [] },
  });
});

test("a new object is sent with its labels, a changed answer without", () => {
  const base = withCell("a");
  const answered = actions.answerObject(base, "a", 0, "a11", "o112", ontology);
  assert.deepEqual(diffOf(base, answered).upserts.labels, []);
  assert.equal(diffOf(EMPTY, base).upserts.labels.length, 1);
  assert.equal(diffOf(EMPTY, base).upserts.instances.length, 1);
});

test("equal documents of different origin have no diff, whatever the order of keys", () => {
  const base = withCell("a");
  const other = JSON.parse(JSON.stringify(base));
  other.objects[0].labels[0].geometry = { h: 0.2, w: 0.2, y: 0.1, x: 0.1, type: "bounding_box" };
  assert.equal(isEmptyDiff(diffOf(base, other)), true);
  assert.equal(sameValue([1, { a: 2 }], [1, { a: 3 }]), false);
  assert.equal(sameValue({ a: undefined }, { b: undefined }), false);
});

test("a summary counts labels that are new, different and gone", () => {
  const base = withCell("a");
  let current = actions.setGeometry(base, "a", 0, { ...BOX, w: 0.5 });
  current = actions.addObject(current, { id: "z", node: "rbc00001", frame: 0, geometry: BOX });
  assert.deepEqual(diffSummary(base, current), { added: ["z"], changed: ["a"], removed: [] });
});

test("undo and redo walk through six hundred labelled steps", () => {
  let history = EMPTY_HISTORY;
  let current = EMPTY;
  const seen = [current];
  for (let step = 0; step < 600; step += 1) {
    const next = actions.addObject(current, { id: `o${step}`, node: "rbc00001", frame: 0, geometry: BOX });
    history = record(history, { label: `Step ${step}`, before: current });
    current = next;
    seen.push(current);
  }
  for (let step = 599; step >= 0; step -= 1) {
    const back = undo(history, current);
    assert.equal(back.label, `Step ${step}`);
    assert.equal(back.document, seen[step]);
    ({ history, document: current } = back);
  }
  assert.equal(undo(history, current), null);
  const forth = redo(history, current);
  assert.equal(forth.document, seen[1]);
});

test("typing is one step, a pause or another field begins the next", () => {
  const type = (history, at, mergeKey) => record(history, { label: "Answer", before: { at }, mergeKey, at });
  let history = type(EMPTY_HISTORY, 0, "remark");
  history = type(history, 500, "remark");
  assert.equal(history.past.length, 1);
  assert.deepEqual(history.past[0].document, { at: 0 });
  history = type(history, 5000, "remark");
  history = type(history, 5100, "other");
  assert.equal(history.past.length, 3);
});

test("a new step forgets what was undone", () => {
  let history = record(EMPTY_HISTORY, { label: "One", before: EMPTY });
  ({ history } = undo(history, withCell()));
  history = record(history, { label: "Two", before: EMPTY });
  assert.equal(redo(history, EMPTY), null);
});

test("attributes open with the option they belong to", () => {
  const { attributes } = ontology.object("wbc00001");
  const names = (answers) =>
    openAttributes(attributes, answers).map(({ attribute, depth }) => `${depth} ${attribute.name}`);
  assert.deepEqual(names({}), ["0 Cell type", "0 Cell complete", "0 Remark"]);
  assert.deepEqual(names({ a11: "o111" }), ["0 Cell type", "1 Nucleus lobes", "0 Cell complete", "0 Remark"]);
});

test("a required answer counts only while its option is chosen; zero is an answer", () => {
  const { attributes } = ontology.object("wbc00001");
  assert.equal(unanswered(attributes, {}).length, 0);
  assert.equal(unanswered(attributes, { a11: "o111" }).length, 1);
  assert.equal(unanswered(attributes, { a11: "o111", a1111: 0 }).length, 0);
});

test("what is missing names place, question and, where there are several, frames", () => {
  const document = actions.answerObject(withCell(), "a", 0, "a11", "o111", ontology);
  const missing = (count) =>
    missingIn(document, ontology, count).map(({ where, what, frame }) => [where, what, frame]);
  assert.deepEqual(missing(1), [
    ["Smear quality", "Smear quality", 0],
    ["White blood cell (0)", "Nucleus lobes", 0],
  ]);
  assert.deepEqual(missing(12), [
    ["Smear quality", "Smear quality, frames 0–11", 0],
    ["White blood cell (0)", "Nucleus lobes", 0],
  ]);
});

test("a required class has to occur", () => {
  const structure = structuredClone(ONTOLOGY);
  structure.objects[2].required = true;
  const missing = missingIn(withCell(), createOntology(structure), 0);
  assert.deepEqual(
    missing.map(({ where }) => where),
    ["Platelet"],
  );
});

test("keys of classes: wishes first, then the free digits; hostile colours are replaced", () => {
  const structure = {
    objects: [
      { name: "A", shape: "point", featureNodeHash: "a", hotKey: "2", color: "red; } body {" },
      { name: "B", shape: "point", featureNodeHash: "b", color: "#00ff00" },
      { name: "C", shape: "point", featureNodeHash: "c", hotKey: "2" },
      { name: "Old", shape: "point", featureNodeHash: "d", archived: true },
    ],
  };
  const { classes, object } = createOntology(structure);
  assert.deepEqual(
    classes.map(({ key }) => key),
    ["2", "1", "3"],
  );
  assert.equal(classes[0].colour, "#D55E00");
  assert.equal(classes[1].colour, "#00ff00");
  assert.equal(object("nothing").name, "Unknown class");
  assert.equal(object("d").name, "Old");
});
