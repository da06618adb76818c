/**
 * Unsent work in IndexedDB, kept until the server has acknowledged it.
 *
 * One draft per user, task and tab: two tabs of one person must not wipe each other's work. Which tabs are alive is
 * known from web locks, so the draft of a tab that crashed or was closed is found by the next one.
 */

const DATABASE = "annotrain-editor";
const STORE = "drafts";

function open(indexedDB) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const finished = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** This tab's own identifier: it survives a reload, and a duplicated tab gets another. */
export async function claimTab(newIdentifier) {
  const stored = sessionStorage.getItem("annotrain-tab");
  const hold = (tab) =>
    new Promise((resolve) => {
      navigator.locks
        .request(`annotrain-tab-${tab}`, { ifAvailable: true }, (lock) => {
          resolve(Boolean(lock));
          return lock ? new Promise(() => {}) : undefined;
        })
        .catch(() => resolve(true));
    });
  if (stored && (!navigator.locks || (await hold(stored)))) return stored;
  const tab = newIdentifier();
  sessionStorage.setItem("annotrain-tab", tab);
  if (navigator.locks) await hold(tab);
  return tab;
}

async function tabsAlive() {
  const held = (await navigator.locks?.query())?.held ?? [];
  return new Set(held.map(({ name }) => name.replace("annotrain-tab-", "")));
}

/** A store for one user, task and tab. Without IndexedDB every call quietly does nothing and `works` is false. */
export async function createDraftStore({ user, task, tab, indexedDB = globalThis.indexedDB }) {
  const key = `${user}/${task}/${tab}`;
  let database = null;
  try {
    database = await open(indexedDB);
  } catch {
    return {
      works: false,
      keep: async () => {},
      clear: async () => {},
      unsent: async () => null,
      drop: async () => {},
    };
  }
  const store = (mode) => database.transaction(STORE, mode).objectStore(STORE);

  return {
    works: true,
    keep: (draft) => finished(store("readwrite").put({ ...draft, key, user, task, tab })),
    clear: () => finished(store("readwrite").delete(key)),
    drop: (draft) => finished(store("readwrite").delete(draft.key)),

    /** The newest draft of this task that no other living tab is working on, or null. */
    async unsent() {
      const all = await finished(store("readonly").getAll());
      const alive = await tabsAlive();
      return (
        all
          .filter(
            (draft) =>
              draft.user === user && draft.task === task && (draft.tab === tab || !alive.has(draft.tab)),
          )
          .sort((a, b) => b.at - a.at)[0] ?? null
      );
    },
  };
}
