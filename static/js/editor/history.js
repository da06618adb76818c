/**
 * Undo and redo of labelled steps. Pure: every function returns a new history.
 *
 * A step keeps the document before it; documents share structure, so a thousand steps cost little.
 */

export const LIMIT = 1000;

export const EMPTY_HISTORY = Object.freeze({ past: Object.freeze([]), future: Object.freeze([]) });

/**
 * Remember `before` under a label, with the frame where it happened. Steps with the same `mergeKey` that follow each other within `mergeMs`
 * (typing a text, holding an arrow key) are one step.
 */
export function record(history, { label, before, mergeKey = null, at = 0, frame = null }, mergeMs = 1200) {
  const last = history.past.at(-1);
  const merges = mergeKey !== null && last?.mergeKey === mergeKey && at - last.at <= mergeMs;
  const past = merges
    ? [...history.past.slice(0, -1), { ...last, at }]
    : [...history.past, { label, document: before, mergeKey, at, frame }].slice(-LIMIT);
  return { past, future: [] };
}

/** One step back: `{history, document, label, frame}`, or null when there is nothing to undo. */
export function undo(history, current) {
  const step = history.past.at(-1);
  if (!step) return null;
  return {
    history: {
      past: history.past.slice(0, -1),
      future: [...history.future, { label: step.label, document: current, frame: step.frame }],
    },
    document: step.document,
    label: step.label,
    frame: step.frame ?? null,
  };
}

/** One step forward again, or null. */
export function redo(history, current) {
  const step = history.future.at(-1);
  if (!step) return null;
  return {
    history: {
      past: [...history.past, { ...step, document: current, mergeKey: null, at: 0 }],
      future: history.future.slice(0, -1),
    },
    document: step.document,
    label: step.label,
    frame: step.frame ?? null,
  };
}
