/** Asks for a first and a last frame. */

import { el } from "../dom.js";
import { ask } from "./dialogs.js";

/** Resolves with [first, last], or null. `range` is what stands there at first. */
export async function askRange({ title, text, button, range, last }) {
  const field = (label, value) => {
    const input = el("input", {
      type: "number",
      class: "form-control ed-number",
      min: 0,
      max: last,
      step: 1,
      value,
      "aria-label": label,
    });
    return { input, row: el("label", { class: "ed-range-field" }, el("span", { text: label }), input) };
  };
  const first = field("First frame", range[0]);
  const end = field("Last frame", range[1]);
  const read = ({ input }) => Math.min(last, Math.max(0, Math.round(Number(input.value)) || 0));
  const body = el(
    "form",
    {
      on: {
        submit: (event) => {
          event.preventDefault();
          event.target.closest("dialog").close("range");
        },
      },
    },
    el("p", { text }),
    el(
      "div",
      { class: "ed-range-fields" },
      first.row,
      end.row,
      el("span", { class: "meta", text: `of 0–${last.toLocaleString("en-GB")}` }),
    ),
    // Enter in a field means the button.
    el("button", { type: "submit", class: "visually-hidden", tabindex: -1, "aria-hidden": "true" }),
  );
  const asked = ask({ title, body: [body], buttons: [{ key: "range", label: button, primary: true }] });
  first.input.select();
  first.input.focus();
  if ((await asked) !== "range") return null;
  return [read(first), read(end)].sort((a, b) => a - b);
}
