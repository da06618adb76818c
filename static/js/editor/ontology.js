/**
 * The ontology as the editor uses it: classes in order with colour and hot key, and attributes by hash. Pure.
 *
 * Archived classes cannot be drawn any more but existing labels keep their name and colour.
 */

import { colourOr } from "./colours.js";
import { templateFor } from "./skeletons.js";

export const SHAPE_NAMES = {
  bounding_box: "Bounding box",
  rotatable_bounding_box: "Rotatable box",
  polygon: "Polygon",
  polyline: "Polyline",
  point: "Point",
  skeleton: "Skeleton",
  bitmask: "Bitmask",
};

/** Look-ups over an ontology structure. */
export function createOntology(structure) {
  const objects = (structure?.objects ?? []).map((object, index) => ({
    hash: object.featureNodeHash,
    name: object.name,
    shape: object.shape,
    colour: colourOr(object.color, index),
    required: Boolean(object.required),
    archived: Boolean(object.archived),
    hotKey: object.hotKey ?? null,
    skeletonTemplate: object.skeletonTemplate ?? null,
    attributes: object.attributes ?? [],
  }));
  const classifications = (structure?.classifications ?? []).map((entry, index) => ({
    hash: entry.featureNodeHash,
    name: entry.attributes?.[0]?.name ?? "Classification",
    colour: colourOr(entry.color, objects.length + index),
    global: entry.level === "global",
    hotKey: entry.hotKey ?? null,
    archived: Boolean(entry.archived),
    attributes: entry.attributes ?? [],
  }));
  const classes = objects.filter((object) => !object.archived);
  const questions = classifications.filter((entry) => !entry.archived);
  giveHotKeys(classes, questions);
  const objectOf = new Map(objects.map((object) => [object.hash, object]));
  const classificationOf = new Map(classifications.map((entry) => [entry.hash, entry]));
  const templates = new Map(
    objects
      .filter((object) => object.shape === "skeleton")
      .map((object) => [object.hash, templateFor(structure?.skeleton_templates ?? [], object)]),
  );
  const unknown = { name: "Unknown class", colour: "#9AA3B2", attributes: [], shape: null, archived: true };
  return {
    classes,
    classifications: questions,
    /** The skeleton template of a class, or null. */
    templateOf: (cls) => templates.get(cls.hash) ?? null,
    object: (hash) => objectOf.get(hash) ?? { ...unknown, hash },
    classification: (hash) => classificationOf.get(hash) ?? { ...unknown, hash },
  };
}

/** The key that an ontology wishes for: a digit as it is, a letter with Alt, since the letters alone are the tools'. */
function wishOf(hotKey) {
  const key = String(hotKey ?? "").toLowerCase();
  if (/^[1-9]$/.test(key)) return key;
  return /^[a-z]$/.test(key) ? `alt+${key}` : null;
}

/** The ontology's wishes first, of classes before classifications; then the free digits for classes in their order. */
function giveHotKeys(classes, classifications) {
  const taken = new Set();
  for (const node of [...classes, ...classifications]) {
    const wish = wishOf(node.hotKey);
    node.key = wish && !taken.has(wish) ? wish : null;
    if (node.key) taken.add(node.key);
  }
  const free = [..."123456789"].filter((digit) => !taken.has(digit));
  for (const node of classes) node.key ??= free.shift() ?? null;
}

const isAnswered = (value) =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && !value.length);

const nestedOf = (attribute, answers) => {
  if (attribute.type !== "radio") return [];
  const option = (attribute.options ?? []).find(
    (candidate) => candidate.featureNodeHash === answers[attribute.featureNodeHash],
  );
  return option?.options ?? [];
};

/** Attributes that apply with the given answers, as a flat list `{attribute, depth, parent}` in reading order. */
export function openAttributes(attributes, answers, depth = 0, parent = null) {
  return attributes.flatMap((attribute) => {
    if (attribute.archived && !isAnswered(answers[attribute.featureNodeHash])) return [];
    return [
      { attribute, depth, parent },
      ...openAttributes(nestedOf(attribute, answers), answers, depth + 1, attribute),
    ];
  });
}

/** Answers without those of attributes that no longer apply; the same object when nothing goes. */
export function reachableAnswers(attributes, answers) {
  const open = new Set(openAttributes(attributes, answers).map(({ attribute }) => attribute.featureNodeHash));
  const kept = Object.entries(answers).filter(([hash]) => open.has(hash));
  return kept.length === Object.keys(answers).length ? answers : Object.fromEntries(kept);
}

/** Whether an attribute, or one it is nested in, may differ from frame to frame. */
export function isDynamic(attributes, hash) {
  const holds = (attribute) =>
    attribute.featureNodeHash === hash ||
    (attribute.options ?? []).some((option) => (option.options ?? []).some(holds));
  return attributes.some((attribute) => attribute.dynamic && holds(attribute));
}

/** Required attributes that apply and have no answer. */
export function unanswered(attributes, answers) {
  return openAttributes(attributes, answers)
    .map(({ attribute }) => attribute)
    .filter((attribute) => attribute.required && !isAnswered(answers[attribute.featureNodeHash]));
}

/** An answer in words; "" when there is none. */
export function answerText(attribute, value) {
  if (!isAnswered(value)) return "";
  if (attribute.type === "radio" || attribute.type === "checklist") {
    const chosen = new Set([].concat(value));
    return (attribute.options ?? [])
      .filter((option) => chosen.has(option.featureNodeHash))
      .map((option) => option.label)
      .join(", ");
  }
  return String(value);
}
