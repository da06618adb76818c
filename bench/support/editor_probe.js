/**
 * Read into the editor's page by bench/editor.py: how long script runs per frame of the screen while something moves.
 *
 * Counted are the event's listeners, what they put off to the end of the task, and the callbacks of the next frame. The
 * browser's own painting is not: it runs on other threads where there is a graphics card, and on two busy cores it says
 * more about the machine than about the editor.
 */
(() => {
  const pending = { ms: 0 };
  const request = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (callback) =>
    request((time) => {
      const start = performance.now();
      callback(time);
      pending.ms += performance.now() - start;
    });
  const nextFrame = () => new Promise((resolve) => request(resolve));

  /** Fire `count` events, one per frame; returns {script: [ms per frame], frames: [ms between frames]}. */
  async function perFrame(target, count, makeEvent) {
    const script = [];
    const frames = [];
    await nextFrame();
    let before = performance.now();
    for (let index = 0; index < count; index += 1) {
      pending.ms = 0;
      const start = performance.now();
      target.dispatchEvent(makeEvent(index));
      await Promise.resolve();
      const listeners = performance.now() - start;
      await nextFrame();
      // The editor's callbacks of this frame may come after ours: wait until they have run, too.
      await new Promise((resolve) => setTimeout(resolve));
      script.push(listeners + pending.ms);
      const now = performance.now();
      frames.push(now - before);
      before = now;
    }
    return { script, frames };
  }

  const pane = () => document.querySelector(".ed-pane");

  globalThis.editorProbe = {
    /** The pointer (already pressed) goes round in a circle. */
    drag: ({ x, y, radius, count }) =>
      perFrame(
        pane(),
        count,
        (index) =>
          new PointerEvent("pointermove", {
            bubbles: true,
            pointerId: 1,
            pointerType: "mouse",
            buttons: 1,
            clientX: x + radius * Math.sin(index / 6),
            clientY: y + radius * (1 - Math.cos(index / 6)),
          }),
      ),
    /** In and out again at one point. */
    zoom: ({ x, y, count }) =>
      perFrame(
        pane(),
        count,
        (index) =>
          new WheelEvent("wheel", {
            bubbles: true,
            cancelable: true,
            clientX: x,
            clientY: y,
            deltaY: index % 40 < 20 ? -40 : 40,
          }),
      ),
  };
})();
