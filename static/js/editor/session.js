/**
 * The one open task: document, history, selection and view settings, and the verbs that change them. No DOM.
 */

import * as actions from "./actions.js";
import { windowVerbs } from "./adjustments.js";
import { completeDocument, instanceNumbers, labelOn, objectById, sameValue, shapesOn } from "./document.js";
import * as histories from "./history.js";
import { clockOf, createMedia, whole } from "./media.js";
import { createOntology } from "./ontology.js";
import { inOrder, orderOf } from "./shape_actions.js";
import { createStore } from "./store.js";
import { deleteRange, settled } from "./track_actions.js";

/** Undo and redo select what they changed, unless that is nearly everything. */
const SHOWN_AFTER_TRAVEL = 50;

/** `guard` = {refusal(before, after), covers(id)} limits what may be changed (review_guard.js). */
export function createSession(config, { canEdit, guard = null, now = () => Date.now() } = {}) {
  const ontology = createOntology(config.ontology);
  const media = createMedia(config.media);
  const opened = completeDocument(config.document);
  const store = createStore({
    document: opened,
    history: histories.EMPTY_HISTORY,
    frame: 0,
    picture: { frame: 0, state: "loading", message: "" },
    playing: false,
    range: null,
    window: media.pixels && { ...media.pixels.window, invert: Boolean(media.pixels.invert) },
    selection: [],
    vertex: null,
    outlineMode: "shape",
    drawing: null,
    activeClass: ontology.classes[0]?.hash ?? null,
    tool: "select",
    hidden: new Set(),
    locked: new Set(),
    canEdit,
    save: { state: "saved", at: null, message: "" },
    announcement: { text: "", at: 0 },
    focusField: null,
    settings: {
      crosshair: true,
      snap: false,
      pixelGrid: true,
      wheelPans: false,
      strength: 100,
      names: false,
      brightness: 100,
      contrast: 100,
      gamma: 100,
      opacity: 10,
      brush: 12,
      interpolate: true,
      speed: 1,
      ...config.settings,
    },
  });
  let visible = { key: [], shapes: [] };
  const size = (frame = store.state.frame) => media.size(frame);
  const interpolates = () => media.isContinuous && store.state.settings.interpolate;

  /** `quiet` is for screen readers alone: others see it anyway. */
  const say = (text, { quiet = false } = {}) => store.update({ announcement: { text, quiet, at: now() } });

  /** Keep only what still exists selected. */
  const surviving = (document, ids) => ids.filter((id) => objectById(document, id));

  function commit({ label, change, select = null, vertex, mergeKey = null }) {
    const { document, history, selection, frame } = store.state;
    if (!store.state.canEdit) return false;
    const changed = change(document);
    if (changed === document) return false;
    const next = interpolates() ? settled(document, changed) : changed;
    const refusal = guard?.refusal(document, next);
    if (refusal) {
      say(refusal);
      return false;
    }
    store.update({
      document: next,
      history: histories.record(history, { label, before: document, mergeKey, at: now(), frame }),
      selection: select ?? surviving(next, selection),
      vertex: vertex === undefined ? store.state.vertex : vertex,
    });
    say(label);
    return true;
  }

  function travel(step, verb) {
    if (!step || !store.state.canEdit) return;
    const { document, history, label, frame } = step;
    const before = store.state.document;
    const touched = document.objects
      .filter((object) => !sameValue(objectById(before, object.id), object))
      .map(({ id }) => id);
    const selection =
      touched.length && touched.length <= SHOWN_AFTER_TRAVEL
        ? touched
        : surviving(document, store.state.selection);
    const moves = frame !== null && frame !== store.state.frame;
    store.update({ document, history, selection, vertex: null, ...(moves ? { frame } : {}) });
    say(moves ? `${verb} on frame ${frame}: ${label}` : `${verb}: ${label}`);
  }

  return {
    config,
    ontology,
    media,
    store,
    /** The document as the server gave it. */
    opened,
    interpolates,
    /** Whether the label of this identifier may be changed at all; null = one that is yet to be made. */
    isClosed: (id) => Boolean(guard && !guard.covers(id)),
    window: windowVerbs(store, media),
    moveWindow: (by) => windowVerbs(store, media).move(by),
    get state() {
      return store.state;
    },
    size,
    say,
    commit,
    undo: () => travel(histories.undo(store.state.history, store.state.document), "Undone"),
    redo: () => travel(histories.redo(store.state.history, store.state.document), "Redone"),

    select(ids, vertex = null) {
      const { selection } = store.state;
      const same = ids.length === selection.length && ids.every((id, index) => id === selection[index]);
      store.update({ selection: same ? selection : ids, vertex });
      if (!same && ids.length)
        say(ids.length === 1 ? `${this.nameOf(ids[0])} selected` : `${ids.length} labels selected`);
    },

    /** Show another frame; the selection stays, whether it is there or not. */
    go(frame) {
      const target = media.clampFrame(frame);
      if (target !== store.state.frame) store.update({ frame: target, vertex: null });
    },

    /** "Frame 112 of 1,499, 00:04.48" */
    frameText() {
      const { frame } = store.state;
      const about = media.hasTimes ? clockOf(media.timeMs(frame)) : media.name(frame);
      return `Frame ${whole(frame)} of ${whole(media.last)}${about ? `, ${about}` : ""}`;
    },

    /** "White blood cell (0)" */
    nameOf(id, document = store.state.document) {
      const object = objectById(document, id);
      return object ? `${ontology.object(object.node).name} (${instanceNumbers(document).get(id)})` : "Label";
    },

    /** Replace the whole document as one step that can be undone (a restored draft, the other side of a conflict). */
    replaceDocument(document, label) {
      const next = completeDocument(document);
      const { history, selection, frame } = store.state;
      store.update({
        document: next,
        history: histories.record(history, { label, before: store.state.document, at: now(), frame }),
        selection: surviving(next, selection),
        vertex: null,
      });
      say(label);
    },

    toggle(set, ids) {
      const next = new Set(store.state[set]);
      const all = ids.every((id) => next.has(id));
      for (const id of ids) all ? next.delete(id) : next.add(id);
      store.update({ [set]: next });
      const word = { hidden: all ? "shown" : "hidden", locked: all ? "unlocked" : "locked" }[set];
      say(ids.length === 1 ? `${this.nameOf(ids[0])} ${word}` : `${ids.length} labels ${word}`);
    },

    editable: () => store.state.selection.filter((id) => !store.state.locked.has(id)),

    /** The visible shapes of the current frame for drawing and hit testing, what lies on top last. */
    shapes() {
      const { document, frame, hidden, locked } = store.state;
      const key = [document, frame, hidden, locked];
      // Asked on every move of the pointer.
      if (key.every((value, index) => value === visible.key[index])) return visible.shapes;
      const shapes = inOrder(shapesOn(document, frame))
        .filter(({ object }) => !hidden.has(object.id))
        .map(({ object, label }) => ({
          id: object.id,
          node: object.node,
          geometry: label.geometry,
          z: orderOf(object),
          locked: locked.has(object.id),
          get name() {
            return `${ontology.object(object.node).name} (${instanceNumbers(document).get(object.id)})`;
          },
        }));
      visible = { key, shapes };
      return shapes;
    },

    /** The object and label that the attributes panel shows: exactly one selected. */
    selected() {
      const { document, selection, frame } = store.state;
      const object = selection.length === 1 ? objectById(document, selection[0]) : null;
      return object ? { object, label: labelOn(object, frame) } : null;
    },

    deleteSelection() {
      const ids = this.editable();
      if (!ids.length)
        return say(store.state.selection.length ? "Locked labels cannot be deleted" : "Nothing is selected");
      const label = ids.length === 1 ? `Delete ${this.nameOf(ids[0])}` : `Delete ${ids.length} labels`;
      return commit({
        label: media.isMany ? `${label} on every frame` : label,
        change: (document) => actions.deleteObjects(document, ids),
        select: [],
        vertex: null,
      });
    },

    /** Delete what is selected on this frame; an instance that is on no other frame goes, the others stay selected. */
    deleteHere() {
      const { frame, document } = store.state;
      const ids = this.editable().filter((id) => labelOn(objectById(document, id), frame));
      if (!media.isMany) return this.deleteSelection();
      if (!ids.length) return say("Nothing selected has a label on this frame");
      const name = ids.length === 1 ? this.nameOf(ids[0]) : `${ids.length} labels`;
      return commit({
        label: `Delete ${name} on frame ${frame}`,
        change: (current) => deleteRange(current, ids, [frame, frame]),
        vertex: null,
      });
    },
  };
}
