/** The sheet of keys, made from the table of commands itself, and the settings of the view. */

import { ADJUSTMENTS } from "../adjustments.js";
import { el } from "../dom.js";
import { keyWords } from "../key_bindings.js";
import { settingSlider } from "./slider.js";
import { ask } from "./dialogs.js";
import { showKeys } from "./keys_dialog.js";

const keyCaps = (key) => keyWords(key).map((word) => el("kbd", { text: word }));

export async function showSheet(context) {
  const { commands } = context;
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
  const answer = await ask({
    title: "Keys",
    wide: true,
    body: [el("div", { class: "ed-sheet" }, sections)],
    buttons: [{ key: "change", label: "Change keys" }],
  });
  if (answer === "change") await showKeys(context);
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
        toggle(session, "snap", "Snap to vertices and edges"),
        toggle(session, "names", "Names on all labels"),
        toggle(session, "pixelGrid", "Pixel grid when zoomed far in"),
        toggle(session, "wheelPans", "The wheel moves the picture (with Ctrl it zooms)"),
      ),
      settingSlider(session, {
        name: "strength",
        label: "Strength of labels",
        min: 0,
        max: 100,
        initial: 100,
      }),
      settingSlider(session, { name: "opacity", label: "Fill of labels", min: 0, max: 60, initial: 10 }),
      ADJUSTMENTS.map((adjustment) => settingSlider(session, adjustment)),
    ],
    buttons: [],
  });
}
