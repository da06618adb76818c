/**
 * The frames of the task: how many, how large, when, and where their pictures are. Pure.
 *
 * Frames are counted from 0. A group is a set of unrelated pictures: nothing is interpolated or carried on between them.
 */

const KINDS_IN_ORDER = new Set(["video", "image_sequence", "dicom"]);
/** Frames a second where the medium has no times of its own. */
const RATES = { image_sequence: 5, dicom: 10 };

const WHOLE = new Intl.NumberFormat("en-GB");
/** "1,499". One formatter for all: `toLocaleString` makes its own, a quarter of the script of a step to another frame. */
export const whole = (value) => WHOLE.format(value);

/** From the `media` block of the page's configuration (docs/editor.md). */
export function createMedia(block) {
  const sizes = block.sizes.map(([width, height]) => Object.freeze({ width, height }));
  const count = block.frame_count;
  const last = count - 1;
  const times = block.times ?? null;
  const rate = block.rate ?? (times && last > 0 ? (1000 * last) / (times[last] - times[0]) : null);
  const hasTimes = Boolean(times || block.rate);
  const playRate = rate ?? RATES[block.kind] ?? 2;
  const clampFrame = (frame) => Math.min(last, Math.max(0, Math.round(frame) || 0));

  /** Milliseconds from the first frame at the medium's own speed. */
  const timeMs = (frame) => (times ? times[frame] - times[0] : (1000 * frame) / playRate);

  return {
    kind: block.kind,
    count,
    last,
    isMany: count > 1,
    /** Whether neighbouring frames show the same things a moment or a slice apart. */
    isContinuous: count > 1 && KINDS_IN_ORDER.has(block.kind),
    rate,
    hasTimes,
    pixels: block.pixels ?? null,
    statusUrl: block.status_url ?? null,
    ready: block.ready ?? count,
    clampFrame,
    timeMs,
    size: (frame) => sizes[sizes.length > 1 ? frame : 0],
    url: (frame) => block.frame_url.replace("{frame}", frame),
    pixelsUrl: (frame) => block.pixels.url.replace("{frame}", frame),
    name: (frame) => block.names?.[frame] ?? "",

    /** The frame that is shown at a time; the last one beyond the end. */
    frameAt(ms) {
      if (!times) return Math.min(last, Math.max(0, Math.floor((ms * playRate) / 1000 + 1e-6)));
      let [low, high] = [0, last];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (times[middle] - times[0] <= ms + 1e-3) low = middle;
        else high = middle - 1;
      }
      return low;
    },
  };
}

/** "00:04.48", with hours where there are some. */
export function clockOf(ms) {
  const hundredths = Math.round(ms / 10);
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const seconds = `${two((hundredths / 100) % 60)}.${two(hundredths % 100)}`;
  const hours = Math.floor(hundredths / 360000);
  return `${hours ? `${hours}:` : ""}${two((hundredths / 6000) % 60)}:${seconds}`;
}
