/**
 * The only place that draws. Four layers: picture, finished shapes, the shapes in hand, helper lines.
 *
 * Each layer is one Konva shape that paints everything of its kind, so a drag redraws the layer in hand alone, and
 * panning moves the finished layer as a picture when redrawing it would cost more than a frame has.
 */

// One file instead of sixty: the browser build makes a global, it exports nothing.
import "konva";
import * as paint from "./paint.js";
import { paintBadge } from "./paint_badge.js";

const { Konva } = globalThis;

/** Script time below which finished shapes are redrawn on every frame of a pan; painting costs several times as much. */
const CHEAP_MS = 1.5;
const REST_MS = 90;
/** Screen pixels per pixel of the picture from which single pixels can be told apart. */
const GRID_FROM_SCALE = 12;
const ACCENT = "#3a4ecf";

const LAYERS = ["picture", "shapes", "hand", "helpers"];

/**
 * `container` is filled with canvases. `scene()` says what to draw:
 * {frame, picture, viewport, grid, shapes, hand, marquee, mark, crosshair, brush, ring}; a shape is
 * {geometry, colour, width, fill, dash, halo, template, name, handles, vertex, dots, closing}.
 */
export function createRenderer(container, scene) {
  const dirty = new Set();
  let frameRequest = null;
  let restTimer = null;
  let paintedAt = null;
  let finishedCostMs = 0;
  let isBuilt = false;
  let hasPainted = false;
  const stage = new Konva.Stage({
    container,
    width: container.clientWidth || 1,
    height: container.clientHeight || 1,
  });
  stage.listening(false);
  const painters = { picture: paintPicture, shapes: paintFinished, hand: paintHand, helpers: paintHelpers };
  const layers = Object.fromEntries(
    LAYERS.map((name) => {
      const layer = new Konva.Layer({ listening: false });
      layer.add(
        new Konva.Shape({
          listening: false,
          perfectDrawEnabled: false,
          sceneFunc: ({ _context }) => isBuilt && painters[name](_context),
        }),
      );
      stage.add(layer);
      return [name, layer];
    }),
  );
  // Konva draws a layer when it is added; what is to be drawn is only known once the pane stands.
  isBuilt = true;
  const screen = () => ({ width: stage.width(), height: stage.height() });

  function paintPicture(context) {
    const { picture, frame, viewport, grid } = scene();
    if (!picture) return;
    // Enlarged pixels are shown as they are: edges are what people look for.
    context.imageSmoothingEnabled = viewport.scale < 3;
    // Below half size fine structures would flicker without averaging; above it, it is a large part of a step for nothing.
    const isSmall = viewport.scale * (globalThis.devicePixelRatio || 1) < 0.5;
    context.imageSmoothingQuality = isSmall ? "high" : "low";
    context.drawImage(
      picture,
      viewport.x,
      viewport.y,
      frame.width * viewport.scale,
      frame.height * viewport.scale,
    );
    if (grid && viewport.scale >= GRID_FROM_SCALE) paint.paintGrid(context, frame, viewport, screen());
  }

  function paintFinished(context) {
    const { shapes, frame, viewport } = scene();
    const start = performance.now();
    for (const shape of shapes) paint.paintShape(context, shape.geometry, frame, viewport, shape);
    for (const shape of shapes) {
      if (shape.badge) paintBadge(context, shape.badge, shape.geometry, frame, viewport);
      if (shape.name)
        paint.paintName(context, shape.name, shape.geometry, frame, viewport, shape.colour, screen());
    }
    finishedCostMs = performance.now() - start;
    // bench/editor.py asks when labels were first seen.
    if (shapes.length && !hasPainted) performance.mark("editor-painted");
    hasPainted ||= shapes.length > 0;
    paintedAt = viewport;
  }

  function paintHand(context) {
    const { hand, marquee, mark, frame, viewport } = scene();
    for (const shape of hand) {
      paint.paintShape(context, shape.geometry, frame, viewport, shape);
      if (shape.handles) paint.paintHandles(context, shape.geometry, frame, viewport, shape);
      if (shape.dots) paint.paintDots(context, shape.dots, frame, viewport, shape.colour, shape.closing);
      if (shape.name)
        paint.paintName(context, shape.name, shape.geometry, frame, viewport, shape.colour, screen());
    }
    if (marquee) paint.paintMarquee(context, marquee, frame, viewport, ACCENT);
    if (mark) paint.paintMark(context, mark, frame, viewport);
  }

  function paintHelpers(context) {
    const { crosshair, ring, brush } = scene();
    if (brush) paint.paintRing(context, brush, brush.radius);
    else if (crosshair) paint.paintCrosshair(context, crosshair, screen());
    if (ring) paint.paintRing(context, ring);
  }

  /** A layer with nothing on it, for those that mostly have none: an empty canvas costs as much to show anew as a full one. */
  const emptiness = {
    hand: ({ hand, marquee, mark }) => !hand.length && !marquee && !mark,
    helpers: ({ crosshair, ring, brush }) => !crosshair && !ring && !brush,
  };
  const empty = new Set();

  function drawLayer(name) {
    const isEmpty = emptiness[name]?.(scene()) ?? false;
    if (isEmpty && empty.has(name)) return;
    if (isEmpty) empty.add(name);
    else empty.delete(name);
    layers[name].draw();
  }

  function flush() {
    frameRequest = null;
    for (const name of LAYERS) if (dirty.has(name)) drawLayer(name);
    if (dirty.has("shapes")) element("shapes").style.transform = "";
    dirty.clear();
  }

  const element = (name) => layers[name].getNativeCanvasElement();

  function mark(names) {
    for (const name of names) dirty.add(name);
    frameRequest ??= requestAnimationFrame(flush);
  }

  function moveFinished() {
    const { viewport } = scene();
    const scale = viewport.scale / paintedAt.scale;
    const style = element("shapes").style;
    style.transformOrigin = "0 0";
    style.transform = `matrix(${scale}, 0, 0, ${scale}, ${viewport.x - paintedAt.x * scale}, ${viewport.y - paintedAt.y * scale})`;
    clearTimeout(restTimer);
    restTimer = setTimeout(() => mark(["shapes"]), REST_MS);
  }

  return {
    screen,
    /** Redraw some layers with the next frame of the screen. */
    redraw: (...names) => mark(names.length ? names : LAYERS),

    /** The viewport changed. */
    viewportChanged() {
      mark(["picture", "hand", "helpers"]);
      if (paintedAt && finishedCostMs > CHEAP_MS) moveFinished();
      else mark(["shapes"]);
    },

    resize() {
      stage.size({ width: container.clientWidth || 1, height: container.clientHeight || 1 });
      mark(LAYERS);
    },

    /** How strong the finished labels are, in per cent; those in hand stay as they are. */
    fade(percent) {
      element("shapes").style.opacity = percent >= 100 ? "" : String(percent / 100);
    },

    /** Brightness, contrast and gamma in per cent: filters of the browser, so the picture is not touched. */
    adjust({ brightness, contrast, gamma = 100 }) {
      const filters = [
        brightness !== 100 && `brightness(${brightness}%)`,
        contrast !== 100 && `contrast(${contrast}%)`,
        gamma !== 100 && `url(#${gammaFilter(gamma)})`,
      ].filter(Boolean);
      element("picture").style.filter = filters.join(" ");
    },

    /** Milliseconds that the finished shapes took when they were last drawn. */
    get finishedCostMs() {
      return finishedCostMs;
    },

    destroy() {
      cancelAnimationFrame(frameRequest);
      clearTimeout(restTimer);
      stage.destroy();
    },
  };
}

