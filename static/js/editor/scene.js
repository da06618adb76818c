/** From session and draft to what the renderer draws: which shape lies on which layer, in which style. Pure but for a memory of the last answer. */

import { labelOn, objectById } from "./document.js";
import { boundsOf } from "./geometry.js";
import { looksOf } from "./review_looks.js";
import { nearestLabel } from "./tracks.js";

const PROBLEM = "#d0342c";

/** A mask in motion keeps its known picture and is drawn elsewhere: making a new one costs more than a frame has. */
function shownGeometry(ghost, label) {
  if (ghost?.from?.type !== "bitmask") return { geometry: ghost?.geometry ?? label.geometry };
  const [before, after] = [ghost.from, ghost.geometry].map((geometry) => boundsOf(geometry));
  return { geometry: ghost.from, shift: { dx: after.x - before.x, dy: after.y - before.y } };
}

/** `draft()` is the machine's draft. The finished list is remade only when something other than the draft changed. */
export function createScene(session, draft) {
  const { ontology } = session;
  let memory = { key: [], shapes: [] };

  function style(node, fill) {
    const cls = ontology.object(node);
    return { colour: cls.colour, fill: fill / 100, template: ontology.templateOf(cls) };
  }

  function finished() {
    const { document, frame, hidden, selection, settings, review } = session.state;
    const key = [document, frame, hidden, selection, settings.names, settings.opacity, review];
    const looks = review && looksOf(review);
    if (key.some((value, index) => value !== memory.key[index])) {
      const shapes = session
        .shapes()
        .filter(({ id }) => !selection.includes(id))
        .map((shape) => ({
          geometry: shape.geometry,
          ...style(shape.node, settings.opacity),
          ...looks?.(shape.id),
          name: settings.names ? shape.name : undefined,
        }));
      memory = { key, shapes };
    }
    return memory.shapes;
  }

  /** A selected instance that is not on this frame: its nearest shape, dashed, to draw it again by. */
  function beside(object) {
    const { selection, frame, canEdit } = session.state;
    const nearest = canEdit && selection.length === 1 ? nearestLabel(object.labels, frame) : null;
    if (!nearest || draft()) return [];
    return [{ geometry: nearest.geometry, ...style(object.node, 0), width: 1.5, dash: [3, 4] }];
  }

  function selectedShapes(ghosts) {
    const { document, selection, frame, hidden, locked, canEdit, settings, vertex } = session.state;
    return selection.flatMap((id) => {
      const object = objectById(document, id);
      const label = labelOn(object, frame);
      if (hidden.has(id) || !object) return [];
      if (!label) return beside(object);
      const ghost = ghosts.find((other) => other.id === id);
      const base = style(object.node, Math.min(60, settings.opacity + 10));
      const alone = selection.length === 1;
      return {
        ...base,
        ...shownGeometry(ghost, label),
        colour: ghost?.problem ? PROBLEM : base.colour,
        width: 2.6,
        handles: alone && canEdit && !locked.has(id),
        few: Boolean(ghost),
        vertex: alone ? vertex : null,
        pointNames: alone && vertex ? vertex : undefined,
        name: alone && !ghost ? session.nameOf(id) : undefined,
      };
    });
  }

  function hand() {
    const ghosts = draft()?.ghosts ?? [];
    const drawn = ghosts
      .filter(({ id }) => id === null)
      .map((ghost) => ({ ...style(ghost.node, session.state.settings.opacity), width: 2, ...ghost }));
    return [...selectedShapes(ghosts), ...drawn];
  }

  return { finished, hand, marquee: () => draft()?.marquee ?? null, mark: () => draft()?.mark ?? null };
}
