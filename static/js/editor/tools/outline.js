/**
 * A table for shapes drawn point by point: click for points, drag for a free-hand line, Enter, double click or the
 * first point finishes, Backspace takes the last point back.
 */

import { clampPoint, distancePx } from "../geometry.js";
import { edgeProblem } from "../validity.js";
import { boxAtCentre, drawingClass, finished } from "./new_object.js";

const CLOSE_PX = 10;
const FREEHAND_PX = 9;

export function outlineTool({ name, shape, label, key, icon, closed, make }) {
  const pair = (event) => {
    const { x, y } = clampPoint(event.point);
    return [x, y];
  };
  const drawn = (scene, points, cursor, extra = {}) => ({
    points,
    cursor,
    open: true,
    ghosts: [
      {
        id: null,
        node: scene.activeClass.hash,
        geometry: { type: "polyline", points: cursor ? [...points, cursor] : points },
        dots: points,
        closing: closed && points.length > 2,
      },
    ],
    ...extra,
  });
  const reach = (scene, px) => px / scene.scale;

  function finish({ draft, scene }) {
    if (draft.points.length < (closed ? 3 : 2)) {
      return { say: closed ? "A polygon needs at least three points" : "A line needs at least two points" };
    }
    return finished(scene, make(draft.points));
  }

  function addPoint({ draft, event, scene }) {
    const to = pair(event);
    const { points } = draft;
    if (closed && points.length > 2 && distancePx(points[0], to, scene.size) <= reach(scene, CLOSE_PX)) {
      return finish({ draft, scene });
    }
    // A double click arrives as two presses; the second one adds nothing.
    if (distancePx(points.at(-1), to, scene.size) < reach(scene, 2))
      return { draft: { ...draft, pressed: true } };
    const problem = closed ? edgeProblem(points, to) : null;
    if (problem) return { say: problem };
    return { draft: drawn(scene, [...points, to], null, { pressed: true }) };
  }

  function follow(context) {
    const { draft, event, scene } = context;
    const to = pair(event);
    const last = draft.points.at(-1);
    if (draft.pressed && distancePx(last, to, scene.size) >= reach(scene, FREEHAND_PX)) {
      const problem = closed ? edgeProblem(draft.points, to) : null;
      if (!problem) return { draft: drawn(scene, [...draft.points, to], null, { pressed: true }) };
    }
    return { draft: drawn(scene, draft.points, to, { pressed: draft.pressed }) };
  }

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
          return { to: "drawing", draft: drawn(scene, [pair(event)], null, { pressed: true }) };
        },
        enter: ({ scene }) => {
          const { problem } = drawingClass(scene, shape);
          if (problem) return { say: problem };
          const { x, y, w, h } = boxAtCentre(scene);
          const corners = [
            [x, y],
            [x + w, y],
            [x + w, y + h],
            [x, y + h],
          ];
          return finished(scene, make(closed ? corners : [corners[3], corners[1]]));
        },
      },
      drawing: {
        move: follow,
        down: addPoint,
        up: ({ draft }) => ({ draft: { ...draft, pressed: false } }),
        double: finish,
        enter: finish,
        back: ({ draft, scene }) =>
          draft.points.length > 1
            ? { draft: drawn(scene, draft.points.slice(0, -1), draft.cursor) }
            : { to: "idle", draft: null },
      },
    },
  };
}
