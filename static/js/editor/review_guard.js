/** What a reviewer may change: places of shapes and vertices, and answers, of labels in the review. Pure. */

const OUTSIDE = "This label is not in your review";
const ADDED = "A reviewer adds no labels: report the frame as missing labels";
const REMOVED = "A reviewer deletes nothing: reject the label with a reason";
const RESHAPED = "A reviewer moves a shape or its points, nothing else";
const RETYPED = "A reviewer does not change the class: reject the label";

/** How many points a geometry has and how they hang together, without where they are. */
function build(value) {
  if (Array.isArray(value))
    return value.length === 2 && value.every((one) => typeof one === "number") ? "." : value.map(build);
  if (value && typeof value === "object") return Object.keys(value).sort();
  return null;
}

const sameBuild = (a, b) =>
  a.type === b.type &&
  ["parts", "points"].every((key) => JSON.stringify(build(a[key])) === JSON.stringify(build(b[key])));

function refusalOfLabels(before, after) {
  if (after.length > before.length) return ADDED;
  if (after.length < before.length) return REMOVED;
  for (const [index, label] of after.entries()) {
    if (label.frame !== before[index].frame) return ADDED;
    if (label.geometry !== before[index].geometry && !sameBuild(before[index].geometry, label.geometry))
      return RESHAPED;
  }
  return null;
}

function refusalOfList(before, after, inReview) {
  const known = new Map(before.map((entry) => [entry.id, entry]));
  if (after.some(({ id }) => !known.has(id))) return ADDED;
  if (after.length < before.length) return REMOVED;
  for (const entry of after) {
    const was = known.get(entry.id);
    if (entry === was) continue;
    if (!inReview.has(entry.id)) return OUTSIDE;
    if (entry.node !== was.node) return RETYPED;
    if (JSON.stringify(entry.frames ?? null) !== JSON.stringify(was.frames ?? null)) return ADDED;
    const refusal = refusalOfLabels(was.labels ?? [], entry.labels ?? []);
    if (refusal) return refusal;
  }
  return null;
}

/**
 * `refusal(before, after)` says why a step is not a reviewer's to make, or null; `covers(id)` whether a label is in the
 * review at all. `ids` are the labels in the review.
 */
export function reviewGuard(ids) {
  const inReview = new Set(ids);
  return {
    covers: (id) => inReview.has(id),
    refusal: (before, after) =>
      refusalOfList(before.objects, after.objects, inReview) ??
      refusalOfList(before.classifications, after.classifications, inReview),
  };
}
