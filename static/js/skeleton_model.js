// A skeleton template as it is edited: vertices in their order, edges between them. Pure functions, no page.
// Stored it is Encord's form: `skeleton` maps keys to vertices, `skeletonEdges` start -> end -> {color}.
import { newKey } from "./ontology_model.js";

const NO_COLOR = "#000000";

const hash = () => [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function newTemplate(name = "") {
  return { _key: newKey(), name, featureNodeHash: hash(), vertices: [], edges: [] };
}

// From the stored form; positions become shares of the template's box.
export function editable(template) {
  const width = template.width || 1;
  const height = template.height || 1;
  const vertices = Object.entries(template.skeleton ?? {}).map(([key, vertex]) => ({
    _key: newKey(),
    key,
    name: vertex.name ?? key,
    x: bounded((vertex.x ?? 0) / width),
    y: bounded((vertex.y ?? 0) / height),
    color: vertex.color ?? NO_COLOR,
    featureHash: vertex.featureHash,
  }));
  const keyOf = new Map(vertices.map((vertex) => [vertex.key, vertex._key]));
  const edges = Object.entries(template.skeletonEdges ?? {}).flatMap(([start, ends]) =>
    Object.entries(ends).map(([end, style]) => ({ from: keyOf.get(start), to: keyOf.get(end), color: style?.color ?? NO_COLOR })),
  );
  return { _key: newKey(), name: template.name, featureNodeHash: template.featureNodeHash ?? hash(), vertices, edges };
}

// To the stored form. Keys are counted anew: JSON objects with numbers as keys are read in the order of the numbers.
export function stored(template) {
  const keyOf = new Map(template.vertices.map((vertex, index) => [vertex._key, String(index)]));
  const skeleton = Object.fromEntries(
    template.vertices.map((vertex, index) => [
      String(index),
      { name: vertex.name, x: vertex.x, y: vertex.y, color: vertex.color, ...(vertex.featureHash ? { featureHash: vertex.featureHash } : {}) },
    ]),
  );
  const skeletonEdges = {};
  for (const { from, to, color } of template.edges) (skeletonEdges[keyOf.get(from)] ??= {})[keyOf.get(to)] = { color };
  return { name: template.name, shape: "skeleton", featureNodeHash: template.featureNodeHash, width: 1, height: 1, skeleton, skeletonEdges };
}

export const bounded = (value) => Math.round(Math.min(1, Math.max(0, Number(value) || 0)) * 1000) / 1000;

export function addVertex(template, { x, y }) {
  const taken = new Set(template.vertices.map(({ name }) => name));
  let number = template.vertices.length + 1;
  while (taken.has(`point ${number}`)) number += 1;
  const vertex = { _key: newKey(), name: `point ${number}`, x: bounded(x), y: bounded(y), color: NO_COLOR };
  template.vertices.push(vertex);
  return vertex;
}

export function removeVertex(template, key) {
  template.vertices = template.vertices.filter((vertex) => vertex._key !== key);
  template.edges = template.edges.filter(({ from, to }) => from !== key && to !== key);
}

const joins = (edge, a, b) => (edge.from === a && edge.to === b) || (edge.from === b && edge.to === a);

export const isConnected = (template, a, b) => template.edges.some((edge) => joins(edge, a, b));

// Connect two vertices, or separate them when they are connected. Resolves to whether they are connected now.
export function toggleEdge(template, a, b) {
  if (a === b) return false;
  if (isConnected(template, a, b)) {
    template.edges = template.edges.filter((edge) => !joins(edge, a, b));
    return false;
  }
  template.edges.push({ from: a, to: b, color: NO_COLOR });
  return true;
}

// The vertex and field that a problem of the server is about: `skeleton.2.name` -> {key, field}.
export function placeOf(template, path) {
  const [part, number, ...rest] = path.split(".");
  const vertex = part === "skeleton" ? template.vertices[Number(number)] : null;
  return vertex ? { key: vertex._key, field: rest[0] ?? "name" } : { key: "", field: part === "name" ? "name" : "" };
}
