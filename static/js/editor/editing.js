/** The verbs of labelling beside the pointer's: tools, classes, selection, clipboard. No DOM but the clipboard. */

import * as actions from "./actions.js";
import { labelOn, newIdentifier, objectById } from "./document.js";
import { boundsOf } from "./geometry.js";
import { SHAPE_NAMES } from "./ontology.js";
import { removeVertex, verticesOf } from "./vertices.js";

const PASTE_OFFSET_PX = 12;
const MAX_BRUSH_PX = 200;

export function createEditing({ session, machine, pane, tools }) {
  const { ontology, store } = session;
  const clipboard = { copies: [], frame: 0 };
  const canEdit = () => store.state.canEdit;
  const chosen = () => store.state.selection.length > 0;
  const single = () => (store.state.selection.length === 1 ? session.selected() : null);

  function useTool(name) {
    const tool = tools.find((other) => other.name === name);
    if (!tool) return;
    machine.use(name);
    const patch = { tool: name };
    if (tool.shape && ontology.object(store.state.activeClass).shape !== tool.shape) {
      patch.activeClass = ontology.classes.find((cls) => cls.shape === tool.shape)?.hash ?? null;
    }
    store.update(patch);
    pane.updateCursor();
    session.say(patch.activeClass ? `${tool.label}: ${ontology.object(patch.activeClass).name}` : tool.label);
  }

  function pickClass(hash) {
    const cls = ontology.object(hash);
    // Where nothing can be drawn a class stands for its labels.
    if (!canEdit() || !tools.some((tool) => tool.shape))
      return session.select(
        session
          .shapes()
          .filter(({ node }) => node === hash)
          .map(({ id }) => id),
      );
    const tool = tools.find((other) => other.shape === cls.shape);
    machine.cancel();
    // Painting goes into the selected mask, drawing goes on with an instance of other frames; picking a class means a new one.
    const goesOn = tool?.paints || (session.selected() && !session.selected().label);
    store.update({ activeClass: hash, ...(goesOn ? { selection: [], vertex: null } : {}) });
    if (!tool)
      return session.say(`${SHAPE_NAMES[cls.shape] ?? "This shape"}s can be seen here but not drawn yet`);
    if (store.state.tool !== tool.name) {
      machine.use(tool.name);
      store.update({ tool: tool.name });
      pane.updateCursor();
    }
    session.say(`${tool.label}: ${cls.name}`);
  }

  function changeClass(hash) {
    const ids = session.editable();
    const change = (document) => actions.changeClass(document, ids, hash, ontology);
    if (!session.commit({ label: `Change class to ${ontology.object(hash).name}`, change })) {
      session.say("Only a class with the same shape can be given");
    }
  }

  function resizeBrush(factor) {
    const { settings } = store.state;
    const wanted = Math.round(settings.brush * factor + Math.sign(factor - 1));
    const brush = Math.min(MAX_BRUSH_PX, Math.max(1, wanted));
    store.update({ settings: { ...settings, brush } });
    session.say(`Brush of ${2 * brush} pixels`);
  }

  function remove() {
    const { vertex, frame } = store.state;
    const selected = single();
    if (!vertex || !selected?.label) return session.deleteHere();
    const geometry = removeVertex(selected.label.geometry, vertex);
    if (!geometry) return session.say("The shape needs its last points; delete the label instead");
    const change = (document) => actions.setGeometry(document, selected.object.id, frame, geometry);
    return session.commit({
      label: `Delete point of ${session.nameOf(selected.object.id)}`,
      change,
      vertex: null,
    });
  }

  function stepVertex(by) {
    const selected = single();
    const vertices = selected?.label ? verticesOf(selected.label.geometry, session.size()) : [];
    if (!vertices.length) return session.say("This shape has no points to step through");
    const at = vertices.findIndex(({ path }) => path.join() === store.state.vertex?.join());
    const next = at < 0 ? (by > 0 ? 0 : vertices.length - 1) : (at + by + vertices.length) % vertices.length;
    store.update({ vertex: vertices[next].path });
    return session.say(`Point ${next + 1} of ${vertices.length}`);
  }

  function stepLabel(by) {
    const ids = session.shapes().map(({ id }) => id);
    if (!ids.length) return session.say("No labels on this frame");
    const at = ids.indexOf(store.state.selection.at(-1));
    return session.select([
      ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length],
    ]);
  }

  function copy() {
    const { document, selection, frame } = store.state;
    clipboard.copies = actions.copiesOf(document, selection, frame);
    clipboard.frame = frame;
    session.say(
      clipboard.copies.length === 1
        ? `${session.nameOf(selection[0])} copied`
        : `${clipboard.copies.length} labels copied`,
    );
  }

  function insert(copies, verb, from = store.state.frame) {
    const size = session.size();
    const ids = copies.map(() => newIdentifier());
    // On another frame a copy belongs where it was; on the same one it must not hide its original.
    const away = from === store.state.frame ? PASTE_OFFSET_PX : 0;
    const offset = { dx: away / size.width, dy: away / size.height };
    const label = `${verb} ${copies.length === 1 ? ontology.object(copies[0].node).name : `${copies.length} labels`}`;
    const change = (document) => actions.pasteCopies(document, copies, store.state.frame, ids, offset, size);
    session.commit({ label, change, select: ids, vertex: null });
  }

  async function copyIdentifier() {
    try {
      await navigator.clipboard.writeText(store.state.selection.join("\n"));
      session.say("Identifier copied");
    } catch {
      session.say(`Identifier: ${store.state.selection.join(", ")}`);
    }
  }

  function zoomToSelection() {
    const boxes = store.state.selection
      .map((id) => labelOn(objectById(store.state.document, id), store.state.frame)?.geometry)
      .filter(Boolean)
      .map((geometry) => boundsOf(geometry, session.size()));
    if (!boxes.length) return;
    const x = Math.min(...boxes.map((box) => box.x));
    const y = Math.min(...boxes.map((box) => box.y));
    const w = Math.max(...boxes.map((box) => box.x + box.w)) - x;
    const h = Math.max(...boxes.map((box) => box.y + box.h)) - y;
    pane.show({ x, y, w, h });
  }

  function escape() {
    if (machine.cancel()) return session.say("Cancelled");
    if (store.state.vertex) return store.update({ vertex: null });
    if (chosen()) return session.select([]);
    return useTool("select");
  }

  /** Enter finishes a drawing or drops a shape at the centre; with the select tool it goes to the answers. */
  function enter() {
    if (machine.send({ type: "enter" })) return;
    answers();
  }

  function answers() {
    const selected = single();
    const first = selected && ontology.object(selected.object.node).attributes[0];
    if (first) store.update({ focusField: { hash: first.featureNodeHash } });
    else session.say("Select one label that has attributes");
  }

  /** The first question of a frame label; its options then have the digits. */
  function answerFrame(entry) {
    const [root] = entry.attributes;
    if (root) store.update({ focusField: { hash: root.featureNodeHash } });
    session.say(entry.name);
  }

  return {
    answerFrame,
    useTool,
    pickClass,
    changeClass,
    remove,
    stepVertex,
    stepLabel,
    copy,
    paste: () => insert(clipboard.copies, "Paste", clipboard.frame),
    canPaste: () => clipboard.copies.length > 0,
    duplicate() {
      const { document, selection, frame } = store.state;
      insert(actions.copiesOf(document, selection, frame), "Duplicate");
    },
    copyIdentifier,
    zoomToSelection,
    resizeBrush,
    escape,
    enter,
    answers,
    back: () => machine.send({ type: "back" }) || remove(),
    undo: () => machine.cancel() || session.undo(),
  };
}
