/** One line over the picture when something needs attention: offline, refused, restored, a choice that waits. */

import { el, icon, iconButton } from "../dom.js";

/** `show({kind, text, action: {label, run}, closes})` replaces what is shown; `hide(kind)` takes only that one away. */
export function createBanner() {
  const element = el("div", { class: "ed-banner", hidden: true, role: "status" });
  let current = null;

  function hide(kind) {
    if (kind && current !== kind) return;
    current = null;
    element.hidden = true;
    element.replaceChildren();
  }

  function show({ kind, text, tone = "warn", action = null, closes = false }) {
    current = kind;
    element.hidden = false;
    element.className = `ed-banner notice notice-${tone}`;
    element.replaceChildren(
      icon(tone === "ok" ? "check" : kind === "offline" ? "cloud-off" : "alert-circle"),
      el("span", { class: "notice-text", text }),
      ...(action
        ? [
            el("button", {
              type: "button",
              class: "btn btn-small",
              text: action.label,
              on: { click: action.run },
            }),
          ]
        : []),
      ...(closes ? [iconButton("x", "Close this message", { on: { click: () => hide() } })] : []),
    );
  }

  return { element, show, hide };
}
