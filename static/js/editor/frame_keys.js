/**
 * The keys of frames and tracks, in one table like all others (commands.js). Where there is one frame there are none.
 *
 * Frames have . and , and the arrows as long as nothing selected is on the frame that the arrows would move; key frames PageUp and
 * PageDown; F makes a key frame. The points of a label then have Alt with . and , (editing_keys.js).
 */

import { ADJUSTMENTS } from "./adjustments.js";
import { commandsOf } from "./commands.js";
import { createTracking } from "./tracking.js";
import { stopBeside, timelineRows } from "./timeline_rows.js";

const LEAP = 10;

/** Back to the picture as it is; in every medium. */
function pictureCommands({ store, window, media, say }) {
  return [
    {
      id: "reset-picture",
      group: "View",
      label: "Picture as it is",
      keys: ["shift+w"],
      run() {
        const neutral = Object.fromEntries(ADJUSTMENTS.map(({ name, initial }) => [name, initial]));
        store.update({ settings: { ...store.state.settings, ...neutral } });
        if (media.pixels) window.reset();
        say("Picture as it is");
      },
    },
    ...(media.pixels
      ? [
          {
            id: "invert",
            group: "View",
            label: "Invert black and white",
            keys: ["shift+i"],
            run: window.invert,
          },
        ]
      : []),
  ];
}

export function frameCommands(context) {
  const { session, playback } = context;
  const { media, store } = session;
  if (!media.isMany) return pictureCommands(session);
  const tracking = createTracking(context);
  context.commands.tracking = tracking;

  /** A person's own step ends playing. */
  const go = (frame) => {
    playback.stop();
    session.go(frame);
    session.say(session.frameText(), { quiet: true });
  };
  const step = (by) => () => go(store.state.frame + by);
  const stop = (by) => () => {
    const { document, selection, frame } = store.state;
    // In compare mode the stops are the frames with differences.
    const rows = context.commands.stops ?? timelineRows(document, session.ontology);
    const chosen = rows.filter(({ id }) => selection.includes(id));
    const target = stopBeside(chosen.length ? chosen : rows, frame, by);
    if (target === null) return session.say(`No ${by > 0 ? "later" : "earlier"} ${stopName}`);
    go(target);
  };
  const canEdit = () => store.state.canEdit;
  const chosen = () => store.state.selection.length > 0;
  const mayChange = () => canEdit() && chosen();
  const pair = () => canEdit() && store.state.selection.length === 2;
  /** Whether the arrows have nothing to move on this frame. */
  const free = () => !canEdit() || !session.shapes().some(({ id }) => store.state.selection.includes(id));
  const continuous = media.isContinuous;
  const stopName = context.mode.panes === "two" ? "difference" : continuous ? "key frame" : "label";

  // prettier-ignore
  const rows = [
    ["next-frame", "Frames", "Next frame", ["."], step(1)],
    ["previous-frame", "Frames", "Previous frame", [","], step(-1)],
    ["next-frame-arrow", null, "", ["arrowright"], step(1), free],
    ["previous-frame-arrow", null, "", ["arrowleft"], step(-1), free],
    ["frame-arrows", "Frames", "The same while nothing is selected", ["arrows"], () => {}, () => false],
    ["next-frames", "Frames", `${LEAP} frames on`, [">"], step(LEAP)],
    ["previous-frames", "Frames", `${LEAP} frames back`, ["<"], step(-LEAP)],
    ["first-frame", "Frames", "First frame", ["home"], () => go(0)],
    ["last-frame", "Frames", "Last frame", ["end"], () => go(media.last)],
    ["next-stop", "Frames", `Next ${stopName}`, ["pagedown"], stop(1)],
    ["previous-stop", "Frames", `Previous ${stopName}`, ["pageup"], stop(-1)],
    ["play", "Frames", "Play or pause (or a tap on Space)", ["m"], playback.toggle],
    ["pause", null, "", [], playback.stop],
    ["faster", "Frames", "Faster", ["ctrl+>", "ctrl+."], () => playback.changeSpeed(1)],
    ["slower", "Frames", "Slower", ["ctrl+<", "ctrl+,"], () => playback.changeSpeed(-1)],
    ["go-to-frame", "Frames", "Go to a frame", ["g"], () => document.querySelector(".ed-frame-field")?.focus()],

    ["keyframe", continuous ? "Tracks" : null, "Key frame here, or no longer", continuous ? ["f"] : [], tracking.toggleKeyframe, mayChange],
    ["copy-to-next", "Tracks", "Copy to the next frame and go there", ["n"], tracking.copyToNext, mayChange],
    ["copy-to-range", "Tracks", "Copy to a range of frames", ["shift+n"], tracking.copyToRange, mayChange],
    ["extend-here", continuous ? "Tracks" : null, "Extend the track to this frame", continuous ? ["shift+f"] : [], tracking.extendHere, mayChange],
    ["leave-view", continuous ? "Tracks" : null, "Out of view from here to the next key frame", continuous ? ["u"] : [], tracking.leaveView, mayChange],
    ["split", "Tracks", "Split the instance here in two", ["shift+s"], tracking.split, mayChange],
    ["merge", "Tracks", "Merge two instances", ["shift+m"], tracking.merge, pair],
    ["fill-gaps", null, "Fill the gaps", [], tracking.fillGaps, mayChange],
    ["delete-range", "Tracks", "Delete over a range", ["ctrl+delete"], tracking.deleteRange, mayChange],
    ["delete-before", null, "Delete before this frame", [], tracking.deleteBefore, mayChange],
    ["delete-after", null, "Delete after this frame", [], tracking.deleteAfter, mayChange],
    ["delete-everywhere", "Tracks", "Delete on every frame", ["shift+delete"], () => session.deleteSelection(), mayChange],
    ["toggle-interpolation", null, "Interpolate between key frames", [], tracking.toggleInterpolation, canEdit],
  ];
  return [...commandsOf(rows), ...pictureCommands(session)];
}
