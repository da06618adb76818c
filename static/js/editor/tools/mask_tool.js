/**
 * A table for painting masks. A stroke adds to (or takes from) the selected mask, or begins a new one; while it lasts it
 * is drawn as a thick line, and only its end touches the pixels.
 */

import { deleteObjects, setGeometry } from "../actions.js";
import { paintStroke } from "../mask_edit.js";
import { geometryFromMask, maskFromGeometry } from "../run_length.js";
import { drawingClass, finished } from "./new_object.js";

const pixels = ({ x, y }, { width, height }) => ({ x: x * width, y: y * height });

/** The selected mask that a stroke goes into. */
function target(scene, erases) {
  if (scene.selection.length !== 1) return null;
  const shape = scene.shapes.find(({ id }) => id === scene.selection[0]);
  if (shape?.geometry.type !== "bitmask") return null;
  return erases || shape.node === scene.activeClass.hash ? shape : null;
}

/** The selected mask, or a new one, after `paint(mask, size)` changed its pixels: a result for the machine. */
export function paintedInto(scene, takes, paint) {
  const shape = target(scene, takes);
  const size = shape?.geometry.size ?? [scene.size.height, scene.size.width];
  const mask = shape ? maskFromGeometry(shape.geometry) : new Uint8Array(size[0] * size[1]);
  paint(mask, size);
  const geometry = geometryFromMask(mask, size);
  const isEmpty = !mask.includes(1);
  if (!shape)
    return isEmpty ? { to: "idle", draft: null, say: "Nothing was painted" } : finished(scene, geometry);
  const change = (document) =>
    isEmpty ? deleteObjects(document, [shape.id]) : setGeometry(document, shape.id, scene.frame, geometry);
  return {
    to: "idle",
    draft: null,
    commit: { label: `${takes ? "Erase from" : "Paint"} ${shape.name}`, change },
  };
}

export function maskTool({ name, label, key, icon, erases }) {
  function stroke(scene, points, takes) {
    return {
      points,
      takes,
      ghosts: [
        {
          id: null,
          node: scene.activeClass.hash,
          geometry: { type: "polyline", points },
          width: 2 * scene.settings.brush * scene.scale,
          alpha: 0.5,
          halo: false,
          ...(takes ? { colour: "#ffffff" } : {}),
        },
      ],
    };
  }

  function start({ event, scene }) {
    // Alt turns the brush round for one stroke: the hand need not leave the canvas.
    const takes = erases !== Boolean(event.alt);
    const shape = target(scene, takes);
    if (shape?.locked) return { say: "This label is locked" };
    const { problem } = drawingClass(scene, "bitmask");
    if (!shape && (takes || problem))
      return { say: takes ? "Select the mask to erase from first" : problem };
    return { to: "painting", draft: stroke(scene, [[event.point.x, event.point.y]], takes) };
  }

  function finish({ draft, scene }) {
    const { takes } = draft;
    return paintedInto(scene, takes, (mask, size) => {
      const points = draft.points.map(([x, y]) => pixels({ x, y }, { width: size[1], height: size[0] }));
      paintStroke(mask, size, points, (scene.settings.brush * size[1]) / scene.size.width, takes ? 0 : 1);
    });
  }

  return {
    name,
    shape: "bitmask",
    label,
    key,
    icon,
    cursor: "crosshair",
    paints: true,
    initial: "idle",
    states: {
      idle: {
        down: start,
        enter: ({ scene }) => {
          const { x, y, w, h } = scene.view;
          const begun = start({ event: { point: { x: x + w / 2, y: y + h / 2 } }, scene });
          return begun.draft ? finish({ draft: begun.draft, scene }) : begun;
        },
      },
      painting: {
        move: ({ draft, event, scene }) => ({
          draft: stroke(scene, [...draft.points, [event.point.x, event.point.y]], draft.takes),
        }),
        up: finish,
      },
    },
  };
}
