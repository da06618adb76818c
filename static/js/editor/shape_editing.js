/** Verbs on the chosen shapes beyond moving them: rings, pieces, masks, skeleton vertices, what lies on top. No DOM. */

import { setGeometry } from "./actions.js";
import { labelOn, newIdentifier, objectById } from "./document.js";
import { fillEnclosed, piecesOf } from "./mask_edit.js";
import { joined, separated, withoutRing } from "./rings.js";
import { geometryFromMask, maskFromGeometry } from "./run_length.js";
import { addPieces, joinInto, moveInOrder } from "./shape_actions.js";
import { ABSENT, hasPlace, HIDDEN, VISIBILITY_NAMES, VISIBLE, withVisibility } from "./skeletons.js";
import { geometryProblem } from "./validity.js";

export function createShapeEditing({ session, machine }) {
  const { store } = session;

  /** The one chosen object with its shape on this frame, if it may be changed: {id, geometry, name}. */
  function single() {
    const [id] = session.editable();
    if (store.state.selection.length !== 1 || !id) return null;
    const label = labelOn(objectById(store.state.document, id), store.state.frame);
    return label ? { id, geometry: label.geometry, name: session.nameOf(id) } : null;
  }

  const singleOf = (type) => {
    const shape = single();
    return shape?.geometry.type === type ? shape : null;
  };

  /** The chosen shapes of this frame that may be changed, in the order in which they were chosen. */
  function several() {
    const { document, frame } = store.state;
    return session.editable().flatMap((id) => {
      const object = objectById(document, id);
      const label = labelOn(object, frame);
      return label ? [{ id, node: object.node, geometry: label.geometry }] : [];
    });
  }

  function reshape(shape, verb, geometry, vertex = null) {
    const problem = geometryProblem(geometry, session.size());
    if (problem) return session.say(`${problem}: not changed`);
    const { frame } = store.state;
    return session.commit({
      label: `${verb} ${shape.name}`,
      change: (document) => setGeometry(document, shape.id, frame, geometry),
      vertex,
    });
  }

  /** The hole or part in which the chosen vertex lies. */
  function deleteRing() {
    const shape = singleOf("polygon");
    const { vertex } = store.state;
    if (!shape || !vertex) return session.say("Choose a point of the hole or part first");
    const geometry = withoutRing(shape.geometry, vertex);
    if (!geometry) return session.say("The polygon needs its last part; delete the label instead");
    return reshape(shape, vertex[1] > 0 ? "Delete a hole of" : "Delete a part of", geometry);
  }

  function fillHoles() {
    const mask = singleOf("bitmask");
    const polygon = singleOf("polygon");
    if (polygon?.geometry.parts.some((part) => part.length > 1))
      return reshape(polygon, "Fill the holes of", {
        ...polygon.geometry,
        parts: polygon.geometry.parts.map(([outer]) => [outer]),
      });
    if (!mask) return session.say(polygon ? "This polygon has no holes" : "Select a mask or a polygon first");
    const pixels = maskFromGeometry(mask.geometry);
    const filled = fillEnclosed(pixels, mask.geometry.size);
    if (!filled) return session.say("This mask encloses no hole");
    return reshape(mask, "Fill the holes of", geometryFromMask(pixels, mask.geometry.size));
  }

  function merge() {
    const shapes = several();
    const [first] = shapes;
    if (shapes.length < 2) return session.say("Select two or more labels of one class first");
    if (shapes.some(({ node }) => node !== first.node))
      return session.say("Only labels of one class can be joined");
    const { geometry, problem } = together(shapes.map((shape) => shape.geometry));
    if (problem) return session.say(problem);
    const ids = shapes.map(({ id }) => id);
    const { frame } = store.state;
    return session.commit({
      label: `Join ${ids.length} labels`,
      change: (document) => joinInto(document, ids, frame, geometry),
      select: [first.id],
      vertex: null,
    });
  }

  function split() {
    const shape = single();
    const pieces = shape && piecesOfShape(shape.geometry);
    if (!pieces) return session.say("Select a polygon or a mask first");
    if (pieces.length < 2) return session.say("This label is in one piece");
    const ids = pieces.slice(1).map(() => newIdentifier());
    const { frame } = store.state;
    return session.commit({
      label: `Separate ${shape.name}`,
      change: (document) => addPieces(document, shape.id, frame, pieces, ids),
      select: [shape.id, ...ids],
      vertex: null,
    });
  }

  function order(where) {
    const ids = session.editable();
    const name = ids.length === 1 ? session.nameOf(ids[0]) : `${ids.length} labels`;
    const label = where === "front" ? `Bring ${name} to the front` : `Send ${name} to the back`;
    if (!session.commit({ label, change: (document) => moveInOrder(document, ids, where) }))
      session.say(`Already at the ${where}`);
  }

  /** Hide all but the selection; once more shows everything. */
  function isolate() {
    const { selection, document, hidden } = store.state;
    const others = document.objects.map(({ id }) => id).filter((id) => !selection.includes(id));
    const isAlone = others.length > 0 && others.every((id) => hidden.has(id));
    store.update({ hidden: new Set(isAlone ? [] : others) });
    session.say(isAlone ? "All labels shown" : "The other labels are hidden");
  }

  /** Visibility of a vertex of the chosen skeleton; without a name that of the chosen vertex. */
  function setVisibility(v, name = store.state.vertex?.[0]) {
    const shape = singleOf("skeleton");
    const point = shape?.geometry.points[name];
    if (!point)
      return session.say(
        session.editable().length < store.state.selection.length
          ? "This label is locked"
          : "Choose a vertex first",
      );
    if (v !== ABSENT && !hasPlace(point)) {
      store.update({ vertex: [name] });
      return session.say(`Click where ${name} is`);
    }
    const geometry = withVisibility(shape.geometry, name, v);
    return reshape(shape, `Mark ${name} as ${VISIBILITY_NAMES[v]} of`, geometry, [name]);
  }

  /** While a skeleton is drawn these keys are about the vertex that comes next; else about the chosen one. */
  const toggleHidden = () => {
    if (machine.send({ type: "hide" })) return;
    const point = singleOf("skeleton")?.geometry.points[store.state.vertex?.[0]];
    setVisibility(point?.v === HIDDEN ? VISIBLE : HIDDEN);
  };
  const leaveOut = () => {
    if (machine.send({ type: "skip" })) return;
    const point = singleOf("skeleton")?.geometry.points[store.state.vertex?.[0]];
    setVisibility(point?.v === ABSENT ? VISIBLE : ABSENT);
  };

  function outlineMode(mode) {
    machine.cancel();
    store.update({ outlineMode: mode });
    session.say(
      {
        shape: "Draw a new polygon",
        hole: "Draw a hole into the selected polygon",
        part: "Draw another part of the selected polygon",
        cut: "Draw a line across the selected polygon",
      }[mode],
    );
  }

  return {
    single,
    singleOf,
    deleteRing,
    fillHoles,
    merge,
    split,
    toFront: () => order("front"),
    toBack: () => order("back"),
    isolate,
    setVisibility,
    toggleHidden,
    leaveOut,
    outlineMode,
  };
}

/** Several shapes of one kind as one: {geometry} or {problem}. */
function together(geometries) {
  const [first, ...others] = geometries;
  if (first.type === "polygon") return joined(geometries);
  if (first.type !== "bitmask") return { problem: "Only polygons and masks can be joined" };
  const mask = maskFromGeometry(first);
  for (const other of others) {
    const more = maskFromGeometry(other);
    for (let at = 0; at < mask.length; at += 1) mask[at] |= more[at];
  }
  return { geometry: geometryFromMask(mask, first.size) };
}

function piecesOfShape(geometry) {
  if (geometry.type === "polygon") return separated(geometry);
  if (geometry.type !== "bitmask") return null;
  return piecesOf(maskFromGeometry(geometry), geometry.size).map((mask) =>
    geometryFromMask(mask, geometry.size),
  );
}
