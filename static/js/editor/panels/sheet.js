/** The sheet of keys, made from the table of commands itself, and the settings of the view. */

import { el } from "../dom.js";
import { settingSlider } from "./classes.js";
import { ask } from "./dialogs.js";

const NAMES = {
  ctrl: "Ctrl",
  shift: "Shift",
  alt: "Alt",
  arrows: "Arrows",
  enter: "Enter",
  escape: "Esc",
  delete: "Del",
  backspace: "Backspace",
  space: "Space",
};

function keyCaps(key) {
  const parts = key === "+" ? ["+"] : key.split("+");
  return parts.map((part) => el("kbd", { text: NAMES[part] ?? part.toUpperCase() }));
}

export function showSheet(commands) {
  const groups = new Map();
  for (const command of commands.list()) {
    if (!command.keys?.length || !command.group) continue;
    groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  }
  const sections = [...groups].map(([group, list]) =>
    el(
      "section",
      {},
      el("h3", { text: group }),
      el(
        "dl",
        { class: "key-list" },
        list.flatMap(({ label, keys }) => [el("dt", { text: label }), el("dd", {}, keyCaps(keys[0]))]),
      ),
    ),
  );
  return ask({ title: "Keys", wide: true, body: [el("div", { class: "ed-sheet" }, sections)], buttons: [] });
}

function toggle(session, name, label) {
  const input = el("input", {
    type: "checkbox",
    class: "switch",
    on: {
      change: () => session.store.update({ settings: { ...session.state.settings, [name]: input.checked } }),
    },
  });
  input.checked = session.state.settings[name];
  return el("label", { class: "choice" }, input, el("span", { text: label }));
}

export function showSettings(session) {
  return ask({
    title: "View settings",
    body: [
      el(
        "div",
        { class: "choices" },
        toggle(session, "crosshair", "Crosshair while drawing"),
        toggle(session, "names", "Names on all labels"),
      ),
      settingSlider(session, { name: "opacity", label: "Fill of labels", min: 0, max: 60, initial: 10 }),
      settingSlider(session, { name: "contrast", label: "Contrast", min: 20, max: 300, initial: 100 }),
      settingSlider(session, { name: "brightness", label: "Brightness", min: 20, max: 300, initial: 100 }),
    ],
    buttons: [],
  });
}
