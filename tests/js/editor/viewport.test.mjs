import assert from "node:assert/strict";
import test from "node:test";
import * as viewports from "../../../static/js/editor/viewport.js";

const FRAME = { width: 640, height: 480 };
const SCREEN = { width: 1000, height: 600 };
const near = (actual, expected) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

test("fit shows the whole picture in the middle", () => {
  const view = viewports.fit(FRAME, SCREEN, 0);
  near(view.scale, 600 / 480);
  near(view.x, (1000 - 640 * 1.25) / 2);
  near(view.y, 0);
});

test("screen and image points are inverse to each other", () => {
  const view = { scale: 2.5, x: -40, y: 12 };
  const point = { x: 123.5, y: 77 };
  const back = viewports.toImage(view, viewports.toScreen(view, point));
  near(back.x, point.x);
  near(back.y, point.y);
});

test("zooming keeps the point under the pointer", () => {
  const pointer = { x: 700, y: 200 };
  const before = viewports.fit(FRAME, SCREEN);
  const after = viewports.zoomAt(before, 3, pointer, FRAME, SCREEN);
  const [was, is] = [before, after].map((view) => viewports.toImage(view, pointer));
  near(was.x, is.x);
  near(was.y, is.y);
});

test("the scale has limits and the picture cannot be lost", () => {
  let view = viewports.fit(FRAME, SCREEN);
  for (let step = 0; step < 100; step += 1) view = viewports.zoomAt(view, 2, { x: 0, y: 0 }, FRAME, SCREEN);
  near(view.scale, viewports.MAX_SCALE);
  view = viewports.panBy(viewports.fit(FRAME, SCREEN), 1e6, -1e6, FRAME, SCREEN);
  assert.ok(view.x < SCREEN.width);
  assert.ok(view.y + FRAME.height * view.scale > 0);
});

test("showing a box centres it with room around, no closer than asked", () => {
  const view = viewports.showing({ x: 100, y: 100, w: 2, h: 2 }, FRAME, SCREEN, { maxScale: 8 });
  near(view.scale, 8);
  const middle = viewports.toImage(view, { x: 500, y: 300 });
  near(middle.x, 101);
  near(middle.y, 101);
});

test("a resized canvas keeps what was in the middle", () => {
  const view = { scale: 2, x: 10, y: 20 };
  const after = viewports.resized(view, SCREEN, { width: 800, height: 600 });
  const middle = (screen, current) =>
    viewports.toImage(current, { x: screen.width / 2, y: screen.height / 2 });
  near(middle(SCREEN, view).x, middle({ width: 800, height: 600 }, after).x);
});
