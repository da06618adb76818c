/** What a reviewer asks for before the task can be submitted again; each is marked as resolved by who labels. */

import { el, exactTime, icon } from "../dom.js";
import { objectById } from "../document.js";

const ICONS = { rejected: "x", missing: "flag" };

export function createIssues({ session, config, api, banner, commands }) {
  if (!config.issues?.length) return null;
  const { store, ontology } = session;
  const labels = new Map(config.issues.map((issue) => [issue.id, nameOf(issue)]));
  const count = el("span", { class: "count" });
  const list = el("ul", { class: "ed-issues" });
  store.update({ issues: config.issues, openIssues: openIn(config.issues) });

  /** The name as it was when the page opened: the label may be deleted in answer to the issue. */
  function nameOf({ instance, kind }) {
    if (kind === "missing" || !instance) return "Missing labels";
    const entry = store.state.document.classifications.find(({ id }) => id === instance);
    return entry ? ontology.classification(entry.node).name : session.nameOf(instance);
  }

  function go(issue) {
    session.go(issue.frame);
    if (!issue.instance) return session.say(`Missing labels: ${issue.reason}`);
    if (!objectById(store.state.document, issue.instance)) return session.say("This label is not there any more");
    store.update({ hidden: new Set([...store.state.hidden].filter((id) => id !== issue.instance)) });
    session.select([issue.instance]);
    store.flush();
    return commands.run("zoom-selection");
  }

  async function resolve(issue) {
    const resolved = !issue.resolved;
    const answer = await api.post(issue.resolve_url, { resolved });
    if (answer.status !== 200) {
      const why = answer.body.message ?? (answer.status ? `the server answered ${answer.status}` : "no connection");
      return banner.show({ kind: "issue", text: `Not marked: ${why}`, closes: true });
    }
    const issues = store.state.issues.map((one) => (one.id === issue.id ? { ...one, resolved } : one));
    const left = openIn(issues);
    store.update({ issues, openIssues: left });
    return session.say(
      left ? `${resolved ? "Resolved" : "Open again"}, ${left} left` : "All issues are resolved: the task can be submitted",
    );
  }

  function item(issue) {
    const where = session.media.isMany ? `Frame ${issue.frame}` : "";
    return el(
      "li",
      { class: issue.resolved ? "ed-issue is-resolved" : "ed-issue", data: { issue: issue.id } },
      el(
        "button",
        { type: "button", class: "ed-issue-go", data: { focus: `go-${issue.id}` }, on: { click: () => go(issue) } },
        el(
          "span",
          { class: "ed-issue-head" },
          icon(ICONS[issue.kind]),
          el("span", { class: "strong clip", text: labels.get(issue.id) }),
          where && el("span", { class: "meta nowrap", text: where }),
        ),
        el("span", { class: "ed-issue-reason", text: issue.reason }),
        issue.by && el("span", { class: "meta", text: issue.by, title: exactTime(issue.at) }),
      ),
      el(
        "button",
        {
          type: "button",
          class: "btn btn-small",
          data: { focus: `resolve-${issue.id}` },
          "aria-pressed": String(issue.resolved),
          "aria-label": `${issue.resolved ? "Take back" : "Mark as resolved"}: ${labels.get(issue.id)}`,
          on: { click: () => resolve(issue) },
        },
        icon(issue.resolved ? "arrow-back-up" : "check"),
        issue.resolved ? "Take back" : "Mark as resolved",
      ),
    );
  }

  store.watch(
    (state) => [state.issues],
    ({ issues, openIssues }) => {
      count.textContent = openIssues ? `${openIssues} open` : "all resolved";
      const focused = document.activeElement?.dataset?.focus;
      list.replaceChildren(...issues.map(item));
      if (focused) list.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    },
  );
  return el(
    "section",
    { class: "ed-issue-panel", "aria-label": "Issues" },
    el("div", { class: "ed-panel-head" }, el("h2", { text: "Issues" }), count),
    list,
  );
}

const openIn = (issues) => issues.filter(({ resolved }) => !resolved).length;
