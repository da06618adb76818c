/**
 * Everything a person can do, as one table: the keys, the sheet of keys, the menu and the buttons all read it.
 *
 * A command is {id, group, label, keys, run, when, typing}; `when` says whether it applies, `typing` that its keys work in
 * text fields too.
 */

import { belongsToControl, isTyping, keyName } from "./hotkeys.js";

/** Commands from rows of [id, group, label, keys, run, when]; none of them is told of the event. */
export function commandsOf(rows) {
  return rows.map(([id, group, label, keys, run, when]) => ({ id, group, label, keys, run: () => run(), when }));
}

/** `allows(command)` leaves commands of others out that this mode has no use for. */
export function createCommands(allows = () => true) {
  const table = new Map();
  const byKey = new Map();
  let own = {};

  function add(commands) {
    for (const command of commands.filter(allows)) {
      const defaultKeys = command.keys ?? [];
      table.set(command.id, { ...command, defaultKeys, keys: defaultKeys });
    }
    assign();
  }

  /** Give every command its keys: those that the person chose, else its own. */
  function assign() {
    byKey.clear();
    for (const command of table.values()) {
      const chosen = own[command.id];
      command.keys = chosen === undefined ? command.defaultKeys : chosen ? [chosen] : [];
      for (const key of command.keys) byKey.set(key, [...(byKey.get(key) ?? []), command]);
    }
  }

  /** `keys` = {id: key}; an empty key takes it away, an absent command has its usual ones. */
  function rebind(keys) {
    own = keys;
    assign();
  }

  function run(id, event) {
    const command = table.get(id);
    if (!command || (command.when && !command.when())) return false;
    command.run(event);
    return true;
  }

  /** Give a key event to the command that it names; true when one ran. */
  function onKey(event) {
    if (event.defaultPrevented || event.isComposing) return false;
    const name = keyName(event);
    const typing = isTyping(event.target);
    for (const command of byKey.get(name) ?? []) {
      if (typing && !command.typing) continue;
      if (!command.typing && belongsToControl(event.target, name)) continue;
      if (command.when && !command.when()) continue;
      event.preventDefault();
      command.run(event);
      return true;
    }
    return false;
  }

  return { add, run, onKey, rebind, get: (id) => table.get(id), list: () => [...table.values()] };
}

/** Commands of the view: the same in every mode. `panes()` are the panes that move together. */
export function viewCommands({ panes, session, showSheet, showSettings, instructions }) {
  const each = (act) => () => panes().forEach(act);
  const step = (dx, dy) => () => panes()[0].panBy(dx, dy);
  return [
    { id: "zoom-in", group: "View", label: "Zoom in", keys: ["+", "="], run: () => panes()[0].zoomIn() },
    { id: "zoom-out", group: "View", label: "Zoom out", keys: ["-"], run: () => panes()[0].zoomOut() },
    { id: "fit", group: "View", label: "Whole picture", keys: ["0"], run: each((pane) => pane.fit()) },
    {
      id: "actual-size",
      group: "View",
      label: "Actual size",
      keys: ["shift+0"],
      run: () => panes()[0].actualSize(),
    },
    { id: "pan-left", run: step(80, 0), keys: ["alt+arrowleft"] },
    { id: "pan-right", run: step(-80, 0), keys: ["alt+arrowright"] },
    { id: "pan-up", run: step(0, 80), keys: ["alt+arrowup"] },
    { id: "pan-down", run: step(0, -80), keys: ["alt+arrowdown"] },
    { id: "pan-keys", group: "View", label: "Move the picture", keys: ["alt+arrows"], run: () => {} },
    { id: "pan-space", group: "View", label: "Move the picture while held", keys: ["space"], run: () => {} },
    { id: "settings", run: () => showSettings(session) },
    {
      id: "instructions",
      group: "Task",
      label: "Instructions",
      keys: ["i"],
      when: () => Boolean(instructions),
      run: () => instructions.toggle(),
    },
    { id: "sheet", group: "Task", label: "This sheet", keys: ["?"], run: showSheet },
  ];
}
