/** What is selected: name, size, and its attributes. */

import { createAnswering } from "../answering.js";
import { el, swatch } from "../dom.js";
import { describe } from "../geometry.js";
import { SHAPE_NAMES } from "../ontology.js";
import { createForm } from "./form.js";
import { createBadge } from "./scope_menu.js";
import { createTrackNote } from "./track_note.js";
import { createVertexList } from "./vertex_list.js";

export function createSelection({ session, commands }) {
  const { ontology, store } = session;
  const name = el("h2", { class: "clip" });
  const colour = el("span", { class: "ed-row-colour" });
  const size = el("span", { class: "meta number" });
  const note = el("p", { class: "ed-note meta" });
  const answering = createAnswering(session);
  const badgeOf = (attribute, depth) =>
    attribute.dynamic && session.media.isMany && !depth
      ? createBadge({
          session,
          answering,
          spread: (range) =>
            answering.spreadObject(store.state.selection[0], attribute.featureNodeHash, range),
        })
      : null;
  const form = createForm(
    (hash, value, how) => answering.object(store.state.selection[0], hash, value, how),
    {
      badgeOf,
    },
  );
  const track = createTrackNote({ session, commands });
  const head = el(
    "div",
    { class: "ed-selection-head" },
    colour,
    name,
    el("span", { class: "ed-gap" }),
    size,
    track.chip,
  );
  const panel = el(
    "section",
    { class: "ed-selection", "aria-label": "Selected label", hidden: true },
    head,
    track.note,
    createVertexList({ session, commands }),
    form.element,
    note,
  );

  function show({ selection, locked, canEdit, frame }) {
    panel.hidden = !selection.length;
    if (selection.length !== 1) {
      name.textContent = selection.length ? `${selection.length} labels selected` : "";
      colour.replaceChildren();
      size.textContent = "";
      note.textContent = "Move, hide, lock, copy or delete them together.";
      note.hidden = false;
      form.element.hidden = true;
      return;
    }
    const { object, label } = session.selected();
    const cls = ontology.object(object.node);
    name.textContent = session.nameOf(object.id);
    colour.replaceChildren(swatch(cls.colour));
    size.textContent = label ? describe(label.geometry, session.size(frame)) : "";
    size.title = SHAPE_NAMES[cls.shape] ?? "";
    name.title = `${name.textContent} · ${size.textContent}`;
    // What may change from frame to frame can only be answered where the instance is.
    const attributes = label ? cls.attributes : cls.attributes.filter((attribute) => !attribute.dynamic);
    form.element.hidden = !attributes.length;
    note.hidden = cls.attributes.length > 0 || cls.shape === "skeleton" || !label;
    note.textContent = "This class has no attributes.";
    form.show({
      attributes,
      answers: { ...object.answers, ...(label?.answers ?? {}) },
      disabled: !canEdit || locked.has(object.id),
      scope: `${object.id}/${object.node}`,
    });
  }

  store.watch((state) => [state.document, state.selection, state.frame, state.locked, state.canEdit], show);
  store.watch(
    (state) => [state.focusField],
    ({ focusField }) => {
      if (!focusField) return;
      const target = document.querySelector(
        `.ed [data-field="${CSS.escape(focusField.hash)}"]:not(:disabled)`,
      );
      target?.focus();
      target?.scrollIntoView({ block: "nearest" });
    },
  );
  return panel;
}
