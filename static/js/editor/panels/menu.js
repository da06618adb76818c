/** The right-click menu of the selection; also opened by the menu key and from the list of instances. */

import { el, icon, swatch } from "../dom.js";
import { keyWords } from "../key_bindings.js";

function item({ iconName, label, key, danger, run, mark }, close) {
  return el(
    "button",
    {
      type: "button",
      role: "menuitem",
      tabindex: -1,
      class: danger ? "menu-item menu-item-danger" : "menu-item",
      on: {
        click: () => {
          close();
          run();
        },
      },
    },
    mark ?? icon(iconName),
    el("span", { class: "clip", text: label }),
    key && el("span", { class: "menu-item-end", text: key }),
  );
}

function place(menu, { x, y }) {
  const { offsetWidth, offsetHeight } = menu;
  menu.style.left = `${Math.max(8, Math.min(x, window.innerWidth - offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, window.innerHeight - offsetHeight - 8))}px`;
}

/**
 * Open a menu at a point of the page. `entries` = [{iconName, label, key, danger, run} | {mark, label, run} |
 * {rule: true} | {heading}]. Focus goes back where it was.
 */
export function openMenuAt(point, entries, label = "Selected labels") {
  const before = document.activeElement;
  const menu = el("div", { class: "menu-panel ed-menu", role: "menu", "aria-label": label, popover: "auto" });
  const close = () => menu.hidePopover();
  menu.append(
    ...entries.map((entry) => {
      if (entry.rule) return el("hr", { class: "menu-rule" });
      if (entry.heading)
        return el("div", { class: "menu-heading", role: "presentation", text: entry.heading });
      return item(entry, close);
    }),
  );
  const items = () => [...menu.querySelectorAll("[role=menuitem]")];
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const all = items();
    const at = all.indexOf(document.activeElement);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[
      event.key
    ];
    if (event.key === "Tab") return close();
    if (target === undefined) return;
    event.preventDefault();
    all[target % all.length].focus();
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    menu.remove();
    if (!document.activeElement || document.activeElement === document.body)
      before?.focus?.({ preventScroll: true });
  });
  document.body.append(menu);
  menu.showPopover();
  place(menu, point);
  items()[0]?.focus();
}

/** What can be done with the selection over several frames. */
function trackEntries({ media, state }, entry) {
  if (!media.isMany) return [];
  const { selection } = state;
  return [
    { rule: true },
    { heading: media.isContinuous ? "Track" : "Frames" },
    ...(media.isContinuous ? [entry("square-rotated", "Key frame on or off", "F", "keyframe")] : []),
    entry("copy-check", "Copy to the next frame", "N", "copy-to-next"),
    entry("copy-check", "Copy to a range …", "Shift N", "copy-to-range"),
    ...(media.isContinuous
      ? [
          entry("arrow-bar-to-right", "Extend to this frame", "Shift F", "extend-here"),
          entry("eye-x", "Out of view from here", "U", "leave-view"),
          entry("arrow-autofit-width", "Fill the gaps", "", "fill-gaps"),
        ]
      : []),
    ...(selection.length === 1 ? [entry("scissors", "Split here in two", "Shift S", "split")] : []),
    ...(selection.length === 2 ? [entry("arrow-merge", "Merge the two", "Shift M", "merge")] : []),
  ];
}

/** What can be done with the form of the selection, beyond its handles. */
function shapeEntries({ session, commands }, entry) {
  const has = (command) => commands.get(command)?.when?.();
  const [id] = session.state.selection;
  const geometry = session.selected()?.label?.geometry;
  const isHoled = geometry?.type === "polygon" && geometry.parts.some((part) => part.length > 1);
  const isApart = geometry?.type === "bitmask" || (geometry?.type === "polygon" && geometry.parts.length > 1);
  return [
    ...(has("outline:hole")
      ? [
          entry("circle-dashed", "Cut a hole", "outline:hole"),
          entry("circle-plus", "Add a part", "outline:part"),
          entry("scissors", "Cut in two", "outline:cut"),
        ]
      : []),
    ...(isHoled || geometry?.type === "bitmask"
      ? [entry("layers-intersect", "Fill the holes", "fill-holes")]
      : []),
    ...(isApart ? [entry("arrows-split-2", "Separate the pieces", "separate")] : []),
    ...(has("join") ? [entry("arrows-join", "Join into one label", "join")] : []),
    ...(id
      ? [
          entry("stack-front", "Bring to the front", "front"),
          entry("stack-back", "Send to the back", "back-most"),
        ]
      : []),
  ];
}

