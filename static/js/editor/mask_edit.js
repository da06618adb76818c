/** Painting into a mask: pure but for the mask that is handed in, which is changed in place. */

/** Set or clear every pixel whose centre lies within `radius` of the segment from `a` to `b` (pixels of the mask). */
export function paintSegment(mask, [height, width], a, b, radius, value) {
  const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - radius));
  const right = Math.min(width - 1, Math.ceil(Math.max(a.x, b.x) + radius));
  const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - radius));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(a.y, b.y) + radius));
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const reach = radius * radius;
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
      const along = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
      if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= reach) mask[y * width + x] = value;
    }
  }
}

/** A stroke through points: its discs and what lies between them. */
export function paintStroke(mask, size, points, radius, value) {
  points.forEach((point, index) =>
    paintSegment(mask, size, points[Math.max(0, index - 1)], point, radius, value),
  );
}

/** Set or clear every pixel whose centre lies inside the rings (even-odd), given in pixels of the mask. */
export function paintRings(mask, [height, width], rings, value) {
  for (let y = 0; y < height; y += 1) {
    const middle = y + 0.5;
    const xs = [];
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
        const [xi, yi] = ring[i];
        const [xj, yj] = ring[j];
        if (yi > middle !== yj > middle) xs.push(((xj - xi) * (middle - yi)) / (yj - yi) + xi);
      }
    }
    xs.sort((a, b) => a - b);
    for (let k = 0; k + 1 < xs.length; k += 2) {
      const from = Math.max(0, Math.ceil(xs[k] - 0.5));
      const to = Math.min(width, Math.ceil(xs[k + 1] - 0.5));
      if (from < to) mask.fill(value, y * width + from, y * width + to);
    }
  }
}

/** Number every 4-connected region of pixels with `value`: an Int32Array (0 = none), and how many there are. */
function regionsOf(mask, [height, width], value) {
  const regions = new Int32Array(mask.length);
  const waiting = [];
  let count = 0;
  for (let start = 0; start < mask.length; start += 1) {
    if (mask[start] !== value || regions[start]) continue;
    count += 1;
    regions[start] = count;
    waiting.push(start);
    while (waiting.length) {
      const at = waiting.pop();
      const x = at % width;
      for (const next of [x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1, at - width, at + width]) {
        if (next < 0 || next >= height * width || regions[next] || mask[next] !== value) continue;
        regions[next] = count;
        waiting.push(next);
      }
    }
  }
  return { regions, count };
}

/** Fill what a mask encloses, in place; the number of pixels that were filled. */
export function fillEnclosed(mask, [height, width]) {
  const { regions } = regionsOf(mask, [height, width], 0);
  const open = new Set();
  for (let x = 0; x < width; x += 1) open.add(regions[x]).add(regions[(height - 1) * width + x]);
  for (let y = 0; y < height; y += 1) open.add(regions[y * width]).add(regions[y * width + width - 1]);
  let filled = 0;
  for (let at = 0; at < mask.length; at += 1) {
    if (mask[at] || open.has(regions[at])) continue;
    mask[at] = 1;
    filled += 1;
  }
  return filled;
}

/** The connected pieces of a mask as masks of their own, the largest first. At most `most`; the rest stays in the last. */
export function piecesOf(mask, size, most = 50) {
  const { regions, count } = regionsOf(mask, size, 1);
  const areas = new Int32Array(count + 1);
  for (const region of regions) areas[region] += 1;
  const order = Array.from({ length: count }, (_, index) => index + 1).sort((a, b) => areas[b] - areas[a]);
  const place = new Int32Array(count + 1);
  order.forEach((region, index) => (place[region] = Math.min(index, most - 1)));
  const pieces = Array.from({ length: Math.min(count, most) }, () => new Uint8Array(mask.length));
  for (let at = 0; at < mask.length; at += 1) if (regions[at]) pieces[place[regions[at]]][at] = 1;
  return pieces;
}
