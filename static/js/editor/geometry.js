/**
 * Geometry as stored: relative to the frame (0..1), bitmasks in pixels. Pure.
 *
 * Angles and distances are measured in pixels of the frame (`frame` = {width, height}), because a relative unit is
 * not square. Boxes are `{x, y, w, h}` with the top left corner first.
 */

import { extentOfRuns, shiftedRuns } from "./run_length.js";

export const clamp01 = (value) => Math.min(1, Math.max(0, value));

/** Seven digits place a point to 1/1000 of a pixel in any frame we accept, and keep diffs short. */
const tidy = (value) => Math.round(value * 1e7) / 1e7 + 0; // + 0: never a negative zero

export const clampPoint = ({ x, y }) => ({ x: tidy(clamp01(x)), y: tidy(clamp01(y)) });
const tidyPair = ([x, y]) => [tidy(x), tidy(y)];

/** A box from two opposite corners, clipped to the frame. */
export function boxBetween(a, b) {
  const from = clampPoint(a);
  const to = clampPoint(b);
  const x = Math.min(from.x, to.x);
  const y = Math.min(from.y, to.y);
  return { x, y, w: tidy(Math.abs(from.x - to.x)), h: tidy(Math.abs(from.y - to.y)) };
}

/** Corners of a rotated box, clockwise from top left, relative; rotation happens in pixel space. */
export function cornersOf({ x, y, w, h, theta = 0 }, frame) {
  const angle = (theta * Math.PI) / 180;
  const centre = { x: (x + w / 2) * frame.width, y: (y + h / 2) * frame.height };
  const half = { x: (w * frame.width) / 2, y: (h * frame.height) / 2 };
  return [
    [-half.x, -half.y],
    [half.x, -half.y],
    [half.x, half.y],
    [-half.x, half.y],
  ].map(([dx, dy]) => [
    (centre.x + dx * Math.cos(angle) - dy * Math.sin(angle)) / frame.width,
    (centre.y + dx * Math.sin(angle) + dy * Math.cos(angle)) / frame.height,
  ]);
}

/** Every defining point of a geometry as relative [x, y] pairs; null for a bitmask. */
export function pointsOf(geometry, frame) {
  switch (geometry.type) {
    case "bounding_box":
      return cornersOf({ ...geometry, theta: 0 }, frame);
    case "rotatable_bounding_box":
      return cornersOf(geometry, frame);
    case "polygon":
      return geometry.parts.flat(2);
    case "polyline":
      return geometry.points;
    case "point":
      return [[geometry.x, geometry.y]];
    case "skeleton":
      return Object.values(geometry.points)
        .filter((point) => point.v !== 0)
        .map((point) => [point.x, point.y]);
    default:
      return null;
  }
}

/** The upright box around a geometry, relative. */
export function boundsOf(geometry, frame) {
  if (geometry.type === "bitmask") {
    const [height, width] = geometry.size;
    const { x, y, w, h } = extentOfRuns(geometry)?.bounds ?? { x: 0, y: 0, w: 0, h: 0 };
    return { x: x / width, y: y / height, w: w / width, h: h / height };
  }
  const points = pointsOf(geometry, frame);
  if (!points.length) return { x: 0, y: 0, w: 0, h: 0 };
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}

/** The same geometry with every relative [x, y] pair replaced. */
function mapPoints(geometry, move) {
  switch (geometry.type) {
    case "polygon":
      return { ...geometry, parts: geometry.parts.map((part) => part.map((ring) => ring.map(move))) };
    case "polyline":
      return { ...geometry, points: geometry.points.map(move) };
    case "skeleton":
      return {
        ...geometry,
        points: Object.fromEntries(
          Object.entries(geometry.points).map(([name, point]) => {
            const [x, y] = move([point.x, point.y]);
            return [name, { ...point, x, y }];
          }),
        ),
      };
    default: {
      const [x, y] = move([geometry.x, geometry.y]);
      return { ...geometry, x, y };
    }
  }
}

/** Moved by a relative distance, stopped at the frame's edges so that the shape keeps its form. */
export function translate(geometry, dx, dy, frame) {
  if (geometry.type === "bitmask") return translateMask(geometry, dx, dy);
  const { x, y, w, h } = boundsOf(geometry, frame);
  const stepX = Math.min(Math.max(dx, Math.min(0, -x)), Math.max(0, 1 - x - w));
  const stepY = Math.min(Math.max(dy, Math.min(0, -y)), Math.max(0, 1 - y - h));
  if (!stepX && !stepY) return geometry;
  return mapPoints(geometry, ([px, py]) => tidyPair([px + stepX, py + stepY]));
}

