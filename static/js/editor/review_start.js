/** Puts the parts of a review together: verbs, keys and the menu. */

import { createReview } from "./review_session.js";
import { reviewCommands } from "./review_keys.js";

export function startReview({ session, config, api, banner, commands }) {
  const tell = ({ text, ended = false }) =>
    banner.show({
      kind: "review",
      tone: "bad",
      text,
      closes: true,
      ...(ended && config.endpoints.next
        ? { action: { label: "Next review", run: () => location.assign(config.endpoints.next) } }
        : {}),
    });
  const review = createReview({ config, session, api, tell });
  commands.add(reviewCommands({ session, review }));
  commands.reviewEntries = (entry) => [
    entry("check", "Approve", "review:approve"),
    entry("x", "Reject …", "review:reject"),
  ];
  review.ready();
  return review;
}
