/** What a submission lost against gold, in the order in which a lead wants to see it. Pure. */

import { colourOr } from "./colours.js";
import { instanceNumbers } from "./document.js";

/** Less is rounding: it would be listed as "−0". */
const LEAST_POINTS = 0.5;

/** What a difference cost; an extra label has nothing available and earns less than nothing. */
export const lostPoints = (difference) => Math.max(0, difference.available - difference.earned);

/** What cost points or is no match, the most points first (`byFrame`: within each frame), each with the name of its instance. */
export function orderedDifferences(differences, gold, submitted, { byFrame = false } = {}) {
  const numbers = { gold: instanceNumbers(gold), submitted: instanceNumbers(submitted) };
  return differences
    .filter((difference) => difference.outcome !== "matched" || lostPoints(difference) >= LEAST_POINTS)
    .map((difference) => {
      const number = numbers.gold.get(difference.gold_id) ?? numbers.submitted.get(difference.submitted_id);
      return {
        ...difference,
        colour: colourOr(difference.color, 0),
        name: number === undefined ? difference.class_name : `${difference.class_name} (${number})`,
      };
    })
    .sort((a, b) => (byFrame ? placeOf(a) - placeOf(b) : 0) || lostPoints(b) - lostPoints(a));
}

/** What holds on no single frame comes first. */
const placeOf = ({ frame }) => frame ?? -1;

/** Differences in order as groups of one frame: `[{frame, positions, lost}]`. */
export function framesOfDifferences(differences) {
  const groups = [];
  differences.forEach((difference, position) => {
    const frame = difference.frame ?? null;
    if (groups.at(-1)?.frame !== frame || !groups.length) groups.push({ frame, positions: [], lost: 0 });
    groups.at(-1).positions.push(position);
    groups.at(-1).lost += lostPoints(difference);
  });
  return groups;
}
