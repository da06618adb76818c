/** The two kinds of view that a mode can ask for, behind one face: canvases, zoom control, panes, what panels need. */

import { createCompare } from "./compare.js";
import { orderedDifferences } from "./differences.js";
import { completeDocument } from "./document.js";
import { el } from "./dom.js";
import { createToolOptions } from "./panels/tool_options.js";
import { createZoom } from "./panels/zoom.js";
import { createWorkspace } from "./workspace.js";

/** One picture with its tools. */
export function startLabelling(context) {
  const { session } = context;
  let workspace = null;
  const zoom = createZoom({ commands: context.commands });
  const canvas = el("div", { class: "ed-view" });
  workspace = createWorkspace({ ...context, onViewport: (viewport) => zoom.show(viewport) });
  canvas.append(workspace.canvas, createToolOptions(context));
  return {
    canvases: [canvas],
    zoom,
    panelContext: { openMenu: workspace.openMenu },
    panes: () => [workspace.pane],
    redraw: () => workspace.pane.renderer.redraw(),
    attach() {
      workspace.pane.fit();
      zoom.show(workspace.pane.viewport);
      session.store.flush();
    },
  };
}

/** Gold and a submission side by side. */
export function startCompare(context) {
  const { session, config, commands } = context;
  session.store.update({ difference: null });
  const gold = completeDocument(config.compare.left.document);
  const submitted = completeDocument(config.compare.right.document);
  const differences = orderedDifferences(config.compare.differences, gold, submitted);
  let zoom = null;
  const compare = createCompare({ ...context, differences, onViewport: (viewport) => zoom.show(viewport) });
  zoom = createZoom({ commands, link: compare.link });
  commands.add(compare.table);
  commands.pickDifference = compare.pick;
  session.store.watch(
    (state) => [state.difference, state.settings],
    () => compare.views[0].pane && compare.redraw(),
  );
  return {
    canvases: compare.views.map(({ element }) => element),
    zoom,
    panelContext: { differences },
    panes: compare.panes,
    redraw: compare.redraw,
    attach() {
      compare.build();
      compare.panes().forEach((pane) => pane.fit());
      if (differences.length) compare.pick(0);
    },
  };
}
