/**
 * Decoded frames around the one that is shown: fetched ahead in the direction of travel, a few behind, bounded in size.
 *
 * Least recently used ones go first; what is released is told, because decoded pictures are not the garbage collector's
 * business alone. No DOM: `load` does the fetching.
 */

const BUDGET_BYTES = 160 * 1024 * 1024;
const FEWEST = 6;

/**
 * `load(frame, signal)` resolves with a picture, `bytesOf(picture)` says what it costs, `release(picture)` frees it.
 * `usable()` is the number of frames that exist already (ingest may still run).
 */
export function createFrameCache({
  count,
  load,
  bytesOf,
  release = () => {},
  usable = () => count,
  budget = BUDGET_BYTES,
  ahead = 24,
  behind = 8,
  parallel = 4,
}) {
  const pictures = new Map();
  const loading = new Map();
  let bytes = 0;
  let waiting = [];
  let kept = null;

  function evict() {
    for (const [frame, entry] of pictures) {
      if (bytes <= budget || pictures.size <= FEWEST) return;
      if (frame === kept) continue;
      pictures.delete(frame);
      bytes -= entry.bytes;
      release(entry.picture);
    }
  }

  function keep(frame, picture) {
    const entry = { picture, bytes: bytesOf(picture) };
    pictures.set(frame, entry);
    bytes += entry.bytes;
    evict();
  }

  /** How many frames fit, judged by those that are there: fetching more than that would only push out the nearest. */
  function room() {
    const typical = pictures.size ? bytes / pictures.size : 0;
    return typical ? Math.max(FEWEST, Math.floor(budget / typical)) - 2 : ahead + behind;
  }

  function start(frame) {
    const stop = new AbortController();
    const promise = load(frame, stop.signal)
      .then((picture) => {
        if (stop.signal.aborted) return release(picture);
        keep(frame, picture);
        return picture;
      })
      .finally(() => {
        if (loading.get(frame)?.promise === promise) loading.delete(frame);
        next();
      });
    promise.catch(() => {});
    loading.set(frame, { promise, stop });
    return promise;
  }

  function next() {
    while (loading.size < parallel && waiting.length) {
      const frame = waiting.shift();
      if (!pictures.has(frame) && !loading.has(frame)) start(frame);
    }
  }

  /** The frames worth having around `frame` when travelling by `direction` (1 or -1), nearest first. */
  function wanted(frame, direction) {
    const most = room();
    const forward = Math.min(ahead, Math.ceil(most * 0.75));
    const back = Math.min(behind, Math.max(1, most - forward));
    const list = [];
    for (let step = 1; step <= Math.max(forward, back); step += 1) {
      if (step <= forward) list.push(frame + step * direction);
      if (step <= back) list.push(frame - step * direction);
    }
    return list.filter((other) => other >= 0 && other < Math.min(count, usable()));
  }

  return {
    /** The picture when it is there; it counts as used. */
    peek(frame) {
      const entry = pictures.get(frame);
      if (!entry) return null;
      pictures.delete(frame);
      pictures.set(frame, entry);
      return entry.picture;
    },
    has: (frame) => pictures.has(frame),
    get bytes() {
      return bytes;
    },
    get size() {
      return pictures.size;
    },

    /** The picture, fetched before anything else. It stays until another frame is asked for. */
    get(frame) {
      kept = frame;
      const there = this.peek(frame);
      if (there) return Promise.resolve(there);
      return loading.get(frame)?.promise ?? start(frame);
    },

    /** Fetch what comes next; what is under way for frames that are far away now is given up. */
    aim(frame, direction) {
      waiting = wanted(frame, direction);
      const useful = new Set([frame, ...waiting]);
      for (const [other, { stop }] of loading) {
        if (useful.has(other)) continue;
        stop.abort();
        loading.delete(other);
      }
      next();
    },

    clear() {
      waiting = [];
      for (const { stop } of loading.values()) stop.abort();
      loading.clear();
      for (const { picture } of pictures.values()) release(picture);
      pictures.clear();
      bytes = 0;
    },
  };
}
