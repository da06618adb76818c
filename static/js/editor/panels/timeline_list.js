/** The timeline as a table, for those who would rather read or hear it. */

import { el, swatch } from "../dom.js";
import { rangesText } from "../ranges.js";
import { ask } from "./dialogs.js";

const MOST_ROWS = 500;

function stretches(row) {
  if (row.runs)
    return `${rangesText(row.runs, 6)}; key frames ${
      rangesText(
        row.keys.map((key) => [key, key]),
        8,
      ) || "none"
    }`;
  return (
    row.ranges.map(({ from, to, text }) => `${text}: ${rangesText([[from, to]])}`).join("; ") ||
    "not answered"
  );
}

const firstOf = (row) => row.runs?.[0]?.[0] ?? row.ranges?.[0]?.from ?? null;

export async function showTimelineList(rows, { session }) {
  const shown = rows.slice(0, MOST_ROWS);
  const line = (row, index) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, swatch(row.colour), ` ${row.name}`),
      el("td", { text: stretches(row) }),
      el(
        "td",
        { class: "actions" },
        firstOf(row) !== null &&
          el("button", {
            type: "button",
            class: "btn btn-small",
            text: `Go to ${firstOf(row)}`,
            "aria-label": `Go to the first frame of ${row.name}, ${firstOf(row)}`,
            data: { go: index },
          }),
      ),
    );
  const table = el(
    "table",
    { class: "ed-timeline-table table-plain" },
    el("caption", { class: "visually-hidden", text: "Instances and frame labels with their frames" }),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ["Row", "Frames"].map((text) => el("th", { scope: "col", text })),
        el("th", { scope: "col" }, el("span", { class: "visually-hidden", text: "Actions" })),
      ),
    ),
    el("tbody", {}, shown.map(line)),
  );
  table.addEventListener("click", (event) => {
    const at = event.target.closest("[data-go]")?.dataset.go;
    if (at !== undefined) event.target.closest("dialog").close(`go:${at}`);
  });
  const answer = await ask({
    title: "Timeline",
    wide: true,
    body: [
      rows.length ? table : el("p", { text: "Nothing is labelled yet." }),
      rows.length > shown.length && el("p", { text: `and ${rows.length - shown.length} more rows` }),
    ],
    buttons: [],
  });
  if (!answer?.startsWith("go:")) return;
  const row = shown[Number(answer.slice(3))];
  session.go(firstOf(row));
  if (row.kind === "object") session.select([row.id]);
}
