/** Two linked views: gold at the left, a submission at the right, with the differences that cost points. */

import { watchPicture } from "./adjustments.js";
import { lostPoints } from "./differences.js";
import { completeDocument, labelOn, objectById, shapesOn } from "./document.js";
import { el } from "./dom.js";
import { boundsOf } from "./geometry.js";
import { hitShape } from "./hit_test.js";
import { createPane } from "./pane.js";

const GOLD_LINE = "#181b21";
const MISSING_LINE = "#8c1d2f";
const CLICK_PX = 4;
const REACH_PX = 7;

/** `store.state.difference` is the chosen position in `differences`. */
export function createCompare({ session, config, differences, picture, onViewport, onPointer }) {
  const { ontology, store } = session;
  const gold = completeDocument(config.compare.left.document);
  const submitted = completeDocument(config.compare.right.document);
  const placeOf = (id, frame) => `${frame}/${id}`;
  const missing = new Map(
    differences
      .filter(({ outcome }) => outcome === "missing")
      .map(({ gold_id, frame }) => [placeOf(gold_id, frame ?? 0), gold_id]),
  );
  const isMissing = (id) => missing.has(placeOf(id, store.state.frame));
  let linked = true;
  let overlaid = false;

  const chosen = () => differences[store.state.difference] ?? null;

  function shapesOf(document, selectedId) {
    return shapesOn(document, store.state.frame).map(({ object, label }) => {
      const cls = ontology.object(object.node);
      const selected = object.id === selectedId;
      return {
        id: object.id,
        geometry: label.geometry,
        colour: cls.colour,
        fill: selected ? 0.16 : store.state.settings.opacity / 200,
        width: selected ? 2.6 : 1.75,
        template: ontology.templateOf(cls),
        selected,
      };
    });
  }

  /** Overlaid, every gold shape lies over the submission as a dashed outline; missing and chosen ones are drawn anyway. */
  function goldOutlines(chosenId) {
    return shapesOn(gold, store.state.frame)
      .filter(({ object }) => object.id !== chosenId && !isMissing(object.id))
      .map(({ object, label }) => ({
        geometry: label.geometry,
        colour: GOLD_LINE,
        width: 1.5,
        dash: [6, 4],
        template: ontology.templateOf(ontology.object(object.node)),
      }));
  }

  const goldShape = (id) => labelOn(objectById(gold, id), store.state.frame)?.geometry;

  function scene(side) {
    const difference = chosen();
    const isGold = side === "left";
    const shapes = shapesOf(
      isGold ? gold : submitted,
      isGold ? difference?.gold_id : difference?.submitted_id,
    );
    const hand = shapes.filter((shape) => shape.selected);
    const finished = shapes.filter((shape) => !shape.selected);
    if (!isGold) {
      for (const [place, id] of missing) {
        const geometry = place === placeOf(id, store.state.frame) && goldShape(id);
        if (geometry)
          finished.push({
            geometry,
            colour: MISSING_LINE,
            width: id === difference?.gold_id ? 2.6 : 1.75,
            dash: [2, 3],
          });
      }
      if (overlaid) finished.push(...goldOutlines(difference?.gold_id));
      const outline = difference && !isMissing(difference.gold_id) && goldShape(difference.gold_id);
      if (outline) hand.push({ geometry: outline, colour: GOLD_LINE, width: 1.75, dash: [6, 4] });
    }
    return { picture: picture(), shapes: finished, hand, marquee: null };
  }

  function view(side, title, note) {
    const canvas = el("div", {
      class: "ed-pane",
      tabindex: 0,
      role: "application",
      "aria-label": `${title}, picture ${config.task.title}`,
      "aria-description": "Press J and K to step through the differences.",
    });
    const chip = el(
      "div",
      { class: "ed-pane-chips" },
      el("span", { class: side === "left" ? "ed-pane-chip is-gold" : "ed-pane-chip", text: title }),
      note && el("span", { class: "ed-pane-chip is-note", text: note }),
    );
    const element = el("div", { class: "ed-view" }, canvas, chip);
    return { side, canvas, element, pane: null };
  }

  const views = [view("left", config.compare.left.title), view("right", "Submission", "gold outline dashed")];

  function build() {
    for (const each of views) {
      const other = () => views.find((candidate) => candidate !== each).pane;
      each.pane = createPane(each.canvas, {
        frame: () => session.size(),
        scene: () => scene(each.side),
        on: {
          viewport: (viewport) => {
            if (linked && !overlaid && other()) other().setViewport(viewport, { silent: true });
            onViewport(viewport);
          },
          pointer: (point) => {
            other()?.setRing(linked ? point : null);
            onPointer?.(point);
          },
          level: session.media.pixels ? session.moveWindow : null,
        },
      });
      each.pane.machine = lookingMachine(each);
      each.pane.updateCursor();
      each.pane.showsCrosshair = () => store.state.settings.crosshair;
    }
    watchPicture(session, () => views.map(({ pane }) => pane));
  }

  /** Drag moves the picture, a click chooses the difference of a label. */
  function lookingMachine({ side, pane }) {
    let from = null;
    let last = null;
    return {
      tool: { cursor: "default" },
      cancel: () => (from = last = null),
      send({ type, screen, point }) {
        if (type === "down") from = last = screen;
        if (type === "move" && last) {
          pane.panBy(screen.x - last.x, screen.y - last.y);
          last = screen;
        }
        if (type !== "up" || !from) return;
        if (Math.hypot(screen.x - from.x, screen.y - from.y) < CLICK_PX) choose(side, point, pane);
        from = last = null;
      },
    };
  }

  function choose(side, point, pane) {
    const key = side === "left" ? "gold_id" : "submitted_id";
    const id = hitShape(
      shapesOf(side === "left" ? gold : submitted),
      [point.x, point.y],
      session.size(),
      REACH_PX / pane.viewport.scale,
    );
    const { frame } = store.state;
    const position = id
      ? differences.findIndex((difference) => difference[key] === id && (difference.frame ?? frame) === frame)
      : -1;
    if (position >= 0) pick(position);
    else session.say(id ? "This label lost no points" : "");
  }

  function pick(position) {
    const difference = differences[position];
    if (!difference) return;
    if (difference.frame !== null && difference.frame !== undefined) session.go(difference.frame);
    store.update({ difference: position });
    const lost = Math.round(lostPoints(difference));
    session.say(`${difference.name}, ${lost} points lost. ${difference.sentence}`, { quiet: true });
    showChosen();
  }

  /** The chosen difference in the middle of the view, or the whole picture without one. */
  function showChosen() {
    const difference = chosen();
    const { pane } = views[overlaid ? 1 : 0];
    if (!difference) return pane.fit();
    const document = difference.gold_id ? gold : submitted;
    const geometry = labelOn(
      objectById(document, difference.gold_id ?? difference.submitted_id),
      store.state.frame,
    )?.geometry;
    if (geometry) pane.show(boundsOf(geometry, session.size()), { maxScale: 4 });
  }

  /** From the chosen one; on a frame without any, from the frame. */
  const step = (by) => () => {
    const at = store.state.difference;
    const { frame } = store.state;
    if (at !== null) return pick(Math.min(differences.length - 1, Math.max(0, at + by)));
    const next = differences.findIndex((difference) => (difference.frame ?? -1) >= frame);
    const before = differences.findLastIndex((difference) => (difference.frame ?? -1) <= frame);
    return pick(by > 0 ? (next < 0 ? differences.length - 1 : next) : Math.max(0, before));
  };

  /** Stepping through the frames chooses what differs there. */
  store.watch(
    (state) => [state.frame],
    ({ frame }) => {
      const difference = chosen();
      if (!session.media.isMany || !difference || (difference.frame ?? frame) === frame) return;
      const here = differences.findIndex((other) => other.frame === frame);
      store.update({ difference: here < 0 ? null : here });
    },
  );

  return {
    views,
    build,
    pick,
    link: {
      toggle() {
        linked = !linked;
        if (linked) views[1].pane.setViewport(views[0].pane.viewport, { silent: true });
        else for (const { pane } of views) pane.setRing(null);
        return linked;
      },
    },
    /** One picture with gold over the submission, or the two side by side. */
    overlay: {
      toggle() {
        overlaid = !overlaid;
        const [left, right] = views;
        left.element.hidden = overlaid;
        right.element.querySelector(".is-note").textContent = overlaid
          ? `dashed: ${config.compare.left.title}`
          : "gold outline dashed";
        // Once the views have their new sizes: what was looked at is in the middle again.
        requestAnimationFrame(() => requestAnimationFrame(showChosen));
        session.say(overlaid ? "Gold lies over the submission" : "Gold and submission side by side");
        return overlaid;
      },
    },
    panes: () => (overlaid ? [views[1].pane] : linked ? [views[0].pane] : views.map(({ pane }) => pane)),
    redraw: () => views.forEach(({ pane }) => pane.renderer.redraw()),
    table: [
      { id: "next-difference", group: "Differences", label: "Next difference", keys: ["j"], run: step(1) },
      {
        id: "previous-difference",
        group: "Differences",
        label: "Previous difference",
        keys: ["k"],
        run: step(-1),
      },
      {
        id: "next-submission",
        group: "Differences",
        label: "Next submission",
        keys: ["n"],
        when: () => Boolean(config.compare.next_url ?? config.endpoints.next),
        run: () => location.assign(config.compare.next_url ?? config.endpoints.next),
      },
      {
        id: "previous-submission",
        group: "Differences",
        label: "Previous submission",
        keys: ["p"],
        when: () => Boolean(config.compare.previous_url ?? config.endpoints.previous),
        run: () => location.assign(config.compare.previous_url ?? config.endpoints.previous),
      },
    ],
  };
}
