/**
 * The label document: plain JSON, treated as immutable.
 *
 * Every change makes a new document that shares what did not change, so `===` says "unchanged", undo keeps
 * references instead of copies, and a diff skips whole instances at once.
 */

import { labelAt } from "./tracks.js";

export const EMPTY_DOCUMENT = Object.freeze({
  objects: Object.freeze([]),
  classifications: Object.freeze([]),
});

const indexes = new WeakMap();

/** Maps from identifier to object and to classification, made once per document. */
function indexOf(document) {
  let index = indexes.get(document);
  if (!index) {
    index = {
      objects: new Map(document.objects.map((object) => [object.id, object])),
      classifications: new Map(document.classifications.map((entry) => [entry.id, entry])),
      numbers: null,
    };
    indexes.set(document, index);
  }
  return index;
}

/** A document with every optional part present, whatever the server left out. */
export function completeDocument(document) {
  return {
    objects: (document?.objects ?? []).map((object) => ({
      ...object,
      answers: object.answers ?? {},
      labels: (object.labels ?? [])
        .map((label) => ({ keyframe: true, ...label, answers: label.answers ?? {} }))
        .sort((a, b) => a.frame - b.frame),
    })),
    classifications: (document?.classifications ?? []).map((entry) => ({
      ...entry,
      frames: entry.frames ?? null,
      answers: entry.answers ?? {},
    })),
  };
}

export function objectById(document, id) {
  return indexOf(document).objects.get(id) ?? null;
}

/** The label of an object on a frame; labels are in the order of their frames. */
export function labelOn(object, frame) {
  return object ? labelAt(object.labels, frame) : null;
}

/** The shapes of one frame in document order: `{object, label}`. */
export function shapesOn(document, frame) {
  const shapes = [];
  for (const object of document.objects) {
    const label = labelOn(object, frame);
    if (label) shapes.push({ object, label });
  }
  return shapes;
}

/** The entry of a classification that holds on a frame; a global one (`frames` null) holds everywhere. */
export function classificationOn(document, node, frame) {
  return (
    document.classifications.find(
      (entry) =>
        entry.node === node && (entry.frames === null || frame === null || entry.frames.includes(frame)),
    ) ?? null
  );
}

/** Map from object identifier to its number within its class, counted in document order from 0. */
export function instanceNumbers(document) {
  const index = indexOf(document);
  if (!index.numbers) {
    const counts = new Map();
    index.numbers = new Map();
    for (const object of document.objects) {
      const number = counts.get(object.node) ?? 0;
      counts.set(object.node, number + 1);
      index.numbers.set(object.id, number);
    }
  }
  return index.numbers;
}

/** Whether two JSON values are equal; the order of an object's keys does not matter. */
export function sameValue(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}

/** A fresh identifier; `crypto.randomUUID` exists only on secure origins, plain http in a local network is none. */
export function newIdentifier() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