const entryOf =
  (commands) =>
  (iconName, label, command, danger = false) => ({
    iconName,
    label,
    key: keyWords(commands.get(command)?.keys[0] ?? "").join(" "),
    danger,
    run: () => commands.run(command),
  });

/** What can be done where no label is. */
export function canvasEntries({ session, commands }) {
  const entry = entryOf(commands);
  return [
    ...(commands.get("paste")?.when() ? [entry("clipboard", "Paste", "paste")] : []),
    entry("pointer", "Select all labels", "select-all"),
    ...(session.state.hidden.size ? [entry("eye", "Show all labels", "show-all")] : []),
    entry("zoom-scan", "Whole picture", "fit"),
    entry("settings", "View settings", "settings"),
  ];
}

/** What can be done with the selection. */
export function selectionEntries(context) {
  const { session, commands } = context;
  const { selection, canEdit, hidden, locked, document: doc } = session.state;
  const { ontology } = session;
  const [id] = selection;
  // The key that stands beside an entry is the one that the person has, whatever the usual one is.
  const shown = entryOf(commands);
  const entry = (iconName, label, key, command, danger = false) => shown(iconName, label, command, danger);
  const looks = [
    entry(hidden.has(id) ? "eye" : "eye-off", hidden.has(id) ? "Show" : "Hide", "E", "hide"),
    ...(commands.get("lock") ? [entry(locked.has(id) ? "lock-open" : "lock", locked.has(id) ? "Unlock" : "Lock", "O", "lock")] : []),
    entry("focus-2", "Hide the others", "", "isolate"),
    entry("zoom-scan", "Zoom to it", "Z", "zoom-selection"),
    entry("fingerprint", "Copy identifier", "", "copy-identifier"),
  ];
  if (commands.reviewEntries) return [...commands.reviewEntries(shown), { rule: true }, ...looks];
  if (!canEdit) return looks;
  const node = doc.objects.find((object) => object.id === id)?.node;
  const shape = ontology.object(node).shape;
  const others = ontology.classes.filter((cls) => cls.shape === shape && cls.hash !== node).slice(0, 9);
  return [
    entry("copy", "Copy", "Ctrl C", "copy"),
    entry("copy-plus", "Duplicate", "Ctrl D", "duplicate"),
    ...(commands.get("paste")?.when() ? [entry("clipboard", "Paste", "", "paste")] : []),
    ...looks,
    { rule: true },
    ...shapeEntries(context, shown),
    ...(others.length ? [{ rule: true }, { heading: "Change class to" }] : []),
    ...others.map((cls) => ({
      mark: swatch(cls.colour),
      label: cls.name,
      key: keyWords(commands.get(`give-class:${cls.key}`)?.keys[0] ?? "").join(" "),
      run: () => commands.changeClass(cls.hash),
    })),
    ...trackEntries(session, entry),
    { rule: true },
    ...(session.state.vertex ? [entry("trash", "Delete point", "Del", "delete", true)] : []),
    entry(
      "trash",
      session.media.isMany ? "Delete on this frame" : "Delete",
      session.state.vertex ? "" : "Del",
      "delete-labels",
      true,
    ),
    ...(session.media.isMany
      ? [
          entry("trash", "Delete over a range …", "Ctrl Del", "delete-range", true),
          entry("trash", "Delete before this frame", "", "delete-before", true),
          entry("trash", "Delete after this frame", "", "delete-after", true),
          entry("trash", "Delete on every frame", "Shift Del", "delete-everywhere", true),
        ]
      : []),
  ];
}
