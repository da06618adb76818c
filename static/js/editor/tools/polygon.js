/** Polygons, and what is drawn into a selected one: a hole, another part, a cut across it (`outlineMode` of the scene). */

import { setGeometry } from "../actions.js";
import { addPieces } from "../shape_actions.js";
import { cutBy, withHole, withPart } from "../rings.js";
import { geometryProblem } from "../validity.js";
import { finished } from "./new_object.js";
import { outlineTool } from "./outline.js";
import { shapeInHand } from "./reshape.js";

export const OUTLINE_MODES = [
  ["shape", "New polygon"],
  ["hole", "Hole"],
  ["part", "Part"],
  ["cut", "Cut"],
];

const chosenPolygon = (scene) => {
  const shape = shapeInHand(scene);
  return shape?.geometry.type === "polygon" ? shape : null;
};

/** The selected polygon changed by what was drawn; `change` answers {geometry} or {problem}. */
function changed(scene, label, change) {
  const shape = chosenPolygon(scene);
  const { geometry, problem } = change(shape.geometry);
  const wrong = problem ?? geometryProblem(geometry, scene.size);
  if (wrong) return { say: wrong };
  return {
    to: "idle",
    draft: null,
    commit: {
      label: `${label} ${shape.name}`,
      change: (document) => setGeometry(document, shape.id, scene.frame, geometry),
      vertex: null,
    },
  };
}

function cut(scene, line) {
  const shape = chosenPolygon(scene);
  const { pieces, problem } = cutBy(shape.geometry, line);
  const wrong = problem ?? pieces.map((piece) => geometryProblem(piece, scene.size)).find(Boolean);
  if (wrong) return { say: wrong };
  const ids = [scene.newIdentifier()];
  return {
    to: "idle",
    draft: null,
    commit: {
      label: `Cut ${shape.name}`,
      change: (document) => addPieces(document, shape.id, scene.frame, pieces, ids),
      select: [shape.id, ...ids],
      vertex: null,
    },
  };
}

const IN_POLYGON = {
  hole: { closed: true, done: (scene, ring) => changed(scene, "Cut a hole into", (own) => withHole(own, ring)) },
  part: { closed: true, done: (scene, ring) => changed(scene, "Add a part to", (own) => withPart(own, [ring])) },
  cut: { closed: false, done: cut, ghost: { dash: [6, 4], colour: "#181b21" } },
};
const NEW = {
  closed: true,
  done: (scene, points) => finished(scene, { type: "polygon", parts: [[points]] }),
};

export const polygon = outlineTool({
  name: "polygon",
  shape: "polygon",
  label: "Polygon",
  key: "p",
  icon: "polygon",
  kindOf: (scene) => {
    const inside = IN_POLYGON[scene.outlineMode];
    if (!inside) return NEW;
    const problem = chosenPolygon(scene) ? null : "Select the polygon first";
    return { ...inside, problem, ghost: { ...(inside.ghost ?? {}) } };
  },
});
