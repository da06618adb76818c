import assert from "node:assert/strict";
import test from "node:test";
import { completeDocument, objectById } from "../../../static/js/editor/document.js";
import * as answers from "../../../static/js/editor/frame_answers.js";
import { createOntology } from "../../../static/js/editor/ontology.js";
import { missingIn } from "../../../static/js/editor/requirements.js";
import { ONTOLOGY } from "../harness/task.mjs";

const structure = structuredClone(ONTOLOGY);
structure.objects[0].attributes[1].dynamic = true;
structure.objects[0].attributes[1].required = true;
const ontology = createOntology(structure);
const YES = "o121";
const NO = "o122";
const geometry = { type: "point", x: 0.5, y: 0.5 };
const labelled = (...values) =>
  completeDocument({
    objects: [
      {
        id: "a",
        node: "wbc00001",
        labels: values.map((value, frame) => ({ frame, geometry, answers: value ? { a12: value } : {} })),
      },
    ],
  });
const valuesOf = (document) => objectById(document, "a").labels.map((label) => label.answers.a12 ?? null);
const ranges = (document) =>
  answers
    .classificationRanges(document, "smear001")
    .map(({ from, to, entry }) => [from, to, entry.answers.a51]);
let next = 0;
const classify = (document, frames, value) =>
  answers.classifyFrames(document, "smear001", frames, "a51", value, ontology, () => `c${(next += 1)}`);
const span = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("a dynamic answer holds from its frame to the next change", () => {
  const document = labelled(null, null, null, YES, YES);
  const object = objectById(document, "a");
  assert.deepEqual(answers.framesUntilChange(object, 1, "a12"), [1, 2]);
  const after = answers.answerOnFrames(document, "a", [1, 2], "a12", NO, ontology);
  assert.deepEqual(valuesOf(after), [null, NO, NO, YES, YES]);
  assert.equal(objectById(after, "a").labels[0], object.labels[0]);
  assert.deepEqual(answers.answerRanges(objectById(after, "a"), "a12"), [
    { from: 1, to: 2, value: NO },
    { from: 3, to: 4, value: YES },
  ]);
  assert.equal(answers.answerOnFrames(after, "a", [1], "a12", NO, ontology), after);
});

test("a static attribute is not answered per frame", () => {
  const document = labelled(null);
  assert.equal(answers.answerOnFrames(document, "a", [0], "a13", "x", ontology), document);
});

test("a frame label changes on a range; the rest keeps its value and its entry", () => {
  let document = classify(completeDocument(null), span(0, 9), "o511");
  const [first] = document.classifications;
  document = classify(document, span(4, 6), "o512");
  assert.deepEqual(ranges(document), [
    [0, 3, "o511"],
    [4, 6, "o512"],
    [7, 9, "o511"],
  ]);
  assert.equal(document.classifications[0].id, first.id);
  assert.equal(document.classifications.length, 2);
});

test("a value that comes back joins the entry it has; taking the answer away leaves a gap", () => {
  let document = classify(completeDocument(null), span(0, 4), "o511");
  document = classify(document, span(5, 7), "o512");
  document = classify(document, span(5, 7), "o511");
  assert.equal(document.classifications.length, 1);
  assert.deepEqual(document.classifications[0].frames, span(0, 7));
  document = classify(document, [2, 3], null);
  assert.deepEqual(ranges(document), [
    [0, 1, "o511"],
    [4, 7, "o511"],
  ]);
  assert.equal(classify(document, [2, 3], null), document);
});

test("until the next change of a frame label, answered or not", () => {
  const document = classify(completeDocument(null), span(4, 6), "o511");
  assert.deepEqual(answers.classificationUntilChange(document, "smear001", 1, 9), [1, 2, 3]);
  assert.deepEqual(answers.classificationUntilChange(document, "smear001", 5, 9), [5, 6]);
  assert.deepEqual(answers.classificationUntilChange(document, "smear001", 7, 9), [7, 8, 9]);
});

test("a frame label is carried over a range and cleared from one", () => {
  let document = classify(classify(completeDocument(null), span(0, 4), "o511"), span(5, 9), "o512");
  document = answers.spreadClassification(document, "smear001", 2, span(3, 7));
  assert.deepEqual(ranges(document), [
    [0, 7, "o511"],
    [8, 9, "o512"],
  ]);
  document = answers.clearClassification(document, "smear001", span(6, 9));
  assert.deepEqual(ranges(document), [[0, 5, "o511"]]);
});

test("what is missing is listed by ranges of frames with the first one to go to", () => {
  const document = classify(labelled(YES, null, null, NO, null), span(2, 3), "o511");
  const missing = missingIn(document, ontology, 6).map(({ where, what, frame }) => [where, what, frame]);
  assert.deepEqual(missing, [
    ["Smear quality", "Smear quality, frames 0–1, 4–5", 0],
    ["White blood cell (0)", "Cell complete, frames 1–2, 4", 1],
  ]);
});
