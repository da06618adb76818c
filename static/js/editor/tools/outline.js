/**
 * A table for shapes drawn point by point: click for points, drag for a free-hand line, Enter, double click or the
 * first point finishes, Backspace takes the last point back.
 */

import { clampPoint, distancePx } from "../geometry.js";
import { edgeProblem } from "../validity.js";
import { aimed, boxAtCentre, drawingClass, showAim } from "./new_object.js";

const CLOSE_PX = 10;
const FREEHAND_PX = 9;

/**
 * `kindOf(scene)` says what is being drawn: `{closed, done(scene, points), problem, ghost}`: whether the line closes, what
 * becomes of the finished points (a result for the machine), why nothing can be drawn now, how the line looks.
 */
export function outlineTool({ name, shape, label, key, icon, kindOf, ...more }) {
  const drawn = (scene, points, cursor, { mark = null, pressed = false } = {}) => {
    const { closed, ghost } = kindOf(scene);
    return {
      points,
      cursor,
      pressed,
      mark,
      ghosts: [
        {
          id: null,
          node: scene.activeClass.hash,
          geometry: { type: "polyline", points: cursor ? [...points, cursor] : points },
          dots: points,
          closing: closed && points.length > 2,
          ...ghost,
        },
      ],
    };
  };
  const place = (event, scene) => {
    const { point, mark } = aimed(event, scene);
    const { x, y } = clampPoint(point);
    return { to: [x, y], mark };
  };
  const reach = (scene, px) => px / scene.scale;

  function finish({ draft, scene }) {
    const { closed, done } = kindOf(scene);
    if (draft.points.length < (closed ? 3 : 2)) {
      return { say: closed ? "A polygon needs at least three points" : "A line needs at least two points" };
    }
    return done(scene, draft.points);
  }

  function addPoint({ draft, event, scene }) {
    const { to, mark } = place(event, scene);
    const { points } = draft;
    const { closed } = kindOf(scene);
    const first = [event.point.x, event.point.y];
    const closes = distancePx(points[0], first, scene.size) <= reach(scene, CLOSE_PX);
    if (closed && points.length > 2 && closes) return finish({ draft, scene });
    // A double click arrives as two presses; the second one adds nothing.
    if (distancePx(points.at(-1), to, scene.size) < reach(scene, 2))
      return { draft: { ...draft, pressed: true } };
    const problem = closed ? edgeProblem(points, to) : null;
    if (problem) return { say: problem };
    return { draft: drawn(scene, [...points, to], null, { mark, pressed: true }) };
  }

  function follow({ draft, event, scene }) {
    const { to, mark } = place(event, scene);
    const { pressed } = draft;
    const last = draft.points.at(-1);
    if (pressed && distancePx(last, to, scene.size) >= reach(scene, FREEHAND_PX)) {
      const problem = kindOf(scene).closed ? edgeProblem(draft.points, to) : null;
      if (!problem) return { draft: drawn(scene, [...draft.points, to], null, { mark, pressed }) };
    }
    return { draft: drawn(scene, draft.points, to, { mark, pressed }) };
  }

  const refusal = (scene) => kindOf(scene).problem ?? drawingClass(scene, shape).problem;

  return {
    name,
    shape,
    label,
    key,
    icon,
    ...more,
    cursor: "crosshair",
    initial: "idle",
    states: {
      idle: {
        // What a first point would snap to is worth seeing before it is set.
        move: showAim,
        down: ({ event, scene }) => {
          const problem = refusal(scene);
          if (problem) return { say: problem };
          const { to, mark } = place(event, scene);
          return { to: "drawing", draft: drawn(scene, [to], null, { mark, pressed: true }) };
        },
        enter: ({ scene }) => {
          const problem = refusal(scene);
          if (problem) return { say: problem };
          const { x, y, w, h } = boxAtCentre(scene);
          const corners = [
            [x, y],
            [x + w, y],
            [x + w, y + h],
            [x, y + h],
          ];
          const { closed, done } = kindOf(scene);
          return done(scene, closed ? corners : [corners[3], corners[1]]);
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
