/** Skeletons: the template of a class, and what a person does with its vertices. Pure. */

import { clampPoint } from "./geometry.js";

export const VISIBLE = 2;
export const HIDDEN = 1;
export const ABSENT = 0;

/** What a person reads; the numbers are COCO's. */
export const VISIBILITY_NAMES = { [VISIBLE]: "visible", [HIDDEN]: "hidden", [ABSENT]: "not there" };

/** The colour that a template gives to what nobody coloured. */
const NO_COLOUR = "#000000";
const own = (colour) =>
  typeof colour === "string" && /^#[0-9a-f]{6}$/i.test(colour) && colour !== NO_COLOUR ? colour : null;

/**
 * The template of a class as `{name, vertices: [{name, x, y, colour}], edges: [[from, to, colour]]}`, positions 0..1 of
 * the template's box, colours null where none was chosen. Null when the ontology has none for it.
 */
export function templateFor(templates, cls) {
  const known = [cls.skeletonTemplate, cls.hash, cls.name].filter(Boolean);
  const found = known
    .map((key) => templates.find((template) => template.name === key || template.featureNodeHash === key))
    .find(Boolean);
  return found ? readTemplate(found) : null;
}

function readTemplate(template) {
  const entries = Object.entries(template.skeleton ?? {});
  const [width, height] = [template.width || 1, template.height || 1];
  const nameOf = new Map(entries.map(([key, vertex]) => [key, vertex.name ?? key]));
  return {
    name: template.name,
    vertices: entries.map(([key, vertex]) => ({
      name: nameOf.get(key),
      x: Math.min(1, Math.max(0, (vertex.x ?? 0) / width)),
      y: Math.min(1, Math.max(0, (vertex.y ?? 0) / height)),
      colour: own(vertex.color),
    })),
    edges: Object.entries(template.skeletonEdges ?? {}).flatMap(([from, ends]) =>
      Object.entries(ends)
        .filter(([to]) => nameOf.has(from) && nameOf.has(to))
        .map(([to, style]) => [nameOf.get(from), nameOf.get(to), own(style?.color)]),
    ),
  };
}

/** The whole template laid into a box of the frame, every vertex visible. */
export function skeletonIn(template, { x, y, w, h }) {
  const points = template.vertices.map((vertex) => [
    vertex.name,
    { ...clampPoint({ x: x + vertex.x * w, y: y + vertex.y * h }), v: VISIBLE },
  ]);
  return { type: "skeleton", points: Object.fromEntries(points) };
}

/** A geometry with all the vertices of the template in its order; those that were not placed are not there. */
export function completed(template, points) {
  const all = template.vertices.map(({ name }) => [name, points[name] ?? { x: 0, y: 0, v: ABSENT }]);
  return { type: "skeleton", points: Object.fromEntries(all) };
}

export const placedCount = (geometry) =>
  Object.values(geometry.points).filter(({ v }) => v !== ABSENT).length;

/** A vertex with another visibility; one that was not there keeps the place it had, if it had any. */
export function withVisibility(geometry, name, v) {
  const point = geometry.points[name];
  if (!point || point.v === v) return geometry;
  return { ...geometry, points: { ...geometry.points, [name]: { ...point, v } } };
}

/** A vertex at a place, there even if it was not before. */
export function withPlace(geometry, name, place) {
  const point = geometry.points[name];
  return {
    ...geometry,
    points: { ...geometry.points, [name]: { ...clampPoint(place), v: point?.v || VISIBLE } },
  };
}

/** Whether a vertex that is not there was ever put somewhere: only then can it come back where it was. */
export const hasPlace = (point) => point.v !== ABSENT || point.x !== 0 || point.y !== 0;
