/** An outline whose inside is painted into (or, with Alt at its end, taken from) the selected mask, or begins a new one. */

import { paintRings } from "../mask_edit.js";
import { outlineTool } from "./outline.js";
import { paintedInto } from "./mask_tool.js";

export const maskOutline = outlineTool({
  name: "mask_outline",
  shape: "bitmask",
  label: "Fill an outline",
  key: "c",
  icon: "lasso",
  kindOf: () => ({
    closed: true,
    done: (scene, points) =>
      paintedInto(scene, false, (mask, [height, width]) =>
        paintRings(mask, [height, width], [points.map(([x, y]) => [x * width, y * height])], 1),
      ),
  }),
});
