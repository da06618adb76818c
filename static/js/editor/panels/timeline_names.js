/** The names at the left of the timeline: a listbox of which only the rows in sight are in the page. */

import { el, icon, swatch } from "../dom.js";
import { ROW_PX, RULER_PX } from "../timeline_geometry.js";

function nameRow(row, position, total, chosen, active) {
  const fold =
    row.folds &&
    el(
      "span",
      { class: "ed-fold", data: { fold: row.id } },
      icon(row.folds === "open" ? "chevron-down" : "chevron-right"),
    );
  const element = el(
    "div",
    {
      class: `ed-timeline-name is-${row.kind}${active ? " is-active" : ""}`,
      role: "option",
      id: `track-${position}`,
      "aria-selected": String(chosen),
      "aria-setsize": total,
      "aria-posinset": position + 1,
      "aria-label": row.about,
      title: row.about,
      data: { position },
    },
    swatch(row.colour),
    el("span", { class: "ed-timeline-text clip", text: row.name }),
    el("span", { class: "meta nowrap", text: row.note }),
    fold,
  );
  element.style.top = `${RULER_PX + position * ROW_PX}px`;
  return element;
}

/** `onPick(row, event)`, `onFold(id)`, `onMenu(row, event)`. `show(rows, [from, to], selection)` makes what is in sight. */
export function createTimelineNames({ onPick, onFold, onMenu }) {
  const list = el("div", {
    class: "ed-timeline-names",
    role: "listbox",
    tabindex: 0,
    "aria-label": "Rows of the timeline",
  });
  let rows = [];
  let shown = "";
  let active = null;

  function show(next, [from, to], { selection }) {
    rows = next;
    const isChosen = (row) => row.kind === "object" && selection.includes(row.id);
    const chosen = rows.findIndex(isChosen);
    if (chosen >= 0 && !isActiveIn(selection)) active = chosen;
    const facts = rows.slice(from, to).map((row) => [row.key, row.about, row.note, row.folds]);
    const key = JSON.stringify([from, active, facts, selection]);
    if (key === shown) return;
    shown = key;
    list.replaceChildren(
      ...rows
        .slice(from, to)
        .map((row, at) => nameRow(row, from + at, rows.length, isChosen(row), from + at === active)),
    );
    const inSight = active !== null && active >= from && active < to;
    list.setAttribute("aria-activedescendant", inSight ? `track-${active}` : "");
  }

  /** The row that the keys are on belongs to what is selected. */
  const isActiveIn = (selection) => selection.includes(rows[active]?.id);

  const rowOf = (event) => rows[Number(event.target.closest("[data-position]")?.dataset.position ?? NaN)];
  list.addEventListener("click", (event) => {
    const fold = event.target.closest("[data-fold]")?.dataset.fold;
    if (fold) return onFold(fold);
    const row = rowOf(event);
    if (row) onPick(row, event);
  });
  list.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const row = rowOf(event) ?? rows[active];
    if (row) onMenu(row, event);
  });
  list.addEventListener("keydown", (event) => {
    const at = active ?? -1;
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[at];
    if (row?.folds && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      if ((event.key === "ArrowRight") === (row.folds === "closed")) onFold(row.id);
      return;
    }
    if (target === undefined || !rows.length) return;
    event.preventDefault();
    event.stopPropagation();
    active = Math.min(rows.length - 1, Math.max(0, target));
    onPick(rows[active], event, { keyboard: true });
  });
  return { list, show };
}
