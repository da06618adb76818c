/** Why a label is rejected, or what is missing on a frame: default reasons as buttons with digits, and typed text. */

import { el } from "../dom.js";
import { ask } from "./dialogs.js";

const LONGEST = 500;

/** Resolves with the text to keep, or null. The chosen reason stands before what was typed. */
async function converse({ title, intro, reasons, button, needsText, placeholder }) {
  let chosen = null;
  const field = el("input", {
    type: "text",
    class: "form-control",
    maxlength: LONGEST - 202,
    placeholder,
    "aria-label": placeholder,
  });
  const options = reasons.map((text, index) =>
    el(
      "button",
      {
        type: "button",
        class: "ed-reason",
        "aria-pressed": "false",
        on: { click: () => choose(index) },
      },
      el("span", { class: "grow", text }),
      index < 9 && el("kbd", { text: index + 1, "aria-hidden": "true" }),
    ),
  );
  const words = () => [reasons[chosen], field.value.trim()].filter(Boolean).join(": ");
  const confirm = () => body.closest("dialog").querySelector("[data-key=confirm]");

  function choose(index) {
    chosen = chosen === index ? null : index;
    options.forEach((option, at) => option.setAttribute("aria-pressed", String(at === chosen)));
    check();
  }
  function check() {
    confirm().disabled = needsText && !words();
  }

  const body = el(
    "div",
    { class: "ed-reasons" },
    intro && el("p", { text: intro }),
    options,
    field,
  );
  field.addEventListener("input", check);
  body.addEventListener("keydown", (event) => {
    if (event.target !== field && /^[1-9]$/.test(event.key) && options[event.key - 1]) {
      event.preventDefault();
      choose(Number(event.key) - 1);
      options[chosen ?? 0].focus();
    }
    // Enter on a reason that is not chosen yet chooses it; everywhere else it sends.
    const picks = options.includes(event.target) && event.target.getAttribute("aria-pressed") === "false";
    if (event.key !== "Enter" || picks) return;
    event.preventDefault();
    if (!confirm().disabled) confirm().click();
  });
  const answer = ask({ title, body, buttons: [{ key: "confirm", label: button, primary: true }] });
  check();
  (options[0] ?? field).focus();
  return (await answer) === "confirm" ? words() : null;
}

export const askReason = ({ title, reasons }) =>
  converse({
    title,
    intro: reasons.length ? "" : "Say what the annotator should change.",
    reasons,
    button: "Reject",
    needsText: true,
    placeholder: reasons.length ? "Add or type a reason" : "Reason",
  });

export const askMissingLabels = ({ frame }) =>
  converse({
    title: "Report missing labels",
    intro: `The task goes back to the annotator after its last review, with a note on ${frame}.`,
    reasons: [],
    button: "Report",
    needsText: false,
    placeholder: "What is missing (may be left empty)",
  });
