/** The verbs of labelling over several frames: each is one labelled step that can be undone. */

import { labelOn, newIdentifier, objectById } from "./document.js";
import { askRange } from "./panels/range_dialog.js";
import { framesText } from "./ranges.js";
import * as track from "./track_actions.js";
import { isKey } from "./tracks.js";

export function createTracking({ session }) {
  const { store, media, ontology } = session;
  const here = () => store.state.frame;
  const name = (ids) => (ids.length === 1 ? session.nameOf(ids[0]) : `${ids.length} labels`);

  /** One step on what is selected and not locked; `missing` says why nothing happened. */
  function commit(
    label,
    change,
    { ids = session.editable(), missing = "Nothing to change here", select } = {},
  ) {
    if (!ids.length) return session.say("Locked labels are not changed");
    const done = session.commit({
      label: `${label}`,
      change: (document) => change(document, ids),
      select,
      vertex: null,
    });
    if (!done) session.say(missing);
    return done;
  }

  const isOn = (id, frame = here()) => labelOn(objectById(store.state.document, id), frame);

  function toggleKeyframe() {
    const ids = session.editable();
    const frame = here();
    const all = ids.length && ids.every((id) => isOn(id) && isKey(isOn(id)));
    if (all)
      return commit(
        `Remove key frame ${frame} of ${name(ids)}`,
        (document) => track.removeKeyframe(document, ids, frame),
        {
          missing: "The only key frame of a label stays",
        },
      );
    return commit(`Key frame ${frame} of ${name(ids)}`, (document) =>
      track.addKeyframe(document, ids, frame, { fills: session.interpolates() }),
    );
  }

  function copyToNext() {
    const frame = here();
    if (frame >= media.last) return session.say("This is the last frame");
    const ids = session.editable().filter((id) => isOn(id));
    if (!ids.length) return session.say("Nothing selected has a label on this frame");
    commit(`Copy ${name(ids)} to frame ${frame + 1}`, (document) =>
      track.copyToRange(document, ids, frame, [frame + 1, frame + 1]),
    );
    return session.go(frame + 1);
  }

  /** Ask for a range: what is marked on the timeline, else from here to the end. */
  const range = (title, text, button, from = here()) =>
    askRange({
      title,
      text,
      button,
      range: store.state.range ?? [Math.min(from, media.last), media.last],
      last: media.last,
    });

  async function copyToRange() {
    const frame = here();
    const ids = session.editable().filter((id) => isOn(id));
    if (!ids.length) return session.say("Nothing selected has a label on this frame");
    const chosen = await range(
      `Copy ${name(ids)} to other frames`,
      `The shape and the answers of frame ${frame} replace what is on these frames.`,
      "Copy",
      frame + 1,
    );
    if (!chosen) return undefined;
    return commit(`Copy ${name(ids)} to ${framesText([chosen])}`, (document) =>
      track.copyToRange(document, ids, frame, chosen),
    );
  }

  async function deleteRange() {
    const ids = session.editable();
    const chosen = await range(
      `Delete ${name(ids)} over a range`,
      "On these frames the instance is not in view. An instance without any label left is deleted.",
      "Delete",
    );
    if (!chosen) return undefined;
    return remove(chosen, `on ${framesText([chosen])}`, ids);
  }

  const remove = (frames, words, ids = session.editable()) =>
    commit(`Delete ${name(ids)} ${words}`, (document) => track.deleteRange(document, ids, frames), {
      ids,
      missing: "There is no label to delete there",
    });

  function split() {
    const ids = session.editable();
    if (ids.length !== 1) return session.say("Select one instance to split");
    const id = newIdentifier();
    return commit(
      `Split ${name(ids)} at frame ${here()}`,
      (document) => track.splitAt(document, ids[0], here(), id),
      { select: [id], missing: "The instance has no labels on both sides of this frame" },
    );
  }

  function merge() {
    const [keep, other] = session.editable();
    const { document } = store.state;
    if (!keep || !other) return session.say("Select two instances to merge");
    const [a, b] = [objectById(document, keep), objectById(document, other)];
    if (a.node !== b.node) return session.say("Only instances of one class can be merged");
    const both = a.labels.filter(({ frame }) => labelOn(b, frame)).length;
    const words = both ? `; ${session.nameOf(keep)} is kept on ${both} shared frames` : "";
    return commit(
      `Merge ${session.nameOf(other)} into ${session.nameOf(keep)}${words}`,
      (current) => track.mergeInto(current, keep, other),
      { select: [keep] },
    );
  }

  /** The bar of an instance was pulled from one run of frames to another. */
  function trim(id, run, to) {
    const name = session.nameOf(id);
    const verb = to[1] - to[0] < run[1] - run[0] ? "Trim" : "Extend";
    return commit(`${verb} ${name} to ${framesText([to])}`, (document) => track.trimRun(document, id, run, to), {
      ids: [id],
    });
  }

  return {
    toggleKeyframe,
    trim,
    copyToNext,
    copyToRange,
    deleteRange,
    split,
    merge,
    extendHere: () =>
      commit(`Extend ${name(session.editable())} to frame ${here()}`, (document, ids) =>
        track.extendTo(document, ids, here()),
      ),
    leaveView: () =>
      commit(`${name(session.editable())} out of view from frame ${here()}`, (document, ids) =>
        track.leaveView(document, ids, here()),
      ),
    fillGaps: () =>
      commit(
        `Fill the gaps of ${name(session.editable())}`,
        (document, ids) => track.fillGaps(document, ids, store.state.range ?? undefined),
        { missing: "There is no gap to fill" },
      ),
    deleteBefore: () => remove([0, here() - 1], `before frame ${here()}`),
    deleteAfter: () => remove([here() + 1, media.last], `after frame ${here()}`),
    toggleInterpolation() {
      const { settings } = store.state;
      store.update({ settings: { ...settings, interpolate: !settings.interpolate } });
      session.say(settings.interpolate ? "Interpolation off" : "Interpolation on");
    },
    /** What a track is called at a frame: key frame, interpolated, held or not there. */
    stateOf(id, frame = here()) {
      const label = isOn(id, frame);
      if (!label) return "absent";
      return isKey(label) ? "key" : "between";
    },
    ontology,
  };
}
