/**
 * The form of a list of attributes: radio, checklist, text and number, nested under their option.
 *
 * The form is rebuilt when the set of open attributes changes and only refreshed when a value does, so that typing is
 * never interrupted.
 */

import { el } from "../dom.js";
import { answerText, openAttributes } from "../ontology.js";

const SEGMENTS_UP_TO = 3;
const SEGMENT_LETTERS = 28;

/** Options to show: archived ones only where they are the answer. */
const optionsOf = (attribute, value) => {
  const chosen = new Set([].concat(value ?? []));
  return (attribute.options ?? []).filter((option) => !option.archived || chosen.has(option.featureNodeHash));
};

/** Few short options without anything below them stand side by side. */
function isSegmented(attribute) {
  const options = (attribute.options ?? []).filter((option) => !option.archived);
  return (
    attribute.type === "radio" &&
    options.length >= 2 &&
    options.length <= SEGMENTS_UP_TO &&
    options.every((option) => !option.options?.length) &&
    options.reduce((letters, option) => letters + option.label.length, 0) <= SEGMENT_LETTERS
  );
}

/** In a question with options the digits choose them; elsewhere they choose a class. */
function chooseByDigit(event) {
  if (!/^[1-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  const group = event.target.matches("input[type=radio], input[type=checkbox]")
    ? event.target.closest("[role=radiogroup], [role=group]")
    : null;
  const control = group?.querySelectorAll(":scope > label > input")[Number(event.key) - 1];
  if (!control) return;
  event.preventDefault();
  event.stopPropagation();
  control.focus();
  control.click();
}

let forms = 0;

/**
 * `onAnswer(hash, value, {typing})` is told every change. Returns `{element, show({attributes, answers, disabled,
 * scope})}`; `scope` names what is edited (an object's identifier), another scope rebuilds the form. `badgeOf(attribute,
 * depth)` gives an element to stand beside the attribute's name, or null.
 */
export function createForm(onAnswer, { badgeOf = () => null } = {}) {
  forms += 1;
  const prefix = `form${forms}`;
  const element = el("div", { class: "ed-form", on: { keydown: chooseByDigit } });
  let shape = "";
  let fields = [];

  function show({ attributes, answers, disabled = false, scope = "" }) {
    const open = openAttributes(attributes, answers);
    const next = JSON.stringify([scope, disabled, open.map(({ attribute }) => attribute.featureNodeHash)]);
    if (next !== shape) {
      const focused = element.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
      shape = next;
      fields = [];
      element.replaceChildren(
        ...attributes.map((attribute) => field(attribute, answers, disabled, 0)).filter(Boolean),
      );
      if (focused)
        element.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }
    for (const refresh of fields) refresh(answers);
  }

  function field(attribute, answers, disabled, depth) {
    const hash = attribute.featureNodeHash;
    const value = answers[hash];
    if (attribute.archived && value === undefined) return null;
    const id = `${prefix}-${hash}`;
    const build = {
      radio: isSegmented(attribute) ? segments : choices,
      checklist: choices,
      text: textInput,
      numeric: numberInput,
    };
    const control = (build[attribute.type] ?? textInput)(attribute, { id, hash, answers, disabled, depth });
    const mark = el("span", { class: "ed-required", text: "required" });
    const label = el("span", { class: "ed-field-name", id: `${id}-name` }, attribute.name, " ", mark);
    const badge = badgeOf(attribute, depth);
    const head = badge ? el("div", { class: "ed-field-head" }, label, badge) : label;
    const box = el("div", { class: depth ? "ed-field ed-field-nested" : "ed-field" }, head, control);
    fields.push((now) => {
      const empty = answerText(attribute, now[hash]) === "";
      mark.hidden = !(attribute.required && empty);
      box.classList.toggle("is-missing", Boolean(attribute.required && empty));
    });
    return box;
  }

  function input(type, attribute, { id, hash, disabled }, extra) {
    return el("input", {
      type,
      disabled,
      "aria-labelledby": `${id}-name`,
      "aria-required": attribute.required ? "true" : null,
      data: { focus: `${id}`, field: hash },
      ...extra,
    });
  }

  function choices(attribute, context) {
    const { id, hash, answers, disabled, depth } = context;
    const many = attribute.type === "checklist";
    const list = optionsOf(attribute, answers[hash]).map((option) =>
      choice(attribute, option, context, many, depth),
    );
    return el(
      "div",
      {
        class: "ed-choices",
        role: many ? "group" : "radiogroup",
        "aria-labelledby": `${id}-name`,
        "aria-disabled": disabled ? "true" : null,
      },
      list,
    );
  }

  function choice(attribute, option, { id, hash, answers, disabled }, many, depth) {
    const value = option.featureNodeHash;
    const control = el("input", {
      type: many ? "checkbox" : "radio",
      name: id,
      value,
      disabled,
      data: { focus: `${id}-${value}`, field: hash },
      on: {
        change: () => onAnswer(hash, many ? withToggled(attribute, control) : value, { typing: false }),
        // A second press on the chosen option takes the answer back: there is no other way to have none.
        click: () => !many && control.dataset.was === "true" && onAnswer(hash, null, { typing: false }),
        keydown: (event) => {
          if (many || (event.key !== "Backspace" && event.key !== "Delete")) return;
          event.stopPropagation();
          onAnswer(hash, null, { typing: false });
        },
      },
    });
    fields.push((now) => {
      control.checked = [].concat(now[hash] ?? []).includes(value);
      control.dataset.was = String(control.checked);
    });
    const row = el("label", { class: "ed-choice" }, control, el("span", { text: option.label }));
    const nested = (option.options ?? []).length && answers[hash] === value ? option.options : [];
    const below = nested.map((child) => field(child, answers, disabled, depth + 1)).filter(Boolean);
    return below.length ? [row, el("div", { class: "ed-nested" }, below)] : [row];
  }

  function withToggled(attribute, control) {
    const group = control.closest(".ed-choices");
    const chosen = new Set(
      [...group.querySelectorAll(":scope > label > input:checked")].map((other) => other.value),
    );
    return (attribute.options ?? [])
      .map((option) => option.featureNodeHash)
      .filter((hash) => chosen.has(hash));
  }

  function segments(attribute, { id, hash, answers, disabled }) {
    const list = optionsOf(attribute, answers[hash]).map((option) => {
      const value = option.featureNodeHash;
      const control = el("input", {
        type: "radio",
        name: id,
        value,
        disabled,
        data: { focus: `${id}-${value}`, field: hash },
        on: {
          change: () => onAnswer(hash, value, { typing: false }),
          click: () => control.dataset.was === "true" && onAnswer(hash, null, { typing: false }),
        },
      });
      fields.push((now) => {
        control.checked = now[hash] === value;
        control.dataset.was = String(control.checked);
      });
      return el("label", { class: "segment" }, control, el("span", { text: option.label }));
    });
    return el(
      "div",
      { class: "segments segments-small ed-segments", role: "radiogroup", "aria-labelledby": `${id}-name` },
      list,
    );
  }

  function typed(control, hash, read) {
    control.addEventListener("input", () => onAnswer(hash, read(control), { typing: true }));
    fields.push((now) => {
      if (control === document.activeElement && read(control) === (now[hash] ?? null)) return;
      const text = now[hash] === undefined ? "" : String(now[hash]);
      if (control.value !== text) control.value = text;
    });
    return control;
  }

  function textInput(attribute, context) {
    const control = input("text", attribute, context, {
      class: "form-control",
      maxlength: 2000,
      autocomplete: "off",
    });
    return typed(control, context.hash, () => control.value || null);
  }

  function numberInput(attribute, context) {
    const control = input("text", attribute, context, {
      class: "form-control ed-number",
      inputmode: "decimal",
      autocomplete: "off",
      placeholder: "Number",
    });
    const note = el("span", {
      class: "meta loss",
      hidden: true,
      text: "This is not a number; it is not kept",
    });
    const read = () => {
      const text = control.value.trim().replace(",", ".");
      const value = text === "" ? null : Number(text);
      const wrong = value !== null && !Number.isFinite(value);
      control.setAttribute("aria-invalid", String(wrong));
      note.hidden = !wrong;
      return wrong ? null : value;
    };
    return el("div", { class: "ed-number-line" }, typed(control, context.hash, read), note);
  }

  return { element, show };
}
