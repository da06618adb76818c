/** One line of the list of instances. */

import { el, icon, swatch } from "../dom.js";
import { answerText, openAttributes } from "../ontology.js";

/** The first chosen option: the quickest way to tell two instances apart. */
export function shortAnswer(object, label, ontology) {
  const answers = { ...object.answers, ...label?.answers };
  for (const { attribute } of openAttributes(ontology.object(object.node).attributes, answers)) {
    if (attribute.type === "radio" && answers[attribute.featureNodeHash]) {
      return answerText(attribute, answers[attribute.featureNodeHash]);
    }
  }
  return "";
}

/** A place to press for mouse users; by keyboard the same is on keys and in the menu (an option holds no buttons). */
const spot = (name, title, act) => el("span", { class: "ed-spot", title, data: { act } }, icon(name));

/** `show(facts)` touches the page only where the facts differ from those shown. */
export function createRow(id) {
  const name = el("span", { class: "ed-row-name clip" });
  const note = el("span", { class: "ed-row-note clip" });
  const warning = el(
    "span",
    { class: "ed-row-warning", title: "A required answer is missing" },
    icon("alert-circle"),
    el("span", { class: "visually-hidden", text: "required answer missing" }),
  );
  const colour = el("span", { class: "ed-row-colour" });
  const spots = el("span", { class: "ed-spots", "aria-hidden": "true" });
  const row = el(
    "div",
    { class: "ed-row", role: "option", id: `instance-${id}`, "aria-selected": "false", data: { id } },
    colour,
    name,
    note,
    warning,
    spots,
  );
  let shown = null;
  return {
    row,
    show(facts) {
      const key = JSON.stringify(facts);
      if (key === shown) return;
      shown = key;
      name.textContent = facts.name;
      note.textContent = facts.note;
      note.hidden = !facts.note || facts.missing;
      warning.hidden = !facts.missing;
      colour.replaceChildren(swatch(facts.colour));
      row.classList.toggle("is-hidden", facts.hidden);
      row.classList.toggle("is-elsewhere", Boolean(facts.elsewhere));
      row.title = facts.elsewhere ? "Not on this frame; a double click goes to it" : "";
      spots.replaceChildren(
        spot(facts.hidden ? "eye-off" : "eye", facts.hidden ? "Show" : "Hide", "hide"),
        spot(facts.locked ? "lock" : "lock-open", facts.locked ? "Unlock" : "Lock", "lock"),
        spot("dots", "More", "menu"),
      );
      spots.classList.toggle("is-kept", facts.hidden || facts.locked);
    },
  };
}
