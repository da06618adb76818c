/** Polygons as sets of rings: holes, parts, cutting and joining. Pure; every answer is `{geometry}` or `{problem}`. */

import { MAX_VERTICES, ringInside, ringsMeet, segmentCrossing } from "./validity.js";

const countOf = (parts) => parts.flat(2).length;
const tooMany = (parts) =>
  countOf(parts) > MAX_VERTICES ? `A polygon has at most ${MAX_VERTICES} points` : null;

/** The polygon with a hole, which has to lie wholly inside one part and apart from its other holes. */
export function withHole(geometry, ring) {
  const at = geometry.parts.findIndex(([outer]) => ringInside(ring, outer) && !ringsMeet(ring, outer));
  if (at < 0) return { problem: "A hole has to lie inside the polygon" };
  const clash = geometry.parts[at]
    .slice(1)
    .some((hole) => ringsMeet(ring, hole) || ringInside(ring, hole) || ringInside(hole, ring));
  if (clash) return { problem: "A hole must not touch another hole" };
  const parts = geometry.parts.with(at, [...geometry.parts[at], ring]);
  const problem = tooMany(parts);
  return problem ? { problem } : { geometry: { ...geometry, parts } };
}

const apart = (a, b) => !ringsMeet(a, b) && !ringInside(a, b) && !ringInside(b, a);

/** The polygon with one more part, apart from those that it has. */
export function withPart(geometry, part) {
  if (geometry.parts.some(([outer]) => !apart(outer, part[0])))
    return { problem: "The outlines overlap; only separate parts can belong to one polygon" };
  const parts = [...geometry.parts, part];
  const problem = tooMany(parts);
  return problem ? { problem } : { geometry: { ...geometry, parts } };
}

/** All parts of several polygons as one polygon. */
export function joined(geometries) {
  return geometries
    .slice(1)
    .flatMap(({ parts }) => parts)
    .reduce((sum, part) => (sum.problem ? sum : withPart(sum.geometry, part)), { geometry: geometries[0] });
}

/** Without the ring that a path points into: a hole, or a whole part. Null for the last part. */
export function withoutRing(geometry, [p, r]) {
  if (r > 0) {
    return { ...geometry, parts: geometry.parts.with(p, geometry.parts[p].toSpliced(r, 1)) };
  }
  return geometry.parts.length > 1 ? { ...geometry, parts: geometry.parts.toSpliced(p, 1) } : null;
}

/** Every part as a polygon of its own. */
export const separated = (geometry) => geometry.parts.map((part) => ({ ...geometry, parts: [part] }));

/**
 * The two polygons that a line cuts a polygon into: `{pieces: [a, b]}`. The line has to begin and end outside and to
 * cross the outline of one part exactly twice; holes must lie wholly at one side.
 */
export function cutBy(geometry, line) {
  const cuts = geometry.parts.map(([outer]) => crossings(outer, line));
  const at = cuts.findIndex((found) => found.length > 0);
  if (at < 0 || cuts.some((found, index) => index !== at && found.length))
    return { problem: "Draw the cut across one polygon" };
  const [outer, ...holes] = geometry.parts[at];
  if (cuts[at].length !== 2) return { problem: "The cut has to cross the outline exactly twice" };
  if (holes.some((hole) => crossings(hole, line).length)) return { problem: "The cut must not cross a hole" };
  const [a, b] = cuts[at].toSorted((one, other) => one.along - other.along);
  const between = [a.point, ...line.slice(a.segment + 1, b.segment + 1), b.point];
  const pieces = [
    [...between, ...walk(outer, b.edge, a.edge)],
    [...between.toReversed(), ...walk(outer, a.edge, b.edge)],
  ].map((ring) => withoutRepeats(ring));
  if (pieces.some((ring) => ring.length < 3)) return { problem: "The cut has to cross the outline exactly twice" };
  const others = geometry.parts.toSpliced(at, 1);
  return {
    pieces: pieces.map((ring, index) => ({
      ...geometry,
      parts: [[ring, ...holes.filter((hole) => ringInside(hole, ring))], ...(index ? [] : others)],
    })),
  };
}

/** Where a line crosses a ring: `{edge, segment, along, point}`, `along` counted in segments of the line. */
function crossings(ring, line) {
  const found = [];
  for (let segment = 0; segment + 1 < line.length; segment += 1) {
    for (let edge = 0; edge < ring.length; edge += 1) {
      const hit = segmentCrossing(line[segment], line[segment + 1], ring[edge], ring[(edge + 1) % ring.length]);
      if (hit) found.push({ edge, segment, along: segment + hit.along, point: hit.point });
    }
  }
  return found;
}

/** The vertices behind edge `from` up to the beginning of edge `to`. */
function walk(ring, from, to) {
  const vertices = [];
  for (let index = (from + 1) % ring.length; ; index = (index + 1) % ring.length) {
    vertices.push(ring[index]);
    if (index === to) return vertices;
  }
}

const withoutRepeats = (ring) =>
  ring.filter(([x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length];
    return Math.abs(x - nextX) > 1e-9 || Math.abs(y - nextY) > 1e-9;
  });
