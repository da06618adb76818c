/** How the picture is shown: sliders, and for measured values their window with presets. Under the classes. */

import { ADJUSTMENTS, isNeutral } from "../adjustments.js";
import { el, iconButton } from "../dom.js";
import { settingSlider } from "./slider.js";

/** Further sliders, folded away, with their way back. */
function folded({ session, commands }, adjustments) {
  const reset = el("button", {
    type: "button",
    class: "btn btn-small",
    text: "Reset",
    on: { click: () => commands.run("reset-picture") },
  });
  const changed = el("span", { class: "second" });
  session.store.watch(
    (state) => [state.settings],
    ({ settings }) => {
      reset.disabled = isNeutral(settings);
      changed.textContent = adjustments.some(({ name, initial }) => settings[name] !== initial)
        ? "changed"
        : "";
    },
  );
  const names = adjustments.map(({ label }) => label.toLowerCase()).join(", ");
  return el(
    "details",
    { class: "ed-adjust" },
    el("summary", {}, el("span", { text: names[0].toUpperCase() + names.slice(1) }), changed),
    adjustments.map((adjustment) => settingSlider(session, adjustment)),
    el("div", { class: "ed-adjust-foot" }, reset),
  );
}

function numberField(label, name, { session }) {
  const input = el("input", {
    type: "number",
    class: "form-control ed-window-number",
    step: 1,
    min: name === "width" ? 1 : null,
    "aria-label": `Window ${label.toLowerCase()}`,
  });
  input.addEventListener("change", () => {
    const value = Number(input.value);
    if (input.value !== "" && Number.isFinite(value))
      session.window.set({ [name]: name === "width" ? Math.max(1, value) : value });
  });
  session.store.watch(
    (state) => [state.window],
    ({ window }) => (input.value = window[name]),
  );
  return el("label", { class: "ed-window-field" }, el("span", { text: label }), input);
}

/** Level, width, presets, invert: the values that dragging with the right button or the window tool changes. */
function windowPanel({ session, frames }) {
  const { pixels } = session.media;
  const presets = [
    { name: "As given", ...pixels.window },
    ...(pixels.presets ?? []).filter(({ name }) => name),
  ];
  const choice = el(
    "select",
    { class: "form-select", "aria-label": "Window preset" },
    el("option", { value: "", text: "Own window", hidden: true }),
    presets.map(({ name }, index) => el("option", { value: index, text: name })),
    el("option", { value: "full", text: "All values" }),
  );
  choice.addEventListener("change", () => {
    if (choice.value === "full") return session.window.full(frames.values());
    const { center, width } = presets[Number(choice.value)];
    return session.window.set({ center, width });
  });
  const invert = el("input", {
    type: "checkbox",
    class: "switch",
    on: { change: () => session.window.invert() },
  });
  session.store.watch(
    (state) => [state.window],
    ({ window }) => {
      const at = presets.findIndex(({ center, width }) => center === window.center && width === window.width);
      choice.value = at < 0 ? "" : String(at);
      invert.checked = window.invert;
    },
  );
  return el(
    "div",
    { class: "ed-window", role: "group", "aria-label": "Window and level" },
    el(
      "div",
      { class: "ed-slider-head" },
      el("span", { class: "strong", text: "Window" }),
      iconButton("arrow-back-up", "Reset the window", { on: { click: () => session.window.reset() } }),
    ),
    choice,
    el(
      "div",
      { class: "ed-window-fields" },
      numberField("Level", "center", { session }),
      numberField("Width", "width", { session }),
    ),
    el("label", { class: "ed-switch" }, invert, el("span", { text: "Invert" })),
  );
}

export function createAdjust(context) {
  const { session } = context;
  const [brightness, ...others] = ADJUSTMENTS;
  return el(
    "div",
    { class: "ed-adjust-box" },
    session.media.pixels
      ? [windowPanel(context), folded(context, ADJUSTMENTS)]
      : [settingSlider(session, brightness), folded(context, others)],
  );
}
