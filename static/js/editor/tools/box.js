import { cornerDragTool } from "./corner_drag.js";

export const box = cornerDragTool({
  name: "box",
  shape: "bounding_box",
  label: "Bounding box",
  key: "b",
  icon: "square",
  make: (corners) => ({ type: "bounding_box", ...corners }),
});
