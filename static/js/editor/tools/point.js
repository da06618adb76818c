import { clampPoint } from "../geometry.js";
import { drawingClass, finished } from "./new_object.js";

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
      down: ({ event, scene }) => place(scene, event.point),
      enter: ({ scene }) =>
        place(scene, { x: scene.view.x + scene.view.w / 2, y: scene.view.y + scene.view.h / 2 }),
    },
  },
};
