// The edited ontology as plain data: pure functions on the structure JSON, no page. Every node carries a `_key` of
// the page's own, so that rows and problems find each other; `forSaving` takes the keys away again.

export const SHAPES = [
  ["bounding_box", "Box"],
  ["rotatable_bounding_box", "Rotatable box"],
  ["polygon", "Polygon"],
  ["polyline", "Polyline"],
  ["point", "Keypoint"],
  ["bitmask", "Bitmask"],
  ["skeleton", "Skeleton"],
];
export const TYPES = [
  ["radio", "One of"],
  ["checklist", "Any of"],
  ["text", "Text"],
  ["numeric", "Number"],
];

let lastKey = 0;

export function newKey() {
  lastKey += 1;
  return `n${lastKey}`;
}

export function newOption(label = "") {
  return { _key: newKey(), label, archived: false };
}

export function newAttribute(type = "radio") {
  const attribute = { _key: newKey(), name: "", type, required: false, archived: false, dynamic: false };
  return hasOptions(type) ? { ...attribute, options: [newOption(), newOption()] } : attribute;
}

export function newObject(color) {
  return { _key: newKey(), name: "", color, shape: "bounding_box", required: false, archived: false, attributes: [] };
}

export function newClassification() {
  return { _key: newKey(), archived: false, attributes: [newAttribute("radio")] };
}

export function hasOptions(type) {
  return type === "radio" || type === "checklist";
}

// The first colour of the palette that fewest classes have.
export function nextColor(objects, palette) {
  const uses = palette.map((color) => objects.filter((node) => node.color?.toUpperCase() === color.toUpperCase()).length);
  return palette[uses.indexOf(Math.min(...uses))];
}

// The next digit that no open class or classification has, or an empty string.
export function nextHotKey(structure) {
  const taken = new Set([...structure.objects, ...structure.classifications].map((node) => node.hotKey));
  return [..."123456789"].find((key) => !taken.has(key)) ?? "";
}

// Every node with its path in the JSON, parents first: {node, path, kind, list, index, level}.
export function* walk(structure) {
  for (const [part, kind] of [["objects", "object"], ["classifications", "classification"]]) {
    const list = structure[part];
    for (const [index, node] of list.entries()) {
      yield { node, path: `${part}[${index}]`, kind, list, index, level: 0 };
      yield* walkAttributes(node.attributes ?? [], `${part}[${index}].attributes`, 1);
    }
  }
}

function* walkAttributes(list, path, level) {
  for (const [index, node] of list.entries()) {
    const here = `${path}[${index}]`;
    yield { node, path: here, kind: "attribute", list, index, level };
    for (const [position, option] of (node.options ?? []).entries()) {
      const there = `${here}.options[${position}]`;
      yield { node: option, path: there, kind: "option", list: node.options, index: position, level };
      yield* walkAttributes(option.options ?? [], `${there}.options`, level + 1);
    }
  }
}

export function withKeys(structure) {
  const copy = structuredClone(structure);
  for (const { node } of walk(copy)) node._key = newKey();
  return copy;
}

export function forSaving(structure) {
  const copy = structuredClone(structure);
  for (const { node } of [...walk(copy)]) delete node._key;
  return copy;
}

export function find(structure, key) {
  for (const place of walk(structure)) if (place.node._key === key) return place;
  return null;
}

export function move(list, index, by) {
  const target = index + by;
  if (target < 0 || target >= list.length) return false;
  list.splice(target, 0, ...list.splice(index, 1));
  return true;
}

// A type without options forgets them, one with options needs some to begin with.
export function changeType(attribute, type) {
  attribute.type = type;
  if (!hasOptions(type)) delete attribute.options;
  else attribute.options ??= [newOption(), newOption()];
  if (type === "checklist") for (const option of attribute.options) delete option.options;
}

// What of a node would be lost for good by deleting it: used nodes are archived instead.
export function isUsed(node, used) {
  return Boolean(node.featureNodeHash) && used.has(node.featureNodeHash);
}

// The node that a problem of the server is about, and which of its fields: {key, field}. An empty key is the page.
export function placeOf(structure, path) {
  let best = { key: "", field: path, length: -1 };
  for (const { node, path: own } of walk(structure)) {
    if ((path === own || path.startsWith(`${own}.`)) && own.length > best.length) {
      best = { key: node._key, field: path.slice(own.length + 1), length: own.length };
    }
  }
  return { key: best.key, field: best.field };
}

export function counts(structure) {
  const open = (list) => list.filter((node) => !node.archived).length;
  return { objects: open(structure.objects), classifications: open(structure.classifications) };
}
