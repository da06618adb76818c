/** Moving, resizing and turning the selection by keys: one step while a key is held. No DOM. */

import { setGeometries } from "./actions.js";
import { labelOn, objectById } from "./document.js";
import { grow, translate, turn } from "./geometry.js";
import { changeProblem } from "./validity.js";
import { moveHandle, verticesOf } from "./vertices.js";

export function keyboardShaping(session) {
  const { store } = session;

  /** Give every chosen shape a new geometry in one step; refused as a whole when one of them would be invalid. */
  function reshape(label, mergeKey, make) {
    const { frame } = store.state;
    const size = session.size();
    const changed = [];
    for (const id of session.editable()) {
      const geometry = labelOn(objectById(store.state.document, id), frame)?.geometry;
      const next = geometry && make(geometry, size);
      if (!next || next === geometry) continue;
      const problem = changeProblem(geometry, next, size);
      if (problem) return session.say(`${problem}: not changed`);
      changed.push([id, next]);
    }
    if (!changed.length) return;
    const name = changed.length === 1 ? session.nameOf(changed[0][0]) : `${changed.length} labels`;
    const key = `${mergeKey}/${changed.map(([id]) => id).join()}`;
    session.commit({
      label: `${label} ${name}`,
      change: (document) => setGeometries(document, frame, changed),
      mergeKey: key,
    });
  }

  /** Arrows move a chosen point or the chosen labels. */
  const nudge = (dx, dy) => () => {
    const { vertex } = store.state;
    reshape(vertex ? "Move point of" : "Move", "nudge", (geometry, size) => {
      if (!vertex) return translate(geometry, dx / size.width, dy / size.height, size);
      const handle = verticesOf(geometry, size).find(({ path }) => path.join() === vertex.join());
      return handle
        ? moveHandle(
            geometry,
            handle,
            { x: handle.x + dx / size.width, y: handle.y + dy / size.height },
            size,
          )
        : null;
    });
  };
  const stretch = (dx, dy) => () =>
    reshape("Resize", "stretch", (geometry, size) => grow(geometry, dx / size.width, dy / size.height, size));
  const rotate = (degrees) => () => reshape("Turn", "turn", (geometry) => turn(geometry, degrees));

  return { nudge, stretch, rotate };
}
