/**
 * How the picture is shown: brightness, contrast and gamma as filters of the browser, the window of measured values, and the
 * view when the next frame has another size. The picture itself is never changed.
 */

import { draggedWindow, fullWindow } from "./window_level.js";

/** Names, limits and neutral values (per cent) of the sliders. */
export const ADJUSTMENTS = [
  { name: "brightness", label: "Brightness", min: 20, max: 300, initial: 100 },
  { name: "contrast", label: "Contrast", min: 20, max: 300, initial: 100 },
  { name: "gamma", label: "Gamma", min: 20, max: 300, initial: 100 },
];

export const isNeutral = (settings) => ADJUSTMENTS.every(({ name, initial }) => settings[name] === initial);

/** Let panes follow the adjustments and the sizes of frames. */
export function watchPicture(session, panes) {
  const { store, media } = session;
  store.watch(
    (state) => [state.settings.brightness, state.settings.contrast, state.settings.gamma],
    ({ settings }) => {
      for (const pane of panes()) pane.renderer.adjust(settings);
    },
  );
  let shown = media.size(store.state.frame);
  store.watch(
    (state) => [state.frame],
    ({ frame }) => {
      const size = media.size(frame);
      if (size === shown) return;
      for (const pane of panes()) pane.frameResized(shown);
      shown = size;
    },
  );
}

/** The verbs of the window of measured values (DICOM). */
export function windowVerbs(store, media) {
  const set = (window) => store.update({ window: { ...store.state.window, ...window } });
  return {
    set,
    move: (by) => set(draggedWindow(store.state.window, by, media.pixels)),
    full: (values) => values && set(fullWindow(values)),
    reset: () => set({ ...media.pixels.window, invert: Boolean(media.pixels.invert) }),
    invert: () => set({ invert: !store.state.window.invert }),
  };
}
