/** The edge of a side panel: dragged, or moved by the arrow keys; its place is one of the person's settings. */

import { el } from "../dom.js";

const STEP_PX = 16;

/** `side` = which side of the handle the panel is on. The width is kept as the setting `name`; 0 = as the page has it. */
export function createSplitter({ session, panel, name, label, least, most }) {
  const { store } = session;
  const handle = el("div", {
    class: "ed-splitter",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-label": label,
    "aria-valuemin": least,
    "aria-valuemax": most,
    title: `${label}: drag, or double click for the usual width`,
  });
  const bounded = (width) => Math.round(Math.min(most, Math.max(least, width)));
  const set = (width) => store.update({ settings: { ...store.state.settings, [name]: width } });

  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const from = { x: event.clientX, width: panel.offsetWidth };
    const move = (other) => set(bounded(from.width - (other.clientX - from.x)));
    const stop = () => handle.removeEventListener("pointermove", move);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", stop, { once: true });
  });
  handle.addEventListener("dblclick", () => set(0));
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: STEP_PX, ArrowRight: -STEP_PX }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    set(bounded(panel.offsetWidth + by));
  });
  store.watch(
    (state) => [state.settings[name]],
    ({ settings }) => {
      const width = settings[name] ? bounded(settings[name]) : 0;
      panel.style.width = width ? `${width}px` : "";
      handle.setAttribute("aria-valuenow", width || panel.offsetWidth || least);
    },
  );
  return handle;
}
