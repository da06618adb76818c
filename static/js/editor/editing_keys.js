/** The table of the labelling commands: key, words, verb, and when it applies. */

import { commandsOf } from "./commands.js";
import { keyboardShaping } from "./shaping.js";

const FAR_PX = 10;
const BRUSH_STEP = 1.25;
const TURN_DEGREES = 5;
const ARROWS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };

const nothing = () => {};
const withShift = (key) => (key.startsWith("alt+") ? key.replace("alt+", "alt+shift+") : `shift+${key}`);

export function editingCommands({ session, machine, tools, editing }) {
  const { ontology, store } = session;
  const { nudge, stretch, rotate } = keyboardShaping(session);
  const always = () => true;
  const canEdit = () => store.state.canEdit;
  const chosen = () => store.state.selection.length > 0;
  const mayChange = () => canEdit() && chosen();
  const mayPaste = () => canEdit() && editing.canPaste();
  const isPainting = () => canEdit() && Boolean(machine.tool.paints);
  // K draws points where the ontology has some; J and Shift J then step through the labels.
  const drawsPoints = tools.some((tool) => tool.key === "k");
  const paints = tools.some((tool) => tool.paints) ? "Draw" : null;

  // With several frames . and , step through them (frame_keys.js).
  const many = session.media.isMany;
  const points = many ? "alt+" : "";

  // Without a group a command is not on the sheet; a command of the sheet without a verb explains keys of others.
  // prettier-ignore
  const rows = [
    ...tools.map((tool) => [`tool:${tool.name}`, "Tools", tool.label, [tool.key], () => editing.useTool(tool.name), always]),
    ...ontology.classes.filter((cls) => cls.key).flatMap((cls) => [
      [`class:${cls.key}`, "Classes", cls.name, [cls.key], () => editing.pickClass(cls.hash), always],
      [`give-class:${cls.key}`, null, cls.name, [withShift(cls.key)], () => editing.changeClass(cls.hash), mayChange],
    ]),
    ...ontology.classifications.filter((entry) => entry.key).map((entry) =>
      [`answer:${entry.key}`, "Classes", `${entry.name} (then a digit for the option)`, [entry.key], () => editing.answerFrame(entry), always]),
    ["option", "Classes", "Choose an option of the question in hand", ["1…9"], nothing, canEdit],
    ["give-class", "Classes", "Give the selection a class", ["shift+1…9"], nothing, canEdit],

    ["undo", "Edit", "Undo", ["ctrl+z"], editing.undo, canEdit],
    ["redo", "Edit", "Redo", ["ctrl+shift+z", "ctrl+y"], session.redo, canEdit],
    ["delete", "Edit", many ? "Delete the point, or the labels on this frame" : "Delete the point or the labels", ["delete"], editing.remove, mayChange],
    ["delete-labels", null, "Delete", [], () => session.deleteHere(), mayChange],
    ["copy", "Edit", "Copy", ["ctrl+c"], editing.copy, chosen],
    ["paste", "Edit", "Paste", ["ctrl+v"], editing.paste, mayPaste],
    ["duplicate", "Edit", "Duplicate", ["ctrl+d"], editing.duplicate, mayChange],
    ["lock", "Edit", "Lock or unlock", ["o"], () => session.toggle("locked", store.state.selection), mayChange],
    ["copy-identifier", "Edit", "Copy the identifier", ["ctrl+shift+c"], editing.copyIdentifier, chosen],

    ["select-all", "Select", "All labels", ["ctrl+a"], () => session.select(session.shapes().map(({ id }) => id)), always],
    ["next-label", "Select", "Next label", ["j"], () => editing.stepLabel(1), always],
    ["previous-label", drawsPoints ? null : "Select", "Previous label", ["k"], () => editing.stepLabel(-1), () => !drawsPoints],
    ["previous-label-too", drawsPoints ? "Select" : null, "Previous label", ["shift+j"], () => editing.stepLabel(-1), always],
    ["next-point", "Select", "Next point of the label", [`${points}.`], () => editing.stepVertex(1), canEdit],
    ["previous-point", "Select", "Previous point", [`${points},`], () => editing.stepVertex(-1), canEdit],
    ["answers", "Select", "Answers of the label", ["a"], editing.answers, always],

    ["enter", "Draw", "Drop a shape at the centre, finish a drawing", ["enter"], editing.enter, always],
    ["back", "Draw", "Take the last point back", ["backspace"], editing.back, canEdit],
    ["escape", "Draw", "Cancel, then select nothing", ["escape"], editing.escape, always],
    ["nudge", "Draw", "Move by a pixel (Shift: ten)", ["arrows"], nothing, canEdit],
    ["stretch", "Draw", "Resize by a pixel (with Shift: ten)", ["ctrl+arrows"], nothing, canEdit],
    ["smaller-brush", paints, "Smaller brush", ["["], () => editing.resizeBrush(1 / BRUSH_STEP), isPainting],
    ["larger-brush", paints, "Larger brush", ["]"], () => editing.resizeBrush(BRUSH_STEP), isPainting],
    ["turn-left", "Draw", "Turn left", ["["], rotate(-TURN_DEGREES), mayChange],
    ["turn-right", "Draw", "Turn right", ["]"], rotate(TURN_DEGREES), mayChange],

    ["hide", "View", "Hide or show the labels", ["e"], () => session.toggle("hidden", store.state.selection), chosen],
    ["show-all", "View", "Show all labels", ["shift+e"], () => store.update({ hidden: new Set() }), always],
    ["zoom-selection", "View", "Zoom to the selection", ["z"], editing.zoomToSelection, chosen],

    ...Object.entries(ARROWS).flatMap(([key, [dx, dy]]) => [
      [`nudge-${key}`, null, "", [key], nudge(dx, dy), mayChange],
      [`nudge-far-${key}`, null, "", [`shift+${key}`], nudge(dx * FAR_PX, dy * FAR_PX), mayChange],
      [`stretch-${key}`, null, "", [`ctrl+${key}`], stretch(dx, dy), mayChange],
      [`stretch-far-${key}`, null, "", [`ctrl+shift+${key}`], stretch(dx * FAR_PX, dy * FAR_PX), mayChange],
    ]),
  ];
  return commandsOf(rows);
}
