/** The task was changed somewhere else: both versions side by side, and a choice. Nothing is overwritten before it. */

import { diffSummary } from "../diff.js";
import { el, exactTime } from "../dom.js";
import { shapesOn } from "../document.js";
import { drawPreview } from "../renderer.js";
import { ask } from "./dialogs.js";

const PREVIEW = { width: 600, height: 420 };

function preview(document_, { session, picture }) {
  const { ontology, state } = session;
  const canvas = el("canvas", { class: "ed-preview", ...PREVIEW, "aria-hidden": "true" });
  const shapes = shapesOn(document_, state.frame).map(({ object, label }) => ({
    geometry: label.geometry,
    colour: ontology.object(object.node).colour,
    fill: 0.2,
    width: 2.5,
  }));
  drawPreview(canvas, { picture: picture(), frame: session.size(), shapes });
  return canvas;
}

const amount = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function side(title, about, document_, context) {
  const { objects, classifications } = document_;
  return el(
    "figure",
    { class: "ed-side" },
    preview(document_, context),
    el(
      "figcaption",
      {},
      el("strong", { text: title }),
      el("div", { text: about }),
      el("div", {
        class: "meta",
        text: `${amount(objects.length, "object")}, ${amount(classifications.length, "frame label")}`,
      }),
    ),
  );
}

/** Resolves "mine", "theirs" or null (decide later). */
export function askConflict({ theirs, by, at, draft = false }, context) {
  const mine = draft ? draft.document : context.session.state.document;
  const { added, changed, removed } = diffSummary(theirs, mine);
  const differs = [
    added.length && `${amount(added.length, "label")} only in yours`,
    changed.length && `${changed.length} different`,
    removed.length && `${removed.length} only in the other version`,
  ].filter(Boolean);
  const who = [by && `saved by ${by}`, at && exactTime(at)].filter(Boolean).join(", ");
  return ask({
    title: draft ? "This browser has unsaved work on this task" : "This task was changed somewhere else",
    wide: true,
    body: [
      el("p", {
        text: `The two versions differ: ${differs.join(", ") || "in details"}. Choose which one goes on; you can undo the choice.`,
      }),
      el(
        "div",
        { class: "ed-sides" },
        side(
          "Your version",
          draft ? `kept in this browser, ${exactTime(draft.at)}` : "in this tab, not saved",
          mine,
          context,
        ),
        side("The other version", who || "saved on the server", theirs, context),
      ),
    ],
    buttons: [
      { key: "theirs", label: "Take the other version" },
      { key: "mine", label: "Keep my version", primary: true },
    ],
  });
}
