/** The single picture with its tools: wires session, machine, pane and the labelling commands. */

import { newIdentifier } from "./document.js";
import { el } from "./dom.js";
import { createEditing } from "./editing.js";
import { editingCommands } from "./editing_keys.js";
import { hitShape } from "./hit_test.js";
import { createMachine } from "./machine.js";
import { watchPicture } from "./adjustments.js";
import { createPane } from "./pane.js";
import { canvasEntries, openMenuAt, selectionEntries } from "./panels/menu.js";
import { createScene } from "./scene.js";
import { createShapeEditing } from "./shape_editing.js";
import { shapeCommands } from "./shape_keys.js";

const MENU_REACH_PX = 7;

/** Tools that this ontology, mode and medium have a use for. */
export function toolsFor(all, mode, { ontology, media }) {
  const shapes = new Set(ontology.classes.map((cls) => cls.shape));
  return all
    .filter((tool) => !tool.needs || media[tool.needs])
    .filter((tool) => (mode.tools ? mode.tools.includes(tool.name) : !tool.shape || shapes.has(tool.shape)));
}

export function createWorkspace({ session, tools, commands, picture, onViewport, onPointer }) {
  const { store } = session;
  const canvas = el("div", {
    class: "ed-pane",
    tabindex: 0,
    role: "application",
    "aria-label": `Picture ${session.config.task.title}`,
    "aria-description":
      "Choose a tool, press Enter to draw at the centre, arrow keys to move, Control and arrow keys to resize. Press question mark for all keys.",
  });
  let machine = null;
  const scene = createScene(session, () => machine?.draft);
  const context = { session, commands };

  function menu(event, point) {
    machine.cancel();
    const size = session.size();
    const id = hitShape(session.shapes(), [point.x, point.y], size, MENU_REACH_PX / pane.viewport.scale);
    if (id && !store.state.selection.includes(id)) session.select([id]);
    store.flush();
    const at = { x: event.clientX, y: event.clientY };
    if (id) openMenuAt(at, selectionEntries(context));
    else openMenuAt(at, canvasEntries(context), "Picture");
  }

  /** Which vertex of a skeleton comes next, for the options of the tool; told only when it is another one. */
  function noteDrawing(draft) {
    const { drawing } = store.state;
    const next = draft?.template && draft.next ? draft : null;
    if (drawing?.next === next?.next && drawing?.hidden === next?.hidden) return;
    const count = next?.template.vertices.length;
    store.update({
      drawing: next && { next: next.next, hidden: next.hidden, position: next.position, count },
    });
  }

  const pane = createPane(canvas, {
    frame: () => session.size(),
    scene: () => ({
      picture: picture(),
      grid: store.state.settings.pixelGrid,
      shapes: scene.finished(),
      hand: scene.hand(),
      marquee: scene.marquee(),
      mark: scene.mark(),
    }),
    on: {
      viewport: onViewport,
      pointer: onPointer,
      menu,
      level: session.media.pixels ? session.moveWindow : null,
    },
  });

  /** With several frames the picture of another one may still be shown. */
  const isPictureThere = () => {
    const { picture: shown, frame } = store.state;
    return !session.media.isMany || (shown.frame === frame && shown.state === "ready");
  };

  machine = createMachine(tools, {
    scene: () => ({
      ...store.state,
      ontology: session.ontology,
      size: session.size(),
      scale: pane.viewport.scale,
      view: pane.view(),
      shapes: session.shapes(),
      activeClass: session.ontology.object(store.state.activeClass),
      // Nothing is drawn on a picture that is not the frame's own.
      readOnly: !store.state.canEdit || !isPictureThere(),
      interpolates: session.interpolates(),
      newIdentifier,
    }),
    commit: (step) => {
      if (!isPictureThere())
        return session.say("The picture of this frame is not there yet: nothing was drawn");
      session.commit(step);
      // The draft is gone already: without this the old shape would flash for a frame.
      store.flush();
    },
    select: (ids, vertex) => session.select(ids, vertex),
    pan: (dx, dy) => pane.panBy(dx, dy),
    level: session.moveWindow,
    say: session.say,
    changed: (draft) => {
      pane.renderer.redraw("hand");
      noteDrawing(draft);
    },
  });
  pane.machine = machine;
  pane.showsCrosshair = () =>
    Boolean(machine.tool.shape) && store.state.settings.crosshair && store.state.canEdit;
  pane.brushRadius = () => (machine.tool.paints && store.state.canEdit ? store.state.settings.brush : 0);
  pane.wheelPans = () => store.state.settings.wheelPans;
  store.watch(
    (state) => [state.settings.strength],
    ({ settings }) => pane.renderer.fade(settings.strength),
  );
  store.watch(
    (state) => [state.settings.pixelGrid],
    () => pane.renderer.redraw("picture"),
  );
  pane.updateCursor();

  const editing = createEditing({ session, machine, pane, tools });
  takeUp();
  const shapes = createShapeEditing({ session, machine });
  // Before the others: Escape leaves a way of drawing before it leaves the tool.
  commands.add(shapeCommands({ session, machine, tools, shapes, useTool: editing.useTool }));
  commands.add(editingCommands({ session, machine, tools, editing }));
  commands.outlineMode = shapes.outlineMode;
  commands.setVisibility = shapes.setVisibility;
  commands.pickClass = editing.pickClass;
  commands.changeClass = editing.changeClass;

  store.watch(
    (state) => [
      state.document,
      state.frame,
      state.selection,
      state.hidden,
      state.locked,
      state.settings,
      state.canEdit,
      state.vertex,
      state.review,
    ],
    () => pane.renderer.redraw("shapes", "hand", "helpers"),
  );
  watchPicture(session, () => [pane]);
  store.watch(
    (state) => [state.frame],
    () => machine.cancel(),
  );
  /** From task to task a person goes on with the tool and class that they had. */
  function takeUp() {
    const { settings, canEdit } = store.state;
    if (!canEdit) return;
    if (session.ontology.classes.some(({ hash }) => hash === settings.lastClass))
      store.update({ activeClass: settings.lastClass });
    if (tools.some(({ name }) => name === settings.tool)) editing.useTool(settings.tool);
  }
  store.watch(
    (state) => [state.tool, state.activeClass],
    ({ tool, activeClass, settings, canEdit }) => {
      if (!canEdit || (settings.tool === tool && settings.lastClass === activeClass)) return;
      store.update({ settings: { ...settings, tool, lastClass: activeClass ?? "" } });
    },
  );
  store.watch(
    (state) => [state.activeClass, state.tool],
    () =>
      store.state.outlineMode !== "shape" &&
      store.state.tool !== "polygon" &&
      store.update({ outlineMode: "shape" }),
  );
  store.watch(
    (state) => [state.canEdit],
    ({ canEdit }) => {
      machine.cancel();
      if (!canEdit && machine.tool.shape) editing.useTool("select");
    },
  );
  addEventListener("blur", () => machine.cancel());
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "ContextMenu" && !(event.shiftKey && event.key === "F10")) return;
    event.preventDefault();
    if (!store.state.selection.length) return;
    const box = canvas.getBoundingClientRect();
    openMenuAt({ x: box.left + box.width / 2, y: box.top + box.height / 2 }, selectionEntries(context));
  });

  return {
    canvas,
    pane,
    machine,
    openMenu: (at) => {
      store.flush();
      openMenuAt(at, selectionEntries(context));
    },
  };
}
