import { outlineTool } from "./outline.js";

export const polygon = outlineTool({
  name: "polygon",
  shape: "polygon",
  label: "Polygon",
  key: "p",
  icon: "polygon",
  closed: true,
  make: (points) => ({ type: "polygon", parts: [[points]] }),
});
