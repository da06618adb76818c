// Drag and drop of files, each sent on its own with its progress; errors stay in place with Retry.
// The server answers 2xx {"message"?} or an error with {"message"}. When all are done the container
// fires "uploads:finished", which an HTMX region may listen to.
import { askToLogIn } from "./dialogs.js";
import { csrfToken, explainStatus } from "./request.js";

const AT_ONCE = 2;
const KEEP_END = 10;

export function splitName(name) {
  const cut = Math.max(name.length - KEEP_END, 0);
  return [name.slice(0, cut), name.slice(cut)];
}

export function summary(done, failed, total) {
  if (done + failed < total) return `Uploading ${done + failed + 1} of ${total}`;
  if (failed) return `${done} of ${total} uploaded, ${failed} failed`;
  return total === 1 ? "1 file uploaded" : `${total} files uploaded`;
}

class Upload {
  constructor(file, row) {
    this.file = file;
    this.row = row;
    this.state = "waiting";
    const [start, end] = splitName(file.name);
    row.querySelector(".file-name").title = file.name;
    row.querySelector(".file-name-start").textContent = start;
    row.querySelector(".file-name-end").textContent = end;
  }

  show(state, word, css, error = "") {
    this.state = state;
    const chip = this.row.querySelector("[data-chip]");
    chip.className = `chip ${css}`;
    chip.textContent = word;
    this.row.querySelector("[data-retry]").hidden = state !== "failed";
    const text = this.row.querySelector("[data-error]");
    text.textContent = error;
    text.hidden = !error;
  }

  moved(percent) {
    this.row.querySelector("progress").value = percent;
    this.row.querySelector("[data-figure]").textContent = `${Math.round(percent)} %`;
  }
}

class UploadQueue {
  constructor(holder) {
    this.holder = holder;
    this.uploads = [];
    this.template = holder.querySelector("template[data-upload-row]");
    this.list = holder.querySelector("[data-upload-list]");
  }

  add(files) {
    for (const file of files) {
      const row = this.template.content.firstElementChild.cloneNode(true);
      const upload = new Upload(file, row);
      row.querySelector("[data-retry]").addEventListener("click", () => this.retry(upload));
      this.list.append(row);
      this.uploads.push(upload);
    }
    this.holder.querySelector("[data-upload-card]").hidden = this.uploads.length === 0;
    this.next();
  }

  retry(upload) {
    upload.moved(0);
    upload.show("waiting", "Waiting", "chip-queued");
    this.next();
  }

  count(state) {
    return this.uploads.filter((upload) => upload.state === state).length;
  }

  next() {
    while (this.count("sending") < AT_ONCE) {
      const upload = this.uploads.find((candidate) => candidate.state === "waiting");
      if (!upload) break;
      this.send(upload);
    }
    const [done, failed] = [this.count("done"), this.count("failed")];
    this.holder.querySelector("[data-upload-summary]").textContent = summary(done, failed, this.uploads.length);
    this.holder.querySelector("[data-upload-retry-all]").hidden = failed < 2;
    if (this.uploads.length && done + failed === this.uploads.length) {
      this.holder.dispatchEvent(new CustomEvent("uploads:finished", { bubbles: true, detail: { done, failed } }));
    }
  }

  send(upload) {
    upload.show("sending", "Uploading", "chip-review is-moving");
    const form = new FormData();
    form.append(this.holder.dataset.field, upload.file);
    const xhr = new XMLHttpRequest();
    xhr.open("POST", this.holder.dataset.uploadUrl);
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) upload.moved((event.loaded / event.total) * 100);
    });
    xhr.addEventListener("load", () => this.finish(upload, xhr));
    xhr.addEventListener("error", () => {
      upload.show("failed", "Failed", "chip-bad", explainStatus(0));
      this.next();
    });
    xhr.send(form);
  }

  finish(upload, xhr) {
    let answer = {};
    try {
      answer = JSON.parse(xhr.responseText);
    } catch {
      // An error page instead of JSON: the status says enough.
    }
    if (xhr.status >= 200 && xhr.status < 300) {
      upload.moved(100);
      upload.show("done", answer.message ?? "Uploaded", "chip-completed");
    } else {
      if (xhr.status === 401) askToLogIn();
      const words = xhr.status === 401 ? "You were logged out. Log in again, then retry." : explainStatus(xhr.status);
      upload.show("failed", "Failed", "chip-bad", answer.message ?? words);
    }
    this.next();
  }
}

export function startUploads(root) {
  const holders = root.matches?.("[data-upload]") ? [root] : (root.querySelectorAll?.("[data-upload]") ?? []);
  for (const holder of holders) {
    if (holder.dataset.started) continue;
    holder.dataset.started = "yes";
    const queue = new UploadQueue(holder);
    const zone = holder.querySelector("[data-drop-zone]");
    const input = holder.querySelector("[data-upload-input]");
    input.addEventListener("change", () => {
      queue.add(input.files);
      input.value = "";
    });
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => {
        event.preventDefault();
        zone.classList.add("is-over");
      });
    }
    zone.addEventListener("dragleave", (event) => {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
    });
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      queue.add(event.dataTransfer.files);
    });
    holder.querySelector("[data-upload-retry-all]").addEventListener("click", () => {
      for (const upload of queue.uploads.filter((one) => one.state === "failed")) queue.retry(upload);
    });
    window.addEventListener("beforeunload", (event) => {
      if (queue.count("sending") + queue.count("waiting")) event.preventDefault();
    });
  }
}
