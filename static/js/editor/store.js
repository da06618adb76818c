/** A small observable state: one plain object, replaced in parts, watched by slices. No DOM. */

/**
 * Watchers run once after the current task, however many changes it made, and only when a value they picked changed
 * by identity. `flush` runs them at once.
 */
export function createStore(initial) {
  let state = initial;
  let scheduled = false;
  const watchers = new Set();

  function flush() {
    scheduled = false;
    for (const watcher of watchers) {
      const values = watcher.pick(state);
      if (values.some((value, index) => value !== watcher.values[index])) {
        watcher.values = values;
        watcher.run(state);
      }
    }
  }

  return {
    get state() {
      return state;
    },
    update(patch) {
      state = { ...state, ...patch };
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(flush);
    },
    /** Call `run(state)` now and whenever one of the values in the array that `pick(state)` returns changes. */
    watch(pick, run) {
      const watcher = { pick, run, values: pick(state) };
      watchers.add(watcher);
      run(state);
      return () => watchers.delete(watcher);
    },
    flush,
  };
}
