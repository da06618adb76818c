// Keeps relative times current. The server wrote them in the viewer's zone; only the young ones change.

const MINUTE_S = 60;
const HOUR_S = 3600;

// Text for an age in seconds, or null when the server's text stays right.
export function youngText(age_s) {
  if (age_s < 0 || age_s >= 6 * HOUR_S) return null;
  if (age_s < MINUTE_S) return "just now";
  if (age_s < HOUR_S) return `${Math.floor(age_s / MINUTE_S)} min ago`;
  return `${Math.floor(age_s / HOUR_S)} h ago`;
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    if (!/(now|ago)$/.test(time.textContent)) continue;
    const text = youngText((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (text && text !== time.textContent) time.textContent = text;
  }
}

export function startTimes() {
  setInterval(refreshTimes, 30_000);
}
