/**
 * Where the picture lies on the screen: `{scale, x, y}`, screen = image * scale + offset. Pure.
 *
 * `image_point` is in pixels of the frame, `screen_point` in CSS pixels of the canvas.
 */

export const MIN_SCALE = 0.02;
export const MAX_SCALE = 64;
const MARGIN_PX = 2;

const clampScale = (scale) => Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));

export function toScreen(viewport, point) {
  return { x: point.x * viewport.scale + viewport.x, y: point.y * viewport.scale + viewport.y };
}

export function toImage(viewport, point) {
  return { x: (point.x - viewport.x) / viewport.scale, y: (point.y - viewport.y) / viewport.scale };
}

/** The whole frame, centred. */
export function fit(frame, screen, margin = MARGIN_PX) {
  const scale = clampScale(
    Math.min((screen.width - 2 * margin) / frame.width, (screen.height - 2 * margin) / frame.height),
  );
  return centred(frame, screen, scale, { x: frame.width / 2, y: frame.height / 2 });
}

/** The given image point in the middle of the screen at the given scale. */
export function centred(frame, screen, scale, point) {
  const bounded = clampScale(scale);
  return keepInSight(
    { scale: bounded, x: screen.width / 2 - point.x * bounded, y: screen.height / 2 - point.y * bounded },
    frame,
    screen,
  );
}

/** Zoom by a factor; what lies under `screenPoint` stays there. */
export function zoomAt(viewport, factor, screenPoint, frame, screen) {
  const scale = clampScale(viewport.scale * factor);
  const anchor = toImage(viewport, screenPoint);
  return keepInSight(
    { scale, x: screenPoint.x - anchor.x * scale, y: screenPoint.y - anchor.y * scale },
    frame,
    screen,
  );
}

export function panBy(viewport, dx, dy, frame, screen) {
  return keepInSight({ ...viewport, x: viewport.x + dx, y: viewport.y + dy }, frame, screen);
}

/** A box of the image (pixels) in view with room around it; no closer than `maxScale`. */
export function showing(box, frame, screen, { share = 0.45, maxScale = 8 } = {}) {
  const wanted = Math.min(
    (screen.width * share) / Math.max(box.w, 1),
    (screen.height * share) / Math.max(box.h, 1),
  );
  const whole = fit(frame, screen).scale;
  const scale = Math.max(whole, Math.min(wanted, maxScale));
  return centred(frame, screen, scale, { x: box.x + box.w / 2, y: box.y + box.h / 2 });
}

/** The same view after the canvas changed its size: the point in the middle stays in the middle. */
export function resized(viewport, before, after) {
  return {
    ...viewport,
    x: viewport.x + (after.width - before.width) / 2,
    y: viewport.y + (after.height - before.height) / 2,
  };
}

/** The same view of a frame of another size: the same place in the middle, as large in proportion to the whole. */
export function refitted(viewport, before, after, screen) {
  const middle = toImage(viewport, { x: screen.width / 2, y: screen.height / 2 });
  const scale = (viewport.scale * fit(after, screen).scale) / fit(before, screen).scale;
  return centred(after, screen, scale, {
    x: (middle.x / before.width) * after.width,
    y: (middle.y / before.height) * after.height,
  });
}

/** Never lose the picture: at least 64 screen pixels of it stay on the canvas. */
function keepInSight(viewport, frame, screen) {
  const rest = 64;
  const width = frame.width * viewport.scale;
  const height = frame.height * viewport.scale;
  return {
    scale: viewport.scale,
    x: Math.min(screen.width - rest, Math.max(rest - width, viewport.x)),
    y: Math.min(screen.height - rest, Math.max(rest - height, viewport.y)),
  };
}
