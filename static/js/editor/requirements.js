/** What still has to be answered before a document may be submitted. Pure. */

import { classificationOn, instanceNumbers } from "./document.js";
import { unanswered } from "./ontology.js";

/** Required attributes without an answer of one object on one frame; static and dynamic answers together. */
export function missingAnswers(object, label, ontology) {
  return unanswered(ontology.object(object.node).attributes, {
    ...object.answers,
    ...(label?.answers ?? {}),
  });
}

/**
 * Everything missing as `{kind, id, node, frame, hash, where, what}`, in the order of the panels.
 *
 * `frames` lists the frames of the task; a frame-level classification is wanted on each of them.
 */
export function missingIn(document, ontology, frames) {
  return [
    ...frameLabels(document, ontology, frames),
    ...ontology.classes
      .filter((cls) => cls.required && !document.objects.some((object) => object.node === cls.hash))
      .map((cls) => ({
        kind: "class",
        id: null,
        node: cls.hash,
        frame: null,
        hash: null,
        where: cls.name,
        what: "at least one is required",
      })),
    ...objectAnswers(document, ontology),
  ];
}

function frameLabels(document, ontology, frames) {
  return ontology.classifications.flatMap((entry) =>
    (entry.global ? [null] : frames).flatMap((frame) => {
      const answers = classificationOn(document, entry.hash, frame)?.answers ?? {};
      return unanswered(entry.attributes, answers).map((attribute) => ({
        kind: "classification",
        id: null,
        node: entry.hash,
        frame,
        hash: attribute.featureNodeHash,
        where: entry.name,
        what: attribute.name,
      }));
    }),
  );
}

function objectAnswers(document, ontology) {
  const numbers = instanceNumbers(document);
  return document.objects.flatMap((object) => {
    const seen = new Set();
    return object.labels.flatMap((label) =>
      missingAnswers(object, label, ontology)
        .filter(({ featureNodeHash }) => !seen.has(featureNodeHash) && seen.add(featureNodeHash))
        .map((attribute) => ({
          kind: "object",
          id: object.id,
          node: object.node,
          frame: label.frame,
          hash: attribute.featureNodeHash,
          where: `${ontology.object(object.node).name} (${numbers.get(object.id)})`,
          what: attribute.name,
        })),
    );
  });
}
