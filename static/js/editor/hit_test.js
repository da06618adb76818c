/** What lies under the pointer. Pure; points are relative, tolerances in pixels of the frame. */

import { areaPx, cornersOf, insideRing, pointsOf } from "./geometry.js";
import { maskFromGeometry } from "./run_length.js";
import { knownBounds } from "./snapping.js";

const masks = new WeakMap();

/** Decoded once per geometry: hovering over a mask must not decode a megapixel per move. */
function maskOf(geometry) {
  if (!masks.has(geometry)) masks.set(geometry, maskFromGeometry(geometry));
  return masks.get(geometry);
}

/** Whether the point is inside the area of a shape; lines and points have none. */
export function contains(geometry, [px, py], frame) {
  switch (geometry.type) {
    case "bounding_box":
      return (
        px >= geometry.x && px <= geometry.x + geometry.w && py >= geometry.y && py <= geometry.y + geometry.h
      );
    case "rotatable_bounding_box":
      return insideRing([px, py], cornersOf(geometry, frame));
    case "polygon":
      return geometry.parts.some(
        ([outer, ...holes]) =>
          insideRing([px, py], outer) && !holes.some((hole) => insideRing([px, py], hole)),
      );
    case "bitmask": {
      const [height, width] = geometry.size;
      const x = Math.floor(px * width);
      const y = Math.floor(py * height);
      return x >= 0 && y >= 0 && x < width && y < height && maskOf(geometry)[y * width + x] === 1;
    }
    default:
      return false;
  }
}

function segmentDistancePx([px, py], [ax, ay], [bx, by], frame) {
  const [w, h] = [frame.width, frame.height];
  const [dx, dy] = [(bx - ax) * w, (by - ay) * h];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((px - ax) * w * dx + (py - ay) * h * dy) / length)) : 0;
  return Math.hypot((px - ax) * w - along * dx, (py - ay) * h - along * dy);
}

/** Outlines as lists of points, with whether each closes. */
function outlinesOf(geometry, frame) {
  if (geometry.type === "polygon") return geometry.parts.flat().map((ring) => [ring, true]);
  if (geometry.type === "polyline") return [[geometry.points, false]];
  if (geometry.type === "point") return [[[[geometry.x, geometry.y]], false]];
  if (geometry.type === "skeleton") return pointsOf(geometry, frame).map((point) => [[point], false]);
  return geometry.type === "bitmask" ? [] : [[pointsOf(geometry, frame), true]];
}

/** Distance from a point to the nearest outline, in pixels; Infinity for a bitmask. */
export function outlineDistancePx(geometry, point, frame) {
  let best = Infinity;
  for (const [points, closed] of outlinesOf(geometry, frame)) {
    const count = closed || points.length === 1 ? points.length : points.length - 1;
    for (let i = 0; i < count; i += 1) {
      best = Math.min(best, segmentDistancePx(point, points[i], points[(i + 1) % points.length], frame));
    }
  }
  return best;
}

function near(geometry, [px, py], frame, tolerancePx) {
  const { x, y, w, h } = knownBounds(geometry, frame);
  const dx = tolerancePx / frame.width;
  const dy = tolerancePx / frame.height;
  return px >= x - dx && px <= x + w + dx && py >= y - dy && py <= y + h + dy;
}

/**
 * The identifier of the shape that a click at `point` means, or null.
 *
 * An outline within reach wins (the nearest); else what was brought to the front, then the smallest shape around the
 * point: a cell inside a big region stays reachable. `shapes` = [{id, geometry, z}].
 */
export function hitShape(shapes, point, frame, tolerancePx) {
  let outline = null;
  let area = null;
  for (const shape of shapes) {
    if (!near(shape.geometry, point, frame, tolerancePx)) continue;
    const distance = outlineDistancePx(shape.geometry, point, frame);
    if (distance <= tolerancePx && (!outline || distance < outline.distance))
      outline = { id: shape.id, distance };
    if (contains(shape.geometry, point, frame)) {
      const size = areaPx(shape.geometry, frame);
      const z = shape.z ?? 0;
      if (!area || z > area.z || (z === area.z && size < area.size)) area = { id: shape.id, size, z };
    }
  }
  return outline?.id ?? area?.id ?? null;
}

/** The handle under the pointer; a vertex is preferred to the middle of an edge. */
export function hitHandle(handles, [px, py], frame, tolerancePx) {
  let best = null;
  for (const handle of handles) {
    const distance = Math.hypot((handle.x - px) * frame.width, (handle.y - py) * frame.height);
    const rank = distance + (handle.kind === "middle" ? tolerancePx / 2 : 0);
    if (distance <= tolerancePx && (!best || rank < best.rank)) best = { handle, rank };
  }
  return best?.handle ?? null;
}

/** Identifiers of the shapes that lie wholly inside a box. */
export function shapesInside(shapes, box, frame) {
  return shapes
    .filter(({ geometry }) => {
      const { x, y, w, h } = knownBounds(geometry, frame);
      return x >= box.x && y >= box.y && x + w <= box.x + box.w && y + h <= box.y + box.h;
    })
    .map(({ id }) => id);
}
