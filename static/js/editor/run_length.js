/**
 * COCO's compressed run lengths: column by column, runs of 0 and 1 in turn, starting with 0.
 *
 * The string holds each run as 5-bit groups (low group first, 0x20 = more follow, ASCII from 48); from the third
 * run on it is the difference to the run two places before. Pure.
 */

/** Run lengths of a compressed string. Throws RangeError on characters or runs that cannot be. */
export function runsFromString(text) {
  const runs = [];
  let at = 0;
  while (at < text.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more) {
      const code = text.charCodeAt(at) - 48;
      if (!(code >= 0 && code < 64) || shift > 30) throw new RangeError(`bad run length at character ${at}`);
      value |= (code & 0x1f) << shift;
      more = (code & 0x20) !== 0;
      at += 1;
      shift += 5;
      if (!more && code & 0x10 && shift < 32) value |= -1 << shift;
    }
    if (runs.length > 2) value += runs[runs.length - 2];
    if (value < 0) throw new RangeError(`negative run at character ${at}`);
    runs.push(value);
  }
  return runs;
}

/** The compressed string of run lengths. */
export function stringFromRuns(runs) {
  let text = "";
  runs.forEach((run, index) => {
    let value = index > 2 ? run - runs[index - 2] : run;
    let more = true;
    while (more) {
      let code = value & 0x1f;
      value >>= 5;
      more = code & 0x10 ? value !== -1 : value !== 0;
      if (more) code |= 0x20;
      text += String.fromCharCode(code + 48);
    }
  });
  return text;
}

/** Row-major mask (Uint8Array of 0 and 1) of `{size: [height, width], counts}`. */
export function maskFromGeometry({ size: [height, width], counts }) {
  const runs = runsFromString(counts);
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (total !== height * width) throw new RangeError(`runs cover ${total} of ${height * width} pixels`);
  const mask = new Uint8Array(height * width);
  let pixel = 0;
  runs.forEach((run, index) => {
    if (index % 2) {
      for (let at = pixel; at < pixel + run; at += 1)
        mask[(at % height) * width + Math.floor(at / height)] = 1;
    }
    pixel += run;
  });
  return mask;
}

/** Geometry of a row-major mask. */
export function geometryFromMask(mask, [height, width]) {
  const runs = [];
  let current = 0;
  let length = 0;
  for (let x = 0; x < width; x += 1) {
    for (let y = 0; y < height; y += 1) {
      const value = mask[y * width + x] ? 1 : 0;
      if (value !== current) {
        runs.push(length);
        current = value;
        length = 0;
      }
      length += 1;
    }
  }
  runs.push(length);
  return { type: "bitmask", size: [height, width], counts: stringFromRuns(runs) };
}

/** The outline of a row-major mask as straight pieces [x1, y1, x2, y2] along pixel edges, neighbours joined. */
export function edgesOfMask(mask, [height, width]) {
  const at = (x, y) => (x >= 0 && y >= 0 && x < width && y < height ? mask[y * width + x] : 0);
  const edges = [];
  const collect = (lines, length, differs, piece) => {
    for (let line = 0; line <= lines; line += 1) {
      let start = null;
      for (let step = 0; step <= length; step += 1) {
        const isEdge = step < length && differs(line, step);
        if (isEdge && start === null) start = step;
        if (!isEdge && start !== null) {
          edges.push(piece(line, start, step));
          start = null;
        }
      }
    }
  };
  collect(
    height,
    width,
    (y, x) => at(x, y - 1) !== at(x, y),
    (y, from, to) => [from, y, to, y],
  );
  collect(
    width,
    height,
    (x, y) => at(x - 1, y) !== at(x, y),
    (x, from, to) => [x, from, x, to],
  );
  return edges;
}

/** Pixel bounds `{x, y, w, h}` and area in pixels from the runs alone, without decoding; null when empty. */
export function extentOfRuns({ size: [height], counts }) {
  let left = Infinity;
  let right = -1;
  let top = Infinity;
  let bottom = -1;
  let area = 0;
  let pixel = 0;
  runsFromString(counts).forEach((run, index) => {
    if (index % 2 && run) {
      const first = Math.floor(pixel / height);
      const last = Math.floor((pixel + run - 1) / height);
      left = Math.min(left, first);
      right = Math.max(right, last);
      top = Math.min(top, last > first ? 0 : pixel % height);
      bottom = Math.max(bottom, last > first ? height - 1 : (pixel + run - 1) % height);
      area += run;
    }
    pixel += run;
  });
  return area ? { bounds: { x: left, y: top, w: right - left + 1, h: bottom - top + 1 }, area } : null;
}

/**
 * The same mask moved by whole pixels. Nothing may be pushed over an edge: then every pixel moves by the same number of
 * places in the column-wise order, and only the first and the last run change.
 */
export function shiftedRuns({ size: [height, width], counts }, dx, dy) {
  const runs = runsFromString(counts);
  const by = dx * height + dy;
  // An odd number of runs ends with background; an even one reaches the last pixel.
  if (runs.length % 2 === 0) runs.push(0);
  runs[0] += by;
  runs[runs.length - 1] -= by;
  if (runs.at(-1) === 0) runs.pop();
  return { type: "bitmask", size: [height, width], counts: stringFromRuns(runs) };
}
