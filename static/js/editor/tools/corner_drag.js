/** A table for shapes drawn between two corners: drag, or click twice; Enter drops one at the centre. */

import { boxBetween } from "../geometry.js";
import { boxAtCentre, CLICK_PX, drawingClass, finished, travelPx } from "./new_object.js";

export function cornerDragTool({ name, shape, label, key, icon, make }) {
  const ghost = (draft, point, scene) => ({
    ...draft,
    ghosts: [{ id: null, node: scene.activeClass.hash, geometry: make(boxBetween(draft.from, point)) }],
  });
  const follow = ({ draft, event, scene }) => ({ draft: ghost(draft, event.point, scene) });
  const finish = ({ draft, event, scene }) => {
    const done = finished(scene, make(boxBetween(draft.from, event.point)));
    return done.commit ? done : { ...done, to: "idle", draft: null };
  };
  return {
    name,
    shape,
    label,
    key,
    icon,
    cursor: "crosshair",
    initial: "idle",
    states: {
      idle: {
        down: ({ event, scene }) => {
          const { problem } = drawingClass(scene, shape);
          if (problem) return { say: problem };
          return { to: "dragging", draft: { from: event.point, screen: event.screen } };
        },
        enter: ({ scene }) => {
          const { problem } = drawingClass(scene, shape);
          return problem ? { say: problem } : finished(scene, make(boxAtCentre(scene)));
        },
      },
      dragging: {
        move: follow,
        // Released where it was pressed: the person clicks corners instead of dragging.
        up: (context) =>
          travelPx(context.event.screen, context.draft.screen) < CLICK_PX
            ? { to: "clicked" }
            : finish(context),
      },
      clicked: { move: follow, down: finish },
    },
  };
}
