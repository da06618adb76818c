/**
 * Answers that hold on some frames: dynamic attributes of an instance, and frame labels. Pure.
 *
 * An answer given on a frame holds from there until the next change, or on a range that the person chooses. Frame labels
 * with the same answers share one entry, so a value that comes back does not make a second one.
 */

import { withAnswer } from "./actions.js";
import { newIdentifier, objectById, sameValue } from "./document.js";
import { isDynamic } from "./ontology.js";
import { framesOf, rangesOf } from "./ranges.js";
import { labelAt } from "./tracks.js";

/** Frames of an instance from `frame` on that give the same answer as it, as far as nobody changed it; [] without a label. */
export function framesUntilChange(object, frame, hash) {
  const start = labelAt(object.labels, frame);
  if (!start) return [];
  const frames = [];
  for (const label of object.labels) {
    if (label.frame < frame) continue;
    if (!sameValue(label.answers[hash] ?? null, start.answers[hash] ?? null)) break;
    frames.push(label.frame);
  }
  return frames;
}

/** Answer a dynamic attribute of an instance on those of `frames` where it has a label. */
export function answerOnFrames(document, id, frames, hash, value, ontology) {
  const object = objectById(document, id);
  const attributes = object && ontology.object(object.node).attributes;
  if (!object || !isDynamic(attributes, hash)) return document;
  const chosen = new Set(frames);
  let touched = false;
  const labels = object.labels.map((label) => {
    if (!chosen.has(label.frame)) return label;
    const answers = withAnswer(attributes, label.answers, hash, value);
    if (answers === label.answers) return label;
    touched = true;
    return { ...label, answers };
  });
  if (!touched) return document;
  return {
    ...document,
    objects: document.objects.map((other) => (other === object ? { ...object, labels } : other)),
  };
}

/** Ranges with the answers of a dynamic attribute of an instance: `[{from, to, value}]`, unanswered ones left out. */
export function answerRanges(object, hash) {
  const ranges = [];
  for (const { frame, answers } of object.labels) {
    const value = answers[hash];
    if (value === undefined) continue;
    const open = ranges.at(-1);
    if (open && open.to === frame - 1 && sameValue(open.value, value)) open.to = frame;
    else ranges.push({ from: frame, to: frame, value });
  }
  return ranges;
}

const entriesOf = (document, node) =>
  document.classifications.filter((entry) => entry.node === node && entry.frames !== null);

/** Ranges of a frame label in order: `[{from, to, entry}]`. */
export function classificationRanges(document, node) {
  return entriesOf(document, node)
    .flatMap((entry) => rangesOf(entry.frames).map(([from, to]) => ({ from, to, entry })))
    .sort((a, b) => a.from - b.from);
}

/** Frames from `frame` on with the same frame label as there (or with none, as there). */
export function classificationUntilChange(document, node, frame, last) {
  const ranges = classificationRanges(document, node);
  const here = ranges.find(({ from, to }) => from <= frame && to >= frame);
  if (here) return framesOf([frame, here.to]);
  const next = ranges.find(({ from }) => from > frame);
  return framesOf([frame, next ? next.from - 1 : last]);
}

/** Answer a frame label on `frames` (ascending). Entries are split where they are answered in part, and joined where equal. */
export function classifyFrames(document, node, frames, hash, value, ontology, makeId = newIdentifier) {
  const { attributes } = ontology.classification(node);
  const chosen = new Set(frames);
  const groups = [];
  const put = (answers, some, id) => {
    if (!some.length || !Object.keys(answers).length) return;
    const same = groups.find((group) => sameValue(group.answers, answers));
    if (same) {
      same.frames = [...same.frames, ...some];
      same.id ??= id;
    } else groups.push({ answers, frames: some, id });
  };
  const answered = new Set();
  const before = entriesOf(document, node);
  const parts = before.map((entry) => {
    const inside = entry.frames.filter((frame) => chosen.has(frame));
    for (const frame of inside) answered.add(frame);
    return { entry, inside, outside: entry.frames.filter((frame) => !chosen.has(frame)) };
  });
  for (const { entry, outside } of parts) put(entry.answers, outside, entry.id);
  for (const { entry, inside, outside } of parts) {
    put(withAnswer(attributes, entry.answers, hash, value), inside, outside.length ? null : entry.id);
  }
  put(
    withAnswer(attributes, {}, hash, value),
    frames.filter((frame) => !answered.has(frame)),
    null,
  );
  return withEntries(document, node, before, groups, makeId);
}

/** The same answers as on `frame`, on other frames too. */
export function spreadClassification(document, node, frame, frames, makeId = newIdentifier) {
  const before = entriesOf(document, node);
  const source = before.find((entry) => entry.frames.includes(frame));
  if (!source) return document;
  const chosen = new Set(frames);
  const groups = before
    .map((entry) => ({
      id: entry.id,
      answers: entry.answers,
      frames:
        entry === source
          ? [...new Set([...entry.frames, ...frames])]
          : entry.frames.filter((other) => !chosen.has(other)),
    }))
    .filter((group) => group.frames.length);
  return withEntries(document, node, before, groups, makeId);
}

/** No frame label on these frames. */
export function clearClassification(document, node, frames, makeId = newIdentifier) {
  const chosen = new Set(frames);
  const before = entriesOf(document, node);
  const groups = before
    .map(({ id, answers, frames: own }) => ({
      id,
      answers,
      frames: own.filter((frame) => !chosen.has(frame)),
    }))
    .filter((group) => group.frames.length);
  return withEntries(document, node, before, groups, makeId);
}

/** Put the entries of one frame label in place, unchanged ones as they are. */
function withEntries(document, node, before, groups, makeId) {
  const taken = new Set();
  const after = groups.map(({ id, answers, frames }) => {
    const sorted = [...frames].sort((a, b) => a - b);
    const old = before.find((entry) => entry.id === id && !taken.has(id));
    if (old) taken.add(id);
    if (old && sameValue(old.frames, sorted) && sameValue(old.answers, answers)) return old;
    return { id: old ? id : makeId(), node, frames: sorted, answers };
  });
  const same = after.length === before.length && before.every((entry) => after.includes(entry));
  if (same) return document;
  const known = new Map(after.map((entry) => [entry.id, entry]));
  const kept = document.classifications.flatMap((entry) => {
    if (!before.includes(entry)) return [entry];
    const now = known.get(entry.id);
    known.delete(entry.id);
    return now ? [now] : [];
  });
  return { ...document, classifications: [...kept, ...known.values()] };
}
