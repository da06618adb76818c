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
