/** What is selected: name, size, and its attributes. */

import { answerObject } from "../actions.js";
import { el, swatch } from "../dom.js";
import { describe } from "../geometry.js";
import { SHAPE_NAMES } from "../ontology.js";
import { createForm } from "./form.js";
import { createVertexList } from "./vertex_list.js";

export function createSelection({ session, commands }) {
  const { ontology, store } = session;
  const name = el("h2", { class: "clip" });
  const colour = el("span", { class: "ed-row-colour" });
  const size = el("span", { class: "meta number" });
  const note = el("p", { class: "ed-note meta" });
  const form = createForm((hash, value, { typing }) => {
    const [id] = store.state.selection;
    const { frame } = store.state;
    session.commit({
      label: `Answer ${session.nameOf(id)}`,
      change: (document) => answerObject(document, id, frame, hash, value, ontology),
      mergeKey: typing ? `answer/${id}/${hash}` : null,
    });
  });
  const head = el("div", { class: "ed-selection-head" }, colour, name, el("span", { class: "ed-gap" }), size);
  const panel = el(
    "section",
    { class: "ed-selection", "aria-label": "Selected label", hidden: true },
    head,
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
    form.element.hidden = !cls.attributes.length;
    note.hidden = cls.attributes.length > 0 || cls.shape === "skeleton";
    note.textContent = "This class has no attributes.";
    form.show({
      attributes: cls.attributes,
      answers: { ...object.answers, ...(label?.answers ?? {}) },
      disabled: !canEdit || locked.has(object.id),
      scope: `${object.id}/${frame}/${object.node}`,
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
