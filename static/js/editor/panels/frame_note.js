/** What stands on the stage while the picture of the current frame is not there: loading, still being made, failed. */

import { el, icon } from "../dom.js";

export function createFrameNote({ session, frames }) {
  const { store, media } = session;
  const mark = icon("loader-2");
  mark.classList.add("turning");
  const warning = icon("alert-circle");
  const text = el("span", {});
  const retry = el("button", {
    type: "button",
    class: "btn btn-small",
    text: "Try again",
    on: { click: () => frames.retry() },
  });
  const note = el(
    "div",
    { class: "ed-frame-note", role: "status", hidden: true },
    mark,
    warning,
    text,
    retry,
  );

  const whole = (value) => value.toLocaleString("en-GB");

  function words({ frame, state, message }, ingest) {
    const name = media.isMany ? `Frame ${whole(frame)}` : "The picture";
    if (state === "failed") return media.isMany ? `${name}: ${message}` : message;
    if (state === "waiting")
      return `${name} is still being made: ${whole(ingest?.ready ?? media.ready)} of ${whole(media.count)} are ready.`;
    return `Loading ${media.isMany ? `frame ${whole(frame)}` : "the picture"} …`;
  }

  store.watch(
    (state) => [state.picture, state.frame, state.ingest],
    ({ picture, frame, ingest }) => {
      const isOpening = picture.state === "loading" && !media.isMany;
      note.hidden = picture.state === "ready" || picture.frame !== frame || isOpening;
      if (note.hidden) return;
      const failed = picture.state === "failed";
      warning.classList.toggle("is-gone", !failed);
      mark.classList.toggle("is-gone", failed);
      retry.hidden = !failed;
      text.textContent = words(picture, ingest);
    },
  );
  return note;
}
