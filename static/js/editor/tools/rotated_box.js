import { cornerDragTool } from "./corner_drag.js";

/** Drawn upright, then turned by its handle. */
export const rotatedBox = cornerDragTool({
  name: "rotated_box",
  shape: "rotatable_bounding_box",
  label: "Rotatable box",
  key: "r",
  icon: "rotate-rectangle",
  make: (corners) => ({ type: "rotatable_bounding_box", ...corners, theta: 0 }),
});
