/** The instructions beside the picture, so that nobody has to leave it to look something up. */

import { el, iconButton } from "../dom.js";

export function createDrawer({ url }) {
  let drawer = null;
  let before = null;

  function close() {
    drawer.remove();
    drawer = null;
    before?.focus?.();
  }

  return {
    toggle() {
      if (drawer) return close();
      before = document.activeElement;
      drawer = el(
        "aside",
        { class: "ed-drawer", "aria-label": "Instructions" },
        el(
          "div",
          { class: "ed-panel-head" },
          el("h2", { text: "Instructions" }),
          el("span", { class: "ed-gap" }),
          el("a", {
            class: "btn btn-quiet btn-small",
            href: url,
            target: "_blank",
            rel: "noopener",
            text: "Open in a new tab",
          }),
          iconButton("x", "Close the instructions", { on: { click: close } }),
        ),
        el("iframe", { class: "ed-drawer-page", src: url, title: "Instructions" }),
      );
      drawer.addEventListener("keydown", (event) => event.key === "Escape" && close());
      document.querySelector(".ed-body").append(drawer);
      drawer.querySelector("button").focus();
    },
  };
}
