/**
 * The timeline: a ruler with the playing head, instances as rows with ranges and key frames, frame labels and dynamic
 * answers as ranges of values. Names are elements, the rest is one canvas; only rows in sight exist.
 */

import { el } from "../dom.js";
import { openMenuAt, selectionEntries } from "./menu.js";
import * as geometry from "../timeline_geometry.js";
import { inksOf, paintTimeline } from "../timeline_paint.js";
import { timelineRows } from "../timeline_rows.js";
import { showTimelineList } from "./timeline_list.js";
import { createTimelineNames } from "./timeline_names.js";
import { createTransport } from "./transport.js";

const { ROW_PX, RULER_PX } = geometry;
const LEAST_PX = 44 + RULER_PX + ROW_PX;
const WHEEL_ZOOM = 0.003;

export function createTimeline(context) {
  const { session, commands } = context;
  const { store, media, ontology } = session;
  const rowsOf = context.timelineRows ?? ((state) => timelineRows(state.document, ontology, turned));
  const marksOf = context.timelineMarks ?? (() => null);
  let turned = new Set();
  let rows = [];
  let view = geometry.fitView(media.count, 800);
  let size = { width: 800, height: 120 };
  let request = null;
  let held = null;

  const canvas = el("canvas", { class: "ed-timeline-canvas" });
  const head = el("div", { class: "ed-playhead" }, el("span", { class: "ed-playhead-frame number" }));
  const slider = el(
    "div",
    {
      class: "ed-timeline-stage",
      role: "slider",
      tabindex: 0,
      "aria-label": "Frame",
      "aria-valuemin": 0,
      "aria-valuemax": media.last,
    },
    canvas,
    head,
  );
  const names = createTimelineNames({
    onPick: pick,
    onFold(id) {
      turned = new Set(turned);
      if (!turned.delete(id)) turned.add(id);
      remake(store.state);
    },
    onMenu: (row, event) => menu(row, event),
  });
  const corner = el("div", { class: "ed-timeline-corner" });
  const spacer = el("div", { class: "ed-timeline-spacer" });
  const empty = el("p", {
    class: "ed-timeline-empty",
    text: "Nothing is labelled yet. Draw on a frame; it becomes a key frame.",
  });
  const tracks = el(
    "div",
    { class: "ed-tracks" },
    el("div", { class: "ed-tracks-sticky" }, corner, slider, empty),
    names.list,
    spacer,
  );
  const wide = el("div", {});
  const bar = el("div", { class: "ed-timeline-bar", "aria-hidden": "true" }, wide);
  const zoom = {
    by: (factor) => setView(geometry.zoomedAt(view, factor, zoomCentre(), media.count, size.width)),
    fit: () => setView(geometry.fitView(media.count, size.width)),
  };
  const grip = el("div", {
    class: "ed-timeline-grip",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "horizontal",
    "aria-label": "Height of the timeline",
    "aria-valuemin": LEAST_PX,
  });
  const panel = el(
    "section",
    { class: "ed-timeline", "aria-label": "Timeline" },
    grip,
    createTransport(context, { zoom, showList: () => showTimelineList(rows, context) }),
    tracks,
    bar,
  );

  /** Zooming by button keeps the current frame in place when it is in sight. */
  function zoomCentre() {
    const x = geometry.xOf(view, store.state.frame);
    return x >= 0 && x <= size.width ? x : size.width / 2;
  }

  function setView(next) {
    view = next;
    wide.style.width = `${Math.round(geometry.contentWidth(view, media.count))}px`;
    const left = Math.round(geometry.scrollOf(view));
    if (Math.abs(bar.scrollLeft - left) > 1) bar.scrollLeft = left;
    bar.hidden = geometry.contentWidth(view, media.count) <= size.width + 1;
    mark();
  }

  function mark() {
    request ??= requestAnimationFrame(paint);
  }

  function paint() {
    request = null;
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context2d = canvas.getContext("2d");
    context2d.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintTimeline(context2d, {
      view,
      count: media.count,
      ...size,
      scrollTop: tracks.scrollTop,
      rows,
      selection: store.state.selection,
      range: store.state.range,
      marks: marksOf(),
      ready: store.state.ingest?.ready ?? media.ready,
      inks: inksOf(panel),
    });
    names.show(rows, geometry.visibleRows(tracks.scrollTop, size.height, rows.length), store.state);
    placeHead();
  }

  function placeHead() {
    const { frame } = store.state;
    head.style.transform = `translateX(${geometry.xOf(view, frame)}px)`;
    head.firstChild.textContent = frame.toLocaleString("en-GB");
  }

  function remake(state) {
    rows = rowsOf(state, turned);
    spacer.style.height = `${rows.length * ROW_PX + RULER_PX}px`;
    empty.hidden = rows.length > 0;
    mark();
  }

  function pick(row, event, { keyboard = false } = {}) {
    if (row.id) {
      const { selection } = store.state;
      if (event.ctrlKey || event.metaKey)
        session.select(
          selection.includes(row.id) ? selection.filter((id) => id !== row.id) : [...selection, row.id],
        );
      else session.select([row.id]);
    }
    if (keyboard) {
      session.say(row.about, { quiet: true });
      reveal(rows.indexOf(row));
    } else if (row.kind !== "object") {
      store.flush();
      store.update({ focusField: { hash: row.hash } });
    }
  }

  function reveal(position) {
    const top = position * ROW_PX;
    const room = size.height - RULER_PX - ROW_PX;
    if (top < tracks.scrollTop) tracks.scrollTop = top;
    else if (top > tracks.scrollTop + room) tracks.scrollTop = top - room;
  }

  function menu(row, event) {
    if (row.id && !store.state.selection.includes(row.id)) session.select([row.id]);
    store.flush();
    if (row.id && store.state.selection.length)
      openMenuAt({ x: event.clientX, y: event.clientY }, selectionEntries(context));
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const rowAt = (y) => (y < RULER_PX ? null : rows[Math.floor((y - RULER_PX + tracks.scrollTop) / ROW_PX)]);
  const frameAt = (x) => geometry.frameAtX(view, x, media.count);

  function press(event) {
    const at = place(event);
    if (event.button === 1) held = { pans: true, x: at.x };
    else if (event.button === 0) {
      commands.run("pause");
      const frame = frameAt(at.x);
      held = event.shiftKey ? { range: store.state.frame } : { scrubs: true };
      const row = rowAt(at.y);
      if (row?.kind === "object" && !event.shiftKey) session.select([row.id]);
      if (event.shiftKey) setRange(held.range, frame);
      else {
        if (store.state.range) store.update({ range: null });
        session.go(frame);
      }
    }
    if (!held) return;
    event.preventDefault();
    slider.focus({ preventScroll: true });
    slider.classList.add("is-pointed");
    slider.setPointerCapture(event.pointerId);
  }

  function setRange(a, b) {
    store.update({ range: a === b ? null : [Math.min(a, b), Math.max(a, b)] });
  }

  function move(event) {
    if (!held) return;
    const { x } = place(event);
    if (held.pans) {
      setView(
        geometry.bounded(
          { ...view, first: view.first - (x - held.x) / view.perFrame },
          media.count,
          size.width,
        ),
      );
      held.x = x;
      return;
    }
    if (held.scrubs) session.go(frameAt(x));
    else setRange(held.range, frameAt(x));
  }

  function release() {
    if (held?.range !== undefined && store.state.range) {
      const [from, to] = store.state.range;
      session.say(`Frames ${from} to ${to} marked: answers and dialogs mean them`);
    }
    held = null;
  }

  function wheel(event) {
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.altKey) {
      event.preventDefault();
      setView(
        geometry.zoomedAt(
          view,
          Math.exp(-event.deltaY * unit * WHEEL_ZOOM),
          place(event).x,
          media.count,
          size.width,
        ),
      );
      return;
    }
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (!across) return;
    event.preventDefault();
    setView(
      geometry.bounded(
        { ...view, first: view.first + (across * unit) / view.perFrame },
        media.count,
        size.width,
      ),
    );
  }

  function keys(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[
      event.key
    ];
    const { frame } = store.state;
    const target =
      event.key === "Home" ? 0 : event.key === "End" ? media.last : step === undefined ? null : frame + step;
    if (target === null || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    commands.run("pause");
    if (event.shiftKey && step) {
      const from = store.state.range
        ? store.state.range[0] === frame
          ? store.state.range[1]
          : store.state.range[0]
        : frame;
      setRange(from, media.clampFrame(target));
    }
    session.go(target);
  }

  function setHeight(height) {
    const most = Math.round(globalThis.innerHeight * 0.6);
    const bounded = Math.round(Math.min(most, Math.max(LEAST_PX, height)));
    panel.style.height = `${bounded}px`;
    grip.setAttribute("aria-valuenow", bounded);
    grip.setAttribute("aria-valuemax", most);
    return bounded;
  }

  const keepHeight = (height) =>
    store.update({ settings: { ...store.state.settings, timelineHeight: setHeight(height) } });

  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const start = { y: event.clientY, height: panel.offsetHeight };
    grip.setPointerCapture(event.pointerId);
    const drag = (moved) => setHeight(start.height + start.y - moved.clientY);
    const end = () => {
      grip.removeEventListener("pointermove", drag);
      keepHeight(panel.offsetHeight);
    };
    grip.addEventListener("pointermove", drag);
    grip.addEventListener("lostpointercapture", end, { once: true });
  });
  grip.addEventListener("keydown", (event) => {
    const by = { ArrowUp: ROW_PX, ArrowDown: -ROW_PX }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    keepHeight(panel.offsetHeight + by);
  });
  grip.addEventListener("dblclick", () => keepHeight(defaultHeight()));

  /** Room for the rows that are there, up to four of them. */
  const defaultHeight = () => 44 + RULER_PX + Math.min(4, Math.max(2, rows.length)) * ROW_PX + 14;

  slider.addEventListener("pointerdown", press);
  slider.addEventListener("pointermove", move);
  slider.addEventListener("pointerup", release);
  slider.addEventListener("lostpointercapture", release);
  slider.addEventListener("blur", () => slider.classList.remove("is-pointed"));
  slider.addEventListener("wheel", wheel, { passive: false });
  slider.addEventListener("keydown", keys);
  slider.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const row = rowAt(place(event).y);
    if (!row?.id) return;
    session.go(frameAt(place(event).x));
    menu(row, event);
  });
  tracks.addEventListener("scroll", mark);
  bar.addEventListener("scroll", () => {
    const first = bar.scrollLeft / view.perFrame;
    if (Math.abs(first - view.first) * view.perFrame > 1)
      setView(geometry.bounded({ ...view, first }, media.count, size.width));
  });
  new ResizeObserver(() => {
    const before = size;
    size = { width: slider.clientWidth || 1, height: tracks.clientHeight || 1 };
    slider.style.height = `${size.height}px`;
    const fitted = Math.abs(view.perFrame - geometry.fitPerFrame(media.count, before.width)) < 1e-6;
    setView(
      fitted ? geometry.fitView(media.count, size.width) : geometry.bounded(view, media.count, size.width),
    );
  }).observe(tracks);
  new MutationObserver(mark).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

  store.watch((state) => [state.document, ...(context.timelineKey?.(state) ?? [])], remake);
  setHeight(store.state.settings.timelineHeight ?? defaultHeight());
  store.watch((state) => [state.selection, state.range, state.ingest], mark);
  store.watch(
    (state) => [state.selection],
    ({ selection }) => {
      const at = rows.findIndex((row) => row.kind === "object" && row.id === selection[0]);
      if (at >= 0) reveal(at);
    },
  );
  store.watch(
    (state) => [state.frame],
    ({ frame, playing }) => {
      slider.setAttribute("aria-valuenow", frame);
      slider.setAttribute("aria-valuetext", session.frameText());
      const next = geometry.showingFrame(view, frame, media.count, size.width, { leaps: playing });
      if (next !== view) setView(next);
      else placeHead();
    },
  );
  return panel;
}
