/**
 * Handles of a shape and what dragging one does. Pure.
 *
 * A handle is `{kind, path, x, y}` in relative coordinates: `corner` and `edge` resize a box, `vertex` moves a point,
 * `middle` makes a new vertex, `turn` rotates. `path` says where in the geometry it sits.
 */

import { clampPoint, cornersOf, normalAngle } from "./geometry.js";

const BOX_HANDLES = [
  ["corner", "nw", 0, 0],
  ["edge", "n", 0.5, 0],
  ["corner", "ne", 1, 0],
  ["edge", "e", 1, 0.5],
  ["corner", "se", 1, 1],
  ["edge", "s", 0.5, 1],
  ["corner", "sw", 0, 1],
  ["edge", "w", 0, 0.5],
];
const TURN_DISTANCE_PX = 28;
const TURN_STEP = 15;

/** Handles of a geometry; `scale` (screen pixels per image pixel) places the turning handle. */
export function handlesOf(geometry, frame, scale = 1) {
  switch (geometry.type) {
    case "bounding_box":
      return BOX_HANDLES.map(([kind, path, u, v]) => ({
        kind,
        path,
        x: geometry.x + u * geometry.w,
        y: geometry.y + v * geometry.h,
      }));
    case "rotatable_bounding_box":
      return rotatedHandles(geometry, frame, scale);
    case "polygon":
    case "polyline":
      return ringsOf(geometry).flatMap(({ points, path, closed }) => lineHandles(points, path, closed));
    case "point":
      return [{ kind: "vertex", path: [], x: geometry.x, y: geometry.y }];
    case "skeleton":
      return Object.entries(geometry.points)
        .filter(([, point]) => point.v !== 0)
        .map(([name, point]) => ({ kind: "vertex", path: [name], x: point.x, y: point.y }));
    default:
      return [];
  }
}

/** The lines of vertices of a polygon or polyline with the path to each: `{path, points, closed}`. */
export function ringsOf(geometry) {
  if (geometry.type === "polyline") return [{ path: [], points: geometry.points, closed: false }];
  return geometry.parts.flatMap((part, p) =>
    part.map((points, r) => ({ path: [p, r], points, closed: true })),
  );
}

function rotatedHandles(geometry, frame, scale) {
  const [a, b, c, d] = cornersOf(geometry, frame);
  const at = (u, v) => [
    a[0] + (b[0] - a[0]) * u + (d[0] - a[0]) * v,
    a[1] + (b[1] - a[1]) * u + (d[1] - a[1]) * v,
  ];
  const handles = BOX_HANDLES.map(([kind, path, u, v]) => ({ kind, path, x: at(u, v)[0], y: at(u, v)[1] }));
  const angle = ((geometry.theta - 90) * Math.PI) / 180;
  const top = at(0.5, 0);
  const reach = TURN_DISTANCE_PX / scale;
  handles.push({
    kind: "turn",
    path: "turn",
    x: top[0] + (Math.cos(angle) * reach) / frame.width,
    y: top[1] + (Math.sin(angle) * reach) / frame.height,
    from: { x: top[0], y: top[1] },
  });
  return handles;
}

function lineHandles(points, path, closed) {
  const vertices = points.map(([x, y], index) => ({ kind: "vertex", path: [...path, index], x, y }));
  const last = closed ? points.length : points.length - 1;
  const middles = points.slice(0, last).map(([x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length];
    return { kind: "middle", path: [...path, index + 1], x: (x + nextX) / 2, y: (y + nextY) / 2 };
  });
  return [...middles, ...vertices];
}

/**
 * The geometry after a handle was dragged to `point`; a `middle` handle has to be inserted first. With `shift` a corner keeps
 * the proportions of its box and a turn goes in steps of 15 degrees.
 */
export function moveHandle(geometry, handle, point, frame, { shift = false } = {}) {
  const to = clampPoint(point);
  switch (geometry.type) {
    case "bounding_box":
      return resizeBox(geometry, handle.path, shift ? inProportion(geometry, handle, to, frame) : to, frame);
    case "rotatable_bounding_box":
      return handle.kind === "turn"
        ? turnTowards(geometry, point, frame, shift ? TURN_STEP : 0)
        : resizeRotated(geometry, handle.path, point, frame);
    case "point":
      return { ...geometry, ...to };
    case "skeleton": {
      const [name] = handle.path;
      return { ...geometry, points: { ...geometry.points, [name]: { ...geometry.points[name], ...to } } };
    }
    default:
      return editRing(geometry, handle.path, (ring, index) => ring.with(index, [to.x, to.y]));
  }
}

