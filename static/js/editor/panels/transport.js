/** The bar over the timeline: where one is, playing, stepping, key frames. */

import { el, icon, iconButton } from "../dom.js";
import { clockOf, whole } from "../media.js";
import { SPEEDS } from "../playback.js";
import { labelOn, objectById } from "../document.js";
import { isKey } from "../tracks.js";

function frameField({ session }) {
  const { store, media } = session;
  const field = el("input", {
    type: "number",
    class: "form-control ed-frame-field",
    min: 0,
    max: media.last,
    step: 1,
    "aria-label": "Frame number",
    title: "Go to a frame (G)",
  });
  const take = () => {
    if (field.value === "") return;
    session.go(Number(field.value));
    field.value = store.state.frame;
  };
  field.addEventListener("change", take);
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      take();
      document.querySelector(".ed-pane")?.focus();
    }
  });
  store.watch(
    (state) => [state.frame],
    ({ frame }) => (field.value = frame),
  );
  return field;
}

/** "of 1,499 · 00:04.48 · 25 frames a second", or the name of the picture or slice. */
function place({ session }) {
  const { store, media } = session;
  const time = el("span", { class: "number" });
  const rate = media.rate
    ? `${Number(media.rate.toFixed(2))} frames a second`
    : { image_sequence: "sequence", image_group: "group", dicom: "series" }[media.kind];
  const name = el("span", { class: "ed-frame-name clip" });
  store.watch(
    (state) => [state.frame],
    ({ frame }) => {
      time.textContent = media.hasTimes ? clockOf(media.timeMs(frame)) : "";
      name.textContent = media.name(frame);
      name.title = media.name(frame);
    },
  );
  const dot = () => el("span", { class: "ed-dot", "aria-hidden": "true", text: "·" });
  return el(
    "div",
    { class: "ed-frame-place second" },
    el("span", { text: `of ${whole(media.last)}` }),
    media.hasTimes ? [dot(), time] : null,
    media.name(0) ? [dot(), name] : null,
    el("span", { class: "ed-wide-only ed-frame-rate" }, dot(), el("span", { text: rate })),
  );
}

function playButton({ session, commands }) {
  const button = el("button", {
    type: "button",
    class: "btn btn-square ed-play",
    on: { click: () => commands.run("play") },
  });
  session.store.watch(
    (state) => [state.playing],
    ({ playing }) => {
      const label = playing ? "Pause" : "Play";
      button.replaceChildren(icon(playing ? "player-pause" : "player-play"));
      button.setAttribute("aria-label", label);
      button.title = `${label} (M, or tap Space)`;
    },
  );
  return button;
}

function speedChoice({ session, playback }) {
  const choice = el(
    "select",
    { class: "form-select ed-speed", "aria-label": "Speed", title: "Speed (Ctrl , and Ctrl .)" },
    SPEEDS.map((speed) => el("option", { value: speed, text: `${speed}×` })),
  );
  choice.addEventListener("change", () => playback.setSpeed(Number(choice.value)));
  session.store.watch(
    (state) => [state.settings.speed],
    ({ settings }) => (choice.value = String(settings.speed)),
  );
  return choice;
}

function interpolationSwitch({ session, commands }) {
  const input = el("input", {
    type: "checkbox",
    class: "switch",
    on: { change: () => commands.run("toggle-interpolation") },
  });
  session.store.watch(
    (state) => [state.settings.interpolate, state.canEdit],
    ({ settings, canEdit }) => {
      input.checked = settings.interpolate;
      input.disabled = !canEdit;
    },
  );
  return el(
    "label",
    { class: "ed-switch", title: "Frames between key frames follow them" },
    input,
    el("span", { class: "ed-wide-only", text: "Interpolate between key frames" }),
    el("span", { class: "ed-narrow-only", text: "Interpolate" }),
  );
}

/** Add key frame, or remove it where there is one. */
function keyframeButton({ session, commands }) {
  const text = el("span", {});
  const button = el(
    "button",
    { type: "button", class: "btn ed-keyframe", on: { click: () => commands.run("keyframe") } },
    icon("square-rotated"),
    text,
    el("kbd", { text: "F" }),
  );
  session.store.watch(
    (state) => [state.document, state.selection, state.frame, state.canEdit],
    ({ document, selection, frame, canEdit }) => {
      const labels = selection.map((id) => labelOn(objectById(document, id), frame));
      const all = labels.length > 0 && labels.every((label) => label && isKey(label));
      text.textContent = all ? "Remove key frame" : "Add key frame";
      button.disabled = !canEdit || !selection.length;
      button.title = selection.length ? "" : "Select a label first";
    },
  );
  return button;
}

export function createTransport(context, { zoom, showList }) {
  const { session, commands } = context;
  const { media } = session;
  const step = (name, label, key, command) =>
    iconButton(name, label, {
      key,
      class: "btn btn-quiet btn-square btn-small",
      data: { command },
      on: { click: () => commands.run(command) },
    });
  const compared = context.mode.panes === "two";
  const stop = compared ? "frame with differences" : media.isContinuous ? "key frame" : "label";
  const beside = (by) =>
    el(
      "button",
      {
        type: "button",
        class: "btn btn-quiet btn-small ed-stop",
        "aria-label": by < 0 ? `Previous ${stop}` : `Next ${stop}`,
        title: by < 0 ? `Previous ${stop} (Page up)` : `Next ${stop} (Page down)`,
        on: { click: () => commands.run(by < 0 ? "previous-stop" : "next-stop") },
      },
      by < 0
        ? [icon("chevron-left"), icon("square-rotated")]
        : [icon("square-rotated"), icon("chevron-right")],
    );
  return el(
    "div",
    { class: "ed-transport", role: "toolbar", "aria-label": "Frames" },
    el(
      "div",
      { class: "ed-transport-steps" },
      step("player-skip-back", "First frame", "Home", "first-frame"),
      step("chevron-left", "Previous frame", ",", "previous-frame"),
      media.kind !== "image_group" && playButton(context),
      step("chevron-right", "Next frame", ".", "next-frame"),
      step("player-skip-forward", "Last frame", "End", "last-frame"),
    ),
    frameField(context),
    place(context),
    el("span", { class: "ed-gap" }),
    media.isContinuous && context.mode.canEdit && interpolationSwitch(context),
    media.isContinuous && context.mode.canEdit && keyframeButton(context),
    el("div", { class: "ed-stops" }, beside(-1), beside(1)),
    media.kind !== "image_group" && speedChoice(context),
    el(
      "div",
      { class: "ed-timeline-zoom", role: "group", "aria-label": "Zoom of the timeline" },
      iconButton("zoom-out", "Show more frames", { on: { click: () => zoom.by(1 / 1.5) } }),
      iconButton("zoom-in", "Show fewer frames", { on: { click: () => zoom.by(1.5) } }),
      iconButton("arrow-autofit-width", "All frames", { on: { click: () => zoom.fit() } }),
    ),
    iconButton("list-details", "Timeline as a list", { on: { click: showList } }),
  );
}
