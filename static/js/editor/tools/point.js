import { clampPoint } from "../geometry.js";
import { aimed, drawingClass, finished, showAim } from "./new_object.js";

const place = (scene, { x, y }) => {
  const { problem } = drawingClass(scene, "point");
  return problem ? { say: problem } : finished(scene, { type: "point", ...clampPoint({ x, y }) });
};

export const point = {
  name: "point",
  shape: "point",
  label: "Point",
  key: "k",
  icon: "point",
  cursor: "crosshair",
  initial: "idle",
  states: {
    idle: {
      move: showAim,
      down: ({ event, scene }) => place(scene, aimed(event, scene).point),
      enter: ({ scene }) =>
        place(scene, { x: scene.view.x + scene.view.w / 2, y: scene.view.y + scene.view.h / 2 }),
    },
  },
};
