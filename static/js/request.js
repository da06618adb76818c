// Talking to our own server from scripts: token, expired sessions, plain words for failures.

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

// What a failed answer means to the person: what happened, and what to do.
export function explainStatus(status) {
  if (status === 0) return "No connection to the server. Nothing was changed; check your network and try again.";
  if (status === 403) return "Your role does not allow this. Nothing was changed.";
  if (status === 404) return "This no longer exists, or you no longer have access to it. Reload the page.";
  if (status === 409) return "Somebody else changed this in the meantime. Reload the page and try again.";
  if (status === 413) return "That is too large for the server.";
  if (status === 429) return "Too many attempts. Wait a moment and try again.";
  if (status >= 500) return "The server could not finish this. Nothing you typed is lost; try again in a moment.";
  return "The request was refused. Nothing was changed.";
}

// After logging in again in another tab the old page needs the new session's token. Resolves to whether
// the same person is logged in.
export async function renewSession() {
  const response = await fetch("/session/", { headers: { Accept: "application/json" }, cache: "no-store" });
  const session = await response.json();
  if (!session.person || session.person !== document.documentElement.dataset.person) return false;
  document.querySelector('meta[name="csrf-token"]').content = session.csrf;
  for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = session.csrf;
  return true;
}
