/** The part of the select tool that changes one shape: its handles, new vertices on an edge, vertices of a skeleton. */

import { setGeometry } from "../actions.js";
import { distancePx } from "../geometry.js";
import { hitHandle } from "../hit_test.js";
import { ABSENT, withPlace } from "../skeletons.js";
import { changeProblem } from "../validity.js";
import { handlesOf, insertVertex, moveHandle, removeVertex, ringsOf } from "../vertices.js";
import { aimed, CLICK_PX, travelPx } from "./new_object.js";

const REACH_PX = { mouse: 7, pen: 10, touch: 18 };

export const pair = (event) => [event.point.x, event.point.y];
export const reach = (event, scene) => (REACH_PX[event.pointer] ?? REACH_PX.mouse) / scene.scale;

/** The one selected shape that may be changed, or null. */
export function shapeInHand(scene) {
  if (scene.readOnly || scene.selection.length !== 1) return null;
  const shape = scene.shapes.find(({ id }) => id === scene.selection[0]);
  return shape && !shape.locked ? shape : null;
}

export function handleUnder(event, scene) {
  const shape = shapeInHand(scene);
  if (!shape) return null;
  const handles = handlesOf(shape.geometry, scene.size, scene.scale);
  const handle = hitHandle(handles, pair(event), scene.size, reach(event, scene));
  return handle && { shape, handle };
}

const RESIZE = { n: "ns", s: "ns", e: "ew", w: "ew", nw: "nwse", se: "nwse", ne: "nesw", sw: "nesw" };

/** The cursor over a handle. The sides of a turned box point anywhere, so their handles have one cursor. */
export function cursorOf({ shape, handle }) {
  if (handle.kind === "turn") return "grab";
  if (handle.kind === "middle") return "copy";
  if (handle.kind === "vertex") return "crosshair";
  return shape.geometry.type === "bounding_box" ? `${RESIZE[handle.path]}-resize` : "crosshair";
}

export function pressHandle({ shape, handle }, event, scene) {
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

export function reshaped(shape, geometry, scene, label, vertex) {
  const problem = changeProblem(shape.geometry, geometry, scene.size);
  if (problem) return { to: "idle", say: `${problem}: not changed` };
  const change = (document) => setGeometry(document, shape.id, scene.frame, geometry);
  return { to: "idle", commit: { label: `${label} ${shape.name}`, change, vertex } };
}

export function reshape({ draft, event, scene }) {
  if (!draft.moved && travelPx(event.screen, draft.screen) < CLICK_PX / 2) return null;
  const { point, mark } =
    draft.handle.kind === "turn" ? { point: event.point, mark: null } : aimed(event, scene, draft.shape.id);
  const geometry = moveHandle(draft.start, draft.handle, point, scene.size, event);
  const problem = changeProblem(draft.shape.geometry, geometry, scene.size);
  return { draft: { ...draft, moved: true, mark, geometry, ghosts: [{ ...draft.shape, geometry, problem }] } };
}

export function endReshape({ draft, scene }) {
  if (!draft.moved && !draft.inserted) return { to: "idle" };
  const label = draft.inserted ? "Add point to" : draft.handle.kind === "turn" ? "Turn" : "Reshape";
  return reshaped(draft.shape, draft.geometry, scene, label);
}

/** A double click on an edge puts a vertex there. */
export function insertOnEdge({ event, scene }) {
  const shape = shapeInHand(scene);
  if (!shape || !["polygon", "polyline"].includes(shape.geometry.type)) return null;
  const at = nearestEdge(shape.geometry, pair(event), scene.size);
  if (!at || at.distance > reach(event, scene)) return null;
  const [x, y] = at.point;
  const geometry = insertVertex(shape.geometry, at.path, { x, y });
  return reshaped(shape, geometry, scene, "Add point to", at.path);
}

function nearestEdge(geometry, point, frame) {
  let best = null;
  for (const { path, points, closed } of ringsOf(geometry)) {
    const count = closed ? points.length : points.length - 1;
    for (let i = 0; i < count; i += 1) {
      const foot = footOn(point, points[i], points[(i + 1) % points.length], frame);
      const distance = distancePx(point, foot, frame);
      if (!best || distance < best.distance) best = { distance, point: foot, path: [...path, i + 1] };
    }
  }
  return best;
}

function footOn([px, py], [ax, ay], [bx, by], { width, height }) {
  const [dx, dy] = [(bx - ax) * width, (by - ay) * height];
  const length = dx * dx + dy * dy;
  const along = length ? ((px - ax) * width * dx + (py - ay) * height * dy) / length : 0;
  const share = Math.min(1, Math.max(0, along));
  return [ax + share * (bx - ax), ay + share * (by - ay)];
}

/** With a vertex chosen that is not there yet, a press puts it where it was pressed. */
export function placeAbsentVertex({ event, scene }) {
  const shape = shapeInHand(scene);
  const [name] = scene.vertex ?? [];
  if (shape?.geometry.type !== "skeleton" || shape.geometry.points[name]?.v !== ABSENT) return null;
  const geometry = withPlace(shape.geometry, name, aimed(event, scene, shape.id).point);
  return reshaped(shape, geometry, scene, `Place ${name} of`, [name]);
}
