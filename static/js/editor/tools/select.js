/** Select, move, resize and reshape. Where nothing may be changed, dragging moves the picture instead. */

import { setGeometries, setGeometry } from "../actions.js";
import { boxBetween, translate } from "../geometry.js";
import { hitHandle, hitShape, shapesInside } from "../hit_test.js";
import { geometryProblem } from "../validity.js";
import { handlesOf, insertVertex, moveHandle, removeVertex } from "../vertices.js";
import { CLICK_PX, travelPx } from "./new_object.js";

const REACH_PX = { mouse: 7, pen: 10, touch: 18 };

const pair = (event) => [event.point.x, event.point.y];
const reach = (event, scene) => (REACH_PX[event.pointer] ?? REACH_PX.mouse) / scene.scale;

function handleUnder(event, scene) {
  if (scene.readOnly || scene.selection.length !== 1) return null;
  const shape = scene.shapes.find(({ id }) => id === scene.selection[0]);
  if (!shape || shape.locked) return null;
  const handle = hitHandle(
    handlesOf(shape.geometry, scene.size, scene.scale),
    pair(event),
    scene.size,
    reach(event, scene),
  );
  return handle && { shape, handle };
}

function pressHandle({ shape, handle }, event, scene) {
  if (event.alt && handle.kind === "vertex") {
    const geometry = removeVertex(shape.geometry, handle.path);
    return geometry
      ? reshaped(shape, geometry, scene, "Delete point of", null)
      : { say: "The shape needs its last points" };
  }
  const inserted = handle.kind === "middle";
  const geometry = inserted ? insertVertex(shape.geometry, handle.path, event.point) : shape.geometry;
  const held = inserted ? { ...handle, kind: "vertex" } : handle;
  return {
    to: "reshaping",
    draft: { shape, handle: held, start: geometry, geometry, screen: event.screen, inserted, moved: false },
    select: [shape.id],
    vertex: held.kind === "vertex" ? held.path : null,
  };
}

function reshaped(shape, geometry, scene, label, vertex) {
  const problem = geometryProblem(geometry, scene.size);
  if (problem) return { to: "idle", say: `${problem}: not changed` };
  const change = (document) => setGeometry(document, shape.id, scene.frame, geometry);
  return { to: "idle", commit: { label: `${label} ${shape.name}`, change, vertex } };
}

function pressShape(event, scene) {
  const tolerance = reach(event, scene);
  const selected = scene.shapes.filter(({ id }) => scene.selection.includes(id));
  // A press inside what is selected means it, even where a smaller shape lies on top: it is about to be moved.
  const id =
    (!event.shift && hitShape(selected, pair(event), scene.size, tolerance)) ||
    hitShape(scene.shapes, pair(event), scene.size, tolerance);
  const top = hitShape(scene.shapes, pair(event), scene.size, tolerance);
  if (!id)
    return {
      to: "pressed",
      draft: { id: null, from: event.point, screen: event.screen, shift: event.shift },
    };
  if (event.shift) {
    const rest = scene.selection.filter((other) => other !== id);
    return { select: rest.length < scene.selection.length ? rest : [...rest, id] };
  }
  const draft = { id, top, from: event.point, screen: event.screen, shift: false };
  return scene.selection.includes(id) ? { to: "pressed", draft } : { to: "pressed", draft, select: [id] };
}

function startDrag(context) {
  const { draft, event, scene } = context;
  if (travelPx(event.screen, draft.screen) < CLICK_PX) return null;
  if (scene.readOnly) return { to: "panning", draft: { screen: event.screen } };
  if (!draft.id) return { ...marquee(context), to: "marquee" };
  const held = scene.shapes.filter(({ id, locked }) => scene.selection.includes(id) && !locked);
  const movable = held.filter(({ geometry }) => geometry.type !== "bitmask");
  if (!movable.length)
    return { to: "idle", say: held.length ? "Bitmasks cannot be moved" : "This label is locked" };
  return { ...drag({ ...context, draft: { ...draft, movable } }), to: "moving" };
}

function drag({ draft, event, scene }) {
  const dx = event.point.x - draft.from.x;
  const dy = event.point.y - draft.from.y;
  const ghosts = draft.movable.map((shape) => ({
    ...shape,
    geometry: translate(shape.geometry, dx, dy, scene.size),
  }));
  return { draft: { ...draft, ghosts } };
}

function drop({ draft, scene }) {
  const moved = draft.ghosts.map(({ id, geometry }) => [id, geometry]);
  const name = moved.length === 1 ? draft.ghosts[0].name : `${moved.length} labels`;
  return {
    to: "idle",
    commit: { label: `Move ${name}`, change: (document) => setGeometries(document, scene.frame, moved) },
  };
}

function reshape({ draft, event, scene }) {
  if (!draft.moved && travelPx(event.screen, draft.screen) < CLICK_PX / 2) return null;
  const geometry = moveHandle(draft.start, draft.handle, event.point, scene.size);
  const problem = geometryProblem(geometry, scene.size);
  return { draft: { ...draft, moved: true, geometry, ghosts: [{ ...draft.shape, geometry, problem }] } };
}

function endReshape({ draft, scene }) {
  if (!draft.moved && !draft.inserted) return { to: "idle" };
  const label = draft.inserted ? "Add point to" : draft.handle.kind === "turn" ? "Turn" : "Reshape";
  return reshaped(draft.shape, draft.geometry, scene, label);
}

const marquee = ({ draft, event }) => ({ draft: { ...draft, marquee: boxBetween(draft.from, event.point) } });

export const select = {
  name: "select",
  label: "Select",
  key: "v",
  icon: "pointer",
  cursor: "default",
  initial: "idle",
  states: {
    idle: {
      down: ({ event, scene }) => {
        const grip = handleUnder(event, scene);
        return grip ? pressHandle(grip, event, scene) : pressShape(event, scene);
      },
    },
    pressed: {
      move: startDrag,
      up: ({ draft, scene }) => {
        if (!draft.id) return { to: "idle", select: draft.shift ? scene.selection : [] };
        return { to: "idle", select: [draft.top ?? draft.id] };
      },
    },
    moving: { move: drag, up: drop },
    reshaping: { move: reshape, up: endReshape },
    marquee: {
      move: marquee,
      up: ({ draft, scene }) => {
        const inside = shapesInside(scene.shapes, draft.marquee, scene.size);
        return { to: "idle", select: draft.shift ? [...new Set([...scene.selection, ...inside])] : inside };
      },
    },
    panning: {
      move: ({ draft, event }) => ({
        draft: { screen: event.screen },
        pan: { dx: event.screen.x - draft.screen.x, dy: event.screen.y - draft.screen.y },
      }),
      up: () => ({ to: "idle" }),
    },
  },
};
