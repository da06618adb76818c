/**
 * From measured values (DICOM, after rescaling) to grey: the window says which values run from black to white. Pure.
 *
 * Linear as in DICOM PS3.3 C.11.2.1.2: with centre c and width w, everything up to c - 0.5 - (w - 1) / 2 is black and
 * everything above c - 0.5 + (w - 1) / 2 is white.
 */

const OFFSET = 32768;

/** Grey (0..255) of every 16-bit value, at position value + 32768. */
export function greyTable({ center, width }, invert = false) {
  const table = new Uint8ClampedArray(65536);
  const span = Math.max(1, width - 1);
  const low = center - 0.5 - span / 2;
  for (let value = -OFFSET; value < OFFSET; value += 1) {
    const grey = Math.round(Math.min(1, Math.max(0, (value - low) / span)) * 255);
    table[value + OFFSET] = invert ? 255 - grey : grey;
  }
  return table;
}

/** Write values through a table into RGBA pixels (one 32-bit word each, alpha full). */
export function paintGrey(values, table, words) {
  for (let at = 0; at < values.length; at += 1) {
    const grey = table[values[at] + OFFSET];
    words[at] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
}

/** The window after a drag: right = wider, down = brighter (a lower centre). One screen of 1,000 px spans the values. */
export function draggedWindow(window, { dx, dy }, { min, max }) {
  const step = Math.max(1, max - min) / 1000;
  const width = Math.min(2 * (max - min) + 1, Math.max(1, Math.round(window.width + dx * step)));
  const center = Math.min(max + width, Math.max(min - width, Math.round(window.center - dy * step)));
  return { center, width };
}

/** The window that shows all values of a frame between black and white. */
export function fullWindow(values) {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { center: Math.round((min + max + 1) / 2), width: Math.max(1, max - min + 1) };
}
