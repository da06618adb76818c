/** The tools at the left edge, undo and redo, settings and the sheet of keys. */

import { el, iconButton } from "../dom.js";
import { keyWords } from "../key_bindings.js";

function toolButton(tool, { session, commands }) {
  const button = iconButton(
    tool.icon,
    tool.label,
    {
      key: tool.key.toUpperCase(),
      class: "ed-tool",
      data: { tool: tool.name },
      on: { click: () => commands.run(`tool:${tool.name}`) },
    },
    el("span", { class: "ed-tool-key", text: tool.key.toUpperCase(), "aria-hidden": "true" }),
  );
  session.store.watch(
    (state) => [state.tool],
    (state) => button.setAttribute("aria-pressed", String(state.tool === tool.name)),
  );
  session.store.watch(
    (state) => [state.settings],
    () => {
      const key = keyWords(commands.get(`tool:${tool.name}`)?.keys[0] ?? "").join(" ");
      button.querySelector(".ed-tool-key").textContent = key.length > 1 ? "" : key;
      button.title = key ? `${tool.label} (${key})` : tool.label;
    },
  );
  return button;
}

function stepButton(name, label, key, side, { session, commands }) {
  const button = iconButton(name, label, {
    class: "ed-tool",
    data: { step: side },
    on: { click: () => commands.run(side) },
  });
  session.store.watch(
    (state) => [state.history, state.canEdit],
    ({ history, canEdit }) => {
      const step = (side === "undo" ? history.past : history.future).at(-1);
      button.disabled = !step || !canEdit;
      button.title = step ? `${label}: ${step.label} (${key})` : `${label} (${key})`;
    },
  );
  return button;
}

/** Arrow keys move through a toolbar, which is one stop for the Tab key. */
function roving(toolbar) {
  const buttons = () => [...toolbar.querySelectorAll("button:not(:disabled)")];
  const mark = (current) => {
    for (const button of toolbar.querySelectorAll("button")) button.tabIndex = button === current ? 0 : -1;
  };
  mark(toolbar.querySelector("button"));
  toolbar.addEventListener("focusin", (event) => mark(event.target.closest("button")));
  toolbar.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const target =
      event.key === "Home"
        ? all[0]
        : event.key === "End"
          ? all.at(-1)
          : step && all[(at + step + all.length) % all.length];
    if (!target) return;
    event.preventDefault();
    event.stopPropagation();
    target.focus();
  });
  return toolbar;
}

export function createRail(context) {
  const { tools, commands, session } = context;
  const tool = (name, label, key, command) =>
    iconButton(name, label, {
      key,
      class: "ed-tool",
      data: { command },
      on: { click: () => commands.run(command) },
    });
  return roving(
    el(
      "div",
      { class: "ed-rail", role: "toolbar", "aria-label": "Tools", "aria-orientation": "vertical" },
      tools.map((each) => toolButton(each, context)),
      session.state.canEdit && [
        el("hr", { class: "ed-rule" }),
        stepButton("arrow-back-up", "Undo", "Ctrl Z", "undo", context),
        stepButton("arrow-forward-up", "Redo", "Ctrl Shift Z", "redo", context),
      ],
      el("span", { class: "ed-gap" }),
      tool("settings", "View settings", "", "settings"),
      tool("keyboard", "All keys", "?", "sheet"),
    ),
  );
}
