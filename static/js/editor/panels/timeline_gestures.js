/** Pointer, wheel and keys on the timeline: go, scrub, pull the end of a track, mark a range, scroll, zoom. */

const WHEEL_ZOOM = 0.003;
const LINE_PX = 16;
/** A press on an end that moves less is a click on the frame. */
const PULL_FROM_PX = 3;
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

/**
 * `host` = {place(event), rowAt(y), frameAt(x), gripAt(place), scrollBy(px), zoomBy(factor, x), menu(row, event),
 * pull(grip, frame), drop(isKept)}: what lies where, and how the view moves. `gripAt` is the end of a track under the pointer, or null.
 */
export function listenToTimeline(slider, host, { session, commands }) {
  const { store, media } = session;
  let held = null;

  const setRange = (a, b) => store.update({ range: a === b ? null : [Math.min(a, b), Math.max(a, b)] });

  /** The end of the marked range that is not the current frame; without one the current frame. */
  function anchor() {
    const { range, frame } = store.state;
    return range ? range.find((end) => end !== frame) : frame;
  }

  function begin(event) {
    const { x, y } = host.place(event);
    if (event.button === 1) return { pans: true, x };
    if (event.button !== 0) return null;
    commands.run("pause");
    if (event.shiftKey) {
      const from = store.state.frame;
      setRange(from, host.frameAt(x));
      return { from };
    }
    const grip = host.gripAt({ x, y });
    if (grip) return { grip, x };
    const row = host.rowAt(y);
    if (row?.kind === "object" && row.id) session.select([row.id]);
    if (store.state.range) store.update({ range: null });
    session.go(host.frameAt(x));
    return { scrubs: true };
  }

  function press(event) {
    held = begin(event);
    if (!held) return;
    event.preventDefault();
    slider.focus({ preventScroll: true });
    slider.classList.add("is-pointed");
    slider.setPointerCapture(event.pointerId);
  }

  function move(event) {
    const { x, y } = host.place(event);
    if (!held) return void slider.classList.toggle("is-end", Boolean(host.gripAt({ x, y })));
    if (held.grip) {
      held.pulls ||= Math.abs(x - held.x) > PULL_FROM_PX;
      if (held.pulls) host.pull(held.grip, host.frameAt(x));
    } else if (held.pans) {
      host.scrollBy(held.x - x);
      held.x = x;
    } else if (held.scrubs) session.go(host.frameAt(x));
    else setRange(held.from, host.frameAt(x));
  }

  /** `isKept` is false when the pointer was lost or Escape pressed: what was pulled goes back. */
  function release(isKept) {
    if (held?.pulls) host.drop(isKept);
    else if (held?.grip && isKept) session.go(host.frameAt(held.x));
    if (held?.from !== undefined && store.state.range) {
      const [from, to] = store.state.range;
      session.say(`Frames ${from} to ${to} marked: answers and dialogs mean them`);
    }
    held = null;
  }

  function wheel(event) {
    const unit = event.deltaMode === 1 ? LINE_PX : 1;
    const zooms = event.ctrlKey || event.altKey;
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (!zooms && !across) return;
    event.preventDefault();
    if (zooms) host.zoomBy(Math.exp(-event.deltaY * unit * WHEEL_ZOOM), host.place(event).x);
    else host.scrollBy(across * unit);
  }

  function keys(event) {
    if (event.key === "Escape" && held?.grip) {
      event.preventDefault();
      event.stopPropagation();
      return release(false);
    }
    const step = STEPS[event.key];
    const ends = { Home: 0, End: media.last };
    const target = step === undefined ? ends[event.key] : store.state.frame + step;
    if (target === undefined || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    commands.run("pause");
    if (event.shiftKey) setRange(anchor(), media.clampFrame(target));
    session.go(target);
  }

  slider.addEventListener("pointerdown", press);
  slider.addEventListener("pointermove", move);
  slider.addEventListener("pointerup", () => release(true));
  slider.addEventListener("lostpointercapture", () => release(false));
  slider.addEventListener("blur", () => slider.classList.remove("is-pointed"));
  slider.addEventListener("wheel", wheel, { passive: false });
  slider.addEventListener("keydown", keys);
  slider.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const { x, y } = host.place(event);
    const row = host.rowAt(y);
    if (!row) return;
    session.go(host.frameAt(x));
    host.menu(row, event);
  });
}
