/** What the timeline shows, from a document: instances, their dynamic answers, frame labels. Pure but for a memory. */

import { instanceNumbers } from "./document.js";
import { answerRanges, classificationRanges } from "./frame_answers.js";
import { answerText, openAttributes } from "./ontology.js";
import { rangesText } from "./ranges.js";
import { isKey, runsOf } from "./tracks.js";

const tracks = new WeakMap();

/** Runs and key frames of an object, kept as long as its labels are the same. */
export function trackOf(object) {
  let track = tracks.get(object.labels);
  if (!track) {
    track = {
      runs: runsOf(object.labels),
      keys: object.labels.filter(isKey).map(({ frame }) => frame),
    };
    tracks.set(object.labels, track);
  }
  return track;
}

const amount = (count, word) => `${count.toLocaleString("en-GB")} ${word}${count === 1 ? "" : "s"}`;

/** Dynamic attributes that apply somewhere on the track: `[attribute]`. */
function dynamicOf(object, ontology) {
  const { attributes } = ontology.object(object.node);
  const dynamic = attributes.filter((attribute) => attribute.dynamic && !attribute.archived);
  if (!dynamic.length) return [];
  const given = {};
  for (const { answers } of object.labels) Object.assign(given, answers);
  return openAttributes(dynamic, given).map(({ attribute }) => attribute);
}

/** The answer in words, and in how strong a tint: another option is another strength. */
function valueOf(attribute, value) {
  const text = answerText(attribute, value);
  const at = (attribute.options ?? []).findIndex((option) => option.featureNodeHash === value);
  return { text: text || "–", tint: at < 0 ? 1 : at };
}

/** What a question with one answer out of several may be answered with. */
const optionsOf = (attribute) =>
  attribute.type === "radio" ? attribute.options.filter((option) => !option.archived) : [];

function objectRows(object, { ontology, numbers, isOpen }) {
  const cls = ontology.object(object.node);
  const { runs, keys } = trackOf(object);
  const name = `${cls.name} (${numbers.get(object.id)})`;
  const dynamic = dynamicOf(object, ontology);
  const row = {
    key: object.id,
    kind: "object",
    id: object.id,
    name,
    colour: cls.colour,
    note: amount(object.labels.length, "frame"),
    about: `${name}, frames ${rangesText(runs)}, ${amount(keys.length, "key frame")}`,
    runs,
    keys,
    folds: dynamic.length ? (isOpen(object.id) ? "open" : "closed") : null,
  };
  if (row.folds !== "open") return [row];
  return [row, ...dynamic.map((attribute) => attributeRow(object, attribute, cls.colour, name))];
}

function attributeRow(object, attribute, colour, name) {
  const hash = attribute.featureNodeHash;
  const ranges = answerRanges(object, hash).map(({ from, to, value }) => ({
    from,
    to,
    ...valueOf(attribute, value),
  }));
  return {
    key: `${object.id}/${hash}`,
    kind: "attribute",
    id: object.id,
    hash,
    name: attribute.name,
    colour,
    note: "dynamic",
    options: optionsOf(attribute),
    about: `${attribute.name} of ${name}: ${spoken(ranges)}`,
    ranges,
  };
}

const spoken = (ranges) =>
  ranges.map(({ from, to, text }) => `${text} on ${rangesText([[from, to]])}`).join(", ") || "not answered";

function classificationRow(document, entry) {
  const [root] = entry.attributes;
  const ranges = classificationRanges(document, entry.hash).map(({ from, to, entry: given }) => ({
    from,
    to,
    ...valueOf(root, given.answers[root.featureNodeHash]),
  }));
  return {
    key: entry.hash,
    kind: "classification",
    node: entry.hash,
    hash: root.featureNodeHash,
    name: entry.name,
    colour: entry.colour,
    note: "frame label",
    options: optionsOf(root),
    about: `${entry.name}: ${spoken(ranges)}`,
    ranges,
  };
}

/** The stretch of a row of values around a frame: `{from, to, text}`, without `text` where nothing is answered. `runs` bounds it. */
export function stretchAt({ ranges }, frame, runs) {
  const run = runs.find(([from, to]) => from <= frame && frame <= to);
  if (!run) return null;
  const here = ranges.find(({ from, to }) => from <= frame && frame <= to);
  if (here) return here;
  const before = ranges.findLast(({ to }) => to < frame);
  const after = ranges.find(({ from }) => from > frame);
  return {
    from: Math.max(run[0], before ? before.to + 1 : run[0]),
    to: Math.min(run[1], after ? after.from - 1 : run[1]),
  };
}

/** With more instances than this their answers are folded away at first. */
const OPEN_UP_TO = 6;

/** Rows from top to bottom: instances with their dynamic answers, then frame labels. `turned` = ids folded otherwise than at first. */
export function timelineRows(document, ontology, turned = new Set()) {
  const numbers = instanceNumbers(document);
  const isOpen = (id) => turned.has(id) !== document.objects.length <= OPEN_UP_TO;
  return [
    ...document.objects.flatMap((object) => objectRows(object, { ontology, numbers, isOpen })),
    ...ontology.classifications
      .filter((entry) => !entry.global)
      .map((entry) => classificationRow(document, entry)),
  ];
}

/** The nearest frame before (`by` -1) or after (1) `frame` at which something of the rows begins or is a key frame; null. */
export function stopBeside(rows, frame, by) {
  let best = null;
  const offer = (stop) => {
    if (by > 0 ? stop <= frame : stop >= frame) return;
    if (best === null || (by > 0 ? stop < best : stop > best)) best = stop;
  };
  for (const row of rows) {
    for (const key of row.keys ?? []) offer(key);
    for (const { from } of row.ranges ?? []) offer(from);
  }
  return best;
}
