/** Starts the editor: reads the page's configuration, wires the parts and paints. Nothing else knows all of them. */

import { rememberPicture, storedPicture } from "./adjustments.js";
import { createApi } from "./api.js";
import { createCommands, viewCommands } from "./commands.js";
import { el } from "./dom.js";
import { frameCommands } from "./frame_keys.js";
import { createFrames } from "./frames.js";
import { isTyping } from "./hotkeys.js";
import { ownKeys } from "./key_bindings.js";
import { modeOf } from "./modes.js";
import { createBanner } from "./panels/banner.js";
import { createClasses } from "./panels/classes.js";
import { createDifferences, createScoreCard } from "./panels/compare_list.js";
import { createDrawer } from "./panels/drawer.js";
import { createFrameNote } from "./panels/frame_note.js";
import { createHeader } from "./panels/header.js";
import { createInstances } from "./panels/instances.js";
import { createIssues } from "./panels/issues.js";
import { createLive } from "./panels/live.js";
import { createReadout } from "./panels/readout.js";
import { createRail } from "./panels/rail.js";
import { createReviewPanel, createVerdict } from "./panels/review.js";
import { createSelection } from "./panels/selection.js";
import { showSettings, showSheet } from "./panels/sheet.js";
import { createSplitter } from "./panels/splitter.js";
import { createTimeline } from "./panels/timeline.js";
import { createPlayback } from "./playback.js";
import { reviewGuard } from "./review_guard.js";
import { isForReviewers } from "./review_keys.js";
import { startReview } from "./review_start.js";
import { createSaving } from "./saving.js";
import { createSession } from "./session.js";
import { rememberSettings, storedSettings } from "./settings.js";
import { TOOLS } from "./tools/index.js";
import { startCompare, startLabelling } from "./views.js";
import { toolsFor } from "./workspace.js";

const PANELS = {
  rail: createRail,
  classes: createClasses,
  instances: createInstances,
  selection: createSelection,
  differences: createDifferences,
  scoreCard: createScoreCard,
  timeline: createTimeline,
  issues: createIssues,
  review: createReviewPanel,
  verdict: createVerdict,
};

function start(root) {
  // The keys of ordinary pages (J, K, X, ?) mean other things here.
  document.body.setAttribute("data-own-keys", "");
  const config = JSON.parse(document.getElementById("editor-config").textContent);
  const mode = modeOf(config);
  const remembered = storedPicture(config);
  const session = createSession(
    {
      ...config,
      document: config.document ?? { objects: [], classifications: [] },
      settings: { ...config.settings, ...storedSettings(), ...remembered.settings },
    },
    { canEdit: mode.canEdit, guard: config.review && reviewGuard(config.review.labels.map(({ id }) => id)) },
  );
  if (session.media.pixels && remembered.window) session.window.set(remembered.window);
  const api = createApi({
    token: document.querySelector('meta[name="csrf-token"]')?.content ?? "",
    pageUrl: location.href,
  });
  const commands = createCommands(config.review ? isForReviewers : undefined);
  const banner = createBanner();
  const live = createLive(session);
  let view = null;
  const frames = createFrames({ session, api, redraw: () => view?.redraw() });
  const playback = createPlayback({ session, frames });
  const readout = session.media.pixels && createReadout({ session, frames });
  const context = {
    config,
    mode,
    session,
    commands,
    banner,
    frames,
    playback,
    picture: frames.picture,
    onPointer: readout?.show,
    tools: toolsFor(TOOLS, mode, session),
  };
  context.api = api;
  if (config.review) context.review = startReview(context);
  commands.add(frameCommands(context));
  view = mode.panes === "two" ? startCompare(context) : startLabelling(context);

  const stage = el(
    "main",
    { class: ["video", "dicom"].includes(session.media.kind) ? "ed-stage is-dark" : "ed-stage" },
    view.canvases,
    view.zoom.element,
    banner.element,
    createFrameNote({ session, frames }),
    readout ? readout.element : [],
    live.seen,
  );
  const place = (names) => names.map((name) => PANELS[name]({ ...context, ...view.panelContext }));
  const right = el("aside", { class: "ed-right", "aria-label": "Labels" }, place(mode.right));
  const splitter = createSplitter({
    session,
    panel: right,
    name: "rightWidth",
    label: "Width of the labels panel",
    least: 240,
    most: 560,
  });
  root.replaceChildren(
    createHeader(context),
    el("div", { class: "ed-body" }, place(mode.left), stage, splitter, right),
    ...(session.media.isMany ? place(mode.bottom) : []),
    live.spoken,
  );
  root.classList.toggle("has-pair", mode.panes === "two");
  view.attach();

  const instructions = config.endpoints.instructions && createDrawer({ url: config.endpoints.instructions });
  commands.add(
    viewCommands({
      panes: view.panes,
      session,
      instructions,
      showSettings,
      showSheet: () => showSheet(context),
    }),
  );
  listenToKeys(root, commands, view, session);
  session.store.watch(
    (state) => [state.settings],
    ({ settings }) => commands.rebind(ownKeys(settings)),
  );
  rememberPicture(session);
  rememberSettings({ store: session.store, api, url: config.endpoints.settings });

  session.store.watch(
    (state) => [state.picture],
    ({ picture }) => {
      if (picture.state === "loading" || root.dataset.ready) return;
      root.dataset.ready = "true";
      performance.mark("editor-ready");
    },
  );
  if (config.notice) banner.show({ kind: "notice", text: config.notice, closes: true });
  startSaving(context, api);
  return { session, view, commands, frames, playback };
}

/** Keys go to the commands wherever the focus is; Space held moves the picture, a tap on it plays. */
function listenToKeys(root, commands, view, session) {
  const onSpace = (event, held) => {
    const free =
      event.code === "Space" &&
      !isTyping(event.target) &&
      !event.target.closest?.("button, a, input, label, summary, [role=listbox]");
    if (!free) return;
    event.preventDefault();
    const panes = view.panes();
    const tapped = !held && !panes.some((pane) => pane.spaceUsed);
    panes.forEach((pane) => pane.holdSpace(held));
    if (tapped && session.media.isMany) commands.run("play");
  };
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    onSpace(event, true);
    if (event.key === "Escape" && isTyping(event.target) && root.contains(event.target)) {
      root.querySelector(".ed-pane").focus();
      return;
    }
    commands.onKey(event);
  });
  document.addEventListener("keyup", (event) => onSpace(event, false));
  addEventListener("blur", () => view.panes().forEach((pane) => pane.holdSpace(false)));
}

async function startSaving(context, api) {
  const { config, mode, session, commands } = context;
  const { endpoints } = config;
  const saving = await createSaving({ ...context, api, reads: !mode.saves });
  if (mode.saves) {
    await saving.restore();
    context.review?.saveWith(saving.autosave.save);
    commands.add([
      {
        id: "save",
        group: "Task",
        label: "Save now",
        keys: ["ctrl+s"],
        typing: true,
        run: () => saving.autosave.retry(),
      },
      {
        id: "submit",
        group: "Task",
        label: "Submit",
        keys: ["ctrl+enter"],
        typing: true,
        run: saving.submit,
      },
    ].filter(({ id }) => id !== "submit" || endpoints.submit));
  }
  commands.add(
    (config.actions ?? [])
      .filter(({ key }) => key !== "submit")
      .map(({ key, label }) => ({
        id: `action:${key}`,
        when: () => Boolean(endpoints[key]),
        run: () => saving.leaveBy(endpoints[key], label),
      })),
  );
  session.store.flush();
}

const root = document.getElementById("editor");
if (root) globalThis.annotrainEditor = start(root);
