/**
 * Where frames lie on the timeline. Pure.
 *
 * A view is `{first, perFrame}`: the frame at the left end (may be broken) and CSS pixels per frame. Frame f is a point
 * at x = PAD_PX + (f - first) * perFrame.
 */

export const PAD_PX = 22;
export const RULER_PX = 28;
export const ROW_PX = 34;
const MOST_PER_FRAME = 48;
const LEAST_TICK_PX = 72;
const MINOR_TICK_PX = 7;

const room = (width) => Math.max(1, width - 2 * PAD_PX);

/** Pixels per frame at which all frames fit; few frames are not torn apart. */
export const fitPerFrame = (count, width) =>
  Math.min(MOST_PER_FRAME * 4, room(width) / Math.max(1, count - 1));

export const fitView = (count, width) => ({ first: 0, perFrame: fitPerFrame(count, width) });

export const xOf = (view, frame) => PAD_PX + (frame - view.first) * view.perFrame;

/** The frame nearest to a place, within the medium. */
export function frameAtX(view, x, count) {
  const frame = Math.round(view.first + (x - PAD_PX) / view.perFrame);
  return Math.min(count - 1, Math.max(0, frame));
}

/** A view that shows nothing beyond the ends and is neither too wide nor too narrow. */
export function bounded({ first, perFrame }, count, width) {
  const least = fitPerFrame(count, width);
  const scale = Math.max(least, Math.min(Math.max(MOST_PER_FRAME, least), perFrame));
  const most = Math.max(0, count - 1 - room(width) / scale);
  return { first: Math.min(most, Math.max(0, first)), perFrame: scale };
}

/** Zoom by a factor; the frame under `x` stays there. */
export function zoomedAt(view, factor, x, count, width) {
  const anchor = view.first + (x - PAD_PX) / view.perFrame;
  const { perFrame } = bounded({ ...view, perFrame: view.perFrame * factor }, count, width);
  return bounded({ first: anchor - (x - PAD_PX) / perFrame, perFrame }, count, width);
}

/** Scrolled just far enough that a frame is in sight; a playing head is given the next screenful. */
export function showingFrame(view, frame, count, width, { leaps = false } = {}) {
  const seen = room(width) / view.perFrame;
  if (frame >= view.first && frame <= view.first + seen) return view;
  const first = leaps || frame < view.first ? frame - seen * 0.05 : frame - seen * 0.95;
  return bounded({ ...view, first }, count, width);
}

/** Width of everything, for a scroll bar; and back from its position. */
export const contentWidth = (view, count) => 2 * PAD_PX + (count - 1) * view.perFrame;
export const scrollOf = (view) => view.first * view.perFrame;

/** Steps that people count in. */
function stepFor(perFrame) {
  for (let power = 1; power < 1e9; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power * perFrame >= LEAST_TICK_PX) return digit * power;
  }
  return 1e9;
}

/** Ticks in sight: `[{frame, major}]`. */
export function ticks(view, count, width) {
  const major = stepFor(view.perFrame);
  const parts = [10, 5, 2, 1].find(
    (part) => major % part === 0 && (major / part) * view.perFrame >= MINOR_TICK_PX * 3,
  );
  const minor = major / (parts ?? 1);
  const from = Math.max(0, Math.ceil((view.first - PAD_PX / view.perFrame) / minor) * minor);
  const to = Math.min(count - 1, view.first + width / view.perFrame);
  const list = [];
  for (let frame = from; frame <= to; frame += minor) list.push({ frame, major: frame % major === 0 });
  return list;
}

/** Left end and width of a stretch of frames: a frame is as wide as the way to the next one, but never a whole screen. */
export function barOf(view, [from, to]) {
  const half = Math.min(view.perFrame / 2, 7);
  const left = xOf(view, from) - Math.max(half, 1.5);
  return { left, width: xOf(view, to) + Math.max(half, 1.5) - left };
}

/** Reach of an end of a bar, as far as the key frame on it; inside it is less where the bar is short: its middle stays free. */
const OUTSIDE_PX = 6;
const INSIDE_PX = 11;

/** Which end of which run lies under x: `{run, end}` with end 0 = left, 1 = right; null. */
export function endAt(view, runs, x) {
  let best = null;
  for (const run of runs) {
    const { left, width } = barOf(view, run);
    const inside = Math.min(INSIDE_PX, width / 3);
    for (const end of [0, 1]) {
      const inwards = end ? left + width - x : x - left;
      if (inwards > inside || inwards < -OUTSIDE_PX) continue;
      if (!best || Math.abs(inwards) < best.distance) best = { run, end, distance: Math.abs(inwards) };
    }
  }
  return best && { run: best.run, end: best.end };
}

/** Key frames that can be told apart at this zoom, those out of sight left out. */
export function visibleKeys(view, keys, width, gap = 9) {
  const shown = [];
  let last = -Infinity;
  for (const frame of keys) {
    const x = xOf(view, frame);
    if (x < -gap) continue;
    if (x > width + gap) break;
    if (x - last < gap) continue;
    shown.push(frame);
    last = x;
  }
  return shown;
}

/** Which rows are in sight: positions `[from, to)`. */
export function visibleRows(scrollTop, height, rows) {
  const from = Math.max(0, Math.floor(scrollTop / ROW_PX));
  return [from, Math.min(rows, from + Math.ceil(Math.max(0, height - RULER_PX) / ROW_PX) + 1)];
}