/** One end of a box side moves, the other stays; crossing over turns the box inside out, never negative. */
function resizeBox(geometry, path, to, frame) {
  const least = { w: 1 / frame.width, h: 1 / frame.height };
  let [left, top] = [geometry.x, geometry.y];
  let [right, bottom] = [left + geometry.w, top + geometry.h];
  if (path.includes("w")) left = to.x;
  if (path.includes("e")) right = to.x;
  if (path.includes("n")) top = to.y;
  if (path.includes("s")) bottom = to.y;
  const w = Math.max(least.w, Math.abs(right - left));
  const h = Math.max(least.h, Math.abs(bottom - top));
  const x = Math.min(left, right, 1 - w);
  const y = Math.min(top, bottom, 1 - h);
  return { ...geometry, x, y, w, h };
}

function resizeRotated(geometry, path, point, frame) {
  const angle = (geometry.theta * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const size = { w: geometry.w * frame.width, h: geometry.h * frame.height };
  const centre = { x: geometry.x * frame.width + size.w / 2, y: geometry.y * frame.height + size.h / 2 };
  const dx = point.x * frame.width - centre.x;
  const dy = point.y * frame.height - centre.y;
  const local = { x: dx * cos + dy * sin, y: -dx * sin + dy * cos };
  const side = {
    x: path.includes("e") ? 1 : path.includes("w") ? -1 : 0,
    y: path.includes("s") ? 1 : path.includes("n") ? -1 : 0,
  };
  // The opposite side stays where it is, so the centre moves by half of what was gained, along the turned axes.
  const w = side.x ? Math.max(1, side.x * local.x + size.w / 2) : size.w;
  const h = side.y ? Math.max(1, side.y * local.y + size.h / 2) : size.h;
  const shift = { x: (side.x * (w - size.w)) / 2, y: (side.y * (h - size.h)) / 2 };
  const moved = { x: centre.x + shift.x * cos - shift.y * sin, y: centre.y + shift.x * sin + shift.y * cos };
  return {
    ...geometry,
    x: (moved.x - w / 2) / frame.width,
    y: (moved.y - h / 2) / frame.height,
    w: w / frame.width,
    h: h / frame.height,
  };
}

/** The point nearest to `to` at which a corner keeps the proportions of its box. */
function inProportion(geometry, { kind, path }, to, frame) {
  if (kind !== "corner") return to;
  const fixed = {
    x: path.includes("w") ? geometry.x + geometry.w : geometry.x,
    y: path.includes("n") ? geometry.y + geometry.h : geometry.y,
  };
  const [dx, dy] = [to.x - fixed.x, to.y - fixed.y];
  const factor = Math.max(Math.abs(dx) / geometry.w, Math.abs(dy) / geometry.h);
  const room = Math.min(
    factor,
    (dx < 0 ? fixed.x : 1 - fixed.x) / geometry.w,
    (dy < 0 ? fixed.y : 1 - fixed.y) / geometry.h,
  );
  return {
    x: fixed.x + Math.sign(dx) * room * geometry.w,
    y: fixed.y + Math.sign(dy) * room * geometry.h,
  };
}

function turnTowards(geometry, point, frame, step = 0) {
  const dx = (point.x - geometry.x - geometry.w / 2) * frame.width;
  const dy = (point.y - geometry.y - geometry.h / 2) * frame.height;
  const degrees = (Math.atan2(dy, dx) * 180) / Math.PI + 90;
  return { ...geometry, theta: normalAngle(step ? Math.round(degrees / step) * step : degrees) };
}

/** Replace the ring that `path` points into; `edit` gets the ring and the index of the vertex. */
function editRing(geometry, path, edit) {
  const index = path.at(-1);
  if (geometry.type === "polyline") return { ...geometry, points: edit(geometry.points, index) };
  const [p, r] = path;
  const part = geometry.parts[p].with(r, edit(geometry.parts[p][r], index));
  return { ...geometry, parts: geometry.parts.with(p, part) };
}

export function insertVertex(geometry, path, point) {
  const to = clampPoint(point);
  return editRing(geometry, path, (ring, index) => ring.toSpliced(index, 0, [to.x, to.y]));
}

/** Without one vertex; a hole that gets too small goes; null when the shape itself would be too small. */
export function removeVertex(geometry, path) {
  if (geometry.type !== "polygon" && geometry.type !== "polyline") return null;
  const [p, r] = path;
  const ring = geometry.type === "polyline" ? geometry.points : geometry.parts[p][r];
  const least = geometry.type === "polyline" ? 2 : 3;
  if (ring.length > least) return editRing(geometry, path, (points, index) => points.toSpliced(index, 1));
  if (geometry.type === "polygon" && r > 0) {
    return { ...geometry, parts: geometry.parts.with(p, geometry.parts[p].toSpliced(r, 1)) };
  }
  return null;
}

/** Vertices of a geometry in keyboard order. */
export function verticesOf(geometry, frame) {
  return handlesOf(geometry, frame).filter((handle) => handle.kind === "vertex");
}
