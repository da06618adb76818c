/**
 * Building elements. Texts are always text nodes: names and answers come from people and files, never as markup.
 */

/** `el("button", {class, text, on: {click}, data: {...}, ...attributes}, ...children)`; false and null attributes are left out. */
export function el(tag, { class: className, text, on = {}, data = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  for (const [name, value] of Object.entries(data)) element.dataset[name] = value;
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** An icon of the page's own set (`<template id="editor-icons">`), hidden from screen readers. */
export function icon(name) {
  const source = document.getElementById("editor-icons").content.querySelector(`[data-icon="${name}"] > svg`);
  if (!source) return el("span", { class: "icon", "aria-hidden": "true" });
  const copy = source.cloneNode(true);
  copy.classList.add("icon");
  copy.setAttribute("aria-hidden", "true");
  return copy;
}

const SVG = "http://www.w3.org/2000/svg";

/** The small square of a class; the colour is a presentation attribute, so no style is needed. */
export function swatch(colour) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "ed-swatch");
  svg.setAttribute("viewBox", "0 0 10 10");
  svg.setAttribute("aria-hidden", "true");
  const square = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: 10, height: 10, rx: 2.5, fill: colour }))
    square.setAttribute(name, value);
  svg.append(square);
  return svg;
}

/** A button with an icon and a name that screen readers and the tooltip show. */
export function iconButton(name, label, { key = "", class: className = "", ...rest } = {}, ...children) {
  return el(
    "button",
    {
      type: "button",
      class: className || "btn btn-quiet btn-square btn-small",
      "aria-label": label,
      title: key ? `${label} (${key})` : label,
      ...rest,
    },
    icon(name),
    ...children,
  );
}

/** Put new children in place of the old ones and give the focus back to the element with the same `data-focus`. */
export function replaceChildren(parent, ...children) {
  const active = parent.contains(document.activeElement) ? document.activeElement : null;
  const mark = active?.dataset.focus;
  const caret = active?.selectionStart;
  const { scrollTop } = parent;
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean));
  parent.scrollTop = scrollTop;
  if (!mark) return;
  const again = parent.querySelector(`[data-focus="${CSS.escape(mark)}"]`);
  again?.focus({ preventScroll: true });
  if (caret !== undefined && caret !== null && again?.setSelectionRange)
    again.setSelectionRange(caret, caret);
}

/** "10:42" in the viewer's time zone. */
export const clockTime = (at) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

/** "18 November 2026 at 10:42:07" */
export const exactTime = (at) =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "medium" }).format(new Date(at));
