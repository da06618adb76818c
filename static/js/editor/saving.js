/** Autosave, drafts, conflicts, log-in, submit and skip: what the server says turned into what a person sees. */

import { createAutosave } from "./autosave.js";
import { completeDocument, newIdentifier } from "./document.js";
import { draftVerdict } from "./draft_verdict.js";
import { claimTab, createDraftStore } from "./draft_store.js";
import { exactTime } from "./dom.js";
import { askConflict } from "./panels/conflict.js";
import { askEnded, askMissing } from "./panels/dialogs.js";
import { askLogin } from "./panels/login.js";
import { missingIn } from "./requirements.js";

export async function createSaving({
  session,
  config,
  api,
  banner,
  picture,
  leaveTo = (url) => location.assign(url),
}) {
  const { store, ontology } = session;
  const { endpoints } = config;
  const context = { session, picture };
  const tab = await claimTab(newIdentifier);
  const drafts = await createDraftStore({ user: config.user.id, task: config.task.id, tab });
  let waiting = null;
  let isLeaving = false;
  let hasEnded = false;

  const autosave = createAutosave({
    api,
    endpoints,
    drafts,
    getDocument: () => store.state.document,
    base: session.opened,
    revision: config.revision,
    onState: showState,
    onStop: (details) =>
      ({ stale: settleConflict, login: settleLogin, ended: settleEnd })[details.reason](details),
  });

  function showState(save) {
    const at = save.state === "saved" ? save.at : store.state.save.at;
    store.update({ save: { ...save, at } });
    if (save.state === "offline") {
      banner.show({
        kind: "offline",
        text: `${save.message}. Your work is kept in this browser and is sent as soon as the connection is back.`,
        action: { label: "Try now", run: () => autosave.retry() },
      });
    } else if (save.state === "invalid") {
      banner.show({
        kind: "invalid",
        tone: "bad",
        text: `The server did not take the last change: ${save.message}. Change or undo it.`,
        closes: true,
      });
    } else if (save.state === "saved") {
      banner.hide("offline");
      banner.hide("invalid");
    }
  }

  async function settleConflict(theirs) {
    const choice = await askConflict({ theirs: theirs.document, by: theirs.by, at: theirs.at }, context);
    if (!choice) {
      banner.show({
        kind: "conflict",
        text: "This task was changed somewhere else. Nothing is saved until you choose a version.",
        action: { label: "Choose a version", run: () => settleConflict(theirs) },
      });
      return;
    }
    banner.hide("conflict");
    if (choice === "theirs") session.replaceDocument(theirs.document, "Take the other version");
    await autosave.settle({ ...theirs, mine: choice === "mine" });
  }

  async function settleLogin(details) {
    const answer = await askLogin({
      api,
      loginUrl: details.loginUrl ?? null,
      person: config.user.id,
      name: config.user.name,
    });
    if (answer === "retry") {
      banner.hide("login");
      await autosave.resume();
      return;
    }
    banner.show({
      kind: "login",
      text: "You have been logged out. Your work is kept in this browser, but not on the server.",
      action: { label: "Log in and go on", run: () => settleLogin(details) },
    });
  }

  async function settleEnd(details) {
    hasEnded = true;
    autosave.end();
    store.update({ canEdit: false });
    const answer = await askEnded(details, exactTime);
    if (answer === "copy") await copyLabels();
    if (answer === "back" && endpoints.back) leave(endpoints.back);
    else
      banner.show({
        kind: "ended",
        text: `${details.message} Your last changes are only in this browser.`,
        action: { label: "Copy my labels", run: copyLabels },
      });
  }

  async function copyLabels() {
    try {
      await navigator.clipboard.writeText(JSON.stringify(store.state.document, null, 2));
      session.say("Labels copied");
    } catch {
      session.say("The browser does not allow copying here");
    }
  }

  function leave(url) {
    isLeaving = true;
    leaveTo(url);
  }

  /** Unsent work of this task that this browser still holds. */
  async function restore() {
    const draft = await drafts.unsent().catch(() => null);
    const server = { document: store.state.document, revision: config.revision };
    const verdict = draftVerdict(draft, server);
    if (verdict === "none") return;
    if (verdict === "drop") return drafts.drop(draft);
    if (verdict === "ask") {
      const choice = await askConflict(
        { theirs: server.document, draft: { ...draft, document: completeDocument(draft.document) } },
        context,
      );
      if (choice !== "mine") return choice ? drafts.drop(draft) : undefined;
    }
    session.replaceDocument(draft.document, "Restore unsaved work");
    banner.show({
      kind: "restored",
      tone: "ok",
      text: `Work that had not been saved was restored (${exactTime(draft.at)}).`,
      action: { label: "Undo", run: () => (session.undo(), banner.hide("restored")) },
      closes: true,
    });
    if (draft.tab !== tab) await drafts.drop(draft);
  }

  function goTo(entry) {
    if (entry.frame !== null) session.go(entry.frame);
    if (entry.id) {
      store.update({ hidden: new Set([...store.state.hidden].filter((id) => id !== entry.id)) });
      session.select([entry.id]);
    }
    store.flush();
    if (entry.hash) store.update({ focusField: { hash: entry.hash } });
    else session.say(`${entry.where}: ${entry.what}`);
  }

  /** True when nothing required is missing; else shows the list and goes to what the person chooses. */
  async function isComplete() {
    const missing = missingIn(store.state.document, ontology, session.media.count);
    if (!missing.length) return true;
    session.say(
      missing.length === 1
        ? "One required answer is missing"
        : `${missing.length} required answers are missing`,
    );
    const entry = await askMissing(missing);
    if (entry) goTo(entry);
    return false;
  }

  async function submit() {
    const { openIssues } = store.state;
    if (openIssues)
      return session.say(`${openIssues} ${openIssues === 1 ? "issue has" : "issues have"} to be resolved first`);
    if (!endpoints.submit || waiting || autosave.isStopped || !store.state.canEdit || !(await isComplete())) return;
    waiting = "submit";
    store.update({ canEdit: false });
    const { result, body } = await autosave.submit();
    waiting = null;
    if (result === "submitted") {
      session.say("Submitted");
      leave(body.next_url ?? endpoints.back);
      return;
    }
    if (!hasEnded) store.update({ canEdit: true });
    if (result === "offline")
      session.say("Not submitted: no connection. Submit again when you are back online.");
    if (result === "unresolved") banner.show({ kind: "step", text: body.message, closes: true });
    if (result === "invalid") session.say("Not submitted: the server refused a label.");
  }

  /** A step that leaves the task (skip, approve): save first, then tell the server, then go where it says. */
  async function leaveBy(url, label) {
    if (waiting) return;
    waiting = label;
    const saved = session.state.canEdit ? await autosave.save() : "nothing";
    const answer =
      saved === "saved" || saved === "nothing" ? await api.post(url, { revision: autosave.revision }) : null;
    waiting = null;
    if (answer?.status === 200) return leave(answer.body.next_url ?? endpoints.back);
    if (answer?.status === 401) return settleLogin({ loginUrl: answer.body.login_url });
    const reason = answer
      ? (answer.body.message ?? (answer.status ? `the server answered ${answer.status}` : "no connection"))
      : "your last change is not saved";
    return banner.show({ kind: "step", text: `${label} did not work: ${reason}.`, closes: true });
  }

  let known = store.state.document;
  store.watch(
    (state) => [state.document],
    ({ document }) => {
      if (document === known) return;
      known = document;
      autosave.changed();
    },
  );
  addEventListener("pagehide", () => autosave.leave());
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "hidden" && autosave.leave(),
  );
  addEventListener("online", () => autosave.retry());
  addEventListener("beforeunload", (event) => {
    // A normal change goes out while the page closes; only what cannot be sent is worth a question.
    const stuck = ["offline", "invalid", "stopped"].includes(store.state.save.state);
    if (!isLeaving && stuck && autosave.isUnsaved) event.preventDefault();
  });

  return { autosave, restore, submit, leaveBy };
}
