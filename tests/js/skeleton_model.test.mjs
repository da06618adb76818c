import assert from "node:assert/strict";
import test from "node:test";
import * as model from "../../static/js/skeleton_model.js";

const STORED = {
  name: "fly",
  shape: "skeleton",
  featureNodeHash: "templ001",
  width: 1,
  height: 1,
  skeleton: {
    0: { name: "head", x: 0.5, y: 0.1, color: "#000000", featureHash: "aaaa" },
    1: { name: "thorax", x: 0.5, y: 0.5, color: "#D55E00", featureHash: "bbbb" },
  },
  skeletonEdges: { 0: { 1: { color: "#0072B2" } } },
};

test("a template comes back as it was", () => {
  assert.deepEqual(model.stored(model.editable(STORED)), STORED);
});

test("positions in pixels become shares of the template's box", () => {
  const template = model.editable({ ...STORED, width: 200, height: 100, skeleton: { 0: { name: "a", x: 50, y: 25 } }, skeletonEdges: {} });
  assert.deepEqual([template.vertices[0].x, template.vertices[0].y], [0.25, 0.25]);
});

test("keys follow the order of the vertices, edges with them", () => {
  const template = model.editable(STORED);
  template.vertices.reverse();
  const { skeleton, skeletonEdges } = model.stored(template);
  assert.deepEqual(Object.values(skeleton).map(({ name }) => name), ["thorax", "head"]);
  assert.deepEqual(skeletonEdges, { 1: { 0: { color: "#0072B2" } } });
});

test("a new vertex has a free name and stays on the board", () => {
  const template = model.newTemplate("fly");
  model.addVertex(template, { x: 2, y: -1 });
  model.addVertex(template, { x: 0.123456, y: 0.5 });
  assert.deepEqual(template.vertices.map(({ name, x, y }) => [name, x, y]), [["point 1", 1, 0], ["point 2", 0.123, 0.5]]);
  model.removeVertex(template, template.vertices[0]._key);
  assert.equal(model.addVertex(template, { x: 0, y: 0 }).name, "point 3");
});

test("connecting twice separates; a vertex takes its edges with it", () => {
  const template = model.editable(STORED);
  const [a, b] = template.vertices.map(({ _key }) => _key);
  assert.equal(model.toggleEdge(template, b, a), false);
  assert.equal(template.edges.length, 0);
  assert.equal(model.toggleEdge(template, a, b), true);
  assert.equal(model.toggleEdge(template, a, a), false);
  model.removeVertex(template, b);
  assert.equal(template.edges.length, 0);
});

test("a problem of the server finds its vertex", () => {
  const template = model.editable(STORED);
  assert.deepEqual(model.placeOf(template, "skeleton.1.name"), { key: template.vertices[1]._key, field: "name" });
  assert.deepEqual(model.placeOf(template, "name"), { key: "", field: "name" });
});
