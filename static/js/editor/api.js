/**
 * The server's JSON endpoints. Never throws: every call ends in `{status, body}`, status 0 = no answer.
 *
 * A redirect to a page or an answer that is no JSON means that the session is over, so it counts as 401.
 */

const TIMEOUT_MS = 20000;
const SESSION_URL = "/session/";
const NO_ANSWER = "The server does not answer. Check your connection and try again.";
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

  /** Who this browser's session belongs to, and the token that goes with it: `{person, csrf}`; null without an answer. */
  async function whoAmI() {
    const answer = await call(SESSION_URL, { method: "GET", cache: "no-store" });
    return answer.status === 200 ? answer.body : null;
  }

  const isTokenRefused = ({ status, body }) => status === 403 && (body.error === "csrf" || !body.error);

  return {
    /**
     * Log in again from within the page, as the same person; resolves with null when it worked, else with what went wrong
     * in words. The page's own token is renewed, since a log-in makes a new one.
     */
    async logIn({ loginUrl, email, password, person }) {
      const before = await whoAmI();
      if (!before) return NO_ANSWER;
      const form = new URLSearchParams({ username: email, password, csrfmiddlewaretoken: before.csrf });
      let response;
      try {
        response = await fetch(loginUrl, {
          method: "POST",
          body: form,
          credentials: "same-origin",
          // A log-in that worked leads to another page, which nobody wants to see here.
          redirect: "manual",
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
      } catch {
        return NO_ANSWER;
      }
      if (response.status === 422) return "E-mail address and password do not match.";
      if (response.status === 429) return "Too many attempts. Wait a few minutes and try again.";
      const after = await whoAmI();
      if (!after?.person) return "The log-in did not work. Try it in a new tab.";
      if (after.person !== person) return "You are now logged in as somebody else; this task is not theirs.";
      csrf = after.csrf;
      return null;
    },

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
