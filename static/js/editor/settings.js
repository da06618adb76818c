/** What a person set for themselves: kept in this browser at once, and with the account where the server offers it. */

import { KEY_SETTING } from "./key_bindings.js";

const KEY = "annotrain-editor-settings";
const SEND_AFTER_MS = 800;

const KINDS = {
  crosshair: "boolean",
  names: "boolean",
  snap: "boolean",
  pixelGrid: "boolean",
  wheelPans: "boolean",
  strength: "number",
  rightWidth: "number",
  tool: "string",
  lastClass: "string",
  brightness: "number",
  contrast: "number",
  opacity: "number",
  gamma: "number",
  brush: "number",
  interpolate: "boolean",
  speed: "number",
  timelineHeight: "number",
};

/** Only known names with values of the right kind: local storage can hold anything. */
export function cleanSettings(raw) {
  return Object.fromEntries(
    Object.entries(raw ?? {}).filter(([name, value]) => {
      if (name.startsWith(KEY_SETTING)) return typeof value === "string" && value.length <= 30;
      return (
        Object.hasOwn(KINDS, name) &&
        typeof value === KINDS[name] &&
        (typeof value !== "number" || Number.isFinite(value))
      );
    }),
  );
}

export function storedSettings(storage = globalThis.localStorage) {
  try {
    return cleanSettings(JSON.parse(storage.getItem(KEY) ?? "{}"));
  } catch {
    return {};
  }
}

/** Remember every change of the store's settings, but for those of the picture (adjustments.js). */
export function rememberSettings({ store, api, url, storage = globalThis.localStorage }) {
  let timer = null;
  let known = store.state.settings;
  store.watch(
    (state) => [state.settings],
    ({ settings }) => {
      if (settings === known) return;
      known = settings;
      const { brightness, contrast, gamma, ...lasting } = settings;
      try {
        storage.setItem(KEY, JSON.stringify(lasting));
      } catch {
        // Private windows may refuse; the setting then lasts as long as the page.
      }
      clearTimeout(timer);
      if (url) timer = setTimeout(() => api.post(url, cleanSettings(lasting)), SEND_AFTER_MS);
    },
  );
}
