/** The zoom control that floats over the canvas. */

import { el, icon, iconButton } from "../dom.js";

/** Gold over the submission instead of beside it; linking two views has no meaning then. */
function overlayButton(overlay, linkButton, commands) {
  const button = el(
    "button",
    {
      type: "button",
      class: "btn btn-quiet btn-small",
      "aria-pressed": "false",
      title: "Gold over the submission (O)",
      on: { click: () => commands.run("overlay") },
    },
    icon("layers-intersect"),
    "Overlay",
  );
  const run = () => {
    const overlaid = overlay.toggle();
    button.setAttribute("aria-pressed", String(overlaid));
    button.classList.toggle("is-set", overlaid);
    linkButton.hidden = overlaid;
  };
  commands.add([
    { id: "overlay", group: "Differences", label: "Gold over the submission", keys: ["o"], run },
  ]);
  return button;
}

/** `panes` are zoomed together where they are linked; `link` = {isLinked(), toggle()} in compare mode. */
export function createZoom({ commands, link, overlay }) {
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
    if (overlay) bar.append(overlayButton(overlay, button, commands));
  }
  return { element: bar, show: ({ scale }) => (figure.textContent = `${Math.round(scale * 100)} %`) };
}
