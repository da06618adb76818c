/**
 * One view of the picture: container, viewport, renderer and the pointer's events on their way to the machine.
 */

import { createRenderer } from "./renderer.js";
import { createTouch } from "./touch.js";
import * as viewports from "./viewport.js";

const WHEEL_STEP = 0.0016;
const KEY_ZOOM = 1.25;
const CLICK_PX = 4;

/**
 * `scene()` gives all but the viewport, the crosshair and the ring (see renderer). `machine` may be set later.
 * `on`: {viewport(viewport), pointer(imagePoint | null), menu(event, relativePoint), level(move)}; where `level` is
 * given, dragging with the right button is told as {dx, dy} and only a click with it opens the menu.
 */
export function createPane(container, { frame, scene, on = {} }) {
  let size = { width: container.clientWidth || 1, height: container.clientHeight || 1 };
  let viewport = viewports.fit(frame(), size);
  let pointer = null;
  let ring = null;
  let held = null;
  let spaceHeld = false;
  const pane = {
    container,
    machine: null,
    showsCrosshair: () => false,
    /** Whether the wheel moves the picture instead of zooming. */
    wheelPans: () => false,
    /** Whether the space that is held has moved the picture; otherwise it was a tap. */
    spaceUsed: false,
    /** Radius of the brush in pixels of the frame; 0 = the tool does not paint. */
    brushRadius: () => 0,
    get renderer() {
      return renderer;
    },
    updateCursor,
    setViewport,
    get viewport() {
      return viewport;
    },
    get size() {
      return size;
    },
    panBy: (dx, dy) => setViewport(viewports.panBy(viewport, dx, dy, frame(), size)),
    zoomBy(factor, at = { x: size.width / 2, y: size.height / 2 }) {
      setViewport(viewports.zoomAt(viewport, factor, at, frame(), size));
    },
    zoomIn: () => pane.zoomBy(KEY_ZOOM),
    zoomOut: () => pane.zoomBy(1 / KEY_ZOOM),
    fit: () => setViewport(viewports.fit(frame(), size)),
    actualSize: () => pane.zoomBy(1 / viewport.scale),
    /** Bring a relative box into view. */
    show(box, options) {
      const { width, height } = frame();
      const pixels = { x: box.x * width, y: box.y * height, w: box.w * width, h: box.h * height };
      setViewport(viewports.showing(pixels, frame(), size, options));
    },
    /** The visible part of the frame, relative. */
    view() {
      const a = relative({ x: 0, y: 0 });
      const b = relative({ x: size.width, y: size.height });
      const x = Math.max(0, a.x);
      const y = Math.max(0, a.y);
      return { x, y, w: Math.max(0, Math.min(1, b.x) - x), h: Math.max(0, Math.min(1, b.y) - y) };
    },
    /** Another frame of another size: what was in the middle stays there, as large as before beside the whole. */
    frameResized(before) {
      setViewport(viewports.refitted(viewport, before, frame(), size));
    },
    /** Where the pointer of the other view is, in pixels of the frame. */
    setRing(point) {
      ring = point;
      renderer.redraw("helpers");
    },
    holdSpace(isHeld) {
      if (isHeld && !spaceHeld) pane.spaceUsed = false;
      spaceHeld = isHeld;
      updateCursor();
    },
    /** Middle of a geometry's box on the page, for menus opened by keyboard. */
    pagePoint(point) {
      const box = container.getBoundingClientRect();
      const at = viewports.toScreen(viewport, { x: point.x * frame().width, y: point.y * frame().height });
      return { x: box.left + at.x, y: box.top + at.y };
    },
  };

  const renderer = createRenderer(container, () => ({
    ...scene(),
    frame: frame(),
    viewport,
    brush: pointer && pane.brushRadius() ? { ...pointer, radius: pane.brushRadius() * viewport.scale } : null,
    crosshair: pointer && pane.showsCrosshair() ? pointer : null,
    ring: ring && viewports.toScreen(viewport, ring),
  }));

  const touch = createTouch(pane);
  const screenPoint = (event) => {
    const box = container.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const relative = (point) => {
    const image = viewports.toImage(viewport, point);
    return { x: image.x / frame().width, y: image.y / frame().height };
  };

  function setViewport(next, { silent = false } = {}) {
    viewport = next;
    renderer.viewportChanged();
    if (!silent) on.viewport?.(viewport);
  }

  function eventFor(type, event) {
    const screen = screenPoint(event);
    return {
      type,
      screen,
      point: relative(screen),
      shift: event.shiftKey,
      alt: event.altKey,
      ctrl: event.ctrlKey || event.metaKey,
      pointer: event.pointerType ?? "mouse",
    };
  }

  const send = (type, event) => pane.machine?.send(eventFor(type, event));

  function press(event) {
    // The ring is for those who came by keyboard; around a whole canvas it would only distract the others.
    container.classList.add("is-pointed");
    container.focus({ preventScroll: true });
    pointer = screenPoint(event);
    const finger = { id: event.pointerId, type: event.pointerType, point: pointer };
    if (touch.down(finger)) {
      // A second finger: whatever the first one had begun was not meant.
      held = null;
      pane.machine?.cancel();
      container.setPointerCapture(event.pointerId);
      return;
    }
    const pans = event.button === 1 || (event.button === 0 && spaceHeld);
    const levels = event.button === 2 && Boolean(on.level);
    if (!pans && !levels && event.button !== 0) return;
    event.preventDefault();
    container.setPointerCapture(event.pointerId);
    held = { id: event.pointerId, pans, levels, last: screenPoint(event), from: screenPoint(event) };
    if (pans && spaceHeld) pane.spaceUsed = true;
    if (!pans && !levels) send("down", event);
    updateCursor();
  }

  function move(event) {
    pointer = screenPoint(event);
    on.pointer?.(viewports.toImage(viewport, pointer));
    if (touch.move({ id: event.pointerId, point: pointer })) return;
    if (held?.pans) {
      pane.panBy(pointer.x - held.last.x, pointer.y - held.last.y);
      held.last = pointer;
      return;
    }
    if (held?.levels) {
      on.level({ dx: pointer.x - held.last.x, dy: pointer.y - held.last.y });
      held.last = pointer;
      return;
    }
    // A stroke keeps every place that the pen reported, not one a frame.
    const stroke = held && pane.machine?.tool.paints ? event.getCoalescedEvents?.() : null;
    for (const each of stroke?.length ? stroke : [event]) send("move", each);
    if (!held) updateCursor(pane.machine?.cursorAt?.(eventFor("move", event)));
    renderer.redraw("helpers");
  }

  function release(event) {
    if (touch.up({ id: event.pointerId })) return;
    if (held?.id !== event.pointerId) return;
    const { pans, levels, from } = held;
    held = null;
    const at = screenPoint(event);
    if (levels && Math.hypot(at.x - from.x, at.y - from.y) < CLICK_PX) on.menu?.(event, relative(at));
    if (!pans && !levels) send("up", event);
    updateCursor();
  }

  /** The browser took the pointer away in the middle of a gesture. */
  function lose(event) {
    touch.up({ id: event.pointerId });
    if (held?.id !== event.pointerId) return;
    held = null;
    pane.machine?.cancel();
    updateCursor();
  }

  function wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.shiftKey) return pane.panBy(-(event.deltaX || event.deltaY) * unit, 0);
    // Who chose so moves the picture with two fingers on a touch pad; pinching arrives as a wheel with Ctrl.
    if (pane.wheelPans() && !event.ctrlKey) return pane.panBy(-event.deltaX * unit, -event.deltaY * unit);
    pane.zoomBy(Math.exp(-event.deltaY * unit * WHEEL_STEP * (event.ctrlKey ? 4 : 1)), screenPoint(event));
  }

  /** `wanted` is what the tool shows at the place of the pointer, if that differs from its usual cursor. */
  function updateCursor(wanted = null) {
    const usual = wanted ?? pane.machine?.tool.cursor ?? "default";
    const cursor = held?.pans ? "grabbing" : spaceHeld ? "grab" : usual;
    if (container.style.cursor !== cursor) container.style.cursor = cursor;
  }

  function leave() {
    pointer = null;
    on.pointer?.(null);
    renderer.redraw("helpers");
  }

  container.addEventListener("blur", () => container.classList.remove("is-pointed"));
  container.addEventListener("pointerdown", press);
  container.addEventListener("pointermove", move);
  container.addEventListener("pointerup", release);
  container.addEventListener("pointercancel", lose);
  container.addEventListener("lostpointercapture", lose);
  container.addEventListener("pointerleave", leave);
  container.addEventListener("dblclick", (event) => send("double", event));
  container.addEventListener("wheel", wheel, { passive: false });
  container.addEventListener("auxclick", (event) => event.preventDefault());
  container.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    // With the right button taken for the window, its release decides whether it was a click.
    if (!on.level) on.menu?.(event, relative(screenPoint(event)));
  });

  new ResizeObserver(() => {
    const before = size;
    size = { width: container.clientWidth || 1, height: container.clientHeight || 1 };
    if (size.width === before.width && size.height === before.height) return;
    renderer.resize();
    setViewport(before.width <= 1 ? viewports.fit(frame(), size) : viewports.resized(viewport, before, size));
  }).observe(container);

  return pane;
}
