/** Actions on shapes beyond drawing and moving: pieces, joining, what lies on top. (document, ...) -> document. Pure. */

import { addObject, setGeometry } from "./actions.js";
import { labelOn, objectById } from "./document.js";
import { deleteRange } from "./track_actions.js";

/** The first piece stays with the object, the others become objects of their own with the same class and answers. */
export function addPieces(document, id, frame, pieces, newIds) {
  const object = objectById(document, id);
  const label = labelOn(object, frame);
  if (!label) return document;
  const [first, ...others] = pieces;
  return others.reduce(
    (current, geometry, index) =>
      withLabelAnswers(
        addObject(current, { id: newIds[index], node: object.node, frame, geometry, answers: object.answers }),
        label.answers,
      ),
    setGeometry(document, id, frame, first),
  );
}

/** The object that was just added with answers for its only label. */
function withLabelAnswers(document, answers) {
  const added = document.objects.at(-1);
  const labels = added.labels.map((label) => ({ ...label, answers }));
  return { ...document, objects: document.objects.with(-1, { ...added, labels }) };
}

/** The first object gets the geometry; the others are no longer there on this frame. */
export function joinInto(document, [id, ...others], frame, geometry) {
  return deleteRange(setGeometry(document, id, frame, geometry), others, [frame, frame]);
}

/** What lies on top is drawn last: by `z`, then in the order of the document. */
export const orderOf = (object) => object.z ?? 0;

/** Shapes of a frame with what lies on top last. */
export function inOrder(shapes) {
  if (!shapes.some(({ object }) => object.z)) return shapes;
  return shapes.toSorted((a, b) => orderOf(a.object) - orderOf(b.object));
}

/** Objects above (or below) all others; their order among themselves stays. */
export function moveInOrder(document, ids, where) {
  const chosen = new Set(ids);
  const others = document.objects.filter(({ id }) => !chosen.has(id)).map(orderOf);
  const moved = document.objects.filter(({ id }) => chosen.has(id));
  if (!others.length || !moved.length) return document;
  const isThere =
    where === "front"
      ? moved.every((object) => orderOf(object) > Math.max(...others))
      : moved.every((object) => orderOf(object) < Math.min(...others));
  if (isThere) return document;
  const own = moved.map(orderOf);
  const shift =
    where === "front" ? Math.max(...others) + 1 - Math.min(...own) : Math.min(...others) - 1 - Math.max(...own);
  return {
    ...document,
    objects: document.objects.map((object) =>
      chosen.has(object.id) ? { ...object, z: orderOf(object) + shift } : object,
    ),
  };
}
