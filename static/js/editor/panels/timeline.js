/**
 * The timeline: a ruler with the playing head, instances as rows with ranges and key frames, frame labels and dynamic
 * answers as ranges of values. Names are elements, the rest is one canvas; only rows in sight exist.
 */

import { el } from "../dom.js";
import { openMenuAt, selectionEntries } from "./menu.js";
import * as geometry from "../timeline_geometry.js";
import { whole } from "../media.js";
import { inksOf, paintTimeline } from "../timeline_paint.js";
import { timelineRows } from "../timeline_rows.js";
import { pulledRun } from "../tracks.js";
import { listenToTimeline } from "./timeline_gestures.js";
import { createGrip, heightFor } from "./timeline_height.js";
import { showTimelineList } from "./timeline_list.js";
import { valueEntries } from "./timeline_menu.js";
import { createTimelineNames } from "./timeline_names.js";
import { createTransport } from "./transport.js";

const { ROW_PX, RULER_PX } = geometry;
const ROOM_FOR_ROWS = 4;

export function createTimeline(context) {
  const { session } = context;
  const { store, media, ontology } = session;
  const rowsOf = context.timelineRows ?? ((state) => timelineRows(state.document, ontology, turned));
  const marksOf = context.timelineMarks ?? (() => null);
  let turned = new Set();
  let rows = [];
  let view = geometry.fitView(media.count, 800);
  let size = { width: 800, height: 120 };
  let request = null;
  let trim = null;

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
    by: (factor) => zoomBy(factor, zoomCentre()),
    fit: () => setView(geometry.fitView(media.count, size.width)),
  };
  const { grip, set: setHeight } = createGrip({
    panel: () => panel,
    keep: (height) => store.update({ settings: { ...store.state.settings, timelineHeight: height } }),
    usual: usualHeight,
  });
  const panel = el(
    "section",
    { class: "ed-timeline", "aria-label": "Timeline" },
    grip,
    createTransport(context, { zoom, showList: () => showTimelineList(rows, context) }),
    tracks,
    bar,
  );

  /** Where rows are still to be drawn there is room for some, so that the picture does not give way while somebody draws. */
  function usualHeight() {
    return heightFor(Math.max(rows.length, store.state.canEdit ? ROOM_FOR_ROWS : 0));
  }

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
      trim,
      canTrim: store.state.selection.some(canTrim),
      inks: inksOf(panel),
    });
    names.show(rows, geometry.visibleRows(tracks.scrollTop, size.height, rows.length), store.state);
    placeHead();
  }

  function placeHead() {
    const { frame } = store.state;
    head.style.transform = `translateX(${geometry.xOf(view, frame)}px)`;
    head.firstChild.textContent = whole(frame);
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
    const at = { x: event.clientX, y: event.clientY };
    if (row.kind !== "object") openMenuAt(at, valueEntries(context, row), row.name);
    else if (row.id && store.state.selection.length) openMenuAt(at, selectionEntries(context));
  }

  const canTrim = (id) =>
    media.isContinuous && store.state.canEdit && !store.state.locked.has(id) && !session.isClosed(id);

  /** The end of a selected track under the pointer: `{id, run, end, runs}`. */
  function gripAt({ x, y }) {
    const row = rowAt(y);
    if (row?.kind !== "object" || !store.state.selection.includes(row.id) || !canTrim(row.id)) return null;
    const found = geometry.endAt(view, row.runs, x);
    return found && { id: row.id, runs: row.runs, ...found };
  }

  /** The frame at the pulled end is shown: people look for where the instance leaves the picture. */
  function pull({ id, runs, run, end }, frame) {
    trim = { id, run, to: pulledRun(runs, run, end, frame, media.count) };
    session.go(trim.to[end]);
    mark();
  }

  function drop(isKept) {
    const { id, run, to } = trim;
    trim = null;
    mark();
    if (isKept && (to[0] !== run[0] || to[1] !== run[1])) context.commands.tracking.trim(id, run, to);
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const rowAt = (y) => (y < RULER_PX ? null : rows[Math.floor((y - RULER_PX + tracks.scrollTop) / ROW_PX)]);
  const frameAt = (x) => geometry.frameAtX(view, x, media.count);

  const zoomBy = (factor, x) => setView(geometry.zoomedAt(view, factor, x, media.count, size.width));
  const scrollTo = (first) => setView(geometry.bounded({ ...view, first }, media.count, size.width));
  listenToTimeline(
    slider,
    {
      place,
      rowAt,
      frameAt,
      gripAt,
      pull,
      drop,
      menu,
      zoomBy,
      scrollBy: (px) => scrollTo(view.first + px / view.perFrame),
    },
    context,
  );
  tracks.addEventListener("scroll", mark);
  bar.addEventListener("scroll", () => {
    const first = bar.scrollLeft / view.perFrame;
    if (Math.abs(first - view.first) * view.perFrame > 1) scrollTo(first);
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
  setHeight(store.state.settings.timelineHeight ?? usualHeight());
  store.watch((state) => [state.selection, state.range, state.ingest, state.locked, state.canEdit], mark);
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
