import assert from "node:assert/strict";
import test from "node:test";
import { createCommands } from "../../../static/js/editor/commands.js";
import { keyName } from "../../../static/js/editor/hotkeys.js";

const press = (key, more = {}) => ({
  key,
  code: "",
  target: { tagName: "DIV" },
  preventDefault() {
    this.defaultPrevented = true;
  },
  ...more,
});

test("keys have names with their modifiers in a fixed order", () => {
  assert.equal(keyName(press("z", { ctrlKey: true })), "ctrl+z");
  assert.equal(keyName(press("Z", { ctrlKey: true, shiftKey: true, code: "KeyZ" })), "ctrl+shift+z");
  assert.equal(keyName(press("z", { metaKey: true })), "ctrl+z");
  assert.equal(keyName(press("ArrowUp", { shiftKey: true })), "shift+arrowup");
  assert.equal(keyName(press(" ")), "space");
});

test("a sign carries no Shift, a digit with Shift is the digit", () => {
  assert.equal(keyName(press("?", { shiftKey: true, code: "Slash" })), "?");
  assert.equal(keyName(press("!", { shiftKey: true, code: "Digit1" })), "shift+1");
});

test("on a keyboard without latin letters the place of the key counts", () => {
  assert.equal(keyName(press("м", { code: "KeyV" })), "v");
});

function table() {
  const ran = [];
  const commands = createCommands();
  commands.add([
    { id: "box", keys: ["b"], run: () => ran.push("box") },
    { id: "save", keys: ["ctrl+s"], typing: true, run: () => ran.push("save") },
    { id: "never", keys: ["x"], when: () => false, run: () => ran.push("never") },
    { id: "enter", keys: ["enter"], run: () => ran.push("enter") },
  ]);
  return { ran, commands };
}

test("single keys keep quiet while a text is typed, others do not", () => {
  const { ran, commands } = table();
  const input = { tagName: "INPUT", type: "text" };
  commands.onKey(press("b", { target: input }));
  commands.onKey(press("s", { ctrlKey: true, target: input }));
  commands.onKey(press("b", { target: { tagName: "INPUT", type: "radio" } }));
  assert.deepEqual(ran, ["save", "box"]);
});

test("Enter on a button belongs to the button", () => {
  const { ran, commands } = table();
  assert.equal(commands.onKey(press("Enter", { target: { tagName: "BUTTON" } })), false);
  assert.equal(commands.onKey(press("Enter")), true);
  assert.deepEqual(ran, ["enter"]);
});

test("a command that does not apply lets the key pass", () => {
  const { ran, commands } = table();
  const event = press("x");
  assert.equal(commands.onKey(event), false);
  assert.notEqual(event.defaultPrevented, true);
  assert.deepEqual(ran, []);
});
