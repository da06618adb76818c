/** Classes of the ontology with their keys, the frame labels, and the brightness of the picture. */

import { createAnswering } from "../answering.js";
import { classificationOn } from "../document.js";
import { el, swatch } from "../dom.js";
import { keyWords } from "../key_bindings.js";
import { SHAPE_NAMES } from "../ontology.js";
import { createAdjust } from "./adjust.js";
import { createForm } from "./form.js";
import { createBadge } from "./scope_menu.js";

const keyCap = (key) => key && el("kbd", { text: keyWords(key).join(" ") });

function classButton(cls, { session, commands }) {
  const button = el(
    "button",
    {
      type: "button",
      class: "ed-class",
      title: `${cls.name}: ${SHAPE_NAMES[cls.shape] ?? cls.shape}`,
      data: { class: cls.hash },
      on: { click: () => commands.pickClass(cls.hash) },
    },
    swatch(cls.colour),
    el("span", { class: "ed-class-name", text: cls.name }),
    keyCap(cls.key),
  );
  session.store.watch(
    (state) => [state.activeClass, state.canEdit],
    (state) => button.setAttribute("aria-pressed", String(state.canEdit && state.activeClass === cls.hash)),
  );
  return button;
}

function frameLabel(entry, { session }) {
  const { store } = session;
  const answering = createAnswering(session);
  const badgeOf = (attribute, depth) =>
    !entry.global && session.media.isMany && !depth
      ? createBadge({
          session,
          answering,
          spread: (range) => answering.spreadFrameLabel(entry, range),
          clear: (range) => answering.spreadFrameLabel(entry, range, { clears: true }),
        })
      : null;
  const form = createForm((hash, value, how) => answering.frameLabel(entry, hash, value, how), { badgeOf });
  store.watch(
    (state) => [state.document, state.frame, state.canEdit],
    ({ document, frame, canEdit }) => {
      const known = classificationOn(document, entry.hash, entry.global ? null : frame);
      const disabled = !canEdit || session.isClosed(known?.id ?? null);
      form.show({ attributes: entry.attributes, answers: known?.answers ?? {}, disabled });
    },
  );
  return el(
    "div",
    { class: "ed-frame-label", data: { classification: entry.hash } },
    swatch(entry.colour),
    form.element,
    keyCap(entry.key),
  );
}

function section(title, content) {
  return el("section", { class: "ed-section" }, el("h2", { class: "ed-heading", text: title }), content);
}

export function createClasses(context) {
  const { session } = context;
  const { classes, classifications } = session.ontology;
  const global = classifications.filter((entry) => entry.global);
  const perFrame = classifications.filter((entry) => !entry.global);
  return el(
    "aside",
    { class: "ed-left", "aria-label": "Classes and frame labels" },
    el(
      "div",
      { class: "ed-scroll" },
      classes.length > 0 &&
        section(
          "Classes",
          el(
            "div",
            { class: "ed-classes" },
            classes.map((cls) => classButton(cls, context)),
          ),
        ),
      perFrame.length > 0 &&
        section(
          "Frame labels",
          perFrame.map((entry) => frameLabel(entry, context)),
        ),
      global.length > 0 &&
        section(
          "Global labels",
          global.map((entry) => frameLabel(entry, context)),
        ),
      !classes.length &&
        !classifications.length &&
        el("p", { class: "ed-empty", text: "This ontology has no classes yet." }),
    ),
    createAdjust(context),
  );
}
