// Draws the edited ontology: one row per node, made from the page's templates. Fields write straight into the data;
// everything that changes the tree's form is told to `act` and drawn anew.
import { SHAPES, TYPES, hasOptions, isUsed } from "./ontology_model.js";

export function createRows(holder, { structure, used, maxLevels, act, changed }) {
  const open = new Set();

  function template(name) {
    return holder.querySelector(`template[data-node="${name}"]`).content.firstElementChild.cloneNode(true);
  }

  function draw() {
    for (const [part, kind] of [["objects", "object"], ["classifications", "classification"]]) {
      const list = holder.querySelector(`[data-list="${part}"]`);
      list.replaceChildren(...structure[part].map((node, index) => topRow(kind, node, index, structure[part])));
      holder.querySelector(`[data-empty="${part}"]`).hidden = structure[part].length > 0;
    }
  }

  function topRow(kind, node, index, list) {
    const row = template(kind);
    // A classification is named by its root attribute, which is drawn in its own row.
    const named = kind === "object" ? node : node.attributes[0];
    common(row, node, index, list, named.name || (kind === "object" ? "new class" : "new classification"));
    field(row, "hotKey", node, { lower: true });
    if (kind === "object") {
      field(row, "name", node);
      field(row, "color", node);
      field(row, "required", node);
      choices(row, "shape", node, SHAPES, (shape) => act("shape", node._key, shape));
      lock(row, "shape", isUsed(node, used));
      const skeleton = row.querySelector('[data-field="skeletonTemplate"]');
      skeleton.hidden = node.shape !== "skeleton";
      choices(row, "skeletonTemplate", node, structure.skeleton_templates.map((one) => [one.featureNodeHash, one.name || "new skeleton"]), (template) => act("skeletonTemplate", node._key, template));
      lock(row, "skeletonTemplate", isUsed(node, used));
      const children = row.querySelector("[data-children]");
      fill(children, node.attributes, 1, true);
      toggle(row, node, children);
    } else {
      choices(row, "level", node, [["", "Each frame"], ["global", "The whole file"]]);
      lock(row, "level", isUsed(node, used));
      field(row, "name", named);
      row.dataset.rootKey = named._key;
      row.querySelector("[data-root]").replaceChildren(...attributeParts(row, named, 1));
    }
    return row;
  }

  function fill(children, attributes, level, mayBeDynamic) {
    const list = children.querySelector("[data-attributes]");
    list.replaceChildren(...attributes.map((node, index) => attributeRow(node, index, attributes, level, mayBeDynamic)));
  }

  function attributeRow(node, index, list, level, mayBeDynamic) {
    const row = template("attribute");
    common(row, node, index, list, node.name || "new attribute");
    field(row, "name", node);
    const dynamic = row.querySelector('[data-for="dynamic"]');
    dynamic.hidden = !mayBeDynamic;
    if (mayBeDynamic) {
      field(row, "dynamic", node);
      lock(row, "dynamic", isUsed(node, used));
    }
    row.querySelector("[data-body]").replaceChildren(...attributeParts(row, node, level));
    return row;
  }

  // Type and required of an attribute, shared by attributes and by the root of a classification; returns its options.
  function attributeParts(row, node, level) {
    choices(row, "type", node, TYPES, (type) => act("type", node._key, type));
    lock(row, "type", isUsed(node, used));
    field(row, "required", node);
    if (!hasOptions(node.type)) return [];
    const box = template("options");
    const list = box.querySelector("[data-options]");
    list.replaceChildren(...node.options.map((option, index) => optionRow(option, index, node, level)));
    box.querySelector('[data-act="add-option"]').dataset.key = node._key;
    return [box];
  }

  function optionRow(option, index, attribute, level) {
    const row = template("option");
    common(row, option, index, attribute.options, option.label || "new option");
    field(row, "label", option);
    row.querySelector("[data-label-input]").dataset.attribute = attribute._key;
    const nest = row.querySelector('[data-act="add-nested"]');
    nest.hidden = attribute.type !== "radio";
    nest.disabled = level >= maxLevels;
    if (nest.disabled) nest.title = `Attributes nest up to ${maxLevels} levels deep`;
    const children = row.querySelector("[data-children]");
    children.hidden = !option.options?.length;
    fill(children, option.options ?? [], level + 1, false);
    return row;
  }

  // What every row has: its key, move buttons, archive or delete, the look of an archived node.
  function common(row, node, index, list, words) {
    row.dataset.key = node._key;
    row.classList.toggle("is-archived", node.archived === true);
    const own = (selector) => [...row.querySelectorAll(selector)].filter((one) => one.closest("li[data-key]") === row);
    for (const button of own("[data-act]")) {
      button.dataset.key = node._key;
      if (button.dataset.says) button.setAttribute("aria-label", `${button.dataset.says} ${words}`);
    }
    const button = (name) => own(`[data-act="${name}"]`)[0];
    button("up").disabled = index === 0;
    button("down").disabled = index === list.length - 1;
    const keep = isUsed(node, used);
    button("delete").hidden = keep;
    button("archive").hidden = !keep || node.archived === true;
    button("restore").hidden = node.archived !== true;
    own("[data-archived]")[0].hidden = node.archived !== true;
  }

  function field(row, name, node, { lower = false } = {}) {
    const input = row.querySelector(`[data-field="${name}"]`);
    if (input.type === "checkbox") input.checked = node[name] === true;
    else input.value = node[name] ?? "";
    input.addEventListener(input.type === "checkbox" ? "change" : "input", () => {
      if (input.type === "checkbox") node[name] = input.checked;
      else node[name] = lower ? input.value.toLowerCase() : input.value;
      input.removeAttribute("aria-invalid");
      changed();
    });
  }

  function choices(row, name, node, pairs, onChange) {
    const select = row.querySelector(`[data-field="${name}"]`);
    select.replaceChildren(...pairs.map(([value, words]) => new Option(words, value, false, value === (node[name] ?? ""))));
    select.addEventListener("change", () => {
      select.removeAttribute("aria-invalid");
      if (onChange) onChange(select.value);
      else node[name] = select.value;
      changed();
    });
  }

  function lock(row, name, locked) {
    const control = row.querySelector(`[data-field="${name}"]`);
    control.disabled = locked;
    if (locked) control.title = "In use: it cannot change. Archive this and add a new one instead.";
  }

  function toggle(row, node, children) {
    const button = row.querySelector('[data-act="toggle"]');
    const shown = open.has(node._key);
    button.setAttribute("aria-expanded", String(shown));
    button.querySelector("[data-count]").textContent = node.attributes.filter((one) => !one.archived).length;
    children.hidden = !shown;
    children.querySelector('[data-act="add-attribute"]').dataset.key = node._key;
  }

  return {
    draw,
    rowOf: (key) => holder.querySelector(`li[data-key="${CSS.escape(key)}"], li[data-root-key="${CSS.escape(key)}"]`),
    expand: (key) => open.add(key),
    flip: (key) => (open.has(key) ? open.delete(key) : open.add(key)),
  };
}
