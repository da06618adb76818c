/** Where the selected instance stands on this frame: key frame, interpolated, or not there with the way to it. */

import { labelOn } from "../document.js";
import { el, icon } from "../dom.js";
import { rangesText } from "../ranges.js";
import { trackOf } from "../timeline_rows.js";
import { isKey } from "../tracks.js";

export function createTrackNote({ session, commands }) {
  const { store, media } = session;
  const words = el("span", {});
  const chip = el(
    "button",
    {
      type: "button",
      class: "ed-track-chip",
      hidden: true,
      on: { click: () => commands.run("keyframe") },
    },
    icon("square-rotated"),
    words,
  );
  const text = el("span", {});
  const go = el("button", { type: "button", class: "btn btn-small", data: { track: "go" } });
  const hold = el("button", {
    type: "button",
    class: "btn btn-small",
    text: "Put it here",
    title: "With its nearest shape, as a key frame (F)",
    on: { click: () => commands.run("keyframe") },
  });
  const note = el(
    "div",
    { class: "ed-track-note", hidden: true },
    text,
    el("div", { class: "line" }, go, hold),
  );
  let target = null;
  go.addEventListener("click", () => session.go(target));

  /** The frame of the instance that is nearest to a frame. */
  function nearestFrame({ labels }, frame) {
    return labels.reduce(
      (best, label) => (Math.abs(label.frame - frame) < Math.abs(best - frame) ? label.frame : best),
      labels[0].frame,
    );
  }

  function show({ frame, canEdit }) {
    const selected = media.isMany ? session.selected() : null;
    const object = selected?.object;
    const label = object && labelOn(object, frame);
    chip.hidden = !label || !media.isContinuous;
    note.hidden = !object || Boolean(label) || !object.labels.length;
    if (!chip.hidden) {
      const key = isKey(label);
      words.textContent = key ? "key frame" : "interpolated";
      chip.classList.toggle("is-between", !key);
      chip.disabled = !canEdit;
      chip.title = key ? "Press to let it follow its neighbours (F)" : "Press to make it a key frame (F)";
    }
    if (!note.hidden) {
      target = nearestFrame(object, frame);
      text.textContent = `Not on this frame; seen on ${rangesText(trackOf(object).runs)}.${canEdit ? " Draw it to go on with it here." : ""}`;
      go.textContent = `Go to frame ${target}`;
      hold.hidden = !canEdit || !media.isContinuous;
    }
  }

  store.watch((state) => [state.document, state.selection, state.frame, state.canEdit], show);
  return { chip, note };
}
