/** The mark of a judged label in its middle: a tick or a cross, so that colour is not the only sign. */

import { boundsOf } from "./geometry.js";
import { projection } from "./paint.js";

const RADIUS = 8;
const SIGNS = {
  approved: { colour: "#1b7a3f", strokes: [[[-3.5, 0.2], [-1, 2.8], [3.8, -2.6]]] },
  rejected: { colour: "#c0392b", strokes: [[[-2.8, -2.8], [2.8, 2.8]], [[2.8, -2.8], [-2.8, 2.8]]] },
};

export function paintBadge(context, name, geometry, frame, viewport) {
  const box = boundsOf(geometry, frame);
  const [x, y] = projection(frame, viewport)([box.x + box.w / 2, box.y + box.h / 2]);
  const { colour, strokes } = SIGNS[name];
  context.beginPath();
  context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.lineWidth = 1.8;
  for (const points of strokes) {
    context.beginPath();
    points.forEach(([dx, dy], index) => (index ? context.lineTo(x + dx, y + dy) : context.moveTo(x + dx, y + dy)));
    context.stroke();
  }
}
