// Buttons that copy a short text.
import { showToast } from "./toasts.js";

export function startCopy() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      showToast("Copied", "success");
    } catch {
      // Without a secure context there is no clipboard: show the text so that it can be copied by hand.
      showToast(button.dataset.copy, "info");
    }
  });
}
