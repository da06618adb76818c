import { diffOf, isEmptyDiff } from "./diff.js";

/** What to do with a draft found on opening: nothing, apply it, or ask because the server has moved on. */
export function draftVerdict(draft, { document, revision }) {
  if (!draft) return "none";
  const same = (a, b) => Boolean(a && b) && isEmptyDiff(diffOf(a, b));
  if (same(document, draft.document)) return "drop";
  if (draft.revision === revision || same(document, draft.base) || same(document, draft.sent)) return "apply";
  return "ask";
}