const SVG = "http://www.w3.org/2000/svg";

/** The page's SVG filter that raises every channel to 1 / gamma; CSS has none. Returns its identifier. */
function gammaFilter(gamma) {
  let filter = document.getElementById("ed-gamma");
  if (!filter) {
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of [
      ["width", 0],
      ["height", 0],
      ["aria-hidden", "true"],
      ["class", "ed-filters"],
    ])
      svg.setAttribute(name, value);
    filter = document.createElementNS(SVG, "filter");
    filter.setAttribute("id", "ed-gamma");
    filter.setAttribute("color-interpolation-filters", "sRGB");
    const transfer = document.createElementNS(SVG, "feComponentTransfer");
    for (const channel of ["R", "G", "B"]) {
      const curve = document.createElementNS(SVG, `feFunc${channel}`);
      curve.setAttribute("type", "gamma");
      transfer.append(curve);
    }
    filter.append(transfer);
    svg.append(filter);
    document.body.append(svg);
  }
  for (const curve of filter.querySelectorAll("[type=gamma]")) curve.setAttribute("exponent", 100 / gamma);
  return "ed-gamma";
}

/** A still picture of a document on a plain canvas, for the two sides of a conflict. */
export function drawPreview(canvas, { picture, frame, shapes }) {
  const context = canvas.getContext("2d");
  const scale = Math.min(canvas.width / frame.width, canvas.height / frame.height);
  const viewport = {
    scale,
    x: (canvas.width - frame.width * scale) / 2,
    y: (canvas.height - frame.height * scale) / 2,
  };
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (picture) context.drawImage(picture, viewport.x, viewport.y, frame.width * scale, frame.height * scale);
  for (const shape of shapes) paint.paintShape(context, shape.geometry, frame, viewport, shape);
}
