/**
 * What can be done to instances over several frames: (document, ids, ...) -> document. Pure.
 *
 * Like actions.js: an action that changes nothing returns the document itself. Interpolation after an action is the
 * session's business (`settled`); an action only says where there are labels and which of them are key frames.
 */

import { objectById } from "./document.js";
import { framesOf } from "./ranges.js";
import {
  filled,
  held,
  isKey,
  keyBeside,
  labelAt,
  nearestLabel,
  positionOf,
  recomputed,
  touchedFrames,
  withLabels,
  without,
} from "./tracks.js";

/** Change the labels of some objects; an object left without any goes. */
function relabel(document, ids, change) {
  const chosen = new Set(ids);
  let touched = false;
  const objects = document.objects.flatMap((object) => {
    if (!chosen.has(object.id)) return [object];
    const labels = change(object.labels, object);
    if (labels === object.labels) return [object];
    touched = true;
    return labels.length ? [{ ...object, labels }] : [];
  });
  return touched ? { ...document, objects } : document;
}

/** The document with the frames between key frames recomputed wherever `after` changed a track of `before`. */
export function settled(before, after) {
  if (before.objects === after.objects) return after;
  const changed = after.objects.filter((object) => {
    const old = objectById(before, object.id);
    return old && old.labels !== object.labels;
  });
  return relabel(
    after,
    changed.map(({ id }) => id),
    (labels, { id }) => recomputed(labels, touchedFrames(objectById(before, id).labels, labels)),
  );
}

/**
 * After a label was put on a frame beyond an end of its track: the frames in between, so that the instance is seen
 * throughout. A gap inside a track stays one; somebody made it.
 */
export function reached(document, id, frame) {
  return relabel(document, [id], (labels) => {
    const at = positionOf(labels, frame);
    if (labels[at]?.frame !== frame) return labels;
    if (at === labels.length - 1 && at > 0) return filled(labels, labels[at - 1].frame, frame);
    if (at === 0 && labels.length > 1) return filled(labels, frame, labels[1].frame);
    return labels;
  });
}

/** Put an instance's shape on a frame as a key frame; `fills` = also on the frames up to where it was last seen. */
export function placeShape(document, id, frame, geometry, { fills }) {
  const placed = relabel(document, [id], (labels) => {
    const old = labelAt(labels, frame);
    const answers = old?.answers ?? nearestLabel(labels, frame)?.answers ?? {};
    return withLabels(labels, [{ ...old, frame, geometry, keyframe: true, answers }]);
  });
  return fills ? reached(placed, id, frame) : placed;
}

/** Make the frame a key frame; where there is no label, one with the nearest shape. */
export function addKeyframe(document, ids, frame, { fills }) {
  return ids.reduce((current, id) => {
    const object = objectById(current, id);
    const label = object && labelAt(object.labels, frame);
    if (!object || (label && isKey(label))) return current;
    const source = label ?? nearestLabel(object.labels, frame);
    return source ? placeShape(current, id, frame, source.geometry, { fills: fills && !label }) : current;
  }, document);
}

/** The frame follows its neighbours again. The last key frame of an instance stays one. */
export function removeKeyframe(document, ids, frame) {
  return relabel(document, ids, (labels) => {
    const label = labelAt(labels, frame);
    if (!label || !isKey(label) || labels.filter(isKey).length < 2) return labels;
    return withLabels(labels, [{ ...label, keyframe: false }]);
  });
}

/** The shape and answers of one frame on a range of frames; what was there is replaced. */
export function copyToRange(document, ids, frame, [from, to]) {
  return relabel(document, ids, (labels) => {
    const source = labelAt(labels, frame);
    const targets = framesOf([from, to]).filter((target) => target !== frame);
    if (!source || !targets.length) return labels;
    const added = held(source, targets).map((label) =>
      label.frame === from || label.frame === to ? { ...label, keyframe: true } : label,
    );
    return withLabels(labels, [...added, { ...source, keyframe: true }]);
  });
}

