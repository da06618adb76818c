/**
 * The shape between two key frames. Pure.
 *
 * Numbers go in a straight line; an angle takes the shorter way round; a vertex keeps the visibility of the earlier key
 * frame. What has no straight line (masks, outlines with another number of points) holds the earlier shape.
 */

import { normalAngle } from "./geometry.js";

/** Seven digits, like everything that is drawn (see geometry.js). */
const tidy = (value) => Math.round(value * 1e7) / 1e7;
/** Below this a recomputed shape is the one that is there: rounding must not be sent to the server. */
const SAME_RELATIVE = 4e-7;
const SAME_DEGREES = 0.002;

const mix = (a, b, share) => tidy(a + (b - a) * share);
const mixPair = (a, b, share) => [mix(a[0], b[0], share), mix(a[1], b[1], share)];
const mixRing = (a, b, share) => a.map((point, index) => mixPair(point, b[index], share));

function mixBox(a, b, share) {
  const box = { ...a };
  for (const side of ["x", "y", "w", "h"]) box[side] = mix(a[side], b[side], share);
  return box;
}

function mixPoints(a, b, share) {
  const mixed = Object.entries(a).map(([name, point]) => {
    const end = b[name];
    // A vertex that is not in the picture has no place to go to or to come from.
    if (!end || !point.v || !end.v) return [name, point];
    return [name, { ...point, x: mix(point.x, end.x, share), y: mix(point.y, end.y, share) }];
  });
  return Object.fromEntries(mixed);
}

const sameForm = (a, b) =>
  a.length === b.length &&
  a.every(
    (part, p) => part.length === b[p].length && part.every((ring, r) => ring.length === b[p][r].length),
  );

/** Whether there is a straight way between two shapes; otherwise the earlier one is held. */
export function canInterpolate(a, b) {
  if (a.type !== b.type) return false;
  if (a.type === "polygon") return sameForm(a.parts, b.parts);
  if (a.type === "polyline") return a.points.length === b.points.length;
  return a.type !== "bitmask";
}

/** The geometry at `share` (0..1) of the way from `a` to `b`. */
export function between(a, b, share) {
  if (!canInterpolate(a, b)) return a;
  switch (a.type) {
    case "bounding_box":
      return mixBox(a, b, share);
    case "rotatable_bounding_box":
      return { ...mixBox(a, b, share), theta: normalAngle(a.theta + normalAngle(b.theta - a.theta) * share) };
    case "polygon":
      return {
        ...a,
        parts: a.parts.map((part, p) => part.map((ring, r) => mixRing(ring, b.parts[p][r], share))),
      };
    case "polyline":
      return { ...a, points: mixRing(a.points, b.points, share) };
    case "point":
      return { ...a, x: mix(a.x, b.x, share), y: mix(a.y, b.y, share) };
    case "skeleton":
      return { ...a, points: mixPoints(a.points, b.points, share) };
    default:
      return a;
  }
}

/** Whether two shapes are the same but for rounding. */
export function sameShape(a, b, key = "") {
  if (a === b) return true;
  if (typeof a === "number" && typeof b === "number") {
    const apart = Math.abs(a - b);
    return key === "theta" ? Math.min(apart, 360 - apart) <= SAME_DEGREES : apart <= SAME_RELATIVE;
  }
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((name) => name in b && sameShape(a[name], b[name], name))
  );
}
