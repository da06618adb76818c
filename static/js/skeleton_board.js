// The board on which a skeleton template is drawn: click for a new vertex, drag to move one, connect two by clicking them.
// Everything that the board does by pointer the table beside it does by keyboard.
import * as model from "./skeleton_model.js";

const SVG = "http://www.w3.org/2000/svg";
const SIZE = 320;
const MARGIN = 24;
const CLICK_PX = 4;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const place = (share) => MARGIN + share * (SIZE - 2 * MARGIN);
const share = (place) => (place - MARGIN) / (SIZE - 2 * MARGIN);

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// `board` is the <svg>; `template` what is edited. `locked` = vertices may be moved but not added. `on.changed()` after every
// change, `on.chosen(key)` when another vertex is chosen.
export function createBoard(board, template, { locked, isConnecting, on }) {
  let chosen = null;
  let held = null;
  board.setAttribute("viewBox", `0 0 ${SIZE} ${SIZE}`);

  function draw() {
    const at = new Map(template.vertices.map((vertex) => [vertex._key, vertex]));
    const edges = template.edges.map(({ from, to, color }) => {
      const [a, b] = [at.get(from), at.get(to)];
      return svg("line", { x1: place(a.x), y1: place(a.y), x2: place(b.x), y2: place(b.y), class: "skeleton-edge", ...own("stroke", color) });
    });
    const vertices = template.vertices.flatMap((vertex) => {
      const [x, y] = [place(vertex.x), place(vertex.y)];
      const dot = svg("circle", { cx: x, cy: y, r: vertex._key === chosen ? 8 : 6, class: `skeleton-dot${vertex._key === chosen ? " is-chosen" : ""}`, ...own("fill", vertex.color) });
      const name = svg("text", { x, y: y + 19, class: "skeleton-name", "text-anchor": x < 60 ? "start" : x > SIZE - 60 ? "end" : "middle" });
      name.textContent = vertex.name;
      return [dot, name];
    });
    board.replaceChildren(...edges, ...vertices);
  }

  // Black is what nobody chose: the class's own colour is used then.
  const own = (attribute, color) => (color && color !== "#000000" ? { [attribute]: color } : {});

  function pointOf(event) {
    const box = board.getBoundingClientRect();
    return { x: share(((event.clientX - box.left) * SIZE) / box.width), y: share(((event.clientY - box.top) * SIZE) / box.height) };
  }

  function under({ x, y }) {
    const reach = 14 / (SIZE - 2 * MARGIN);
    const near = template.vertices.map((vertex) => ({ vertex, distance: Math.hypot(vertex.x - x, vertex.y - y) }));
    return near.filter(({ distance }) => distance <= reach).sort((a, b) => a.distance - b.distance)[0]?.vertex ?? null;
  }

  function choose(key) {
    chosen = key;
    draw();
    on.chosen(key);
  }

  board.addEventListener("pointerdown", (event) => {
    const point = pointOf(event);
    const vertex = under(point);
    board.focus({ preventScroll: true });
    event.preventDefault();
    if (!vertex) {
      if (locked) return;
      const added = model.addVertex(template, point);
      if (isConnecting() && chosen) model.toggleEdge(template, chosen, added._key);
      choose(added._key);
      return on.changed();
    }
    board.setPointerCapture(event.pointerId);
    held = { vertex, from: [event.clientX, event.clientY], moved: false, before: chosen };
    if (!isConnecting()) choose(vertex._key);
  });
  board.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved ||= Math.hypot(event.clientX - held.from[0], event.clientY - held.from[1]) > CLICK_PX;
    if (!held.moved) return;
    const point = pointOf(event);
    Object.assign(held.vertex, { x: model.bounded(point.x), y: model.bounded(point.y) });
    draw();
  });
  board.addEventListener("pointerup", () => {
    if (!held) return;
    const { vertex, moved, before } = held;
    held = null;
    if (!moved && isConnecting() && before && before !== vertex._key) model.toggleEdge(template, before, vertex._key);
    choose(vertex._key);
    on.changed();
  });
  board.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const vertex = template.vertices.find(({ _key }) => _key === chosen);
    if (!step || !vertex) return;
    event.preventDefault();
    const by = event.shiftKey ? 0.05 : 0.01;
    Object.assign(vertex, { x: model.bounded(vertex.x + step[0] * by), y: model.bounded(vertex.y + step[1] * by) });
    draw();
    on.changed();
  });

  draw();
  return { draw, choose: (key) => ((chosen = key), draw()), chosen: () => chosen };
}