/** Masks move by whole pixels. */
function translateMask(geometry, dx, dy) {
  const [height, width] = geometry.size;
  const { bounds } = extentOfRuns(geometry) ?? {};
  if (!bounds) return geometry;
  const limited = (step, start, length, all) =>
    Math.min(Math.max(Math.round(step), -start), all - start - length);
  const stepX = limited(dx * width, bounds.x, bounds.w, width);
  const stepY = limited(dy * height, bounds.y, bounds.h, height);
  return stepX || stepY ? shiftedRuns(geometry, stepX, stepY) : geometry;
}

/** Wider and taller by a relative amount (keyboard resizing); the top left corner stays. Null where it makes no sense. */
export function grow(geometry, dx, dy, frame) {
  const { x, y, w, h } = boundsOf(geometry, frame);
  const onePx = { w: 1 / frame.width, h: 1 / frame.height };
  if (geometry.type === "bounding_box") {
    return {
      ...geometry,
      w: tidy(Math.min(1 - x, Math.max(onePx.w, w + dx))),
      h: tidy(Math.min(1 - y, Math.max(onePx.h, h + dy))),
    };
  }
  if (geometry.type === "rotatable_bounding_box") {
    return {
      ...geometry,
      w: tidy(Math.max(onePx.w, geometry.w + dx)),
      h: tidy(Math.max(onePx.h, geometry.h + dy)),
    };
  }
  if (!["polygon", "polyline", "skeleton"].includes(geometry.type) || !w || !h) return null;
  const factorX = Math.min(1 - x, Math.max(onePx.w, w + dx)) / w;
  const factorY = Math.min(1 - y, Math.max(onePx.h, h + dy)) / h;
  return mapPoints(geometry, ([px, py]) => tidyPair([x + (px - x) * factorX, y + (py - y) * factorY]));
}

/** Turned by degrees about its centre; only rotated boxes turn. */
export function turn(geometry, degrees) {
  if (geometry.type !== "rotatable_bounding_box") return null;
  return { ...geometry, theta: normalAngle(geometry.theta + degrees) };
}

/** An angle in (-180, 180], rounded to a thousandth of a degree. */
export function normalAngle(degrees) {
  const wrapped = ((((degrees + 180) % 360) + 360) % 360) - 180;
  return Math.round((wrapped === -180 ? 180 : wrapped) * 1000) / 1000;
}

export const distancePx = (a, b, frame) =>
  Math.hypot((a[0] - b[0]) * frame.width, (a[1] - b[1]) * frame.height);

/** Area of a ring in square pixels (shoelace formula). */
export function ringAreaPx(ring, frame) {
  let twice = 0;
  ring.forEach(([x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length];
    twice += x * nextY - nextX * y;
  });
  return (Math.abs(twice) / 2) * frame.width * frame.height;
}

/** Area in square pixels: what decides which of two shapes on top of each other a click means. */
export function areaPx(geometry, frame) {
  switch (geometry.type) {
    case "bounding_box":
    case "rotatable_bounding_box":
      return geometry.w * geometry.h * frame.width * frame.height;
    case "polygon":
      return geometry.parts.reduce(
        (sum, [outer, ...holes]) =>
          sum + ringAreaPx(outer, frame) - holes.reduce((inner, hole) => inner + ringAreaPx(hole, frame), 0),
        0,
      );
    case "bitmask":
      return extentOfRuns(geometry)?.area ?? 0;
    default:
      return 0;
  }
}

/** A few words about a shape: "181 × 192 px", "12 points". */
export function describe(geometry, frame) {
  switch (geometry.type) {
    case "bounding_box":
      return `${Math.round(geometry.w * frame.width)} × ${Math.round(geometry.h * frame.height)} px`;
    case "rotatable_bounding_box":
      return `${Math.round(geometry.w * frame.width)} × ${Math.round(geometry.h * frame.height)} px, ${Math.round(geometry.theta)}°`;
    case "bitmask":
      return `${areaPx(geometry, frame).toLocaleString("en-GB")} px`;
    case "point":
      return `${Math.round(geometry.x * frame.width)}, ${Math.round(geometry.y * frame.height)}`;
    default: {
      const count = pointsOf(geometry, frame).length;
      return `${count} point${count === 1 ? "" : "s"}`;
    }
  }
}

/** Whether a point lies inside a closed ring, by the even-odd rule. */
export function insideRing([px, py], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
