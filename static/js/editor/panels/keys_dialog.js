/** Every key as a person wants it: press a new one, see what it collides with, go back to the usual one. */

import { el, iconButton } from "../dom.js";
import { keyName } from "../hotkeys.js";
import { collisions, isReserved, KEY_SETTING, keyWords, mayChange } from "../key_bindings.js";
import { ask } from "./dialogs.js";

export function showKeys({ session, commands }) {
  const { store } = session;
  const columns = el("div", { class: "ed-sheet" });
  const body = el("div", { class: "ed-keys-list" }, columns);
  const note = el("p", { class: "ed-keys-note", role: "status" });
  let waiting = null;
  let isDrawing = false;

  /** `keys` = {id: key | null}; null is the usual key. */
  function set(keys) {
    const settings = { ...store.state.settings };
    for (const [id, key] of Object.entries(keys)) {
      const command = commands.get(id);
      if (key === null || key === command.defaultKeys[0]) delete settings[KEY_SETTING + id];
      else settings[KEY_SETTING + id] = key;
    }
    store.update({ settings });
    store.flush();
    draw();
  }

  function say(text, ...actions) {
    note.replaceChildren(text, ...actions);
  }

  function take(command, key) {
    waiting = null;
    const others = collisions(commands.list(), command, key);
    if (isReserved(key)) {
      draw();
      return say("The browser or a dialog needs this key; choose another one.");
    }
    if (!others.length) {
      set({ [command.id]: key });
      return say(`${command.label}: ${keyWords(key).join(" ")}`);
    }
    draw();
    const names = others.map(({ label, id }) => label || id).join(", ");
    const fixed = others.some((other) => !mayChange(other));
    if (fixed) return say(`${keyWords(key).join(" ")} already means: ${names}. Choose another key.`);
    const swap = () => {
      set({ ...Object.fromEntries(others.map(({ id }) => [id, ""])), [command.id]: key });
      say(`${command.label}: ${keyWords(key).join(" ")}. Without a key now: ${names}`);
    };
    return say(
      `${keyWords(key).join(" ")} already means: ${names}. `,
      el("button", {
        type: "button",
        class: "btn btn-small",
        text: "Take it from there",
        on: { click: swap },
      }),
    );
  }

  function row(command) {
    const isWaiting = waiting === command.id;
    const key = command.keys[0];
    const caps = key
      ? keyWords(key).map((word) => el("kbd", { text: word }))
      : el("span", { class: "quiet", text: "none" });
    const isOwn = command.keys !== command.defaultKeys;
    return el(
      "div",
      { class: "ed-key-row" },
      el("span", { class: "clip", text: command.label }),
      isOwn &&
        iconButton(
          "arrow-back-up",
          `Usual key of ${command.label}: ${keyWords(command.defaultKeys[0]).join(" ")}`,
          {
            on: { click: () => set({ [command.id]: null }) },
          },
        ),
      el(
        "button",
        {
          type: "button",
          class: isWaiting ? "btn btn-small is-waiting" : "btn btn-small btn-quiet",
          data: { command: command.id },
          "aria-label": `${command.label}: ${key ? keyWords(key).join(" ") : "no key"}. Change`,
          on: {
            click: () => {
              waiting = isWaiting ? null : command.id;
              say(waiting ? "Press the new key. Esc keeps the old one, Backspace takes it away." : "");
              draw();
            },
          },
        },
        isWaiting ? "Press a key" : caps,
      ),
    );
  }

  function draw() {
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.command : null;
    const groups = grouped(commands.list().filter(mayChange));
    const { scrollTop } = body;
    isDrawing = true;
    columns.replaceChildren(
      ...[...groups].map(([group, list]) => el("section", {}, el("h3", { text: group }), list.map(row))),
    );
    isDrawing = false;
    body.scrollTop = scrollTop;
    const again = focused ?? waiting;
    if (again) body.querySelector(`[data-command="${CSS.escape(again)}"]`)?.focus({ preventScroll: true });
  }

  body.addEventListener("keydown", (event) => {
    if (!waiting) return;
    event.preventDefault();
    event.stopPropagation();
    const key = keyName(event);
    const command = commands.get(waiting);
    if (["shift", "control", "alt", "meta"].includes(event.key.toLowerCase())) return;
    if (key === "escape") {
      waiting = null;
      say("");
      return draw();
    }
    if (key === "backspace") {
      waiting = null;
      set({ [command.id]: "" });
      return say(`${command.label} has no key now`);
    }
    take(command, key);
  });
  body.addEventListener("focusout", (event) => {
    // A button that is drawn anew loses the focus for a moment.
    if (!waiting || isDrawing || body.contains(event.relatedTarget)) return;
    waiting = null;
    draw();
  });

  draw();
  const answer = ask({
    title: "Your keys",
    wide: true,
    body: [
      el("p", {
        class: "second",
        text: "Press a key cap to choose another key. Your choice follows you to other browsers.",
      }),
      note,
      body,
    ],
    buttons: [
      { key: "reset", label: "Reset all" },
      { key: "done", label: "Done", primary: true },
    ],
  });
  return answer.then((key) => {
    if (key !== "reset") return;
    const own = Object.keys(store.state.settings).filter((name) => name.startsWith(KEY_SETTING));
    set(Object.fromEntries(own.map((name) => [name.slice(KEY_SETTING.length), null])));
    session.say("All keys are as usual again");
  });
}

function grouped(list) {
  const groups = new Map();
  for (const command of list) groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  return groups;
}
