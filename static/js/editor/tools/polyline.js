import { outlineTool } from "./outline.js";

export const polyline = outlineTool({
  name: "polyline",
  shape: "polyline",
  label: "Polyline",
  key: "l",
  icon: "line",
  closed: false,
  make: (points) => ({ type: "polyline", points }),
});
