/** The vertices of the selected skeleton with their visibility; follows the chosen vertex of the canvas and the other way round. */

import { el } from "../dom.js";
import { ABSENT, HIDDEN, placedCount, VISIBILITY_NAMES, VISIBLE } from "../skeletons.js";

const NEXT = { [VISIBLE]: HIDDEN, [HIDDEN]: ABSENT, [ABSENT]: VISIBLE };
const LOOKS = { [VISIBLE]: "is-visible", [HIDDEN]: "is-hidden", [ABSENT]: "is-absent" };
const SVG = "http://www.w3.org/2000/svg";

/** A dot in the colour of the vertex: full, hollow, or a dash. */
function mark(colour, v) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "ed-vertex-mark");
  svg.setAttribute("viewBox", "0 0 10 10");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, v === ABSENT ? "path" : "circle");
  const attributes =
    v === ABSENT
      ? { d: "M2 5h6", stroke: "currentColor", "stroke-width": 1.5 }
      : { cx: 5, cy: 5, r: v === VISIBLE ? 4 : 3.25, fill: v === VISIBLE ? colour : "none" };
  if (v === HIDDEN) Object.assign(attributes, { stroke: colour, "stroke-width": 1.5 });
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  svg.append(shape);
  return svg;
}

export function createVertexList({ session, commands }) {
  const { ontology, store } = session;
  const count = el("span", { class: "quiet" });
  const list = el("div", {
    class: "ed-vertices",
    role: "listbox",
    tabindex: 0,
    "aria-label": "Vertices of the skeleton",
    "aria-description": "Arrow keys choose a vertex, Space changes its visibility.",
  });
  const element = el(
    "div",
    { class: "ed-vertex-panel", hidden: true },
    el("div", { class: "ed-field-name" }, "Points ", count),
    list,
  );
  let names = [];
  let shown = null;

  const geometryOf = () => {
    const geometry = session.selected()?.label?.geometry;
    return geometry?.type === "skeleton" ? geometry : null;
  };

  function draw(state) {
    const geometry = geometryOf();
    element.hidden = !geometry;
    if (!geometry) return (shown = null);
    const { object } = session.selected();
    const cls = ontology.object(object.node);
    const template = ontology.templateOf(cls);
    const colours = new Map((template?.vertices ?? []).map((vertex) => [vertex.name, vertex.colour]));
    if (shown !== geometry) {
      shown = geometry;
      names = template ? template.vertices.map(({ name }) => name) : Object.keys(geometry.points);
      names = names.filter((name) => geometry.points[name]);
      count.textContent = `${placedCount(geometry)} of ${names.length} placed`;
      list.replaceChildren(
        ...names.map((name, index) => row(name, index, geometry, colours.get(name) ?? cls.colour)),
      );
    }
    const chosen = names.indexOf(state.vertex?.[0]);
    [...list.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === chosen)));
    list.setAttribute("aria-activedescendant", chosen < 0 ? "" : `vertex-${chosen}`);
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function row(name, index, geometry, colour) {
    const { v } = geometry.points[name];
    return el(
      "div",
      { class: `ed-vertex ${LOOKS[v]}`, role: "option", id: `vertex-${index}`, data: { name } },
      mark(colour, v),
      el("span", { class: "clip", text: name }),
      el("span", {
        class: "ed-vertex-state",
        title: "Change the visibility",
        data: { act: "visibility" },
        text: VISIBILITY_NAMES[v],
      }),
    );
  }

  function change(name) {
    const { v } = geometryOf().points[name];
    if (store.state.canEdit) commands.setVisibility(NEXT[v], name);
  }

  list.addEventListener("click", (event) => {
    const name = event.target.closest("[data-name]")?.dataset.name;
    if (!name) return;
    if (event.target.closest("[data-act]")) return change(name);
    store.update({ vertex: [name] });
  });
  list.addEventListener("keydown", (event) => {
    const at = names.indexOf(store.state.vertex?.[0]);
    const target = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: names.length - 1 }[
      event.key
    ];
    if (event.key === " " && at >= 0) change(names[at]);
    else if (target === undefined) return;
    else store.update({ vertex: [names[Math.min(target, names.length - 1)]] });
    event.preventDefault();
    event.stopPropagation();
  });
  store.watch((state) => [state.document, state.selection, state.frame, state.vertex, state.canEdit], draw);
  return element;
}
