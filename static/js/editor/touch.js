/** Two fingers move and zoom the picture; beside a pen even one finger does, because the hand lies on the screen. Pure. */

/** `pane` offers panBy(dx, dy) and zoomBy(factor, point). */
export function createTouch(pane) {
  const fingers = new Map();
  let penSeen = false;
  let isLooking = false;
  let last = null;

  const middle = () => {
    const all = [...fingers.values()];
    return {
      x: all.reduce((sum, { x }) => sum + x, 0) / all.length,
      y: all.reduce((sum, { y }) => sum + y, 0) / all.length,
    };
  };
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };
  const remember = () => (last = fingers.size ? { at: middle(), spread: spread() } : null);

  return {
    /** A finger or pen came down; true when it is there to look, not to draw. */
    down({ id, type, point }) {
      if (type === "pen") penSeen = true;
      if (type !== "touch") return false;
      fingers.set(id, point);
      isLooking ||= fingers.size > 1 || penSeen;
      remember();
      return isLooking;
    },

    /** True when the move belonged to looking. */
    move({ id, point }) {
      if (!fingers.has(id)) return false;
      fingers.set(id, point);
      if (!isLooking) return false;
      const before = last;
      remember();
      pane.panBy(last.at.x - before.at.x, last.at.y - before.at.y);
      if (before.spread > 0 && last.spread > 0) pane.zoomBy(last.spread / before.spread, last.at);
      return true;
    },

    /** True when the finger had been there to look. Drawing is possible again once all are gone. */
    up({ id }) {
      if (!fingers.delete(id)) return false;
      const was = isLooking;
      if (!fingers.size) isLooking = false;
      remember();
      return was;
    },
  };
}
