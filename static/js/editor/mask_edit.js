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
