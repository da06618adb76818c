/** Colours of classes: from the ontology where they are usable, else Okabe and Ito's set, which colour-blind people can tell apart. Pure. */

export const DEFAULT_COLOURS = [
  "#D55E00",
  "#0072B2",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#7A5AA6",
  "#9AA3B2",
];

/** A colour that is safe to give to a canvas or a style: six hexadecimal digits, nothing else. */
export function colourOr(value, position) {
  return typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value)
    ? value
    : DEFAULT_COLOURS[position % DEFAULT_COLOURS.length];
}

function channel(value) {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of "#rrggbb", 0 to 1 (WCAG 2.2). */
export function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => channel(parseInt(colour.slice(at, at + 2), 16)));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever reads better on a colour. */
export function inkOn(colour) {
  const light = luminance(colour);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
}

/** "rgba(...)" of "#rrggbb". */
export function withAlpha(colour, alpha) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}