/** Hold the last shape before a frame up to it, without touching labels that are there. */
export function extendTo(document, ids, frame) {
  return relabel(document, ids, (labels) => {
    const before = labels[positionOf(labels, frame + 1) - 1];
    const after = labels[positionOf(labels, frame)];
    if (before?.frame === frame || (!before && !after)) return labels;
    const [source, range] = before ? [before, [before.frame + 1, frame]] : [after, [frame, after.frame - 1]];
    return withLabels(labels, held(source, framesOf(range)));
  });
}

/**
 * A run of the track is seen on other frames, as if its ends were pulled: what is cut off goes and leaves its edge as it
 * looks, what is added holds the shape of the end.
 */
export function trimRun(document, id, [from, to], [start, end]) {
  return relabel(document, [id], (labels) => {
    const cut = without(
      labels,
      (frame) => frame >= from && frame <= to && (frame < start || frame > end),
    );
    const [first, last] = [labelAt(cut, Math.max(from, start)), labelAt(cut, Math.min(to, end))];
    if (!first || !last) return labels;
    const added = [
      ...held(first, framesOf([start, first.frame - 1])),
      ...held(last, framesOf([last.frame + 1, end])),
    ];
    return added.length ? withLabels(cut, added) : cut;
  });
}

/** Delete the labels of a range; the instance goes when none is left. */
export function deleteRange(document, ids, [from, to]) {
  return relabel(document, ids, (labels) => without(labels, (frame) => frame >= from && frame <= to));
}

/** From `frame` on the instance is another one, named `newId`, with the same class and answers. */
export function splitAt(document, id, frame, newId) {
  const object = objectById(document, id);
  const at = object ? positionOf(object.labels, frame) : 0;
  if (!object || at === 0 || at === object.labels.length) return document;
  const early = without(object.labels, (other) => other >= frame);
  const late = without(object.labels, (other) => other < frame);
  // New ones stand last, as they do on the server: the numbers of the others stay.
  const objects = document.objects.map((other) => (other === object ? { ...object, labels: early } : other));
  return { ...document, objects: [...objects, { ...object, id: newId, labels: late }] };
}

/**
 * Two instances of one class become one, `keep`. Where both have a label on a frame or an answer to the same question,
 * `keep` is right; the ends of what is taken over become key frames, so that no shape changes.
 */
export function mergeInto(document, keep, other) {
  const [a, b] = [objectById(document, keep), objectById(document, other)];
  if (!a || !b || a === b || a.node !== b.node) return document;
  const taken = without(b.labels, (frame) => labelAt(a.labels, frame) !== null);
  const inner = (labels, frame) => labelAt(labels, frame - 1) && labelAt(labels, frame + 1);
  const ends = (labels) =>
    labels.map((label) =>
      isKey(label) || inner(labels, label.frame) ? label : { ...label, keyframe: true },
    );
  const merged = {
    ...a,
    answers: { ...b.answers, ...a.answers },
    labels: withLabels(ends(taken), ends(a.labels)),
  };
  return {
    ...document,
    objects: document.objects.filter((one) => one !== b).map((one) => (one === a ? merged : one)),
  };
}

/** From `frame` on out of view, until the instance is drawn again: up to the next key frame or the end of the track. */
export function leaveView(document, ids, frame) {
  return ids.reduce((current, id) => {
    const object = objectById(current, id);
    if (!object) return current;
    const next = keyBeside(object.labels, frame, 1);
    const until = next ? next.frame - 1 : Infinity;
    return relabel(current, [id], (labels) => without(labels, (other) => other >= frame && other <= until));
  }, document);
}

/** Fill the gaps of the instances between the frames where they are labelled. */
export function fillGaps(document, ids, [from, to] = [0, Infinity]) {
  return relabel(document, ids, (labels) => {
    let result = labels;
    labels.forEach((label, at) => {
      const next = labels[at + 1];
      if (!next || next.frame === label.frame + 1 || label.frame < from || next.frame > to) return;
      result = filled(result, label.frame, next.frame);
    });
    return result;
  });
}
