/**
 * What the page that opens the editor wants of it. A mode decides which panels stand where and what may be done;
 * nothing else asks for the mode's name.
 *
 * `practice` has its place here; its own panels arrive with its own pages.
 */

const READING_TOOLS = ["select", "pan", "window"];

export const MODES = {
  annotate: {
    panes: "one",
    canEdit: true,
    saves: true,
    checksRequired: true,
    left: ["rail", "classes"],
    right: ["issues", "instances", "selection"],
    bottom: ["timeline"],
    tools: null,
    chip: null,
  },
  view: {
    panes: "one",
    canEdit: false,
    saves: false,
    checksRequired: false,
    left: ["rail", "classes"],
    right: ["instances", "selection"],
    bottom: ["timeline"],
    tools: READING_TOOLS,
    chip: "View only",
  },
  review: {
    panes: "one",
    canEdit: true,
    saves: true,
    checksRequired: false,
    left: ["rail", "classes"],
    right: ["review", "selection", "verdict"],
    bottom: ["timeline"],
    tools: READING_TOOLS,
    chip: "Review",
  },
  correct: {
    panes: "one",
    canEdit: true,
    saves: true,
    checksRequired: false,
    left: ["rail", "classes"],
    right: ["instances", "selection"],
    bottom: ["timeline"],
    tools: null,
    chip: "Correcting",
  },
  practice: {
    panes: "one",
    canEdit: true,
    saves: true,
    checksRequired: true,
    left: ["rail", "classes"],
    right: ["instances", "selection"],
    bottom: ["timeline"],
    tools: null,
    chip: "Practice",
  },
  compare: {
    panes: "two",
    canEdit: false,
    saves: false,
    checksRequired: false,
    left: [],
    right: ["differences", "scoreCard"],
    bottom: ["timeline"],
    tools: READING_TOOLS,
    chip: null,
  },
};

/** The mode of a configuration; an unknown one is an error of the opener, not something to guess. */
export function modeOf(config) {
  const mode = MODES[config.mode];
  if (!mode) throw new Error(`Unknown editor mode "${config.mode}"`);
  return mode;
}
