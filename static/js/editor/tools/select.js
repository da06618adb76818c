/** Select, move, resize and reshape. Where nothing may be changed, dragging moves the picture instead. */

import { setGeometries } from "../actions.js";
import { boxBetween, translate } from "../geometry.js";
import { hitShape, shapesInside } from "../hit_test.js";
import { knownBounds } from "../snapping.js";
import { CLICK_PX, travelPx } from "./new_object.js";
import {
  cursorOf,
  endReshape,
  handleUnder,
  insertOnEdge,
  pair,
  placeAbsentVertex,
  pressHandle,
  reach,
  reshape,
} from "./reshape.js";

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
  if (!held.length) return { to: "idle", say: "This label is locked" };
  return { ...drag({ ...context, draft: { ...draft, movable: held } }), to: "moving" };
}

function drag({ draft, event, scene }) {
  const { dx, dy } = limited(
    draft.movable,
    event.point.x - draft.from.x,
    event.point.y - draft.from.y,
    scene.size,
  );
  const ghosts = draft.movable.map((shape) => {
    const geometry = translate(shape.geometry, dx, dy, scene.size);
    return { ...shape, geometry, from: shape.geometry };
  });
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

/** Several shapes move as one: the whole selection stops where its first shape reaches the border. */
function limited(shapes, dx, dy, size) {
  const boxes = shapes.map(({ geometry }) => knownBounds(geometry, size));
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const right = Math.max(...boxes.map(({ x, w }) => x + w));
  const bottom = Math.max(...boxes.map(({ y, h }) => y + h));
  return {
    dx: Math.min(Math.max(dx, Math.min(0, -left)), Math.max(0, 1 - right)),
    dy: Math.min(Math.max(dy, Math.min(0, -top)), Math.max(0, 1 - bottom)),
  };
}

/** What the pointer would do here, as a cursor. */
function hover({ event, scene }) {
  const grip = handleUnder(event, scene);
  if (grip) return cursorOf(grip);
  const tolerance = reach(event, scene);
  const id = hitShape(scene.shapes, pair(event), scene.size, tolerance);
  if (!id) return "default";
  return scene.readOnly || !scene.selection.includes(id) ? "pointer" : "move";
}

const marquee = ({ draft, event }) => ({ draft: { ...draft, marquee: boxBetween(draft.from, event.point) } });

export const select = {
  name: "select",
  label: "Select",
  key: "v",
  icon: "pointer",
  cursor: "default",
  hover,
  initial: "idle",
  states: {
    idle: {
      down: ({ event, scene }) => {
        const grip = handleUnder(event, scene);
        if (grip) return pressHandle(grip, event, scene);
        return placeAbsentVertex({ event, scene }) ?? pressShape(event, scene);
      },
      double: insertOnEdge,
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
