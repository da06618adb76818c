/** The task was changed somewhere else: both versions side by side, and a choice. Nothing is overwritten before it. */

import { differingFrames, diffSummary } from "../diff.js";
import { el, exactTime, iconButton } from "../dom.js";
import { shapesOn } from "../document.js";
import { drawPreview } from "../renderer.js";
import { framesText, rangesOf } from "../ranges.js";
import { ask } from "./dialogs.js";

const PREVIEW = { width: 600, height: 420 };

/** A still picture of the current frame; `draw` paints it again when the frame or its picture changed. */
function preview(document_, { session, picture }) {
  const canvas = el("canvas", { class: "ed-preview", ...PREVIEW, "aria-hidden": "true" });
  canvas.draw = () => drawSide(canvas, document_, { session, picture });
  canvas.draw();
  return canvas;
}

function drawSide(canvas, document_, { session, picture }) {
  const { ontology, state } = session;
  const shapes = shapesOn(document_, state.frame).map(({ object, label }) => ({
    geometry: label.geometry,
    colour: ontology.object(object.node).colour,
    fill: 0.2,
    width: 2.5,
  }));
  drawPreview(canvas, { picture: picture(), frame: session.size(), shapes });
}

/** With several frames: the first one that differs is shown, and one can step through the others. */
function frameSteps(frames, { session }) {
  const words = el("span", { class: "number" });
  const step = (name, label, by) =>
    iconButton(name, label, {
      on: {
        click: () => {
          const { frame } = session.state;
          session.go(
            (by > 0 ? frames.find((other) => other > frame) : frames.findLast((other) => other < frame)) ??
              frame,
          );
        },
      },
    });
  session.store.watch(
    (state) => [state.frame],
    ({ frame }) => (words.textContent = `Frame ${frame}`),
  );
  return el(
    "div",
    { class: "line", role: "group", "aria-label": "Frames that differ" },
    step("chevron-left", "Previous frame that differs", -1),
    words,
    step("chevron-right", "Next frame that differs", 1),
    el("span", { class: "meta", text: `The versions differ on ${framesText(rangesOf(frames), 4)}.` }),
  );
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

const whoSaved = (by, at) => [by && `saved by ${by}`, at && exactTime(at)].filter(Boolean).join(", ");

/** Resolves "mine", "theirs" or null (decide later). */
export async function askConflict({ theirs, by, at, draft = false }, context) {
  const mine = draft ? draft.document : context.session.state.document;
  const { added, changed, removed } = diffSummary(theirs, mine);
  const differs = [
    added.length && `${amount(added.length, "label")} only in yours`,
    changed.length && `${changed.length} different`,
    removed.length && `${removed.length} only in the other version`,
  ].filter(Boolean);
  const frames = context.session.media.isMany ? differingFrames(theirs, mine) : [];
  if (frames.length && !frames.includes(context.session.state.frame)) context.session.go(frames[0]);
  const sides = el(
    "div",
    { class: "ed-sides" },
    side(
      "Your version",
      draft ? `kept in this browser, ${exactTime(draft.at)}` : "in this tab, not saved",
      mine,
      context,
    ),
    side("The other version", whoSaved(by, at) || "saved on the server", theirs, context),
  );
  const stopWatching = context.session.store.watch(
    (state) => [state.frame, state.picture],
    () => sides.querySelectorAll("canvas").forEach((canvas) => canvas.draw()),
  );
  const choice = await ask({
    title: draft ? "This browser has unsaved work on this task" : "This task was changed somewhere else",
    wide: true,
    body: [
      el("p", {
        text: `The two versions differ: ${differs.join(", ") || "in details"}. Choose which one goes on; you can undo the choice.`,
      }),
      frames.length > 0 && frameSteps(frames, context),
      sides,
    ],
    buttons: [
      { key: "theirs", label: "Take the other version" },
      { key: "mine", label: "Keep my version", primary: true },
    ],
  });
  stopWatching();
  return choice;
}
