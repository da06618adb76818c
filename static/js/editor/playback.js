/**
 * Plays the frames at the medium's own pace, times a speed. Frames are skipped to keep the pace, never shown late: a
 * frame that has not been fetched yet makes the clock wait.
 */

export const SPEEDS = [0.25, 0.5, 1, 2, 4];

export function createPlayback({ session, frames, clock = globalThis }) {
  const { store, media } = session;
  let request = null;
  let started = null;

  const isPlaying = () => store.state.playing;

  /** Time runs from the frame that is shown now. */
  const anchor = () => (started = { at: clock.performance.now(), ms: media.timeMs(store.state.frame) });

  function tick() {
    if (!isPlaying()) return;
    request = clock.requestAnimationFrame(tick);
    const { frame, settings } = store.state;
    if (store.state.picture.state !== "ready" || store.state.picture.frame !== frame) return anchor();
    if (frame >= media.last) return stop();
    const ms = started.ms + (clock.performance.now() - started.at) * settings.speed;
    let target = media.frameAt(ms);
    if (target <= frame) return;
    while (target > frame + 1 && !frames.has(target)) target -= 1;
    if (!frames.has(target)) anchor();
    session.go(target);
  }

  function start() {
    if (!media.isMany || isPlaying()) return;
    if (store.state.frame >= media.last) session.go(0);
    store.update({ playing: true });
    anchor();
    request = clock.requestAnimationFrame(tick);
  }

  function stop() {
    if (!isPlaying()) return;
    clock.cancelAnimationFrame(request);
    store.update({ playing: false });
    session.say(`Frame ${store.state.frame}`, { quiet: true });
  }

  return {
    start,
    stop,
    toggle: () => (isPlaying() ? stop() : start()),

    /** The next slower (-1) or faster (1) speed. */
    changeSpeed(by) {
      const at = SPEEDS.indexOf(store.state.settings.speed);
      const speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? 2 : at) + by))];
      this.setSpeed(speed);
    },
    setSpeed(speed) {
      store.update({ settings: { ...store.state.settings, speed } });
      if (isPlaying()) anchor();
      session.say(`Speed ${speed}×`);
    },
  };
}
