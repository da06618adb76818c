/** Pulling a point onto vertices and edges of other shapes, and onto the frame's border. Pure. */

import { boundsOf, pointsOf } from "./geometry.js";

const bounds = new WeakMap();

/** The box around a geometry, made once: it is asked for on every move of the pointer, for every shape. */
export function knownBounds(geometry, frame) {
  let known = bounds.get(geometry);
  if (!known || known.frame !== frame) {
    known = { frame, box: boundsOf(geometry, frame) };
    bounds.set(geometry, known);
  }
  return known.box;
}

/** Outlines of a geometry as [points, closed]. */
function outlinesOf(geometry, frame) {
  switch (geometry.type) {
    case "polygon":
      return geometry.parts.flat().map((ring) => [ring, true]);
    case "polyline":
      return [[geometry.points, false]];
    case "bounding_box":
    case "rotatable_bounding_box":
      return [[pointsOf(geometry, frame), true]];
    case "bitmask":
      return [];
    default:
      return pointsOf(geometry, frame).map((point) => [[point], false]);
  }
}

const BORDER = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

function nearestOn([px, py], [ax, ay], [bx, by], frame) {
  const [w, h] = [frame.width, frame.height];
  const [dx, dy] = [(bx - ax) * w, (by - ay) * h];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((px - ax) * w * dx + (py - ay) * h * dy) / length)) : 0;
  return [ax + along * (bx - ax), ay + along * (by - ay)];
}

/**
 * The nearest vertex within `reachPx` (pixels of the frame), else the nearest place on an edge, else null:
 * `{x, y, kind: "vertex" | "edge"}`. `shapes` = [{id, geometry}]; `except` is the identifier of a shape to leave out.
 */
export function snapTarget(point, shapes, frame, reachPx, except = null) {
  const at = [point.x, point.y];
  const [rx, ry] = [reachPx / frame.width, reachPx / frame.height];
  let vertex = null;
  let edge = null;
  const look = (points, closed) => {
    const count = points.length;
    for (let i = 0; i < count; i += 1) {
      const [x, y] = points[i];
      const distance = Math.hypot((x - at[0]) * frame.width, (y - at[1]) * frame.height);
      if (distance <= reachPx && (!vertex || distance < vertex.distance)) vertex = { x, y, distance };
      if (count < 2 || (!closed && i === count - 1)) continue;
      const [ex, ey] = nearestOn(at, points[i], points[(i + 1) % count], frame);
      const away = Math.hypot((ex - at[0]) * frame.width, (ey - at[1]) * frame.height);
      if (away <= reachPx && (!edge || away < edge.distance)) edge = { x: ex, y: ey, distance: away };
    }
  };
  for (const { id, geometry } of shapes) {
    if (id === except) continue;
    const { x, y, w, h } = knownBounds(geometry, frame);
    if (at[0] < x - rx || at[0] > x + w + rx || at[1] < y - ry || at[1] > y + h + ry) continue;
    for (const [points, closed] of outlinesOf(geometry, frame)) look(points, closed);
  }
  if (at[0] < rx || at[1] < ry || at[0] > 1 - rx || at[1] > 1 - ry) look(BORDER, true);
  const best = vertex ?? edge;
  return best && { x: best.x, y: best.y, kind: vertex ? "vertex" : "edge" };
}
