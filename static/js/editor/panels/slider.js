/** A setting on a scale. */

import { el } from "../dom.js";

/** A slider with its value beside the name; a double click sets it back. */
export function settingSlider(session, { name, label, min, max, initial }) {
  const figure = el("span", { class: "second number" });
  const input = el("input", {
    type: "range",
    min,
    max,
    step: 5,
    class: "ed-range",
    "aria-label": label,
    on: {
      input: () =>
        session.store.update({ settings: { ...session.state.settings, [name]: Number(input.value) } }),
      dblclick: () => session.store.update({ settings: { ...session.state.settings, [name]: initial } }),
    },
  });
  session.store.watch(
    (state) => [state.settings[name]],
    ({ settings }) => {
      input.value = settings[name];
      figure.textContent = `${settings[name]} %`;
    },
  );
  return el(
    "div",
    { class: "ed-slider" },
    el("div", { class: "ed-slider-head" }, el("span", { text: label }), figure),
    input,
  );
}
