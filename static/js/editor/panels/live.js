/** Says what happened to those who do not see it, and briefly to those who do. */

import { el } from "../dom.js";

const VISIBLE_MS = 2600;

export function createLive(session) {
  const spoken = el("div", {
    class: "visually-hidden",
    role: "status",
    "aria-live": "polite",
    id: "editor-live",
  });
  const seen = el("div", { class: "ed-flash", "aria-hidden": "true", hidden: true });
  let timer = null;
  session.store.watch(
    (state) => [state.announcement],
    ({ announcement }) => {
      if (!announcement.text) return;
      // The same sentence twice is announced twice only when the text differs.
      spoken.textContent =
        announcement.text === spoken.textContent ? `${announcement.text}\u00a0` : announcement.text;
      seen.textContent = announcement.text;
      seen.hidden = announcement.quiet;
      clearTimeout(timer);
      timer = setTimeout(() => (seen.hidden = true), VISIBLE_MS);
    },
  );
  return { spoken, seen };
}
