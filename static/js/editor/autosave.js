/**
 * Saves diffs two seconds after a change, on submit and on leaving; nothing is ever overwritten silently.
 *
 * What was changed is first kept in the local draft, and stays there until the server has acknowledged it. Without
 * DOM: the answer's meaning goes to `onState` and, where a person has to decide, to `onStop`.
 */

import { completeDocument, newIdentifier } from "./document.js";
import { applied, diffOf, isEmptyDiff, partOf } from "./diff.js";

export const DELAY_MS = 2000;
const LONGEST_DELAY_MS = 10000;
const MOST_UNCONFIRMED = 10;
const DENSE_LABELS = 5000;
const DENSE_PAUSE_MS = 600;
const RETRY_MS = [2000, 4000, 8000, 15000, 30000];

const systemClock = {
  now: () => Date.now(),
  after: (ms, run) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer),
};

/**
 * `getDocument()` gives the current document, `base` is the one the server has at `revision`.
 * `onState({state, at, message})`: saved, unsaved, saving, offline, invalid, stopped.
 * `onStop({reason, ...})`: reason stale (document, by, at), login (loginUrl) or ended (message, at).
 */
export function createAutosave({
  api,
  endpoints,
  drafts,
  getDocument,
  base,
  revision,
  onState,
  onStop,
  clock = systemClock,
}) {
  let timer = null;
  let firstChange = null;
  let failures = 0;
  let stopped = null;
  let sending = null;
  // Sent, but no answer came: the server may have them all the same.
  let unconfirmed = [];
  let running = Promise.resolve();
  let submission = null;

  const isUnsaved = () => !isEmptyDiff(diffOf(base, getDocument()));
  const show = (state, message = "") => onState({ state, message, at: clock.now() });

  /** One draft is written at a time, and after it the newest: a dense document takes the browser a moment. */
  let writing = null;
  let another = false;
  function keepDraft() {
    if (writing) {
      another = true;
      return writing;
    }
    writing = (isDense() ? pause().then(writeDraft) : writeDraft()).finally(() => {
      writing = null;
      if (!another) return undefined;
      another = false;
      return isUnsaved() ? keepDraft() : undefined;
    });
    return writing;
  }

  /** Copying a very dense document would be felt in the middle of a gesture; it waits until the hand rests. */
  const isDense = () =>
    getDocument().objects.reduce((sum, object) => sum + object.labels.length, 0) > DENSE_LABELS;
  const pause = () => new Promise((go) => clock.after(DENSE_PAUSE_MS, go));

  async function writeDraft() {
    // Nothing to keep (undone, or acknowledged in the meantime): one written now would come back on the next opening.
    if (!isUnsaved() && !sending && !unconfirmed.length) return drafts.clear().catch(() => {});
    return drafts
      .keep({
        base,
        sent: sending ?? unconfirmed.at(-1) ?? null,
        document: getDocument(),
        revision,
        at: clock.now(),
      })
      .catch(() => show("unsaved", "This browser keeps no local copy"));
  }

  function schedule(ms) {
    if (timer !== null) clock.cancel(timer);
    timer = clock.after(ms, () => {
      timer = null;
      save();
    });
  }

  function stop(reason, details) {
    stopped = reason;
    show("stopped", { stale: "Changed elsewhere", login: "Log in again", ended: "Not saved" }[reason]);
    onStop({ reason, ...details });
    return "stopped";
  }

  async function acknowledged(snapshot, body) {
    base = snapshot;
    revision = body.revision ?? revision;
    unconfirmed = [];
    failures = 0;
    firstChange = null;
    if (isUnsaved()) {
      await keepDraft();
      show("unsaved");
      schedule(DELAY_MS);
      return "saved";
    }
    await drafts.clear().catch(() => {});
    show("saved");
    return "saved";
  }

  /**
   * When the "other" version is one that this page sent itself (the answer was lost on the way, or a reload overtook the
   * last save), there is no conflict: go on from there.
   */
  function isOwnEcho(theirs, snapshot) {
    const own = [snapshot, ...unconfirmed].find((document) => isEmptyDiff(diffOf(theirs.document, document)));
    if (!own) return false;
    base = own;
    revision = theirs.revision;
    unconfirmed = [];
    return true;
  }

  function refused({ status, body }, snapshot) {
    if (status === 409 && body.error === "stale") {
      const theirs = { document: completeDocument(body.document), revision: body.revision };
      if (isOwnEcho(theirs, snapshot)) return "again";
      return stop("stale", { ...theirs, by: body.by, at: body.at });
    }
    if (status === 409 || status === 404 || (status === 403 && body.error !== "csrf")) {
      const message = body.message ?? "This task can no longer be changed by you.";
      return stop("ended", { message, at: body.at ?? null, submitted: body.error === "already_submitted" });
    }
    if (status === 401 || status === 403) return stop("login", { loginUrl: body.login_url ?? null });
    if (body.error === "unresolved") {
      // The labels are fine, the task is not to be handed in yet.
      show("unsaved");
      schedule(DELAY_MS);
      return "unresolved";
    }
    if (status === 422 || status === 413 || status === 400) {
      const problems = (body.problems ?? []).map((problem) => problem.message).filter(Boolean);
      show("invalid", problems[0] ?? body.message ?? "The server refused the last change");
      return "invalid";
    }
    unconfirmed = [...unconfirmed, snapshot].slice(-MOST_UNCONFIRMED);
    const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
    failures += 1;
    show("offline", status === 0 ? "No connection" : "The server does not answer properly");
    schedule(wait);
    return "offline";
  }

  /** One request at a time: the next diff starts from what the one before has settled. */
  function inTurn(work) {
    running = running.then(work, work);
    return running;
  }

  async function sendDiff() {
    if (stopped) return "stopped";
    if (timer !== null) clock.cancel(timer);
    timer = null;
    const snapshot = getDocument();
    const changes = diffOf(base, snapshot);
    if (isEmptyDiff(changes)) {
      failures = 0;
      await drafts.clear().catch(() => {});
      show("saved");
      return "nothing";
    }
    show("saving");
    const part = partOf(changes);
    const whole = part === changes;
    sending = whole ? snapshot : applied(base, part);
    const sent = sending;
    const answer = await api.post(endpoints.save, { revision, ...part });
    sending = null;
    if (answer.status !== 200) {
      const result = refused(answer, sent);
      return result === "again" ? sendDiff() : result;
    }
    if (whole) return acknowledged(snapshot, answer.body);
    partAcknowledged(sent, answer.body);
    return sendDiff();
  }

  /** Part of a large change is there: the next part starts from it. */
  function partAcknowledged(document, body) {
    base = document;
    revision = body.revision ?? revision;
    unconfirmed = [];
    failures = 0;
  }

  const save = () => inTurn(sendDiff);

  /** Save until the rest fits into the submission itself. */
  async function sendLargeParts(snapshot) {
    for (;;) {
      const changes = diffOf(base, snapshot);
      const part = partOf(changes);
      if (part === changes) return "sent";
      show("saving");
      const document = applied(base, part);
      sending = document;
      const answer = await api.post(endpoints.save, { revision, ...part });
      sending = null;
      if (answer.status === 200) partAcknowledged(document, answer.body);
      else {
        const result = refused(answer, document);
        if (result !== "again") return result;
      }
    }
  }

  async function sendSubmission() {
    if (stopped) return { result: "stopped" };
    if (timer !== null) clock.cancel(timer);
    timer = null;
    const snapshot = getDocument();
    const large = await sendLargeParts(snapshot);
    if (large !== "sent") return { result: large };
    // A retry of the same labels carries the same key, so that the server gives the same answer; changed labels are
    // another submission, which it may then refuse as already submitted instead of losing the change.
    if (submission?.document !== snapshot) submission = { document: snapshot, key: newIdentifier() };
    show("saving");
    sending = snapshot;
    const changes = diffOf(base, snapshot);
    const answer = await api.post(endpoints.submit, { revision, ...changes, key: submission.key });
    sending = null;
    if (answer.status !== 200) {
      const result = refused(answer, snapshot);
      return result === "again" ? sendSubmission() : { result, body: answer.body };
    }
    base = snapshot;
    stopped = "submitted";
    await drafts.clear().catch(() => {});
    show("saved");
    return { result: "submitted", body: answer.body };
  }

  return {
    get isUnsaved() {
      return isUnsaved();
    },
    get isStopped() {
      return stopped !== null;
    },
    get revision() {
      return revision;
    },

    /** The document changed: keep it locally at once, send it soon. */
    changed() {
      if (stopped === "submitted") return;
      keepDraft();
      if (stopped) return;
      firstChange ??= clock.now();
      if (failures) return;
      show("unsaved");
      // Somebody who never pauses is saved all the same.
      const waited = clock.now() - firstChange;
      schedule(Math.max(0, Math.min(DELAY_MS, LONGEST_DELAY_MS - waited)));
    },

    save,
    submit: () => inTurn(sendSubmission),

    /** Leaving: send now what is not under way yet; the local draft covers the rest. */
    leave() {
      if (!stopped && !sending && isUnsaved()) save();
    },

    /** Back online, or a person pressed retry. */
    retry() {
      failures = 0;
      return save();
    },

    /** Logged in again. */
    resume() {
      if (stopped !== "login") return running;
      stopped = null;
      return save();
    },

    /** After a stale answer: the other side becomes the base; `mine` sends the difference, else it is taken over. */
    settle({ document, revision: theirs, mine }) {
      base = document;
      revision = theirs;
      stopped = null;
      return mine ? save() : drafts.clear().then(() => show("saved"));
    },

    /** The server's answer is final for this page (submitted or taken away by somebody else). */
    end() {
      stopped = "ended";
      if (timer !== null) clock.cancel(timer);
      timer = null;
    },
  };
}
