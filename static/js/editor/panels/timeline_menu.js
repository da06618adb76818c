/** The menu of a frame label, or of an answer that changes over time, on the timeline: about the stretch around the current frame. */

import { objectById } from "../document.js";
import { answerOnFrames, classifyFrames, clearClassification } from "../frame_answers.js";
import { framesOf, framesText } from "../ranges.js";
import { stretchAt, trackOf } from "../timeline_rows.js";

const MOST_OPTIONS = 12;

/** The change that answers the row with `value` on frames; null takes the answer away. */
function answering(row, frames, value, ontology) {
  if (row.kind === "attribute")
    return (document) => answerOnFrames(document, row.id, frames, row.hash, value, ontology);
  return (document) =>
    value === null
      ? clearClassification(document, row.node, frames)
      : classifyFrames(document, row.node, frames, row.hash, value, ontology);
}

/** `row` is one of values; the entries are for `openMenuAt`. */
export function valueEntries({ session }, row) {
  const { store, media, ontology } = session;
  const { document, frame, canEdit, locked } = store.state;
  const runs = row.kind === "attribute" ? trackOf(objectById(document, row.id)).runs : [[0, media.last]];
  const stretch = stretchAt(row, frame, runs);
  if (!stretch) return [{ iconName: "alert-circle", label: "Not on this frame", run: () => {} }];
  const { from, to, text } = stretch;
  const mayChange = canEdit && !locked.has(row.id) && !session.isClosed(row.id);
  const answer = (range, value) => () =>
    session.commit({
      label: `${value === null ? "Clear" : "Answer"} ${row.name}, ${framesText([range])}`,
      change: answering(row, framesOf(range), value, ontology),
    });
  return [
    { heading: `${text ?? "Not answered"}, ${framesText([[from, to]])}` },
    ...(mayChange
      ? row.options.slice(0, MOST_OPTIONS).map((option) => ({
          iconName: option.label === text ? "check" : "point",
          label: option.label,
          run: answer([from, to], option.featureNodeHash),
        }))
      : []),
    { rule: true },
    { iconName: "player-skip-back", label: "To its first frame", run: () => session.go(from) },
    { iconName: "player-skip-forward", label: "To its last frame", run: () => session.go(to) },
    ...(from < to
      ? [
          {
            iconName: "arrow-autofit-width",
            label: "Mark these frames",
            run: () => store.update({ range: [from, to] }),
          },
        ]
      : []),
    ...(mayChange && text !== undefined
      ? [
          { rule: true },
          ...(frame > from
            ? [{ iconName: "trash", label: "Clear from here on", danger: true, run: answer([frame, to], null) }]
            : []),
          { iconName: "trash", label: "Clear these frames", danger: true, run: answer([from, to], null) },
        ]
      : []),
  ];
}
