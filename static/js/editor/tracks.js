/**
 * One instance over time: its labels in the order of their frames. Pure.
 *
 * A track is dense: one label on every frame where the instance is seen, `keyframe: false` where nobody drew. A run is a
 * stretch of frames without a gap; what lies between two key frames of a run follows from them, what lies before the
 * first or after the last key frame of a run holds its shape. A gap is never filled by recomputing.
 */

import { between, sameShape } from "./interpolate.js";

export const isKey = (label) => label.keyframe !== false;

/** Position of the label on `frame`, or of the first one after it. */
export function positionOf(labels, frame) {
  let [low, high] = [0, labels.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (labels[middle].frame < frame) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function labelAt(labels, frame) {
  const label = labels[positionOf(labels, frame)];
  return label?.frame === frame ? label : null;
}

/** The label to take a shape from where there is none: the one before, else the one after. */
export function nearestLabel(labels, frame) {
  const at = positionOf(labels, frame);
  return labels[at - 1] ?? labels[at] ?? null;
}

/** Frames as stretches without a gap. */
export function runsOf(labels) {
  const runs = [];
  for (const { frame } of labels) {
    const open = runs.at(-1);
    if (open && frame === open[1] + 1) open[1] = frame;
    else runs.push([frame, frame]);
  }
  return runs;
}

/**
 * A run whose end 0 (left) or 1 (right) is pulled to a frame. It keeps one frame, and one frame stays free before its
 * neighbour: two runs that touch would be one, and the shapes of the other would follow.
 */
export function pulledRun(runs, run, end, frame, count) {
  const at = runs.findIndex(([from]) => from === run[0]);
  const [least, most] = end
    ? [run[0], at + 1 < runs.length ? runs[at + 1][0] - 2 : count - 1]
    : [at > 0 ? runs[at - 1][1] + 2 : 0, run[1]];
  // Neighbours that leave no room were like that before.
  const target = Math.min(Math.max(most, run[end]), Math.max(Math.min(least, run[end]), frame));
  return end ? [run[0], target] : [target, run[1]];
}

/** The nearest key frame before (`by` -1) or after (1) a frame, or null. */
export function keyBeside(labels, frame, by) {
  if (by < 0) {
    for (let at = positionOf(labels, frame) - 1; at >= 0; at -= 1) if (isKey(labels[at])) return labels[at];
    return null;
  }
  for (let at = positionOf(labels, frame + 1); at < labels.length; at += 1)
    if (isKey(labels[at])) return labels[at];
  return null;
}

/** Labels with some put in the place of, or between, those that are there. */
export function withLabels(labels, added) {
  const byFrame = new Map(labels.map((label) => [label.frame, label]));
  for (const label of added) byFrame.set(label.frame, label);
  return [...byFrame.values()].sort((a, b) => a.frame - b.frame);
}

/** Fill the gap between two frames that hold labels, both excluded, from their shapes and the earlier one's answers. */
export function filled(labels, from, to) {
  const [a, b] = [labelAt(labels, from), labelAt(labels, to)];
  if (!a || !b) return labels;
  const added = [];
  for (let frame = from + 1; frame < to; frame += 1) {
    if (labelAt(labels, frame)) return labels;
    const geometry = between(a.geometry, b.geometry, (frame - from) / (to - from));
    added.push({ frame, geometry, keyframe: false, answers: a.answers });
  }
  return added.length ? withLabels(labels, added) : labels;
}

/** Copies of a label's shape and answers on other frames. */
export const held = (label, frames, keyframe = false) =>
  frames.map((frame) => ({ ...label, frame, keyframe }));

/** Without the labels that `isGone` names; what then stands at an edge becomes a key frame, so that it keeps its shape. */
export function without(labels, isGone) {
  const kept = labels.filter((label) => !isGone(label.frame));
  if (kept.length === labels.length) return labels;
  return kept.map((label) => {
    const edge = [label.frame - 1, label.frame + 1].some((frame) => isGone(frame) && labelAt(labels, frame));
    return edge && !isKey(label) ? { ...label, keyframe: true } : label;
  });
}

/** Frames on which two states of a track differ in shape or key frame, or where only one of them has a label. */
export function touchedFrames(before, after) {
  const known = new Map(before.map((label) => [label.frame, label]));
  const touched = [];
  for (const label of after) {
    const old = known.get(label.frame);
    known.delete(label.frame);
    if (old === label) continue;
    if (!old || isKey(old) !== isKey(label) || old.geometry !== label.geometry) touched.push(label.frame);
  }
  return [...touched, ...known.keys()].sort((a, b) => a - b);
}

/** Recompute what lies between the key frames next to `touched` (ascending frames), and nothing else. */
export function recomputed(labels, touched) {
  if (!touched.length) return labels;
  const changed = new Map();
  const hit = (from, to) => {
    const at = touched.findIndex((frame) => frame >= from);
    return at >= 0 && touched[at] <= to;
  };
  const shape = (label, geometry) => {
    if (!sameShape(label.geometry, geometry)) changed.set(label.frame, { ...label, geometry });
  };
  let start = 0;
  while (start < labels.length) {
    let end = start;
    while (end + 1 < labels.length && labels[end + 1].frame === labels[end].frame + 1) end += 1;
    if (hit(labels[start].frame, labels[end].frame)) settleRun(labels, start, end, hit, shape);
    start = end + 1;
  }
  return changed.size ? labels.map((label) => changed.get(label.frame) ?? label) : labels;
}

/** One run from position `start` to `end`: between its key frames, and held at both ends. */
function settleRun(labels, start, end, hit, shape) {
  let key = null;
  for (let at = start; at <= end + 1; at += 1) {
    if (at <= end && !isKey(labels[at])) continue;
    const [from, to] = [key ?? start, Math.min(at, end)];
    const next = at <= end ? at : null;
    if ((key !== null || next !== null) && hit(labels[from].frame, labels[to].frame)) {
      settleBetween(labels, from, to, key, next, shape);
    }
    key = next;
  }
}

function settleBetween(labels, from, to, key, next, shape) {
  for (let at = from; at <= to; at += 1) {
    const label = labels[at];
    if (isKey(label)) continue;
    if (key === null || next === null) {
      shape(label, labels[key ?? next].geometry);
      continue;
    }
    const [a, b] = [labels[key], labels[next]];
    shape(label, between(a.geometry, b.geometry, (label.frame - a.frame) / (b.frame - a.frame)));
  }
}
