/** Frames as ranges `[first, last]`, both included. Pure. */

/** Ranges of frames in ascending order. */
export function rangesOf(frames) {
  const ranges = [];
  for (const frame of frames) {
    const open = ranges.at(-1);
    if (open && frame === open[1] + 1) open[1] = frame;
    else ranges.push([frame, frame]);
  }
  return ranges;
}

export const framesOf = ([first, last]) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

const rangeText = ([first, last]) => (first === last ? String(first) : `${first}–${last}`);

/** "0–249", "3, 8–12", "0–9, 20–29 and 4 more". */
export function rangesText(ranges, most = 2) {
  const shown = ranges.slice(0, most).map(rangeText).join(", ");
  const more = ranges.length - most;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** "frame 3" or "frames 3–8, 12". */
export function framesText(ranges, most) {
  const single = ranges.length === 1 && ranges[0][0] === ranges[0][1];
  return `${single ? "frame" : "frames"} ${rangesText(ranges, most)}`;
}
