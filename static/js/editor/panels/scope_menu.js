/** The "dynamic" badge beside an answer that may change from frame to frame, and its menu: on which frames answers hold. */

import { SCOPES } from "../answering.js";
import { el } from "../dom.js";
import { openMenuAt } from "./menu.js";
import { askRange } from "./range_dialog.js";

/** `spread(range)` gives the answer of this frame on a range; `clear(range)` takes it away, where there is such a thing. */
export function createBadge({ session, answering, spread, clear = null }) {
  const { store, media } = session;
  const range = (title, button) =>
    askRange({
      title,
      text: "The answer of this frame, on these frames:",
      button,
      range: store.state.range ?? [store.state.frame, media.last],
      last: media.last,
    });
  const pick = (title, button, act) => async () => {
    const chosen = await range(title, button);
    if (chosen) act(chosen);
  };
  const badge = el("button", {
    type: "button",
    class: "ed-badge",
    text: media.isContinuous ? "dynamic" : "per picture",
    "aria-haspopup": "menu",
    title: "May change from frame to frame. Press to choose on which frames an answer holds.",
  });
  badge.addEventListener("click", (event) => {
    event.preventDefault();
    const { left, bottom } = badge.getBoundingClientRect();
    const { range: marked, canEdit } = store.state;
    if (!canEdit) return;
    openMenuAt(
      { x: left, y: bottom + 4 },
      [
        { heading: marked ? `Answers hold on marked frames ${marked[0]}–${marked[1]}` : "An answer holds" },
        ...SCOPES.map(({ key, label }) => ({
          iconName: !marked && answering.scope() === key ? "check" : "point",
          label,
          run: () => {
            store.update({ range: null });
            answering.setScope(key);
          },
        })),
        { rule: true },
        {
          iconName: "arrow-bar-to-right",
          label: "This answer on …",
          run: pick("Answer on a range of frames", "Answer", spread),
        },
        ...(clear
          ? [
              {
                iconName: "trash",
                label: "No answer on …",
                run: pick("Clear on a range of frames", "Clear", clear),
              },
            ]
          : []),
      ],
      "On which frames answers hold",
    );
  });
  return badge;
}
