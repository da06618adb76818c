/** The upper edge of the timeline: dragged or moved by keys, remembered for the person. */

import { el } from "../dom.js";
import { ROW_PX, RULER_PX } from "../timeline_geometry.js";

const TRANSPORT_PX = 44;
const LEAST_PX = TRANSPORT_PX + RULER_PX + ROW_PX;
const MOST_SHARE = 0.6;

/** Room for the rows that are there, from two to four of them. */
export const heightFor = (rows) =>
  TRANSPORT_PX + RULER_PX + Math.min(4, Math.max(2, rows)) * ROW_PX + ROW_PX / 2;

/** `panel()` is what changes its height, `keep(px)` is told a new one, `usual()` is the height without a wish. */
export function createGrip({ panel, keep, usual }) {
  const grip = el("div", {
    class: "ed-timeline-grip",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "horizontal",
    "aria-label": "Height of the timeline",
    "aria-valuemin": LEAST_PX,
  });

  function set(height) {
    const most = Math.round(globalThis.innerHeight * MOST_SHARE);
    const bounded = Math.round(Math.min(most, Math.max(LEAST_PX, height)));
    panel().style.height = `${bounded}px`;
    grip.setAttribute("aria-valuenow", bounded);
    grip.setAttribute("aria-valuemax", most);
    return bounded;
  }

  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const start = { y: event.clientY, height: panel().offsetHeight };
    grip.setPointerCapture(event.pointerId);
    const drag = (moved) => set(start.height + start.y - moved.clientY);
    grip.addEventListener("pointermove", drag);
    grip.addEventListener(
      "lostpointercapture",
      () => {
        grip.removeEventListener("pointermove", drag);
        keep(panel().offsetHeight);
      },
      { once: true },
    );
  });
  grip.addEventListener("keydown", (event) => {
    const by = { ArrowUp: ROW_PX, ArrowDown: -ROW_PX }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    keep(set(panel().offsetHeight + by));
  });
  grip.addEventListener("dblclick", () => keep(set(usual())));

  return { grip, set };
}
