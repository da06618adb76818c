/** The zoom control that floats over the canvas. */

import { el, icon, iconButton } from "../dom.js";

/** `panes` are zoomed together where they are linked; `link` = {isLinked(), toggle()} in compare mode. */
export function createZoom({ commands, link }) {
  const figure = el("button", {
    type: "button",
    class: "ed-zoom-figure",
    title: "Actual size (Shift 0)",
    on: { click: () => commands.run("actual-size") },
  });
  const bar = el(
    "div",
    { class: "ed-zoom", role: "group", "aria-label": "Zoom" },
    iconButton("minus", "Zoom out", { key: "−", on: { click: () => commands.run("zoom-out") } }),
    figure,
    iconButton("plus", "Zoom in", { key: "+", on: { click: () => commands.run("zoom-in") } }),
    el("button", {
      type: "button",
      class: "btn btn-quiet btn-small",
      title: "Whole picture (0)",
      text: "Fit",
      on: { click: () => commands.run("fit") },
    }),
  );
  if (link) {
    const button = el("button", {
      type: "button",
      class: "btn btn-quiet btn-small",
      on: { click: () => show(link.toggle()) },
    });
    const show = (linked) => {
      button.replaceChildren(icon(linked ? "link" : "unlink"), linked ? "Views linked" : "Views apart");
      button.setAttribute("aria-pressed", String(linked));
      button.classList.toggle("is-set", linked);
    };
    show(true);
    bar.append(button);
  }
  return { element: bar, show: ({ scale }) => (figure.textContent = `${Math.round(scale * 100)} %`) };
}
