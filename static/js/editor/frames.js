/**
 * The picture of the current frame: asks the cache for it, says in the store how far it is, waits for frames that are
 * still being made, and gives measured values their grey.
 *
 * `state.picture` = {frame, state: "loading" | "waiting" | "ready" | "failed", message}.
 */

import { createFrameCache } from "./frame_cache.js";
import { bytesOf, loaderOf, release } from "./pictures.js";
import { greyTable, paintGrey } from "./window_level.js";

/** A frame that takes longer leaves the stage empty: labels must not be drawn on the picture of another frame. */
const PATIENCE_MS = 180;
const POLL_MS = 1500;

export function createFrames({ session, api, redraw, load = loaderOf(session.media) }) {
  const { store, media } = session;
  const ingest = { ready: media.ready, error: null };
  const cache = createFrameCache({
    count: media.count,
    load,
    bytesOf,
    release,
    usable: () => ingest.ready,
  });
  let shown = { frame: null, picture: null };
  let direction = 1;
  let grey = null;
  let sheet = null;
  let patience = null;

  const say = (frame, state, message = "") => store.update({ picture: { frame, state, message } });

  function put(frame, picture) {
    clearTimeout(patience);
    shown = { frame, picture };
    grey = null;
    if (store.state.picture?.frame !== frame || store.state.picture.state !== "ready") say(frame, "ready");
    redraw();
  }

  /** After a while without the new picture the old one goes. */
  function wait(frame, state) {
    clearTimeout(patience);
    patience = setTimeout(() => {
      if (store.state.frame !== frame || shown.frame === frame) return;
      shown = { frame: null, picture: null };
      say(frame, state);
      redraw();
    }, PATIENCE_MS);
  }

  async function show(frame) {
    if (frame >= ingest.ready) {
      wait(frame, ingest.error ? "failed" : "waiting");
      if (ingest.error) say(frame, "failed", ingest.error);
      return;
    }
    const there = cache.peek(frame);
    if (there) {
      cache.get(frame);
      put(frame, there);
      cache.aim(frame, direction);
      return;
    }
    wait(frame, "loading");
    try {
      const asked = cache.get(frame);
      cache.aim(frame, direction);
      const picture = await asked;
      if (store.state.frame === frame && picture) put(frame, picture);
    } catch (error) {
      if (store.state.frame !== frame || error.name === "AbortError") return;
      clearTimeout(patience);
      shown = { frame: null, picture: null };
      say(frame, "failed", error.message);
      redraw();
    }
  }

  let last = null;
  store.watch(
    (state) => [state.frame],
    ({ frame }) => {
      if (last !== null && frame !== last) direction = frame > last ? 1 : -1;
      last = frame;
      show(frame);
    },
  );
  store.watch(
    (state) => [state.window],
    () => {
      grey = null;
      redraw();
    },
  );

  /** Ingest still runs: ask how far it is until it is done. */
  async function poll() {
    const { status, body } = await api.get(media.statusUrl);
    if (status === 200) {
      ingest.ready = body.ready ?? ingest.ready;
      ingest.error = body.state === "failed" ? body.error || "The frames could not be made." : null;
      store.update({ ingest: { ...ingest } });
      if (shown.frame !== store.state.frame) show(store.state.frame);
    }
    if (ingest.ready < media.count && !ingest.error) setTimeout(poll, POLL_MS);
  }
  if (media.statusUrl && media.ready < media.count) setTimeout(poll, POLL_MS);

  /** Measured values of the current frame in the grey of the window, made once per frame and window. */
  function greyPicture({ values, width, height }) {
    if (grey) return grey;
    if (sheet?.image.width !== width || sheet.image.height !== height) {
      const context = new OffscreenCanvas(width, height).getContext("2d");
      sheet = { context, image: context.createImageData(width, height) };
    }
    paintGrey(values, tableOf(store.state.window), new Uint32Array(sheet.image.data.buffer));
    sheet.context.putImageData(sheet.image, 0, 0);
    grey = sheet.context.canvas;
    return grey;
  }

  let table = { window: null, greys: null };
  function tableOf(window) {
    if (table.window !== window) table = { window, greys: greyTable(window, window.invert) };
    return table.greys;
  }

  return {
    cache,
    /** What can be drawn for the current frame, or null. */
    picture() {
      if (!shown.picture) return null;
      return shown.picture.values ? greyPicture(shown.picture) : shown.picture;
    },
    /** Whether the next step in the direction of travel can be taken without waiting. */
    has: (frame) => cache.has(frame),
    retry: () => show(store.state.frame),
    /** The measured value under a pixel of the frame; null where there is none. */
    valueAt({ x, y }) {
      const picture = shown.picture;
      const [column, line] = [Math.floor(x), Math.floor(y)];
      if (!picture?.values || column < 0 || line < 0 || column >= picture.width || line >= picture.height)
        return null;
      return picture.values[line * picture.width + column];
    },
    values: () => shown.picture?.values ?? null,
  };
}
