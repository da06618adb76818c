// The form of an import: a file is dropped or chosen, its name and size are shown, the upload's progress moves.

const UNITS = ["bytes", "KB", "MB", "GB"];

export function readableSize(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

function showFile(form) {
  const [file] = form.querySelector("input[type=file]").files;
  const shown = form.querySelector("[data-file-shown]");
  shown.hidden = !file;
  if (!file) return;
  shown.querySelector("[data-file-name]").textContent = file.name;
  shown.querySelector("[data-file-size]").textContent = readableSize(file.size);
  form.querySelector("#import-file-error")?.remove();
  form.querySelector("input[type=file]").removeAttribute("aria-invalid");
}

function formOf(event) {
  return event.target.closest?.("[data-import-form]");
}

function zoneOf(event) {
  return event.target.closest?.("[data-import-form] [data-drop-zone]");
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-import-form] input[type=file]")) showFile(formOf(event));
});

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
}

document.addEventListener("dragleave", (event) => {
  const zone = zoneOf(event);
  if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("is-over");
  if (!event.dataTransfer.files.length) return;
  const one = new DataTransfer();
  one.items.add(event.dataTransfer.files[0]);
  zone.querySelector("input[type=file]").files = one.files;
  showFile(formOf(event));
});

document.addEventListener("htmx:xhr:progress", (event) => {
  const form = formOf(event);
  if (!form || !event.detail.lengthComputable) return;
  const percent = Math.round((event.detail.loaded / event.detail.total) * 100);
  const line = form.querySelector("[data-sending]");
  line.hidden = false;
  line.querySelector("progress").value = percent;
  line.querySelector("[data-sending-figure]").textContent = percent < 100 ? `${percent} %` : "Reading";
});

document.addEventListener("htmx:afterRequest", (event) => {
  const line = formOf(event)?.querySelector("[data-sending]");
  if (line && !event.detail.successful) line.hidden = true;
});
