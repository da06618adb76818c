/** What still has to be answered before a document may be submitted. Pure. */

import { instanceNumbers } from "./document.js";
import { classificationRanges } from "./frame_answers.js";
import { isDynamic, unanswered } from "./ontology.js";
import { framesOf, framesText, rangesOf } from "./ranges.js";

/** Required attributes without an answer of one object on one frame; static and dynamic answers together. */
export function missingAnswers(object, label, ontology) {
  return unanswered(ontology.object(object.node).attributes, {
    ...object.answers,
    ...(label?.answers ?? {}),
  });
}

/**
 * Everything missing as `{kind, id, node, frame, frames, hash, where, what}`, in the order of the panels.
 *
 * `frames` are the ranges where it is missing (null = not a matter of frames), `frame` the first of them. A frame label
 * is wanted on each of the task's `count` frames.
 */
export function missingIn(document, ontology, count) {
  return [
    ...frameLabels(document, ontology, count),
    ...ontology.classes
      .filter((cls) => cls.required && !document.objects.some((object) => object.node === cls.hash))
      .map((cls) => ({
        kind: "class",
        id: null,
        node: cls.hash,
        frame: null,
        frames: null,
        hash: null,
        where: cls.name,
        what: "at least one is required",
      })),
    ...objectAnswers(document, ontology, count),
  ];
}

/** "Behaviour" or "Behaviour, frames 38–71". */
const named = (attribute, ranges, count) =>
  ranges && count > 1 ? `${attribute.name}, ${framesText(ranges)}` : attribute.name;

function frameLabels(document, ontology, count) {
  return ontology.classifications.flatMap((entry) => {
    const missing = entry.global
      ? unanswered(entry.attributes, globalAnswers(document, entry.hash)).map((attribute) => [
          attribute,
          null,
        ])
      : missingByFrame(document, entry, count);
    return missing.map(([attribute, ranges]) => ({
      kind: "classification",
      id: null,
      node: entry.hash,
      frame: ranges ? ranges[0][0] : null,
      frames: ranges,
      hash: attribute.featureNodeHash,
      where: entry.name,
      what: named(attribute, ranges, count),
    }));
  });
}

const globalAnswers = (document, node) =>
  document.classifications.find((entry) => entry.node === node && entry.frames === null)?.answers ?? {};

/** Required attributes of a frame label with the ranges where they are not answered: `[[attribute, ranges]]`. */
function missingByFrame(document, entry, count) {
  const gaps = [];
  let next = 0;
  const parts = [];
  for (const { from, to, entry: given } of classificationRanges(document, entry.hash)) {
    if (from > next) gaps.push([next, from - 1]);
    parts.push([given.answers, [from, to]]);
    next = Math.max(next, to + 1);
  }
  if (next < count) gaps.push([next, count - 1]);
  const found = new Map();
  for (const [answers, range] of [...gaps.map((gap) => [{}, gap]), ...parts]) {
    for (const attribute of unanswered(entry.attributes, answers))
      found.set(attribute, [...(found.get(attribute) ?? []), range]);
  }
  return [...found].map(([attribute, ranges]) => [
    attribute,
    rangesOf(ranges.flatMap(framesOf).sort((a, b) => a - b)),
  ]);
}

const asksSomething = (attributes) =>
  attributes.some(
    (attribute) =>
      attribute.required || (attribute.options ?? []).some((option) => asksSomething(option.options ?? [])),
  );

function objectAnswers(document, ontology, count) {
  const numbers = instanceNumbers(document);
  return document.objects.flatMap((object) => {
    const cls = ontology.object(object.node);
    if (!asksSomething(cls.attributes)) return [];
    const found = new Map();
    for (const label of object.labels) {
      for (const attribute of missingAnswers(object, label, ontology))
        if (!found.get(attribute)?.push(label.frame)) found.set(attribute, [label.frame]);
    }
    return [...found].map(([attribute, frames]) => {
      const ranges = isDynamic(cls.attributes, attribute.featureNodeHash) ? rangesOf(frames) : null;
      return {
        kind: "object",
        id: object.id,
        node: object.node,
        frame: frames[0],
        frames: ranges,
        hash: attribute.featureNodeHash,
        where: `${cls.name} (${numbers.get(object.id)})`,
        what: named(attribute, ranges, count),
      };
    });
  });
}
