/** The bar at the top: where one is, whether the work is saved, and what comes next. */

import { clockTime, el, exactTime, icon } from "../dom.js";

const SAVE_STATES = {
  saved: { icon: "cloud-check", text: (at) => (at ? `Saved ${clockTime(at)}` : "Saved") },
  unsaved: { icon: "cloud", text: () => "Not saved yet" },
  saving: { icon: "loader-2", text: () => "Saving", turning: true },
  offline: { icon: "cloud-off", text: () => "Offline", loud: true },
  invalid: { icon: "alert-circle", text: () => "Not saved", loud: true },
  stopped: { icon: "alert-circle", text: (_, message) => message || "Not saved", loud: true },
};

const BUTTONS = {
  submit: { command: "submit", key: "Ctrl ↵" },
  calculate: { command: "calculate", key: "Ctrl E" },
};

function placeName(config) {
  return el(
    "div",
    { class: "ed-place" },
    el("h1", { class: "ed-title clip", text: config.task.title, title: config.task.title }),
    config.project?.title && el("div", { class: "meta clip", text: config.project.title }),
  );
}

function saveState(session) {
  const element = el("span", { class: "ed-save" });
  session.store.watch(
    (state) => [state.save],
    ({ save }) => {
      const kind = SAVE_STATES[save.state];
      const mark = icon(kind.icon);
      mark.classList.toggle("turning", Boolean(kind.turning));
      element.classList.toggle("is-loud", Boolean(kind.loud));
      element.title = save.message || (save.at ? `Last change of this state: ${exactTime(save.at)}` : "");
      element.replaceChildren(mark, el("span", { text: kind.text(save.at, save.message) }));
    },
  );
  return element;
}

/** Buttons that change the task rest while it is being submitted or can no longer be changed. */
function actionButton(action, { commands, session, mode }) {
  if (action.href)
    return el("a", { class: "btn", href: action.href, data: { action: action.key }, text: action.label });
  const known = BUTTONS[action.key];
  const button = el(
    "button",
    {
      type: "button",
      class: action.primary ? "btn btn-primary" : "btn",
      data: { action: action.key },
      on: { click: () => commands.run(known?.command ?? `action:${action.key}`) },
    },
    action.label,
    known && el("span", { class: "btn-count", text: known.key, "aria-hidden": "true" }),
  );
  const hint = button.querySelector(".btn-count");
  session.store.watch(
    (state) => [state.canEdit, state.openIssues],
    ({ canEdit, openIssues }) => {
      const waits = action.key === "submit" && openIssues > 0;
      button.disabled = (mode.saves && !canEdit) || waits;
      const issues = `${openIssues} ${openIssues === 1 ? "issue" : "issues"}`;
      button.title = waits ? `${issues} to be resolved first` : "";
      if (hint) hint.textContent = waits ? issues : known.key;
    },
  );
  return button;
}

function neighbours(config) {
  if (config.review) return null;
  const previous = config.compare?.previous_url ?? config.endpoints.previous;
  const next = config.compare?.next_url ?? config.endpoints.next;
  if (!previous && !next) return null;
  const word = config.compare ? "submission" : "task";
  const step = (url, name, label) =>
    url
      ? el(
          "a",
          { class: "btn btn-square btn-small", href: url, "aria-label": label, title: label },
          icon(name),
        )
      : el(
          "span",
          { class: "btn btn-square btn-small", "aria-disabled": "true", role: "link", "aria-label": label },
          icon(name),
        );
  return el(
    "div",
    { class: "ed-steps" },
    step(previous, "chevron-left", `Previous ${word}`),
    step(next, "chevron-right", `Next ${word}`),
  );
}

/** Two letters for a person, the same as on every other page. */
function initials(name) {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words.at(-1)[0] : (words[0] ?? "?").slice(0, 2);
  return letters.toUpperCase();
}

/** In compare mode: whose work, and what it earned. */
function compared({ right, score }) {
  const figures = score && [
    el("span", { class: "meta", text: "Task score" }),
    el("strong", {
      class: "ed-percent",
      text: score.percent === null ? "–" : `${Number(score.percent).toFixed(1)} %`,
    }),
    el("span", {
      class: "second",
      text: `${Math.round(score.earned).toLocaleString("en-GB")} / ${Math.round(score.available).toLocaleString("en-GB")}`,
    }),
  ];
  return {
    person: el(
      "div",
      { class: "ed-person" },
      el("span", { class: "ed-avatar", text: initials(right.title), "aria-hidden": "true" }),
      el("span", { class: "strong", text: right.title }),
    ),
    score: figures && el("div", { class: "ed-score" }, figures),
  };
}

export function createHeader(context) {
  const { session, config, mode, commands } = context;
  const { task, endpoints } = config;
  const whose = mode.panes === "two" ? compared(config.compare) : {};
  const position = task.position && task.total ? `Task ${task.position} of ${task.total}` : "";
  return el(
    "header",
    { class: "ed-header" },
    endpoints.back &&
      el(
        "a",
        {
          class: "btn btn-quiet btn-square",
          href: endpoints.back,
          "aria-label": "Back to the tasks",
          title: "Back to the tasks",
        },
        icon("arrow-left"),
      ),
    placeName(config),
    whose.person,
    position && el("span", { class: "ed-position second nowrap", text: position }),
    mode.chip && el("span", { class: "chip chip-accent", text: mode.chip }),
    el("span", { class: "ed-gap" }),
    mode.saves && saveState(session),
    neighbours(config),
    whose.score,
    endpoints.instructions &&
      el(
        "button",
        {
          type: "button",
          class: "btn btn-quiet",
          data: { action: "instructions" },
          on: { click: () => commands.run("instructions") },
        },
        icon("book"),
        el("span", { class: "ed-wide-only", text: "Instructions" }),
      ),
    (config.actions ?? []).map((action) => actionButton(action, context)),
  );
}
