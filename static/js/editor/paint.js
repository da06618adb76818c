/**
 * How things look on a 2D context: shapes, handles, names, helper lines. Called by the renderer only.
 *
 * Everything is drawn in screen pixels from relative geometry and the viewport, so lines keep their width at any zoom.
 */

import { inkOn, withAlpha } from "./colours.js";
import { boundsOf, cornersOf } from "./geometry.js";
import { paintMask } from "./paint_mask.js";
import { paintSkeleton } from "./paint_skeleton.js";
import { handlesOf } from "./vertices.js";

const HALO = "rgba(255, 255, 255, 0.5)";
const DARK_HALO = "rgba(0, 0, 0, 0.55)";
const FONT = '600 11px "Inter Variable", system-ui, sans-serif';

/** From relative [x, y] to screen [x, y]. */
export function projection(frame, viewport) {
  const scaleX = frame.width * viewport.scale;
  const scaleY = frame.height * viewport.scale;
  return ([x, y]) => [x * scaleX + viewport.x, y * scaleY + viewport.y];
}

function trace(context, points, project, closed) {
  points.forEach((point, index) => {
    const [x, y] = project(point);
    if (index) context.lineTo(x, y);
    else context.moveTo(x, y);
  });
  if (closed) context.closePath();
}

function path(context, geometry, frame, project) {
  context.beginPath();
  switch (geometry.type) {
    case "bounding_box":
    case "rotatable_bounding_box":
      trace(context, cornersOf(geometry, frame), project, true);
      return true;
    case "polygon":
      for (const part of geometry.parts) for (const ring of part) trace(context, ring, project, true);
      return true;
    case "polyline":
      trace(context, geometry.points, project, false);
      return false;
    default:
      return false;
  }
}

function outline(context, { colour, width, dash, halo, alpha = 1 }) {
  context.lineJoin = "round";
  context.lineCap = alpha < 1 ? "round" : "butt";
  context.globalAlpha = alpha;
  if (halo) {
    context.setLineDash([]);
    context.lineWidth = width + 1.4;
    context.strokeStyle = halo;
    context.stroke();
  }
  context.setLineDash(dash ?? []);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/**
 * One shape. `style`: colour, fill (0..1), width, dash (list), halo (true = light), template (of a skeleton), vertex (path
 * of the chosen one), pointNames (names of vertices to write), alpha (of a brush's stroke).
 */
export function paintShape(context, geometry, frame, viewport, style) {
  if (style.shift) viewport = shifted(viewport, style.shift, frame);
  const project = projection(frame, viewport);
  const line = { width: 1.75, ...style, halo: style.halo === false ? null : HALO };
  if (geometry.type === "bitmask") return paintMask(context, geometry, frame, viewport, line);
  if (geometry.type === "point") return paintDot(context, project([geometry.x, geometry.y]), line.colour, 5);
  if (geometry.type === "skeleton") return paintSkeleton(context, geometry, project, line);
  const closed = path(context, geometry, frame, project);
  if (closed && line.fill) {
    context.fillStyle = withAlpha(line.colour, line.fill);
    context.fill("evenodd");
  }
  outline(context, line);
}

/** A mask on its way is drawn as the picture that is known already, moved. */
const shifted = (viewport, { dx, dy }, frame) => ({
  ...viewport,
  x: viewport.x + dx * frame.width * viewport.scale,
  y: viewport.y + dy * frame.height * viewport.scale,
});

function paintDot(context, [x, y], colour, radius, filled = true) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = filled ? colour : "#ffffff";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = filled ? "#ffffff" : colour;
  context.stroke();
}

/** Handles of a selected shape; the chosen vertex is solid. */
export function paintHandles(context, geometry, frame, viewport, { colour, vertex, few }) {
  if (geometry.type === "skeleton") return;
  const project = projection(frame, viewport);
  for (const handle of handlesOf(geometry, frame, viewport.scale)) {
    const [x, y] = project([handle.x, handle.y]);
    if (handle.kind === "middle") {
      if (!few) paintDot(context, [x, y], withAlpha(colour, 0.9), 2.5);
    } else if (handle.kind === "turn") {
      context.beginPath();
      trace(
        context,
        [
          [handle.from.x, handle.from.y],
          [handle.x, handle.y],
        ],
        project,
        false,
      );
      outline(context, { colour, width: 1.5, halo: HALO });
      paintDot(context, [x, y], colour, 5, false);
    } else if (handle.kind === "vertex") {
      const chosen = vertex && vertex.join() === handle.path.join();
      paintDot(context, [x, y], colour, chosen ? 6 : 4.5, chosen);
    } else {
      context.fillStyle = "#ffffff";
      context.fillRect(x - 4, y - 4, 8, 8);
      context.lineWidth = 1.5;
      context.strokeStyle = colour;
      context.strokeRect(x - 4, y - 4, 8, 8);
    }
  }
}

