// Steps through the frames of a file on its page: buttons, a range, and the arrow keys of the range itself.

export function frameText(frame, count, name = "", time = null) {
  const place = `${(frame + 1).toLocaleString("en-GB")} of ${count.toLocaleString("en-GB")}`;
  const parts = [place];
  if (name) parts.push(name);
  if (time !== null) parts.push(`${time.toFixed(2)} s`);
  return parts.join(" · ");
}

export function startFramePreview(root) {
  const stage = root.matches?.("[data-frames]") ? root : root.querySelector?.("[data-frames]");
  const bar = stage?.parentElement.querySelector("[data-frame-bar]");
  if (!bar || bar.dataset.started) return;
  bar.dataset.started = "yes";
  const { url, frames, names, times, sizes } = JSON.parse(stage.querySelector("#frame-preview").textContent);
  const picture = stage.querySelector("[data-frame-picture]");
  const range = bar.querySelector("[data-frame-range]");
  const address = (frame) => url.replace("{frame}", frame);

  const show = (wanted) => {
    const frame = Math.min(Math.max(wanted, 0), frames - 1);
    range.value = frame;
    if (sizes[frame]) [picture.width, picture.height] = sizes[frame];
    picture.src = address(frame);
    const text = frameText(frame, frames, names[frame], times[frame] ?? null);
    bar.querySelector("[data-frame-text]").textContent = text;
    range.setAttribute("aria-valuetext", text);
    if (frame + 1 < frames) new Image().src = address(frame + 1);
  };
  range.addEventListener("input", () => show(Number(range.value)));
  for (const button of bar.querySelectorAll("[data-frame-step]")) {
    button.addEventListener("click", () => show(Number(range.value) + Number(button.dataset.frameStep)));
  }
  show(0);
}
