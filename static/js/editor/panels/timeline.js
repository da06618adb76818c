import { el } from "../dom.js";
export function createTimeline() {
  return el("section", { class: "ed-timeline" });
}
