import { finished } from "./new_object.js";
import { outlineTool } from "./outline.js";

export const polyline = outlineTool({
  name: "polyline",
  shape: "polyline",
  label: "Polyline",
  key: "l",
  icon: "line",
  kindOf: () => ({ closed: false, done: (scene, points) => finished(scene, { type: "polyline", points }) }),
});
