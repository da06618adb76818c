/** What the drawing tools share: turning a finished geometry into a step of the history. */

import { addObject } from "../actions.js";
import { labelOn, objectById } from "../document.js";
import { snapTarget } from "../snapping.js";
import { placeShape } from "../track_actions.js";
import { geometryProblem } from "../validity.js";

const SNAP_PX = 9;

/**
 * Where a person means to put a point: `{point, mark}`. With snapping (a setting; Ctrl held means the opposite) that is the
 * vertex or edge in reach, which `mark` shows on the canvas. `except` leaves the shape in hand out.
 */
export function aimed(event, scene, except = null) {
  if (Boolean(scene.settings.snap) === Boolean(event.ctrl)) return { point: event.point, mark: null };
  const target = snapTarget(event.point, scene.shapes, scene.size, SNAP_PX / scene.scale, except);
  return target ? { point: { x: target.x, y: target.y }, mark: target } : { point: event.point, mark: null };
}

/** At rest: only what a point set here would snap to. */
export function showAim({ event, scene }) {
  const { mark } = aimed(event, scene);
  return { draft: mark && { mark } };
}

/** The class to draw with, or the reason why there is none. */
export function drawingClass(scene, shape) {
  const cls = scene.activeClass;
  if (cls?.shape === shape) return { cls };
  return { problem: "Choose a class for this tool first" };
}

/** Finish a drawing: a commit that adds the object and selects it, or the reason why the shape is refused. */
export function finished(scene, geometry) {
  const problem = geometryProblem(geometry, scene.size);
  if (problem) return { say: problem };
  const cls = scene.activeClass;
  const known = seenElsewhere(scene, cls);
  if (known) return continued(scene, known, cls, geometry);
  const id = scene.newIdentifier();
  return {
    to: "idle",
    draft: null,
    commit: {
      label: `Draw ${cls.name}`,
      change: (document) => addObject(document, { id, node: cls.hash, frame: scene.frame, geometry }),
      select: [id],
      vertex: null,
    },
  };
}

/** The one selected instance of the class, when it is on other frames but not on this one: drawing means it again. */
export function seenElsewhere(scene, cls) {
  if (scene.selection.length !== 1) return null;
  const object = objectById(scene.document, scene.selection[0]);
  const isAway = object?.node === cls?.hash && object.labels.length > 0 && !labelOn(object, scene.frame);
  return isAway && !scene.locked.has(object.id) ? object : null;
}

/** The instance's shape on this frame, as a key frame; with interpolation also on the way to it. */
function continued(scene, object, cls, geometry) {
  const { frame } = scene;
  return {
    to: "idle",
    draft: null,
    commit: {
      label: `Draw ${cls.name} on frame ${frame}`,
      change: (document) => placeShape(document, object.id, frame, geometry, { fills: scene.interpolates }),
      select: [object.id],
      vertex: null,
    },
  };
}

/** A box around the middle of the view, for drawing by keyboard: a fifth of what is visible. */
export function boxAtCentre(scene) {
  const w = Math.min(1, scene.view.w / 5);
  const h = Math.min(1, scene.view.h / 5);
  const x = Math.min(1 - w, Math.max(0, scene.view.x + scene.view.w / 2 - w / 2));
  const y = Math.min(1 - h, Math.max(0, scene.view.y + scene.view.h / 2 - h / 2));
  return { x, y, w, h };
}

/** Screen distance between two events' pointers. */
export const travelPx = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

export const CLICK_PX = 4;
