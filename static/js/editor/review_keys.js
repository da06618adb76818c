/** The table of reviewing: key, words, verb, and when it applies. Rows as in editing_keys.js. */

import { askMissingLabels, askReason } from "./panels/reject_dialog.js";

/** Commands of labelling that draw, delete or copy: a reviewer has none of them. */
const NOT_REVIEWING =
  /^(give-class|delete|copy$|paste|duplicate|lock|submit|outline:|join|separate|fill-|front|back-most|back$|vertex-|keyframe|copy-to|extend-here|leave-view|split|merge|skip)/;

export const isForReviewers = ({ id }) => !NOT_REVIEWING.test(id);

export function reviewCommands({ session, review }) {
  const { store } = session;
  const open = () => !review.isOver;
  const has = () => open() && review.subjects().length > 0;
  const hasInFrame = () => open() && review.pendingInFrame().length > 0;
  const isSingle = () => store.state.single;

  async function reject(ids) {
    const title = ids.length === 1 ? `Reject ${review.nameOf(ids[0])}` : `Reject ${ids.length} labels`;
    const reason = await askReason({ title, reasons: store.state.review.reasons });
    if (reason) await review.judge(ids, "rejected", reason);
  }

  async function report() {
    const reason = await askMissingLabels({ frame: session.media.isMany ? session.frameText() : "this picture" });
    if (reason !== null) await review.report(reason);
  }

  // prettier-ignore
  const rows = [
    ["approve", "Approve", ["n"], () => review.judge(review.subjects(), "approved"), has],
    ["reject", "Reject with a reason", ["b"], () => reject(review.subjects()), has],
    ["approve-frame", "Approve all in frame", ["shift+n"], () => review.judge(review.pendingInFrame(), "approved"), hasInFrame],
    ["reject-frame", "Reject all in frame", ["shift+b"], () => reject(review.pendingInFrame()), hasInFrame],
    ["single", "Single label: hide the others", ["s"], review.toggleSingle, open],
    ["walk-down", "Next label of the list (single label)", ["arrowdown"], () => review.walk(1), isSingle],
    ["walk-up", "Previous label of the list (single label)", ["arrowup"], () => review.walk(-1), isSingle],
    ["walk-next", "Next label of the list", ["ctrl+arrowdown"], () => review.walk(1), () => !isSingle()],
    ["walk-previous", "Previous label of the list", ["ctrl+arrowup"], () => review.walk(-1), () => !isSingle()],
    ["pane", "Pending or completed labels", ["p"], () => review.showPane(store.state.reviewPane === "pending" ? "completed" : "pending"), open],
    ["report-missing", "Report missing labels on this frame", ["r"], report, open],
  ];
  return rows.map(([id, label, keys, run, when]) => ({ id: `review:${id}`, group: "Review", label, keys, run: () => run(), when }));
}
