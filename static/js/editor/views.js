/** The two kinds of view that a mode can ask for, behind one face: canvases, zoom control, panes, what panels need. */

import { createCompare } from "./compare.js";
import { framesOfDifferences, orderedDifferences } from "./differences.js";
import { completeDocument } from "./document.js";
import { el } from "./dom.js";
import { createToolOptions } from "./panels/tool_options.js";
import { createZoom } from "./panels/zoom.js";
import { timelineRows } from "./timeline_rows.js";
import { createWorkspace } from "./workspace.js";

const LOST_MARK = "#c8482b";
const EVEN_MARK = "#8a93a1";

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

/** Rows of both sides under each other, and a mark on the ruler wherever something differs. */
function comparedTimeline({ gold, submitted, differences, ontology }) {
  const named = (list, side, key) =>
    list.map((row) => ({
      ...row,
      key: `${key}/${row.key}`,
      id: null,
      note: side,
      about: `${side}: ${row.about}`,
      folds: null,
    }));
  const all = [
    ...named(timelineRows(gold, ontology), "gold", "g"),
    ...named(timelineRows(submitted, ontology), "submission", "s"),
  ];
  const order = new Map();
  for (const { name } of all) if (!order.has(name)) order.set(name, order.size);
  const rows = all.sort((a, b) => order.get(a.name) - order.get(b.name));
  const marks = framesOfDifferences(differences)
    .filter(({ frame }) => frame !== null)
    .map(({ frame, lost }) => [frame, lost > 0 ? LOST_MARK : EVEN_MARK]);
  return { timelineRows: () => rows, timelineMarks: () => marks };
}

/** Gold and a submission side by side. */
export function startCompare(context) {
  const { session, config, commands } = context;
  session.store.update({ difference: null });
  const gold = completeDocument(config.compare.left.document);
  const submitted = completeDocument(config.compare.right.document);
  const byFrame = session.media.isMany;
  const differences = orderedDifferences(config.compare.differences, gold, submitted, { byFrame });
  let zoom = null;
  commands.stops = [{ keys: [...new Set(differences.map(({ frame }) => frame ?? 0))] }];
  const compare = createCompare({ ...context, differences, onViewport: (viewport) => zoom.show(viewport) });
  zoom = createZoom({ commands, link: compare.link, overlay: compare.overlay });
  commands.add(compare.table);
  commands.pickDifference = compare.pick;
  session.store.watch(
    (state) => [state.difference, state.settings, state.frame],
    () => compare.views[0].pane && compare.redraw(),
  );
  return {
    canvases: compare.views.map(({ element }) => element),
    zoom,
    panelContext: {
      differences,
      ...comparedTimeline({ gold, submitted, differences, ontology: session.ontology }),
    },
    panes: compare.panes,
    redraw: compare.redraw,
    attach() {
      compare.build();
      compare.panes().forEach((pane) => pane.fit());
      if (differences.length) compare.pick(0);
    },
  };
}
