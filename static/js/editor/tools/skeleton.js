/**
 * Skeletons from their template. Click the vertices one after the other in the template's order, or drag a box to drop the
 * whole template into it and move its vertices afterwards. "skip" leaves a vertex out, "hide" marks the next one as hidden,
 * Enter ends with the rest left out, Backspace takes the last one back.
 */

import { boxBetween, clampPoint } from "../geometry.js";
import { ABSENT, completed, HIDDEN, skeletonIn, VISIBLE } from "../skeletons.js";
import { aimed, boxAtCentre, CLICK_PX, drawingClass, finished, showAim, travelPx } from "./new_object.js";

const LEAST_BOX_PX = 8;

/** Template of the active class, or the reason why nothing can be drawn. */
function templateOf(scene) {
  const { problem } = drawingClass(scene, "skeleton");
  if (problem) return { problem };
  const template = scene.ontology.templateOf(scene.activeClass);
  return template?.vertices.length
    ? { template }
    : { problem: "This class has no skeleton template in the ontology" };
}

function ghost(scene, geometry, more = {}) {
  return { id: null, node: scene.activeClass.hash, geometry, ...more };
}

/** The draft of a skeleton with `points` set so far; `cursor` is where the next vertex would go. */
function placing(scene, template, points, { hidden = false, cursor = null } = {}) {
  const next = template.vertices[Object.keys(points).length];
  const shown = Object.fromEntries(Object.entries(points).filter(([, { v }]) => v !== ABSENT));
  if (cursor && next) shown[next.name] = { ...cursor, v: hidden ? HIDDEN : VISIBLE };
  return {
    template,
    points,
    hidden,
    cursor,
    next: next.name,
    position: Object.keys(points).length,
    ghosts: [ghost(scene, { type: "skeleton", points: shown }, { pointNames: [next.name] })],
  };
}

function asked(template, count, hidden = false) {
  const { name } = template.vertices[count];
  return `${name}${hidden ? ", hidden" : ""}: ${count + 1} of ${template.vertices.length}`;
}

/** Add a point for the next vertex: goes on to the one after, or finishes with the last. */
function withNext(scene, draft, point, cursor = null) {
  const { template } = draft;
  const points = { ...draft.points, [draft.next]: point };
  const count = Object.keys(points).length;
  if (count === template.vertices.length) return end(scene, template, points);
  return {
    to: "placing",
    draft: placing(scene, template, points, { cursor }),
    say: asked(template, count),
  };
}

function end(scene, template, points) {
  if (!Object.values(points).some(({ v }) => v !== ABSENT))
    return { to: "idle", draft: null, say: "No vertex was placed, so nothing was drawn" };
  return finished(scene, completed(template, points));
}

function press({ event, scene }) {
  const { template, problem } = templateOf(scene);
  if (problem) return { say: problem };
  const from = aimed(event, scene).point;
  return { to: "pressed", draft: { template, from, screen: event.screen } };
}

/** Pressed and moved on: the template is stretched over a box instead of being clicked together. */
function stretch({ draft, event, scene }) {
  if (!draft.ghosts && travelPx(event.screen, draft.screen) < CLICK_PX) return null;
  const geometry = skeletonIn(draft.template, boxBetween(draft.from, event.point));
  return { draft: { ...draft, geometry, ghosts: [ghost(scene, geometry)] } };
}

function release({ draft, event, scene }) {
  if (!draft.geometry) {
    const first = placing(scene, draft.template, {});
    return withNext(scene, first, { ...clampPoint(draft.from), v: VISIBLE });
  }
  const tooSmall = Math.max(
    Math.abs(event.screen.x - draft.screen.x),
    Math.abs(event.screen.y - draft.screen.y),
  );
  if (tooSmall < LEAST_BOX_PX) return { to: "idle", draft: null };
  return finished(scene, draft.geometry);
}

export const skeleton = {
  name: "skeleton",
  shape: "skeleton",
  label: "Skeleton",
  key: "s",
  icon: "vector-triangle",
  cursor: "crosshair",
  initial: "idle",
  states: {
    idle: {
      move: showAim,
      down: press,
      enter: ({ scene }) => {
        const { template, problem } = templateOf(scene);
        return problem ? { say: problem } : finished(scene, skeletonIn(template, boxAtCentre(scene)));
      },
      // By keyboard or for a skeleton whose first vertices cannot be seen: begin without a place.
      skip: ({ scene }) => {
        const { template, problem } = templateOf(scene);
        if (problem) return { say: problem };
        return withNext(scene, placing(scene, template, {}), { x: 0, y: 0, v: ABSENT });
      },
    },
    pressed: { move: stretch, up: release },
    placing: {
      move: ({ draft, event, scene }) => {
        const { point, mark } = aimed(event, scene);
        const next = placing(scene, draft.template, draft.points, {
          hidden: draft.hidden,
          cursor: clampPoint(point),
        });
        return { draft: { ...next, mark } };
      },
      down: ({ draft, event, scene }) => {
        const place = clampPoint(aimed(event, scene).point);
        return withNext(scene, draft, { ...place, v: draft.hidden ? HIDDEN : VISIBLE }, place);
      },
      skip: ({ draft, scene }) => withNext(scene, draft, { x: 0, y: 0, v: ABSENT }, draft.cursor),
      hide: ({ draft, scene }) => {
        const { template, points, cursor } = draft;
        const hidden = !draft.hidden;
        return {
          draft: placing(scene, template, points, { hidden, cursor }),
          say: asked(template, draft.position, hidden),
        };
      },
      enter: ({ draft, scene }) => end(scene, draft.template, draft.points),
      double: ({ draft, scene }) => end(scene, draft.template, draft.points),
      back: ({ draft, scene }) => {
        const names = Object.keys(draft.points).slice(0, -1);
        if (!names.length) return { to: "idle", draft: null };
        const points = Object.fromEntries(names.map((name) => [name, draft.points[name]]));
        return {
          draft: placing(scene, draft.template, points, { cursor: draft.cursor }),
          say: asked(draft.template, names.length),
        };
      },
    },
  },
};
