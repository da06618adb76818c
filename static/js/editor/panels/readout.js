/** The measured value under the pointer, at the lower left of the stage (DICOM). */

import { el } from "../dom.js";

/** `{element, show(imagePoint | null)}`. */
export function createReadout({ session, frames }) {
  const element = el("div", { class: "ed-readout number", hidden: true, "aria-hidden": "true" });
  let at = null;

  function refresh() {
    const value = at && frames.valueAt(at);
    element.hidden = value === null || value === undefined;
    if (element.hidden) return;
    const { center, width } = session.state.window;
    element.textContent = `${Math.floor(at.x)}, ${Math.floor(at.y)} · ${value.toLocaleString("en-GB")} · L ${center} W ${width}`;
  }

  session.store.watch((state) => [state.picture, state.window], refresh);
  return {
    element,
    show(point) {
      at = point;
      refresh();
    },
  };
}
