/**
 * On which frames an answer holds, and the steps that give it: to the next change by default, on the frames marked on the
 * timeline while one of them is shown, or as the person chose. No DOM.
 */

import { answerClassification, answerObject } from "./actions.js";
import { objectById } from "./document.js";
import * as answers from "./frame_answers.js";
import { isDynamic } from "./ontology.js";
import { framesOf, framesText, rangesOf } from "./ranges.js";

export const SCOPES = [
  { key: "change", label: "To the next change" },
  { key: "frame", label: "On this frame only" },
  { key: "all", label: "On every frame" },
];

export function createAnswering(session) {
  const { store, media, ontology } = session;
  const scope = () => store.state.answerScope ?? (media.isContinuous ? "change" : "frame");

  function chosen(untilChange, all) {
    const { range, frame } = store.state;
    if (range && range[0] <= frame && frame <= range[1]) return framesOf(range);
    return { change: untilChange, frame: () => [frame], all }[scope()]();
  }

  function objectFrames(object, hash) {
    const all = () => object.labels.map(({ frame }) => frame);
    return chosen(() => answers.framesUntilChange(object, store.state.frame, hash), all);
  }

  const labelFrames = (node) =>
    chosen(
      () => answers.classificationUntilChange(store.state.document, node, store.state.frame, media.last),
      () => framesOf([0, media.last]),
    );

  const on = (frames) => (frames.length && media.isMany ? `, ${framesText(rangesOf(frames))}` : "");

  return {
    scope,
    setScope: (key) => store.update({ answerScope: key }),

    /** Answer an attribute of an instance. */
    object(id, hash, value, { typing = false } = {}) {
      const object = objectById(store.state.document, id);
      const { frame } = store.state;
      const { attributes } = ontology.object(object.node);
      const mergeKey = typing ? `answer/${id}/${hash}` : null;
      if (!isDynamic(attributes, hash) || !media.isMany) {
        const change = (document) => answerObject(document, id, frame, hash, value, ontology);
        return session.commit({ label: `Answer ${session.nameOf(id)}`, change, mergeKey });
      }
      const frames = objectFrames(object, hash);
      return session.commit({
        label: `Answer ${session.nameOf(id)}${on(frames)}`,
        change: (document) => answers.answerOnFrames(document, id, frames, hash, value, ontology),
        mergeKey,
      });
    },

    /** Answer a frame label, or a global one. */
    frameLabel(entry, hash, value, { typing = false } = {}) {
      const { frame } = store.state;
      const mergeKey = typing ? `answer/${entry.hash}/${hash}` : null;
      if (entry.global || !media.isMany) {
        const change = (document) => answerClassification(document, entry.hash, frame, hash, value, ontology);
        return session.commit({ label: `Answer ${entry.name}`, change, mergeKey });
      }
      const frames = labelFrames(entry.hash);
      return session.commit({
        label: `Answer ${entry.name}${on(frames)}`,
        change: (document) => answers.classifyFrames(document, entry.hash, frames, hash, value, ontology),
        mergeKey,
      });
    },

    /** The answer of this frame on a range, for an instance's attribute. */
    spreadObject(id, hash, range) {
      const object = objectById(store.state.document, id);
      const value = object.labels.find(({ frame }) => frame === store.state.frame)?.answers[hash] ?? null;
      return session.commit({
        label: `Answer ${session.nameOf(id)}, ${framesText([range])}`,
        change: (document) => answers.answerOnFrames(document, id, framesOf(range), hash, value, ontology),
      });
    },

    /** All answers of a frame label of this frame on a range; `clears` takes them away there. */
    spreadFrameLabel(entry, range, { clears = false } = {}) {
      const frames = framesOf(range);
      const { frame } = store.state;
      return session.commit({
        label: `${clears ? "Clear" : "Answer"} ${entry.name}, ${framesText([range])}`,
        change: (document) =>
          clears
            ? answers.clearClassification(document, entry.hash, frames)
            : answers.spreadClassification(document, entry.hash, frame, frames),
      });
    },
  };
}
