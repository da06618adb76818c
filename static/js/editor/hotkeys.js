/** From a key event to a name like "ctrl+shift+z", and where single keys must keep quiet. Pure but for reading the event. */

const TYPED = new Set(["text", "search", "number", "email", "url", "password", "tel", "date"]);

/** Whether the person is typing a text: single keys belong to it then. */
export function isTyping(target) {
  if (!target?.tagName) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target.tagName === "INPUT" && TYPED.has(target.type);
}

const NATIVE = {
  BUTTON: ["enter", "space"],
  A: ["enter"],
  INPUT: [
    "space",
    "arrowup",
    "arrowdown",
    "arrowleft",
    "arrowright",
    "home",
    "end",
    "backspace",
    "delete",
    "pageup",
    "pagedown",
  ],
  SUMMARY: ["enter", "space"],
  IFRAME: ["space"],
};

/** What a tick box or a radio button needs: less than a field. */
const CHOICE_KEYS = ["space", "arrowup", "arrowdown", "arrowleft", "arrowright", "backspace", "delete"];

/** Whether a focused control needs the key itself. */
export function belongsToControl(target, name) {
  const key = name.split("+").at(-1);
  if (target?.tagName === "INPUT" && ["radio", "checkbox"].includes(target.type))
    return CHOICE_KEYS.includes(key);
  return Boolean(NATIVE[target?.tagName]?.includes(key));
}

/** "ctrl+z", "shift+arrowup", "?", "7". Command counts as Ctrl; signs carry no shift, letters and digits do. */
export function keyName(event) {
  let key = event.key === " " ? "space" : event.key.toLowerCase();
  const digit = /^Digit(\d)$/.exec(event.code ?? "")?.[1];
  const letter = /^Key([A-Z])$/.exec(event.code ?? "")?.[1];
  // Shift turns digits into signs and other scripts have no latin letters: the place of the key decides then.
  if (digit && event.shiftKey) key = digit;
  if (letter && key.length === 1 && !/[a-z]/.test(key)) key = letter.toLowerCase();
  const isSign = key.length === 1 && !/[a-z0-9]/.test(key);
  return [
    (event.ctrlKey || event.metaKey) && "ctrl",
    event.altKey && "alt",
    event.shiftKey && !isSign && "shift",
    key,
  ]
    .filter(Boolean)
    .join("+");
}
