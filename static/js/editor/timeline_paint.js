/** How the timeline looks on a 2D context; called by its panel only. */

import { withAlpha } from "./colours.js";
import { whole } from "./media.js";
import * as geometry from "./timeline_geometry.js";

const { ROW_PX, RULER_PX } = geometry;
const FONT = '11px "Inter Variable", system-ui, sans-serif';
const STRONG = '500 11px "Inter Variable", system-ui, sans-serif';
/** Strengths of a colour for the options of a question, so that neighbours differ. */
const TINTS = [0.16, 0.34, 0.26, 0.44];
const DIAMOND_PX = 4.6;

/** The page's colours, which follow the theme. */
export function inksOf(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    surface: read("surface"),
    canvas: read("canvas"),
    line: read("line"),
    line2: read("line2"),
    ink: read("ink"),
    ink2: read("ink2"),
    ink3: read("ink3"),
    soft: read("accent-soft"),
    accent: read("accent"),
  };
}

/** `scene` = {view, count, width, height, scrollTop, rows, selection, range, marks, ready, trim, canTrim, inks}. */
export function paintTimeline(context, scene) {
  const { width, height, inks } = scene;
  context.fillStyle = inks.surface;
  context.fillRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(0, RULER_PX, width, height - RULER_PX);
  context.clip();
  const [from, to] = geometry.visibleRows(scene.scrollTop, height, scene.rows.length);
  for (let at = from; at < to; at += 1) {
    paintRow(context, scene.rows[at], RULER_PX + at * ROW_PX - scene.scrollTop, scene);
  }
  context.restore();
  if (scene.range) paintRange(context, scene);
  paintRuler(context, scene);
}

function paintRow(context, row, top, scene) {
  const { width, inks, selection } = scene;
  if (row.kind === "object" && selection.includes(row.id)) {
    context.fillStyle = inks.soft;
    context.fillRect(0, top, width, ROW_PX);
  }
  context.fillStyle = inks.line;
  context.fillRect(0, top + ROW_PX - 1, width, 1);
  if (row.runs) paintTrack(context, row, top, scene);
  else paintValues(context, row, top, scene);
}

function bar(context, scene, range, top, height, colour, radius = 4) {
  const { left, width } = geometry.barOf(scene.view, range);
  if (left > scene.width || left + width < 0) return null;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(left, top, width, height, radius);
  context.fill();
  return { left, width };
}

function paintTrack(context, row, top, scene) {
  const middle = top + ROW_PX / 2 - 0.5;
  const chosen = scene.selection.includes(row.id);
  const { trim } = scene;
  for (const run of row.runs) {
    const isPulled = trim?.id === row.id && trim.run[0] === run[0];
    const place = bar(
      context,
      scene,
      isPulled ? trim.to : run,
      middle - 7,
      14,
      withAlpha(row.colour, chosen ? 0.38 : 0.28),
    );
    if (place && chosen && scene.canTrim) grips(context, place, middle, row.colour);
  }
  for (const frame of geometry.visibleKeys(scene.view, row.keys, scene.width))
    diamond(context, geometry.xOf(scene.view, frame), middle, row.colour, scene.inks.surface);
}

/** Both ends of a chosen bar can be pulled. */
function grips(context, { left, width }, middle, colour) {
  if (width < 10) return;
  context.fillStyle = colour;
  for (const x of [left, left + width - 2]) context.fillRect(x, middle - 7, 2, 14);
}

function diamond(context, x, y, colour, rim) {
  context.beginPath();
  context.moveTo(x, y - DIAMOND_PX);
  context.lineTo(x + DIAMOND_PX, y);
  context.lineTo(x, y + DIAMOND_PX);
  context.lineTo(x - DIAMOND_PX, y);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = rim;
  context.stroke();
}

function paintValues(context, row, top, scene) {
  context.font = STRONG;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const { from, to, text, tint } of row.ranges) {
    const place = bar(
      context,
      scene,
      [from, to],
      top + 7,
      ROW_PX - 15,
      withAlpha(row.colour, TINTS[tint % 4]),
      3,
    );
    if (!place || place.width < 26) continue;
    // The words stay in sight while the range does.
    const left = Math.max(place.left, 0) + 7;
    const room = Math.min(place.left + place.width, scene.width) - left - 5;
    if (room < 14) continue;
    context.fillStyle = scene.inks.ink;
    context.fillText(shortened(context, text, room), left, top + ROW_PX / 2);
  }
}

function shortened(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let cut = text;
  while (cut.length > 1 && context.measureText(`${cut}…`).width > room) cut = cut.slice(0, -1);
  return `${cut}…`;
}

function paintRange(context, { view, range, height, inks }) {
  const { left, width } = geometry.barOf(view, range);
  context.globalAlpha = 0.12;
  context.fillStyle = inks.accent;
  context.fillRect(left, 0, width, height);
  context.globalAlpha = 1;
}

function paintRuler(context, { view, count, width, inks, marks, ready, range }) {
  context.fillStyle = inks.canvas;
  context.fillRect(0, 0, width, RULER_PX);
  if (range) {
    const place = geometry.barOf(view, range);
    context.fillStyle = inks.soft;
    context.fillRect(place.left, 0, place.width, RULER_PX);
  }
  context.fillStyle = inks.line;
  context.fillRect(0, RULER_PX - 1, width, 1);
  context.font = FONT;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  for (const { frame, major } of geometry.ticks(view, count, width)) {
    const x = Math.round(geometry.xOf(view, frame)) + 0.5;
    context.fillStyle = inks.line2;
    context.fillRect(x - 0.5, RULER_PX - (major ? 12 : 6), 1, major ? 11 : 5);
    if (!major) continue;
    context.fillStyle = inks.ink3;
    context.fillText(whole(frame), x + 4, 18);
  }
  for (const [frame, colour] of marks ?? [])
    diamond(context, geometry.xOf(view, frame), 7, colour, inks.canvas);
  if (ready < count) {
    const left = geometry.xOf(view, ready - 0.5);
    context.fillStyle = inks.line2;
    context.fillRect(left, RULER_PX - 4, width - left, 3);
  }
}
