/** What a person set for themselves: kept in this browser at once, and with the account where the server offers it. */

const KEY = "annotrain-editor-settings";
const SEND_AFTER_MS = 800;

const KINDS = {
  crosshair: "boolean",
  names: "boolean",
  snap: "boolean",
  pixelGrid: "boolean",
  wheelPans: "boolean",
  strength: "number",
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
    Object.entries(KINDS)
      .filter(
        ([name, kind]) => typeof raw?.[name] === kind && (kind !== "number" || Number.isFinite(raw[name])),
      )
      .map(([name]) => [name, raw[name]]),
  );
}

export function storedSettings(storage = globalThis.localStorage) {
  try {
    return cleanSettings(JSON.parse(storage.getItem(KEY) ?? "{}"));
  } catch {
    return {};
  }
}

/** Remember every change of the store's settings; brightness belongs to a picture, so it stays in this browser's session. */
export function rememberSettings({ store, api, url, storage = globalThis.localStorage }) {
  let timer = null;
  let known = store.state.settings;
  store.watch(
    (state) => [state.settings],
    ({ settings }) => {
      if (settings === known) return;
      known = settings;
      const { brightness, contrast, ...lasting } = settings;
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
