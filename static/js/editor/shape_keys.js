/** The table of the commands on shapes: key, words, verb, and when it applies. Rows as in editing_keys.js. */

import { commandsOf } from "./commands.js";

export function shapeCommands({ session, machine, tools, shapes, useTool }) {
  const { store } = session;
  const has = (shape) => tools.some((tool) => tool.shape === shape);
  const canEdit = () => store.state.canEdit;
  const mayChange = () => canEdit() && store.state.selection.length > 0;
  const isOne = (type) => () => mayChange() && Boolean(shapes.singleOf(type));
  const isSeveral = () => mayChange() && store.state.selection.length > 1;
  const hasArea = () => mayChange() && Boolean(shapes.singleOf("polygon") ?? shapes.singleOf("bitmask"));
  const areas = has("polygon") || has("bitmask") ? "Shapes" : null;
  const polygons = has("polygon") ? "Shapes" : null;
  const skeletons = has("skeleton") ? "Skeletons" : null;
  const drawsSkeleton = () => canEdit() && machine.tool.name === "skeleton";
  const hasVertex = () => drawsSkeleton() || (isOne("skeleton")() && Boolean(store.state.vertex));
  const inMode = () => canEdit() && store.state.outlineMode !== "shape" && !machine.isBusy;
  const draw = (mode) => () => {
    if (machine.tool.name !== "polygon") useTool("polygon");
    shapes.outlineMode(mode);
  };

  // prettier-ignore
  const rows = [
    ["outline:shape", null, "Draw new polygons", ["escape"], () => shapes.outlineMode("shape"), inMode],
    ["outline:hole", polygons, "Cut a hole into the polygon", ["shift+p"], draw("hole"), isOne("polygon")],
    ["outline:part", polygons, "Add a part to the polygon", ["alt+p"], draw("part"), isOne("polygon")],
    ["outline:cut", polygons, "Cut the polygon in two", ["shift+x"], draw("cut"), isOne("polygon")],
    ["delete-ring", polygons, "Delete the hole or part of the point", ["shift+backspace"], shapes.deleteRing, isOne("polygon")],
    ["fill-holes", areas, "Fill the holes", ["shift+g"], shapes.fillHoles, hasArea],
    ["join", areas, "Join the selected labels", ["ctrl+j"], shapes.merge, isSeveral],
    ["separate", areas, "Separate the pieces", ["shift+c"], shapes.split, hasArea],
    ["front", "Shapes", "Bring to the front", ["ctrl+]"], shapes.toFront, mayChange],
    ["back-most", "Shapes", "Send to the back", ["ctrl+["], shapes.toBack, mayChange],
    ["isolate", "View", "Hide the others, show all", ["shift+h"], shapes.isolate, () => store.state.selection.length > 0],
    ["vertex-hidden", skeletons, "The vertex is hidden", ["q"], shapes.toggleHidden, hasVertex],
    ["vertex-absent", skeletons, "The vertex is not there", ["x"], shapes.leaveOut, hasVertex],
    ["snap", "Draw", "Snap to vertices and edges", ["t"], () => toggleSetting("snap", "Snapping"), canEdit],
  ];

  function toggleSetting(name, words) {
    const { settings } = store.state;
    store.update({ settings: { ...settings, [name]: !settings[name] } });
    session.say(`${words} ${settings[name] ? "off" : "on"}`);
  }

  return commandsOf(rows);
}
