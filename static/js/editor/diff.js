/** What changed between two documents, in the shape that the save API takes. Pure. */

import { objectById, sameValue } from "./document.js";

const classificationById = (document, id) =>
  document.classifications.find((entry) => entry.id === id) ?? null;

function objectHead(object) {
  const head = { id: object.id, kind: "object", node: object.node, answers: object.answers };
  return object.z === undefined ? head : { ...head, z: object.z };
}

function classificationHead(entry) {
  return {
    id: entry.id,
    kind: "classification",
    node: entry.node,
    answers: entry.answers,
    frames: entry.frames,
  };
}

function labelChanges(before, after, changes) {
  const known = new Map((before?.labels ?? []).map((label) => [label.frame, label]));
  for (const label of after.labels) {
    const old = known.get(label.frame);
    known.delete(label.frame);
    if (old === label || (old && sameValue(old, label))) continue;
    changes.upserts.labels.push({ instance: after.id, ...label });
  }
  for (const frame of known.keys()) changes.deletes.labels.push([after.id, frame]);
}

/** The smallest set of upserts and deletes that leads from `base` to `current`. */
export function diffOf(base, current) {
  const changes = { upserts: { instances: [], labels: [] }, deletes: { instances: [], labels: [] } };
  if (base === current) return changes;
  for (const object of current.objects) {
    const before = objectById(base, object.id);
    if (before === object) continue;
    if (!before || !sameValue(objectHead(before), objectHead(object))) {
      changes.upserts.instances.push(objectHead(object));
    }
    labelChanges(before, object, changes);
  }
  for (const object of base.objects) {
    if (!objectById(current, object.id)) changes.deletes.instances.push(object.id);
  }
  for (const entry of current.classifications) {
    const before = classificationById(base, entry.id);
    if (before !== entry && !(before && sameValue(before, entry))) {
      changes.upserts.instances.push(classificationHead(entry));
    }
  }
  for (const entry of base.classifications) {
    if (!classificationById(current, entry.id)) changes.deletes.instances.push(entry.id);
  }
  return changes;
}

export function isEmptyDiff({ upserts, deletes }) {
  return !(
    upserts.instances.length ||
    upserts.labels.length ||
    deletes.instances.length ||
    deletes.labels.length
  );
}

/** What one request carries at most; a dense track is sent in several, so that no request takes long or is too large. */
const MOST_LABELS = 1500;
const MOST_CHARACTERS = 1_500_000;

/** The first part of a change that is small enough for one request; the change itself when all of it is. */
export function partOf(changes, { labels = MOST_LABELS, characters = MOST_CHARACTERS } = {}) {
  const all = changes.upserts.labels;
  let room = characters;
  let count = 0;
  while (count < all.length && count < labels) {
    room -= JSON.stringify(all[count]).length;
    if (room < 0 && count) break;
    count += 1;
  }
  if (count === all.length) return changes;
  return { ...changes, upserts: { ...changes.upserts, labels: all.slice(0, count) } };
}

function grouped(list, keyOf) {
  const groups = new Map();
  for (const entry of list) if (!groups.get(keyOf(entry))?.push(entry)) groups.set(keyOf(entry), [entry]);
  return groups;
}

/** The document after a change was written, as the server then has it. */
export function applied(document, { upserts, deletes }) {
  const gone = new Set(deletes.instances);
  const heads = new Map(upserts.instances.map(({ kind: _, ...head }) => [head.id, head]));
  const labels = grouped(upserts.labels, ({ instance }) => instance);
  const lost = grouped(deletes.labels, ([id]) => id);
  const isObject = new Set(upserts.instances.filter(({ kind }) => kind === "object").map(({ id }) => id));
  const relabelled = (object) => {
    if (!labels.has(object.id) && !lost.has(object.id)) return object;
    const kept = new Map(object.labels.map((label) => [label.frame, label]));
    for (const [, frame] of lost.get(object.id) ?? []) kept.delete(frame);
    for (const { instance: _, ...label } of labels.get(object.id) ?? []) kept.set(label.frame, label);
    return { ...object, labels: [...kept.values()].sort((a, b) => a.frame - b.frame) };
  };
  const known = new Set([...document.objects, ...document.classifications].map(({ id }) => id));
  const added = upserts.instances.filter(({ id }) => !known.has(id)).map(({ id }) => heads.get(id));
  const merged = (entry) => (heads.has(entry.id) ? { ...entry, ...heads.get(entry.id) } : entry);
  const stays = ({ id }) => !gone.has(id);
  return {
    objects: [
      ...document.objects.filter(stays).map(merged),
      ...added.filter(({ id }) => isObject.has(id)).map((head) => ({ ...head, labels: [] })),
    ].map(relabelled),
    classifications: [
      ...document.classifications.filter(stays).map(merged),
      ...added.filter(({ id }) => !isObject.has(id)),
    ],
  };
}

/** Frames on which two documents differ, ascending; what holds on every frame counts as the first. */
export function differingFrames(base, current) {
  const { upserts, deletes } = diffOf(base, current);
  const frames = new Set([
    ...upserts.labels.map(({ frame }) => frame),
    ...deletes.labels.map(([, frame]) => frame),
  ]);
  const ids = [...deletes.instances, ...upserts.instances.map(({ id }) => id)];
  for (const id of ids) {
    for (const document of [base, current]) {
      for (const label of objectById(document, id)?.labels ?? []) frames.add(label.frame);
      for (const frame of classificationById(document, id)?.frames ?? []) frames.add(frame);
    }
  }
  return [...frames].sort((a, b) => a - b);
}

/** Figures for people: how many instances `current` adds to, changes in and removes from `base`. */
export function diffSummary(base, current) {
  const { upserts, deletes } = diffOf(base, current);
  const known = new Set([...base.objects, ...base.classifications].map((instance) => instance.id));
  const touched = new Set(upserts.instances.map((instance) => instance.id));
  for (const label of upserts.labels) touched.add(label.instance);
  for (const [id] of deletes.labels) touched.add(id);
  const changed = [...touched].filter((id) => known.has(id));
  return {
    added: [...touched].filter((id) => !known.has(id)),
    changed,
    removed: deletes.instances,
  };
}
