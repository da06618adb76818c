// HTMX: token on every request, failures shown where they happen with everything typed kept, focus after a swap.
import { askToLogIn } from "./dialogs.js";
import { csrfToken, explainStatus, renewSession } from "./request.js";
import { showToast } from "./toasts.js";

export function startHtmx() {
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:beforeRequest", (event) => clearNotice(event.detail.elt));
  document.addEventListener("htmx:sendError", (event) => showFailure(event.detail.elt, explainStatus(0)));
  document.addEventListener("htmx:timeout", (event) => showFailure(event.detail.elt, explainStatus(0)));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = event.detail;
    if (xhr.status === 401) return askToLogIn();
    if (xhr.status === 403) renewSession().catch(() => {}); // a stale token, perhaps: the next try has a fresh one
    showFailure(elt, messageOf(xhr) || explainStatus(xhr.status));
  });
  // A conflict or refusal as JSON has no place in the page: say it instead of swapping it in.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const message = messageOf(event.detail.xhr);
    if (message === null || event.detail.isError) return;
    event.detail.shouldSwap = false;
    showFailure(event.detail.requestConfig.elt, message || explainStatus(event.detail.xhr.status));
  });
  document.addEventListener("htmx:afterSwap", focusFirstError);
}

function messageOf(xhr) {
  if (!xhr.getResponseHeader("Content-Type")?.startsWith("application/json")) return null;
  try {
    return JSON.parse(xhr.responseText).message ?? "";
  } catch {
    return "";
  }
}

function showFailure(element, text) {
  const form = element?.closest?.("form");
  if (!form || form.matches("[data-filter-form]")) {
    showToast(text, "error");
    return;
  }
  clearNotice(form);
  const notice = document.getElementById("form-notice-template").content.firstElementChild.cloneNode(true);
  notice.querySelector(".notice-text").textContent = text;
  form.querySelector(".dialog-body")?.prepend(notice) ?? form.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
}

function clearNotice(element) {
  element?.closest?.("form")?.querySelector("[data-form-notice]")?.remove();
}

function focusFirstError(event) {
  event.detail.elt.querySelector?.('[aria-invalid="true"]')?.focus();
}
