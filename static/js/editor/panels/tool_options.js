/** What the tool in hand offers, over the picture: the brush's size, what an outline becomes, the vertex that comes next. */

import { el, icon } from "../dom.js";
import { OUTLINE_MODES } from "../tools/polygon.js";

const MOST_BRUSH_PX = 200;

function segment(label, pressed, run, key = "") {
  return el("button", {
    type: "button",
    class: "segment",
    "aria-pressed": String(pressed),
    title: key ? `${label} (${key})` : label,
    text: label,
    on: { click: run },
  });
}

const button = (label, key, run, pressed = null) =>
  el(
    "button",
    {
      type: "button",
      class: pressed ? "btn btn-quiet btn-small is-set" : "btn btn-quiet btn-small",
      "aria-pressed": pressed === null ? null : String(pressed),
      on: { click: run },
    },
    label,
    key && el("kbd", { text: key }),
  );

export function createToolOptions({ session, tools, commands }) {
  const { store } = session;
  const bar = el("div", {
    class: "ed-options",
    role: "toolbar",
    "aria-label": "Options of the tool",
    hidden: true,
  });
  const toolOf = (name) => tools.find((tool) => tool.name === name);

  function setSetting(name, value) {
    store.update({ settings: { ...store.state.settings, [name]: value } });
  }

  function brushParts({ settings, tool }) {
    const figure = el("span", { class: "number ed-option-figure", text: `${2 * settings.brush} px` });
    const range = el("input", {
      type: "range",
      class: "ed-range ed-option-range",
      min: 1,
      max: MOST_BRUSH_PX,
      step: 1,
      "aria-label": "Radius of the brush in pixels",
      value: settings.brush,
      on: {
        input: () => {
          setSetting("brush", Number(range.value));
          figure.textContent = `${2 * Number(range.value)} px`;
        },
      },
    });
    const mode = (name, label) =>
      segment(label, tool === name, () => commands.run(`tool:${name}`), toolOf(name)?.key.toUpperCase());
    return [
      el(
        "div",
        { class: "segments segments-small", role: "group", "aria-label": "Brush or eraser" },
        mode("brush", "Paint"),
        mode("eraser", "Erase"),
        mode("mask_outline", "Outline"),
      ),
      toolOf(tool).paints && [el("span", { class: "second", text: "Size" }), range, figure],
      button("Fill holes", "Shift G", () => commands.run("fill-holes")),
    ];
  }

  function outlineParts({ outlineMode, selection }) {
    return [
      el(
        "div",
        { class: "segments segments-small", role: "group", "aria-label": "What the outline becomes" },
        OUTLINE_MODES.map(([mode, label]) =>
          segment(label, outlineMode === mode, () => {
            commands.outlineMode(mode);
          }),
        ),
      ),
      outlineMode !== "shape" &&
        !selection.length &&
        el("span", { class: "ed-option-note", text: "Select the polygon first" }),
    ];
  }

  function skeletonParts({ drawing }) {
    if (!drawing)
      return [el("span", { class: "second", text: "Click the first vertex, or drag a box for all of them" })];
    return [
      el(
        "span",
        {},
        el("strong", { text: drawing.next }),
        el("span", { class: "second", text: ` ${drawing.position + 1} of ${drawing.count}` }),
      ),
      button("Hidden", "Q", () => commands.run("vertex-hidden"), drawing.hidden),
      button("Not there", "X", () => commands.run("vertex-absent")),
      button("Finish", "Enter", () => commands.run("enter")),
    ];
  }

  function snapPart({ settings }) {
    return el(
      "button",
      {
        type: "button",
        class: settings.snap ? "btn btn-quiet btn-small is-set" : "btn btn-quiet btn-small",
        "aria-pressed": String(Boolean(settings.snap)),
        title: "Snap to vertices and edges (T; hold Ctrl for the opposite)",
        on: { click: () => commands.run("snap") },
      },
      icon("magnet"),
      "Snap",
    );
  }

  function parts(state) {
    const tool = toolOf(state.tool);
    if (!tool?.shape || !state.canEdit) return null;
    if (tool.shape === "bitmask") return brushParts(state);
    const own =
      tool.name === "polygon" ? outlineParts(state) : tool.name === "skeleton" ? skeletonParts(state) : [];
    return [...own, snapPart(state)];
  }

  store.watch(
    (state) => [
      state.tool,
      state.canEdit,
      state.outlineMode,
      state.drawing,
      state.settings.snap,
      state.selection.length > 0,
      // The slider moves itself; only a key may have changed it.
      document.activeElement?.classList.contains("ed-option-range") ? 0 : state.settings.brush,
    ],
    (state) => {
      const shown = parts(state);
      bar.hidden = !shown;
      const active = bar.contains(document.activeElement) ? document.activeElement.textContent : null;
      bar.replaceChildren(...(shown ?? []).flat(2).filter(Boolean));
      if (active) [...bar.querySelectorAll("button")].find((other) => other.textContent === active)?.focus();
    },
  );
  return bar;
}
