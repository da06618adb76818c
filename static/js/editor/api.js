/**
 * The server's JSON endpoints. Never throws: every call ends in `{status, body}`, status 0 = no answer.
 *
 * A redirect to a page or an answer that is no JSON means that the session is over, so it counts as 401.
 */

const TIMEOUT_MS = 20000;
/** Browsers refuse to keep a request alive beyond its page when its body is larger than 64 KiB. */
const KEEPALIVE_BYTES = 60000;

export function createApi({ fetch = globalThis.fetch.bind(globalThis), token, pageUrl }) {
  let csrf = token;

  async function call(url, options) {
    let response;
    try {
      response = await fetch(url, {
        credentials: "same-origin",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...options,
        headers: { Accept: "application/json", "X-CSRFToken": csrf, ...options.headers },
      });
    } catch {
      return { status: 0, body: {} };
    }
    try {
      return { status: response.status, body: await response.json() };
    } catch {
      return { status: response.ok ? 401 : response.status, body: {} };
    }
  }

  /** A log-in in another tab makes a new token; this page's address shows it. */
  async function refreshToken() {
    try {
      const response = await fetch(pageUrl, { credentials: "same-origin", headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
      if (fresh && fresh !== csrf) {
        csrf = fresh;
        return true;
      }
    } catch {
      // Offline: the caller sees the original answer and tries again later.
    }
    return false;
  }

  const isTokenRefused = ({ status, body }) => status === 403 && (body.error === "csrf" || !body.error);

  return {
    get: (url) => call(url, { method: "GET" }),

    async post(url, payload = {}) {
      const body = JSON.stringify(payload);
      const options = {
        method: "POST",
        body,
        keepalive: body.length < KEEPALIVE_BYTES,
        headers: { "Content-Type": "application/json" },
      };
      const answer = await call(url, options);
      if (isTokenRefused(answer) && (await refreshToken())) return call(url, options);
      return answer;
    },
  };
}
