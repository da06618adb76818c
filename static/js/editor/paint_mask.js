/** Bitmasks on a 2D context: a tint with a rim that keeps its width at any zoom. Called by paint.js only. */

import { edgesOfMask, maskFromGeometry } from "./run_length.js";

const masks = new WeakMap();

/** Outline and tinted picture of a mask, made once per geometry (and the picture again for another colour or tint). */
function maskPicture(geometry, colour, fill) {
  const [height, width] = geometry.size;
  let known = masks.get(geometry);
  if (!known) {
    const mask = maskFromGeometry(geometry);
    const rim = new Path2D();
    for (const [x1, y1, x2, y2] of edgesOfMask(mask, geometry.size)) {
      rim.moveTo(x1, y1);
      rim.lineTo(x2, y2);
    }
    known = { mask, rim, key: null, canvas: new OffscreenCanvas(width, height) };
    masks.set(geometry, known);
  }
  const key = `${colour}/${fill}`;
  if (known.key !== key) {
    const pixels = new ImageData(width, height);
    const words = new Uint32Array(pixels.data.buffer);
    const rgb = parseInt(colour.slice(1), 16);
    // Little-endian: alpha, blue, green, red.
    const word = ((Math.round(fill * 255) << 24) | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
    for (let at = 0; at < known.mask.length; at += 1) if (known.mask[at]) words[at] = word;
    known.canvas.getContext("2d").putImageData(pixels, 0, 0);
    known.key = key;
  }
  return known;
}

export function paintMask(context, geometry, frame, viewport, line) {
  const { canvas, rim } = maskPicture(geometry, line.colour, Math.min(1, (line.fill ?? 0) + 0.15));
  const { x, y, scale } = viewport;
  const [height, width] = geometry.size;
  const [scaleX, scaleY] = [(frame.width * scale) / width, (frame.height * scale) / height];
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, x, y, frame.width * scale, frame.height * scale);
  context.save();
  context.transform(scaleX, 0, 0, scaleY, x, y);
  context.lineCap = "square";
  context.lineWidth = line.width / scaleX;
  if (line.dash) {
    context.strokeStyle = line.halo;
    context.setLineDash([]);
    context.stroke(rim);
    context.setLineDash(line.dash.map((length) => length / scaleX));
  }
  context.strokeStyle = line.colour;
  context.stroke(rim);
  context.restore();
}
