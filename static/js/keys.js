// Single keys outside the editor: / search, ? sheet, J K rows, Enter and X on the current row. Never while typing.
import { openDialog } from "./dialogs.js";

export function isTyping(element) {
  return Boolean(element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));
}

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + by))];
  (next.querySelector("a, button, input") ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

function search() {
  const field = document.querySelector("[data-list-search]") ?? document.querySelector("[data-slash-search]");
  field?.focus();
  field?.select();
}

function toggleSelection() {
  document.activeElement?.closest?.("[data-row]")?.querySelector("input[data-select]")?.click();
}

const ACTIONS = {
  "/": search,
  "?": () => openDialog("keyboard-sheet"),
  j: () => step(1),
  k: () => step(-1),
  x: toggleSelection,
};

export function startKeys() {
  const own = document.querySelector("[data-page-keys]");
  for (const keys of document.querySelectorAll("[data-keys]")) {
    const heading = document.createElement("h3");
    heading.textContent = keys.dataset.keys;
    own?.append(heading, keys);
    keys.hidden = false;
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") || document.body.hasAttribute("data-own-keys")) return;
    const action = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
