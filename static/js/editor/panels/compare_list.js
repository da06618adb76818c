/** Compare mode: the differences with the most points lost first, and the arithmetic of the chosen one. */

import { framesOfDifferences, lostPoints } from "../differences.js";
import { el, replaceChildren, swatch } from "../dom.js";

const OUTCOMES = {
  missing: ["Missing", "chip chip-plain chip-missing"],
  extra: ["Extra", "chip chip-plain chip-warn"],
  duplicate: ["Duplicate", "chip chip-plain chip-warn"],
  wrong_category: ["Wrong category", "chip chip-plain chip-wrong"],
};

/** A clause of the scoring engine as a line of its own: a capital first, no break between a figure and its sign. */
const line = (clause) => (clause[0].toUpperCase() + clause.slice(1)).replaceAll(/(\d) %/g, "$1\u00a0%");
const points = (value) => Math.round(value).toLocaleString("en-GB");
/** A colour-independent figure: minus sign, red and bold. */
function lost(difference) {
  const value = Math.round(lostPoints(difference));
  return el("span", { class: "ed-lost number", text: value ? `−${value.toLocaleString("en-GB")}` : "0" });
}

function differenceRow(difference, position) {
  const [ownWord, look] = OUTCOMES[difference.outcome] ?? [
    difference.outcome === "matched" ? "" : difference.outcome,
    "chip chip-plain",
  ];
  const word = ownWord && (difference.outcome_label ?? ownWord);
  return el(
    "div",
    {
      class: "ed-difference",
      role: "option",
      id: `difference-${position}`,
      "aria-selected": "false",
      data: { position },
    },
    swatch(difference.colour),
    el(
      "div",
      { class: "ed-difference-text" },
      el(
        "div",
        { class: "ed-difference-name" },
        el("span", { class: "strong", text: difference.name }),
        word && el("span", { class: look, text: word }),
      ),
      el("div", { class: "second", text: difference.sentence && line(difference.sentence) }),
    ),
    lost(difference),
  );
}

/** The rows; with several frames under a head for each of them. */
function groups(differences, { media }) {
  if (!media.isMany) return differences.map(differenceRow);
  return framesOfDifferences(differences).map(({ frame, positions, lost: sum }) => {
    const title = frame === null ? "Every frame" : `Frame ${frame.toLocaleString("en-GB")}`;
    return el(
      "div",
      { role: "group", "aria-label": title },
      el(
        "div",
        { class: "ed-group", role: "presentation" },
        el("span", { text: title }),
        el("span", {
          class: "ed-group-count number",
          text: sum >= 0.5 ? `−${Math.round(sum).toLocaleString("en-GB")}` : "",
        }),
      ),
      positions.map((position) => differenceRow(differences[position], position)),
    );
  });
}

/** `differences` in order; `state.difference` of the store is the chosen position. */
export function createDifferences({ differences, session, commands, config }) {
  const hasNext = Boolean(config.compare.next_url ?? config.endpoints.next);
  const list = el(
    "div",
    {
      class: "ed-list",
      role: "listbox",
      tabindex: 0,
      "aria-label": "Differences",
      hidden: !differences.length,
    },
    groups(differences, session).flat(),
  );
  session.store.watch(
    (state) => [state.difference],
    ({ difference }) => {
      const row = list.querySelector(`[data-position="${difference}"]`);
      for (const other of list.querySelectorAll("[aria-selected=true]"))
        other.setAttribute("aria-selected", "false");
      row?.setAttribute("aria-selected", "true");
      list.setAttribute("aria-activedescendant", row?.id ?? "");
      row?.scrollIntoView({ block: "nearest" });
    },
  );
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-position]");
    if (row) commands.pickDifference(Number(row.dataset.position));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: "next-difference", ArrowUp: "previous-difference" }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    commands.run(step);
  });
  return el(
    "section",
    { class: "ed-instances", "aria-label": "Differences" },
    el(
      "div",
      { class: "ed-panel-head" },
      el("h2", { text: "Differences" }),
      el("span", { class: "count", text: differences.length }),
      el("span", { class: "ed-gap" }),
      el("span", { class: "meta", text: session.media.isMany ? "by frame" : "most points first" }),
    ),
    !differences.length &&
      el("p", { class: "ed-empty", text: "No differences: every label earned its points." }),
    list,
    el(
      "p",
      { class: "ed-keys meta" },
      el("kbd", { text: "J" }),
      el("kbd", { text: "K" }),
      " next, previous",
      el("span", { class: "ed-gap" }),
      hasNext && [el("kbd", { text: "N" }), " next submission"],
    ),
  );
}

function criterionRow(criterion) {
  const isScored = Math.abs(criterion.weight) > 0 || Math.abs(criterion.points) > 0;
  const full = Math.round(criterion.points) >= Math.round(criterion.weight);
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      el("div", { class: "strong", text: criterion.name }),
      criterion.sentence && el("div", { class: "meta", text: line(criterion.sentence) }),
    ),
    isScored
      ? el(
          "td",
          { class: "number" },
          el("span", { class: full ? "" : "lost", text: points(criterion.points) }),
          el("span", { class: "quiet", text: ` / ${points(criterion.weight)}` }),
        )
      : el("td", { class: "number quiet", text: "not scored" }),
  );
}

export function createScoreCard({ differences, session }) {
  const card = el("section", { class: "ed-selection", "aria-label": "Score card", hidden: true });
  session.store.watch(
    (state) => [state.difference],
    ({ difference }) => {
      const shown = differences[difference];
      card.hidden = !shown;
      if (!shown) return;
      const percent = shown.available > 0 ? `${((100 * shown.earned) / shown.available).toFixed(1)} %` : "–";
      replaceChildren(
        card,
        el(
          "div",
          { class: "ed-selection-head" },
          el("h2", { text: "Score card" }),
          el("span", { class: "meta clip", text: shown.name }),
          el("span", { class: "ed-gap" }),
          el("strong", { text: percent }),
        ),
        el(
          "table",
          { class: "ed-score-table" },
          el("caption", { class: "visually-hidden", text: `Points of ${shown.name} by criterion` }),
          el("tbody", {}, (shown.criteria ?? []).map(criterionRow)),
          el(
            "tfoot",
            {},
            el(
              "tr",
              {},
              el("th", { scope: "row", class: "strong", text: "Label" }),
              el(
                "td",
                { class: "number" },
                el("strong", { text: points(shown.earned) }),
                el("span", { class: "quiet", text: ` / ${points(shown.available)}` }),
              ),
            ),
          ),
        ),
      );
    },
  );
  return card;
}
