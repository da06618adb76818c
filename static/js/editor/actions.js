/**
 * Everything that can be done to a document: (document, ...) -> document. Pure.
 *
 * An action that changes nothing returns the document itself, so that no empty step enters the history.
 */

import { classificationOn, labelOn, newIdentifier, objectById, sameValue } from "./document.js";
import { boundsOf, translate } from "./geometry.js";
import { isDynamic, reachableAnswers } from "./ontology.js";

function replaceObject(document, id, change) {
  const index = document.objects.findIndex((object) => object.id === id);
  if (index < 0) return document;
  const changed = change(document.objects[index]);
  if (changed === document.objects[index]) return document;
  return { ...document, objects: document.objects.with(index, changed) };
}

export function addObject(document, { id, node, frame, geometry, answers = {} }) {
  const label = { frame, geometry, keyframe: true, answers: {} };
  return { ...document, objects: [...document.objects, { id, node, answers, labels: [label] }] };
}

/** Give an object its shape on a frame, as a key frame. */
export function setGeometry(document, id, frame, geometry) {
  return replaceObject(document, id, (object) => {
    const label = labelOn(object, frame);
    if (!label) {
      const labels = [...object.labels, { frame, geometry, keyframe: true, answers: {} }];
      return { ...object, labels: labels.sort((a, b) => a.frame - b.frame) };
    }
    if (sameValue(label.geometry, geometry)) return object;
    const changed = { ...label, geometry, keyframe: true };
    return { ...object, labels: object.labels.map((other) => (other === label ? changed : other)) };
  });
}

/** Several shapes at once: `geometries` is a list of [identifier, geometry]. */
export function setGeometries(document, frame, geometries) {
  return geometries.reduce((current, [id, geometry]) => setGeometry(current, id, frame, geometry), document);
}

export function deleteObjects(document, ids) {
  const gone = new Set(ids);
  const objects = document.objects.filter((object) => !gone.has(object.id));
  return objects.length === document.objects.length ? document : { ...document, objects };
}

/** Another class of the same shape; answers that the new class does not ask for go. */
export function changeClass(document, ids, node, ontology) {
  const target = ontology.object(node);
  return ids.reduce(
    (current, id) =>
      replaceObject(current, id, (object) => {
        if (object.node === node || ontology.object(object.node).shape !== target.shape) return object;
        return {
          ...object,
          node,
          answers: reachableAnswers(target.attributes, object.answers),
          labels: object.labels.map((label) => ({
            ...label,
            answers: reachableAnswers(target.attributes, label.answers),
          })),
        };
      }),
    document,
  );
}

/** Answers with one changed; empty values take the answer away, answers below a changed one that no longer apply go. */
export function withAnswer(attributes, answers, hash, value) {
  const { [hash]: before, ...rest } = answers;
  const empty =
    value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  if (empty ? before === undefined : sameValue(before, value)) return answers;
  return reachableAnswers(attributes, empty ? rest : { ...answers, [hash]: value });
}

/** Answer an attribute of an object; dynamic ones belong to the label of the frame, others to the object. */
export function answerObject(document, id, frame, hash, value, ontology) {
  return replaceObject(document, id, (object) => {
    const { attributes } = ontology.object(object.node);
    if (isDynamic(attributes, hash)) {
      const label = labelOn(object, frame);
      if (!label) return object;
      const answers = withAnswer(attributes, label.answers, hash, value);
      if (answers === label.answers) return object;
      return {
        ...object,
        labels: object.labels.map((other) => (other === label ? { ...label, answers } : other)),
      };
    }
    const answers = withAnswer(attributes, object.answers, hash, value);
    return answers === object.answers ? object : { ...object, answers };
  });
}

/** Answer a classification; the first answer creates its entry, taking the last one away removes it. */
export function answerClassification(document, node, frame, hash, value, ontology, id = newIdentifier()) {
  const { attributes, global } = ontology.classification(node);
  const entry = classificationOn(document, node, global ? null : frame);
  const answers = withAnswer(attributes, entry?.answers ?? {}, hash, value);
  if (answers === entry?.answers || (!entry && !Object.keys(answers).length)) return document;
  if (!entry) {
    const added = { id, node, frames: global ? null : [frame], answers };
    return { ...document, classifications: [...document.classifications, added] };
  }
  const classifications = Object.keys(answers).length
    ? document.classifications.map((other) => (other === entry ? { ...entry, answers } : other))
    : document.classifications.filter((other) => other !== entry);
  return { ...document, classifications };
}

/** What "copy" keeps of the chosen objects: class, answers and the shape of the frame, no identifiers. */
export function copiesOf(document, ids, frame) {
  return ids.flatMap((id) => {
    const object = objectById(document, id);
    const label = labelOn(object, frame);
    if (!label) return [];
    return [
      { node: object.node, answers: object.answers, geometry: label.geometry, labelAnswers: label.answers },
    ];
  });
}

/** Insert copies on a frame, shifted by a relative offset; `ids` names the new objects in order. */
export function pasteCopies(document, copies, frame, ids, offset, frameSize) {
  const added = copies.map((copy, index) => ({
    id: ids[index],
    node: copy.node,
    answers: copy.answers,
    labels: [
      {
        frame,
        geometry: shifted(copy.geometry, offset, frameSize),
        keyframe: true,
        answers: copy.labelAnswers,
      },
    ],
  }));
  return added.length ? { ...document, objects: [...document.objects, ...added] } : document;
}

/** Shifted to the lower right, or to the upper left where there is no room: a copy must not hide its original. */
function shifted(geometry, { dx, dy }, frameSize) {
  const { x, y, w, h } = boundsOf(geometry, frameSize);
  return translate(geometry, x + w + dx > 1 ? -dx : dx, y + h + dy > 1 ? -dy : dy, frameSize);
}
