/** The tools in the order of the rail. A new tool is a file and a line here. */

import { box } from "./box.js";
import { brush } from "./brush.js";
import { eraser } from "./eraser.js";
import { maskOutline } from "./mask_outline.js";
import { pan } from "./pan.js";
import { point } from "./point.js";
import { polygon } from "./polygon.js";
import { polyline } from "./polyline.js";
import { rotatedBox } from "./rotated_box.js";
import { select } from "./select.js";
import { skeleton } from "./skeleton.js";
import { windowLevel } from "./window_level.js";

export const TOOLS = [select, pan, windowLevel, box, rotatedBox, polygon, polyline, point, skeleton, brush, eraser, maskOutline];
