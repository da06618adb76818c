// Short results at the lower right. The server's messages are already there; scripts and HX-Trigger add more.

const STAY_MS = { success: 5000, info: 7000, warning: 10000, error: 0 };

export function showToast(text, level = "success") {
  const holder = document.getElementById("toasts");
  const item = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  const kind = level in STAY_MS ? level : "info";
  // The same words again (a poll that keeps failing) replace the old ones.
  for (const old of holder.children) if (old.querySelector(".toast-text").textContent === text) old.remove();
  item.classList.add(`toast-item-${kind}`);
  item.querySelector(`[data-toast-icon="${kind}"]`).replaceWith(...item.querySelector(`[data-toast-icon="${kind}"]`).childNodes);
  for (const unused of item.querySelectorAll("[data-toast-icon]")) unused.remove();
  item.querySelector(".toast-text").textContent = text;
  holder.append(item);
  raise(holder);
  leaveLater(item, STAY_MS[kind]);
}

// A modal dialog lies above the page, so the messages go to the top layer after it.
function raise(holder) {
  holder.popover = "manual";
  if (holder.matches(":popover-open")) holder.hidePopover();
  holder.showPopover();
}

function leaveLater(item, delay) {
  if (!delay) return;
  let timer = setTimeout(() => item.remove(), delay);
  const wait = () => clearTimeout(timer);
  const resume = () => {
    timer = setTimeout(() => item.remove(), delay);
  };
  item.addEventListener("mouseenter", wait);
  item.addEventListener("mouseleave", resume);
  item.addEventListener("focusin", wait);
  item.addEventListener("focusout", resume);
}

export function startToasts() {
  const holder = document.getElementById("toasts");
  for (const item of holder.querySelectorAll("[data-toast]")) {
    const level = Object.keys(STAY_MS).find((name) => item.classList.contains(`toast-item-${name}`));
    leaveLater(item, STAY_MS[level ?? "success"]);
  }
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
  // HX-Trigger: {"toasts": {"items": [{"text": "...", "level": "success"}]}}
  document.addEventListener("toasts", (event) => {
    for (const { text, level } of event.detail.items) showToast(text, level);
  });
}
