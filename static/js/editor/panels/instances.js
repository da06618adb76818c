/**
 * Everything labelled on this frame, by class: a listbox that follows the selection of the canvas and the other way
 * round. Rows are kept and only changed where something changed: there can be two thousand.
 */

import { instanceNumbers, labelOn, objectById } from "../document.js";
import { el, icon, iconButton } from "../dom.js";
import { rangesText } from "../ranges.js";
import { missingAnswers } from "../requirements.js";
import { trackOf } from "../timeline_rows.js";
import { createRow, shortAnswer } from "./instance_row.js";

const FILTERS = {
  all: { label: "All instances", has: () => true },
  missing: { label: "Required answer missing", has: (about) => about.missing },
  hidden: { label: "Hidden", has: (about) => about.hidden },
  locked: { label: "Locked", has: (about) => about.locked },
};

export function createInstances({ session, commands, openMenu }) {
  const { ontology, store } = session;
  const rows = new Map();
  const answers = new WeakMap();
  const folded = new Set();
  let order = [];
  let marked = [];
  let arrangement = null;
  let query = "";
  let kind = "all";

  const count = el("span", { class: "count" });
  const empty = el("p", { class: "ed-empty" });
  const list = el("div", {
    class: "ed-list",
    role: "listbox",
    tabindex: 0,
    "aria-multiselectable": "true",
    "aria-label": session.media.isMany ? "Instances" : "Instances on this frame",
  });
  const search = el("input", {
    type: "search",
    class: "form-control ed-search",
    placeholder: "Find an instance",
    "aria-label": "Find an instance",
  });
  const filter = el(
    "select",
    { class: "form-select ed-filter", "aria-label": "Show" },
    Object.entries(FILTERS).map(([value, { label }]) => el("option", { value, text: label })),
  );
  const finding = el("div", { class: "ed-finding", hidden: true }, search, filter);
  const toggle = iconButton("search", "Find an instance", { on: { click: () => openSearch(finding.hidden) } });

  function openSearch(open) {
    finding.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) return search.focus();
    search.value = query = "";
    filter.value = kind = "all";
    refresh(store.state);
  }

  /** Where an instance is seen, in a medium of several frames. */
  const frames = (object) => (session.media.isMany ? rangesText(trackOf(object).runs, 1) : "");

  /** What follows from the answers alone, kept per object: objects are immutable. */
  function answered(object, label) {
    const known = answers.get(object);
    if (known?.label === label) return known;
    const fresh = {
      label,
      note: [shortAnswer(object, label, ontology), frames(object)].filter(Boolean).join(" · "),
      missing: missingAnswers(object, label, ontology).length > 0,
    };
    answers.set(object, fresh);
    return fresh;
  }

  function facts(object, label, state) {
    const { note, missing } = answered(object, label);
    return {
      name: session.nameOf(object.id, state.document),
      note,
      missing,
      colour: ontology.object(object.node).colour,
      hidden: state.hidden.has(object.id),
      locked: state.locked.has(object.id),
      elsewhere: !label,
    };
  }

  function groupHead(cls, amount) {
    const open = !folded.has(cls.hash);
    const head = el(
      "div",
      { class: "ed-group", role: "presentation", data: { fold: cls.hash } },
      icon(open ? "chevron-down" : "chevron-right"),
      el("span", { class: "clip", text: cls.name }),
      el("span", { class: "ed-group-count", text: amount }),
    );
    return head;
  }

  function refresh(state) {
    const groups = new Map(ontology.classes.map((cls) => [cls.hash, []]));
    const shown = new Set();
    for (const object of state.document.objects) {
      const label = labelOn(object, state.frame);
      if (!label && !session.media.isMany) continue;
      const about = facts(object, label, state);
      if (!FILTERS[kind].has(about)) continue;
      if (query && !`${about.name} ${about.note} ${object.id}`.toLowerCase().includes(query)) continue;
      if (!rows.has(object.id)) rows.set(object.id, createRow(object.id));
      rows.get(object.id).show(about);
      if (!groups.has(object.node)) groups.set(object.node, []);
      groups.get(object.node).push(object.id);
      shown.add(object.id);
    }
    for (const id of rows.keys()) if (!instanceNumbers(state.document).has(id)) rows.delete(id);
    arrange(groups, shown.size);
    mark(state);
  }

  /** A click changes one or two rows, not two thousand. */
  function mark({ selection }) {
    for (const id of marked) rows.get(id)?.row.setAttribute("aria-selected", "false");
    for (const id of selection) rows.get(id)?.row.setAttribute("aria-selected", "true");
    marked = selection;
    const last = selection.at(-1);
    list.setAttribute("aria-activedescendant", rows.has(last) ? `instance-${last}` : "");
    rows.get(selection[0])?.row.scrollIntoView({ block: "nearest" });
  }

  function arrange(groups, amount) {
    // Moving two thousand rows in the page costs more than everything else here; most changes leave them in place.
    const next = JSON.stringify([[...groups], [...folded], query, kind]);
    if (next === arrangement) return;
    arrangement = next;
    order = [...groups].flatMap(([hash, ids]) => (folded.has(hash) ? [] : ids));
    const children = [...groups].flatMap(([hash, ids]) => {
      if (!ids.length && (query || kind !== "all")) return [];
      const cls = ontology.object(hash);
      const group = el("div", { role: "group", "aria-label": cls.name }, groupHead(cls, ids.length));
      if (!folded.has(hash)) group.append(...ids.map((id) => rows.get(id).row));
      return [group];
    });
    const { scrollTop } = list;
    list.replaceChildren(...children);
    list.scrollTop = scrollTop;
    count.textContent = amount;
    empty.hidden = amount > 0;
    list.hidden = amount === 0;
    empty.textContent = query || kind !== "all"
      ? "No instance matches."
      : session.state.canEdit
        ? "Choose a class and draw the first label."
        : "Nothing is labelled here.";
  }

  function press(event) {
    const fold = event.target.closest("[data-fold]")?.dataset.fold;
    if (fold) {
      folded.has(fold) ? folded.delete(fold) : folded.add(fold);
      return refresh(store.state);
    }
    const id = event.target.closest("[data-id]")?.dataset.id;
    if (!id) return;
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "hide") return session.toggle("hidden", [id]);
    if (act === "lock") return session.toggle("locked", [id]);
    const { selection } = store.state;
    if (event.ctrlKey || event.metaKey)
      session.select(selection.includes(id) ? selection.filter((other) => other !== id) : [...selection, id]);
    else if (event.shiftKey && selection.length) session.select(between(selection.at(-1), id));
    else session.select([id]);
    if (act === "menu") openMenu({ x: event.clientX, y: event.clientY });
  }

  function between(from, to) {
    const [a, b] = [order.indexOf(from), order.indexOf(to)].sort((x, y) => x - y);
    return order.slice(Math.max(0, a), b + 1);
  }

  function step(event) {
    const at = order.indexOf(store.state.selection.at(-1));
    const target = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: order.length - 1 }[
      event.key
    ];
    if (event.key === "Enter") {
      event.preventDefault();
      return commands.run("answers");
    }
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const id = order[Math.min(target, order.length - 1)];
    if (!id) return;
    session.select(event.shiftKey ? [...new Set([...store.state.selection, id])] : [id]);
  }

  list.addEventListener("click", press);
  list.addEventListener("dblclick", (event) => {
    const id = event.target.closest("[data-id]")?.dataset.id;
    if (!id) return;
    const object = objectById(store.state.document, id);
    if (object && !labelOn(object, store.state.frame)) session.go(object.labels[0].frame);
    commands.run("zoom-selection");
  });
  list.addEventListener("keydown", step);
  list.addEventListener("contextmenu", (event) => {
    const id = event.target.closest("[data-id]")?.dataset.id ?? store.state.selection[0];
    if (!id) return;
    event.preventDefault();
    if (!store.state.selection.includes(id)) session.select([id]);
    const box = rows.get(id).row.getBoundingClientRect();
    openMenu(event.clientX ? { x: event.clientX, y: event.clientY } : { x: box.left + 24, y: box.bottom });
  });
  filter.addEventListener("change", () => {
    kind = filter.value;
    refresh(store.state);
  });
  search.addEventListener("input", () => {
    query = search.value.trim().toLowerCase();
    refresh(store.state);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    openSearch(false);
    list.focus();
  });
  store.watch((state) => [state.document, state.frame, state.hidden, state.locked, state.canEdit], refresh);
  store.watch((state) => [state.selection], mark);
  // The panel below grows with what is selected; the chosen row stays in sight.
  new ResizeObserver(() =>
    rows.get(store.state.selection[0])?.row.scrollIntoView({ block: "nearest" }),
  ).observe(list);

  return el(
    "section",
    { class: "ed-instances", "aria-label": "Instances" },
    el(
      "div",
      { class: "ed-panel-head" },
      el("h2", { text: "Instances" }),
      count,
      el("span", { class: "ed-gap" }),
      toggle,
    ),
    finding,
    empty,
    list,
  );
}
