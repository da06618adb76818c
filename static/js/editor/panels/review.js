/** Pending and completed labels of a review, and what is said about the one that is looked at. */

import { el, icon, iconButton, swatch } from "../dom.js";
import { objectById, labelOn } from "../document.js";
import { rangesOf, rangesText } from "../ranges.js";
import { isPending } from "../review_session.js";
import { shortAnswer } from "./instance_row.js";

const VERDICT_ICONS = { approved: "check", rejected: "x" };

export function createReviewPanel({ session, commands, review }) {
  const { store, ontology } = session;
  const button = (id, name, words, className = "btn btn-small") => {
    const text = el("span", { text: words });
    const made = el(
      "button",
      { type: "button", class: className, data: { review: id }, on: { click: () => commands.run(`review:${id}`) } },
      icon(name),
      text,
    );
    made.say = (value) => (text.textContent = value);
    return made;
  };
  const tab = (name) =>
    el("button", { type: "button", role: "tab", class: "ed-tab", data: { pane: name }, on: { click: () => review.showPane(name) } });
  const tabs = { pending: tab("pending"), completed: tab("completed") };
  const approveAll = button("approve-frame", "checks", "");
  const rejectAll = button("reject-frame", "x", "", "btn btn-small btn-danger");
  const single = button("single", "focus-2", "Single label");
  const report = button("report-missing", "flag", "Report missing");
  const reports = el("ul", { class: "ed-reports" });
  const empty = el("p", { class: "ed-empty" });
  const list = el("div", { class: "ed-list", role: "listbox", tabindex: 0, "aria-label": "Labels to review" });

  function colourOf(id) {
    const object = objectById(store.state.document, id);
    if (object) return ontology.object(object.node).colour;
    const entry = store.state.document.classifications.find((one) => one.id === id);
    return ontology.classification(entry?.node).colour;
  }

  function noteOf({ id, verdict, reason }) {
    if (verdict === "rejected") return reason;
    const object = objectById(store.state.document, id);
    const answer = object ? shortAnswer(object, labelOn(object, store.state.frame), ontology) : "";
    const frames = session.media.isMany ? review.framesOf(id) : null;
    return [answer, frames?.length ? rangesText(rangesOf(frames), 1) : ""].filter(Boolean).join(" · ");
  }

  function row(one, looked) {
    return el(
      "div",
      {
        class: review.isOnFrame(one.id) ? "ed-row ed-review-row" : "ed-row ed-review-row is-elsewhere",
        role: "option",
        id: `review-${one.id}`,
        "aria-selected": String(one.id === looked),
        data: { id: one.id },
        title: one.reason || null,
      },
      el("span", { class: "ed-row-colour" }, swatch(colourOf(one.id))),
      el("span", { class: "ed-row-name clip", text: review.nameOf(one.id) }),
      el("span", { class: "ed-row-note clip", text: noteOf(one) }),
      one.verdict &&
        el(
          "span",
          { class: `ed-verdict is-${one.verdict}`, role: "img", "aria-label": one.verdict },
          icon(VERDICT_ICONS[one.verdict]),
        ),
    );
  }

  function show({ review: { labels, missing }, reviewPane, looked, frame, single: isSingle }) {
    const counts = { pending: labels.filter(isPending).length };
    counts.completed = labels.length - counts.pending;
    for (const [name, element] of Object.entries(tabs)) {
      element.setAttribute("aria-selected", String(name === reviewPane));
      element.replaceChildren(
        name === "pending" ? "Pending" : "Completed",
        el("span", { class: "count", text: counts[name] }),
      );
    }
    const inFrame = review.pendingInFrame().length;
    approveAll.say(`Approve all ${inFrame}`);
    rejectAll.say(`Reject all ${inFrame}`);
    for (const one of [approveAll, rejectAll]) {
      one.disabled = !inFrame;
      one.title = "In this frame";
    }
    single.setAttribute("aria-pressed", String(isSingle));
    const shown = review.shown();
    const { scrollTop } = list;
    list.replaceChildren(...shown.map((one) => row(one, looked)));
    list.scrollTop = scrollTop;
    list.hidden = !shown.length;
    list.setAttribute("aria-activedescendant", shown.some(({ id }) => id === looked) ? `review-${looked}` : "");
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    empty.hidden = shown.length > 0;
    empty.textContent = reviewPane === "pending" ? "Every label is judged." : "Nothing is judged yet.";
    reports.hidden = !missing.length;
    reports.replaceChildren(
      ...missing.map((one) =>
        el("li", {}, icon("flag"), el("span", { class: "clip", text: reportText(one, frame) })),
      ),
    );
  }

  const reportText = (one) => (session.media.isMany ? `Frame ${one.frame}: ${one.reason}` : one.reason);

  list.addEventListener("click", (event) => {
    const id = event.target.closest("[data-id]")?.dataset.id;
    if (id) review.look(id);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    review.walk(by);
  });
  store.watch(
    (state) => [state.review, state.reviewPane, state.looked, state.frame, state.document, state.single],
    show,
  );

  return el(
    "section",
    { class: "ed-instances ed-review", "aria-label": "Review" },
    el(
      "div",
      { class: "ed-panel-head ed-tabs" },
      el("div", { role: "tablist", class: "ed-tabs" }, tabs.pending, tabs.completed),
      el("span", { class: "ed-gap" }),
      iconButton("chevron-up", "Previous label", { key: "Up", on: { click: () => review.walk(-1) } }),
      iconButton("chevron-down", "Next label", { key: "Down", on: { click: () => review.walk(1) } }),
    ),
    el("div", { class: "ed-review-all" }, approveAll, rejectAll, single, report),
    reports,
    empty,
    list,
  );
}

/** Approve and Reject, always in sight under what is selected. */
export function createVerdict({ session, commands, review, config }) {
  const { store } = session;
  const name = el("strong", { class: "clip" });
  const note = el("span", { class: "meta nowrap" });
  const reason = el("p", { class: "meta" });
  const make = (id, iconName, words, key, className) =>
    el(
      "button",
      { type: "button", class: className, data: { review: id }, on: { click: () => commands.run(`review:${id}`) } },
      icon(iconName),
      words,
      el("span", { class: "btn-count", text: key, "aria-hidden": "true" }),
    );
  const approve = make("approve", "check", "Approve", "N", "btn ed-approve");
  const reject = make("reject", "x", "Reject", "B", "btn btn-danger");

  store.watch(
    (state) => [state.review, state.looked, state.selection, state.canEdit],
    ({ canEdit }) => {
      const ids = review.subjects();
      const entry = ids.length === 1 ? review.entryOf(ids[0]) : null;
      name.textContent =
        ids.length === 1 ? review.nameOf(ids[0]) : ids.length ? `${ids.length} labels` : "No label of this review is selected";
      reason.hidden = !entry?.verdict;
      reason.textContent = entry?.verdict === "approved" ? "Approved" : `Rejected: ${entry?.reason}`;
      approve.disabled = reject.disabled = !ids.length || !canEdit;
    },
  );
  const { is_expert: isExpert, round, by } = config.review;
  note.textContent = isExpert ? "Expert review" : `Submission ${round}`;
  note.title = `Submission ${round} by ${by}`;
  return el(
    "section",
    { class: "ed-judge", "aria-label": "Judgement" },
    el("div", { class: "ed-judge-head" }, name, note),
    reason,
    el("div", { class: "ed-judge-buttons" }, approve, reject),
  );
}
