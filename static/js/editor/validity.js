/** What makes a shape invalid, in words for the person who draws it. Pure. */

import { insideRing, ringAreaPx } from "./geometry.js";

export const MAX_VERTICES = 1000;
const MIN_SIDE_PX = 1;

const cross = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);

/** Whether two segments share a point that is not a common end; touching counts. */
function segmentsMeet(a, b, c, d) {
  const boxApart =
    Math.max(a[0], b[0]) < Math.min(c[0], d[0]) ||
    Math.max(c[0], d[0]) < Math.min(a[0], b[0]) ||
    Math.max(a[1], b[1]) < Math.min(c[1], d[1]) ||
    Math.max(c[1], d[1]) < Math.min(a[1], b[1]);
  if (boxApart) return false;
  const d1 = cross(c, d, a);
  const d2 = cross(c, d, b);
  const d3 = cross(a, b, c);
  const d4 = cross(a, b, d);
  return d1 * d2 <= 0 && d3 * d4 <= 0;
}

/** Where the segment a-b crosses c-d from one side to the other: `{along (0..1 of a-b), point}`, or null. */
export function segmentCrossing(a, b, c, d) {
  const d1 = cross(c, d, a);
  const d2 = cross(c, d, b);
  const d3 = cross(a, b, c);
  const d4 = cross(a, b, d);
  if (d1 * d2 >= 0 || d3 * d4 > 0 || d4 === 0) return null;
  const along = d1 / (d1 - d2);
  return { along, point: [a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])] };
}

/** Whether two rings share a point. */
export function ringsMeet(a, b) {
  return a.some((from, i) => {
    const to = a[(i + 1) % a.length];
    return b.some((other, j) => segmentsMeet(from, to, other, b[(j + 1) % b.length]));
  });
}

/** Whether a ring that does not meet another lies inside it. */
export function ringInside([first], ring) {
  return insideRing(first, ring);
}

/** Whether a closed ring crosses or touches itself. Quadratic; 1,000 vertices take about 10 ms. */
export function ringCrossesItself(ring) {
  const count = ring.length;
  for (let i = 0; i < count; i += 1) {
    const a = ring[i];
    const b = ring[(i + 1) % count];
    for (let j = i + 2; j < count; j += 1) {
      if (i === 0 && j === count - 1) continue;
      if (segmentsMeet(a, b, ring[j], ring[(j + 1) % count])) return true;
    }
  }
  return false;
}

/** Why a new edge from the last vertex to `point` is refused; null when it is fine. */
export function edgeProblem(points, point) {
  if (points.length >= MAX_VERTICES) return `A polygon has at most ${MAX_VERTICES} points`;
  const last = points.at(-1);
  for (let i = 0; i + 2 < points.length; i += 1) {
    if (segmentsMeet(points[i], points[i + 1], last, point)) return "The outline would cross itself";
  }
  return null;
}

function polygonProblem(geometry, frame) {
  let count = 0;
  for (const part of geometry.parts) {
    for (const ring of part) {
      count += ring.length;
      if (ring.length < 3) return "A polygon needs at least three points";
      if (ringCrossesItself(ring)) return "The outline would cross itself";
      if (ringAreaPx(ring, frame) < 1) return "The outline encloses no area";
    }
  }
  if (count > MAX_VERTICES) return `A polygon has at most ${MAX_VERTICES} points`;
  return holesProblem(geometry);
}

function holesProblem({ parts }) {
  for (const [outer, ...holes] of parts) {
    for (const [index, hole] of holes.entries()) {
      if (ringsMeet(hole, outer) || !ringInside(hole, outer)) return "A hole has to stay inside its polygon";
      if (holes.slice(0, index).some((other) => ringsMeet(hole, other)))
        return "Two holes must not touch each other";
    }
  }
  return null;
}

/**
 * Why a change must not be made; null when it may. What was wrong before (an import may bring it) may stay wrong: else
 * nobody could repair it step by step.
 */
export function changeProblem(before, after, frame) {
  const problem = geometryProblem(after, frame);
  return problem && problem !== geometryProblem(before, frame) ? problem : null;
}

/** A turned box may stick out of the frame with a corner, but not with its centre. */
function centreProblem({ x, y, w, h }) {
  const [cx, cy] = [x + w / 2, y + h / 2];
  return cx < 0 || cy < 0 || cx > 1 || cy > 1 ? "The centre of the box has to stay inside the picture" : null;
}

/** Why a geometry must not be stored; null when it may. */
export function geometryProblem(geometry, frame) {
  switch (geometry.type) {
    case "bounding_box":
    case "rotatable_bounding_box":
      return geometry.w * frame.width < MIN_SIDE_PX * 0.99 || geometry.h * frame.height < MIN_SIDE_PX * 0.99
        ? "A box needs a width and a height of at least one pixel"
        : centreProblem(geometry);
    case "polygon":
      return polygonProblem(geometry, frame);
    case "polyline":
      if (geometry.points.length < 2) return "A line needs at least two points";
      if (geometry.points.length > MAX_VERTICES) return `A line has at most ${MAX_VERTICES} points`;
      return geometry.points.every(([x, y]) => x === geometry.points[0][0] && y === geometry.points[0][1])
        ? "A line needs two different points"
        : null;
    case "skeleton":
      return Object.values(geometry.points).some(({ v }) => v !== 0)
        ? null
        : "A skeleton needs at least one vertex that is there";
    default:
      return null;
  }
}
