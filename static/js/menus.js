// Menus are popovers. The browser opens and closes them; this places them beside their button and moves the focus.

const GAP = 4;
const MARGIN = 8;

// Where a panel goes: below its button, aligned to the side with room, above when there is no room below.
export function placeBeside(button, panel, view) {
  const right = button.left + panel.width > view.width - MARGIN;
  const left = right ? button.right - panel.width : button.left;
  const below = button.bottom + GAP;
  const above = button.top - GAP - panel.height;
  const top = below + panel.height > view.height - MARGIN && above >= MARGIN ? above : below;
  return {
    left: Math.max(MARGIN, Math.min(left, view.width - MARGIN - panel.width)),
    top: Math.max(MARGIN, Math.min(top, view.height - MARGIN - panel.height)),
  };
}

function itemsOf(panel) {
  return [...panel.querySelectorAll(".menu-item:not(label), .menu-item input, .segment, input")].filter(
    (item) => !item.disabled && item.offsetParent !== null,
  );
}

function buttonOf(panel) {
  return document.querySelector(`[popovertarget="${CSS.escape(panel.id)}"][aria-expanded="true"]`);
}

export function startMenus() {
  let pressed = null;
  document.addEventListener(
    "click",
    (event) => {
      pressed = event.target.closest("[popovertarget]") ?? pressed;
    },
    true,
  );
  // Toggle events do not bubble, but they can be captured.
  document.addEventListener(
    "beforetoggle",
    (event) => {
      if (event.newState === "open" && pressed) pressed.setAttribute("aria-expanded", "true");
      if (event.newState === "closed") buttonOf(event.target)?.setAttribute("aria-expanded", "false");
    },
    true,
  );
  document.addEventListener(
    "toggle",
    (event) => {
      const panel = event.target;
      if (event.newState !== "open" || !panel.classList.contains("menu-panel")) return;
      const button = buttonOf(panel);
      if (!button) return;
      const { left, top } = placeBeside(button.getBoundingClientRect(), panel.getBoundingClientRect(), {
        width: document.documentElement.clientWidth,
        height: window.innerHeight,
      });
      panel.style.left = `${left}px`;
      panel.style.top = `${top}px`;
      itemsOf(panel)[0]?.focus({ preventScroll: true });
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    const panel = event.target.closest?.(".menu-panel");
    if (!panel || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    if (event.target.matches("input[type=text], input[type=search], textarea, select")) return;
    event.preventDefault();
    const items = itemsOf(panel);
    const here = items.indexOf(document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 }[event.key];
    items.at(next % items.length)?.focus();
  });
  // Choosing an item that acts closes its menu; check boxes leave it open.
  document.addEventListener("click", (event) => {
    const item = event.target.closest("button.menu-item, a.menu-item");
    item?.closest(".menu-panel:popover-open")?.hidePopover();
  });
  window.addEventListener("resize", closeAll);
  window.addEventListener("scroll", closeAll, { passive: true });
}

function closeAll() {
  for (const panel of document.querySelectorAll(".menu-panel:popover-open")) panel.hidePopover();
}
