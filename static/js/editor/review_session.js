/**
 * The verbs of reviewing: which label is looked at, judge, report, single label. No DOM; `tell` shows what went wrong.
 *
 * Judgements are sent one after the other; what was said shows at once and is taken back when the server refuses.
 */

import { objectById } from "./document.js";

export const isPending = ({ verdict }) => !verdict;

export function createReview({ config, session, api, tell, leaveTo = (url) => location.assign(url) }) {
  const { store, ontology } = session;
  const { endpoints } = config;
  let running = Promise.resolve();
  let save = async () => "nothing";
  let isOver = false;

  store.update({ review: config.review, looked: null, single: false, reviewPane: "pending" });
  store.update({ locked: new Set(others()) });

  /** Objects that are in this task and not in this review: seen, never touched. */
  function others() {
    const own = new Set(config.review.labels.map(({ id }) => id));
    return store.state.document.objects.map(({ id }) => id).filter((id) => !own.has(id));
  }

  const entryOf = (id) => store.state.review.labels.find((one) => one.id === id) ?? null;
  const classificationOf = (id) => store.state.document.classifications.find((one) => one.id === id) ?? null;
  const pending = () => store.state.review.labels.filter(isPending);
  const shown = () =>
    store.state.review.labels.filter((one) => isPending(one) === (store.state.reviewPane === "pending"));

  /** The frames of a label, or null when it holds on all. */
  function framesOf(id) {
    const object = objectById(store.state.document, id);
    return object ? object.labels.map(({ frame }) => frame) : (classificationOf(id)?.frames ?? null);
  }
  const isOnFrame = (id) => framesOf(id)?.includes(store.state.frame) ?? true;

  function nameOf(id) {
    const entry = classificationOf(id);
    return entry ? ontology.classification(entry.node).name : session.nameOf(id);
  }

  /** Look at one label: it is selected, its frame is shown, and in single mode it is alone. */
  function look(id) {
    const frames = id && framesOf(id);
    if (frames?.length && !frames.includes(store.state.frame)) session.go(frames[0]);
    store.update({ looked: id });
    session.select(id && objectById(store.state.document, id) ? [id] : []);
    isolate();
  }

  function isolate() {
    const { single, looked, document } = store.state;
    if (!single) return;
    store.update({ hidden: new Set(document.objects.map(({ id }) => id).filter((id) => id !== looked)) });
  }

  function toggleSingle() {
    const single = !store.state.single;
    store.update({ single, hidden: new Set() });
    if (single && !store.state.looked) look(pending()[0]?.id ?? store.state.review.labels[0]?.id ?? null);
    isolate();
    session.say(single ? "Single label: up and down go to the next" : "All labels");
  }

  function walk(by) {
    const list = shown();
    if (!list.length) return;
    const at = list.findIndex(({ id }) => id === store.state.looked);
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length;
    look(list[next].id);
    session.say(`${nameOf(list[next].id)}, ${next + 1} of ${list.length}`);
  }

  /** What Approve and Reject are about: the selected labels of this review, else the one that is looked at. */
  function subjects() {
    const chosen = store.state.selection.filter((id) => entryOf(id));
    if (chosen.length > 1) return chosen;
    return store.state.looked && entryOf(store.state.looked) ? [store.state.looked] : chosen;
  }

  const pendingInFrame = () => pending().map(({ id }) => id).filter(isOnFrame);

  function say(ids, verdict) {
    const what = ids.length === 1 ? nameOf(ids[0]) : `${ids.length} labels`;
    session.say(`${what} ${verdict}`);
  }

  /** The pending label after those just judged, in the order of the list. */
  function following(ids) {
    const { labels } = store.state.review;
    const at = labels.findIndex(({ id }) => id === ids.at(-1));
    const order = [...labels.slice(at + 1), ...labels.slice(0, at + 1)];
    return order.find((one) => isPending(one) && !ids.includes(one.id))?.id ?? null;
  }

  function mark(ids, patch) {
    const { review } = store.state;
    const labels = review.labels.map((one) => (ids.includes(one.id) ? { ...one, ...patch } : one));
    store.update({ review: { ...review, labels } });
  }

  function judge(ids, verdict, reason = "") {
    if (isOver || !ids.length) return running;
    const before = new Map(ids.map((id) => [id, entryOf(id)]));
    const wasPending = ids.some((id) => isPending(entryOf(id)));
    mark(ids, { verdict, reason, frame: store.state.frame });
    say(ids, verdict);
    const frame = store.state.frame;
    if (wasPending) {
      const next = following(ids);
      if (next) look(next);
    }
    running = running.then(async () => {
      const body = { labels: ids, verdict, reason, frame };
      const answer = await send(endpoints.judge, body);
      if (!answer) {
        const { review } = store.state;
        store.update({
          review: { ...review, labels: review.labels.map((one) => before.get(one.id) ?? one) },
        });
        look(ids[0]);
      } else if (answer.next_url) {
        isOver = true;
        leaveTo(answer.next_url);
      }
    });
    return running;
  }

  async function report(reason) {
    const { frame } = store.state;
    const answer = await send(endpoints.missing, { frame, reason });
    if (!answer) return;
    store.update({ review: { ...store.state.review, missing: answer.review.missing } });
    session.say("Reported: labels are missing on this frame");
  }

  /** Corrections first: after the last judgement nothing can be saved. Null when the server did not take it. */
  async function send(url, body) {
    if (isOver) return null;
    const saved = await save();
    if (saved !== "saved" && saved !== "nothing") {
      tell({ text: "Not judged: your last correction is not saved yet. Try again when it is." });
      return null;
    }
    const answer = await api.post(url, body);
    if (answer.status === 200) return answer.body;
    if (answer.status === 409 || answer.status === 403 || answer.status === 404) end(answer.status === 409 ? answer.body.message : null);
    else if (answer.status === 401) tell({ text: "You have been logged out. Log in again in another tab, then judge again." });
    else
      tell({
        text: `Not judged: ${answer.body.problems?.[0]?.message ?? answer.body.message ?? (answer.status ? `the server answered ${answer.status}` : "no connection")}.`,
      });
    return null;
  }

  /** The server's word is final: this review is not the person's any more. */
  function end(message) {
    isOver = true;
    store.update({ canEdit: false });
    tell({ text: message ?? "This review is not yours any more: it was finished, released or cancelled.", ended: true });
  }

  // What is selected on the canvas is what the list shows.
  store.watch(
    (state) => [state.selection],
    ({ selection, looked }) => {
      if (selection.length === 1 && selection[0] !== looked && entryOf(selection[0])) {
        const pane = isPending(entryOf(selection[0])) ? "pending" : "completed";
        store.update({ looked: selection[0], reviewPane: pane });
      }
    },
  );

  return {
    ready: () => look(pending()[0]?.id ?? null),
    saveWith: (verb) => (save = verb),
    isClosed: (id) => !id || !entryOf(id),
    get isOver() {
      return isOver;
    },
    entryOf,
    nameOf,
    framesOf,
    isOnFrame,
    look,
    walk,
    subjects,
    pendingInFrame,
    shown,
    judge,
    report,
    toggleSingle,
    showPane: (reviewPane) => store.update({ reviewPane }),
  };
}