/** The name above a shape, kept inside the canvas. */
export function paintName(context, text, geometry, frame, viewport, colour, screen) {
  const { x, y } = boundsOf(geometry, frame);
  const [left, top] = projection(frame, viewport)([x, y]);
  context.font = FONT;
  context.textBaseline = "middle";
  const width = Math.ceil(context.measureText(text).width) + 12;
  const boxX = Math.max(2, Math.min(left - 1, screen.width - width - 2));
  const boxY = Math.max(2, Math.min(top - 20, screen.height - 20));
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(boxX, boxY, width, 18, 3);
  context.fill();
  context.fillStyle = inkOn(colour);
  context.fillText(text, boxX + 6, boxY + 9.5);
}

/** Dots of the points set so far, the first one larger when a press on it closes the outline. */
export function paintDots(context, points, frame, viewport, colour, closing) {
  const project = projection(frame, viewport);
  points.forEach((point, index) =>
    paintDot(context, project(point), colour, index === 0 && closing ? 6 : 3.5, index > 0 || !closing),
  );
}

/** Lines between the pixels of the picture, as far as they are in view. */
export function paintGrid(context, frame, { x, y, scale }, screen) {
  const from = (offset) => Math.max(0, Math.ceil(-offset / scale));
  const to = (offset, length, all) => Math.min(all, Math.floor((length - offset) / scale));
  const [left, right] = [from(x), to(x, screen.width, frame.width)];
  const [top, bottom] = [from(y), to(y, screen.height, frame.height)];
  context.beginPath();
  for (let column = left; column <= right; column += 1) {
    const at = Math.round(x + column * scale) + 0.5;
    context.moveTo(at, y + top * scale);
    context.lineTo(at, y + bottom * scale);
  }
  for (let row = top; row <= bottom; row += 1) {
    const at = Math.round(y + row * scale) + 0.5;
    context.moveTo(x + left * scale, at);
    context.lineTo(x + right * scale, at);
  }
  context.lineWidth = 1;
  context.strokeStyle = "rgba(127, 127, 127, 0.35)";
  context.stroke();
}

/** Two dotted lines through the pointer, light on dark and dark on light at once. */
export function paintCrosshair(context, { x, y }, screen) {
  const [lineX, lineY] = [Math.round(x) + 0.5, Math.round(y) + 0.5];
  for (const [colour, shift] of [
    [HALO, 0],
    [DARK_HALO, 2],
  ]) {
    context.beginPath();
    context.setLineDash([2, 2]);
    context.lineDashOffset = shift;
    context.lineWidth = 1;
    context.strokeStyle = colour;
    context.moveTo(lineX, 0);
    context.lineTo(lineX, screen.height);
    context.moveTo(0, lineY);
    context.lineTo(screen.width, lineY);
    context.stroke();
  }
  context.setLineDash([]);
}

/** A circle that shows on light and dark: the pointer of the other view, or the reach of a brush. */
export function paintRing(context, { x, y }, radius = 8) {
  for (const [colour, width] of [
    ["#ffffff", 4.5],
    ["#181b21", 2],
  ]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}

/** What a point snaps to: a ring for a vertex, a square for a place on an edge. */
export function paintMark(context, { x, y, kind }, frame, viewport) {
  const [left, top] = projection(frame, viewport)([x, y]);
  if (kind === "vertex") return paintRing(context, { x: left, y: top }, 7);
  for (const [colour, width] of [
    ["#ffffff", 4],
    ["#181b21", 1.75],
  ]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(left - 5, top - 5, 10, 10);
  }
}

export function paintMarquee(context, box, frame, viewport, colour) {
  const project = projection(frame, viewport);
  path(context, { type: "bounding_box", ...box }, frame, project);
  context.fillStyle = withAlpha(colour, 0.12);
  context.fill();
  outline(context, { colour, width: 1, dash: [4, 3], halo: HALO });
}
