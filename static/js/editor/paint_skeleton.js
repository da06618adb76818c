/** Skeletons on a 2D context: edges, vertices (hollow where hidden), names of the vertices in hand. Called by paint.js only. */

import { inkOn, withAlpha } from "./colours.js";
import { ABSENT, HIDDEN } from "./skeletons.js";

const RIM = "rgba(0, 0, 0, 0.75)";
const HALO = "rgba(255, 255, 255, 0.5)";
const FONT = '500 11px "Inter Variable", system-ui, sans-serif';

export function paintSkeleton(context, geometry, project, line) {
  const { points } = geometry;
  const { template } = line;
  const place = (name) => project([points[name].x, points[name].y]);
  const isThere = (name) => points[name] && points[name].v !== ABSENT;
  context.lineCap = "round";
  for (const [from, to, colour] of template?.edges ?? []) {
    if (!isThere(from) || !isThere(to)) continue;
    const veiled = points[from].v === HIDDEN || points[to].v === HIDDEN;
    context.beginPath();
    context.moveTo(...place(from));
    context.lineTo(...place(to));
    edge(context, line, colour ?? line.colour, veiled);
  }
  const colours = new Map((template?.vertices ?? []).map(({ name, colour }) => [name, colour]));
  const chosen = line.vertex?.[0];
  for (const [name, { v }] of Object.entries(points)) {
    if (v === ABSENT) continue;
    dot(context, place(name), colours.get(name) ?? line.colour, v === HIDDEN, name === chosen);
  }
  for (const name of line.pointNames ?? []) if (isThere(name)) tag(context, place(name), name);
}

function edge(context, line, colour, veiled) {
  context.setLineDash([]);
  if (line.halo) {
    context.lineWidth = line.width + 1.4;
    context.strokeStyle = HALO;
    context.stroke();
  }
  context.setLineDash(line.dash ?? (veiled ? [4, 4] : []));
  context.lineWidth = Math.max(1.75, line.width - 0.5);
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);
}

function dot(context, [x, y], colour, hollow, chosen) {
  context.beginPath();
  context.arc(x, y, chosen ? 6 : 4.5, 0, 2 * Math.PI);
  context.fillStyle = chosen ? "#ffffff" : hollow ? withAlpha("#ffffff", 0.85) : colour;
  context.fill();
  context.lineWidth = chosen ? 3 : hollow ? 2 : 1.25;
  context.strokeStyle = chosen || hollow ? colour : inkOn(colour) === "#000000" ? RIM : "#ffffff";
  context.stroke();
}

/** The name of a vertex beside it, on a plate of its own so that it reads on any picture. */
function tag(context, [x, y], text) {
  context.font = FONT;
  context.textBaseline = "middle";
  const width = Math.ceil(context.measureText(text).width) + 14;
  const left = x - width / 2;
  const top = y + 12;
  context.beginPath();
  context.roundRect(left, top, width, 19, 9.5);
  context.fillStyle = "rgba(24, 27, 33, 0.86)";
  context.fill();
  context.fillStyle = "#ffffff";
  context.fillText(text, left + 7, top + 10);
}
