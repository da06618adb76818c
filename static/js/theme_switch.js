// The theme buttons in the person's menu: paint at once, store with the account.
import { csrfToken, explainStatus } from "./request.js";
import { showToast } from "./toasts.js";

function mark() {
  for (const button of document.querySelectorAll("[data-theme-switch] button")) {
    button.setAttribute("aria-pressed", String(button.value === document.documentElement.dataset.theme));
  }
}

export function startThemeSwitch() {
  mark();
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-theme-switch] button");
    if (!button) return;
    document.dispatchEvent(new CustomEvent("settheme", { detail: button.value }));
    mark();
    const response = await fetch(button.closest("[data-theme-switch]").dataset.saveUrl, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      body: new URLSearchParams({ theme: button.value }),
    }).catch(() => ({ ok: false, status: 0 }));
    if (!response.ok) showToast(`The theme was not stored. ${explainStatus(response.status)}`, "error");
  });
}
