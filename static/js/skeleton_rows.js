// The skeletons of the form builder: a board and a table of vertices for each template, made from the page's templates.
import * as model from "./skeleton_model.js";
import { createBoard } from "./skeleton_board.js";

export function createSkeletons(holder, { structure, isLocked, changed, renamed }) {
  const list = holder.querySelector('[data-list="skeletons"]');
  const rows = new Map();

  const clone = (name) => holder.querySelector(`template[data-node="${name}"]`).content.firstElementChild.cloneNode(true);

  function draw() {
    rows.clear();
    list.replaceChildren(...structure.skeleton_templates.map(templateRow));
    holder.querySelector('[data-empty="skeletons"]').hidden = structure.skeleton_templates.length > 0;
    holder.querySelector('[data-count-of="skeletons"]').textContent = structure.skeleton_templates.length;
  }

  function templateRow(template) {
    const row = clone("skeleton");
    const locked = isLocked(template);
    row.dataset.key = template._key;
    const part = (selector) => row.querySelector(selector);
    const body = part("[data-vertices]");
    const connect = part('[data-skeleton="connect"]');
    const name = part('[data-field="name"]');
    name.value = template.name;
    name.addEventListener("input", () => {
      template.name = name.value;
      touched();
      renamed();
    });
    const remove = part('[data-skeleton="delete"]');
    remove.setAttribute("aria-label", `Delete the skeleton ${template.name}`);
    remove.disabled = structure.objects.some((node) => node.skeletonTemplate === template.featureNodeHash && !node.archived);
    if (remove.disabled) remove.title = "A class uses it";
    remove.addEventListener("click", () => {
      structure.skeleton_templates.splice(structure.skeleton_templates.indexOf(template), 1);
      changed();
      renamed();
      draw();
      holder.querySelector('[data-act="add-skeleton"]').focus();
    });
    connect.addEventListener("click", () => connect.setAttribute("aria-pressed", String(connect.getAttribute("aria-pressed") !== "true")));
    const board = createBoard(part("[data-board]"), template, {
      locked,
      isConnecting: () => connect.getAttribute("aria-pressed") === "true",
      on: { changed: () => (touched(), table()), chosen: mark },
    });
    part("[data-board]").setAttribute("aria-label", `Board of the skeleton ${template.name || "without a name"}`);
    const add = part('[data-skeleton="add"]');
    add.disabled = locked;
    part("[data-skeleton-locked]").hidden = !locked;
    add.addEventListener("click", () => addVertex());
    rows.set(template._key, { row, table });

    function touched() {
      name.removeAttribute("aria-invalid");
      changed();
    }

    function addVertex() {
      const count = template.vertices.length;
      const before = board.chosen();
      const vertex = model.addVertex(template, { x: 0.2 + 0.2 * (count % 4), y: 0.2 + 0.2 * (Math.floor(count / 4) % 4) });
      if (connect.getAttribute("aria-pressed") === "true" && before) model.toggleEdge(template, before, vertex._key);
      board.choose(vertex._key);
      touched();
      table();
      const input = body.querySelector(`[data-key="${vertex._key}"] [data-field="name"]`);
      input.focus();
      input.select();
    }

    function mark(key) {
      for (const line of body.children) line.classList.toggle("is-chosen", line.dataset.key === key);
    }

    function table() {
      const focused = body.contains(document.activeElement) ? [document.activeElement.closest("tr").dataset.key, document.activeElement.dataset.field] : null;
      body.replaceChildren(...template.vertices.map(vertexLine));
      mark(board.chosen());
      part("[data-no-vertices]").hidden = template.vertices.length > 0;
      part("[data-count]").textContent = template.vertices.length;
      if (focused?.[1]) body.querySelector(`[data-key="${focused[0]}"] [data-field="${focused[1]}"]`)?.focus();
    }

    function vertexLine(vertex, index) {
      const line = clone("vertex");
      line.dataset.key = vertex._key;
      const field = (field_name) => line.querySelector(`[data-field="${field_name}"]`);
      line.querySelector("[data-number]").textContent = index + 1;
      for (const control of line.querySelectorAll("[data-says]")) control.setAttribute("aria-label", `${control.dataset.says} ${vertex.name}`);
      text(field("name"), vertex, "name");
      field("name").disabled = locked;
      text(field("color"), vertex, "color");
      number(field("x"), vertex, "x");
      number(field("y"), vertex, "y");
      field("name").addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        event.stopPropagation();
        const next = line.nextElementSibling?.querySelector('[data-field="name"]');
        if (next) next.focus();
        else if (!locked) addVertex();
      });
      line.addEventListener("focusin", () => board.chosen() !== vertex._key && (board.choose(vertex._key), mark(vertex._key)));
      edgeChoice(field("edges"), vertex, line);
      move(line.querySelector('[data-skeleton="up"]'), index, -1);
      move(line.querySelector('[data-skeleton="down"]'), index, 1);
      const drop = line.querySelector('[data-skeleton="remove"]');
      drop.disabled = locked;
      drop.addEventListener("click", () => {
        model.removeVertex(template, vertex._key);
        if (board.chosen() === vertex._key) board.choose(null);
        redraw();
        (body.children[Math.min(index, body.children.length - 1)]?.querySelector('[data-field="name"]') ?? add).focus();
      });
      return line;
    }

    function move(button, index, by) {
      button.disabled = locked || index + by < 0 || index + by >= template.vertices.length;
      button.addEventListener("click", () => {
        template.vertices.splice(index + by, 0, ...template.vertices.splice(index, 1));
        redraw();
        body.children[index + by].querySelector('[data-field="name"]').focus();
      });
    }

    function redraw() {
      board.draw();
      touched();
      table();
    }

    // One choice connects or separates; it says which vertices are connected already.
    function edgeChoice(select, vertex, line) {
      const others = template.vertices.filter((other) => other !== vertex);
      const connected = others.filter((other) => model.isConnected(template, vertex._key, other._key));
      const first = new Option(connected.length ? connected.map((other) => other.name).join(", ") : "none", "");
      select.replaceChildren(first, ...others.map((other) => new Option(`${connected.includes(other) ? "\u2713 " : ""}${other.name}`, other._key)));
      select.disabled = !others.length;
      select.addEventListener("change", () => {
        model.toggleEdge(template, vertex._key, select.value);
        redraw();
        body.querySelector(`[data-key="${line.dataset.key}"] [data-field="edges"]`).focus();
      });
    }

    function text(input, vertex, key) {
      input.value = vertex[key];
      input.addEventListener("input", () => {
        vertex[key] = input.value;
        input.removeAttribute("aria-invalid");
        board.draw();
        touched();
      });
      if (key === "name") input.addEventListener("change", table);
    }

    function number(input, vertex, key) {
      input.value = Math.round(vertex[key] * 100);
      input.addEventListener("input", () => {
        vertex[key] = model.bounded(Number(input.value) / 100);
        board.draw();
        touched();
      });
    }

    table();
    return row;
  }

  // The control that a path of the server's answer is about, or null when it is not about a skeleton.
  function controlAt(path) {
    const [, index, rest] = /^skeleton_templates\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
    const template = structure.skeleton_templates[Number(index)];
    if (index === undefined || !template) return null;
    const { row } = rows.get(template._key);
    const { key, field } = model.placeOf(template, rest);
    return row.querySelector(key ? `[data-key="${key}"] [data-field="${field}"]` : '[data-field="name"]');
  }

  return { draw, controlAt, rowOf: (template) => rows.get(template._key).row };
}
