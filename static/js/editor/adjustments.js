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

const keyOf = (config) => `annotrain-picture/${config.project?.title ?? ""}`;
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/**
 * What this browser's session remembers of the pictures of a project: `{settings, window}`. The next task shows pictures of
 * the same kind, another project does not.
 */
export function storedPicture(config, storage = globalThis.sessionStorage) {
  try {
    const raw = JSON.parse(storage.getItem(keyOf(config)) ?? "{}");
    const settings = ADJUSTMENTS.filter(({ name, min, max }) => raw[name] >= min && raw[name] <= max);
    const { center, width } = raw.window ?? {};
    return {
      settings: Object.fromEntries(settings.map(({ name }) => [name, raw[name]])),
      window: isNumber(center) && isNumber(width) && width >= 1 ? { center, width } : null,
    };
  } catch {
    return { settings: {}, window: null };
  }
}

export function rememberPicture({ store, config }, storage = globalThis.sessionStorage) {
  store.watch(
    (state) => [...ADJUSTMENTS.map(({ name }) => state.settings[name]), state.window],
    ({ settings, window }) => {
      const picture = Object.fromEntries(ADJUSTMENTS.map(({ name }) => [name, settings[name]]));
      try {
        storage.setItem(keyOf(config), JSON.stringify({ ...picture, window }));
      } catch {
        // Private windows may refuse; it then lasts as long as the page.
      }
    },
  );
}
