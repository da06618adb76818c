/** A table for shapes drawn between two corners: drag, or click twice; Enter drops one at the centre. */

import { boxBetween } from "../geometry.js";
import { aimed, boxAtCentre, CLICK_PX, drawingClass, finished, showAim, travelPx } from "./new_object.js";

export function cornerDragTool({ name, shape, label, key, icon, make }) {
  const ghost = (draft, { point, mark }, scene) => ({
    ...draft,
    mark,
    ghosts: [{ id: null, node: scene.activeClass.hash, geometry: make(boxBetween(draft.from, point)) }],
  });
  const follow = ({ draft, event, scene }) => ({
    draft: ghost(draft, aimed(event, scene), scene),
  });
  const finish = ({ draft, event, scene }) => {
    const done = finished(scene, make(boxBetween(draft.from, aimed(event, scene).point)));
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
        // What a first corner would snap to is worth seeing before it is set.
        move: showAim,
        down: ({ event, scene }) => {
          const { problem } = drawingClass(scene, shape);
          if (problem) return { say: problem };
          const { point, mark } = aimed(event, scene);
          return { to: "dragging", draft: { from: point, mark, screen: event.screen } };
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
