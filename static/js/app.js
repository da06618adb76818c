// Everything a page needs besides the editor. Behaviour hangs on data attributes and is delegated from the
// document, so that it also holds for what HTMX swaps in.
import { startBulk } from "./bulk.js";
import { startCopy } from "./copy.js";
import { startDialogs } from "./dialogs.js";
import { startFilters } from "./filters.js";
import { startFramePreview } from "./frame_preview.js";
import { startHtmx } from "./htmx_glue.js";
import { startKeys } from "./keys.js";
import { startMenus } from "./menus.js";
import { startNarrowing } from "./narrow.js";
import { startThemeSwitch } from "./theme_switch.js";
import { startTimes } from "./time.js";
import { startToasts } from "./toasts.js";
import { startUploads } from "./upload.js";

startToasts();
startHtmx();
startDialogs();
startMenus();
startFilters();
startBulk();
startKeys();
startCopy();
startTimes();
startNarrowing();
startThemeSwitch();

// HTMX fires this for the page and again for every piece it swaps in.
document.addEventListener("htmx:load", (event) => {
  startUploads(event.detail.elt);
  startFramePreview(event.detail.elt);
  const charts = event.detail.elt.querySelectorAll?.("[data-chart]") ?? [];
  if (charts.length) import("./charts.js").then((module) => module.drawAll(charts));
});
