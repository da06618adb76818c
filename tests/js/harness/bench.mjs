/** A session with its machine and tools, without a page: what tests of tools press and look at. */

import { createMachine } from "../../../static/js/editor/machine.js";
import { createSession } from "../../../static/js/editor/session.js";
import { TOOLS } from "../../../static/js/editor/tools/index.js";
import { ONTOLOGY } from "./task.mjs";

export const FRAME = { width: 1000, height: 500 };

/** A session with its machine, as the workspace wires them; one screen pixel is one pixel of the picture. */
export function bench({
  tool = "select",
  cls = "rbc00001",
  objects = [],
  canEdit = true,
  structure = ONTOLOGY,
} = {}) {
  const config = {
    ontology: structure,
    document: { objects, classifications: [] },
    media: { kind: "image", frame_count: 1, frame_url: "/picture", sizes: [[FRAME.width, FRAME.height]] },
  };
  const session = createSession(config, { canEdit });
  session.store.update({ activeClass: cls });
  const panned = [];
  let next = 0;
  const machine = createMachine(TOOLS, {
    scene: () => ({
      ...session.state,
      ontology: session.ontology,
      size: FRAME,
      scale: 1,
      view: { x: 0, y: 0, w: 1, h: 1 },
      shapes: session.shapes(),
      activeClass: session.ontology.object(session.state.activeClass),
      readOnly: !session.state.canEdit,
      newIdentifier: () => `new${(next += 1)}`,
    }),
    commit: session.commit,
    select: (ids, vertex) => session.select(ids, vertex),
    pan: (dx, dy) => panned.push([dx, dy]),
    say: session.say,
    changed: () => {},
  });
  machine.use(tool);
  const at = (type, [x, y], more = {}) =>
    machine.send({
      type,
      screen: { x, y },
      point: { x: x / FRAME.width, y: y / FRAME.height },
      pointer: "mouse",
      ...more,
    });
  const drag = (from, to, more) => {
    at("down", from, more);
    at("move", [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], more);
    at("move", to, more);
    at("up", to, more);
  };
  const click = (point, more) => at("down", point, more) && at("up", point, more);
  const shape = (index = 0) => session.state.document.objects[index]?.labels[0].geometry;
  return { session, machine, at, drag, click, panned, shape };
}
