/** A person's own keys: which commands may have one, what collides, and how the choice is kept. Pure. */

/** Settings with this beginning hold the key of a command: `"key:undo": "ctrl+z"`; an empty one takes the key away. */
export const KEY_SETTING = "key:";

/** What a browser or a dialog needs for itself. */
const RESERVED = new Set([
  "escape", "enter", "tab", "shift+tab", "ctrl+w", "ctrl+t", "ctrl+n", "ctrl+r", "ctrl+shift+t", "ctrl+shift+n",
  "ctrl+shift+w", "ctrl+tab", "f5", "f11", "f12", "alt+f4", "shift", "ctrl", "alt", "meta", "capslock", "dead",
]);

export const isReserved = (key) => RESERVED.has(key);

/** "key:box" -> "q" as {box: "q"}. */
export function ownKeys(settings) {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([name, value]) => name.startsWith(KEY_SETTING) && typeof value === "string")
      .map(([name, value]) => [name.slice(KEY_SETTING.length), value]),
  );
}

/** Whether a command's key is a matter of taste: those of classes are the ontology's, and some rows only explain. */
export function mayChange(command) {
  return Boolean(
    command.group &&
      command.group !== "Classes" &&
      command.defaultKeys?.length &&
      !command.defaultKeys.some((key) => /arrows|…|^space$|^escape$|^enter$/.test(key)),
  );
}

/** Commands that a key already means and that `command` would take it from; what shares a key from the start may go on. */
export function collisions(commands, command, key) {
  return commands.filter(
    (other) =>
      other !== command &&
      other.keys?.includes(key) &&
      !other.defaultKeys.some((own) => command.defaultKeys.includes(own) && own === key),
  );
}

const WORDS = {
  ctrl: "Ctrl",
  shift: "Shift",
  alt: "Alt",
  arrows: "Arrows",
  enter: "Enter",
  escape: "Esc",
  delete: "Del",
  home: "Home",
  end: "End",
  backspace: "Backspace",
  space: "Space",
  pageup: "Page up",
  pagedown: "Page down",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
};

/** The parts of a key as they stand on key caps: ["Ctrl", "Z"]. */
export function keyWords(key) {
  const parts = key === "+" ? ["+"] : key.endsWith("++") ? [...key.slice(0, -2).split("+"), "+"] : key.split("+");
  return parts.map((part) => WORDS[part] ?? part.toUpperCase());
}
