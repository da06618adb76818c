/** Short conversations: native dialogs with a title, a body and buttons. */

import { el, icon, iconButton } from "../dom.js";

let dialogs = 0;

/**
 * Show a dialog; resolves with the key of the pressed button, or null when it was closed. `buttons` =
 * [{key, label, primary, danger, href}]; one with `href` opens a new tab and leaves the dialog open.
 */
export function ask({ title, body, buttons, wide = false }) {
  dialogs += 1;
  const id = `dialog${dialogs}`;
  return new Promise((resolve) => {
    const close = (key) => {
      dialog.returnValue = key ?? "";
      dialog.close(key ?? "");
    };
    const foot = buttons.map(({ key, label, primary, href }) =>
      href
        ? el("a", {
            class: primary ? "btn btn-primary" : "btn",
            href,
            target: "_blank",
            rel: "noopener",
            text: label,
          })
        : el("button", {
            type: "button",
            class: primary ? "btn btn-primary" : "btn",
            data: { key },
            text: label,
            on: { click: () => close(key) },
          }),
    );
    const dialog = el(
      "dialog",
      { class: wide ? "dialog dialog-wide" : "dialog", "aria-labelledby": id },
      el(
        "div",
        { class: "dialog-head" },
        el("h2", { id, text: title }),
        iconButton("x", "Close", { on: { click: () => close(null) } }),
      ),
      el("div", { class: "dialog-body" }, body),
      foot.length > 0 && el("div", { class: "dialog-foot" }, foot),
    );
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector(".dialog-foot .btn-primary") ?? dialog.querySelector("button")).focus();
  });
}

/** What is missing before the task can be submitted; resolves with the chosen entry or null. */
export async function askMissing(missing) {
  const shown = missing.slice(0, 100);
  const list = el(
    "ul",
    { class: "ed-missing" },
    shown.map((entry, index) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "menu-item", data: { key: index } },
          icon("alert-circle"),
          el("span", { class: "strong", text: entry.where }),
          el("span", { class: "second", text: entry.what }),
        ),
      ),
    ),
  );
  list.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key !== undefined) event.target.closest("dialog").close(`go:${key}`);
  });
  const more =
    missing.length > shown.length && el("p", { text: `and ${missing.length - shown.length} more` });
  const answer = await ask({
    title:
      missing.length === 1
        ? "One required answer is missing"
        : `${missing.length} required answers are missing`,
    body: [
      el("p", { text: "The task can be submitted once these are answered. Choose one to go there." }),
      list,
      more,
    ],
    buttons: [{ key: "first", label: "Go to the first", primary: true }],
  });
  if (answer === "first") return missing[0];
  return answer?.startsWith("go:") ? missing[Number(answer.slice(3))] : null;
}

/** The server's word is final for this page: say when, and let the labels be copied. */
export function askEnded({ message, at, submitted }, when) {
  return ask({
    title: submitted ? "This task is already submitted" : "This task can no longer be changed",
    body: [
      el("p", { text: message }),
      at && el("p", { text: `Submitted ${when(at)}.` }),
      el("p", {
        text: "What you changed here since then is not saved on the server. It stays in this browser, and you can copy it.",
      }),
    ],
    buttons: [
      { key: "copy", label: "Copy my labels" },
      { key: "back", label: "Back to the tasks", primary: true },
    ],
  });
}
