/** The commands of labelling: tools, classes, history, selection, clipboard, keyboard drawing. No DOM but the clipboard. */

import * as actions from "./actions.js";
import { labelOn, newIdentifier, objectById } from "./document.js";
import { boundsOf } from "./geometry.js";
import { keyboardShaping } from "./shaping.js";
import { SHAPE_NAMES } from "./ontology.js";
import { removeVertex, verticesOf } from "./vertices.js";

const PASTE_OFFSET_PX = 12;
const FAR_PX = 10;
const MAX_BRUSH_PX = 200;
const ARROWS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };

export function editingCommands({ session, machine, pane, tools, clipboard = { copies: [] } }) {
  const { ontology, store } = session;
  const { nudge, stretch, rotate } = keyboardShaping(session);
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
    if (!canEdit()) return session.select(session.shapes().filter(({ node }) => node === hash).map(({ id }) => id));
    const tool = tools.find((other) => other.shape === cls.shape);
    machine.cancel();
    // Painting goes into the selected mask; picking a class means a new one.
    store.update({ activeClass: hash, ...(tool?.paints ? { selection: [], vertex: null } : {}) });
    if (!tool) return session.say(`${SHAPE_NAMES[cls.shape] ?? "This shape"}s can be seen here but not drawn yet`);
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

  const resizeBrush = (factor) => () => {
    const { settings } = store.state;
    const wanted = Math.round(settings.brush * factor + Math.sign(factor - 1));
    const brush = Math.min(MAX_BRUSH_PX, Math.max(1, wanted));
    store.update({ settings: { ...settings, brush } });
    session.say(`Brush of ${2 * brush} pixels`);
  };

  function remove() {
    const { vertex, frame } = store.state;
    const selected = single();
    if (!vertex || !selected) return session.deleteSelection();
    const geometry = removeVertex(selected.label.geometry, vertex);
    if (!geometry) return session.say("The shape needs its last points; delete the label instead");
    const change = (document) => actions.setGeometry(document, selected.object.id, frame, geometry);
    return session.commit({ label: `Delete point of ${session.nameOf(selected.object.id)}`, change, vertex: null });
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
    return session.select([ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length]]);
  }

  function copy() {
    const { document, selection, frame } = store.state;
    clipboard.copies = actions.copiesOf(document, selection, frame);
    session.say(clipboard.copies.length === 1 ? `${session.nameOf(selection[0])} copied` : `${clipboard.copies.length} labels copied`);
  }

  function paste(copies, verb) {
    const size = session.size();
    const ids = copies.map(() => newIdentifier());
    const offset = { dx: PASTE_OFFSET_PX / size.width, dy: PASTE_OFFSET_PX / size.height };
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

  const arrows = Object.entries(ARROWS).flatMap(([key, [dx, dy]]) => [
    { id: `nudge-${key}`, keys: [key], when: chosen, run: nudge(dx, dy) },
    { id: `nudge-far-${key}`, keys: [`ctrl+${key}`], when: chosen, run: nudge(dx * FAR_PX, dy * FAR_PX) },
    { id: `stretch-${key}`, keys: [`shift+${key}`], when: chosen, run: stretch(dx, dy) },
    { id: `stretch-far-${key}`, keys: [`ctrl+shift+${key}`], when: chosen, run: stretch(dx * FAR_PX, dy * FAR_PX) },
  ]);
  const classKeys = ontology.classes
    .filter((cls) => cls.key)
    .flatMap((cls) => [
      { id: `class:${cls.key}`, group: "Classes", label: cls.name, keys: [cls.key], run: () => pickClass(cls.hash) },
      { id: `give-class:${cls.key}`, keys: [`shift+${cls.key}`], when: () => canEdit() && chosen(), run: () => changeClass(cls.hash) },
    ]);
  // K draws points where the ontology has some; J and Shift J then step through the labels.
  const paints = tools.some((tool) => tool.paints);
  const hasPointTool = tools.some((tool) => tool.key === "k");
  const command = (id, group, label, keys, run, when = canEdit) => ({ id, group, label, keys, run, when });
  const table = [
    ...tools.map((tool) => command(`tool:${tool.name}`, "Tools", tool.label, [tool.key], () => useTool(tool.name), () => true)),
    ...classKeys,
    command("give-class", "Classes", "Give the selection a class", ["shift+1…9"], () => {}),
    command("undo", "Edit", "Undo", ["ctrl+z"], () => machine.cancel() || session.undo()),
    command("redo", "Edit", "Redo", ["ctrl+shift+z", "ctrl+y"], () => session.redo()),
    command("delete", "Edit", "Delete the point or the labels", ["delete"], remove, () => canEdit() && chosen()),
    command("back", "Draw", "Take the last point back", ["backspace"], () => machine.send({ type: "back" }) || remove()),
    command("delete-labels", null, "Delete", [], () => session.deleteSelection()),
    command("copy", "Edit", "Copy", ["ctrl+c"], copy, chosen),
    command("paste", "Edit", "Paste", ["ctrl+v"], () => paste(clipboard.copies, "Paste"), () => canEdit() && clipboard.copies.length > 0),
    command("duplicate", "Edit", "Duplicate", ["ctrl+d"], () => paste(actions.copiesOf(store.state.document, store.state.selection, store.state.frame), "Duplicate"), () => canEdit() && chosen()),
    command("select-all", "Select", "All labels", ["ctrl+a"], () => session.select(session.shapes().map(({ id }) => id)), () => true),
    command("next-label", "Select", "Next label", ["j"], () => stepLabel(1), () => true),
    command("previous-label", hasPointTool ? null : "Select", "Previous label", ["k"], () => stepLabel(-1), () => !hasPointTool),
    command("previous-label-too", hasPointTool ? "Select" : null, "Previous label", ["shift+j"], () => stepLabel(-1), () => true),
    command("next-point", "Select", "Next point of the label", ["."], () => stepVertex(1)),
    command("previous-point", "Select", "Previous point", [","], () => stepVertex(-1)),
    command("answers", "Select", "Answers of the label", ["a"], answers, () => true),
    command("hide", "View", "Hide or show the labels", ["e"], () => session.toggle("hidden", store.state.selection), chosen),
    command("show-all", "View", "Show all labels", ["shift+e"], () => store.update({ hidden: new Set() }), () => true),
    command("lock", "Edit", "Lock or unlock", ["o"], () => session.toggle("locked", store.state.selection), () => canEdit() && chosen()),
    command("zoom-selection", "View", "Zoom to the selection", ["z"], zoomToSelection, chosen),
    command("copy-identifier", "Edit", "Copy the identifier", ["ctrl+shift+c"], copyIdentifier, chosen),
    command("enter", "Draw", "Drop a shape at the centre, finish a drawing", ["enter"], enter, () => true),
    command("escape", "Draw", "Cancel, then select nothing", ["escape"], escape, () => true),
    command("nudge", "Draw", "Move by a pixel (Ctrl: ten)", ["arrows"], () => {}),
    command("stretch", "Draw", "Resize by a pixel (Ctrl: ten)", ["shift+arrows"], () => {}),
    command("smaller-brush", paints ? "Draw" : null, "Smaller brush", ["["], resizeBrush(1 / 1.25), () => machine.tool.paints),
    command("larger-brush", paints ? "Draw" : null, "Larger brush", ["]"], resizeBrush(1.25), () => machine.tool.paints),
    command("turn-left", "Draw", "Turn left", ["["], rotate(-5), () => canEdit() && chosen()),
    command("turn-right", "Draw", "Turn right", ["]"], rotate(5), () => canEdit() && chosen()),
    ...arrows.map((command) => ({ ...command, when: () => canEdit() && command.when() })),
  ];
  return { table, pickClass, changeClass, useTool };
}
