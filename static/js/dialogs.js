// Native dialogs: opened by data-dialog="id", closed by data-close, Escape, or a click beside them.
import { renewSession } from "./request.js";

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

export function askToLogIn() {
  openDialog("session-dialog");
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      for (const panel of document.querySelectorAll("[popover]:popover-open:not(#toasts)")) panel.hidePopover();
      openDialog(opener.dataset.dialog);
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target.matches("dialog.dialog") && isBeside(event)) event.target.close();
    if (event.target.closest("[data-session-continue]")) continueSession();
  });
  // A form in a dialog that succeeded closes it; one that was refused stays open with what was typed.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.requestConfig.verb !== "get") {
      event.detail.elt.closest?.("dialog[open]:not([data-stay])")?.close();
    }
  });
}

// Only a press that lies outside the box: releasing a text selection outside must not close it.
function isBeside(event) {
  const box = event.target.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  return event.detail > 0 && (x < box.left || x > box.right || y < box.top || y > box.bottom);
}

async function continueSession() {
  const problem = document.querySelector("[data-session-error]");
  try {
    if (await renewSession()) {
      problem.hidden = true;
      document.getElementById("session-dialog").close();
      return;
    }
    problem.textContent = "You are not logged in yet, or as somebody else. Log in as the same person first.";
  } catch {
    problem.textContent = "The server does not answer. Check your connection and try again.";
  }
  problem.hidden = false;
}
