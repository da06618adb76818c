/** How a judged shape looks while a review goes on: out of the way, and never told by colour alone. */

const JUDGED = {
  approved: { colour: "#2f9e5b", fill: 0, width: 1.25, badge: "approved" },
  rejected: { colour: "#c8482b", fill: 0, width: 1.25, dash: [5, 4], badge: "rejected" },
};

const memory = new WeakMap();

/** A function from the identifier of a label to what differs in its style; undefined while it is pending. */
export function looksOf(review) {
  if (!memory.has(review)) memory.set(review, new Map(review.labels.map(({ id, verdict }) => [id, JUDGED[verdict]])));
  const verdicts = memory.get(review);
  return (id) => verdicts.get(id);
}
